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
TWO_FAR = sip.ANSWER + "m=video 6002 RTP/AVP 96\n"
EARLY = "Content-Disposition: early-session"


def _mixed(text):
    return text.replace("application/sdp", "multipart/mixed;boundary=b")


def _both(session, early):
    """Return the body with a description of the session, and one of the early session."""
    return (f"\n--b\nContent-Type: application/sdp\n{session}"
            f"--b\nContent-Type: application/sdp\n{EARLY}\n{early}--b--\n")


def _progress(t, net, offer=sip.OFFER, answer=sip.ANSWER):
    """Return a call whose offer has been answered in a reliable 183."""
    call = Line(t, net).dialog()
    call.up(sip.INVITE, body=offer)
    call.down(PROGRESS, body=answer)
    call.up(PRACK, cseq=2)
    call.down(PRACK_OK, cseq=2)
    return call


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
    call = _progress(t, net)
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


#    | INVITE audio, video   |                       |
#    |---------------------->|---------------------->|
#    |           183 audio, m=video 0, PRACK, 200    |
#    |<--------------------->|<--------------------->|
#    |           UPDATE audio, video                 |
#    |<----------------------|<----------------------|
#    | 200 (UPDATE) audio, video                     |
#    |---------------------->|---------------------->|
#    |           200 (INVITE) audio, m=video 0       |
#    |<----------------------|<----------------------| the video goes on
@case("the 200 of an INVITE repeats an answer that an UPDATE has overtaken: it changes nothing")
def repeated_answer(t, net):
    call = _progress(t, net, TWO, ONE_OF_TWO)
    call.down(sip.remote_request("UPDATE", sdp=True), body=TWO_FAR)
    call.up(sip.remote_answer("200 OK", "UPDATE", sdp=True), body=TWO)
    audio = call.audio()
    video = call.stream(4002, 4002, 6002)
    audio.both_ways()
    video.both_ways()
    call.down(sip.OK, body=ONE_OF_TWO)
    call.up(sip.ACK)
    audio.both_ways()
    video.both_ways()
    call.hang_up()
    call.over(audio)


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
    call = _progress(t, net)
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


#    | INVITE m=4000, 183, PRACK, 200                |
#    |<--------------------->|<--------------------->|
#    | UPDATE m=4000         |                       |
#    |---------------------->|---------------------->|
#    |           504         |                       |
#    |<----------------------|<----------------------| 4000 stays open
@case("a refused UPDATE of a ringing call that names the port of the INVITE leaves it open")
def update_repeats(t, net):
    call = _progress(t, net)
    audio = call.audio()
    audio.both_ways()
    call.up(sip.request("UPDATE", sdp=True), cseq=3)
    call.down(sip.answer("504 Server Time-out", "UPDATE"), cseq=3)
    audio.both_ways()
    audio.other(net.media.udp(6200)).inward()
    call.down(OK_WITHOUT)
    call.up(sip.ACK)
    audio.both_ways()
    call.hang_up()
    call.over(audio)


#    | INVITE m=4000         |                       |
#    |---------------------->|---------------------->|
#    |           183 answer, early m=6100            |
#    |<----------------------|<----------------------|
#    | PRACK early m=4010    |                       |
#    |---------------------->|---------------------->|
#    |           200 (PRACK), 200 (INVITE)           |
#    |<----------------------|<----------------------| 4010 is closed, 4000 goes on
@case("the far end offers an early session beside its answer (RFC 3959)")
def early_session(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(_mixed(PROGRESS), body=_both(sip.ANSWER, sip.ANSWER.replace("{far}", "6100")))
    call.up(sip.request("PRACK", "RAck: 1 1 INVITE", EARLY, sdp=True), cseq=2,
            body=sip.OFFER.replace("{rtp}", "4010"))
    call.down(PRACK_OK, cseq=2)
    early = call.stream(4010, 4010, 6100)
    early.both_ways()
    audio = call.audio()
    audio.both_ways()
    call.down(OK_WITHOUT)
    call.up(sip.ACK)
    call.closed(early)
    audio.both_ways()
    audio.other(net.media.udp(6200)).inward()
    call.hang_up()
    call.over(audio)


#    | INVITE                |                       |
#    |<----------------------|<----------------------|
#    |           183 answer m=4000, early m=4010     |
#    |---------------------->|---------------------->|
#    | PRACK early m=6100    |                       |
#    |<----------------------|<----------------------|
@case("the phone offers an early session beside its answer: both are translated")
def early_session_of_phone(t, net):
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.down(sip.INCOMING)
    call.up(_mixed(sip.remote_answer("183 Session Progress", "INVITE", *RELIABLE, sdp=True)),
            body=_both(sip.OFFER, sip.OFFER.replace("{rtp}", "4010")))
    call.down(sip.remote_request("PRACK", "RAck: 1 1 INVITE", EARLY, sdp=True), cseq=2,
              body=sip.ANSWER.replace("{far}", "6100"))
    call.up(sip.remote_answer("200 OK", "PRACK"), cseq=2)
    early = call.stream(4010, 4010, 6100)
    early.both_ways()
    audio = call.audio()
    audio.both_ways()
    call.up(sip.without_body(sip.INCOMING_OK))
    call.down(sip.INCOMING_ACK)
    audio.both_ways()
    call.hang_up_remote()
    call.closed(audio, early)


if __name__ == "__main__":
    ksft.main()
