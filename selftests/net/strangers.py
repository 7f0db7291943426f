#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Strangers make no state, and whoever acts pays for it.

A request from outside is translated by what exists, and kept only once an inside host has
answered it. Each inside host has a share of what all use.

  phone1 (PBX)            router                  server, media
    |           INVITE, INVITE, INVITE ... unanswered      |
    |<----------------------|<-----------------------------|
    | INVITE                | as ever                      |
    |---------------------->|----------------------------->|
"""

import functools

from lib import ipv6, ksft, sip
from lib.attack import calls
from lib.ladder import Line
from lib.topology import OUTSIDE, SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)

# A share, and how many requests are to use it up.
SHARE, REQUESTS = 200, 250

# A PBX that anybody may send to.
FORWARD = """
table ip nat {
	chain prerouting {
		type nat hook prerouting priority dstnat;
		iifname "wan" udp dport 5060 dnat to 192.168.1.2:5060
	}
}
table inet firewall {
	chain forward {
		ct status dnat accept
	}
}
"""
OPEN = """
table inet firewall {
	chain forward {
		iifname "wan" udp dport 5060 accept
	}
}
"""


def _stranger(net, number, text=sip.INCOMING, host=OUTSIDE):
    view = sip.View(host, SIP_PORT, 4000, 4001)
    return sip.fill(text, view, body=sip.ANSWER, far=6000, branch=f"s{number}",
                    call_id=f"{number}@strange", tag="a", cseq=1)


def _pbx(t, net):
    """A PBX behind a port forward, and a stranger's socket that may send to it."""
    net.router.run("nft", "-f", "-", stdin=FORWARD)
    line = Line(t, net)
    line.outside_port = SIP_PORT
    return line, net.media.udp(SIP_PORT)


def _knock(net, phone, stranger, messages, to=(OUTSIDE, SIP_PORT)):
    """Send to the phone, which reads it all and answers nothing."""
    for number, message in enumerate(messages):
        stranger.send(message, to)
        if number % 50 == 49:
            phone.receive("a stranger's message")
            phone.waiting()
    stranger.send(b"\r\n\r\n", to)
    while phone.receive("the last of them").data != b"\r\n\r\n":
        pass


# --- unanswered requests from outside ------------------------------------------------

@case("INVITEs from outside that nobody answers take no share of the PBX that they go to")
def unanswered(t, net):
    t.alg.tool(net, "set", "limit-host-calls", str(SHARE))
    line, stranger = _pbx(t, net)
    with t.counted(net, calls=0, passed_limit_host_calls=0):
        _knock(net, line.phone, stranger, [_stranger(net, n) for n in range(REQUESTS)])
    t.equal(t.alg.calls(net, None), [], "calls and registrations")
    calls(t, net, net.phone1, line.server)


@case("INVITEs from outside that nobody answers take no memory and no share of all hosts")
def unanswered_total(t, net):
    t.alg.tool(net, "set", "limit-calls", str(SHARE))
    line, stranger = _pbx(t, net)
    before = t.alg.counters(net)["bytes_now"]
    _knock(net, line.phone, stranger, [_stranger(net, n) for n in range(REQUESTS)])
    # The flow of the strangers' own signalling may have been noted.
    t.true(t.alg.counters(net)["bytes_now"] <= before + 4096, "bytes of state")
    calls(t, net, net.phone2, line.server)


@case("an INVITE from outside is a call once the phone rings, and its media opens with the 200")
def answered(t, net):
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.down(sip.INCOMING)
    t.equal(call.states(), [], "states before the phone answers")
    call.up(sip.INCOMING_RINGING)
    call.is_in("early")
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    call.is_in("confirmed")
    audio = call.audio()
    audio.both_ways()
    call.hang_up_remote()
    call.closed(audio)


@case("an INVITE from outside that is answered long after its last copy is still a call")
def answered_late(t, net):
    t.alg.tool(net, "set", "timeout-transaction", "2")
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.down(sip.INCOMING)
    line.outlive()
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    call.is_in("confirmed")
    call.audio().both_ways()


@case("BYE, CANCEL, ACK, UPDATE, PRACK and SUBSCRIBE from outside make no state")
def other_requests(t, net):
    line, stranger = _pbx(t, net)
    texts = [sip.remote_request(method, sdp=method in ("UPDATE", "PRACK"))
             for method in ("BYE", "CANCEL", "ACK", "UPDATE", "PRACK", "SUBSCRIBE", "REFER")]
    with t.counted(net, calls=0, registrations=0, bindings=0):
        _knock(net, line.phone, stranger,
               [sip.fill(text, sip.View(OUTSIDE, SIP_PORT, 0, 0), body=sip.ANSWER, far=6000,
                         branch=number, call_id=f"{number}@strange", tag="a", bob="b", cseq=1)
                for number, text in enumerate(texts)])
    t.equal(t.alg.calls(net, None), [], "calls and registrations")


@case("responses from outside to requests that nobody sent make no state")
def unasked_responses(t, net):
    line, stranger = _pbx(t, net)
    with t.counted(net, calls=0, registrations=0, bindings=0):
        _knock(net, line.phone, stranger,
               [_stranger(net, number, text) for number, text in enumerate(
                   (sip.RINGING, sip.PROGRESS, sip.OK, sip.REGISTER_OK, sip.BYE_OK))])
    t.equal(t.alg.calls(net, None), [], "calls and registrations")


# --- without NAT, any source -----------------------------------------------------------

def _no_nat(t, net):
    ipv6.configure(net)
    net.router.run("nft", "-f", "-", stdin=OPEN)
    return net.phone1.udp(SIP_PORT)


def _invite6(host, number):
    """Return an INVITE that an IPv6 host sends, with its own address in it."""
    offer = sip.OFFER.replace("IP4 {host}", f"IP6 {host}")
    return sip.fill(sip.INVITE, sip.View(f"[{host}]", SIP_PORT, 4000, 4001), body=offer,
                    branch=number, call_id=f"{number}@six", tag="a", cseq=1)


@case("without NAT, INVITEs from many sources to a phone that is silent leave room for its own")
def many_sources(t, net):
    for name in ("limit-calls", "limit-host-calls"):
        t.alg.tool(net, "set", name, str(SHARE))
    phone = _no_nat(t, net)
    sources = [f"2001:db8:e::{number:x}" for number in range(0x1000, 0x1000 + REQUESTS)]
    net.media.run("ip", "-batch", "-", stdin="".join(
        f"addr add {source}/64 dev eth0 nodad\n" for source in sources))
    for number, source in enumerate(sources):
        net.media.address = source
        stranger = net.media.udp(SIP_PORT)
        stranger.send(_invite6(source, number), (ipv6.PHONE, SIP_PORT))
        stranger.close()
        if number % 50 == 49:
            phone.receive("a stranger's INVITE")
            phone.waiting()
    net.media.address = ipv6.MEDIA
    with t.counted(net, calls=1):
        server = net.server.udp(SIP_PORT)
        phone.send(_invite6(ipv6.PHONE, "own"), (ipv6.SERVER, SIP_PORT))
        server.receive("INVITE of the phone")
    far, here = net.media.udp(6000), net.phone1.udp(4000)
    far.send(b"early media", (ipv6.PHONE, 4000))
    t.equal(here.receive("early media").data, b"early media", "media of the phone's call")


if __name__ == "__main__":
    ksft.main()
