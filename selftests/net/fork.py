#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""One INVITE reaches several phones (RFC 3261, 16.7): legs that come and go."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line
from lib.topology import Host

PROGRESS = sip.answer("183 Session Progress", "INVITE", sdp=True)
OK = sip.answer("200 OK", "INVITE", sdp=True)
REMOTE_PROGRESS = sip.remote_answer("183 Session Progress", "INVITE", sdp=True)


#  phone1                  router              server    media:6000   :6010
#    | INVITE                |                   |           |          |
#    |---------------------->|------------------>|           |          |
#    |     183 tag=bob, 183 tag=bob2             |           |          |
#    |<----------------------|<------------------|           |          |
#    |<========================= RTP ===========================>|<=====>|
#    |     200 tag=bob, 200 tag=bob2             |           |          |
#    |<----------------------|<------------------|           |          |
#    | BYE tag=bob2          |                   |           |          |
#    |---------------------->|------------------>|           |          |
#    |<========================= RTP ===========================>|
@case("two branches outside answer, both are heard, and the end of one does not affect the other")
def outside(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(sip.PROGRESS)
    call.down(PROGRESS, bob="bob2", far=6010)
    first = call.audio()
    second = first.other(net.media.udp(6010))
    second.both_ways()
    first.both_ways()
    for bob, far in (("bob", 6000), ("bob2", 6010)):
        call.down(OK, bob=bob, far=far)
        call.up(sip.request("ACK"), bob=bob)
    call.up(sip.request("BYE"), cseq=2, bob="bob2")
    call.down(sip.answer("200 OK", "BYE"), cseq=2, bob="bob2")
    call.is_in("confirmed")
    first.both_ways()
    call.hang_up()
    call.over(first)


def _call_two(t, net):
    """Have one INVITE reach both phones."""
    first = Line(t, net)
    first.register()
    second = Line(t, net, phone=net.phone2, server=first.server, port=5062)
    second.register()
    calls = first.dialog(), second.dialog(rtp=4010, far=6010)
    calls[1].gaps["call_id"] = calls[0].gaps["call_id"]
    for call in calls:
        call.down(sip.INCOMING)
    return calls


def _ring(call):
    """A phone rings and sends early media; return the stream."""
    call.up(REMOTE_PROGRESS)
    audio = call.audio()
    audio.both_ways()
    return audio


def _give_up(call):
    """The server cancels one branch."""
    call.down(sip.remote_request("CANCEL"))
    call.up(sip.remote_answer("200 OK", "CANCEL"))
    call.up(sip.remote_answer("487 Request Terminated", "INVITE"))
    call.down(sip.INCOMING_ACK)


#  server                  router             phone1            phone2
#    | INVITE, twice         |                  |                 |
#    |---------------------->|----------------->|---------------->|
#    |          183          |                  |                 |
#    |<----------------------|<-----------------|                 |
#    |<================== RTP =================>|                 |
#    |          486          |                  |                 |
#    |<----------------------|<-----------------|-----------------|
#    |<================== RTP =================>|                 |
@case("two phones inside ring: one refuses, the other goes on ringing and answers")
def inside(t, net):
    call, refused = _call_two(t, net)
    audio = _ring(call)
    refused.up(sip.remote_answer("486 Busy Here", "INVITE"))
    refused.down(sip.INCOMING_ACK)
    call.is_in("early")
    audio.both_ways()
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    audio.both_ways()
    call.hang_up_remote()
    call.closed(audio)


#    | INVITE, twice         |                  |                 |
#    |---------------------->|----------------->|---------------->|
#    |          183, 183     |                  |                 |
#    |<----------------------|<-----------------|<----------------|
#    |          CANCEL, 487  |                  |                 |
#    |---------------------->|----------------------------------->|
#    |<================== RTP =================>|
@case("two phones inside ring: one is cancelled, the other goes on ringing and answers")
def given_up(t, net):
    call, other = _call_two(t, net)
    streams = [_ring(each) for each in (call, other)]
    _give_up(other)
    call.is_in("early")
    other.closed(streams[1])
    streams[0].both_ways()
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    streams[0].both_ways()
    call.hang_up_remote()
    call.closed(streams[0])


#    |          200          |                  |                 |
#    |<----------------------|<-----------------|                 |
#    |          CANCEL, 487  |                  |                 |
#    |---------------------->|----------------------------------->|
#    |<================== RTP =================>|
@case("two phones inside ring: one answers, the ports of the other close")
def answered(t, net):
    call, other = _call_two(t, net)
    streams = [_ring(each) for each in (call, other)]
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    _give_up(other)
    other.closed(streams[1])
    call.is_in("confirmed")
    streams[0].both_ways()
    call.hang_up_remote()
    call.closed(streams[0])


#  More phones than a call can have bindings: each is found by its own flow.
PHONES = 16


@case("a call rings at sixteen phones: the one that answers is heard")
def many(t, net):
    server, calls = net.server.udp(5060), []
    for i in range(PHONES):
        address = f"192.168.1.{100 + i}"
        net.phone1.run("ip", "addr", "add", f"{address}/24", "dev", "eth0")
        line = Line(t, net, phone=Host("phone1", net.phone1.namespace, address), server=server)
        line.register()
        calls.append(line.dialog(rtp=4000 + 10 * i))
        calls[-1].gaps["call_id"] = calls[0].gaps["call_id"]
    for call in calls:
        call.down(sip.INCOMING)
        call.up(sip.INCOMING_RINGING)
    with t.counted(net, limit_call_bindings=0):
        calls[-1].up(sip.INCOMING_OK)
    calls[-1].down(sip.INCOMING_ACK)
    audio = calls[-1].audio()
    audio.both_ways()
    calls[-1].hang_up_remote()
    calls[-1].closed(audio)


if __name__ == "__main__":
    ksft.main()
