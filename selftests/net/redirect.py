#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A call is redirected (RFC 3261, 8.1.3.4)."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

MOVED = sip.without_body(sip.OK).replace("200 OK", "302 Moved Temporarily").replace(
    "sip:bob@203.0.113.10:5060", "sip:bob@198.51.100.20:5060")


#  phone1                  router                  server         media
#    | INVITE                |                       |              |
#    |---------------------->|---------------------->|              |
#    |           302 Contact: media host             |              |
#    |<----------------------|<----------------------|              |
#    | INVITE, the same Call-ID                      |              |
#    |---------------------->|------------------------------------->|
#    |           200         |                       |              |
#    |<----------------------|<-------------------------------------|
@case("the phone follows a 302 to another server")
def followed(t, net):
    line = Line(t, net)
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(MOVED)
    call.up(sip.ACK)
    call.line = line.towards(net.media.udp(5060))
    call.up(sip.INVITE, cseq=2)
    call.down(sip.OK, cseq=2)
    call.up(sip.ACK, cseq=2)
    audio = call.audio()
    audio.both_ways()
    call.is_in("confirmed")
    call.hang_up()
    call.over(audio)


if __name__ == "__main__":
    ksft.main()
