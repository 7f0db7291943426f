# SPDX-License-Identifier: GPL-2.0-only
"""Parties to a call, and hosts that merely know its Call-ID."""

from . import sip
from .ladder import Line
from .topology import MEDIA, SIP_PORT


def answered(call):
    """The ringing call is answered, and both parties hear each other."""
    call.is_in("early")
    call.down(sip.OK)
    call.up(sip.ACK)
    call.is_in("confirmed")
    audio = call.audio()
    audio.both_ways()
    return audio


def second_line(t, net, line):
    """Return the line of the second phone to the same server."""
    return Line(t, net, phone=net.phone2, server=line.server)


def forge_up(line, call, text, **gaps):
    """Send a message of a call from a phone that is no party to it."""
    view = sip.View(line.host.address, SIP_PORT, 4400, 4401)
    got = line.send_up(sip.fill(text, view, **{**call.gaps, **gaps}), "a forged message")
    line.outside_port = got.source[1]


class OtherServer:
    """The media host's SIP port, to which the phone has sent a message before."""

    def __init__(self, net, line):
        self.line = line
        self.socket = net.media.udp(SIP_PORT)
        line.phone.send(b"OPTIONS", (MEDIA, SIP_PORT))
        self.victim = self.socket.receive("OPTIONS").source

    def sends(self, text, call, **gaps):
        """Send a message of a call to its phone; see that it arrives."""
        self.socket.send(sip.fill(text, call.outside, **{**call.gaps, **gaps}), self.victim)
        self.line.phone.receive("a forged message")
