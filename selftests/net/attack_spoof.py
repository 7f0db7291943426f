#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Responses from hosts that were not asked, and hosts outside a call that try to end it.

RFC 3261, 26.1: registration hijacking, impersonating a server, tearing down
sessions. The attacker is the media host. The phone has sent it a packet once, so its
packets reach the phone with or without an ALG. The phone ignores messages that are not
for it; the ALG must ignore them, too.

  phone1                  router              server     attacker
    | REGISTER or INVITE    |                   |            |
    |---------------------->|------------------>|            |
    |           200, BYE, CANCEL of nobody's    |            |
    |<----------------------|<-------------------------------|
    |                       |<------- anything to the ports -|
    |           200         |                   |            |
    |<----------------------|<------------------|            | as if nothing had been
"""

import socket
import struct

from lib import ksft, sip
from lib.attack import barrier, calls, invite, nothing_left, reaching
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import Line
from lib.topology import MEDIA, OUTSIDE, SERVER, SIP_PORT

OPTIONS = """
OPTIONS sip:198.51.100.20 SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch};rport
Max-Forwards: 70
From: <sip:alice@example.com>;tag={tag}
To: <sip:mallory@example.com>
Call-ID: {call_id}
CSeq: 1 OPTIONS
Content-Length: 0

"""

CANCEL = """
CANCEL sip:bob@203.0.113.10 SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch}
Max-Forwards: 70
From: <sip:mallory@example.com>;tag=mallory
To: <sip:bob@example.com>
Call-ID: {call_id}
CSeq: {cseq} CANCEL
Content-Length: 0

