#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Two inside networks with the same addresses, in conntrack zones."""

import copy

from lib import ksft, netns, pbx
from lib.ksft import case
from lib.ladder import Line

TWIN = "192.168.1.2"
# Another phone in the network of the first.
BESIDE = "192.168.1.3"
# A host of another network, to which the main routes lead.
ELSEWHERE = "10.9.0.5"

# Packets from inside get a zone and a mark; the mark routes replies to the right network.
ZONES = """
table inet zones {
	chain zone {
		type filter hook prerouting priority raw;
		iifname "lan1" ct original zone set 1
		iifname "lan2" ct original zone set 2
	}
	chain way_back {
		type filter hook prerouting priority dstnat + 10;
		iifname "lan1" ct mark set 1
		iifname "lan2" ct mark set 2
		iifname "wan" meta mark set ct mark
	}
}
"""


def _configure(net):
    netns.configure({
        net.phone2.namespace: ["addr flush dev eth0", f"addr add {TWIN}/24 dev eth0",
                               "route add default via 192.168.1.1"],
        net.router.namespace: [
            "addr flush dev lan1", "addr flush dev lan2",
            "addr add 192.168.1.1/24 dev lan1 noprefixroute",
            "addr add 192.168.1.1/24 dev lan2 noprefixroute",
            "route add 192.168.1.0/24 dev lan1 table 101",
            "route add 192.168.1.0/24 dev lan2 table 102",
            "rule add fwmark 1 table 101", "rule add fwmark 2 table 102"],
    })
    net.phone2.address = TWIN
    net.router.run("nft", "-f", "-", stdin=ZONES)


#  phone1 192.168.1.2         router                    server       media
#    | INVITE m=4000            |     m=4000               |            |
#    |------------------------->|------------------------->|            |
#  phone2 192.168.1.2           |                          |            |
#    | INVITE m=4000            |     m=another            |            |
#    |------------------------->|------------------------->|            |
#    |<=========================== RTP, each its own ==================>|
@case("two phones with one address call at the same time from one port: both are heard")
def twins(t, net):
    _configure(net)
    first = Line(t, net)
    second = Line(t, net, phone=net.phone2, server=first.server)
    calls = first.dialog(), second.dialog(far=6010)
    for call in calls:
        call.call()
    t.true(calls[0].outside.rtp != calls[1].outside.rtp, "each has its outside port")
    streams = [call.audio() for call in calls]
    for stream in streams:
        stream.both_ways()
    for stream in streams:
        stream.both_ways()
    calls[0].hang_up()
    calls[0].closed(streams[0])
    streams[1].both_ways()
    calls[1].hang_up_remote()
    calls[1].over(streams[1])


@case("both phones are called through their registrations")
def called(t, net):
    _configure(net)
    first = Line(t, net)
    first.register()
    second = Line(t, net, phone=net.phone2, server=first.server)
    second.register()
    for line, far in ((first, 6000), (second, 6010)):
        call = line.dialog(far=far)
        call.be_called()
        call.audio().both_ways()


#  phone1 (PBX) 192.168.1.2    router                    server       media
#    | INVITE c= 192.168.1.3    | c= router                |            |
#    |------------------------->|------------------------->|            |
#  192.168.1.3 <=================== RTP =============================>|
#  phone2 192.168.1.2           |                          |            |
#    | INVITE c= 192.168.1.3    |                          |            |
#    |------------------------->|------------------------->| as it is
@case("a PBX that is trusted in its zone names a phone beside it; its twin may not",
      only_sipalg=True)
def trusted(t, net):
    _configure(net)
    net.phone1.run("ip", "addr", "add", f"{BESIDE}/24", "dev", "eth0")
    pbx.trust(t, net, named="192.168.1.0/24", scope=("zone", "1", "dev", "wan"))
    line = Line(t, net)
    pbx.stays(t, net, Line(t, net, phone=net.phone2, server=line.server), net.phone2, 1, BESIDE)
    call = line.dialog()
    phone = copy.copy(net.phone1)
    phone.address = BESIDE
    pbx.calls(call, phone, BESIDE).both_ways()
    call.hang_up()


@case("a trusted PBX whose network has routes of its own names no host that others lead to",
      only_sipalg=True)
def routes_apart(t, net):
    _configure(net)
    netns.configure({net.router.namespace: [f"route add {ELSEWHERE}/32 dev lan2",
                                            "route add default dev wan table 101"]})
    pbx.trust(t, net, named="10.0.0.0/8", scope=("zone", "1", "dev", "wan"))
    pbx.stays(t, net, Line(t, net), net.phone1, 1, ELSEWHERE)


if __name__ == "__main__":
    ksft.main()
