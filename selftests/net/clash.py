#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Flows that were there before the promise: early media, and older calls on the same ports.

A phone that has sent to the far end before its SDP promised a port is heard from that
port afterwards, and nothing of what comes to it is denied.

  phone2                  router                  server       media
    | RTP from 4000, before the 200: by the rule, from E:q       |
    |---------------------->|----------------------------------->|
    | 200 m=audio 4000      |     m=audio what now?              |
    |---------------------->|---------------------->|            |
    |<===================== RTP, both ways =====================>|
"""

import functools

from lib import hairpin, ksft, media, nat, sip
from lib.ladder import Line
from lib.topology import OUTSIDE

case = functools.partial(ksft.case, only_sipalg=True)


def _called(line, **options):
    """A registered phone is called; return the dialog, which rings."""
    line.register()
    call = line.dialog(**options)
    call.down(sip.INCOMING)
    call.up(sip.INCOMING_RINGING)
    return call


def _speak_early(call, phone, far):
    """The phone sends media before its 200, as PJSIP does; see that it is heard."""
    for number in range(3):
        phone.send(media.packet(number), far.address)
        far.receive("early media")


def _answer(call):
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)


#  phone1, phone2             router                    server       media
#    | INVITE, 200 of phone1: m=4000                      |            |
#    |<------------------------>|<----------------------->|            |
#    |        INVITE to phone2  |                         |            |
#    |<-------------------------|<------------------------|            |
#    | RTP of phone2, from 4000 |                         |            |
#    |------------------------->|------------------------------------->|
#    | 200 of phone2: m=4000    |                         |            |
#    |------------------------->|------------------------>|            |
#    |<=========================== RTP, each its own ================>|
def _early(t, net, far):
    errors = nat.Errors(net.media), nat.Errors(net.phone2)
    first = Line(t, net)
    one = first.dialog()
    one.call()
    audio = one.audio()
    audio.both_ways()
    second = Line(t, net, phone=net.phone2, server=first.server)
    call = _called(second, far=far)
    there = audio.far if far == one.far else net.media.udp(far)
    here = net.phone2.udp(4000)
    with t.counted(net, flows_denied=0):
        _speak_early(call, here, there)
        _answer(call)
        t.true(call.outside.rtp != one.outside.rtp, "each has its outside port")
        stream = media.Stream(t, here, there, (OUTSIDE, call.outside.rtp))
        stream.both_ways()
        audio.both_ways()
    t.equal([each.waiting() for each in errors], [[], []], "ICMP errors")


@case("two phones on one RTP port: the called one speaks before its 200, then both ways")
def early_media(t, net):
    _early(t, net, far=6010)


@case("the same towards one port of one media server")
def early_media_same_far_port(t, net):
    _early(t, net, far=6000)


@case("a lone phone speaks before its 200: the port that the NAT gave is promised")
def early_media_alone(t, net):
    call = _called(Line(t, net))
    here, there = net.phone1.udp(4000), net.media.udp(6000)
    _speak_early(call, here, there)
    _answer(call)
    media.Stream(t, here, there, (OUTSIDE, call.outside.rtp)).both_ways()


#    a flow of phone2 from 4000, long before, to the far end of the call
@case("a flow that the phone has had to the far end before the call does not deny its media")
def older_flow(t, net):
    taken, far = net.phone1.udp(4000), net.media.udp(6000)
    taken.send(b"not of a call", far.address)
    t.equal(far.receive().source[1], 4000, "port that the NAT gives phone1")
    here = net.phone2.udp(4000)
    here.send(b"not of a call", far.address)
    t.true(far.receive().source[1] != 4000, "the NAT gives phone2 another port")
    taken.close()
    line = Line(t, net, phone=net.phone2)
    call = _called(line)
    with t.counted(net, flows_denied=0):
        _answer(call)
        media.Stream(t, here, far, (OUTSIDE, call.outside.rtp)).both_ways()


@case("back-to-back calls on the same ports: both ways, whoever speaks first")
def back_to_back(t, net):
    errors = nat.Errors(net.media), nat.Errors(net.phone1)
    line = Line(t, net)
    here, there = net.phone1.udp(4000), net.media.udp(6000)
    with t.counted(net, flows_denied=0):
        for order in ("inward", "outward", "inward", "outward"):
            call = line.dialog()
            call.call()
            stream = media.Stream(t, here, there, (OUTSIDE, call.outside.rtp))
            getattr(stream, order)()
            stream.both_ways()
            call.hang_up()
    t.equal([each.waiting() for each in errors], [[], []], "ICMP errors")


@case("a phone calls where its neighbour's call on the same ports has just ended")
def neighbours_last_call(t, net):
    line = Line(t, net)
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.hang_up()
    second = Line(t, net, phone=net.phone2, server=line.server)
    again = _called(second)
    here = net.phone2.udp(4000)
    with t.counted(net, flows_denied=0):
        _speak_early(again, here, audio.far)
        _answer(again)
        media.Stream(t, here, audio.far, (OUTSIDE, again.outside.rtp)).both_ways()


@case("hairpin with two phones on one RTP port, and early media of the called one")
def early_hairpin(t, net):
    caller, callee = hairpin.begin(t, net)
    first, second = net.phone1.udp(4000), net.phone2.udp(4000)
    for number in range(3):
        second.send(media.packet(number), (OUTSIDE, caller.outside.rtp))
        first.receive("early media")
    hairpin.answer(caller, callee)
    hairpin.both_ways(t, caller, callee, first, second)


if __name__ == "__main__":
    ksft.main()
