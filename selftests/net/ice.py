#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Phones that use ICE (RFC 8839), and far ends that do or do not.

The far end's connectivity checks (RFC 8445, 7) are made here: a STUN request to the
candidate, and the answer with the address that the request came from.
"""

import ipaddress
import struct

from lib import hairpin, ksft, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import FLOWS_END, Dialog, Line
from lib.topology import OUTSIDE

FOUNDATION = f"n{int(ipaddress.ip_address(OUTSIDE)):08x}"
CREDENTIALS = "a=ice-ufrag:8hhY\na=ice-pwd:asd88fgpdd777uzjYhagZg\n"
HOST = "a=candidate:1 {component} UDP {priority} {address} {port} typ host\n"

# {reflexive...} is nothing inside, and outside what the router adds.
ICE_OFFER = sip.OFFER + CREDENTIALS + """\
{reflexive}a=candidate:1 1 UDP 2130706431 {own} {own_rtp} typ host
"""
BOTH_COMPONENTS = ICE_OFFER + """\
{reflexive_rtcp}a=candidate:1 2 UDP 2130706430 {own} {own_rtcp} typ host
"""
LITE_OFFER = sip.OFFER + CREDENTIALS + """\
a=ice-lite
a=candidate:1 1 UDP 2130706431 {host} {rtp} typ host
"""
# After the checks: the address that they have found is the default, and the candidate.
NOMINATED = """
v=0
o=alice 2890844526 2890844527 IN IP4 {host}
s=-
c=IN IP4 {seen}
t=0 0
m=audio {seen_rtp} RTP/AVP 0 8
a=rtpmap:0 PCMU/8000
a=ice-ufrag:8hhY
a=ice-pwd:asd88fgpdd777uzjYhagZg
a=candidate:2 1 UDP 1862270975 {seen} {seen_rtp} typ prflx raddr {own} rport {own_rtp}
a=remote-candidates:1 198.51.100.20 {far}
"""
ICE_ANSWER = sip.ANSWER + CREDENTIALS + """\
a=candidate:1 1 UDP 2130706431 198.51.100.20 {far} typ host
"""

_COOKIE = 0x2112a442
_HEADER = struct.Struct("!HHI12s")
_ID = b"nominated it"


class IceDialog(Dialog):
    """A dialog whose descriptions have candidates."""

    def text(self, text, view, **gaps):
        inside = self.inside
        for name, component, own, port in (("reflexive", 1, inside.rtp, view.rtp),
                                           ("reflexive_rtcp", 2, inside.rtcp, view.rtcp)):
            line = (f"a=candidate:{FOUNDATION} {component} UDP {1694498816 - component} "
                    f"{OUTSIDE} {port} typ srflx raddr {inside.host} rport {own}\r\n")
            gaps.setdefault(name, "" if view == inside else line)
        gaps.update(own=inside.host, own_rtp=inside.rtp, own_rtcp=inside.rtcp)
        return super().text(text, view, **gaps)


def _begin(t, net):
    return IceDialog(Line(t, net))


def _check(t, sender, to, receiver, seen_as):
    """Make a connectivity check; both addresses have to be those of the candidates."""
    sender.send(_HEADER.pack(1, 0, _COOKIE, _ID), to)
    got = receiver.receive(f"check from {sender.name}")
    t.same(got.data, _HEADER.pack(1, 0, _COOKIE, _ID), f"check at {receiver.name}")
    t.equal(got.source, seen_as, f"source of the check at {receiver.name}")
    address = int(ipaddress.ip_address(got.source[0])) ^ _COOKIE
    answer = struct.pack("!HHBBHI", 0x20, 8, 0, 1, got.source[1] ^ _COOKIE >> 16, address)
    answer = _HEADER.pack(0x101, len(answer), _COOKIE, _ID) + answer
    receiver.send(answer, got.source)
    got = sender.receive(f"answer to {sender.name}")
    t.same(got.data, answer, f"answer at {sender.name}")
    t.equal(got.source, to, f"source of the answer at {sender.name}")


def _checks_both_ways(t, stream):
    """Both ends make checks: the pair is the far end's port and the one promised to it."""
    _check(t, stream.far, stream.promised, stream.phone, stream.far.address)
    _check(t, stream.phone, stream.far.address, stream.far, stream.promised)
    print(f"# nominated: {stream.far.address} and {stream.promised}", flush=True)


