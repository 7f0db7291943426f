#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Two phones behind the same NAT talk with each other through an outside server."""

from lib import ksft, media, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import FLOWS_END, Line
from lib.topology import OUTSIDE


def _description(port):
    """Make the server's message to one phone from what the other one sent."""
    return sip.OFFER.replace("{host}", OUTSIDE).replace("{rtp}", str(port))


def _call(t, net, keeps_call_id):
    """Place a call from phone1 to phone2; return both dialogs."""
    server = net.server.udp(5060)
    caller = Line(t, net, server=server).dialog()
    callee = Line(t, net, phone=net.phone2, server=server, port=5062)
    callee.register()
    callee = callee.dialog()
    if keeps_call_id:
        callee.gaps["call_id"] = caller.gaps["call_id"]
    caller.up(sip.INVITE)
    callee.down(sip.INCOMING, body=_description(caller.outside.rtp))
    callee.up(sip.INCOMING_OK)
    caller.down(sip.OK, body=_description(callee.outside.rtp))
    caller.up(sip.ACK)
    callee.down(sip.INCOMING_ACK)
    return caller, callee


def _both_ways(t, caller, callee, first, second):
    for number, (sender, receiver, to, seen_as) in enumerate((
            (first, second, callee.outside.rtp, caller.outside.rtp),
            (second, first, caller.outside.rtp, callee.outside.rtp),
            (first, second, callee.outside.rtp, caller.outside.rtp))):
        sender.send(media.packet(number), (OUTSIDE, to))
        got = receiver.receive(f"media from {sender.name}")
        t.same(got.data, media.packet(number), f"media at {receiver.name}")
        t.equal(got.source, (OUTSIDE, seen_as), f"source of media at {receiver.name}")


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
def hairpin(t, net):
    caller, callee = _call(t, net, keeps_call_id=False)
    first, second = net.phone1.udp(caller.inside.rtp), net.phone2.udp(callee.inside.rtp)
    _both_ways(t, caller, callee, first, second)


#    | BYE                      |     BYE                   |
#    |------------------------->|-------------------------->|
#  phone2                       |                           |
#    | BYE                      |     BYE                   |
#    |<-------------------------|<--------------------------|
@case("the server keeps the Call-ID: both phones are heard, and each BYE ends its side")
def one_call_id(t, net):
    caller, callee = _call(t, net, keeps_call_id=True)
    first, second = net.phone1.udp(caller.inside.rtp), net.phone2.udp(callee.inside.rtp)
    _both_ways(t, caller, callee, first, second)
    caller.hang_up()
    caller.is_in("confirmed")
    _both_ways(t, caller, callee, first, second)
    callee.hang_up_remote()
    ports = caller.outside.rtp, callee.outside.rtp
    wait_until(lambda: not t.alg.bindings(net, *ports), "bindings go", FLOWS_END)
    for port in ports:
        net.media.udp(0).send(b"anybody there?", (OUTSIDE, port))
    callee.line.send_down(b"\r\n\r\n", "a keep-alive")
    t.equal(first.waiting() + second.waiting(), [], "media after the call")


if __name__ == "__main__":
    ksft.main()
