# SPDX-License-Identifier: GPL-2.0-only
"""Enough of generic netlink to send correct and malformed messages."""

import errno
import os
import re
import socket
import struct

NETLINK_GENERIC = 16
NETLINK_EXT_ACK, SOL_NETLINK = 11, 270
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 16, 3, 1, 2
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3

_HEADER = struct.Struct("=IHHII")

HERE = os.path.dirname(os.path.abspath(__file__))
UAPI = os.path.join(HERE, "../../kmod/uapi/nf_sipalg.h")


def enumerate_header(name):
    """Return an enum of the module's header, by name and value."""
    with open(UAPI, encoding="ascii") as header:
        text = re.sub(r"/\*.*?\*/", "", header.read(), flags=re.DOTALL)
    body = re.search(rf"enum {name} {{(.*?)}}", text, re.DOTALL)[1]
    return {word: value for value, word in enumerate(
        part.strip() for part in body.split(",") if part.strip())}


def attribute(kind, value=b""):
    """Return an attribute, padded."""
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


class Channel:
    """A socket of generic netlink in the current namespace."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self._socket.bind((0, 0))
        self._socket.settimeout(30)
        self._number = 0
        self.family = self._find_family()

    def _find_family(self):
        name = attribute(CTRL_ATTR_FAMILY_NAME, b"sipalg\0")
        self.send(struct.pack("=BBH", CTRL_CMD_GETFAMILY, 1, 0) + name, GENL_ID_CTRL)
        found = None
        for kind, data in self.answers():
            if kind == GENL_ID_CTRL:
                found = struct.unpack_from(
                    "=H", data, data.index(struct.pack("=HH", 6, CTRL_ATTR_FAMILY_ID)) + 4)[0]
        return found

    def send(self, payload, family=None, flags=NLM_F_REQUEST | NLM_F_ACK):
        """Send one message; all behind the netlink header is `payload`."""
        self._number += 1
        self._socket.send(_HEADER.pack(_HEADER.size + len(payload), family or self.family, flags,
                                       self._number, 0) + payload)

    def send_raw(self, data):
        """Send bytes that need not be a message."""
        self._socket.send(data)

    def command(self, number, attributes=b"", flags=NLM_F_REQUEST | NLM_F_ACK):
        """Send a command of the module; return the kernel's verdict, 0 or an errno."""
        self.send(struct.pack("=BBH", number, 1, 0) + attributes, flags=flags)
        return self.verdict()

    def answers(self):
        """Yield type and payload of each message up to the verdict, which is the last."""
        while True:
            data = self._socket.recv(1 << 17)
            while len(data) >= _HEADER.size:
                length, kind, _, number, _ = _HEADER.unpack_from(data)
                payload, data = data[_HEADER.size:length], data[(length + 3) & ~3:]
                if number != self._number:
                    continue
                yield kind, payload
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    return

    def verdict(self):
        """Read the whole reply; return 0 or an errno."""
        payload = b""
        for kind, payload in self.answers():
            pass
        return -struct.unpack_from("=i", payload)[0] if len(payload) >= 4 else errno.EBADMSG

    def drain(self):
        """Discard replies that wait."""
        self._socket.setblocking(False)
        try:
            while True:
                self._socket.recv(1 << 17)
        except OSError:
            pass
        self._socket.settimeout(30)

    def close(self):
        """Close the socket."""
        self._socket.close()
