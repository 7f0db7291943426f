# SPDX-License-Identifier: GPL-2.0-only
"""NAT rules of the router, written with each of the programs that people use for it.

A rule is told once, as a function of this file, and becomes one of nftables or of
iptables. They stand in place of the rules that the network begins with.
"""

import socket

from . import netns
from .topology import SERVER

# The program is the table's owner: two of them at a time would both translate.
PROGRAMS = ("nftables", "iptables-nft", "iptables-legacy")

# The router's second uplink: its own address, and the server's.
UPLINK, GATEWAY = "203.0.114.99", "203.0.114.10"

_NFT = """
flush chain ip nat postrouting
table ip nat {{
	chain prerouting {{
		type nat hook prerouting priority dstnat;
{prerouting}
	}}
	chain postrouting {{
{postrouting}
	}}
}}
table inet firewall {{
	chain forward {{
		ct status dnat accept
	}}
}}
"""
_IPTABLES = """*nat
{prerouting}
{postrouting}
COMMIT
"""


def _flags(fully_random):
    return (" fully-random", " --random-fully") if fully_random else ("", "")


def masquerade(ports=None, fully_random=False, device="wan"):
    """Masquerade what leaves by a device; UDP and TCP from these ports, as "20000-20255"."""
    nft, iptables = _flags(fully_random)
    if not ports:
        return ("postrouting", [f'oifname "{device}" masquerade{nft}'],
                [f"-o {device} -j MASQUERADE{iptables}"])
    return ("postrouting",
            [f'oifname "{device}" meta l4proto {{ tcp, udp }} masquerade to :{ports}{nft}',
             f'oifname "{device}" masquerade'],
            [f"-o {device} -p {proto} -j MASQUERADE --to-ports {ports}{iptables}"
             for proto in ("tcp", "udp")] + [f"-o {device} -j MASQUERADE"])


def snat(addresses, ports=None, device="wan"):
    """Give what leaves by a device one of these addresses, as "a" or "a-b"."""
    if not ports:
        return ("postrouting", [f'oifname "{device}" snat to {addresses}'],
                [f"-o {device} -j SNAT --to-source {addresses}"])
    return ("postrouting",
            [f'oifname "{device}" meta l4proto {{ tcp, udp }} snat to {addresses}:{ports}'],
            [f"-o {device} -p {proto} -j SNAT --to-source {addresses}:{ports}"
             for proto in ("tcp", "udp")])


def exempt(target):
    """Leave packets to a network as they are."""
    return "postrouting", [f"ip daddr {target} accept"], [f"-d {target} -j ACCEPT"]


def publish(proto, port, to, device="wan"):
    """Lead connections to a port of the router on to an inside host."""
    return ("prerouting", [f'iifname "{device}" {proto} dport {port} dnat to {to}:{port}'],
            [f"-i {device} -p {proto} --dport {port} -j DNAT --to-destination {to}:{port}"])


def install(net, program, *rules):
    """Make these rules, first to last, the router's NAT."""
    chains = {"prerouting": [], "postrouting": []}
    if program == "nftables":
        for chain, lines, _ in rules:
            chains[chain] += lines
        net.router.run("nft", "-f", "-", stdin=_NFT.format(
            **{chain: "\n".join(f"\t\t{line}" for line in lines)
               for chain, lines in chains.items()}))
        return
    for chain, _, lines in rules:
        chains[chain] += lines
    net.router.run("nft", "-f", "-", stdin="delete table ip nat\n"
                   "add rule inet firewall forward ct status dnat accept\n")
    net.router.run(f"{program}-restore", stdin=_IPTABLES.format(
        **{chain: "\n".join(f"-A {chain.upper()} {line}" for line in lines)
           for chain, lines in chains.items()}))


def remove(net, program):
    """Take the rules of iptables away: of iptables-legacy the module stays otherwise."""
    if program != "nftables":
        net.router.run(program, "-t", "nat", "-F")


def second_uplink(net):
    """Give the router a second way to the server: device wan2, not used by any route."""
    router, server = net.router.namespace, net.server.namespace
    netns.run("ip", "-batch", "-", stdin=f"link add wan2 netns {router.name} type veth "
              f"peer name eth2 netns {server.name}\n")
    netns.configure({router: [f"addr add {UPLINK}/24 dev wan2", "link set wan2 up"],
                     server: [f"addr add {GATEWAY}/24 dev eth2", "link set eth2 up"]})
    net.router.run("nft", "-f", "-", stdin="""
        add rule ip nat postrouting oifname "wan2" masquerade
        add rule inet firewall forward iifname { "lan1", "lan2" } oifname "wan2" accept
        """)


def route(net, *targets, via):
    """Send what goes to these hosts by the first uplink (SERVER) or the second (GATEWAY)."""
    device = "wan" if via == SERVER else "wan2"
    for target in targets:
        if target == via:
            net.router.run("ip", "route", "del", f"{target}/32", check=False)
        else:
            net.router.run("ip", "route", "replace", f"{target}/32", "via", via, "dev", device)


class Errors:
    """ICMP errors that arrive at a host, from now on."""

    def __init__(self, host):
        with host.namespace:
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self._socket.setblocking(False)

    def waiting(self):
        """Return type and code of those that are there."""
        found = []
        try:
            while True:
                packet = self._socket.recv(65535)
                found.append(tuple(packet[(packet[0] & 15) * 4:][:2]))
        except BlockingIOError:
            return found

    def close(self):
        """Stop."""
        self._socket.close()
