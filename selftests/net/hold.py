#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A call is put on hold (RFC 3264, 8.4) and resumed."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

# Neither side names its address.
NOWHERE = "c=IN IP4 0.0.0.0"
HELD = sip.OFFER.replace("c=IN IP4 {host}", NOWHERE)
HELD_REMOTE = sip.ANSWER.replace("c=IN IP4 198.51.100.20", NOWHERE)


def _directed(body, direction):
    return body.replace("a=sendrecv\n", "") + f"a={direction}\n"


#  phone1                  router                  server
#    | INVITE a=sendonly     |     the same port     |
#    |---------------------->|---------------------->|
#    |           200 a=recvonly                      |
#    |<----------------------|<----------------------|
#    |====================== music =================>|
#    | INVITE a=sendrecv     |     the same port     |
#    |---------------------->|---------------------->|
@case("the phone holds with a=sendonly and music, and resumes")
def sendonly(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.exchange(2, _directed(sip.OFFER, "sendonly"), _directed(sip.ANSWER, "recvonly"))
    audio.outward(5)
    call.exchange(3)
    audio.both_ways()
    call.hang_up()
    call.over(audio)


#    | INVITE a=inactive     |                       |
#    |<----------------------|<----------------------|
#    |           200 a=inactive    the same port     |
#    |---------------------->|---------------------->|
@case("the far end holds with a=inactive, and resumes")
def inactive(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    call.exchange_remote(7, _directed(sip.ANSWER, "inactive"), _directed(sip.OFFER, "inactive"))
    call.exchange_remote(8)
    audio.both_ways()


#    | INVITE c=0.0.0.0      |     the same          |
#    |---------------------->|---------------------->|
#    | INVITE c= phone       |     the same port     |
#    |---------------------->|---------------------->|
@case("the phone holds with c=0.0.0.0: its port is kept until it resumes")
def nowhere(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.exchange(2, HELD)
    call.exchange(3)
    audio.both_ways()


#    | INVITE c=0.0.0.0      |     the same          |
#    |<----------------------|<----------------------|
@case("the far end holds with c=0.0.0.0, and resumes")
def nowhere_remote(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    call.exchange_remote(7, HELD_REMOTE, _directed(sip.OFFER, "recvonly"))
    call.exchange_remote(8)
    audio.both_ways()
    call.hang_up_remote()
    call.over(audio)


if __name__ == "__main__":
    ksft.main()
