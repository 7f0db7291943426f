# SPDX-License-Identifier: GPL-2.0-only
"""Media: numbered packets, so that what is lost, doubled or astray is seen."""

import struct

# Header of RTP with a sequence number, and 20 ms of telephone silence.
_HEADER = struct.Struct("!BBHII")
_SILENCE = b"\xff" * 160


def packet(number):
    """Return the RTP packet with that number."""
    return _HEADER.pack(0x80, 0, number & 0xffff, number * 160, 0x5155) + _SILENCE


class Stream:
    """One media stream: the phone's socket, and the far end's.

    `promised` is the address and port that the outside was told to send to.
    """

    def __init__(self, t, phone, far, promised):
        self.t = t
        self.phone = phone
        self.far = far
        self.promised = promised
        self._number = 0

    def other(self, far):
        """Return the stream between the same phone and another far end."""
        return Stream(self.t, self.phone, far, self.promised)

    def _carry(self, sender, to, receiver, seen_as, count):
        for _ in range(count):
            self._number += 1
            sender.send(packet(self._number), to)
        for number in range(self._number - count + 1, self._number + 1):
            got = receiver.receive(f"media from {sender.name}")
            self.t.same(got.data, packet(number), f"media at {receiver.name}")
            self.t.equal(got.source, seen_as, f"source of media at {receiver.name}")

    def inward(self, count=2):
        """The far end speaks: the phone hears it, from the far end's address."""
        self._carry(self.far, self.promised, self.phone, self.far.address, count)

    def outward(self, count=2):
        """The phone speaks: heard outside, from the port its SDP promised."""
        self._carry(self.phone, self.far.address, self.far, self.promised, count)

    def both_ways(self):
        """The far end speaks first, when nothing of the inside made a way."""
        self.inward()
        self.outward()
        self.inward()
