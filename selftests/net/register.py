#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A phone behind the NAT registers."""

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import Line
from lib.topology import OUTSIDE, SERVER, SIP_PORT

CONTACT = "Contact: <sip:alice@{host}:{port}>"
CONTACT_WITHOUT_PORT = "Contact: <sip:alice@{host}>"

# A challenge and its answer, and all other fields that name the phone's address in
# places that are nobody's business: all of it must arrive as it was sent.
CHALLENGE = """
SIP/2.0 401 Unauthorized
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch};rport={port};received={host}
From: <sip:alice@192.168.1.2>;tag={tag}
To: <sip:alice@192.168.1.2>;tag=registrar
Call-ID: {call_id}
CSeq: {cseq} REGISTER
WWW-Authenticate: Digest realm="192.168.1.2", nonce="192.168.1.2:5060", qop="auth"
Content-Length: 0

"""

AUTHORIZED = """
REGISTER sip:203.0.113.10 SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch};rport
max-forwards : 70
From:  "192.168.1.2"  <sip:alice@192.168.1.2>;tag={tag}
To: <sip:alice@192.168.1.2>
Call-ID: {call_id}
CSeq: {cseq} REGISTER
Contact: <sip:alice@{host}:{port}>;expires=600
Authorization: Digest username="alice@192.168.1.2", realm="192.168.1.2",
 nonce="192.168.1.2:5060", uri="sip:203.0.113.10", qop=auth, nc=00000001,
\tcnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1"
User-Agent: phone/1.0 (192.168.1.2:5060)
X-Address: 192.168.1.2:5060
P-Preferred-Identity: <sip:alice@192.168.1.2:5060>
Subject:
Content-Length: 0

"""

# The registrar lists a second phone of alice that is not behind this NAT.
TWO_CONTACTS_OK = """
SIP/2.0 200 OK
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch};rport={port};received={host}
From: <sip:alice@example.com>;tag={tag}
To: <sip:alice@example.com>;tag=registrar
Call-ID: {call_id}
CSeq: {cseq} REGISTER
Contact: <sip:alice@198.51.100.77:5060>;expires=99, "A" <sip:alice@{host}:{port}>;expires=600
Contact: <sip:alice@mobile.example.com>;expires=7
Service-Route: <sip:203.0.113.99:5060;lr>
Content-Length: 0

"""

UNREGISTER = """
REGISTER sip:203.0.113.10 SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch}u;rport
Max-Forwards: 70
From: <sip:alice@example.com>;tag={tag}
To: <sip:alice@example.com>
Call-ID: {call_id}
CSeq: {cseq} REGISTER
Contact: <sip:alice@{host}:{port}>;expires=0
Content-Length: 0

"""

UNREGISTER_OK = """
SIP/2.0 200 OK
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch}u;rport={port};received={host}
From: <sip:alice@example.com>;tag={tag}
To: <sip:alice@example.com>;tag=registrar
Call-ID: {call_id}
CSeq: {cseq} REGISTER
Content-Length: 0

"""


#  phone1                           router                           server
#    | REGISTER Contact: A:p          |         Contact: E:q            |
#    |------------------------------->|-------------------------------->|
#    |   200 Contact: A:p             |     200 Contact: E:q            |
#    |<-------------------------------|<--------------------------------|
@case("Via and Contact of a REGISTER are mapped, and restored in the 200")
def mapped_and_restored(t, net):
    with t.counted(net, messages=2, changed=2, registrations=1):
        Line(t, net).register()


#    | REGISTER Contact: E:q          |         Contact: E:q            |
#    |------------------------------->|-------------------------------->|
#    |   200 Contact: E:q             |     200 Contact: E:q            |
#    |<-------------------------------|<--------------------------------|
#    | INVITE E:q                     |     INVITE E:q                  |
#    |<-------------------------------|<--------------------------------|
@case("a phone that wrote its public address, learnt by STUN, gets it back unchanged")
def reflexive(t, net):
    line = Line(t, net)
    registration = line.dialog()
    view = sip.View(OUTSIDE, SIP_PORT, 0, 0)
    for text in (sip.REGISTER, sip.REGISTER_OK, sip.INCOMING):
        data = registration.text(text, view)
        out = text is sip.REGISTER
        got = line.send_up(data, "REGISTER") if out else line.send_down(data, "the 200")
        if out:
            registration.learn(got)
        t.same(got.data, data, "message that arrives")
    t.equal(got.source, (SERVER, SIP_PORT), "source of the INVITE")
    other = net.server.udp(5070)
    other.send(data, (OUTSIDE, SIP_PORT))
    if t.alg.name == "sipalg":
        t.same(line.phone.receive("INVITE").data, data, "INVITE from the registrar's other port")
    # From now on it may write its own address.
    line.register()


