#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A PBX behind a port forward; callers and phones are outside."""

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import Line
from lib.topology import OUTSIDE, SIP_PORT

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

# Carol's phone outside registers with the PBX: only the Request-URI names our router.
REGISTER = """
REGISTER sip:{host}:{port} SIP/2.0
Via: SIP/2.0/UDP {carol}:5060;branch=z9hG4bK{branch};rport
Max-Forwards: 70
From: <sip:carol@203.0.113.99>;tag=carol
To: <sip:carol@203.0.113.99>
Call-ID: {call_id}
CSeq: {cseq} REGISTER
Contact: <sip:carol@{carol}:5060>;expires=600
Content-Length: 0

"""
REGISTER_OK = """
SIP/2.0 200 OK
Via: SIP/2.0/UDP {carol}:5060;branch=z9hG4bK{branch};rport=5060;received={carol}
From: <sip:carol@203.0.113.99>;tag=carol
To: <sip:carol@203.0.113.99>;tag=pbx
Call-ID: {call_id}
CSeq: {cseq} REGISTER
Contact: <sip:carol@{carol}:5060>;expires=600
Content-Length: 0

"""


def _line(t, net):
    net.router.run("nft", "-f", "-", stdin=FORWARD)
    line = Line(t, net)
    line.outside_port = SIP_PORT
    return line


#  PBX (phone1)               router                    server       media
#    | INVITE sip:PBX           |     INVITE sip:E         |            |
#    |<-------------------------|<-------------------------|            |
#    | 200 Contact, c=: PBX     |     Contact, c=: E       |            |
#    |------------------------->|------------------------->|            |
#    |<=========================== RTP =================================>|
@case("a flow that begins outside and enters by a DNAT rule is mapped the same way")
def forwarded(t, net):
    line = _line(t, net)
    call = line.dialog()
    call.be_called()
    audio = call.audio()
    t.equal(audio.promised[0], OUTSIDE, "the address that is promised")
    audio.both_ways()
    call.hang_up_remote()
    call.over(audio)


#  PBX (phone1)               router               server, media: phones
#    | REGISTER                 |     REGISTER             |            |
#    |<-------------------------|<-------------------------|------------|
#    | INVITE c=: PBX           |     c=: E                |            |
#    |------------------------->|------------------------->|----------->|
#    |<=========================== RTP =================================>|
#    | INVITE                   |                          |            |
#    |<-------------------------|<--------------------------------------|
@case("phones outside register with the PBX, are called by it, and call it")
def phones_outside(t, net):
    line = _line(t, net)
    lines = [line, line.towards(net.media.udp(SIP_PORT))]
    for each in lines:
        registration = each.dialog()
        registration.down(REGISTER, carol=each.server.address[0])
        registration.up(REGISTER_OK, carol=each.server.address[0])
    calls = [each.dialog(rtp=rtp, far=rtp + 2000) for each, rtp in zip(lines, (4000, 4010))]
    streams = []
    for call in calls:
        call.call()
        streams.append(call.audio())
    for stream in streams:
        stream.both_ways()
    calls[0].hang_up()
    calls[0].closed(streams[0])
    streams[1].both_ways()
    calls[1].hang_up_remote()
    calls[1].over(streams[1])
    call = lines[1].dialog(rtp=4020, far=6020)
    call.be_called()
    call.audio().both_ways()


@case("the PBX calls a phone outside whose flow conntrack has lost")
def forgotten(t, net):
    line = _line(t, net)
    registration = line.dialog()
    registration.down(REGISTER, carol=line.server.address[0])
    registration.up(REGISTER_OK, carol=line.server.address[0])
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    wait_until(lambda: not any("port=5060" in flow for flow in net.flows()), "the flow is gone")
    call = line.dialog()
    call.call()
    t.equal(line.outside_port, SIP_PORT, "the port that the phone knows")
    audio = call.audio()
    audio.both_ways()
    call.hang_up_remote()
    call.over(audio)


if __name__ == "__main__":
    ksft.main()
