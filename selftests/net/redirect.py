#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A call is redirected (RFC 3261, 8.1.3.4)."""

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import FLOWS_END, Line
from lib.topology import OUTSIDE

MOVED = sip.without_body(sip.OK).replace("200 OK", "302 Moved Temporarily").replace(
    "sip:bob@203.0.113.10:5060", "sip:bob@198.51.100.20:5060")


def _follow(net, line):
    """Have the phone call, and follow a 302."""
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(MOVED)
    call.up(sip.ACK)
    call.line = line.towards(net.media.udp(5060))
    call.up(sip.INVITE, cseq=2)
    call.down(sip.OK, cseq=2)
    call.up(sip.ACK, cseq=2)
    return call


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
    call = _follow(net, Line(t, net))
    audio = call.audio()
    audio.both_ways()
    call.is_in("confirmed")
    call.hang_up()
    call.over(audio)


@case("a redirect target may use the registered phone's port during that call only")
def grants_nothing(t, net):
    def is_heard():
        net.media.udp(0).send(b"OPTIONS", (OUTSIDE, line.outside_port))
        line.send_down(b"\r\n\r\n", "a keep-alive")
        return bool(line.phone.waiting())

    line = Line(t, net)
    line.register()
    call = _follow(net, line)
    call.hang_up()
    wait_until(lambda: not t.alg.calls(net), "the call ends", FLOWS_END)
    t.true(not is_heard(), "closed after the call")


if __name__ == "__main__":
    ksft.main()
