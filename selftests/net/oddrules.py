#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Calls through routers whose rules do more than to masquerade: media both ways, whoever begins."""

import functools

from lib import hairpin, ipv6, ksft, media, nat, netns, sip
from lib.ladder import Dialog, Line
from lib.topology import MEDIA, OUTSIDE, SERVER, SIP_PORT, Host

case = functools.partial(ksft.case, only_sipalg=True)

# The networks that the rules show for those of the phones.
SHOWN, SHOWN6 = "192.0.2.2", "2001:db8:a::2"

NETMAP = """
flush chain ip nat postrouting
table ip nat {
	chain prerouting {
		type nat hook prerouting priority dstnat;
		iifname "wan" dnat ip prefix to ip daddr map { 192.0.2.0/24 : 192.168.1.0/24 }
	}
	chain postrouting {
		oifname "wan" snat ip prefix to ip saddr map { 192.168.1.0/24 : 192.0.2.0/24 }
	}
}
"""

NETMAP6 = """
table ip6 nat {
	chain prerouting {
		type nat hook prerouting priority dstnat;
		iifname "wan" dnat ip6 prefix to ip6 daddr map { 2001:db8:a::/64 : 2001:db8:1::/64 }
	}
	chain postrouting {
		type nat hook postrouting priority srcnat;
		oifname "wan" snat ip6 prefix to ip6 saddr map { 2001:db8:1::/64 : 2001:db8:a::/64 }
	}
}
"""

# Chains of the administrator's own come before the usual places.
EARLY = """
flush chain ip nat postrouting
table ip early {
	chain prerouting {
		type nat hook prerouting priority dstnat - 10;
		iifname "wan" udp dport 1024-65535 dnat to 192.168.2.234
	}
	chain postrouting {
		type nat hook postrouting priority srcnat - 10;
		oifname "wan" masquerade random
	}
}
"""

# NAT loopback, as routers for homes have it.
LOOPBACK = """
insert rule ip nat postrouting ip saddr 192.168.0.0/16 ip daddr 192.168.0.0/16 masquerade
"""

# What phone2 begins leaves by the second uplink, whatever the routes say.
MARKS = """
table ip marks {
	chain prerouting {
		type filter hook prerouting priority mangle;
		meta mark set ct mark
		iifname "lan2" ct state new meta mark set 2 ct mark set 2
		iifname "wan2" ct state new meta mark set 2 ct mark set 2
	}
}
"""

BUNDLE = """
v=0
o=alice 2890844526 2890844526 IN IP4 {host}
s=-
c=IN IP4 {host}
t=0 0
a=group:BUNDLE a v
m=audio {rtp} RTP/AVP 0 8
a=mid:a
a=rtcp-mux
m=video {rtp} RTP/AVP 96
a=rtpmap:96 H264/90000
a=mid:v
a=rtcp-mux
"""
MUX = sip.OFFER + "a=rtcp-mux\n"


def _calls(line, rtp=4000, far=6000):
    """Have a call each way, with media; the far end speaks first in one, the phone in the other."""
    line.register()
    call = line.dialog(rtp=rtp, far=far)
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.hang_up()
    call.closed(audio)
    call = line.dialog(rtp=rtp + 20, far=far + 20)
    call.be_called()
    audio = call.audio()
    audio.outward()
    audio.both_ways()
    call.hang_up_remote()
    call.closed(audio)


#  phone1 192.168.1.2          router                  server
#    | INVITE c= 192.168.1.2     |   c= 192.0.2.2         |
#    |-------------------------->|----------------------->|
@case("NETMAP: a network is mapped to another one, address by address, both ways")
def netmap(t, net):
    net.router.run("nft", "-f", "-", stdin=NETMAP)
    net.server.run("ip", "route", "add", "192.0.2.0/24", "via", OUTSIDE)
    _calls(Line(t, net, outside=SHOWN))


@case("chains of the rules come before the usual places: media goes by the promised port")
def early(t, net):
    net.router.run("nft", "-f", "-", stdin=EARLY)
    _calls(Line(t, net))


class _Dialog6(Dialog):
    """A dialog whose texts are of IPv6: brackets in headers, none in SDP."""

    def text(self, text, view, body="", **gaps):
        head = (text.replace("{host}", "[{host}]").replace(SERVER, f"[{ipv6.SERVER}]")
                .replace("received=[{host}]", "received={host}"))
        body = body.replace("IP4", "IP6").replace(MEDIA, ipv6.MEDIA)
        return super().text(head, view, body=body, **gaps)


@case("NPTv6: the prefix of a network is mapped to another one, both ways")
def nptv6(t, net):
    ipv6.configure(net)
    net.router.run("nft", "-f", "-", stdin=NETMAP6)
    net.server.run("ip", "route", "add", "2001:db8:a::/64", "via", ipv6.OUTSIDE)
    line = Line(t, net, outside=SHOWN6)
    for port in 4000, 4010:
        call = _Dialog6(line, rtp=port, far=port + 2000)
        call.call()
        call.audio().both_ways()


