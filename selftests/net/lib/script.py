# SPDX-License-Identifier: GPL-2.0-only
"""TCP ends that do just what a test says, packet by packet.

Numbers are relative to each end's first byte, as that end counts: its SYN has -1.
"""

import socket
import struct

from .capture import ACK, ETH_P_ALL, FIN, PSH, RST, SYN, URG, parse
from .endpoint import DEADLINE, Missing
from .topology import OUTSIDE, SIP_PORT

NUMBERS = 1 << 32
# The kernels at both ends are not to answer what is meant for the scripted ends.
QUIET = """
table inet quiet {{
	chain input {{
		type filter hook input priority raw;
		tcp dport {port} drop
	}}
}}
"""

MSS = struct.pack("!BBH", 2, 4, 1460)
SACK_OK = b"\1\1\4\2"


def timestamp(value, echo=0):
    """Return the option of RFC 7323."""
    return struct.pack("!BBBBII", 1, 1, 8, 10, value, echo)


def checksum(data):
    """Return the Internet checksum of some bytes."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def _packet(source, target, protocol, payload, checksum_at):
    """Return an IP packet, its checksums filled in."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    ends = socket.inet_pton(family, source) + socket.inet_pton(family, target)
    pseudo = b"" if protocol == socket.IPPROTO_ICMP else \
        ends + struct.pack("!II", len(payload), protocol)
    check = struct.pack("!H", checksum(pseudo + payload))
    payload = payload[:checksum_at] + check + payload[checksum_at + 2:]
    if family == socket.AF_INET6:
        return struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + ends + payload
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0)
    check = struct.pack("!H", checksum(header + ends))
    return header[:10] + check + ends + payload


def tcp_packet(source, target, flags, seq, ack, data=b"", window=8192, options=b"", urgent=0):
    """Return an IP packet from one pair of an address and a port to another."""
    header = struct.pack("!HHIIBBHHH", source[1], target[1], seq, ack,
                         (20 + len(options)) << 2, flags, window, 0, urgent)
    return _packet(source[0], target[0], socket.IPPROTO_TCP, header + options + data, 16)


def udp_packet(source, target, data):
    """Return an IP packet with a datagram from one pair of an address and a port to another."""
    header = struct.pack("!HHHH", source[1], target[1], 8 + len(data), 0)
    return _packet(source[0], target[0], socket.IPPROTO_UDP, header + data, 6)


def too_big(source, target, mtu, quote):
    """Return an IP packet that tells of another one, quoted, that there is this MTU."""
    if ":" in source:
        return _packet(source, target, socket.IPPROTO_ICMPV6,
                       struct.pack("!BBHI", 2, 0, 0, mtu) + quote, 2)
    return _packet(source, target, socket.IPPROTO_ICMP,
                   struct.pack("!BBHHH", 3, 4, 0, 0, mtu) + quote, 2)


def is_too_big(packet):
    """Is an IP packet without options what too_big() returns?"""
    return packet[6] == socket.IPPROTO_ICMPV6 and packet[40] == 2 if packet[0] >> 4 == 6 else \
        packet[9] == socket.IPPROTO_ICMP and packet[20:22] == b"\3\4"


