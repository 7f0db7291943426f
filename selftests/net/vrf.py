#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A router whose devices are in a VRF."""

from lib import ksft, netns, pbx
from lib.ksft import case
from lib.ladder import Line
from lib.pbx import PHONE
from lib.topology import MEDIA, SERVER, SIP_PORT

# Packets from a VRF's devices have the VRF's name as input device when forwarded.
FIREWALL = """
table inet firewall {
	chain forward {
		iifname "blue" oifname "wan" accept
	}
}
"""

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


def _configure(t, net):
    if net.router.run("ip", "link", "add", "blue", "type", "vrf", "table", "10",
                      check=False).returncode:
        t.skip("no VRF here")
    netns.configure({net.router.namespace: [
        "link set blue up", "link set lan1 master blue", "link set lan2 master blue",
        "link set wan master blue", f"route add default via {SERVER} table 10"]})
    net.router.run("nft", "-f", "-", stdin=FIREWALL)


#  phone1                     router                    server       media
#    | INVITE                   |                          |            |
#    |------------------------->|------------------------->|            |
#    |<=========================== RTP =================================>|
@case("a phone behind a VRF calls and is called")
def phone(t, net):
    _configure(t, net)
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.hang_up()
    call.closed(audio)
    call = line.dialog(rtp=4010, far=6010)
    call.be_called()
    call.audio().both_ways()


@case("a PBX behind a port forward is called; the scope names the input device")
def forwarded(t, net):
    _configure(t, net)
    net.router.run("nft", "-f", "-", stdin=FORWARD)
    line = Line(t, net)
    line.outside_port = SIP_PORT
    call = line.dialog()
    call.be_called()
    audio = call.audio()
    audio.both_ways()
    call.hang_up_remote()
    call.over(audio)


#  phone1 (PBX)               router                    server       media
#    | INVITE c= phone2         | c= router                |            |
#    |------------------------->|------------------------->|            |
#  phone2 <======================== RTP =============================>|
@case("a trusted PBX in a VRF names a phone of that VRF, and not the router", only_sipalg=True)
def trusted(t, net):
    _configure(t, net)
    pbx.trust(t, net, named="0.0.0.0/1,128.0.0.0/1")
    line = Line(t, net)
    for number, named in enumerate(("192.168.2.1", "192.168.2.255", MEDIA)):
        pbx.stays(t, net, line, net.phone1, number, named)
    pbx.calls(line.dialog(), net.phone2, PHONE).both_ways()


if __name__ == "__main__":
    ksft.main()
