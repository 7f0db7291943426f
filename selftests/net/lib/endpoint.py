# SPDX-License-Identifier: GPL-2.0-only
"""A UDP socket of a host, with a deadline on everything that waits."""

import os
import resource
import socket
import time
from typing import NamedTuple

# How long a datagram may take that must come. It takes a millisecond; the rest
# is for emulated machines with a debug kernel under load.
DEADLINE = float(os.environ.get("SIPALG_DEADLINE", "5"))

SO_NO_CHECK = 11


class Missing(Exception):
    """What a test waited for has not come."""


class Datagram(NamedTuple):
    """What arrived, and the address and port it came from."""

    data: bytes
    source: tuple


def wait_until(condition, what, limit=DEADLINE):
    """Wait for a state that no event announces: poll it, up to a bound."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise Missing(f"{what}: not so after {limit:g} s")
        time.sleep(0.1)


def allow_many_sockets():
    """Have as many sockets open at a time as root may, far more than the usual 1024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Endpoint:
    """A UDP socket bound to an address and port inside a namespace."""

    def __init__(self, name, namespace, address, port, peer=None):
        self.name = f"{name}:{port}"
        self.peer = peer
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with namespace:
            self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        self.address = self._socket.getsockname()[:2]

    def send(self, data, to=None):
        """Send one datagram, to the usual peer unless told otherwise."""
        self._socket.sendto(data, to or self.peer)

    def receive(self, what="a datagram", limit=DEADLINE):
        """Return the next datagram; raise Missing if none comes in time."""
        self._socket.settimeout(limit)
        try:
            data, source = self._socket.recvfrom(65535)
        except TimeoutError:
            raise Missing(f"{what} did not arrive at {self.name}") from None
        return Datagram(data, source[:2])

    def waiting(self):
        """Return the datagrams that are there already."""
        there = []
        self._socket.setblocking(False)
        try:
            while True:
                data, source = self._socket.recvfrom(65535)
                there.append(Datagram(data, source[:2]))
        except BlockingIOError:
            return there

    def no_checksum(self):
        """Send datagrams without a checksum from now on."""
        self._socket.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)

    def fileno(self):
        """Return the descriptor, for select()."""
        return self._socket.fileno()

    def close(self):
        """Close the socket."""
        self._socket.close()
