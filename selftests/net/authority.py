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
from lib.parties import second_line
from lib.topology import OUTSIDE, SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)

# As many media as make a call full.
GREEDY = sip.OFFER + "".join(f"m=video 5{i}00/4 RTP/AVP 31\n" for i in range(4))


def _quick(t, net):
    """Have an unanswered request, and a call that was cancelled, forgotten in seconds."""
    t.alg.tool(net, "set", "timeout-transaction", "4")


def _media_bindings(t, net):
    return [each for each in t.alg.bindings(net) if each["kind"] != "signalling"]


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
    other = second_line(t, net, line)
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


#  phone1                  router                  server      media
#    | INVITE, 200, ACK; RTP |                       |           |
#    |<--------------------->|<--------------------->|           |
#    |            INVITE, 200, ACK with its Call-ID, twice       |
#    |<----------------------|<--------------------------------->|
#    |<================== RTP of all three calls ===============>|
@case("calls with the Call-ID of one that is up have media of their own, which ends with them")
def further_calls(t, net):
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    stranger = line.towards(net.media.udp(SIP_PORT))
    stranger.register()
    others = stranger.dialog(rtp=4200, far=6200), stranger.dialog(rtp=4400, far=6400)
    streams = []
    for other in others:
        other.gaps.update(call_id=call.gaps["call_id"], bob=f"carol{other.number}")
        other.down(sip.INCOMING.replace("tag=bob", "tag={bob}"))
        other.up(sip.remote_answer("180 Ringing", "INVITE"))
        other.up(sip.remote_answer("200 OK", "INVITE", sdp=True))
        other.down(sip.remote_request("ACK"))
        streams.append(other.audio())
        streams[-1].both_ways()
    _hang_up_remote(others[0])
    others[0].closed(streams[0])
    audio.both_ways()
    streams[1].both_ways()
    call.hang_up()
    call.closed(audio)
    streams[1].both_ways()
    _hang_up_remote(others[1])
    others[1].closed(streams[1])


#    | INVITE, 200, ACK; RTP |                       |           |
#    |<--------------------->|<--------------------->|           |
#    |            INVITE, 200 Session-Expires: 4, ACK            |
#    |<----------------------|<--------------------------------->|
@case("the session timer of a second call with a Call-ID does not end the first one")
def second_timer(t, net):
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.call()
    stranger = line.towards(net.media.udp(SIP_PORT))
    stranger.register()
    other = stranger.dialog(rtp=4200, far=6200)
    other.gaps.update(call_id=call.gaps["call_id"], bob="carol")
    other.down(sip.INCOMING.replace("tag=bob", "tag={bob}"))
    other.up(sip.remote_answer("200 OK", "INVITE", "Session-Expires: 4", sdp=True))
    other.down(sip.remote_request("ACK"))
    alone = line.dialog(rtp=4400, far=6400)
    alone.up(sip.INVITE)
    alone.down(sip.OK.replace("Content-", "Session-Expires: 6\nContent-", 1))
    alone.up(sip.ACK)
    wait_until(lambda: not alone.states(), "a call with a timer of its own ends", FLOWS_END)
    t.equal(call.states(), ["confirmed"], "states of the first call")
    call.audio().both_ways()


def _hang_up_remote(call):
    call.down(sip.remote_request("BYE"), cseq=8)
    call.up(sip.remote_answer("200 OK", "BYE"), cseq=8)


#  phone1, phone2          router             server, media
#    | INVITE, 200, ACK of phone1; RTP               |
#    |<--------------------->|<--------------------->|
#    | INVITE of phone2, whose mode is observe (off) |
#    |---------------------->|---------------------->| unchanged
#    |              nothing  |<--- to its media port |
def _left_alone(t, net, mode):
    t.alg.tool(net, "on", "default")
    line = Line(t, net)
    other = second_line(t, net, line)
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
    second = second_line(t, net, first)
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


def _ends_though(call, repeat):
    """Check that a call whose phone is silent ends, whatever the far end sends meanwhile."""
    def is_over():
        repeat()
        return not call.states()

    wait_until(is_over, "the call ends", FLOWS_END)


@case("a far end that keeps sending requests does not keep a call whose phone is silent")
def silent_phone_requests(t, net):
    t.alg.tool(net, "set", "timeout-call", "5")
    call = Line(t, net).dialog()
    call.call()
    cseq = iter(range(10, 10000))
    _ends_though(call, lambda: call.down(sip.remote_request("UPDATE"), cseq=next(cseq)))


