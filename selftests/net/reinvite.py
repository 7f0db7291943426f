#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A call that is renegotiated while it is up (RFC 3261, 14)."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

NOT_ACCEPTABLE = sip.RINGING.replace("180 Ringing", "488 Not Acceptable Here")
PENDING = sip.RINGING.replace("180 Ringing", "491 Request Pending")


#  phone1                  router                  server
#    | INVITE m=4000, 200, ACK                       |
#    |<--------------------->|<--------------------->|
#    | INVITE m=4200         |                       |
#    |---------------------->|---------------------->|
#    |           200         |                       |
#    |<----------------------|<----------------------| 4000 is closed
@case("accepted, the media moves and the old port closes")
def moved(t, net):
    call = Line(t, net).dialog()
    call.call()
    old = call.audio()
    old.both_ways()
    call.move(rtp=4200, far=6200)
    call.up(sip.INVITE, cseq=2)
    call.down(sip.OK, cseq=2)
    call.up(sip.ACK, cseq=2)
    audio = call.audio()
    audio.both_ways()
    call.closed(old)
    audio.both_ways()


#    | INVITE m=4200         |                       |
#    |---------------------->|---------------------->|
#    |           488         |                       |
#    |<----------------------|<----------------------|
@case("refused, the call goes on as it was, and the new port closes")
def refused(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.move(rtp=4200, far=6200)
    call.up(sip.INVITE, cseq=2)
    call.down(NOT_ACCEPTABLE, cseq=2)
    call.up(sip.ACK, cseq=2)
    audio.both_ways()
    call.closed(call.audio())
    audio.both_ways()


#    | INVITE m=4200         |                       |
#    |---------------------->|---------------------->|
#    |           491         |     INVITE, 491       |
#    |<----------------------|<--------------------->|
#    | INVITE m=4200         |                       |
#    |---------------------->|---------------------->|
@case("both sides at once, both are refused, and one tries again")
def glare(t, net):
    call = Line(t, net).dialog()
    call.call()
    old = call.audio()
    old.both_ways()
    call.move(rtp=4200, far=6200)
    call.up(sip.INVITE, cseq=2)
    call.down(sip.remote_request("INVITE", sdp=True), cseq=2)
    call.up(sip.remote_answer("491 Request Pending", "INVITE"), cseq=2)
    call.down(sip.remote_request("ACK"), cseq=2)
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
#                                                      no answer
@case("never answered, the call goes on as it was")
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
#    | ACK                   |                       |
#    |<----------------------|<----------------------| 4000 is closed
@case("with the offer in the 200, the media moves and the old port closes")
def late_offer(t, net):
    call = Line(t, net).dialog()
    call.call()
    old = call.audio()
    old.both_ways()
    call.move(rtp=4200, far=6200)
    call.down(sip.remote_request("INVITE"), cseq=7)
    call.up(sip.remote_answer("200 OK", "INVITE", sdp=True), cseq=7)
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
@case("with the answer in the ACK, the media moves and the old port closes")
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