#  phone1                       router                  phone2
#    |<========= RTP ============>|<========= RTP ========>|
@case("NAT loopback: the rules masquerade what phones send to each other, but not their media")
def loopback(t, net):
    net.router.run("nft", "-f", "-", stdin=LOOPBACK)
    caller, callee = hairpin.begin(t, net)
    hairpin.answer(caller, callee)
    hairpin.both_ways(t, caller, callee, net.phone1.udp(caller.inside.rtp),
                      net.phone2.udp(callee.inside.rtp))


#  phone1                       router  wan             server, media
#    |<========= RTP ============>|<======================>|
#  phone2                         |    wan2                |
#    |<========= RTP ============>|<======================>|
@case("two uplinks, chosen by marks: the phones of each are heard by its address")
def marks(t, net):
    nat.second_uplink(net)
    netns.configure({net.router.namespace: [
        f"route add default via {nat.GATEWAY} dev wan2 table 2",
        "route add 192.168.2.0/24 dev lan2 table 2",
        "rule add fwmark 2 table 2"]})
    net.router.run("nft", "-f", "-", stdin=MARKS)
    t.alg.tool(net, "on", "dev", "wan2")
    server = net.server.udp(SIP_PORT)
    first = Line(t, net, server=server)
    second = Line(t, net, phone=net.phone2, server=server, outside=nat.UPLINK)
    for line, far in (first, 6000), (second, 6100):
        _calls(line, far=far)
    calls = [line.dialog(rtp=4100, far=far) for line, far in ((first, 6200), (second, 6300))]
    for call in calls:
        call.call()
    streams = [call.audio() for call in calls]
    for _ in range(2):
        for stream in streams:
            stream.both_ways()


@case("the router's own PBX has ports: neither signalling nor media is promised there")
def own_program(t, net):
    own = Host("router", net.router.namespace, OUTSIDE)
    taken = [own.udp(port) for port in (SIP_PORT, 4001)]
    line = Line(t, net)
    line.register()
    t.true(line.outside_port != SIP_PORT, f"port of the signalling ({line.outside_port})")
    call = line.dialog()
    call.call()
    t.true(call.outside.rtp not in (4000, 4001), f"port of the media ({call.outside.rtp})")
    audio, rtcp = call.audio(), call.rtcp()
    audio.both_ways()
    rtcp.both_ways()
    for socket in taken:
        socket.close()


@case("the rules publish the phone's ports for the phone: they are promised as they are")
def published_for_phone(t, net):
    nat.install(net, "nftables", ("prerouting", [
        'iifname "wan" udp dport { 5060, 4000-4100 } dnat to 192.168.1.2'], []), nat.masquerade())
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.call()
    t.equal((line.outside_port, call.outside.rtp), (SIP_PORT, 4000), "outside ports")
    call.audio().both_ways()
    call.rtcp().both_ways()
    second = Line(t, net, phone=net.phone2, server=line.server)
    second.register()
    other = second.dialog(far=6100)
    other.call()
    t.true(not 4000 <= other.outside.rtp <= 4100, f"the neighbour's port ({other.outside.rtp})")
    other.audio().both_ways()


#  phone1     a bridge, which has netfilter called     router
#    |<==================== RTP =========================>|
@case("the phones' ports are bridged, and the bridge calls netfilter")
def bridge(t, net):
    router = net.router
    if router.run("ip", "link", "add", "br0", "type", "bridge", check=False).returncode:
        t.skip("no bridge here")
    router.run("modprobe", "br_netfilter", check=False)
    netns.configure({router.namespace: [
        "addr flush dev lan1", "link set lan1 master br0", "addr add 192.168.1.1/24 dev br0",
        "link set br0 up"]})
    router.namespace.sysctl("net.bridge.bridge-nf-call-iptables", 1)
    router.run("nft", "add", "rule", "inet", "firewall", "forward", "iifname", "br0", "oifname",
               "wan", "accept")
    _calls(Line(t, net))


@case("BUNDLE: two media on one port")
def bundle(t, net):
    call = Line(t, net).dialog()
    call.call(body=BUNDLE)
    call.audio().both_ways()


@case("rtcp-mux is offered and not accepted: RTCP goes to the next port")
def mux_refused(t, net):
    call = Line(t, net).dialog()
    call.call(body=MUX)
    call.audio().both_ways()
    call.rtcp().both_ways()


@case("the far end sends from another port, and then from another host, than its SDP says")
def other_source(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    audio.other(net.media.udp(7000)).both_ways()
    relay = audio.other(net.server.udp(7000))
    relay.inward()
    relay.both_ways()
    audio.both_ways()


#  phone1                  router                  server
#    | INVITE, 183 SDP       |                       |
#    |<=============== early media of one ==========>|
#    | 183, 200 SDP of another branch, ACK           |
#    |<=============== media of the other ==========>|
@case("early media, then a branch with another description answers")
def forked(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(sip.PROGRESS, far=6000)
    early = call.audio()
    early.both_ways()
    other = sip.OK.replace("tag=bob", "tag=carol")
    call.down(other, far=6100)
    call.up(sip.ACK.replace("tag=bob", "tag=carol"))
    audio = media.Stream(t, early.phone, net.media.udp(6100), early.promised)
    audio.both_ways()


if __name__ == "__main__":
    ksft.main()
