#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Two phones behind the same NAT talk with each other through an outside server."""

from lib import hairpin, ksft, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import FLOWS_END, Line
from lib.tcp import Connection, listen
from lib.topology import OUTSIDE


def _call(t, net, keeps_call_id):
    caller, callee = hairpin.begin(t, net, keeps_call_id)
    hairpin.answer(caller, callee)
    return caller, callee


#  phone1                     router                     server
#    | INVITE c= phone1         |     c=, m= outside        |
#    |------------------------->|-------------------------->|
#  phone2                       |                           |
#    | INVITE c=, m= outside    |     the same              |
#    |<-------------------------|<--------------------------|
#    | 200 c= phone2            |     c=, m= outside        |
#    |------------------------->|-------------------------->|
#  phone1                       |                           |
#    | 200 c=, m= outside       |     the same              |
#    |<-------------------------|<--------------------------|
#    |<========= RTP ==========>|<========= RTP ========> phone2
#  RFC 4787, REQ-9: each phone sees the other's outside address and port.
@case("media between the phones turns round at the router, by their outside addresses")
def two_phones(t, net):
    caller, callee = _call(t, net, keeps_call_id=False)
    first, second = net.phone1.udp(caller.inside.rtp), net.phone2.udp(callee.inside.rtp)
    hairpin.both_ways(t, caller, callee, first, second)


#    | BYE                      |     BYE                   |
#    |------------------------->|-------------------------->|
#  phone2                       |                           |
#    | BYE                      |     BYE                   |
#    |<-------------------------|<--------------------------|
@case("the server keeps the Call-ID: both phones are heard, and each BYE ends its side")
def one_call_id(t, net):
    caller, callee = _call(t, net, keeps_call_id=True)
    first, second = net.phone1.udp(caller.inside.rtp), net.phone2.udp(callee.inside.rtp)
    hairpin.both_ways(t, caller, callee, first, second)
    ports = caller.outside.rtp, callee.outside.rtp
    caller.hang_up()
    callee.is_in("confirmed")
    wait_until(lambda: not t.alg.bindings(net, ports[0]), "the caller's binding goes", FLOWS_END)
    callee.is_in("confirmed")
    t.true(t.alg.bindings(net, ports[1]), "the other phone's binding stays")
    callee.hang_up_remote()
    wait_until(lambda: not t.alg.bindings(net, *ports), "bindings go", FLOWS_END)
    for port in ports:
        net.media.udp(0).send(b"anybody there?", (OUTSIDE, port))
    callee.line.send_down(b"\r\n\r\n", "a keep-alive")
    t.equal(first.waiting() + second.waiting(), [], "media after the call")


def _carry(t, sender, receiver, sent, due, what):
    """Send a message in pieces, and check what arrives."""
    sender.nodelay()
    sender.send(*(sent[at:at + 150] for at in range(0, len(sent), 150)))
    t.same(receiver.receive(len(due)), due, what)


def _up(t, line, text, body="", **gaps):
    _carry(t, line.phone, line.server, *line.texts(text, body, **gaps), text.split()[0])


def _down(t, line, text, body="", **gaps):
    due, sent = line.texts(text, body, **gaps)
    _carry(t, line.server, line.phone, sent, due, text.split()[0])


@case("over TCP, through a server, in pieces: what changes at one phone, and then at the other")
def streams(t, net):
    listener = listen(net)
    caller, callee = (Connection(net, port, rtp, listener, phone=phone) for port, rtp, phone in
                      ((40001, 4000, net.phone1), (40002, 4100, net.phone2)))
    ends = net.phone1.udp(4000), net.phone2.udp(4100)
    for call_id in ("another", "one"):
        offer = hairpin.description(caller.outside.rtp), hairpin.description(callee.outside.rtp)
        gaps = {"call_id": call_id, "branch": call_id}
        _up(t, caller, sip.INVITE, sip.OFFER, call_id="one", branch=call_id)
        _down(t, callee, sip.INCOMING, offer[0], **gaps)
        _up(t, callee, sip.INCOMING_OK, sip.OFFER, **gaps)
        _down(t, caller, sip.OK, offer[1], call_id="one", branch=call_id)
        _up(t, caller, sip.ACK, call_id="one", branch=call_id)
        _down(t, callee, sip.INCOMING_ACK, **gaps)
        hairpin.both_ways(t, caller, callee, *ends)


def _answered(t, net, setting, value):
    """Let phone2 call phone1 by the outside address, and a limit be reached for phone1."""
    first = Line(t, net)
    second = Line(t, net, phone=net.phone2, server=first.server)
    t.alg.tool(net, "set", "registration-source", "any")
    for line in first, second:
        line.register()
    call = second.dialog(rtp=4100)
    second.phone.send(call.text(sip.INVITE, call.inside, body=sip.OFFER),
                      (OUTSIDE, first.outside_port))
    got = first.phone.receive("INVITE")
    t.equal(sip.via_port(got.data), got.source[1], "sent-by of the INVITE")
    answer = sip.OFFER.format_map({"host": net.phone1.address, "rtp": 4000})
    t.alg.tool(net, "set", setting, value)
    first.phone.send(call.text(sip.OK, sip.View(OUTSIDE, got.source[1], 0, 0), body=answer),
                     got.source)
    t.same(second.phone.receive("200").data, call.text(sip.OK, call.inside, body=answer),
           "the 200 at the caller")


#  phone2                     router                     phone1
#    | INVITE Via: phone2       |     Via: outside          |
#    |------------------------->|-------------------------->|
#    | 200 Via: phone2          |     200 Via: outside      |
#    |<-------------------------|<--------------------------|
#  RFC 3261, 18.1.2: with another Via, phone2 would drop the 200.
@case("a phone gets its own Via back, though the other one's media gets no port")
def refused_media(t, net):
    with t.counted(net, limit_call_bindings=1):
        _answered(t, net, "limit-call-bindings", "1")


@case("a phone gets its own Via back, though a limit is reached for the call of the other one")
def refused_call(t, net):
    with t.counted(net, passed_limit_calls=1):
        _answered(t, net, "limit-calls", "1")


if __name__ == "__main__":
    ksft.main()
