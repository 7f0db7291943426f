# SPDX-License-Identifier: GPL-2.0-only
"""What crosses a link: TCP packets as a packet socket sees them."""

import collections
import os
import socket
import struct
import tempfile
from typing import NamedTuple

from . import netns

ETH_P_ALL = 3
SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35
# Findings of tshark in a TCP packet: its fields tcp.analysis.*.
KINDS = ("ack_lost_segment", "duplicate_ack", "fast_retransmission", "keep_alive",
         "keep_alive_ack", "lost_segment", "out_of_order", "retransmission", "reused_ports",
         "spurious_retransmission", "window_full", "window_update", "zero_window",
         "zero_window_probe", "zero_window_probe_ack")
# A file of libpcap with times in nanoseconds, of packets that begin with their IP header.
PCAP_HEADER = struct.pack("=IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 1 << 18, 101)
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
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
        self.acked = 0
        self.text = {}

    def place(self, number):
        """Return a number relative to the first byte."""
        return (number - self.first + (1 << 31)) % (1 << 32) - (1 << 31)

    def lacks(self, start, end):
        """Return the first byte between two numbers that has not been there, or None."""
        span = range(max(self.place(start), 0), self.place(end))
        return next((at for at in span if at not in self.text), None)


def faults(segments):
    """Return what a receiver, or an analyst, would find wrong with a connection.

    A byte that is sent again must be the same one, and no byte may be acknowledged,
    selectively or not, that has not crossed the link. The byte of a keep-alive is none of
    the text.
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
        if each.flags & FIN:
            way.text[start + len(each.data)] = None
        if not other or not each.flags & ACK:
            continue
        for first, end in (((other.first + other.acked) % (1 << 32), each.ack), *each.sacks()):
            at = other.lacks(first, end)
            if at is not None:
                found.append(f"acknowledged to {each.target} up to {other.place(end)}, but "
                             f"{at} was not there")
        other.acked = max(other.acked, other.place(each.ack))
    return found


def segments(packets):
    """Return the TCP packets among those of a capture."""
    found = (parse(packet, when / 1e9) for when, packet in packets)
    return [each for each in found if each]


def analysis(packets):
    """Return what tshark's TCP analysis says of packets: how often, by its kinds.

    Those of one byte are not asked for: what is a probe would count as sent again.
    """
    with tempfile.NamedTemporaryFile(suffix=".pcap", delete=False) as file:
        file.write(PCAP_HEADER)
        for when, packet in packets:
            if not parse(packet):
                continue
            file.write(struct.pack("=IIII", when // 10**9, when % 10**9, len(packet), len(packet)))
            file.write(packet)
    try:
        told = netns.run("tshark", "-n", "-r", file.name, "-T", "fields",
                         "-Y", "tcp.analysis.flags && tcp.len != 1",
                         *(word for kind in KINDS for word in ("-e", f"tcp.analysis.{kind}")))
    finally:
        os.unlink(file.name)
    return collections.Counter(kind for line in told.stdout.splitlines()
                               for kind, flag in zip(KINDS, line.split("\t")) if flag)


class Capture:
    """Packets of a device, in both directions, from now on."""

    def __init__(self, host, device):
        with host.namespace:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                         socket.htons(ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.bind((device, ETH_P_ALL))
        self._socket.setblocking(False)

    def packets(self):
        """Return what there was since the last call: pairs of a time in ns and a packet."""
        found = []
        while True:
            try:
                packet, said, *_ = self._socket.recvmsg(1 << 17, 64)
            except BlockingIOError:
                return found
            seconds, nanoseconds = struct.unpack("qq", said[0][2])
            found.append((seconds * 10**9 + nanoseconds, packet))

    def segments(self):
        """Return the TCP packets among them."""
        return segments(self.packets())

    def close(self):
        """Stop."""
        self._socket.close()
