#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Whose call it is: a message changes the state of its own transaction and host alone.

A response belongs to a transaction (RFC 3261, 17.1.3), a CANCEL to its INVITE (9.1), and
a dialog to an inside host (12). The Call-ID is no secret, and no authority.

  phone1                  router                  server     media
    | INVITE, 407, INVITE   |                       |          |
    |<--------------------->|<--------------------->|          |
    |            407 of the first INVITE, again     |          |
    |<----------------------|<----------------------|          |
  phone2                    |                       |          |
    | CANCEL, BYE, REGISTER with phone1's Call-ID   |          |
    |---------------------->|---------------------->|          |
    |            486, 200 with phone1's Call-ID     |          |
    |<----------------------|<---------------------------------|
"""

import functools

from lib import ksft, sip
from lib.attack import invite, reaching
from lib.endpoint import wait_until
from lib.ladder import FLOWS_END, Line, media_flows
from lib.topology import MEDIA, OUTSIDE, SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)

# As many media as make a call full.
GREEDY = sip.OFFER + "".join(f"m=video 5{i}00/4 RTP/AVP 31\n" for i in range(4))
RETRIED = ("401 Unauthorized", "407 Proxy Authentication Required", "302 Moved Temporarily",
           "422 Session Interval Too Small", "503 Service Unavailable")
CONTACT = "Contact: <sip:alice@{host}:{port}>;expires=600\n"


def _quick(t, net):
    """Have an unanswered request, and a call that was cancelled, forgotten in seconds."""
    t.alg.tool(net, "set", "timeout-transaction", "4")


def _media_bindings(t, net):
    return [each for each in t.alg.bindings(net) if each["kind"] != "signalling"]


def _answered(call):
    """The ringing call is answered, and both parties hear each other."""
    call.is_in("early")
    call.down(sip.OK)
    call.up(sip.ACK)
    call.is_in("confirmed")
    audio = call.audio()
    audio.both_ways()
    return audio


def _other(t, net, line):
    """Return the line of the second phone to the same server."""
    return Line(t, net, phone=net.phone2, server=line.server)


def _forge_up(line, call, text, **gaps):
    """Send a message of a call from a phone that is no party to it."""
    view = sip.View(line.host.address, SIP_PORT, 4400, 4401)
    got = line.send_up(sip.fill(text, view, **{**call.gaps, **gaps}), "a forged message")
    line.outside_port = got.source[1]


class _OtherServer:
    """The media host's SIP port, to which the phone has sent a message before."""

    def __init__(self, net, line):
        self.line = line
        self.socket = net.media.udp(SIP_PORT)
        line.phone.send(b"OPTIONS", (MEDIA, SIP_PORT))
        self.victim = self.socket.receive("OPTIONS").source

    def sends(self, text, call, **gaps):
        """Send a message of a call to its phone; see that it arrives."""
        self.socket.send(sip.fill(text, call.outside, **{**call.gaps, **gaps}), self.victim)
        self.line.phone.receive("a forged message")


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
        _answered(call)


@case("the same with two phones on one RTP port, and the far end speaks first")
def late_refusal_two_phones(t, net):
    _quick(t, net)
    line = Line(t, net)
    first = line.dialog()
    first.call()
    audio = first.audio()
    audio.both_ways()
    second = _other(t, net, line)
    call = second.dialog(far=6010)
    call.up(sip.INVITE)
    call.down(sip.final(RETRIED[1]))
    before = call.retry()
    call.down(sip.final(RETRIED[1]), **before)
    call.down(sip.RINGING)
    second.outlive()
    _answered(call)
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
    _answered(call)


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
    _answered(call)


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
    other = _other(t, net, line)
    _forge_up(other, call, sip.CANCEL, branch="forged", tag="mallory", cseq=4711)
    # It may know the rest, too.
    _forge_up(other, call, sip.CANCEL)
    line.outlive()
    _answered(call)


@case("another phone's BYE with the tags of a call does not end it")
def foreign_bye(t, net):
    _quick(t, net)
    line = Line(t, net)
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    other = _other(t, net, line)
    _forge_up(other, call, sip.BYE)
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
    other = _other(t, net, line)
    busy = sip.INCOMING_RINGING.replace("180 Ringing", "486 Busy Here")
    _forge_up(other, call, busy, tag="mallory")
    line.outlive()
    call.is_in("early")
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    call.audio().both_ways()


