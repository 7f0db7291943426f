#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Several calls at once, and messages that are sent again."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line


#  phone1                  router                  server
#    | INVITE                |                       |
#    |---------------------->|---------------------->|
#    | INVITE, again         |                       |
#    |---------------------->|---------------------->| the same bytes
#    |           200         |                       |
#    |<----------------------|<----------------------|
#    |           200, again  |                       |
#    |<----------------------|<----------------------| the same bytes
@case("a retransmission is translated to the same bytes")
def retransmission(t, net):
    call = Line(t, net).dialog()
    with t.counted(net, calls=1, bindings=3, changed=4):
        first = call.up(sip.INVITE)
        again = call.up(sip.INVITE)
        t.same(again.data, first.data, "the second INVITE")
        t.same(call.down(sip.OK).data, call.down(sip.OK).data, "the second 200")
    call.up(sip.ACK)
    call.up(sip.ACK)
    call.audio().both_ways()


#    | INVITE                |                       |
#    |---------------------->|---------------------->|
#    |           200, 180, 183                       |
#    |<----------------------|<----------------------|
#    | INVITE, again; ACK    |                       |
#    |---------------------->|---------------------->|
@case("provisional responses and a retransmitted INVITE after the 200 change no state")
def out_of_order(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    for answer in (sip.OK, sip.RINGING, sip.PROGRESS):
        call.down(answer)
    call.up(sip.INVITE)
    call.down(sip.OK)
    call.up(sip.ACK)
    call.is_in("confirmed")
    audio = call.audio()
    audio.both_ways()
    call.up(sip.BYE)
    call.down(sip.OK)
    call.is_in("ending")
    call.down(sip.BYE_OK)
    call.down(sip.OK)
    call.over(audio)


@case("two calls on one signalling flow: the end of one does not affect the other")
def two_calls(t, net):
    line = Line(t, net)
    first = line.dialog()
    first.call()
    second = line.dialog(rtp=4010, far=6010)
    second.call()
    first_audio, second_audio = first.audio(), second.audio()
    first_audio.both_ways()
    second_audio.both_ways()
    first.hang_up()
    first.closed(first_audio)
    second_audio.both_ways()
    second.hang_up()
    second.closed(second_audio)


@case("a BYE of an unknown dialog does not affect a call")
def foreign_bye(t, net):
    line = Line(t, net)
    call = line.dialog()
    call.call()
    audio = call.audio()
    other = line.dialog()
    other.up(sip.BYE)
    other.down(sip.BYE_OK.replace("200 OK", "481 Call/Transaction Does Not Exist"))
    audio.both_ways()


@case("two phones offer the same media port: both are heard at the same time")
def same_media_port(t, net):
    line = Line(t, net)
    first = line.dialog()
    first.call()
    second = Line(t, net, phone=net.phone2, server=line.server).dialog(far=6010)
    second.call()
    t.true(first.outside.rtp != second.outside.rtp, "each has its outside port")
    first_audio, second_audio = first.audio(), second.audio()
    second_audio.both_ways()
    first_audio.both_ways()
    first_rtcp, second_rtcp = first.rtcp(), second.rtcp()
    second_rtcp.both_ways()
    first_rtcp.both_ways()


@case("a port that a program of the router listens on is not promised")
def port_of_the_router(t, net):
    net.router.udp(4000)
    call = Line(t, net).dialog()
    call.call()
    t.true(call.outside.rtp != 4000, "another port is promised")
    call.audio().both_ways()
    call.rtcp().both_ways()


#  The media host goes on sending after the BYE.
@case("a far end that goes on sending media after the BYE is cut off")
def stubborn_sender(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.hang_up()
    call.cut_off(audio)


if __name__ == "__main__":
    ksft.main()
