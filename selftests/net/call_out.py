#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A phone behind the NAT calls out."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

RTCP_ELSEWHERE = sip.OFFER + "a=rtcp:{rtcp}\n"
RTCP_ELSEWHERE_ADDRESS = sip.OFFER + "a=rtcp:{rtcp} IN IP4 {host}\n"
RTCP_MUX = sip.OFFER + "a=rtcp:{rtp}\na=rtcp-mux\n"


#  phone1                  router                  server        media
#    | INVITE c=, m= inside  |   c=, m= outside      |             |
#    |---------------------->|---------------------->|             |
#    |           180         |                       |             |
#    |<----------------------|<----------------------|             |
#    |           200 c= media host                   |             |
#    |<----------------------|<----------------------|             |
#    | ACK                   |                       |             |
#    |---------------------->|---------------------->|             |
#    |<===================== RTP ================================->|
#    | BYE                   |                       |             |
#    |---------------------->|---------------------->|             |
#    |           200         |                       |             |
#    |<----------------------|<----------------------|             |
#  Three bindings: one each for the Contact, RTP and RTCP.
@case("a phone calls out, is heard both ways, and hangs up")
def whole_call(t, net):
    line = Line(t, net)
    with t.counted(net, messages=4, changed=4, calls=1, bindings=3):
        call = line.dialog()
        call.up(sip.INVITE)
        call.down(sip.RINGING)
        call.down(sip.OK)
        call.up(sip.ACK)
    audio = call.audio()
    audio.both_ways()
    call.hang_up()
    call.closed(audio)
    t.equal(t.alg.bindings(net), [], "bindings after the call")


#    | INVITE                |                       |             |
#    |---------------------->|---------------------->|             |
#    |           183 c= media host                   |             |
#    |<----------------------|<----------------------|             |
#    |<===================== RTP ==================================| ringing tone
@case("early media: the far end is heard before the phone has sent any media")
def outside_first(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(sip.PROGRESS)
    audio = call.audio()
    audio.inward(10)
    call.down(sip.OK)
    call.up(sip.ACK)
    audio.outward(10)


@case("the phone sends media first: it leaves from the port that the SDP promised")
def inside_first(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.outward(10)
    audio.inward(10)


@case("RTCP goes both ways on the next port")
def rtcp_next_port(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio, rtcp = call.audio(), call.rtcp()
    rtcp.both_ways()
    audio.both_ways()
    call.hang_up()
    call.closed(audio, rtcp)


def _rtcp_elsewhere(t, net, offer):
    call = Line(t, net).dialog(rtcp=4100)
    call.up(sip.INVITE, body=offer)
    call.down(sip.OK)
    call.up(sip.ACK)
    audio, rtcp = call.audio(), call.rtcp()
    rtcp.both_ways()
    audio.both_ways()
    call.hang_up()
    call.closed(audio, rtcp)


@case("a=rtcp: RTCP goes both ways on a port elsewhere")
def rtcp_elsewhere(t, net):
    _rtcp_elsewhere(t, net, RTCP_ELSEWHERE)


@case("a=rtcp with an address: RTCP goes both ways there")
def rtcp_elsewhere_with_address(t, net):
    _rtcp_elsewhere(t, net, RTCP_ELSEWHERE_ADDRESS)


@case("a=rtcp-mux: one port for RTP and RTCP")
def rtcp_mux(t, net):
    call = Line(t, net).dialog(rtcp=4000)
    call.up(sip.INVITE, body=RTCP_MUX)
    call.down(sip.OK)
    call.up(sip.ACK)
    call.audio().both_ways()


#    |           BYE         |                       |
#    |<----------------------|<----------------------|
#    | 200                   |                       |
#    |---------------------->|---------------------->|
@case("the far end hangs up: the ports close")
def remote_bye(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.hang_up_remote()
    call.closed(audio)


if __name__ == "__main__":
    ksft.main()
