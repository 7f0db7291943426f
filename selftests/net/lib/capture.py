# SPDX-License-Identifier: GPL-2.0-only
"""What crosses a link: TCP packets as a packet socket sees them."""

import socket
import struct
import time
from typing import NamedTuple

ETH_P_ALL = 3
SO_RCVBUFFORCE = 33
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
OPTION_SACK, OPTION_TIMESTAMP = 5, 8


class Segment(NamedTuple):
    """A TCP packet."""

    time: float
    source: int
    target: int
    seq: int
    ack: int
    flags: int
    window: int
    options: dict
    data: bytes

    def sacks(self):
        """Return its selective acknowledgements as pairs."""
        numbers = struct.iter_unpack("!II", self.options.get(OPTION_SACK, b""))
        return list(numbers)


def options_of(text):
    """Return TCP options by their kind."""
    found, at = {}, 0
    while at < len(text) and text[at]:
        if text[at] == 1:
            at += 1
            continue
        length = text[at + 1]
        found[text[at]] = text[at + 2:at + length]
        at += length
    return found


def parse(packet, when=0.0):
    """Return the segment in an IP packet, None if it is something else."""
    version = packet[0] >> 4
    if version == 4 and packet[9] == socket.IPPROTO_TCP:
        start, end = (packet[0] & 15) * 4, int.from_bytes(packet[2:4], "big")
    elif version == 6 and packet[6] == socket.IPPROTO_TCP:
        start, end = 40, 40 + int.from_bytes(packet[4:6], "big")
    else:
        return None
    tcp = packet[start:end]
    source, target, seq, ack, offset, flags, window = struct.unpack("!HHIIBBH", tcp[:16])
    offset = (offset >> 4) * 4
    return Segment(when, source, target, seq, ack, flags, window, options_of(tcp[20:offset]),
                   tcp[offset:])


class Direction:
    """What one end of a connection has shown of its bytes, on one link."""

    def __init__(self, first):
        self.first = first
        self.end = 0
        self.acked = 0
        self.text = {}

    def place(self, number):
        """Return a number relative to the first byte."""
        return (number - self.first + (1 << 31)) % (1 << 32) - (1 << 31)


def faults(segments):
    """Return what a receiver, or an analyst, would find wrong with a connection.

    A byte that is sent again must be the same one, and nothing may be acknowledged
    that has not been sent. The byte of a keep-alive is none of the text.
    """
    found, ways = [], {}
    for each in segments:
        if each.flags & SYN:
            ways[each.source, each.target] = Direction((each.seq + 1) % (1 << 32))
            continue
        way, other = ways.get(each[1:3]), ways.get((each.target, each.source))
        if not way:
            # The end of a connection that was there before.
            continue
        start = way.place(each.seq)
        for at, byte in enumerate(each.data, start):
            if at < way.acked or at < 0:
                continue
            if way.text.setdefault(at, byte) != byte:
                found.append(f"byte {at} from {each.source} has changed")
                break
        way.end = max(way.end, start + len(each.data) + (each.flags & FIN))
        if not other or not each.flags & ACK:
            continue
        other.acked = max(other.acked, other.place(each.ack))
        for what, edge in (("ack", each.ack), *(("sack", end) for _, end in each.sacks())):
            if other.place(edge) > other.end:
                found.append(f"{what} {other.place(edge)} to {each.target} exceeds {other.end}")
    return found


class Capture:
    """Packets of a device, in both directions, from now on."""

    def __init__(self, host, device):
        with host.namespace:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                         socket.htons(ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self._socket.bind((device, ETH_P_ALL))
        self._socket.setblocking(False)

    def segments(self):
        """Return what there was since the last call."""
        found = []
        while True:
            try:
                packet, _ = self._socket.recvfrom(1 << 17)
            except BlockingIOError:
                return [each for each in found if each]
            found.append(parse(packet, time.monotonic()))

    def close(self):
        """Stop."""
        self._socket.close()
