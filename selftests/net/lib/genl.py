# SPDX-License-Identifier: GPL-2.0-only
"""The module's netlink interface without the tool, where starting a program costs too much."""

import os
import socket
import struct

from .endpoint import DEADLINE

_NETLINK_GENERIC = 16
_ID_CTRL, _GETFAMILY, _FAMILY_ID, _FAMILY_NAME = 0x10, 3, 1, 2
_REQUEST_WITH_ACK = 1 | 4
DUMP = 0x300
DUMP_INTR = 0x10
_ERROR, _DONE = 2, 3
# For an answer. The kernel makes the parts of a list as long as a reader has ever had room for.
_ROOM = 8192
_SOL_NETLINK, _CAP_ACK, _EXT_ACK = 270, 10, 11
_ERROR_WORDS = 1

_HEADER = struct.Struct("=IHHIIBBxx")
_ATTR = struct.Struct("=HH")

# From kmod/uapi/nf_sipalg.h.
POLICY_SET, POLICY_DEL, POLICY_FLUSH, CALL_GET, BINDING_GET, STATS_GET = range(2, 8)
POLICY_RESTORE, SETTING_GET, SETTING_SET, CALL_DEL = range(8, 12)
MODE, ZONE, DEV, IFINDEX, NOW, SCOPE, OUTSIDE_PORTS, OUTSIDE_ADDRESS = range(1, 9)
TRUSTED, TRUSTED_FOR = 9, 10
CALL_ADDRESS, BINDING_ADDRESS = 19, 13
SIP_PORTS, LIMIT_CALLS, NETWORKS = 1, 2, 128
MODES = {"off": 0, "observe": 1, "on": 2, "rule": 3}


class Refused(Exception):
    """The kernel says no: an error number, and its words."""

    def __init__(self, number, words):
        super().__init__(f"{os.strerror(number)}: {words}")
        self.number = number
        self.words = words


def attr(kind, payload):
    """Return an attribute."""
    padding = b"\0" * (-len(payload) % 4)
    return _ATTR.pack(_ATTR.size + len(payload), kind) + payload + padding


class Family:
    """A socket to the module in a namespace."""

    def __init__(self, namespace):
        with namespace:
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_GENERIC)
        self._socket.settimeout(DEADLINE)
        self._socket.bind((0, 0))
        for option in (_CAP_ACK, _EXT_ACK):
            self._socket.setsockopt(_SOL_NETLINK, option, 1)
        self._id = _ID_CTRL
        answer = self.do(_GETFAMILY, attr(_FAMILY_NAME, b"sipalg\0"))
        self._id = self._find(answer, _FAMILY_ID)

    def _ask(self, command, attrs, flags):
        self._socket.send(_HEADER.pack(_HEADER.size + len(attrs), self._id,
                                       _REQUEST_WITH_ACK | flags, 0, 0, command, 1) + attrs)

    def do(self, command, attrs, flags=0):
        """Have a command done; return the last answer, or raise Refused."""
        self._ask(command, attrs, flags)
        answer = b""
        while True:
            data = self._socket.recv(_ROOM)
            if struct.unpack_from("=H", data, 4)[0] != _ERROR:
                answer = data
                continue
            error = struct.unpack_from("=i", data, 16)[0]
            if error:
                raise Refused(-error, self._words(data))
            return answer

    def parts(self, command):
        """Yield the flags of each part of a list, when that has been read."""
        self._ask(command, b"", DUMP)
        kind = None
        while kind != _DONE:
            kind, flags = struct.unpack_from("=HH", self._socket.recv(_ROOM), 4)
            yield flags

    @staticmethod
    def _attrs(message, at):
        while at < len(message):
            size, kind = _ATTR.unpack_from(message, at)
            yield kind, message[at + _ATTR.size:at + size]
            at += (size + 3) & ~3

    def _find(self, message, wanted):
        return struct.unpack("=H", dict(self._attrs(message, _HEADER.size))[wanted])[0]

    def _words(self, message):
        # A netlink header, the error, and the header of the request.
        return dict(self._attrs(message, 36)).get(_ERROR_WORDS, b"").rstrip(b"\0").decode()

    def set_dev(self, dev, mode):
        """Set the mode of a device's scope."""
        self.do(POLICY_SET, attr(MODE, struct.pack("=I", MODES[mode])) +
                attr(DEV, dev.encode() + b"\0"))

    def close(self):
        """Close the socket."""
        self._socket.close()