class End:
    """One end of a connection."""

    def __init__(self, host, device, port, peer, first):
        self.host, self.port, self.peer = host, port, peer
        self.first, self.peer_first = first, None
        self.options = b""
        host.run("nft", "-f", "-", stdin=QUIET.format(port=port))
        with host.namespace:
            family = socket.AF_INET6 if ":" in host.address else socket.AF_INET
            self._out = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
            self._in = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                     socket.htons(ETH_P_ALL))
        self._in.bind((device, ETH_P_ALL))
        self._in.settimeout(DEADLINE)

    def send(self, flags, seq, ack=None, data=b"", window=8192, options=b""):
        """Send a packet."""
        options = self.options + options
        options += bytes(-len(options) % 4)
        number = 0 if ack is None else (ack + self.peer_first) % NUMBERS
        self.send_packet(tcp_packet((self.host.address, self.port), self.peer, flags,
                                    (seq + self.first) % NUMBERS, number, data, window, options))

    def send_packet(self, packet):
        """Send an IP packet to the peer."""
        self._out.sendto(packet, (self.peer[0], 0))

    def _packets(self):
        """Yield the packets that come in."""
        while True:
            try:
                packet, address = self._in.recvfrom(1 << 17)
            except TimeoutError:
                raise Missing(f"nothing arrived at port {self.port}") from None
            if address[2] != socket.PACKET_OUTGOING:
                yield packet

    def get_too_big(self):
        """Return the next one of too_big() to this end."""
        return next(packet for packet in self._packets() if is_too_big(packet))

    def get(self):
        """Return the next packet to this end, its numbers as they are."""
        return next(segment for segment in map(parse, self._packets())
                    if segment and (segment.source, segment.target) == (self.peer[1], self.port))

    def due(self, t, what, flags, seq, ack, data=b"", sacks=(), **others):
        """Check the next packet, its numbers relative as in send()."""
        got = self.get()
        sacks = [((a + self.first) % NUMBERS, (b + self.first) % NUMBERS) for a, b in sacks]
        t.equal((got.flags, (got.seq - self.peer_first) % NUMBERS,
                 (got.ack - self.first) % NUMBERS, len(got.data), got.sacks()),
                (flags, seq % NUMBERS, ack % NUMBERS, len(data), sacks), what)
        t.same(got.data, data, what)
        for name, value in others.items():
            t.equal(getattr(got, name), value, f"{what}: {name}")
        return got

    def keepalive(self, t, what, seq, ack):
        """Check that the next packet makes this end acknowledge once more."""
        got = self.get()
        t.equal((got.flags, (got.seq - self.peer_first) % NUMBERS,
                 (got.ack - self.first) % NUMBERS, len(got.data)),
                (ACK, seq % NUMBERS, ack % NUMBERS, 1), what)
        return got


class Script:
    """A connection of phone1 to the server, shaken hands; both ends are known to be ready."""

    def __init__(self, net, port=40001, first=(1000, 50000), options=MSS + SACK_OK,
                 stamps=False, data=b"", begin_again=False, outside=OUTSIDE,
                 heard=True):
        self.phone = End(net.phone1, "eth0", port, (net.server.address, SIP_PORT), first[0])
        self.server = End(net.server, "eth0", SIP_PORT, (outside, port), first[1])
        self.phone.peer_first, self.server.peer_first = first[1], first[0]
        self._options = options + (timestamp(1) if stamps else b"")
        self._data = data
        self.begin()
        if begin_again:
            # The phone has lost its memory, and takes other numbers.
            self.phone.first = self.server.peer_first = first[0] + 777777
            self.server.first = self.phone.peer_first = first[1] + 555555
            self.begin()
        clock = timestamp(1, 1) if stamps else b""
        self.phone.send(ACK, len(data), 0, options=clock)
        self.server.get()
        # Until the server is heard of, it may still wait for the end of the handshake.
        if heard:
            self.server.send(ACK, 0, len(data), options=clock)
            self.phone.get()

    def begin(self):
        """Exchange SYN and SYN-ACK."""
        self.phone.send(SYN, -1, data=self._data, options=self._options)
        self.server.get()
        self.server.send(SYN | ACK, -1, len(self._data), options=self._options)
        self.phone.get()


def exchange(t, ends, what, sent, due, behind=(0, 0)):
    """The phone sends a message that comes as @due, the server acknowledges it.

    @behind: bytes of the phone that have been sent, and that have come.
    """
    before, came = behind
    ends.phone.send(PSH | ACK, before, 0, sent)
    ends.server.due(t, what, PSH | ACK, came, 0, due)
    ends.server.send(ACK, 0, came + len(due))
    ends.phone.due(t, "its acknowledgement", ACK, 0, before + len(sent))


__all__ = ["ACK", "FIN", "MSS", "PSH", "RST", "SACK_OK", "SYN", "URG", "Script", "exchange",
           "tcp_packet", "timestamp", "too_big", "udp_packet"]
