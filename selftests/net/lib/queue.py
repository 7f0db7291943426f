# SPDX-License-Identifier: GPL-2.0-only
"""A program that holds packets back in the firewall, as an intrusion detection system may.

The rule that leads them there is `queue num NUMBER` of nftables.
"""

import socket
import struct

from .endpoint import DEADLINE

_NETLINK_NETFILTER = 12
_REQUEST = 1
_PACKET, _VERDICT, _CONFIG = 0x300, 0x301, 0x302
_CFG_CMD, _CFG_PARAMS, _PACKET_HDR, _VERDICT_HDR = 1, 2, 1, 2
_BIND, _COPY_META, _ACCEPT = 1, 1, 1
_HEADER = struct.Struct("=IHHII")
_GENERAL = struct.Struct(">BBH")


class Queue:
    """The listener of one queue of a host's firewall."""

    def __init__(self, host, number):
        self._host = host
        self._number = number
        with host.namespace:
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        self._socket.settimeout(DEADLINE)
        self._send(_CONFIG, _CFG_CMD, struct.pack(">BxH", _BIND, socket.AF_UNSPEC))
        self._send(_CONFIG, _CFG_PARAMS, struct.pack(">IB", 0, _COPY_META))

    def _send(self, kind, attribute, value):
        data = _GENERAL.pack(socket.AF_UNSPEC, 0, self._number)
        data += struct.pack("=HH", 4 + len(value), attribute) + value.ljust(-len(value) % 4 +
                                                                          len(value), b"\0")
        self._socket.send(_HEADER.pack(_HEADER.size + len(data), kind, _REQUEST, 0, 0) + data)

    def held(self):
        """Wait for a packet, and return its number."""
        while True:
            data = self._socket.recv(65535)
            if _HEADER.unpack_from(data)[1] == _PACKET:
                break
        at = _HEADER.size + _GENERAL.size
        while True:
            size, kind = struct.unpack_from("=HH", data, at)
            if kind & 0x7fff == _PACKET_HDR:
                return struct.unpack_from(">I", data, at + 4)[0]
            at += (size + 3) & ~3

    def holds(self):
        """Return how many packets are held."""
        text = self._host.run("cat", "/proc/net/netfilter/nfnetlink_queue").stdout
        return sum(int(line.split()[2]) for line in text.splitlines()
                   if int(line.split()[0]) == self._number)

    def release(self, packet):
        """Let a packet go on."""
        self._send(_VERDICT, _VERDICT_HDR, struct.pack(">II", _ACCEPT, packet))

    def close(self):
        """Stop: what is still held is dropped."""
        self._socket.close()
