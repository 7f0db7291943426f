# SPDX-License-Identifier: GPL-2.0-only
"""The module's netlink interface without the tool, where starting a program costs too much."""

import socket
import struct

_NETLINK_GENERIC = 16
_ID_CTRL, _GETFAMILY, _FAMILY_ID, _FAMILY_NAME = 0x10, 3, 1, 2
_REQUEST_WITH_ACK = 1 | 4
_ERROR = 2

_HEADER = struct.Struct("=IHHIIBBxx")
_ATTR = struct.Struct("=HH")

# From kmod/uapi/nf_sipalg.h.
POLICY_SET = 2
_MODE, _DEV = 1, 3
MODES = {"off": 0, "observe": 1, "on": 2, "rule": 3}


def _attr(kind, payload):
    padding = b"\0" * (-len(payload) % 4)
    return _ATTR.pack(_ATTR.size + len(payload), kind) + payload + padding


class Family:
    """A socket to the module in a namespace."""

    def __init__(self, namespace):
        with namespace:
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_GENERIC)
        self._socket.bind((0, 0))
        self._id = _ID_CTRL
        answer = self._transact(_GETFAMILY, _attr(_FAMILY_NAME, b"sipalg\0"))
        self._id = self._find(answer, _FAMILY_ID)

    def _transact(self, command, attrs):
        self._socket.send(_HEADER.pack(_HEADER.size + len(attrs), self._id, _REQUEST_WITH_ACK,
                                       0, 0, command, 1) + attrs)
        answer = b""
        while True:
            data = self._socket.recv(65536)
            if struct.unpack_from("=H", data, 4)[0] != _ERROR:
                answer = data
                continue
            error = struct.unpack_from("=i", data, 16)[0]
            if error:
                raise OSError(-error, "netlink")
            return answer

    @staticmethod
    def _find(message, wanted):
        at = _HEADER.size
        while at < len(message):
            size, kind = _ATTR.unpack_from(message, at)
            if kind == wanted:
                return struct.unpack_from("=H", message, at + _ATTR.size)[0]
            at += (size + 3) & ~3
        raise KeyError(wanted)

    def set_dev(self, dev, mode):
        """Set the mode of a device's scope."""
        self._transact(POLICY_SET, _attr(_MODE, struct.pack("=I", MODES[mode])) +
                       _attr(_DEV, dev.encode() + b"\0"))

    def close(self):
        """Close the socket."""
        self._socket.close()
