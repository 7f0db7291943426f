#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Registrations: which port opens, for whom and for how long (RFC 3261, 10)."""

import re

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import FLOWS_END, Line
from lib.topology import OUTSIDE, SIP_PORT

# The phone sends from 5060 and its Contact names 5070.
OTHER = 5070
_CONTACT = "Contact: <sip:alice@{host}:{port}>;expires=600"
_OTHER_CONTACT = "Contact: <sip:alice@{host}:5070>;expires=600"
SLACK = 30

UNREGISTER = sip.REGISTER.replace(_CONTACT, "Contact: *\nExpires: 0")
UNREGISTER_OK = sip.REGISTER_OK.replace(_CONTACT + "\n", "")
FORBIDDEN = UNREGISTER_OK.replace("200 OK", "403 Forbidden")


def _with(text, *contacts):
    return text.replace(_CONTACT, "\n".join(contacts))


def _lives_for(t, net, seconds, what):
    left = [each["expires"] for each in t.alg.calls(net, "registration")]
    t.true(len(left) == 1 and seconds - SLACK <= left[0] <= seconds,
           f"{what}: granted for {seconds} s ({left})")


def _reaches(line, phone, sender, port):
    """Return whether a datagram to that outside port reaches the phone's socket."""
    sender.send(b"OPTIONS", (OUTSIDE, port))
    line.send_down(b"\r\n\r\n", "a keep-alive")
    return bool(phone.waiting())


#  phone1                           router                           server
#    | REGISTER Contact: A:5070       |         Contact: E:5070         |
#    |------------------------------->|-------------------------------->|
#    |                                |         anything to E:5070      |
#    |                            not yet <-----------------------------|
#    |   200                          |                                 |
#    |<-------------------------------|<--------------------------------|
#    |                                |         from any of its ports   |
#    |<-------------------------------|<--------------------------------|
@case("a Contact on another port opens with the 200, for the registrar alone")
def opens(t, net):
    line = Line(t, net)
    phone = net.phone1.udp(OTHER)
    registration = line.dialog()
    registration.up(_with(sip.REGISTER, _OTHER_CONTACT))
    again = net.server.udp(0)
    t.true(not _reaches(line, phone, again, OTHER), "the Contact's port is closed before the 200")
    registration.down(_with(sip.REGISTER_OK, _OTHER_CONTACT))
    t.true(_reaches(line, phone, net.server.udp(0), OTHER), "the port is open")
    t.true(_reaches(line, phone, line.server, OTHER), "the port is open for the registrar")
    t.true(not _reaches(line, phone, net.media.udp(0), OTHER), "the port is closed for a stranger")


#    |   403                          |                                 |
#    |<-------------------------------|<--------------------------------|
@case("a refused registration opens no port")
def refused(t, net):
    line = Line(t, net)
    phone = net.phone1.udp(OTHER)
    registration = line.dialog()
    registration.up(_with(sip.REGISTER, _OTHER_CONTACT))
    registration.down(FORBIDDEN)
    t.true(not _reaches(line, phone, net.server.udp(0), OTHER), "closed")
    t.equal([each["state"] for each in t.alg.calls(net, "registration")], ["early"],
            "state of the registration")


@case("lifetime: expires of the Contact, else Expires, else an hour; a refresh starts it again")
def lifetime(t, net):
    registration = Line(t, net).dialog()
    for cseq, (granted, seconds) in enumerate((
            (["Contact: <sip:alice@{host}:{port}>;expires=1200"], 1200),
            (["Contact: <sip:alice@{host}:{port}>;expires=300", "Expires: 700"], 300),
            (["Expires: 700", "Contact: <sip:alice@{host}:{port}>"], 700),
            (["Contact: <sip:alice@{host}:{port}>"], 3600),
            (["Contact: <sip:alice@{host}:{port}>;expires=60"], 60)), 1):
        registration.up(sip.REGISTER, cseq=cseq)
        registration.down(_with(sip.REGISTER_OK, *granted), cseq=cseq)
        _lives_for(t, net, seconds, " ".join(granted))


