# SPDX-License-Identifier: GPL-2.0-only
"""IPv6 addresses for the network that every test runs in."""

from . import netns

PHONE, SERVER, MEDIA = "2001:db8:1::2", "2001:db8:f::10", "2001:db8:e::20"
OUTSIDE = "2001:db8:f::99"

NEIGHBOURS = """
table inet firewall {
	chain input {
		meta l4proto icmpv6 accept
	}
}
"""

NAT = """
table ip6 nat {{
	chain postrouting {{
		type nat hook postrouting priority srcnat;
		oifname "wan" {}
	}}
}}
"""


def configure(net, nat=None):
    """Give all machines their addresses; `nat` is what the router does to what leaves by wan."""
    def devices(default, **addresses):
        lines = [f"addr add {address}/64 dev {dev} nodad" for dev, address in addresses.items()]
        return lines + ([f"route add ::/0 via {default}"] if default else [])

    for host in (net.router, net.server):
        host.namespace.sysctl("net.ipv6.conf.all.forwarding", 1)
    netns.configure({
        net.phone1.namespace: devices("2001:db8:1::1", eth0=PHONE),
        net.router.namespace: devices(SERVER, lan1="2001:db8:1::1", wan=OUTSIDE),
        # The phone's network is known outside: here it is the firewall that hides it.
        net.server.namespace: devices(OUTSIDE, eth0=SERVER, eth1="2001:db8:e::1"),
        net.media.namespace: devices("2001:db8:e::1", eth0=MEDIA),
    })
    net.router.run("nft", "-f", "-", stdin=NEIGHBOURS)
    if nat:
        net.router.run("nft", "-f", "-", stdin=NAT.format(nat))
    for host, address in ((net.phone1, PHONE), (net.server, SERVER), (net.media, MEDIA)):
        host.address = address
