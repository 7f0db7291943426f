# SPDX-License-Identifier: GPL-2.0-only
"""IPv4 packets without options, in pieces and whole."""

import itertools
import socket
import struct

from .script import checksum

IP_HEADER = 20
DONT_FRAGMENT, MORE_FRAGMENTS = 0x4000, 0x2000

_identities = itertools.count(77)


def cut(packet, size, flags=0):
    """Return a packet in fragments of so many bytes behind their headers."""
    payload = packet[IP_HEADER:]
    identity = next(_identities) & 0xffff
    pieces = []
    for at in range(0, len(payload), size):
        piece = payload[at:at + size]
        more = MORE_FRAGMENTS if at + size < len(payload) else 0
        head = packet[:2] + struct.pack("!HHH", IP_HEADER + len(piece), identity,
                                        flags | more | at // 8) + packet[8:10]
        head += struct.pack("!H", checksum(head + b"\0\0" + packet[12:20])) + packet[12:20]
        pieces.append(head + piece)
    return pieces


def offset(packet):
    """Return where in its datagram the payload of a packet belongs."""
    return (int.from_bytes(packet[6:8], "big") & 0x1fff) * 8


def is_last(packet):
    """Is it the last fragment, or the whole packet?"""
    return not int.from_bytes(packet[6:8], "big") & MORE_FRAGMENTS


def siblings(last, packets):
    """Return the fragments of the packet that `last` ends, in order."""
    pieces = {offset(packet): packet for packet in packets if packet[4:6] == last[4:6]}
    return [pieces[at] for at in sorted(pieces)]


def whole(last, packets):
    """Return the packet that `last` ends, of which the others may be fragments."""
    if not offset(last):
        return last
    return last[:IP_HEADER] + b"".join(piece[IP_HEADER:] for piece in siblings(last, packets))


def is_sound(packet):
    """Is the checksum of a datagram right?"""
    udp = packet[IP_HEADER:]
    return not checksum(packet[12:20] + struct.pack("!HH", socket.IPPROTO_UDP, len(udp)) + udp)