#    |   200 Contact: A:5060;expires=600, A:5070;expires=2
#    |<-------------------------------|<--------------------------------|
#                                   2 s later
#    |                            no longer <--- anything to E:5070 ----|
@case("each of several Contacts lives for its own time")
def several(t, net):
    line = Line(t, net)
    phone = net.phone1.udp(OTHER)
    registration = line.dialog()
    registration.up(_with(sip.REGISTER, _CONTACT, _OTHER_CONTACT))
    registration.down(_with(sip.REGISTER_OK, _CONTACT,
                            _OTHER_CONTACT.replace("expires=600", "expires=2")))
    t.true(_reaches(line, phone, net.server.udp(0), OTHER), "both ports are open at first")
    wait_until(lambda: not t.alg.bindings(net, OTHER), "the shorter binding ends", FLOWS_END)
    t.true(not _reaches(line, phone, net.server.udp(0), OTHER), "its port is closed then")
    _lives_for(t, net, 600, "the other")
    t.equal(len(t.alg.bindings(net)), 1, "number of bindings")


@case("a Contact that the next 200 does not list any more is closed")
def dropped(t, net):
    line = Line(t, net)
    phone = net.phone1.udp(OTHER)
    registration = line.dialog()
    registration.up(_with(sip.REGISTER, _CONTACT, _OTHER_CONTACT))
    registration.down(_with(sip.REGISTER_OK, _CONTACT, _OTHER_CONTACT))
    registration.up(_with(sip.REGISTER, _CONTACT, "Contact: <sip:alice@{host}:5070>;expires=0"),
                    cseq=2)
    registration.down(sip.REGISTER_OK, cseq=2)
    t.true(not _reaches(line, phone, net.server.udp(0), OTHER), "closed")
    t.equal([each["outside"]["port"] for each in t.alg.bindings(net)], [line.outside_port],
            "ports that are bound")


#    | REGISTER                       |                                 |
#    |------------------------------->|-------------------------------->|
#    |   200 expires=60               |                                 |
#    |<-------------------------------|<--------------------------------|
#    |   the same again, expires=600  |                                 |
#    |<-------------------------------|<--------------------------------|
@case("a 2xx that the registrar repeats prolongs nothing, not even when the phone repeats itself")
def repeated(t, net):
    registration = Line(t, net).dialog()
    registration.up(sip.REGISTER)
    registration.down(sip.REGISTER_OK.replace("expires=600", "expires=60"))
    registration.down(sip.REGISTER_OK)
    _lives_for(t, net, 60, "after the repetition")
    registration.up(sip.REGISTER)
    registration.down(sip.REGISTER_OK)
    _lives_for(t, net, 60, "after the retransmission of the REGISTER")
    registration.up(sip.REGISTER, cseq=2)
    registration.down(sip.REGISTER_OK)
    _lives_for(t, net, 60, "after the answer to the REGISTER before")
    registration.down(sip.REGISTER_OK, cseq=2)
    _lives_for(t, net, 600, "after the answer to the next one")


#    | REGISTER Contact: *, Expires: 0                                  |
#    |------------------------------->|-------------------------------->|
#    |   200                          |                                 |
#    |<-------------------------------|<--------------------------------|
#    | REGISTER Contact: A:p          |                                 |
#    |------------------------------->|-------------------------------->|
@case("Contact: * removes all bindings; a registration right after it stays")
def everything(t, net):
    line = Line(t, net)
    registration = line.dialog()
    registration.up(_with(sip.REGISTER, _CONTACT, _OTHER_CONTACT))
    registration.down(_with(sip.REGISTER_OK, _CONTACT, _OTHER_CONTACT))
    registration.up(UNREGISTER, cseq=2)
    registration.down(UNREGISTER_OK, cseq=2)
    registration.up(sip.REGISTER, cseq=3)
    registration.down(sip.REGISTER_OK, cseq=3)
    _lives_for(t, net, 600, "the registration after that")
    t.equal([each["outside"]["port"] for each in t.alg.bindings(net)], [line.outside_port],
            "ports that are bound")
    registration.up(UNREGISTER, cseq=4)
    registration.down(UNREGISTER_OK, cseq=4)
    wait_until(lambda: not t.alg.calls(net, "registration"), "the registration goes", FLOWS_END)
    t.equal(t.alg.bindings(net), [], "bindings")


