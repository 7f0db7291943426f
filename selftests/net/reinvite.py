#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A call that is renegotiated while it is up (RFC 3261, 14)."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

HOLD = sip.OFFER.replace("c=IN IP4 {host}", "c=IN IP4 0.0.0.0")
NOT_ACCEPTABLE = sip.RINGING.replace("180 Ringing", "488 Not Acceptable Here")


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
@case("refused, the call goes on as it was")
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


#    | INVITE c=0.0.0.0      |                       |
#    |---------------------->|---------------------->|
#    |           200         |                       |
#    |<----------------------|<----------------------|
#    | INVITE c= phone       |     the same port     |
#    |---------------------->|---------------------->|
@case("on hold by c=0.0.0.0 the port is kept for the time after")
def hold(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.up(sip.INVITE, body=HOLD, cseq=2)
    call.down(sip.OK, cseq=2)
    call.up(sip.ACK, cseq=2)
    call.up(sip.INVITE, cseq=3)
    call.down(sip.OK, cseq=3)
    call.up(sip.ACK, cseq=3)
    audio.both_ways()


if __name__ == "__main__":
    ksft.main()
