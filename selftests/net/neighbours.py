#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Ports that the NAT has given to a neighbour are not promised (RFC 4787, REQ-3).

  phone1                  router                  server
    | STUN: I am E:4000     |                       |
    |<--------------------->|<--------------------->|
  phone2                    |                       |
    | INVITE m=audio 4000   |     m=audio, not 4000 |
    |---------------------->|---------------------->|
"""

import functools

from lib import ksft, media, sip
from lib.attack import barrier
from lib.ladder import Line
from lib.topology import OUTSIDE, SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)


# --- what a phone has learnt by STUN --------------------------------------------------------------

def _stun(t, phone, far):
    """Let a phone's socket learn its outside address from a server; return that."""
    phone.send(b"who am I?", far.address)
    seen = far.receive("a binding request").source
    far.send(b"you are", seen)
    phone.receive("a binding response")
    t.equal(seen[0], OUTSIDE, "outside address")
    return seen[1]


@case("a neighbour's mapping, learnt by STUN, is not promised to another phone")
def neighbours_mapping(t, net):
    here, stun = net.phone1.udp(4000), net.media.udp(3478)
    port = _stun(t, here, stun)
    line = Line(t, net, phone=net.phone2)
    call = line.dialog()
    call.call()
    t.true(call.outside.rtp != port, f"another port than {port} is promised")
    call.audio().both_ways()
    stun.send(b"still you", (OUTSIDE, port))
    t.equal(here.receive("the STUN server").data, b"still you", "packet on the mapping")


#  phone1                  router                  server       media
#    | INVITE m=E:4000       |     the same          |            |
#    |---------------------->|---------------------->|            |
#    |<===================== RTP, the far end first ==============|
@case("a phone that writes its own mapping is heard at once, and its neighbour gets another")
def own_mapping(t, net):
    phone, stun = net.phone1.udp(4000), net.media.udp(3478)
    port = _stun(t, phone, stun)
    line = Line(t, net)
    call = line.dialog()
    view = sip.View(OUTSIDE, SIP_PORT, port, port + 1)
    sent = call.text(sip.INVITE, view, body=sip.OFFER)
    got = line.send_up(sent, "INVITE")
    t.same(got.data, sent, "INVITE at the server")
    line.outside_port = got.source[1]
    answer = call.text(sip.OK, view, body=sip.ANSWER)
    t.same(line.send_down(answer, "200").data, answer, "200 at the phone")
    far = net.media.udp(6000)
    media.Stream(t, phone, far, (OUTSIDE, port)).both_ways()
    second = Line(t, net, phone=net.phone2, server=line.server).dialog(far=6010)
    second.call()
    t.true(second.outside.rtp != port, f"another port than {port} is promised")
    second.audio().both_ways()


@case("a phone that writes its neighbour's mapping does not get the packets")
def stolen_mapping(t, net):
    here, stun = net.phone1.udp(4000), net.media.udp(3478)
    port = _stun(t, here, stun)
    thief = Line(t, net, phone=net.phone2)
    call = thief.dialog()
    sent = call.text(sip.INVITE, sip.View(OUTSIDE, SIP_PORT, port, port + 1), body=sip.OFFER)
    thief.outside_port = thief.send_up(sent, "INVITE").source[1]
    thief.send_down(call.text(sip.OK, sip.View(OUTSIDE, thief.outside_port, port, port + 1),
                              body=sip.ANSWER), "200")
    theirs = net.phone2.udp(4000)
    net.media.udp(6000).send(b"for the thief?", (OUTSIDE, port))
    barrier(net, net.phone2)
    t.equal(t.alg.bindings(net, port), [], "bindings of the mapping")
    t.equal(theirs.waiting(), [], "packets at the thief")
    stun.send(b"still you", (OUTSIDE, port))
    t.equal(here.receive("the STUN server").data, b"still you", "packet on the mapping")


# --- ports of the signalling ---------------------------------------------------------------------

#  phone1, phone2          router              server, media
#    | REGISTER from 5060    |     from 5060, to the one   |
#    |---------------------->|---------------------------->|
#    | REGISTER from 5060    |     from another, to the other
#    |---------------------->|---------------------------->|
#                        the flows are lost
#    |        INVITE to the one, INVITE to the other       |
#    |<----------------------|<----------------------------|
@case("two phones, both on 5060, at two registrars: each has a port of its own and is called")
def two_registrars(t, net):
    first = Line(t, net)
    second = Line(t, net, phone=net.phone2, server=net.media.udp(SIP_PORT))
    first.register()
    second.register()
    t.true(first.outside_port != second.outside_port,
           f"each has a port of its own ({first.outside_port}, {second.outside_port})")
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    for line in first, second:
        line.dialog().down(sip.INCOMING)
    for line, far in ((first, 6000), (second, 6010)):
        call = line.dialog(far=far)
        call.be_called()
        call.audio().both_ways()


@case("observed, two phones on 5060 have the ports that the rules of the NAT give")
def two_observed(t, net):
    t.alg.tool(net, "observe", "dev", "wan")
    server = net.server.udp(SIP_PORT), net.media.udp(SIP_PORT)
    for phone, far in zip((net.phone1, net.phone2), server):
        line = Line(t, net, phone=phone, server=far)
        line.dialog(mapped=False).up(sip.REGISTER)
        t.equal(line.outside_port, SIP_PORT, "port at the server")


if __name__ == "__main__":
    ksft.main()