#    | REGISTER Contact: A:5070       |         Contact: E:5070         |
#    |------------------------------->|-------------------------------->|
#                     meanwhile, what was granted ends
#    |   200 Contact: A:5070          |         Contact: E:5070         |
#    |<-------------------------------|<--------------------------------|
@case("a refresh that is in transit when the registration expires still renews it")
def refreshed_late(t, net):
    line = Line(t, net)
    phone = net.phone1.udp(OTHER)
    registration = line.dialog()
    registration.up(_with(sip.REGISTER, _OTHER_CONTACT))
    registration.down(_with(sip.REGISTER_OK, _OTHER_CONTACT.replace("expires=600", "expires=2")))
    registration.up(_with(sip.REGISTER, _OTHER_CONTACT), cseq=2)
    wait_until(lambda: not t.alg.bindings(net, line.outside_port), "the registration expires", FLOWS_END)
    registration.down(_with(sip.REGISTER_OK, _OTHER_CONTACT), cseq=2)
    _lives_for(t, net, 600, "the registration")
    t.true(_reaches(line, phone, net.server.udp(0), OTHER), "the port is open")


def _timeout(net, port, source="192.168.1.2"):
    """Return the seconds that conntrack gives the flow from the phone."""
    for flow in net.flows():
        found = re.match(rf"udp\s+17\s+(\d+) src={source} .*sport={port} dport=5060", flow)
        if found:
            return int(found[1])
    return 0


#                    an hour without a word, or the flow is lost
#    |                                |         INVITE from port 5070   |
#    |<-------------------------------|<--------------------------------|
@case("the flow lives as long as the registration; without the flow, calls may come from any port")
def an_hour(t, net):
    line = Line(t, net)
    registration = line.dialog()
    registration.up(sip.REGISTER)
    registration.down(sip.REGISTER_OK.replace("expires=600", "expires=3600"))
    left = _timeout(net, 5060)
    t.true(3600 - SLACK <= left <= 3600, f"time that the flow has left ({left})")
    line.send_down(b"\r\n\r\n", "a keep-alive")
    left = _timeout(net, 5060)
    t.true(3600 - SLACK <= left <= 3600, f"and after a keep-alive ({left})")
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    call = line.towards(net.server.udp(5070)).dialog()
    call.down(sip.INCOMING.replace("203.0.113.10:5060", "203.0.113.10:5070"))
    call.up(sip.INCOMING_OK.replace("203.0.113.10:5060", "203.0.113.10:5070"))
    audio = call.audio()
    audio.both_ways()
    call.down(sip.REMOTE_BYE.replace("203.0.113.10:5060", "203.0.113.10:5070"))
    call.up(sip.REMOTE_BYE_OK.replace("203.0.113.10:5060", "203.0.113.10:5070"))
    call.closed(audio)
    registration.up(UNREGISTER, cseq=2)
    registration.down(UNREGISTER_OK, cseq=2)
    left = _timeout(net, 5060)
    t.true(left < 600, f"the flow is like any other once nobody is registered ({left})")


