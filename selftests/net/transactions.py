#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A message changes the state of its own transaction alone.

A response belongs to a transaction (RFC 3261, 17.1.3), and a CANCEL to its INVITE (9.1).
The Call-ID is no secret, and no authority.

  phone1                  router                  server     media
    | INVITE, 407, INVITE   |                       |          |
    |<--------------------->|<--------------------->|          |
    |            407 of the first INVITE, again     |          |
    |<----------------------|<----------------------|          |
  phone2                    |                       |          |
    | CANCEL, BYE with phone1's Call-ID             |          |
    |---------------------->|---------------------->|          |
    |            486, 200 with phone1's Call-ID     |          |
    |<----------------------|<---------------------------------|
"""

import functools

from lib import ksft, sip
from lib.attack import reaching
from lib.endpoint import wait_until
from lib.ladder import FLOWS_END, Line
from lib.parties import OtherServer, answered, forge_up, second_line
from lib.topology import OUTSIDE, SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)

RETRIED = ("401 Unauthorized", "407 Proxy Authentication Required", "302 Moved Temporarily",
           "422 Session Interval Too Small", "503 Service Unavailable")
CONTACT = "Contact: <sip:alice@{host}:{port}>;expires=600\n"


def _quick(t, net):
    """Have an unanswered request, and a call that was cancelled, forgotten in seconds."""
    t.alg.tool(net, "set", "timeout-transaction", "4")


# --- responses and CANCELs of an earlier transaction ---------------------------

#  phone1                  router                  server
#    | INVITE 1              |                       |
#    |---------------------->|---------------------->|
#    |           401         |                       |
#    |<----------------------|<----------------------|
#    | ACK (lost), INVITE 2  |                       |
#    |-----------> X  ------>|---------------------->|
#    |           401, 180    |                       |
#    |<----------------------|<----------------------|
#    |           200         |                       |
#    |<----------------------|<----------------------|
@case("the final response to an INVITE comes again after the next INVITE: that one still rings")
def late_refusal(t, net):
    _quick(t, net)
    line = Line(t, net)
    calls = []
    for number, status in enumerate(RETRIED):
        call = line.dialog(rtp=4000 + 10 * number, far=6000 + 10 * number)
        call.up(sip.INVITE)
        call.down(sip.final(status))
        first = call.retry()
        call.down(sip.final(status), **first)
        call.down(sip.RINGING)
        calls.append(call)
    line.outlive()
    for call in calls:
        answered(call)


@case("the same with two phones on one RTP port, and the far end speaks first")
def late_refusal_two_phones(t, net):
    _quick(t, net)
    line = Line(t, net)
    first = line.dialog()
    first.call()
    audio = first.audio()
    audio.both_ways()
    second = second_line(t, net, line)
    call = second.dialog(far=6010)
    call.up(sip.INVITE)
    call.down(sip.final(RETRIED[1]))
    before = call.retry()
    call.down(sip.final(RETRIED[1]), **before)
    call.down(sip.RINGING)
    second.outlive()
    answered(call)
    audio.both_ways()


#    | INVITE 1, CANCEL      |                       |
#    |---------------------->|---------------------->|
#    |           200, 487    |                       |
#    |<----------------------|<----------------------|
#    | INVITE 2, CANCEL again|                       |
#    |---------------------->|---------------------->|
#    |           180, 487 again                      |
#    |<----------------------|<----------------------|
@case("CANCEL and 487 of an INVITE come again after the next INVITE: that one still rings")
def late_cancel(t, net):
    _quick(t, net)
    line = Line(t, net)
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(sip.RINGING)
    call.up(sip.CANCEL)
    call.down(sip.CANCEL_OK)
    call.down(sip.final("487 Request Terminated"))
    first = call.retry()
    call.down(sip.RINGING)
    call.up(sip.CANCEL, **first)
    call.down(sip.CANCEL_OK, **first)
    call.down(sip.final("487 Request Terminated"), **first)
    line.outlive()
    answered(call)


#    | INVITE 1, 407, INVITE 2                       |
#    |<--------------------->|<--------------------->|
#    |           180 of INVITE 1, late; 486 of 2     |
#    |<----------------------|<----------------------|
@case("a provisional response to an earlier INVITE does not extend the call")
def late_provisional(t, net):
    _quick(t, net)
    line = Line(t, net)
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(sip.final(RETRIED[1]))
    first = call.retry()
    call.down(sip.RINGING, **first)
    wait_until(lambda: not call.states(), "the unanswered INVITE is forgotten", FLOWS_END)


#    | INVITE 1, 407, INVITE 2                       |
#    |<--------------------->|<--------------------->|
#    |           200 of INVITE 1: forged, or astray  |
#    |<----------------------|<----------------------|
@case("a 200 to no INVITE that is under way confirms no call")
def astray_ok(t, net):
    line = Line(t, net)
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(sip.RINGING)
    call.down(sip.OK, cseq=77, branch="astray")
    call.is_in("early")
    answered(call)


#  proxy (phone1)          router                  server      media
#    | INVITE                |                       |           |
#    |---------------------->|---------------------->|           |
#    | INVITE, other branch  |                       |           |
#    |---------------------->|---------------------------------->|
#    |           180         |                       |           |
#    |<----------------------|<----------------------|           |
#    |           486         |                       |           |
#    |<----------------------|<----------------------------------|
@case("a proxy inside forks: one target refuses, the other one rings, answers and is heard")
def forked(t, net):
    _quick(t, net)
    line = Line(t, net)
    call = line.dialog()
    other = line.towards(net.media.udp(SIP_PORT)).dialog()
    other.gaps = {**call.gaps, "branch": "other"}
    call.up(sip.INVITE)
    other.up(sip.INVITE)
    call.down(sip.RINGING)
    other.down(sip.final("486 Busy Here"))
    other.up(sip.ACK_REFUSED)
    line.outlive()
    call.is_in("early")
    answered(call).both_ways()


@case("a CANCEL that comes from outside does not end the call that the phone makes")
def cancel_from_outside(t, net):
    _quick(t, net)
    line = Line(t, net)
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(sip.RINGING)
    line.send_down(call.text(sip.CANCEL, call.outside), "CANCEL")
    line.outlive()
    answered(call)


# --- another inside host -------------------------------------------------------

#  phone1, phone2          router                  server
#    | INVITE                |                       |
#    |---------------------->|---------------------->|
#    |           180         |                       |
#    |<----------------------|<----------------------|
#    | CANCEL, from phone2   |                       |
#    |---------------------->|---------------------->|
@case("another phone's CANCEL with the Call-ID of a ringing call does not end it")
def foreign_cancel(t, net):
    _quick(t, net)
    line = Line(t, net)
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(sip.RINGING)
    other = second_line(t, net, line)
    forge_up(other, call, sip.CANCEL, branch="forged", tag="mallory", cseq=4711)
    # It may know the rest, too.
    forge_up(other, call, sip.CANCEL)
    line.outlive()
    answered(call)


@case("another phone's BYE with the tags of a call does not end it")
def foreign_bye(t, net):
    _quick(t, net)
    line = Line(t, net)
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    other = second_line(t, net, line)
    forge_up(other, call, sip.BYE)
    other.send_down(sip.fill(sip.BYE_OK, sip.View(OUTSIDE, other.outside_port, 0, 0),
                             **call.gaps), "200 to the forged BYE")
    line.outlive()
    call.is_in("confirmed")
    audio.both_ways()
    call.hang_up()
    call.closed(audio)


#  phone1, phone2          router                  server
#    | INVITE to phone1      |                       |
#    |<----------------------|<----------------------|
#    | 180 of phone1, 486 of phone2                  |
#    |---------------------->|---------------------->|
@case("another phone's 486 does not end a call that rings at its neighbour")
def foreign_refusal(t, net):
    _quick(t, net)
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.down(sip.INCOMING)
    call.up(sip.INCOMING_RINGING)
    other = second_line(t, net, line)
    busy = sip.INCOMING_RINGING.replace("180 Ringing", "486 Busy Here")
    forge_up(other, call, busy, tag="mallory")
    line.outlive()
    call.is_in("early")
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    call.audio().both_ways()


# --- another server --------------------------------------------------------------

#  phone1                  router                  server      media
#    | INVITE, 180           |                       |           |
#    |<--------------------->|<--------------------->|           |
#    |           486 with the Call-ID                |           |
#    |<----------------------|<----------------------------------|
@case("another server's 486 with the Call-ID of a ringing call does not end it")
def foreign_server(t, net):
    _quick(t, net)
    line = Line(t, net)
    evil = OtherServer(net, line)
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(sip.RINGING)
    evil.sends(sip.final("486 Busy Here").replace("tag=bob", "tag=eve"), call,
               branch="forged", tag="none", cseq=4711)
    line.outlive()
    answered(call)


@case("another server's 200 and provisional responses with the Call-ID make no leg")
def foreign_legs(t, net):
    line = Line(t, net)
    evil = OtherServer(net, line)
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(sip.RINGING)
    evil.sends(sip.OK.replace("tag=bob", "tag=eve"), call, branch="forged", tag="none",
               cseq=4711)
    call.is_in("early")
    audio = answered(call)
    call.hang_up()
    call.closed(audio)


@case("a 200 to REGISTER with Expires and without Contact goes by Expires")
def without_contact(t, net):
    line = Line(t, net)
    registration = line.dialog()
    registration.up(sip.REGISTER)
    registration.down(sip.REGISTER_OK)
    answer = sip.REGISTER_OK.replace(CONTACT, "Expires: {granted}\n")
    registration.up(sip.REGISTER, cseq=2)
    registration.down(answer, cseq=2, granted=600)
    t.equal(registration.states("registration"), ["confirmed"], "states after the refresh")
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    line.dialog().down(sip.INCOMING)
    registration.up(sip.REGISTER.replace("expires=600", "expires=0"), cseq=3)
    registration.down(answer, cseq=3, granted=0)
    wait_until(lambda: not registration.states("registration"), "the registration ends",
               FLOWS_END)


# --- how calls end -------------------------------------------------------------------

#  phone1                  router                  server      media
#    | BYE, 200              |                       |           |
#    |<--------------------->|<--------------------->|           |
#    |                       |<------- a new flow to the port ---|
#    |<========= RTP that is under way =========================>|
def _drains(call, *audio):
    """Check that flows that are there still pass, and that no new one is let in."""
    net = call.line.net
    got = reaching(net, call.line.host, call.inside.rtcp, call.outside.rtcp)
    call.t.equal(got, [], "packets of a new flow")
    for stream in audio:
        stream.inward()


@case("after BYE no new flow is let in, and flows that exist drain for timeout-ending")
def draining(t, net):
    t.alg.tool(net, "set", "timeout-ending", "60")
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.hang_up()
    _drains(call, audio)


@case("after the far end's BYE no new flow is let in")
def draining_remote(t, net):
    t.alg.tool(net, "set", "timeout-ending", "60")
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.hang_up_remote()
    _drains(call, audio)


@case("after a refusal, and after CANCEL, no new flow is let in")
def draining_refused(t, net):
    t.alg.tool(net, "set", "timeout-ending", "60")
    line = Line(t, net)
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(sip.PROGRESS)
    audio = call.audio()
    audio.both_ways()
    call.down(sip.final("486 Busy Here"))
    _drains(call, audio)
    call = line.dialog(rtp=4010, far=6010)
    call.up(sip.INVITE)
    call.down(sip.PROGRESS)
    audio = call.audio()
    audio.both_ways()
    call.up(sip.CANCEL)
    call.down(sip.CANCEL_OK)
    call.down(sip.final("487 Request Terminated"))
    _drains(call, audio)


# --- what one namespace learns of another -----------------------------------------------

@case("the numbers of calls begin with 1 in each namespace")
def numbers(t, net):
    Line(t, net).register()
    t.equal([each["id"] for each in t.alg.calls(net, None)], [1], "number of the first call")


if __name__ == "__main__":
    ksft.main()
