#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A PBX behind a port forward is called from the outside."""

from lib import ksft, sip
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


#  PBX (phone1)               router                    server       media
#    | INVITE sip:PBX           |     INVITE sip:E         |            |
#    |<-------------------------|<-------------------------|            |
#    | 200 Contact, c=: PBX     |     Contact, c=: E       |            |
#    |------------------------->|------------------------->|            |
#    |<=========================== RTP =================================>|
@case("the flow begins outside, by a rule of the firewall: all is mapped the same way")
def forwarded(t, net):
    net.router.run("nft", "-f", "-", stdin=FORWARD)
    line = Line(t, net)
    line.outside_port = SIP_PORT
    call = line.dialog()
    call.down(sip.INCOMING)
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    audio = call.audio()
    t.equal(audio.promised[0], OUTSIDE, "the address that is promised")
    audio.both_ways()
    call.hang_up_remote()
    call.closed(audio)


if __name__ == "__main__":
    ksft.main()
