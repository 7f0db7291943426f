# SPDX-License-Identifier: GPL-2.0-only
"""A call between two phones behind the same NAT, by an outside server."""

from . import media, sip
from .ladder import Line
from .topology import OUTSIDE


def description(port):
    """Make the server's message to one phone from what the other one sent."""
    return sip.OFFER.replace("{host}", OUTSIDE).replace("{rtp}", str(port))


def begin(t, net, keeps_call_id=False):
    """Let phone1 call phone2, which rings; return both dialogs."""
    server = net.server.udp(5060)
    caller = Line(t, net, server=server).dialog()
    callee = Line(t, net, phone=net.phone2, server=server, port=5062)
    callee.register()
    callee = callee.dialog()
    if keeps_call_id:
        callee.gaps["call_id"] = caller.gaps["call_id"]
    caller.up(sip.INVITE)
    callee.down(sip.INCOMING, body=description(caller.outside.rtp))
    return caller, callee


def answer(caller, callee):
    """Let phone2 answer."""
    callee.up(sip.INCOMING_OK)
    caller.down(sip.OK, body=description(callee.outside.rtp))
    caller.up(sip.ACK)
    callee.down(sip.INCOMING_ACK)


def both_ways(t, caller, callee, first, second):
    """Carry media: each phone sees the other by its outside address and port."""
    for number, (sender, receiver, to, seen_as) in enumerate((
            (first, second, callee.outside.rtp, caller.outside.rtp),
            (second, first, caller.outside.rtp, callee.outside.rtp),
            (first, second, callee.outside.rtp, caller.outside.rtp))):
        sender.send(media.packet(number), (OUTSIDE, to))
        got = receiver.receive(f"media from {sender.name}")
        t.same(got.data, media.packet(number), f"media at {receiver.name}")
        t.equal(got.source, (OUTSIDE, seen_as), f"source of media at {receiver.name}")