#  phone1, phone2                   router                    server, another
#    | REGISTER from 5060             |         from 5060, to the one   |
#    |------------------------------->|-------------------------------->|
#    | REGISTER from 5060             |      from another, to the other |
#    |------------------------------->|-------------------------------->|
@case("two phones have the same port at two registrars: each flow lives as long as its registration")
def same_port(t, net):
    first = Line(t, net)
    second = Line(t, net, phone=net.phone2, server=net.media.udp(5060))
    for line in first, second:
        registration = line.dialog()
        registration.up(sip.REGISTER)
        registration.down(sip.REGISTER_OK)
    t.true(second.outside_port != first.outside_port,
           f"each has a port of its own ({first.outside_port}, {second.outside_port})")
    for address in net.phone1.address, net.phone2.address:
        left = _timeout(net, 5060, address)
        t.true(600 - SLACK <= left <= 600, f"time that the flow of {address} has left ({left})")
    t.equal(len(t.alg.calls(net, "registration")), 2, "registrations")
    for line, far in (first, 6000), (second, 6010):
        call = line.dialog(far=far)
        call.be_called()
        call.audio().both_ways()
        call.hang_up_remote()


def _is_heard(line, sender):
    """Return whether a datagram reaches the phone where its registrar does."""
    sender.send(b"OPTIONS", (OUTSIDE, line.outside_port))
    got = line.send_down(b"\r\n\r\n", "a keep-alive").data
    if got == b"OPTIONS":
        line.phone.receive("the keep-alive behind it")
    return got == b"OPTIONS"


#  phone1                           router             server        media
#    | REGISTER, 200                  |                   |            |
#    |<------------------------------>|<----------------->|            |
#    | INVITE, 200, ACK               |                   |            |
#    |<------------------------------>|<------------------------------>|
#    |                                |                 from any port  |
#    |<--------------------------------------------------------------- |
#    | BYE, 200                       |                   |            |
#    |<------------------------------>|<------------------------------>|
#    |                            no longer <-------------|------------|
@case("a peer that was called directly may use the registration's port during that call only")
def called_directly(t, net):
    line = Line(t, net)
    line.register()
    other = line.towards(net.media.udp(5060))
    t.true(not _is_heard(line, net.media.udp(0)), "closed before the call")
    call = other.dialog()
    call.call()
    again = other.dialog(rtp=4010)
    again.call()
    t.true(_is_heard(line, net.media.udp(0)), "open during two calls")
    again.hang_up()
    wait_until(lambda: len(t.alg.calls(net)) == 1, "the first call ends", FLOWS_END)
    t.true(_is_heard(line, net.media.udp(0)), "open during the second call")
    call.hang_up()
    wait_until(lambda: not t.alg.calls(net), "the second call ends", FLOWS_END)
    t.true(not _is_heard(line, net.media.udp(0)), "closed after the calls")
    t.true(_is_heard(line, net.server.udp(0)), "open for the registrar all the time")


#  phone1                           router             server        media
#    | REGISTER, 200                  |                   |            |
#    |<------------------------------>|<----------------->|            |
#    | INVITE, 200, ACK               |                   |            |
#    |<------------------------------>|<------------------------------>|
#    | REGISTER expires=0, 200        |                   |            |
#    |<------------------------------>|<----------------->|            |
#    |                            no longer <-------------|            |
@case("a call does not keep open what the registration has opened")
def outlived_by_call(t, net):
    t.alg.tool(net, "set", "registration-source", "any")
    line = Line(t, net)
    registration = line.register()
    t.true(_is_heard(line, net.server.udp(0)), "open for the registrar")
    other = line.towards(net.media.udp(SIP_PORT))
    call = other.dialog()
    call.call()
    registration.up(UNREGISTER, cseq=2)
    registration.down(UNREGISTER_OK, cseq=2)
    t.true(not _is_heard(line, net.server.udp(0)), "closed for the registrar, and for anybody")
    t.true(_is_heard(line, net.media.udp(0)), "open for the peer of the call")
    call.hang_up()


