#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A phone behind the NAT is called through its registration."""

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import Line
from lib.topology import OUTSIDE

# Seconds that a slow machine may need to read the table.
SLACK = 30


def _incoming_call(line, far=6000):
    call = line.dialog(far=far)
    call.down(sip.INCOMING)
    call.up(sip.INCOMING_RINGING)
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    return call


#  phone1                     router                       server       media
#    | REGISTER Contact: A:p    |     Contact: E:q            |            |
#    |------------------------->|---------------------------->|            |
#    |       INVITE sip:A:p     |     INVITE sip:E:q          |            |
#    |<-------------------------|<----------------------------|            |
#    | 180, 200 c=, m= inside   |     c=, m= outside          |            |
#    |------------------------->|---------------------------->|            |
#    |       ACK sip:A:p        |     ACK sip:E:q             |            |
#    |<-------------------------|<----------------------------|            |
#    |<=========================== RTP ===================================>|
#    |       BYE sip:A:p        |     BYE sip:E:q             |            |
#    |<-------------------------|<----------------------------|            |
#    | 200                      |                             |            |
#    |------------------------->|---------------------------->|            |
@case("a registered phone is called, heard both ways, and the caller hangs up")
def caller_hangs_up(t, net):
    line = Line(t, net)
    line.register()
    with t.counted(net, messages=4, changed=4, calls=1, bindings=2):
        call = _incoming_call(line)
    audio = call.audio()
    audio.both_ways()
    call.hang_up_remote()
    call.closed(audio)


#    | 180, again each minute   |                             |            |
#    |------------------------->|---------------------------->|            |
@case("each provisional response extends the ringing time")
def rings_on(t, net):
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.down(sip.INCOMING)
    for seconds in 300, 900, 400:
        t.alg.tool(net, "set", "timeout-early", str(seconds))
        call.up(sip.INCOMING_RINGING)
        left = [each["expires"] for each in t.alg.calls(net)]
        t.true(len(left) == 1 and seconds - SLACK <= left[0] <= seconds,
               f"time to go on ringing: {seconds} s ({left})")
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    call.audio().both_ways()


@case("the called phone hangs up")
def phone_hangs_up(t, net):
    line = Line(t, net)
    line.register()
    call = _incoming_call(line)
    audio = call.audio()
    audio.both_ways()
    call.up(sip.INCOMING_BYE)
    call.down(sip.BYE_OK)
    call.closed(audio)


def _forget_flow(net):
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    wait_until(lambda: not any("port=5060" in flow for flow in net.flows()),
               "the flow is gone")


#  Conntrack has lost the flow of the REGISTER; the registration is still valid.
@case("the phone is called after conntrack has lost its signalling flow")
def after_the_flow(t, net):
    line = Line(t, net)
    line.register()
    _forget_flow(net)
    call = _incoming_call(line)
    call.audio().both_ways()


@case("a stranger cannot send to the port of a registration")
def stranger(t, net):
    line = Line(t, net)
    line.register()
    _forget_flow(net)
    with t.counted(net, flows=1, flows_denied=1):
        net.media.udp(5060).send(b"OPTIONS sip:alice@203.0.113.99 SIP/2.0\r\n\r\n",
                                 (OUTSIDE, line.outside_port))
        got = line.send_down(b"\r\n\r\n", "a keep-alive")
    t.equal(got.data, b"\r\n\r\n", "first packet at the phone")


@case("two phones use the same port: each is called at its own Contact")
def two_phones(t, net):
    first = Line(t, net)
    first.register()
    second = Line(t, net, phone=net.phone2, server=first.server)
    second.register()
    for line, far in ((first, 6000), (second, 6010)):
        call = _incoming_call(line, far)
        call.audio().both_ways()
        call.hang_up_remote()


if __name__ == "__main__":
    ksft.main()
