# SPDX-License-Identifier: GPL-2.0-only
"""The tool's events, as they come."""

import json
import os
import select
import subprocess

from . import alg
from .endpoint import DEADLINE, Missing, wait_until
from .netns import PROGRAM_LIMIT


class Monitor:
    """`sipalg -j monitor` on the router, from when it listens."""

    def __init__(self, net, *words):
        self._read = b""
        with net.router.namespace:
            # One of them is the controller's.
            groups = _groups() + (3 if {"--messages", "--pcapng"} & set(words) else 2)
            self._program = subprocess.Popen([alg.TOOL, "-j", "monitor", *words],
                                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            wait_until(lambda: _groups() == groups or self._program.poll() is not None,
                       "monitor listens")

    def events(self, count):
        """Return the next events."""
        return [json.loads(self._line()) for _ in range(count)]

    def _line(self):
        while b"\n" not in self._read:
            ready = select.select([self._program.stdout], [], [], DEADLINE)[0]
            data = os.read(self._program.stdout.fileno(), 65536) if ready else b""
            if not data:
                self._program.kill()
                raise Missing(f"no event: {self._program.communicate()[1]}")
            self._read += data
        line, _, self._read = self._read.partition(b"\n")
        return line

    def signal(self, number):
        """Send it a signal."""
        self._program.send_signal(number)

    def until(self, event):
        """Return the events up to one of that name."""
        got = []
        while not got or got[-1]["event"] != event:
            got += self.events(1)
        return got

    def left(self):
        """Return with what status and words it ends by itself."""
        words = self._program.communicate(timeout=PROGRAM_LIMIT)[1]
        return self._program.returncode, words.decode()

    def end(self):
        """End it; return what it had not told yet."""
        self._program.terminate()
        rest, words = self._program.communicate(timeout=PROGRAM_LIMIT)
        if words:
            raise Missing(words)
        return [json.loads(line) for line in (self._read + rest).splitlines()]


class Log:
    """`sipalg log` on the router, from when it listens."""

    def __init__(self, net, *words):
        with net.router.namespace:
            groups = _groups() + 2
            self._program = subprocess.Popen([alg.TOOL, "log", *words], stdout=subprocess.PIPE,
                                             text=True)
            wait_until(lambda: _groups() == groups or self._program.poll() is not None,
                       "log listens")

    def left(self):
        """Return its lines, when it ends by itself."""
        return self._program.communicate(timeout=PROGRAM_LIMIT)[0].splitlines()


def _groups():
    """Return in how many groups the generic netlink sockets of this namespace are."""
    with open("/proc/net/netlink", encoding="ascii") as file:
        rows = [line.split() for line in file][1:]
    return sum(int(row[3], 16).bit_count() for row in rows if row[1] == "16")