#    | INVITE                |                       |
#    |---------------------->|---------------------->|
#    |           180, 180, 180 ... for ever          |
#    |<----------------------|<----------------------|
@case("a server that sends 180 for ever keeps a ringing call for 12 times timeout-early")
def endless_ringing(t, net):
    t.alg.tool(net, "set", "timeout-early", "2")
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    audio = call.audio()

    def ring():
        # A look takes long on a slow machine: the call must not end for that.
        for _ in range(3):
            call.down(sip.RINGING)

    _ends_though(call, ring)
    call.over(audio)


#    | INVITE, 200, ACK      |                       |
#    |<--------------------->|<--------------------->|
#    |           200, 200, 200 ... for ever          |
#    |<----------------------|<----------------------|
@case("a far end that repeats its 200 does not keep a call whose phone is silent")
def silent_phone_repeated_ok(t, net):
    t.alg.tool(net, "set", "timeout-call", "5")
    call = Line(t, net).dialog()
    call.call()
    _ends_though(call, lambda: call.down(sip.OK))


def _with_session(text, seconds):
    return text.replace("Content-", f"Session-Expires: {seconds}\nContent-", 1)


@case("a far end that repeats a 200 with Session-Expires does not prolong the session")
def silent_phone_repeated_session(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    accepted = _with_session(sip.OK, 5)
    call.down(accepted)
    call.up(sip.ACK)
    _ends_though(call, lambda: call.down(accepted))


#    | INVITE, 200 Session-Expires: 86400, ACK       |           |
#    |<--------------------->|<--------------------->|           |
#    | nothing               |           UPDATE, RTP for ever    |
#    |                       |<----------------------|-----------|
@case("a long session timer of the far end does not keep a call whose phone is silent")
def silent_phone_long_session(t, net):
    t.alg.tool(net, "set", "timeout-call", "5")
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(_with_session(sip.OK, 86400))
    call.up(sip.ACK)
    audio = call.audio()
    cseq = iter(range(10, 10000))

    def repeat():
        audio.far.send(b"still there?", audio.promised)
        call.down(sip.remote_request("UPDATE", "Session-Expires: 86400"), cseq=next(cseq))

    _ends_though(call, repeat)


#    |           INVITE, 200 Session-Expires: 86400, ACK         |
#    |<--------------------->|<--------------------->|           |
#    | nothing               |           RTP for ever            |
#    |                       |<----------------------|-----------|
@case("a phone that has asked for a long session timer keeps no call by that while it is silent")
def silent_phone_own_session(t, net):
    t.alg.tool(net, "set", "timeout-call", "5")
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.down(sip.INCOMING, body=sip.ANSWER)
    call.up(_with_session(sip.INCOMING_OK, 86400))
    call.down(sip.INCOMING_ACK)
    audio = call.audio()
    _ends_though(call, lambda: audio.far.send(b"still there?", audio.promised))


@case("a 200 to an UPDATE that the phone has not sent does not prolong the session")
def unasked_update(t, net):
    t.alg.tool(net, "set", "timeout-call", "5")
    call = Line(t, net).dialog()
    call.call()
    cseq = iter(range(10, 10000))
    _ends_though(call, lambda: call.down(
        sip.answer("200 OK", "UPDATE", "Session-Expires: 600"), cseq=next(cseq)))


#    |           BYE, 401 to it, BYE, 401 ...        |
#    |<----------------------|<----------------------|
@case("a far end that sends BYE, and 401 as if the phone had, does not keep the call")
def refused_own_bye(t, net):
    t.alg.tool(net, "set", "timeout-call", "5")
    call = Line(t, net).dialog()
    call.call()
    cseq = iter(range(10, 10000))

    def repeat():
        number = next(cseq)
        call.down(sip.remote_request("BYE"), cseq=number)
        call.down(sip.answer("401 Unauthorized", "BYE"), cseq=number)

    _ends_though(call, repeat)


@case("a far end that repeats BYE does not keep a call whose phone does not answer")
def repeated_bye(t, net):
    t.alg.tool(net, "set", "timeout-transaction", "4")
    call = Line(t, net).dialog()
    call.call()
    cseq = iter(range(10, 10000))
    _ends_though(call, lambda: call.down(sip.remote_request("BYE"), cseq=next(cseq)))


@case("a server that repeats its 486 does not put off the end of the call")
def repeated_refusal(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    refusal = sip.final("486 Busy Here")
    _ends_though(call, lambda: call.down(refusal))


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


if __name__ == "__main__":
    ksft.main()
