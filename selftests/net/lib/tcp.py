# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP: connections of a phone to the server, and what comes through them."""

import contextlib
import fcntl
import re
import socket
import struct
import termios
from concurrent.futures import ThreadPoolExecutor

from . import sip
from .endpoint import DEADLINE, Missing
from .topology import OUTSIDE, SIP_PORT


def over_tcp(text):
    """Return a message's text as it is over TCP."""
    return text.replace("/UDP", "/TCP")


class Stream:
    """One end of a connection."""

    def __init__(self, name, connected):
        self.name = name
        self.socket = connected
        self.socket.settimeout(DEADLINE)
        self._read = b""

    def nodelay(self, on=True):
        """Have each write go out at once, or not (RFC 896)."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, on)

    def send(self, *parts):
        """Write each part by itself."""
        for part in parts:
            self.socket.sendall(part)

    def receive(self, count, limit=DEADLINE):
        """Return the next `count` bytes; raise Missing if they do not come in time."""
        data = bytearray()
        self.socket.settimeout(limit)
        try:
            while len(data) < count:
                part = self.socket.recv(count - len(data))
                if not part:
                    break
                data += part
        except TimeoutError:
            raise Missing(f"{len(data)} of {count} bytes arrived at {self.name}") from None
        return bytes(data)

    def message(self, limit=DEADLINE):
        """Return the next message, as long as it says it is."""
        self.socket.settimeout(limit)
        try:
            while True:
                head, end, body = self._read.partition(b"\r\n\r\n")
                length = re.search(rb"^Content-Length: (\d+)", head, re.MULTILINE)
                if end and length and len(body) >= int(length[1]):
                    whole = len(head + end) + int(length[1])
                    found, self._read = self._read[:whole], self._read[whole:]
                    return found
                part = self.socket.recv(1 << 16)
                if not part:
                    raise Missing(f"{self.name} was closed")
                self._read += part
        except TimeoutError:
            raise Missing(f"no message arrived at {self.name}") from None

    def unacknowledged(self):
        """Return how many bytes the other end has yet to acknowledge."""
        return struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, bytes(4)))[0]

    def close(self):
        """Close the connection."""
        self.socket.close()

    def abort(self):
        """Reset the connection."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


@contextlib.contextmanager
def writing(*writes):
    """Have streams write, each (stream, data), while they are read: no buffer may hold it all."""
    with ThreadPoolExecutor(len(writes)) as pool:
        written = [pool.submit(stream.send, data) for stream, data in writes]
        yield
        for each in written:
            each.result()


class Connection:
    """A connection of phone1, or another one, to the server, or another host, from both ends.

    inside and outside are the phone's addresses on the two sides of the NAT; the
    media ports are those of the phone, which the outside sees alike.
    """

    def __init__(self, net, port=40001, rtp=4000, listener=None, protocol=socket.IPPROTO_TCP,
                 outside=OUTSIDE, phone=None):
        listening = listener or listen(net, protocol=protocol)
        host = phone or net.phone1
        phone = host.tcp(port, protocol)
        phone.connect(listening.getsockname())
        server, source = listening.accept()
        if not listener:
            listening.close()
        self.phone = Stream("the phone", phone)
        self.server = Stream("the server", server)
        self.inside = sip.View(host.address, port, rtp, rtp + 1)
        self.outside = sip.View(outside, source[1], rtp, rtp + 1)

    def texts(self, text, body="", **gaps):
        """Return a message as the inside and as the outside sees it."""
        text = over_tcp(text)
        gaps = {"call_id": "tcp@192.168.1.2", "branch": "tcp", "tag": "alice", "cseq": 1,
                "far": 6000, **gaps}
        return (sip.fill(text, self.inside, body, **gaps),
                sip.fill(text, self.outside, body, **gaps))

    def up(self, t, text, body="", **gaps):
        """Send a message to the server and check what arrives there."""
        sent, due = self.texts(text, body, **gaps)
        self.phone.send(sent)
        t.same(self.server.receive(len(due)), due, f"{sent.split(b' ', 1)[0].decode()} at the server")

    def down(self, t, text, body="", **gaps):
        """Send a message to the phone and check what arrives there."""
        due, sent = self.texts(text, body, **gaps)
        self.server.send(sent)
        t.same(self.phone.receive(len(due)), due, f"{sent.split(b' ', 2)[1].decode()} at the phone")

    def close(self):
        """Close both ends."""
        self.phone.close()
        self.server.close()


def listen(net, host=None, protocol=socket.IPPROTO_TCP):
    """Have the server, or another host, listen."""
    listener = (host or net.server).tcp(SIP_PORT, protocol)
    listener.listen(64)
    return listener


def offload(net, switched_on):
    """Have devices and stacks pass many segments as one, or not."""
    state = "on" if switched_on else "off"
    for host, devices in ((net.phone1, ["eth0"]), (net.router, ["lan1", "wan"]),
                          (net.server, ["eth0"])):
        for device in devices:
            host.run("ethtool", "-K", device, "tso", state, "gso", state, "gro", state)