#    | INVITE, 200, ACK of phone1; RTP               |
#    |<--------------------->|<--------------------->|
#    | INVITE with many m= lines, four times, from phone2
#    |---------------------->|---------------------->|
#    |<================ RTP of phone1 ==============>|
@case("another phone's offers with the Call-ID of a call do not push out its media")
def foreign_offers(t, net):
    line = Line(t, net)
    call = line.dialog()
    call.call()
    audio, rtcp = call.audio(), call.rtcp()
    audio.both_ways()
    other = _other(t, net, line)
    for cseq in range(1, 5):
        view = sip.View(other.host.address, SIP_PORT, 4400 + 10 * cseq, 4401 + 10 * cseq)
        body = GREEDY.replace("m=video 5", f"m=video {cseq}")
        gaps = {**call.gaps, "tag": "mallory", "branch": cseq, "cseq": cseq}
        other.send_up(sip.fill(sip.INVITE, view, body=body, **gaps), "another phone's INVITE")
    call.is_in("confirmed")
    rtcp.both_ways()
    audio.both_ways()


@case("a later offer of the same phone that is too much leaves the confirmed media open")
def own_offers(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio, rtcp = call.audio(), call.rtcp()
    audio.both_ways()
    for cseq in range(2, 6):
        view = call.inside._replace(rtp=5000 + 10 * cseq, rtcp=5001 + 10 * cseq)
        body = GREEDY.replace("m=video 5", f"m=video {cseq}")
        call.line.send_up(sip.fill(sip.INVITE, view, body=body, **{**call.gaps, "cseq": cseq}),
                          "a greedy offer")
        call.down(sip.final("488 Not Acceptable Here"), cseq=cseq)
        call.up(sip.ACK_REFUSED, cseq=cseq)
    rtcp.both_ways()
    audio.both_ways()


#  phone1, phone2          router             server, media
#    | INVITE, 200, ACK of phone1; RTP               |
#    |<--------------------->|<--------------------->|
#    | INVITE of phone2, whose mode is observe (off) |
#    |---------------------->|---------------------->| unchanged
#    |              nothing  |<--- to its media port |
def _left_alone(t, net, mode):
    t.alg.tool(net, "on", "default")
    line = Line(t, net)
    other = _other(t, net, line)
    other.send_up(b"OPTIONS", "a message, while all is on")
    t.alg.tool(net, mode, "dev", "lan2")
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    bindings = len(t.alg.bindings(net))
    sent = invite(net.phone2, SIP_PORT, 4400, 1).replace(
        b"Call-ID: 1@attack", f"Call-ID: {call.gaps['call_id']}".encode())
    got = other.send_up(sent, "INVITE of the other phone")
    t.same(got.data, sent, "INVITE of the other phone")
    t.equal(len(t.alg.bindings(net)), bindings, "bindings")
    t.equal(reaching(net, net.phone2, 4400), [], "packets at the other phone's media port")
    audio.both_ways()


@case("a host under `observe` is not helped for writing the Call-ID of a running call",
      switched_on=False)
def observed(t, net):
    _left_alone(t, net, "observe")


@case("a host under `off` is not helped for writing the Call-ID of a running call",
      switched_on=False)
def switched_off(t, net):
    _left_alone(t, net, "off")


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
    evil = _OtherServer(net, line)
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(sip.RINGING)
    evil.sends(sip.final("486 Busy Here").replace("tag=bob", "tag=eve"), call,
               branch="forged", tag="none", cseq=4711)
    line.outlive()
    _answered(call)


@case("another server's 200 and provisional responses with the Call-ID make no leg")
def foreign_legs(t, net):
    line = Line(t, net)
    evil = _OtherServer(net, line)
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(sip.RINGING)
    evil.sends(sip.OK.replace("tag=bob", "tag=eve"), call, branch="forged", tag="none",
               cseq=4711)
    call.is_in("early")
    audio = _answered(call)
    call.hang_up()
    call.closed(audio)


#    | INVITE                |                       |
#    |---------------------->|---------------------->|
#    |           200 tag=bob, 200 tag=bob2, bob3, ... the phone acknowledges the first
#    |<----------------------|<----------------------|
#    | BYE, 200              |                       |
#    |---------------------->|---------------------->|
@case("200s whose dialogs the phone never acknowledges do not keep its port open after BYE")
def unacknowledged(t, net):
    line = Line(t, net)
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(sip.OK)
    call.up(sip.ACK)
    for number in range(2, 7):
        call.down(sip.OK.replace("tag=bob", f"tag=bob{number}"))
    audio = call.audio()
    audio.both_ways()
    call.hang_up()
    call.over(audio)


# --- registrations -----------------------------------------------------------------

#  phone1, phone2          router                  server      media
#    | REGISTER, 200 of phone1                       |           |
#    |<--------------------->|<--------------------->|           |
#    | REGISTER of phone2, the same Call-ID; 200 expires=0       |
#    |<--------------------->|<--------------------------------->|
#    |           INVITE to phone1                    |           |
#    |<----------------------|<----------------------|           |
@case("a phone that registers elsewhere with another's Call-ID does not unregister that one")
def stolen_call_id(t, net):
    line = Line(t, net)
    registration = line.register()
    thief = Line(t, net, phone=net.phone2, server=net.media.udp(SIP_PORT))
    view = sip.View(net.phone2.address, SIP_PORT, 0, 0)
    gaps = {**registration.gaps, "branch": "forged", "cseq": 2}
    got = thief.send_up(sip.fill(sip.REGISTER, view, **gaps), "REGISTER")
    thief.outside_port = got.source[1]
    thief.send_down(sip.fill(sip.REGISTER_OK.replace("expires=600", "expires=0"),
                             sip.View(OUTSIDE, got.source[1], 0, 0), **gaps), "200")
    wait_until(lambda: net.phone2.address not in
               [each["inside"]["address"] for each in t.alg.calls(net, None)],
               "the other registration ends", FLOWS_END)
    t.equal(registration.states("registration"), ["confirmed"], "states of the registration")
    t.equal([each["inside"]["address"] for each in t.alg.bindings(net)], [net.phone1.address],
            "inside addresses of the bindings")
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    line.dialog().down(sip.INCOMING)


@case("two phones that use one Call-ID are both registered, and both are called")
def same_call_id(t, net):
    first = Line(t, net)
    second = _other(t, net, first)
    registration = first.register()
    again = second.dialog()
    again.gaps["call_id"] = registration.gaps["call_id"]
    again.up(sip.REGISTER)
    again.down(sip.REGISTER_OK)
    t.equal(registration.states("registration"), ["confirmed"] * 2, "states of both")
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    for line in first, second:
        line.dialog().down(sip.INCOMING)


#  phone1                  router                  server      media
#    | REGISTER to both, with one Call-ID            |           |
#    |---------------------->|---------------------->|---------->|
#    |           200 of the one, 200 of the other    |           |
#    |<----------------------|<----------------------|<----------|
#    |           INVITE from the one, INVITE from the other      |
#    |<----------------------|<----------------------|<----------|
@case("one Call-ID at two registrars whose answers cross: both may call")
def two_registrars(t, net):
    first = Line(t, net)
    second = first.towards(net.media.udp(SIP_PORT))
    registrations = first.dialog(), second.dialog()
    registrations[1].gaps["call_id"] = registrations[0].gaps["call_id"]
    for registration in registrations:
        registration.up(sip.REGISTER)
    for registration in registrations:
        registration.down(sip.REGISTER_OK)
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    for line in first, second:
        line.dialog().down(sip.INCOMING)


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


#    | nothing               |                       |           |
#    |<========= RTP, for as long as the far end likes ==========|
@case("a far end that goes on sending does not keep a call whose phone is silent")
def silent_phone(t, net):
    t.alg.tool(net, "set", "timeout-call", "1")
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()

    def is_over():
        audio.far.send(b"still there?", audio.promised)
        audio.phone.waiting()
        return not call.states()

    wait_until(is_over, "the call ends", FLOWS_END)
    wait_until(lambda: is_over() and not media_flows(net, [audio.promised[1]]),
               "its flows end", FLOWS_END)


@case("a far end that keeps sending requests does not keep a call whose phone is silent")
def silent_phone_requests(t, net):
    t.alg.tool(net, "set", "timeout-call", "5")
    call = Line(t, net).dialog()
    call.call()
    cseq = iter(range(10, 10000))

    def is_over():
        call.down(sip.remote_request("UPDATE"), cseq=next(cseq))
        return not call.states()

    wait_until(is_over, "the call ends", FLOWS_END)


@case("a call on hold goes on while its phone sends RTCP")
def hold_with_rtcp(t, net):
    t.alg.tool(net, "set", "timeout-call", "1")
    line = Line(t, net)
    call = line.dialog()
    call.call()
    call.exchange(2, sip.OFFER.replace("sendrecv", "inactive"))
    rtcp = call.rtcp()
    rtcp.both_ways()
    silent = line.dialog(rtp=4010, far=6010)
    silent.call()

    def is_over():
        rtcp.outward(1)
        return not silent.states()

    wait_until(is_over, "the silent call ends", FLOWS_END)
    call.is_in("confirmed")
    rtcp.both_ways()


# --- what one namespace learns of another -----------------------------------------------

@case("the numbers of calls begin with 1 in each namespace")
def numbers(t, net):
    Line(t, net).register()
    t.equal([each["id"] for each in t.alg.calls(net, None)], [1], "number of the first call")


if __name__ == "__main__":
    ksft.main()
