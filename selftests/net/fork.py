#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""One INVITE reaches several phones (RFC 3261, 16.7): legs that come and go."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

PROGRESS = sip.answer("183 Session Progress", "INVITE", sdp=True)
OK = sip.answer("200 OK", "INVITE", sdp=True)


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
@case("two answer outside, each is heard, and the end of one leaves the other")
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


#  server                  router             phone1            phone2
#    | INVITE, twice         |                  |                 |
#    |---------------------->|----------------->|---------------->|
#    |          183          |                  |                 |
#    |<----------------------|<-----------------|                 |
#    |<================== RTP =================>|                 |
#    |          486          |                  |                 |
#    |<----------------------|<-----------------|-----------------|
#    |<================== RTP =================>|                 |
@case("two phones inside are called, one refuses, the other goes on ringing and answers")
def inside(t, net):
    first = Line(t, net)
    first.register()
    second = Line(t, net, phone=net.phone2, server=first.server, port=5062)
    second.register()
    call, refused = first.dialog(), second.dialog(rtp=4010)
    refused.gaps["call_id"] = call.gaps["call_id"]
    call.down(sip.INCOMING)
    refused.down(sip.INCOMING)
    call.up(sip.remote_answer("183 Session Progress", "INVITE", sdp=True))
    audio = call.audio()
    audio.both_ways()
    refused.up(sip.remote_answer("486 Busy Here", "INVITE"))
    refused.down(sip.INCOMING_ACK)
    call.is_in("early")
    audio.both_ways()
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    audio.both_ways()
    call.hang_up_remote()
    call.closed(audio)


if __name__ == "__main__":
    ksft.main()
