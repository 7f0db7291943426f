#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Offers and answers in INVITE, 183, 200, PRACK, ACK and UPDATE (RFC 6337)."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

RELIABLE = ("Require: 100rel", "RSeq: 1")
PROGRESS = sip.answer("183 Session Progress", "INVITE", *RELIABLE, sdp=True)
PRACK = sip.request("PRACK", "RAck: 1 1 INVITE")
PRACK_OK = sip.answer("200 OK", "PRACK")
OK_WITHOUT = sip.without_body(sip.OK)
TWO = sip.OFFER + "m=video 4002 RTP/AVP 96\n"
ONE_OF_TWO = sip.ANSWER + "m=video 0 RTP/AVP 96\n"


#  phone1                  router                  server
#    | INVITE                |                       |
#    |---------------------->|---------------------->|
#    |           200 offer   |                       |
#    |<----------------------|<----------------------|
#    | ACK answer            |                       |
#    |---------------------->|---------------------->|
@case("the far end offers in its 200, the phone answers in its ACK")
def late_answer(t, net):
    call = Line(t, net).dialog()
    call.up(sip.without_body(sip.INVITE))
    call.down(sip.OK)
    call.up(sip.request("ACK", sdp=True))
    audio = call.audio()
    audio.both_ways()
    call.hang_up()
    call.over(audio)


#    | INVITE                |                       |
#    |<----------------------|<----------------------|
#    |           200 offer   |                       |
#    |---------------------->|---------------------->|
#    | ACK answer            |                       |
#    |<----------------------|<----------------------|
@case("the phone offers in its 200, the far end answers in its ACK")
def late_offer(t, net):
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.down(sip.without_body(sip.INCOMING))
    call.up(sip.INCOMING_OK)
    call.down(sip.remote_request("ACK", sdp=True))
    audio = call.audio()
    audio.both_ways()
    call.hang_up_remote()
    call.closed(audio)


#    | INVITE offer          |                       |
#    |---------------------->|---------------------->|
#    |           183 answer  |                       |
#    |<----------------------|<----------------------|
#    | PRACK                 |                       |
#    |---------------------->|---------------------->|
#    |           200 (PRACK), 200 (INVITE)           |
#    |<----------------------|<----------------------|
@case("the far end answers in a reliable 183")
def reliable(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(PROGRESS)
    call.up(PRACK, cseq=2)
    call.down(PRACK_OK, cseq=2)
    audio = call.audio()
    audio.both_ways()
    call.down(OK_WITHOUT)
    call.up(sip.ACK)
    audio.both_ways()
    call.hang_up()
    call.over(audio)


#    | INVITE                |                       |
#    |---------------------->|---------------------->|
#    |           183 offer   |                       |
#    |<----------------------|<----------------------|
#    | PRACK answer          |                       |
#    |---------------------->|---------------------->|
@case("the far end offers in a reliable 183, the phone answers in the PRACK")
def answer_in_prack(t, net):
    call = Line(t, net).dialog()
    call.up(sip.without_body(sip.INVITE))
    call.down(PROGRESS)
    call.up(sip.request("PRACK", "RAck: 1 1 INVITE", sdp=True), cseq=2)
    call.down(PRACK_OK, cseq=2)
    audio = call.audio()
    audio.both_ways()
    call.down(OK_WITHOUT)
    call.up(sip.ACK)
    audio.both_ways()


#    | INVITE                |                       |
#    |<----------------------|<----------------------|
#    |           183 audio, video                    |
#    |---------------------->|---------------------->|
#    | PRACK audio, m=video 0|                       |
#    |<----------------------|<----------------------|
#    |           200 (PRACK) |                       |
#    |---------------------->|---------------------->| the ports of the video are closed
@case("the phone offers in a reliable 183, the far end refuses a stream in its PRACK")
def refusal_in_prack(t, net):
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.down(sip.without_body(sip.INCOMING))
    call.up(sip.remote_answer("183 Session Progress", "INVITE", *RELIABLE, sdp=True), body=TWO)
    video = call.stream(4002, 4002, 6002)
    video.both_ways()
    call.down(sip.remote_request("PRACK", "RAck: 1 1 INVITE", sdp=True), body=ONE_OF_TWO, cseq=2)
    call.up(sip.remote_answer("200 OK", "PRACK"), cseq=2)
    call.closed(video)
    audio = call.audio()
    audio.both_ways()
    call.up(sip.without_body(sip.INCOMING_OK))
    call.down(sip.INCOMING_ACK)
    audio.both_ways()
    call.hang_up_remote()
    call.closed(audio)


#    | INVITE m=4000, 183, PRACK, 200                |
#    |<--------------------->|<--------------------->|
#    | UPDATE m=4200         |                       |
#    |---------------------->|---------------------->|
#    |           200         |                       |
#    |<----------------------|<----------------------| 4000 is closed
#    | UPDATE m=4400         |                       |
#    |---------------------->|---------------------->|
#    |           491         |                       |
#    |<----------------------|<----------------------| 4400 is closed
#    |           200 (INVITE)                        |
#    |<----------------------|<----------------------| 4200 goes on
@case("an accepted UPDATE moves the media of a ringing call, a refused UPDATE does not")
def update(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(PROGRESS)
    call.up(PRACK, cseq=2)
    call.down(PRACK_OK, cseq=2)
    old = call.audio()
    old.both_ways()
    call.move(rtp=4200, far=6200)
    call.up(sip.request("UPDATE", sdp=True), cseq=3)
    call.down(sip.answer("200 OK", "UPDATE", sdp=True), cseq=3)
    audio = call.audio()
    audio.both_ways()
    call.closed(old)
    call.move(rtp=4400, far=6400)
    call.up(sip.request("UPDATE", sdp=True), cseq=4)
    call.down(sip.answer("491 Request Pending", "UPDATE"), cseq=4)
    call.closed(call.audio())
    call.down(OK_WITHOUT)
    call.up(sip.ACK)
    audio.both_ways()
    call.hang_up()
    call.over(audio)


if __name__ == "__main__":
    ksft.main()