#  phone1                  router                  server
#    | INVITE c=, host       |                       |
#    |---------------------->|                       |
#    |             c= outside, reflexive, host       |
#    |                       |---------------------->|
#    |           200 without ICE                     |
#    |<----------------------|<----------------------|
#    |<===== RTP at the default =====================|
@case("a phone with ICE calls a far end without: that sends to the default, and is heard")
def to_plain(t, net):
    call = _begin(t, net)
    call.exchange(1, ICE_OFFER)
    audio = call.audio()
    audio.both_ways()
    call.hang_up()
    call.over(audio)


@case("a far end with ICE answers a phone without: its candidates stay, and it is heard")
def from_plain(t, net):
    call = _begin(t, net)
    call.exchange(1, answer=ICE_ANSWER)
    call.audio().both_ways()


#    | INVITE                |                       |
#    |<----------------------|<----------------------|
#    |           200 c= outside, reflexive, host     |
#    |---------------------->|---------------------->|
@case("a phone with ICE is called: its answer has the candidate, too")
def answer(t, net):
    line = Line(t, net)
    line.register()
    call = IceDialog(line)
    call.be_called(ICE_ANSWER, ICE_OFFER)
    _checks_both_ways(t, call.audio())


#    | INVITE                |                       |
#    |---------------------->|---------------------->|
#    |           200 with ICE                        |
#    |<----------------------|<----------------------|
#    |<===== check, answer ==========================|
#    |====== check, answer =========================>|
@case("ICE at both ends: checks pass both ways, by the candidate that was added")
def to_ice(t, net):
    call = _begin(t, net)
    call.exchange(1, ICE_OFFER, ICE_ANSWER)
    audio = call.audio()
    _checks_both_ways(t, audio)
    audio.both_ways()
    call.hang_up()
    call.over(audio)


@case("the phone's checks come first: the far end sees the candidate that it was told")
def phone_first(t, net):
    call = _begin(t, net)
    call.exchange(1, ICE_OFFER, ICE_ANSWER)
    audio = call.audio()
    _check(t, audio.phone, audio.far.address, audio.far, audio.promised)
    # A candidate of the far end that is nowhere in its c= line.
    other = audio.other(net.server.udp(7000))
    _check(t, other.phone, other.far.address, other.far, other.promised)


@case("RTCP has a component of its own: both are checked")
def components(t, net):
    call = _begin(t, net)
    call.exchange(1, BOTH_COMPONENTS, ICE_ANSWER)
    _checks_both_ways(t, call.audio())
    _checks_both_ways(t, call.rtcp())


@case("ice-lite: the one candidate is on the outside address, and is checked")
def lite(t, net):
    call = _begin(t, net)
    call.exchange(1, LITE_OFFER, ICE_ANSWER)
    audio = call.audio()
    _check(t, audio.far, audio.promised, audio.phone, audio.far.address)
    audio.both_ways()


#    | INVITE, 200, ACK, checks                      |
#    |<--------------------->|<--------------------->|
#    | INVITE c= outside, remote-candidates          |
#    |---------------------->|---------------------->| as it is
@case("a re-INVITE that names what the checks found stays, and the media goes on")
def nominated(t, net):
    call = _begin(t, net)
    call.exchange(1, ICE_OFFER, ICE_ANSWER)
    audio = call.audio()
    _checks_both_ways(t, audio)
    call.gaps.update(seen=OUTSIDE, seen_rtp=audio.promised[1])
    call.exchange(2, NOMINATED, ICE_ANSWER)
    audio.both_ways()
    # A new flow, too: the port is still the call's.
    audio.other(net.media.udp(6100)).inward()
    call.hang_up()
    call.over(audio)


