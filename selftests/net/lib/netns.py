# SPDX-License-Identifier: GPL-2.0-only
"""Network namespaces: one process with sockets and programs in several of them."""

import ctypes
import os
import subprocess

from .endpoint import DEADLINE

CLONE_NEWNET = 0x40000000
# No program a test starts takes anywhere near that long, unless clocks are odd.
PROGRAM_LIMIT = max(60, 12 * DEADLINE)

_libc = ctypes.CDLL(None, use_errno=True)


def _enter(fd):
    # os.setns() is there from Python 3.12 on only.
    if _libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def run(*argv, stdin=None, check=True):
    """Run a program in the current namespace; its output is in the result.

    Raises CalledProcessError with what the program said if it fails, unless
    the caller wants to look at the status itself (check=False).
    """
    done = subprocess.run(argv, input=stdin, text=True, capture_output=True,
                          timeout=PROGRAM_LIMIT)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(argv)}: exit {done.returncode}: "
                           f"{(done.stderr or done.stdout).strip()}")
    return done


class Namespace:
    """A named network namespace. In a `with` block the process is inside."""

    def __init__(self, name):
        self.name = name
        self._fd = os.open(f"/run/netns/{name}", os.O_RDONLY)
        self._outer = []

    def __enter__(self):
        self._outer.append(os.open("/proc/self/ns/net", os.O_RDONLY))
        _enter(self._fd)
        return self

    def __exit__(self, *_):
        outer = self._outer.pop()
        _enter(outer)
        os.close(outer)

    def run(self, *argv, **options):
        """Run a program inside; see run()."""
        with self:
            return run(*argv, **options)

    def sysctl(self, name, value):
        """Set a sysctl, as "net.ipv4.ip_forward", of this namespace."""
        with self, open(f"/proc/sys/{name.replace('.', '/')}", "w",
                        encoding="ascii") as file:
            file.write(str(value))

    def close(self):
        """Let go of the namespace; it lives on as long as its name does."""
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1


def create(names, links):
    """Make namespaces, and veth pairs between them.

    A link is two ends of (namespace, device). One program does it all, as
    starting one takes longer than what it does.
    """
    lines = [f"netns add {name}" for name in names]
    for (left, left_dev), (right, right_dev) in links:
        lines.append(f"link add {left_dev} netns {left} type veth "
                     f"peer name {right_dev} netns {right}")
    run("ip", "-batch", "-", stdin="\n".join(lines))


def delete(names):
    """Delete namespaces, with everything in them."""
    run("ip", "-batch", "-", stdin="\n".join(f"netns del {name}" for name in names))


def configure(batches):
    """Run a batch of ip commands in each of several namespaces at once."""
    running = []
    for namespace, lines in batches.items():
        program = subprocess.Popen(
            ["ip", "-n", namespace.name, "-batch", "-"], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        program.stdin.write("\n".join(lines) + "\n")
        program.stdin.close()
        running.append((namespace, program))
    for namespace, program in running:
        words = program.stderr.read()
        program.stderr.close()
        if program.wait():
            raise RuntimeError(f"ip in {namespace.name}: {words.strip()}")