#    | REGISTER                       |                                 |
#    |------------------------------->|-------------------------------->|
#    |   401 WWW-Authenticate         |                                 |
#    |<-------------------------------|<--------------------------------|
#    | REGISTER Authorization         |                                 |
#    |------------------------------->|-------------------------------->|
#    |   200                          |                                 |
#    |<-------------------------------|<--------------------------------|
@case("From, To, Authorization and all other fields do not change by a byte")
def others_untouched(t, net):
    registration = Line(t, net).dialog()
    registration.up(sip.REGISTER)
    registration.down(CHALLENGE)
    registration.up(AUTHORIZED, cseq=2)
    registration.down(sip.REGISTER_OK, cseq=2)


@case("two phones use the same port: each gets its own Contact back")
def two_phones(t, net):
    first = Line(t, net)
    first.register()
    second = Line(t, net, phone=net.phone2, server=first.server)
    second.register()
    t.true(first.outside_port != second.outside_port, "each has its outside port")
    first.register()


@case("a Contact without a port gets one outside and comes back without it")
def contact_without_port(t, net):
    first = Line(t, net)
    first.register()
    second = Line(t, net, phone=net.phone2, server=first.server)
    registration = second.dialog()
    registration.up(sip.REGISTER, inside=sip.REGISTER.replace(CONTACT, CONTACT_WITHOUT_PORT))
    registration.down(sip.REGISTER_OK,
                      inside=sip.REGISTER_OK.replace(CONTACT, CONTACT_WITHOUT_PORT))
    without = sip.INCOMING.replace("{host}:{port} SIP/2.0", "{host} SIP/2.0")
    second.dialog().down(sip.INCOMING, inside=without)
    again = second.towards(net.server.udp(5070))
    again.dialog().down(sip.INCOMING, inside=without)


#  Requests to such a Contact go to maddr, whatever its host (RFC 3261, 19.1.1).
@case("a Contact whose maddr is the phone's address is mapped, and calls reach the phone")
def contact_maddr(t, net):
    def named(text):
        return text.replace("alice@{host}:{port}", "alice@phone.example.com:{port};maddr={host}")

    first = Line(t, net)
    second = Line(t, net, phone=net.phone2, server=first.server)
    for line, far in ((first, 6000), (second, 6100)):
        registration = line.dialog()
        registration.up(named(sip.REGISTER))
        registration.down(named(sip.REGISTER_OK))
        t.equal(registration.states("registration"), ["confirmed"], "state of the registration")
        call = line.dialog(far=far)
        call.down(named(sip.INCOMING), body=sip.ANSWER)
        call.up(named(sip.INCOMING_OK), body=sip.OFFER)
        call.down(named(sip.INCOMING_ACK))
        call.audio().both_ways()


@case("a Via without rport is mapped, and restored")
def without_rport(t, net):
    registration = Line(t, net).dialog()
    registration.up(sip.REGISTER.replace(";rport", ""))
    registration.down(sip.REGISTER_OK.replace("rport={port};", ""))


@case("a phone that sends from another port than it names is mapped, and can be reached")
def other_source(t, net):
    line = Line(t, net, source=40001)
    registration = line.dialog()
    registration.up(sip.REGISTER.replace(";rport", ""))
    registration.down(sip.REGISTER_OK.replace("rport={port};", ""))
    line.send_down(b"OPTIONS", "a datagram from the registrar")


@case("a phone on another port than 5060 is mapped, too")
def uncommon_port(t, net):
    Line(t, net, port=40123).register()


@case("the 200 lists several Contacts: only the phone's own is changed")
def foreign_contacts(t, net):
    registration = Line(t, net).dialog()
    registration.up(sip.REGISTER)
    registration.down(TWO_CONTACTS_OK)


@case("unregistering removes the binding")
def unregister(t, net):
    registration = Line(t, net).register()
    t.equal(len(t.alg.bindings(net)), 1, "bindings of the registration")
    registration.up(UNREGISTER, cseq=2)
    registration.down(UNREGISTER_OK, cseq=2)
    wait_until(lambda: not t.alg.bindings(net), "the binding goes")


if __name__ == "__main__":
    ksft.main()
