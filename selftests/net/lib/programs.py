# SPDX-License-Identifier: GPL-2.0-only
"""Daemons and phones of other people, which run beside a test."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile

# Seconds that a program may take to start, to do what it is here for, or to end.
PATIENCE = 60
# Lines of what a program said that are shown if a case fails.
LOG_LINES = 30


class Program:
    """A program on a machine, with a folder of its own."""

    def __init__(self, host, argv, environment, listens, files):
        self.folder = tempfile.mkdtemp(prefix="sipalg-")
        for name, text in files.items():
            path = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace("%s", self.folder))
        self.name = argv[0]
        self._output = os.path.join(self.folder, "output")
        with host.namespace, open(self._output, "wb") as output:
            self._process = subprocess.Popen(
                [word.replace("%s", self.folder) for word in argv], cwd=self.folder,
                env={**os.environ, **environment},
                stdin=subprocess.PIPE if listens else subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True)

    def tell(self, line):
        """Write a line to its standard input."""
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def wait(self, patience=PATIENCE):
        """Return the exit status of a program that ends by itself, within so many seconds."""
        return self._process.wait(patience)

    def end(self):
        """Ask it to end, as its user would."""
        self._process.terminate()
        self.wait()

    def kill(self):
        """End it and its children at once, as when the power fails."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self.wait()

    def output(self):
        """Return all that it has printed so far."""
        with open(self._output, encoding="utf-8", errors="replace") as output:
            return output.read()

    def said(self):
        """Return the last lines of what it printed, but for those that show just the time."""
        lines = [line for line in self.output().splitlines()
                 if line.strip() and "(bit/s)" not in line]
        return lines[-LOG_LINES:]


class Programs:
    """Programs that are gone after the `with` block; what they said is shown if it failed."""

    def __init__(self, t, *names):
        for name in names:
            if not shutil.which(name):
                t.skip(f"no {name}")
        self.t = t
        self._started = []

    def start(self, host, *argv, environment=None, listens=False, **files):
        """Start a program; `files` are put into its folder, which %s in words and files names.

        One that `listens` can be told lines.
        """
        self._started.append(Program(host, argv, environment or {}, listens, files))
        return self._started[-1]

    def kill(self):
        """End all of them at once; their folders stay until the end."""
        for program in reversed(self._started):
            program.kill()

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        for program in reversed(self._started):
            program.kill()
            if failure or self.t.differences:
                self.t.differs(f"{program.name} said", *program.said())
            shutil.rmtree(program.folder)
