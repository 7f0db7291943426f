#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Media both ways with each kind of NAT, whoever speaks first, for one phone and for two.

Each case is a kind of NAT and an order of the first packets. First one phone has a call,
then both phones have one at a time, with the same RTP port inside. The rules are those of
nftables; with those of iptables each kind has one case.

  phone1, phone2          router                  server       media
    | INVITE, 200, ACK      |                       |            |
    |<--------------------->|<--------------------->|            |
    |<================ RTP, in the order of the case ===========>|
"""

import functools

from lib import ipv6, ksft, media, nat, netns, sip
from lib.ladder import Dialog, Line
from lib.topology import OUTSIDE, SERVER, SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)

RANGE = "20000-20255"
OTHERS = ("203.0.113.97", "203.0.113.98")
PHONE2 = "2001:db8:2::2"

# The router forwards what the inside begins, and what belongs to it.
NO_NAT = "flush chain ip nat postrouting\n"


class Kind:
    """A kind of NAT: how it is set up, and what its messages look like."""

    def __init__(self, name, *rules, ports=None, mapped=True, v6=False):
        self.name = name
        self.rules = rules
        self.ports = ports
        self.mapped = mapped
        self.v6 = v6

    def configure(self, t, net, program):
        """Set the router up."""
        if self.v6:
            _configure_ipv6(net)
        elif not self.mapped:
            net.router.run("nft", "-f", "-", stdin=NO_NAT)
            net.server.run("ip", "route", "add", "192.168.0.0/16", "via", OUTSIDE)
        else:
            for address in OTHERS:
                net.router.run("ip", "addr", "add", f"{address}/24", "dev", "wan")
            nat.install(net, program, *self.rules)
        if self.ports:
            t.set(net, "on", "dev", "wan", "outside-ports", self.ports)

    def line(self, t, net, phone, server):
        """Return a phone's line to the server."""
        line = Line(t, net, phone=phone, server=server, outside=None)
        if not self.mapped:
            line.outside, line.outside_port = phone.address, SIP_PORT
        return line

    def dialog(self, line, far):
        """Begin a dialog of the kind's address family."""
        return (_Dialog6 if self.v6 else Dialog)(line, far=far, mapped=self.mapped)


KINDS = (
    Kind("masquerade", nat.masquerade()),
    Kind("snat to an address", nat.snat(OTHERS[0])),
    Kind("snat to a range of addresses", nat.snat("-".join(OTHERS))),
    Kind("masquerade to ports", nat.masquerade(ports=RANGE), ports=RANGE),
    Kind("masquerade, fully random", nat.masquerade(fully_random=True)),
    Kind("no NAT", mapped=False),
    Kind("NAT66", v6=True),
)


def _configure_ipv6(net):
    ipv6.configure(net, "masquerade")
    netns.configure({
        net.phone2.namespace: [f"addr add {PHONE2}/64 dev eth0 nodad",
                               "route add ::/0 via 2001:db8:2::1"],
        net.router.namespace: ["addr add 2001:db8:2::1/64 dev lan2 nodad"],
    })
    net.phone2.address = PHONE2


class _Dialog6(Dialog):
    """A dialog whose texts are of IPv6: brackets in headers, none in SDP."""

    def text(self, text, view, body="", **gaps):
        head = (text.replace("{host}", "[{host}]").replace(SERVER, f"[{ipv6.SERVER}]")
                .replace("received=[{host}]", "received={host}"))
        body = body.replace("IP4", "IP6").replace("198.51.100.20", ipv6.MEDIA)
        return super().text(head, view, body=body, **gaps)


def _be_called(call):
    """The phone is called; it has not answered yet."""
    registration = type(call)(call.line, mapped=call.mapped)
    registration.up(sip.REGISTER)
    registration.down(sip.REGISTER_OK)
    call.down(sip.INCOMING)
    call.up(sip.INCOMING_RINGING)


def _stream(call, here, there):
    return media.Stream(call.t, here, there, (call.line.outside, call.outside.rtp))


def _phone_first(call, here, there):
    call.call()
    stream = _stream(call, here, there)
    stream.outward()
    stream.both_ways()
    return stream


def _far_end_first(call, here, there):
    call.call()
    stream = _stream(call, here, there)
    stream.both_ways()
    return stream


def _before_the_200(call, here, there):
    _be_called(call)
    for number in range(2):
        here.send(media.packet(number), there.address)
        there.receive("early media")
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    stream = _stream(call, here, there)
    stream.both_ways()
    return stream


ORDERS = {"the phone speaks first": _phone_first, "the far end speaks first": _far_end_first,
          "the phone speaks before its 200": _before_the_200}


def _one_call(kind, line, order, here, there):
    call = kind.dialog(line, there.address[1])
    return call, order(call, here, there)


def _calls(t, net, kind, order, twice=False, program="nftables"):
    kind.configure(t, net, program)
    errors = nat.Errors(net.media)
    server = net.server.udp(SIP_PORT)
    lines = [kind.line(t, net, phone, server) for phone in (net.phone1, net.phone2)]
    heres = [phone.udp(4000) for phone in (net.phone1, net.phone2)]
    there = net.media.udp(6000)
    call, stream = _one_call(kind, lines[0], order, heres[0], there)
    for _ in range(2 if twice else 0):
        call.hang_up()
        call, stream = _one_call(kind, lines[0], order, heres[0], there)
    other, others = _one_call(kind, lines[1], order, heres[1], there)
    stream.both_ways()
    for _ in range(2 if twice else 0):
        other.hang_up()
        other, others = _one_call(kind, lines[1], order, heres[1], there)
        stream.both_ways()
    others.both_ways()
    t.equal(errors.waiting(), [], "ICMP errors")
    errors.close()


def _add_cases(kind):
    for name, order in ORDERS.items():
        @case(f"{kind.name}: {name}")
        def in_order(t, net, order=order):
            _calls(t, net, kind, order)

    @case(f"{kind.name}: the same port twice, one call after the other")
    def twice(t, net):
        _calls(t, net, kind, _far_end_first, twice=True)


def _add_program(kind, program):
    @case(f"{kind.name}, by {program}: the phone speaks before its 200")
    def by_program(t, net):
        try:
            _calls(t, net, kind, _before_the_200, program=program)
        finally:
            nat.remove(net, program)


for KIND in KINDS:
    _add_cases(KIND)
    for PROGRAM in nat.PROGRAMS[1:]:
        if KIND.rules:
            _add_program(KIND, PROGRAM)


if __name__ == "__main__":
    ksft.main()
