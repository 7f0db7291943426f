#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Several outside addresses: media uses the address that the message promised."""

import socket

from lib import ksft, sip
from lib.endpoint import DEADLINE
from lib.ksft import case
from lib.ladder import Line
from lib.topology import MEDIA, OUTSIDE, SERVER

OTHERS = "203.0.113.97", "203.0.113.98"

BY_SOURCE = """
flush chain ip nat postrouting
table ip nat {
	chain postrouting {
		oifname "wan" snat to ip saddr map { 192.168.1.2 : 203.0.113.99,
						     192.168.2.234 : 203.0.113.98 }
	}
}
"""
RANGE = """
flush chain ip nat postrouting
table ip nat {
	chain postrouting {
		oifname "wan" snat to 203.0.113.97-203.0.113.98
	}
}
"""
BY_TARGET = """
flush chain ip nat postrouting
table ip nat {
	chain postrouting {
		oifname "wan" snat to ip daddr map { 203.0.113.10 : 203.0.113.99,
						     198.51.100.20 : 203.0.113.98 }
	}
}
"""


def _configure(net, rules):
    for address in OTHERS:
        net.router.run("ip", "addr", "add", f"{address}/24", "dev", "wan")
    net.router.run("nft", "-f", "-", stdin=rules)


#  phone1, phone2             router                    server       media
#    | INVITE                   |     c=: E1, c=: E2       |            |
#    |------------------------->|------------------------->|            |
#    |<=========================== RTP =================================>|
@case("a rule gives each phone its own outside address: both get the same ports")
def by_source(t, net):
    _configure(net, BY_SOURCE)
    first = Line(t, net)
    second = Line(t, net, phone=net.phone2, server=first.server, outside=OTHERS[1])
    calls = first.dialog(), second.dialog(far=6010)
    for call in calls:
        call.call()
    streams = [call.audio() for call in calls]
    t.equal([stream.promised for stream in streams], [(OUTSIDE, 4000), (OTHERS[1], 4000)],
            "promised addresses and ports")
    for stream in streams:
        stream.both_ways()
    for call in calls:
        call.hang_up()
    for call, stream in zip(calls, streams):
        call.over(stream)


#    | INVITE, to the server, to the media host       |            |
#    |------------------------->|------------------------->|---------->|
#    |============= RTP, to the media host ===========================>|
@case("NAT picks an address of a range: media leaves from the one the message named")
def any_of_a_range(t, net):
    _configure(net, RANGE)
    line = Line(t, net, outside=None)
    call = line.dialog()
    call.call()
    t.true(line.outside in OTHERS, f"{line.outside} is of the range")
    audio = call.audio()
    audio.outward()
    audio.inward()
    other = line.towards(net.media.udp(5060)).dialog(rtp=4010, far=6010)
    other.call()
    other.audio().both_ways()
    call.hang_up()
    call.closed(audio)


#  phone1                     router                    server       media
#    | REGISTER, REGISTER       |     from E1              |            |
#    |------------------------->|------------------------->|            |
#    |                          |     from E2              |            |
#    |                          |-------------------------------------->|
#                     the router forgets its flows
#    | REGISTER, REGISTER       |     from E1, from E2     |            |
#    |------------------------->|------------------------->|----------->|
@case("one outside address per registrar: after the flows are lost each sees the same one again")
def by_target(t, net):
    _configure(net, BY_TARGET)
    first = Line(t, net)
    second = first.towards(net.media.udp(5060))
    second.outside = OTHERS[1]
    registrations = first.dialog(), second.dialog()
    for registration in registrations:
        registration.up(sip.REGISTER)
    for registration in registrations:
        registration.down(sip.REGISTER_OK)
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    for registration in registrations:
        registration.up(sip.REGISTER, cseq=2)
        registration.down(sip.REGISTER_OK, cseq=2)


#  phone1                  router                  server        media
#    | OPTIONS from its registered port              |            |
#    |---------------------->|======== ESP =========>|            |
@case("a registered phone's packets into an IPsec tunnel are not mapped")
def ipsec(t, net):
    if net.router.run("ip", "xfrm", "state", check=False).returncode:
        raise ksft.Skip("this kernel has no IPsec")
    line = Line(t, net)
    line.register()
    net.router.run("nft", "insert", "rule", "ip", "nat", "postrouting",
                   "ip", "daddr", f"{MEDIA}/24", "accept")
    net.router.run("ip", "-batch", "-", stdin=f"""
        xfrm state add src {OUTSIDE} dst {SERVER} proto esp spi 0x100 mode tunnel \
            aead rfc4106(gcm(aes)) 0x{'17' * 20} 128
        xfrm policy add dir out src 192.168.1.0/24 dst {MEDIA}/24 \
            tmpl src {OUTSIDE} dst {SERVER} proto esp mode tunnel
        """)
    with net.server.namespace:
        tunnel = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ESP)
    tunnel.settimeout(DEADLINE)
    media = net.media.udp(5060)
    line.phone.send(b"OPTIONS", media.address)
    t.equal(tunnel.recvfrom(65535)[1][0], OUTSIDE, "source of the ESP packets")
    t.equal(media.waiting(), [], "packets outside the tunnel")
    tunnel.close()


if __name__ == "__main__":
    ksft.main()