#  The same for the audio; the video moves to another port of the phone.
@case("a re-INVITE names what the checks found for one stream, a host port for the other")
def nominated_one(t, net):
    def with_video(body, port, own=""):
        return f"{body}m=video {port} RTP/AVP 96\n{own}"

    call = _begin(t, net)
    answer = with_video(ICE_ANSWER, 6010)
    call.exchange(1, with_video(ICE_OFFER, 4010), answer)
    audio = call.audio()
    _checks_both_ways(t, audio)
    video = call.stream(4010, 4010, 6010)
    video.both_ways()
    call.gaps.update(seen=OUTSIDE, seen_rtp=audio.promised[1])
    call.exchange(2, with_video(NOMINATED, 4020, "c=IN IP4 {host}\n"), answer)
    wait_until(lambda: not t.alg.bindings(net, 4010), "the video's first port drains", FLOWS_END)
    audio.both_ways()
    audio.other(net.media.udp(6100)).inward()
    moved = call.stream(4020, 4020, 6110)
    moved.both_ways()
    call.hang_up()
    call.over(audio, moved)


#  phone1                     router                     server
#    | INVITE host, reflexive   |                           |
#    |------------------------->|-------------------------->|
#  phone2                       |                           |
#    | the same                 |                           |
#    |<-------------------------|<--------------------------|
#    | 200 host, reflexive      |                           |
#    |------------------------->|-------------------------->|
#    |<========= checks, directly ==========> phone2
@case("two phones with ICE behind the same NAT: host candidates meet, and so do reflexive ones")
def same_nat(t, net):
    net.router.run("nft", "insert", "rule", "inet", "firewall", "forward",
                   "iifname", '{ "lan1", "lan2" }', "oifname", '{ "lan1", "lan2" }', "accept")
    server = net.server.udp(5060)
    caller = IceDialog(Line(t, net, server=server))
    callee_line = Line(t, net, phone=net.phone2, server=server, port=5062)
    callee_line.register()
    callee = IceDialog(callee_line)
    got = caller.up(sip.INVITE, body=ICE_OFFER)
    offer = got.data.split(b"\r\n\r\n", 1)[1].decode().replace("\r\n", "\n")
    callee.down(sip.INCOMING, body=offer)
    got = callee.up(sip.INCOMING_OK, body=ICE_OFFER)
    caller.down(sip.OK, body=got.data.split(b"\r\n\r\n", 1)[1].decode().replace("\r\n", "\n"))
    caller.up(sip.ACK)
    callee.down(sip.INCOMING_ACK)
    first, second = net.phone1.udp(caller.inside.rtp), net.phone2.udp(callee.inside.rtp)
    t.true(f"{net.phone1.address} 4000 typ host" in offer, "the host candidate in the offer")
    hairpin.both_ways(t, caller, callee, first, second)
    _check(t, first, (net.phone2.address, callee.inside.rtp), second,
           (net.phone1.address, caller.inside.rtp))
    _check(t, second, (net.phone1.address, caller.inside.rtp), first,
           (net.phone2.address, callee.inside.rtp))


@case("ice pass: the description stays as it is, and no port is opened")
def kept(t, net):
    t.set(net, "set", "ice", "pass")
    call = _begin(t, net)
    offer = ICE_OFFER.replace("{reflexive}", "").replace("{host}", net.phone1.address)
    call.up(sip.INVITE, body=offer.replace("{rtp}", "4000"))
    t.equal(t.alg.bindings(net, 4000), [], "bindings for media")
    t.set(net, "set", "ice", "help")
    again = IceDialog(call.line, rtp=4010, far=6010)
    again.up(sip.INVITE, body=ICE_OFFER)
    wait_until(lambda: t.alg.bindings(net, again.outside.rtp), "a binding", FLOWS_END)


if __name__ == "__main__":
    ksft.main()
