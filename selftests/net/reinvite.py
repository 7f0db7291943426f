#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A re-INVITE changes a call that is up (RFC 3261, 14)."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

RELIABLE = ("Require: 100rel", "RSeq: 1")
PROGRESS = sip.answer("183 Session Progress", "INVITE", *RELIABLE, sdp=True)
PENDING = sip.RINGING.replace("180 Ringing", "491 Request Pending")

# Seconds for media in transit: a slow machine must be able to send some.
LINGER = 8


def _let_drain(line):
    """Return once a port that was closed just now has had time to close: another one has."""
    other = line.dialog(rtp=4800, far=6800)
    other.call()
    audio = other.audio()
    other.hang_up()
    other.closed(audio)


def _linger(t, net):
    """Keep a port open for that long after the media has moved away."""
    if t.alg.name == "sipalg":
        t.alg.tool(net, "set", "timeout-ending", str(LINGER))


#  phone1                  router                  server       media
#    | INVITE m=4000, 200, ACK                       |            |
#    |<--------------------->|<--------------------->|            |
#    | INVITE m=4200         |                       |            |
#    |---------------------->|---------------------->|            |
#    |           200         |                       |            |
#    |<----------------------|<----------------------|            |
#    |<=================== RTP to 4000, on its way ===============|
#    | ACK                   |                       |            |
#    |---------------------->|---------------------->|            | 4000 is closed in seconds
@case("accepted: the media moves, and the old port closes after media in transit has arrived")
def moved(t, net):
    _linger(t, net)
    call = Line(t, net).dialog()
    call.call()
    old = call.audio()
    old.both_ways()
    call.move(rtp=4200, far=6200)
    call.up(sip.INVITE, cseq=2)
    call.down(sip.OK, cseq=2)
    old.inward()
    call.up(sip.ACK, cseq=2)
    old.inward()
    audio = call.audio()
    audio.both_ways()
    call.closed(old)
    audio.both_ways()


