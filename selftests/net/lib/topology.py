# SPDX-License-Identifier: GPL-2.0-only
"""The network every test runs in.

    phone1                        router                         server
  +---------------+       +----------------------+       +----------------------+
  |   192.168.1.2 |-------| lan1                 |       |                      |
  +---------------+       | 192.168.1.1          |       |                      |
    phone2                |                  wan |-------| eth0                 |
  +---------------+       |         203.0.113.99 |       | 203.0.113.10         |
  | 192.168.2.234 |-------| lan2                 |       |                 eth1 |
  +---------------+       | 192.168.2.1          |       |         198.51.100.1 |
                          |  firewall, NAT, ALG  |       +-----------|----------+
                          +----------------------+                   |
         inside                                     outside  media   |
                                                         +-----------|----------+
                                                         |        198.51.100.20 |
                                                         +----------------------+

The router masquerades what leaves by wan. Its firewall drops whatever is not
ESTABLISHED, RELATED or from the inside to wan. The server does the signalling
and routes to the media host, which is the one that talks with the phones. None
of the outside knows a way to an inside address.

The outside address is longer than phone1's and shorter than phone2's, so that
messages grow and shrink. There is no bridge and nothing else that a small kernel
might lack.
"""

import os
import socket

from . import netns
from .endpoint import DEADLINE, Endpoint

# The address of both phones as the outside sees it.
OUTSIDE = "203.0.113.99"
SERVER = "203.0.113.10"
MEDIA = "198.51.100.20"
SIP_PORT = 5060

ADDRESSES = {"phone1": "192.168.1.2", "phone2": "192.168.2.234", "router": OUTSIDE,
             "server": SERVER, "media": MEDIA}
LINKS = [(("router", "lan1"), ("phone1", "eth0")), (("router", "lan2"), ("phone2", "eth0")),
         (("router", "wan"), ("server", "eth0")), (("server", "eth1"), ("media", "eth0"))]

FIREWALL = """
table inet firewall {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state related counter name related accept
		ct state established accept
		iifname { "lan1", "lan2" } oifname "wan" accept
	}
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		iifname != "wan" accept
	}
	counter related { }
}
table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat;
		oifname "wan" masquerade
	}
}
"""

# The rule that assigns the helper, as written for the kernel's own module.
HELPER_RULE = """
table inet helpers {
	ct helper sip-udp { type "sip" protocol udp; l3proto ip; }
	ct helper sip-tcp { type "sip" protocol tcp; l3proto ip; }
	chain prerouting {
		type filter hook prerouting priority filter;
		udp dport 5060 ct helper set "sip-udp"
		tcp dport 5060 ct helper set "sip-tcp"
	}
}
"""


class Host:
    """A machine: a namespace, and the address its programs use."""

    def __init__(self, role, namespace, address):
        self.role = role
        self.namespace = namespace
        self.address = address
        self._sockets = []

    def udp(self, port, peer=None):
        """Open a UDP socket; it closes with the network."""
        endpoint = Endpoint(self.role, self.namespace, self.address, port, peer)
        self._sockets.append(endpoint)
        return endpoint

    def tcp(self, port, protocol=socket.IPPROTO_TCP):
        """Open a bound TCP (or MPTCP) socket; it closes with the network."""
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        with self.namespace:
            stream = socket.socket(family, socket.SOCK_STREAM, protocol)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stream.settimeout(DEADLINE)
        stream.bind((self.address, port))
        self._sockets.append(stream)
        return stream

    def run(self, *argv, **options):
        """Run a program on this machine; see netns.run()."""
        return self.namespace.run(*argv, **options)

    def close_sockets(self):
        """Close all sockets."""
        while self._sockets:
            self._sockets.pop().close()

    def close(self):
        """Close all sockets, and let go of the namespace."""
        self.close_sockets()
        self.namespace.close()


class Network:
    """The network of the picture, made on `with` and gone after it."""

    _made = 0

    def __enter__(self):
        Network._made += 1
        prefix = f"sipalg-{os.getpid()}-{Network._made}"
        names = {role: f"{prefix}-{role}" for role in ADDRESSES}
        self._hosts = []
        self._names = names.values()
        try:
            netns.create(self._names, [((names[left], left_dev), (names[right], right_dev))
                                       for (left, left_dev), (right, right_dev) in LINKS])
            for role, name in names.items():
                host = Host(role, netns.Namespace(name), ADDRESSES[role])
                setattr(self, role, host)
                self._hosts.append(host)
            self._configure()
            self.router.run("nft", "-f", "-", stdin=FIREWALL)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _configure(self):
        def devices(default, **addresses):
            lines = ["link set lo up"]
            for dev, address in addresses.items():
                lines += [f"addr add {address}/24 dev {dev}", f"link set {dev} up"]
            return lines + ([f"route add default via {default}"] if default else [])

        self.router.namespace.sysctl("net.ipv4.ip_forward", 1)
        self.server.namespace.sysctl("net.ipv4.ip_forward", 1)
        netns.configure({
            self.phone1.namespace: devices("192.168.1.1", eth0=self.phone1.address),
            self.phone2.namespace: devices("192.168.2.1", eth0=self.phone2.address),
            self.router.namespace: devices(SERVER, lan1="192.168.1.1",
                                           lan2="192.168.2.1", wan=OUTSIDE),
            self.server.namespace: devices(None, eth0=SERVER, eth1="198.51.100.1"),
            self.media.namespace: devices("198.51.100.1", eth0=MEDIA),
        })

    def __exit__(self, *_):
        for host in self._hosts:
            host.close()
        netns.delete(self._names)

    def assign_helper(self):
        """Add the firewall rule that gives SIP flows the helper."""
        self.router.run("nft", "-f", "-", stdin=HELPER_RULE)

    def related(self):
        """Return how many packets of the firewall's RELATED rule there were."""
        words = self.router.run("nft", "list", "counter", "inet", "firewall",
                                "related").stdout.split()
        return int(words[words.index("packets") + 1])

    def invalid(self):
        """Return how many packets the router's conntrack called invalid."""
        words = self.router.run("conntrack", "-S").stdout.split()
        return sum(int(word.partition("=")[2]) for word in words if word.startswith("invalid="))

    def flows(self):
        """Return the router's conntrack entries, as conntrack prints them."""
        return self.router.run("conntrack", "-L").stdout.splitlines()
