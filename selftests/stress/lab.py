# SPDX-License-Identifier: GPL-2.0-only
"""The network of the fuzzers: the addresses that the messages of selftests/corpus name.

    phone                     router                    server
    192.168.1.10 ---- lan 192.168.1.1 | wan 203.0.113.5 ---- 203.0.113.1, 198.51.100.7 and .8
"""

import contextlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../net"))

from lib import alg, netns  # noqa: E402
from lib.endpoint import Endpoint, Missing, wait_until  # noqa: E402,F401

# A flow for each fuzzer: the phone's port, what the NAT makes of it, and the server. The
# messages name the first pair of ports; they must not name the other, or it would have got
# its binding before. Each has a server of its own: see fuzz.c.
FLOWS = ((5060, 1024, "198.51.100.7"), (5088, 1028, "198.51.100.8"))

RULES = """
table ip nat {
	chain postrouting {
		type nat hook postrouting priority srcnat;
		oifname "wan" udp sport 5060 udp dport 5060 snat to 203.0.113.5:1024
		oifname "wan" udp sport 5088 udp dport 5060 snat to 203.0.113.5:1028
		oifname "wan" masquerade
	}
}
"""


def what_stays(show, limit=60):
    """Return calls and bindings that stay after a while; show() asks the tool."""
    left = []

    def is_empty():
        left[:] = show("call", "show") + show("binding", "show")
        return not left

    with contextlib.suppress(Missing):
        wait_until(is_empty, "calls and bindings are gone", limit)
    return left


class Lab:
    """Three namespaces, with the module at work; gone at the end of `with`."""

    def __enter__(self):
        prefix = f"sipalg-lab-{os.getpid()}"
        self.names = {role: f"{prefix}-{role}" for role in ("phone", "router", "server")}
        netns.create(self.names.values(), [
            ((self.names["router"], "lan"), (self.names["phone"], "eth0")),
            ((self.names["router"], "wan"), (self.names["server"], "eth0"))])
        for role, name in self.names.items():
            setattr(self, role, netns.Namespace(name))
        self.router.sysctl("net.ipv4.ip_forward", 1)
        netns.configure({
            self.phone: ["link set lo up", "addr add 192.168.1.10/24 dev eth0",
                         "link set eth0 up", "route add default via 192.168.1.1"],
            self.router: ["link set lo up", "addr add 192.168.1.1/24 dev lan",
                          "addr add 203.0.113.5/24 dev wan", "link set lan up",
                          "link set wan up", "route add default via 203.0.113.1"],
            self.server: ["link set lo up", "addr add 203.0.113.1/24 dev eth0",
                          *(f"addr add {server}/32 dev eth0" for *_, server in FLOWS),
                          "link set eth0 up"],
        })
        self.router.run("nft", "-f", "-", stdin=RULES)
        self.alg = alg.Sipalg()
        self.alg.load()
        self.tool("on", "dev", "wan")
        # compare.c knows no lines that come in addition; the fuzzer of translations does.
        self.tool("set", "ice", "pass")
        return self

    def tool(self, *words, check=True):
        """Run the tool on the router."""
        return self.router.run(alg.TOOL, *words, check=check)

    def show(self, *words):
        """Return what the tool prints as JSON."""
        return self.alg.show(self, *words)

    def run(self, *argv, **options):
        """Run a program on the router; see netns.run()."""
        return self.router.run(*argv, **options)

    def is_emptied(self):
        """Wait for calls and bindings to go; return whether they have."""
        left = what_stays(self.show)
        for each in left:
            print(f"# {each}")
        return not left

    def __exit__(self, *_):
        for role in self.names:
            getattr(self, role).close()
        netns.delete(self.names.values())
        with contextlib.suppress(Exception):
            self.alg.unload()