#    | INVITE m=4200, 200, ACK                       |
#    |<--------------------->|<--------------------->|
#    | INVITE m=4000, 200, ACK                       |
#    |<--------------------->|<--------------------->| 4200 is closed, 4000 stays
@case("the media moves and moves back at once: the port works as before")
def moved_back(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.move(rtp=4200, far=6200)
    call.exchange(2)
    between = call.audio()
    between.both_ways()
    call.move(rtp=4000, far=6000)
    call.exchange(3)
    call.closed(between)
    audio.both_ways()
    call.hang_up()
    call.over(audio)


#    | INVITE m=4200, 200, ACK                       |
#    |<--------------------->|<--------------------->|
#    | INVITE m=4000         |                       |
#    |---------------------->|---------------------->|
#    |           488         |                       |
#    |<----------------------|<----------------------| 4000 is closed
@case("the media moves, and moving back is refused: the old port closes")
def not_back(t, net):
    call = Line(t, net).dialog()
    call.call()
    old = call.audio()
    old.both_ways()
    call.move(rtp=4200, far=6200)
    call.exchange(2)
    audio = call.audio()
    audio.both_ways()
    call.move(rtp=4000, far=6000)
    call.up(sip.INVITE, cseq=3)
    call.down(sip.NOT_ACCEPTABLE, cseq=3)
    call.up(sip.ACK, cseq=3)
    call.closed(old)
    audio.both_ways()


#    | INVITE m=4200         |                       |
#    |---------------------->|---------------------->|
#    |           488         |                       |
#    |<----------------------|<----------------------|
@case("refused: the call goes on as before, and the new port closes")
def refused(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.move(rtp=4200, far=6200)
    call.up(sip.INVITE, cseq=2)
    call.down(sip.NOT_ACCEPTABLE, cseq=2)
    call.up(sip.ACK, cseq=2)
    audio.both_ways()
    call.closed(call.audio())
    audio.both_ways()


def _offer_within(call, method, *lines):
    """Offer 4200 in a re-INVITE, which is answered, then 4400 in a request within it."""
    call.move(rtp=4200, far=6200)
    call.up(sip.INVITE, cseq=2)
    call.down(PROGRESS, cseq=2)
    first = call.audio()
    call.move(rtp=4400, far=6400)
    call.up(sip.request(method, *lines, sdp=True), cseq=3)
    call.down(sip.answer("200 OK", method, sdp=True), cseq=3)
    second = call.audio()
    second.both_ways()
    return first, second


#    | INVITE m=4200         |                       |
#    |---------------------->|---------------------->|
#    |           183 answer  |                       |
#    |<----------------------|<----------------------|
#    | PRACK m=4400, 200     |                       |
#    |<--------------------->|<--------------------->|
#    |           488         |                       |
#    |<----------------------|<----------------------| 4200 and 4400 are closed, 4000 goes on
@case("refused after an offer in a PRACK was accepted: the call goes on as before (RFC 6141)")
def refused_after_prack(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    first, second = _offer_within(call, "PRACK", "RAck: 1 2 INVITE")
    audio.both_ways()
    call.down(sip.NOT_ACCEPTABLE, cseq=2)
    call.up(sip.ACK, cseq=2)
    call.closed(first, second)
    audio.both_ways()
    call.hang_up()
    call.over(audio)


#    the same with UPDATE m=4400, and 200                 4000 and 4200 are closed, 4400 goes on
@case("accepted after an offer in an UPDATE was: the media of the UPDATE goes on")
def accepted_after_update(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    first, second = _offer_within(call, "UPDATE")
    audio.both_ways()
    call.down(sip.without_body(sip.OK), cseq=2)
    call.up(sip.ACK, cseq=2)
    call.closed(audio, first)
    second.both_ways()
    call.hang_up()
    call.over(second)


#    |           INVITE      |                       |
#    |<----------------------|<----------------------|
#    | 183 m=4200, PRACK, 200|                       |
#    |<--------------------->|<--------------------->|
#    |           UPDATE      |                       |
#    |<----------------------|<----------------------|
#    | 200 m=4400, 488       |                       |
#    |---------------------->|---------------------->| 4200 and 4400 are closed, 4000 goes on
@case("the phone refuses one of the far end after an UPDATE within: the call goes on as before")
def refuses_after_update(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.down(sip.remote_request("INVITE", sdp=True), cseq=2)
    call.move(rtp=4200, far=6200)
    call.up(sip.remote_answer("183 Session Progress", "INVITE", *RELIABLE, sdp=True), cseq=2)
    first = call.audio()
    call.down(sip.remote_request("PRACK", "RAck: 1 2 INVITE"), cseq=3)
    call.up(sip.remote_answer("200 OK", "PRACK"), cseq=3)
    call.down(sip.remote_request("UPDATE", sdp=True), cseq=4)
    call.move(rtp=4400, far=6400)
    call.up(sip.remote_answer("200 OK", "UPDATE", sdp=True), cseq=4)
    second = call.audio()
    call.up(sip.remote_answer("488 Not Acceptable Here", "INVITE"), cseq=2)
    call.down(sip.remote_request("ACK"), cseq=2)
    call.closed(first, second)
    audio.both_ways()
    call.hang_up()
    call.over(audio)


def _cross(call):
    """Both ends send an INVITE at once; the phone refuses that of the far end."""
    call.move(rtp=4200, far=6200)
    call.up(sip.INVITE, cseq=2)
    call.down(sip.remote_request("INVITE", sdp=True), cseq=2)
    call.up(sip.remote_answer("491 Request Pending", "INVITE"), cseq=2)
    call.down(sip.remote_request("ACK"), cseq=2)


#    | INVITE m=4200         |                       |
#    |---------------------->|---------------------->|
#    |           491         |     INVITE, 491       |
#    |<----------------------|<--------------------->|
#    | INVITE m=4200         |                       |
#    |---------------------->|---------------------->|
@case("both sides at once: both get 491, and one tries again")
def glare(t, net):
    call = Line(t, net).dialog()
    call.call()
    old = call.audio()
    old.both_ways()
    _cross(call)
    call.down(PENDING, cseq=2)
    call.up(sip.ACK, cseq=2)
    old.both_ways()
    call.exchange(3)
    audio = call.audio()
    audio.both_ways()
    call.closed(old)
    call.hang_up()
    call.over(audio)


#    | INVITE m=4200         |                       |
#    |---------------------->|---------------------->|
#    |           491         |     INVITE, 491       |
#    |<----------------------|<--------------------->| 4200 is closed
@case("both sides at once: both get 491, and the new port closes")
def glare_refused(t, net):
    call = Line(t, net).dialog()
    call.call()
    old = call.audio()
    old.both_ways()
    _cross(call)
    audio = call.audio()
    call.down(PENDING, cseq=2)
    call.up(sip.ACK_REFUSED, cseq=2)
    call.closed(audio)
    old.both_ways()


#    | INVITE m=4200         |                       |
#    |---------------------->|---------------------->|
#    |           200         |     INVITE, 491       |
#    |<----------------------|<--------------------->| 4000 is closed
@case("both sides at once: the phone's INVITE is accepted, and the old port closes")
def glare_accepted(t, net):
    call = Line(t, net).dialog()
    call.call()
    old = call.audio()
    old.both_ways()
    _cross(call)
    call.down(sip.OK, cseq=2)
    call.up(sip.ACK, cseq=2)
    audio = call.audio()
    audio.both_ways()
    call.closed(old)
    audio.both_ways()


#    | INVITE m=4200         |                       |
#    |---------------------->|---------------------->|
#                                                      no answer
@case("never answered: the call goes on as before")
def unanswered(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.move(rtp=4200, far=6200)
    for _ in range(3):
        call.up(sip.INVITE, cseq=2)
    call.is_in("confirmed")
    audio.both_ways()
    call.hang_up()
    call.over(audio, call.audio())


#    | INVITE                |                       |
#    |<----------------------|<----------------------|
#    |           200 m=4200  |                       |
#    |---------------------->|---------------------->|
#    |<=================== RTP to 4000 ======================>|
#    | ACK                   |                       |
#    |<----------------------|<----------------------| 4000 is closed
@case("offer in the 200: the media moves with the ACK, and the old port closes")
def late_offer(t, net):
    line = Line(t, net)
    call = line.dialog()
    call.call()
    old = call.audio()
    old.both_ways()
    call.move(rtp=4200, far=6200)
    call.down(sip.remote_request("INVITE"), cseq=7)
    call.up(sip.remote_answer("200 OK", "INVITE", sdp=True), cseq=7)
    _let_drain(line)
    old.both_ways()
    call.down(sip.remote_request("ACK", sdp=True), cseq=7)
    audio = call.audio()
    audio.both_ways()
    call.closed(old)


#    | INVITE                |                       |
#    |---------------------->|---------------------->|
#    |           200 offer   |                       |
#    |<----------------------|<----------------------|
#    | ACK m=4200            |                       |
#    |---------------------->|---------------------->| 4000 is closed
@case("answer in the ACK: the media moves, and the old port closes")
def late_answer(t, net):
    call = Line(t, net).dialog()
    call.call()
    old = call.audio()
    old.both_ways()
    call.move(rtp=4200, far=6200)
    call.up(sip.without_body(sip.INVITE), cseq=2)
    call.down(sip.OK, cseq=2)
    call.up(sip.request("ACK", sdp=True), cseq=2)
    audio = call.audio()
    audio.both_ways()
    call.closed(old)


if __name__ == "__main__":
    ksft.main()
