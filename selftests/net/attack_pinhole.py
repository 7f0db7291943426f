#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Messages that ask for ports their sender has no right to.

RFC 8839, 8.2.2 and DESIGN, section 5: an ALG opens ports for the host that sends,
never for a third one. CVE-2021-23961 and CVE-2021-23982 (slipstreaming in Firefox)
are about ports of other hosts behind the NAT and about well-known ones.

  phone1                  router              server     attacker
    | INVITE c= phone2      |                   |            |
    |---------------------->|------------------>| the same   |
  phone2                    |                   |            |
    |              nothing  |<----------- to m= of phone2 ---|
"""

from lib import ksft, sip
from lib.attack import calls, invite, nothing_left, reaching
from lib.ksft import case
from lib.ladder import Line
from lib.topology import MEDIA, OUTSIDE, SIP_PORT

MSRP = """
v=0
o=alice 1 1 IN IP4 {host}
s=-
c=IN IP4 {host}
t=0 0
m=message {rtp} TCP/MSRP *
a=setup:passive
"""

# Hosts that are not the sender: another phone, the router's inside and outside
# addresses, the phone itself by another name, everybody, a group.
OTHERS = ("192.168.2.234", "192.168.1.1", OUTSIDE, "127.0.0.1", "0.0.0.0",
          "255.255.255.255", "224.2.0.1")


def _carried(t, line, sent, what, want=None):
    """Carry a message to the server; check that it arrives as sent, or as `want`."""
    got = line.send_up(sent, what).data
    t.same(got, want or sent, what)
    return got


@case("SDP names another host: no port opens for that host, and no byte changes")
def media_of_others(t, net):
    line = Line(t, net)
    for number, other in enumerate(OTHERS):
        offer = sip.OFFER.replace("{host}", other) + f"a=rtcp:4401 IN IP4 {other}\n"
        sent = invite(net.phone1, SIP_PORT, 4400, number, offer)
        got = line.send_up(sent, "INVITE").data
        t.same(got.partition(b"\r\n\r\n")[2], sent.partition(b"\r\n\r\n")[2],
               f"SDP that names {other}")
        t.equal([each for each in t.alg.bindings(net) if each["kind"] != "signalling"], [],
                f"bindings for {other}")
    t.equal(reaching(net, net.phone2, 4400), [], "packets at another phone")
    calls(t, net, net.phone2, line.server)


@case("Contact, Via, Route and Record-Route that name another host stay unchanged")
def signalling_of_others(t, net):
    line = Line(t, net)
    with t.counted(net, changed=0, bindings=0):
        for number, other in enumerate(OTHERS):
            sent = sip.fill(sip.REGISTER.replace(
                "Max-Forwards", f"Path: <sip:{other}:4400;lr>\n"
                f"Record-Route: <sip:{other}:4400;lr>\nMax-Forwards"),
                sip.View(other, 4400, 0, 0), call_id=f"{number}@others", branch=number,
                tag="m", cseq=1)
            _carried(t, line, sent, f"REGISTER for {other}")
    t.equal(reaching(net, net.phone2, 4400), [], "packets at another phone")


@case("a message from outside is not redirected to another phone's binding")
def led_to_others(t, net):
    line = Line(t, net)
    line.register()
    victim = Line(t, net, phone=net.phone2, server=line.server).dialog(rtp=4600, far=6600)
    victim.call()
    mine = line.dialog()
    theirs = mine.text(sip.INCOMING, mine.outside._replace(
        port=victim.line.outside_port), body=sip.ANSWER)
    line.outside_port = mine.outside.port
    got = line.send_down(theirs, "an INVITE for another phone's port").data
    t.true(net.phone2.address.encode() not in got, "the other phone's address stays hidden")
    t.same(got, theirs, "the INVITE")
    victim.audio().both_ways()


@case("a media port below 1024 is not opened")
def well_known_ports(t, net):
    line = Line(t, net)
    for number, (port, offer) in enumerate((
            (53, sip.OFFER), (161, sip.OFFER), (22, MSRP), (443, MSRP), (1023, sip.OFFER),
            (4700, sip.OFFER + "a=rtcp:137\n"))):
        sent = invite(net.phone1, SIP_PORT, port, number, offer)
        with t.counted(net, f"counters for {port}", changed=0, low_port=1):
            _carried(t, line, sent, f"INVITE that offers port {port}")
    for port in (53, 161, 1023, 137):
        t.equal(reaching(net, net.phone1, port), [], f"packets at port {port}")
    calls(t, net, net.phone2, line.server)
    nothing_left(t, net)


#    | INVITE m=audio 4710, c= of its own; m=video 80                   |
#    |------------------------------->|-------------------------------->|
@case("a media port below 1024 takes no help from the stream beside it")
def beside_well_known_port(t, net):
    offer = sip.OFFER.replace("RTP/AVP 0 8\n", "RTP/AVP 0 8\nc=IN IP4 {host}\n")
    private = f"m=video 80 RTP/AVP 31\nc=IN IP4 {net.phone1.address}\n"
    offer = offer.replace("c=IN IP4 {host}\nt=0 0\n", "t=0 0\n") + private
    call = Line(t, net).dialog(rtp=4710)
    with t.counted(net, changed=1, low_port=1, skipped_media=1):
        call.up(sip.INVITE, body=offer)
    call.down(sip.OK, body=sip.ANSWER + "m=video 0 RTP/AVP 31\n")
    call.up(sip.ACK)
    call.audio().both_ways()
    t.equal(reaching(net, net.phone1, 80), [], "packets at port 80")


@case("a signalling port below 1024 is not opened")
def well_known_signalling(t, net):
    line = Line(t, net)
    view = sip.View(net.phone1.address, 53, 0, 0)
    sent = sip.fill(sip.REGISTER, view, call_id="53", branch="53", tag="m", cseq=1)
    with t.counted(net, changed=0, bindings=0, low_port=1):
        _carried(t, line, sent, "REGISTER for port 53")
    t.equal(reaching(net, net.phone1, 53, sender=line.server), [], "packets from the server")


@case("a port of the router's own services is never promised")
def services_of_the_router(t, net):
    net.router.run("nft", "insert", "rule", "inet", "firewall", "input", "tcp", "dport",
                   "8443", "accept")
    service = net.router.tcp(8443)
    service.listen()
    line = Line(t, net)
    thief = net.phone1.tcp(8443)
    thief.listen()
    got = line.send_up(invite(net.phone1, SIP_PORT, 8443, 1, MSRP), "INVITE").data
    promised = sip.media_port(got)
    t.true(promised not in (None, 8443), f"another port is promised ({promised})")

    visitor = net.media.tcp(0)
    visitor.connect((OUTSIDE, 8443))
    service.settimeout(thief.gettimeout())
    service.accept()[0].close()
    # The attack works only if the outside can reach the thief at all.
    visitor = net.media.tcp(0)
    visitor.connect((OUTSIDE, promised))
    connection, source = thief.accept()
    connection.close()
    t.equal(source[0], MEDIA, "connections through the promised port")


@case("absurd counts of ports and media open nothing, or at most what one call may have")
def malicious_counts(t, net):
    line = Line(t, net)
    for number, (change, counter) in enumerate((
            ("audio {rtp}/65535", "passed_too_many"), ("audio {rtp}/5", "passed_too_many"),
            ("audio {rtp}/65536", "passed_bad_sdp"), ("audio {rtp}/0", "passed_bad_sdp"),
            ("audio {rtp}/-1", "passed_bad_sdp"), ("audio {rtp}/4294967297", "passed_bad_sdp"),
            ("audio 65535", "passed_bad_sdp"), ("audio 65536", "passed_bad_sdp"),
            ("audio 4294971296", "passed_bad_sdp"))):
        sent = invite(net.phone1, SIP_PORT, 4400, number,
                      sip.OFFER.replace("audio {rtp}", change))
        with t.counted(net, f"counters for {change}", changed=0, **{counter: 1}):
            _carried(t, line, sent, f"INVITE with m={change}")
    for lines, counter in ((65, "passed_too_many"), (16, "passed_refused")):
        more = "".join(f"m=audio {5000 + 8 * i}/4 RTP/AVP 0\n" for i in range(lines - 1))
        sent = invite(net.phone1, SIP_PORT, 4400, 100 + lines, sip.OFFER + more)
        with t.counted(net, f"counters for {lines} media", changed=0, **{counter: 1}):
            _carried(t, line, sent, f"INVITE with {lines} media")
    t.equal([each for each in t.alg.bindings(net) if each["kind"] != "signalling"], [],
            "bindings for media")
    t.equal(reaching(net, net.phone1, 4400), [], "packets at the phone")
    calls(t, net, net.phone2, line.server)


if __name__ == "__main__":
    ksft.main()
