#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Which outside port is promised: one that the rules of the NAT leave free, and in range.

The rules may allow some ports only, publish a port for somebody else, or leave packets as
they are.
"""

import functools
import socket

from lib import alg, ksft, media, nat, sip
from lib.ladder import Line
from lib.topology import MEDIA, OUTSIDE, SIP_PORT, Host

case = functools.partial(ksft.case, only_sipalg=True)

# Ports of a carrier's NAT, of MAP-E, or of lw4o6.
LOW, HIGH = 20000, 20255
# An address of the provider's that the rules exempt, and one that a NAT beyond us shows.
EXEMPT, BEYOND = "203.0.113.11", "192.0.2.7"

MSRP = """
v=0
o=alice 1 1 IN IP4 {host}
s=-
c=IN IP4 {host}
t=0 0
m=message {rtp} TCP/MSRP *
a=setup:passive
"""
SUBSCRIBE = sip.request("SUBSCRIBE", "Event: message-summary", "Expires: 600")
SUBSCRIBE_OK = sip.answer("200 OK", "SUBSCRIBE", "Expires: 600")


def each_program(title, **options):
    """Make a function a case for each program that writes NAT rules."""
    def decorate(function):
        for program in nat.PROGRAMS:
            def run(t, net, program=program):
                try:
                    function(t, net, program)
                finally:
                    nat.remove(net, program)
            case(f"{program}: {title}", **options)(run)
        return function
    return decorate


def _ranged(t, net, low=LOW, high=HIGH):
    """Set the range of ports for what leaves by wan."""
    t.set(net, "on", "dev", "wan", "outside-ports", f"{low}-{high}")


def _is_in_range(t, port, what, low=LOW, high=HIGH):
    t.true(port and low <= port <= high, f"{what} ({port}) is in the range")


# --- ranges ---------------------------------------------------------------------------------

def _call_in_range(t, net):
    line = Line(t, net)
    call = line.dialog()
    call.call()
    _is_in_range(t, line.outside_port, "port of the signalling")
    _is_in_range(t, call.outside.rtp, "port of the media")
    _is_in_range(t, call.outside.rtcp, "port of RTCP")
    audio, rtcp = call.audio(), call.rtcp()
    audio.both_ways()
    rtcp.both_ways()
    call.hang_up()
    call.closed(audio, rtcp)


@each_program("masquerade to a range of ports: media stays in the range")
def masquerade_range(t, net, program):
    nat.install(net, program, nat.masquerade(ports=f"{LOW}-{HIGH}"))
    _ranged(t, net)
    _call_in_range(t, net)


@each_program("snat to a range of ports: media stays in the range")
def snat_range(t, net, program):
    nat.install(net, program, nat.snat(OUTSIDE, ports=f"{LOW}-{HIGH}"))
    _ranged(t, net)
    _call_in_range(t, net)


@each_program("`sipalg check` finds the range in the rules, and names the setting")
def check_finds_range(t, net, program):
    nat.install(net, program, nat.masquerade(ports=f"{LOW}-{HIGH}"))
    said = t.alg.tool(net, "check", check=False).stdout
    t.true(f"outside-ports {LOW}-{HIGH}" in said, f"the setting is named ({said})")
    _ranged(t, net)
    said = t.alg.tool(net, "check", check=False).stdout
    t.true(f"outside-ports {LOW}-{HIGH}" not in said, "once it is set there is nothing to say")


@case("each port that is promised is in the range: Contact, Via, TCP media, video, many phones")
def all_in_range(t, net):
    nat.install(net, "nftables", nat.masquerade(ports=f"{LOW}-{HIGH}"))
    _ranged(t, net)
    line = Line(t, net, source=40001)
    registration = line.dialog()
    registration.up(sip.REGISTER)
    _is_in_range(t, line.outside_port, "port of the Contact")
    registration.down(sip.REGISTER_OK)
    for number in range(20):
        phone = (net.phone1, net.phone2)[number % 2]
        caller = Line(t, net, phone=phone, server=line.server, port=5070 + number)
        call = caller.dialog(rtp=4000 + 2 * (number // 2))
        call.up(sip.INVITE, body=sip.OFFER if number % 3 else MSRP)
    for each in t.alg.bindings(net):
        _is_in_range(t, each["outside"]["port"], f"a {each['kind']} port")


@case("outside-ports holds for signalling, too, where the rules would keep its port")
def signalling_in_range(t, net):
    _ranged(t, net)
    line = Line(t, net)
    line.register()
    _is_in_range(t, line.outside_port, "port of the Contact")
    line.dialog().down(sip.INCOMING)


@case("when the range is used up, no port beyond it is promised")
def range_used_up(t, net):
    low, high = LOW, LOW + 7
    nat.install(net, "nftables", nat.masquerade(ports=f"{LOW}-{HIGH}"))
    _ranged(t, net, low, high)
    line = Line(t, net, outside=None)
    promised = set()
    for number in range(8):
        call = line.dialog(rtp=4000 + 10 * number)
        sent = call.text(sip.INVITE, call.inside, body=sip.OFFER)
        got = line.send_up(sent, "INVITE").data
        if sip.media_port(got) == call.inside.rtp:
            t.same(got.partition(b"\r\n\r\n")[2], sent.partition(b"\r\n\r\n")[2],
                   "SDP of an INVITE without a port")
            continue
        promised.add(sip.media_port(got))
    t.true(promised, "some ports were promised")
    t.true(all(low <= port <= high for port in promised), f"in the range ({promised})")
    t.true(all(low <= each["outside"]["port"] <= high for each in t.alg.bindings(net)
               if each["kind"] != "signalling"), "bindings are in the range")


@case("outside-ports is kept by `policy save` and `policy restore`, and shown")
def range_saved(t, net):
    _ranged(t, net)
    saved = t.alg.tool(net, "policy", "save").stdout
    t.true(f"outside-ports {LOW}-{HIGH}" in saved, f"it is saved ({saved!r})")
    t.alg.tool(net, "policy", "flush")
    net.router.run(alg.TOOL, "policy", "restore", "-f", "-", stdin=saved)
    t.equal(t.alg.tool(net, "policy", "save").stdout, saved, "policies restored")
    for wrong in ("20000", "20255-20000", "0-100", "20000-70000"):
        done = t.alg.tool(net, "on", "dev", "wan", "outside-ports", wrong, check=False)
        t.true(done.returncode in (1, 2), f"{wrong} is refused")


# --- rules that go before -----------------------------------------------------------------------

@each_program("an exemption before masquerade holds for bound ports, too")
def exempt(t, net, program):
    net.server.run("ip", "addr", "add", f"{EXEMPT}/24", "dev", "eth0")
    nat.install(net, program, nat.exempt("203.0.113.11/32"), nat.masquerade())
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    there = Host("exempt", net.server.namespace, EXEMPT).udp(7000)
    for sender in line.phone, audio.phone:
        sender.send(b"for a host of the tunnel", there.address)
        t.equal(there.receive("a packet").source, sender.address, "its source")
    there.close()


@case("a bound port translates towards the parties of its call alone")
def parties_alone(t, net):
    nat.install(net, "nftables", nat.masquerade(fully_random=True))
    line = Line(t, net, outside=OUTSIDE)
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    before = len(t.alg.bindings(net))
    stranger = net.server.udp(7000)
    with t.counted(net, flows=0):
        audio.phone.send(b"for a stranger", stranger.address)
        stranger.receive("a packet")
    t.equal(len(t.alg.bindings(net)), before, "bindings")


def _is_connected(t, net, port, listener, what):
    """Check that a connection from outside to a port of the router comes to a listener."""
    try:
        with net.media.namespace:
            caller = socket.create_connection((OUTSIDE, port), listener.gettimeout())
        accepted, source = listener.accept()
    except OSError as error:
        t.differs(f"connection to {what}: {error}")
        return
    t.equal(source[0], MEDIA, f"source of the connection to {what}")
    accepted.close()
    caller.close()


@each_program("a published TCP service stays with its host when a phone offers MSRP on its port")
def published_tcp(t, net, program):
    nat.install(net, program, nat.publish("tcp", 8443, net.phone2.address), nat.masquerade())
    call = Line(t, net).dialog(rtp=8443)
    call.up(sip.INVITE, body=MSRP)
    call.down(sip.OK)
    call.up(sip.ACK)
    t.true(call.outside.rtp != 8443, "another port is promised")
    service, phone = net.phone2.tcp(8443), net.phone1.tcp(8443)
    service.listen()
    phone.listen()
    _is_connected(t, net, 8443, service, "the service")
    _is_connected(t, net, call.outside.rtp, phone, "the phone")


@each_program("a published UDP port stays with its host when a phone offers RTP on it")
def published_udp(t, net, program):
    nat.install(net, program, nat.publish("udp", 4000, net.phone2.address), nat.masquerade())
    call = Line(t, net).dialog()
    call.call()
    t.true(call.outside.rtp != 4000, "another port is promised")
    call.audio().both_ways()
    service = net.phone2.udp(4000)
    net.media.udp(0).send(b"for the service", (OUTSIDE, 4000))
    t.equal(service.receive("a packet").data, b"for the service", "packet at the service")


# --- ports of the signalling ---------------------------------------------------------------------

@case("a phone whose SIP comes from port 53 gets no binding of that port")
def well_known_source(t, net):
    line = Line(t, net, port=53)
    registration = line.dialog()
    registration.up(sip.REGISTER)
    registration.down(sip.REGISTER_OK)
    t.equal([each["outside"]["port"] for each in t.alg.bindings(net)
             if each["outside"]["port"] < 1024], [], "bindings below 1024")


@case("a phone that only subscribes gets its NOTIFY after the flow has gone")
def only_subscribes(t, net):
    line = Line(t, net)
    subscription = line.dialog()
    subscription.up(SUBSCRIBE)
    subscription.down(SUBSCRIBE_OK)
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    subscription.down(sip.remote_request("NOTIFY", "Event: message-summary",
                                         "Subscription-State: active"), cseq=2)


# --- settings for the provider --------------------------------------------------------------------

@case("registration-source takes prefixes: calls from these networks arrive, others do not")
def source_prefixes(t, net):
    t.set(net, "set", "registration-source", "registrar,198.51.100.0/24,2001:db8::/32")
    net.server.run("ip", "addr", "add", f"{EXEMPT}/24", "dev", "eth0")
    line = Line(t, net)
    line.register()
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    stranger = Host("stranger", net.server.namespace, EXEMPT).udp(SIP_PORT)
    stranger.send(b"INVITE of a stranger", (OUTSIDE, line.outside_port))
    call = line.towards(net.media.udp(SIP_PORT)).dialog()
    call.be_called()
    call.audio().both_ways()
    t.equal(line.phone.waiting(), [], "packets of the stranger")
    line.dialog(rtp=4010).down(sip.INCOMING)
    stranger.close()
    for wrong in ("198.51.100.0/33", "provider.example", ""):
        done = t.alg.tool(net, "set", "registration-source", wrong, check=False)
        t.true(done.returncode in (1, 2), f"{wrong!r} is refused")


#  phone1                  router       a NAT of the provider's       server
#    | INVITE c= phone1      | c= BEYOND       |                        |
#    |---------------------->|---------------->|----------------------->|
@case("outside-address: behind another NAT, messages name the address that this one shows")
def outside_address(t, net):
    t.set(net, "on", "dev", "wan", "outside-address", BEYOND)
    line = Line(t, net)
    registration = line.dialog()
    view = sip.View(BEYOND, SIP_PORT, 4000, 4001)
    got = line.send_up(registration.text(sip.REGISTER, registration.inside), "REGISTER")
    t.equal(got.source, (OUTSIDE, SIP_PORT), "source of the REGISTER")
    t.same(got.data, registration.text(sip.REGISTER, view), "REGISTER at the server")
    line.outside_port = SIP_PORT
    t.same(line.send_down(registration.text(sip.REGISTER_OK, view), "200").data,
           registration.text(sip.REGISTER_OK, registration.inside), "200 at the phone")
    call = line.dialog()
    got = line.send_up(call.text(sip.INVITE, call.inside, body=sip.OFFER), "INVITE")
    t.same(got.data, call.text(sip.INVITE, view, body=sip.OFFER), "INVITE at the server")
    t.same(line.send_down(call.text(sip.OK, view, body=sip.ANSWER), "200").data,
           call.text(sip.OK, call.inside, body=sip.ANSWER), "200 at the phone")
    media.Stream(t, net.phone1.udp(4000), net.media.udp(6000), (OUTSIDE, 4000)).both_ways()
    saved = t.alg.tool(net, "policy", "save").stdout
    t.true(f"outside-address {BEYOND}" in saved, f"it is saved ({saved!r})")


if __name__ == "__main__":
    ksft.main()
