#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A trusted PBX asks for media of the phones beside it; nobody else does, and for nobody else.

phone1 is the PBX, phone2 the phone that its session descriptions name.

  phone1 (PBX)              router                  server      media
    | INVITE c= phone2        | c= router             |            |
    |------------------------>|---------------------->|            |
  phone2 <================ media, both ways =======================>
"""

from lib import alg, ksft, nat, netns, pbx
from lib.attack import calls, invite, nothing_left, reaching
from lib.ksft import case
from lib.ladder import Line
from lib.pbx import PBX, PHONE
from lib.topology import MEDIA, OUTSIDE, SERVER, SIP_PORT

NAMES_PHONE = pbx.names(PHONE)

# What the PBX begins leaves by the second uplink.
MARKS = """
table ip marks {
	chain prerouting {
		type filter hook prerouting priority mangle;
		iifname "lan1" meta mark set 2 ct mark set 2
	}
}
"""


@case("the PBX's SDP names a phone: media reaches that, and is heard from it", only_sipalg=True)
def media_of_phone(t, net):
    pbx.trust(t, net)
    call = Line(t, net).dialog()
    audio = pbx.calls(call, net.phone2, PHONE)
    audio.both_ways()
    t.equal(pbx.media_bindings(t, net), [(PHONE, 4000), (PHONE, 4001)], "bindings")
    call.hang_up()
    call.over(audio)


@case("the phone speaks first", only_sipalg=True)
def phone_first(t, net):
    pbx.trust(t, net)
    audio = pbx.calls(Line(t, net).dialog(), net.phone2, PHONE)
    audio.outward()
    audio.inward()


@case("the ports are counted among those of the PBX, not of the phone", only_sipalg=True)
def counted(t, net):
    pbx.trust(t, net)
    t.set(net, "set", "limit-host-bindings", "3")
    line = Line(t, net)
    pbx.calls(line.dialog(), net.phone2, PHONE).both_ways()
    with t.counted(net, "the PBX's second call", limit_host_bindings=1, changed=0):
        sent = invite(net.phone1, SIP_PORT, 4400, 1, NAMES_PHONE)
        t.same(line.send_up(sent, "INVITE").data, sent, "INVITE beyond the limit")
    own = Line(t, net, phone=net.phone2, server=line.server).dialog(rtp=4600, far=6600)
    own.call()
    own.audio().both_ways()


@case("another host may name nobody, the PBX no host of other networks", only_sipalg=True)
def not_trusted(t, net):
    line = Line(t, net)
    pbx.stays(t, net, line, net.phone1, 1, PHONE)
    pbx.trust(t, net, named="192.168.2.0/25")
    pbx.stays(t, net, line, net.phone1, 2, PHONE)
    pbx.trust(t, net, hosts="192.168.1.3")
    pbx.stays(t, net, line, net.phone1, 3, PHONE)
    pbx.trust(t, net, named="192.168.0.0/16")
    other = Line(t, net, phone=net.phone2, server=line.server)
    pbx.stays(t, net, other, net.phone2, 4, PBX)
    t.set(net, "on", "dev", "wan", "trusted", "default")
    pbx.stays(t, net, line, net.phone1, 5, PHONE)
    t.equal(reaching(net, net.phone2, 4400), [], "packets at the phone")
    calls(t, net, net.phone2, line.server)
    nothing_left(t, net)


@case("a wide network stands neither for the router nor for hosts outside", only_sipalg=True)
def wide_network(t, net):
    pbx.trust(t, net, named="0.0.0.0/1,128.0.0.0/1")
    line = Line(t, net)
    for number, named in enumerate((OUTSIDE, "192.168.1.1", "192.168.2.1", MEDIA, "127.0.0.1",
                                    "192.168.2.255", "255.255.255.255", "224.2.0.1", "0.0.0.0")):
        pbx.stays(t, net, line, net.phone1, number, named)
    with t.counted(net, "a port of a service", low_port=1, changed=0):
        sent = invite(net.phone1, SIP_PORT, 22, 99, NAMES_PHONE)
        t.same(line.send_up(sent, "INVITE").data, sent, "INVITE that offers port 22")
    t.equal(pbx.media_bindings(t, net), [], "media bindings")
    pbx.calls(line.dialog(), net.phone2, PHONE).both_ways()


def _choose_second_uplink(net):
    nat.second_uplink(net)
    netns.configure({net.router.namespace: [
        f"route add default via {nat.GATEWAY} dev wan2 table 2", "rule add fwmark 2 table 2"]})
    net.router.run("nft", "-f", "-", stdin=MARKS)


@case("the uplink is chosen by a mark: a wide network is not for hosts behind the other one",
      only_sipalg=True)
def other_uplink(t, net):
    _choose_second_uplink(net)
    pbx.trust(t, net, named="0.0.0.0/1,128.0.0.0/1", scope=("dev", "wan2"))
    line = Line(t, net, outside=nat.UPLINK)
    pbx.stays(t, net, line, net.phone1, 1, MEDIA)
    pbx.calls(line.dialog(), net.phone2, PHONE)
    t.equal(pbx.media_bindings(t, net), [(PHONE, 4000), (PHONE, 4001)], "bindings")


@case("and the other one is a router beside the PBX, which names a host there",
      only_sipalg=True)
def other_uplink_inside(t, net):
    _choose_second_uplink(net)
    net.router.run("ip", "route", "add", f"{SERVER}/32", "via", PBX, "dev", "lan1")
    pbx.trust(t, net, named="192.168.1.0/24", scope=("dev", "wan2"))
    host = "192.168.1.77"
    pbx.calls(Line(t, net, outside=nat.UPLINK).dialog(), net.phone1, host)
    t.equal(pbx.media_bindings(t, net), [(host, 4000), (host, 4001)], "bindings")


# The limit that docs/THREATS.md names.
@case("with three uplinks, a wide network is for hosts behind the third one, too",
      only_sipalg=True)
def third_uplink(t, net):
    _choose_second_uplink(net)
    netns.configure({net.router.namespace: [
        "link add wan3 type dummy", "addr add 198.18.0.1/24 dev wan3", "link set wan3 up"]})
    pbx.trust(t, net, named="0.0.0.0/1,128.0.0.0/1", scope=("dev", "wan2"))
    host = "198.18.0.9"
    pbx.calls(Line(t, net, outside=nat.UPLINK).dialog(), net.phone1, host)
    t.equal(pbx.media_bindings(t, net), [(host, 4000), (host, 4001)], "bindings")


@case("the option is saved and restored, and other options leave it alone", switched_on=False,
      only_sipalg=True)
def saved(t, net):
    line = f"set dev wan on trusted {PBX}/32,2001:db8::2/128 for 192.168.2.0/24"
    t.set(net, "policy", *line.split())
    t.set(net, "on", "dev", "wan", "outside-ports", "20000-20255")
    text = t.alg.tool(net, "policy", "save").stdout
    want = line.replace(" trusted", " outside-ports 20000-20255 trusted")
    t.true(want in text.splitlines(), f"it is saved ({text!r})")
    t.alg.tool(net, "policy", "flush")
    net.router.run(alg.TOOL, "policy", "restore", "-f", "-", stdin=text)
    t.equal(t.alg.tool(net, "policy", "save").stdout, text, "what was restored")


if __name__ == "__main__":
    ksft.main()