@case("two accounts on one port: each registrar may call until its own registration ends")
def two_accounts(t, net):
    first = Line(t, net)
    second = first.towards(net.media.udp(SIP_PORT))
    registrations = first.register(), second.register()
    t.true(_is_heard(first, net.server.udp(0)), "the first registrar")
    t.true(_is_heard(first, net.media.udp(0)), "the second registrar")
    registrations[0].up(UNREGISTER, cseq=2)
    registrations[0].down(UNREGISTER_OK, cseq=2)
    t.true(not _is_heard(first, net.server.udp(0)), "the first registrar, when it is over")
    t.true(_is_heard(first, net.media.udp(0)), "the second registrar, which goes on")


@case("one Call-ID at two registrars: the one takes away nothing that the other has granted")
def two_registrars(t, net):
    first = Line(t, net)
    second = first.towards(net.media.udp(SIP_PORT))
    registrations = first.dialog(), second.dialog()
    registrations[1].gaps["call_id"] = registrations[0].gaps["call_id"]
    for registration in registrations:
        registration.up(sip.REGISTER)
        registration.down(sip.REGISTER_OK)
    registrations[0].up(UNREGISTER, cseq=2)
    registrations[0].down(UNREGISTER_OK, cseq=2)
    _lives_for(t, net, 600, "the registration")
    t.true(not _is_heard(first, net.server.udp(0)), "closed for the one")
    t.true(_is_heard(first, net.media.udp(0)), "open for the other")
    registrations[1].up(UNREGISTER, cseq=3)
    registrations[1].down(UNREGISTER_OK, cseq=3)
    wait_until(lambda: not t.alg.calls(net, "registration"), "the registration goes", FLOWS_END)
    t.equal(t.alg.bindings(net), [], "bindings")


#  phone1                           router                           server
#    | SUBSCRIBE Contact: A:5070      |         Contact: E:5070         |
#    |------------------------------->|-------------------------------->|
#    |   200 Expires: 900             |                                 |
#    |<-------------------------------|<--------------------------------|
#    |   NOTIFY sip:A:5070            |         NOTIFY sip:E:5070       |
#    |<-------------------------------|<--------------------------------|
@case("a subscription's Contact on another port lives as long as the subscription")
def subscription(t, net):
    line = Line(t, net)
    phone = net.phone1.udp(OTHER)
    other = ("Contact: <sip:alice@{host}:{port}>", "Contact: <sip:alice@{host}:5070>")
    call = line.dialog()
    call.up(sip.request("SUBSCRIBE", "Event: presence", "Expires: 3600").replace(*other))
    call.down(sip.answer("200 OK", "SUBSCRIBE", "Expires: 900"))
    left = [each["expires"] for each in t.alg.calls(net, "transaction")]
    t.true(len(left) == 1 and 900 - SLACK <= left[0] <= 900, f"granted for 900 s ({left})")
    left = _timeout(net, 5060)
    t.true(900 - SLACK <= left <= 900, f"time that the flow has left ({left})")
    call.down(sip.answer("200 OK", "SUBSCRIBE", "Expires: 3600"))
    left = [each["expires"] for each in t.alg.calls(net, "transaction")]
    t.true(left[0] <= 900, f"a 2xx that is repeated prolongs nothing ({left})")
    line.server.send(call.text(sip.remote_request("NOTIFY"), call.outside._replace(port=OTHER)),
                     (OUTSIDE, OTHER))
    t.same(phone.receive("NOTIFY").data,
           call.text(sip.remote_request("NOTIFY"), call.inside._replace(port=OTHER)),
           "NOTIFY at the phone")
    call.up(sip.request("SUBSCRIBE", "Event: presence", "Expires: 0").replace(*other), cseq=2)
    call.down(sip.answer("200 OK", "SUBSCRIBE", "Expires: 0"), cseq=2)
    t.true(t.alg.calls(net, "transaction")[0]["expires"] <= 32, "ends with its last NOTIFY")


if __name__ == "__main__":
    ksft.main()
