#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Two phones behind the same NAT talk with each other through an outside server."""

from lib import hairpin, ksft, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import FLOWS_END
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


if __name__ == "__main__":
    ksft.main()
