# SPDX-License-Identifier: GPL-2.0-only
"""TCP ends that do just what a test says, packet by packet.

Numbers are relative to each end's first byte, as that end counts: its SYN has -1.
"""

import socket
import struct

from .capture import ACK, ETH_P_ALL, FIN, PSH, RST, SYN, parse
from .endpoint import DEADLINE, Missing
from .topology import OUTSIDE, SERVER, SIP_PORT

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


class End:
    """One end of a connection."""

    def __init__(self, host, device, port, peer, first):
        self.host, self.port, self.peer = host, port, peer
        self.first, self.peer_first = first, None
        self.options = b""
        host.run("nft", "-f", "-", stdin=QUIET.format(port=port))
        with host.namespace:
            self._out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
            self._in = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                     socket.htons(ETH_P_ALL))
        self._in.bind((device, ETH_P_ALL))
        self._in.settimeout(DEADLINE)

    def send(self, flags, seq, ack=None, data=b"", window=8192, options=b""):
        """Send a packet."""
        options = self.options + options
        options += bytes(-len(options) % 4)
        number = 0 if ack is None else (ack + self.peer_first) % NUMBERS
        header = struct.pack("!HHIIBBHHH", self.port, self.peer[1],
                             (seq + self.first) % NUMBERS, number,
                             (20 + len(options)) << 2, flags, window, 0, 0) + options
        ends = socket.inet_aton(self.host.address) + socket.inet_aton(self.peer[0])
        pseudo = ends + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(header) + len(data))
        check = struct.pack("!H", checksum(pseudo + header + data))
        tcp = header[:16] + check + header[18:] + data
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64,
                         socket.IPPROTO_TCP, 0) + ends
        self._out.sendto(ip + tcp, (self.peer[0], 0))

    def get(self):
        """Return the next packet to this end, its numbers as they are."""
        while True:
            try:
                packet, address = self._in.recvfrom(1 << 17)
            except TimeoutError:
                raise Missing(f"nothing arrived at port {self.port}") from None
            segment = parse(packet)
            if segment and address[2] != socket.PACKET_OUTGOING and \
               (segment.source, segment.target) == (self.peer[1], self.port):
                return segment

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
    """A connection of phone1 to the server, shaken hands."""

    def __init__(self, net, port=40001, first=(1000, 50000), options=MSS + SACK_OK,
                 stamps=False, data=b"", begin_again=False):
        self.phone = End(net.phone1, "eth0", port, (SERVER, SIP_PORT), first[0])
        self.server = End(net.server, "eth0", SIP_PORT, (OUTSIDE, port), first[1])
        self.phone.peer_first, self.server.peer_first = first[1], first[0]
        self._options = options + (timestamp(1) if stamps else b"")
        self._data = data
        self.begin()
        if begin_again:
            # The phone has lost its memory, and takes other numbers.
            self.phone.first = self.server.peer_first = first[0] + 777777
            self.server.first = self.phone.peer_first = first[1] + 555555
            self.begin()
        clock = timestamp(1) if stamps else b""
        self.phone.send(ACK, len(data), 0, options=clock)
        self.server.get()

    def begin(self):
        """Exchange SYN and SYN-ACK."""
        self.phone.send(SYN, -1, data=self._data, options=self._options)
        self.server.get()
        self.server.send(SYN | ACK, -1, len(self._data), options=self._options)
        self.phone.get()


__all__ = ["ACK", "FIN", "MSS", "PSH", "RST", "SACK_OK", "SYN", "Script", "timestamp"]