"""

FORGED_BYE = sip.BYE.replace("tag={tag}", "tag=mallory").replace("tag=bob", "tag=eve")


class Attacker:
    """The media host, with a flow that the phone began."""

    def __init__(self, t, net, line):
        self.t = t
        self.line = line
        self.socket = net.media.udp(SIP_PORT)
        view = sip.View(line.host.address, SIP_PORT, 0, 0)
        line.phone.send(sip.fill(OPTIONS, view, branch="hello", tag="a", call_id="hello"),
                        (MEDIA, SIP_PORT))
        self.victim = self.socket.receive("OPTIONS").source

    def sends(self, data, what):
        """Send to the phone; return what arrived there."""
        self.socket.send(data, self.victim)
        got = self.line.phone.receive(what)
        self.t.equal(got.source, (MEDIA, SIP_PORT), f"source of {what}")
        return got.data


def _registrations(t, net):
    return [each for each in t.alg.show(net, "call", "show") if each["kind"] == "registration"]


def _granted(line, call_id, seconds, cseq=1):
    view = sip.View(OUTSIDE, line.outside_port or SIP_PORT, 0, 0)
    text = sip.REGISTER_OK.replace("expires=600", f"expires={seconds}")
    return sip.fill(text, view, call_id=call_id, branch="x", tag="x", cseq=cseq)


@case("a 200 to a REGISTER that no phone sent registers nobody")
def nobody_asked(t, net):
    line = Line(t, net)
    attacker = Attacker(t, net, line)
    with t.counted(net, registrations=0, bindings=0):
        for number in range(20):
            attacker.sends(_granted(line, f"{number}@attack", 604800), "200")
    t.equal(t.alg.show(net, "call", "show"), [], "calls and registrations")
    calls(t, net, net.phone2, line.server)
    nothing_left(t, net)


@case("only the registrar can grant or end a registration")
def another_registrar(t, net):
    line = Line(t, net)
    attacker = Attacker(t, net, line)
    registration = line.dialog()
    call_id = registration.gaps["call_id"]
    registration.up(sip.REGISTER)
    with t.counted(net, registrations=0):
        attacker.sends(_granted(line, call_id, 604800), "200 of another server")
    registration.down(sip.REGISTER_OK)
    before = _registrations(t, net)
    t.equal(len(before), 1, "registrations")
    attacker.sends(_granted(line, call_id, 0), "200 that ends it")
    attacker.sends(_granted(line, call_id, 604800), "200 that goes on for a week")
    after = _registrations(t, net)
    t.equal([each["state"] for each in after], ["confirmed"], "state of the registration")
    t.true(after and after[0]["expires"] <= 600, "the registration lasts no longer than granted")
    call = line.dialog()
    call.down(sip.INCOMING)


@case("a call stays up when other hosts send BYE, CANCEL or an error with its Call-ID")
def ended_by_others(t, net):
    line = Line(t, net)
    attacker = Attacker(t, net, line)
    call = line.dialog()
    gaps = {**call.gaps, "branch": "forged"}
    call.up(sip.INVITE)
    outside = call.outside
    error = sip.RINGING.replace("180 Ringing", "486 Busy Here").replace("tag=bob", "tag=eve")
    attacker.sends(sip.fill(error, outside, **gaps), "486")
    attacker.sends(sip.fill(CANCEL, outside, **gaps), "CANCEL")
    call.down(sip.OK)
    call.up(sip.ACK)
    audio = call.audio()
    audio.both_ways()

    # Neither the attacker nor another phone that has learnt the Call-ID may end it.
    attacker.sends(sip.fill(FORGED_BYE, outside, **gaps), "BYE")
    attacker.sends(sip.fill(sip.BYE_OK.replace("tag=bob", "tag=eve"), outside, **gaps), "200")
    other = Line(t, net, phone=net.phone2, server=line.server)
    view = sip.View(other.host.address, SIP_PORT, 0, 0)
    for text in (FORGED_BYE, CANCEL):
        other.send_up(sip.fill(text, view, **gaps), "a forged request")
    # The time after which an ended call's media is cut off.
    with t.counted(net, flows=1):
        wait_until(lambda: barrier(net, net.phone2) is None and _still(t, net, call), "10 s", 10)
        audio.both_ways()
        net.media.udp(7000).send(b"a new flow of the call", audio.promised)
        audio.phone.receive("media of a new flow")
    call.hang_up()
    call.closed(audio)
    nothing_left(t, net)


def _still(t, net, call):
    shown = [each for each in t.alg.show(net, "call", "show") if each["kind"] == "dialog"]
    return any(each["age"] >= 4 and each["state"] == "confirmed" for each in shown)


@case("SDP from an outside server that names inside hosts opens no port")
def answers_for_the_inside(t, net):
    line = Line(t, net)
    attacker = Attacker(t, net, line)
    for number, host in enumerate((net.phone1.address, net.phone2.address, OUTSIDE)):
        offer = sip.ANSWER.replace("198.51.100.20", host)
        view = sip.View(OUTSIDE, attacker.victim[1], 0, 0)
        sent = sip.fill(sip.INCOMING, view, body=offer, call_id=f"in{number}@attack",
                        branch=number, tag="m", cseq=1, far=4400)
        got = attacker.sends(sent, "INVITE")
        t.same(got.partition(b"\r\n\r\n")[2], sent.partition(b"\r\n\r\n")[2], "SDP of the message")
        answer = sip.fill(sip.OK, view, body=offer, call_id=f"out{number}@attack",
                          branch=number, tag="m", cseq=1, far=4400)
        got = attacker.sends(answer, "200")
        t.same(got.partition(b"\r\n\r\n")[2], answer.partition(b"\r\n\r\n")[2], "SDP of the message")
    t.equal([each for each in t.alg.bindings(net) if each["kind"] != "signalling"], [],
            "bindings for media")
    for phone in (net.phone1, net.phone2):
        t.equal(reaching(net, phone, 4400), [], f"packets at {phone.role}")
    calls(t, net, net.phone2, line.server)


def _udp_packet(source, target, payload):
    udp = struct.pack("!HHHH", source[1], target[1], 8 + len(payload), 0) + payload
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, socket.IPPROTO_UDP,
                       0, socket.inet_aton(source[0]), socket.inet_aton(target[0])) + udp


#  The attacker is behind the same next hop as the server.
@case("a sender that spoofs the server's address but knows no Call-ID opens no port")
def spoofed_source(t, net):
    line = Line(t, net)
    line.register()
    with net.server.namespace:
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    view = sip.View(OUTSIDE, line.outside_port, 0, 0)
    gaps = {"call_id": "guessed@attack", "branch": "guessed", "tag": "m", "cseq": 1, "far": 4400}
    with raw, t.counted(net, registrations=0, bindings=0):
        for data in (_granted(line, "guessed@attack", 604800),
                     sip.fill(sip.OK, view, body=sip.ANSWER, **gaps),
                     sip.fill(FORGED_BYE, view, **gaps)):
            raw.sendto(_udp_packet((SERVER, SIP_PORT), (OUTSIDE, line.outside_port), data),
                       (OUTSIDE, 0))
            t.equal(line.phone.receive("a forged packet").source, (SERVER, SIP_PORT),
                    "source of a forged packet")
    t.equal(len(_registrations(t, net)), 1, "registrations")
    calls(t, net, net.phone1, line.server)


@case("an attacker's INVITE to one phone does not affect the other phones")
def flood_from_outside(t, net):
    line = Line(t, net)
    attacker = Attacker(t, net, line)
    view = sip.View(OUTSIDE, attacker.victim[1], 0, 0)
    t.alg.tool(net, "set", "timeout-transaction", "3")
    for number in range(300):
        attacker.sends(sip.fill(sip.INCOMING, view, body=sip.ANSWER, far=4400, branch=number,
                                call_id=f"{number}@flood", tag="m", cseq=1), "INVITE")
    calls(t, net, net.phone2, line.server)
    nothing_left(t, net)


if __name__ == "__main__":
    ksft.main()
