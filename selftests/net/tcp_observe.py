#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP that is just looked at: each segment goes on at once, and as it came."""

import struct

from lib import ksft, sip
from lib.ksft import case
from lib.script import ACK, PSH, Script
from lib.tcp import over_tcp
from lib.topology import OUTSIDE

PORT = 40001
INSIDE_VIEW = sip.View("192.168.1.2", PORT, 4000, 4001)
OUTSIDE_VIEW = sip.View(OUTSIDE, PORT, 4000, 4001)
GAPS = {"call_id": "observe", "branch": "x", "tag": "alice", "cseq": 1, "far": 6000}
IN, OUT = (sip.fill(over_tcp(sip.INVITE), view, sip.OFFER, **GAPS)
           for view in (INSIDE_VIEW, OUTSIDE_VIEW))
N, M = len(IN), len(OUT)
FORGED = b"x" * 40


def _observed(t, net, mode="observe"):
    """Return a connection whose scope has a mode; conntrack lets everything pass."""
    net.router.namespace.sysctl("net.netfilter.nf_conntrack_tcp_be_liberal", 1)
    t.alg.tool(net, "observe", "dev", "wan")
    c = Script(net)
    t.alg.tool(net, mode, "dev", "wan")
    return c


@case("observed or off, a segment that its receiver would not accept is not dropped",
      switched_on=False)
def unacceptable(t, net):
    for mode in ("observe", "off"):
        c = _observed(t, net, mode)
        for seq, ack in ((0, 1 << 30), (4, 1 << 31), (1 << 30, 0), (1 << 31, 1 << 31)):
            c.phone.send(PSH | ACK, seq, ack, FORGED)
            c.server.due(t, "a segment of no use", PSH | ACK, seq, ack, FORGED)
        with t.counted(net, observed=1 if mode == "observe" else 0):
            c.phone.send(PSH | ACK, 0, 0, IN)
            c.server.due(t, "INVITE", PSH | ACK, 0, 0, IN)
        net.router.run("conntrack", "-F")
        for host in (net.phone1, net.server):
            host.run("nft", "flush", "ruleset")


@case("observed, a segment beyond a gap goes on as it came, and the message is still read",
      switched_on=False)
def gap(t, net):
    c = _observed(t, net)
    with t.counted(net, observed=2):
        for base in (0, N):
            c.phone.send(PSH | ACK, base + 200, 0, IN[200:400])
            c.server.due(t, "out of order", PSH | ACK, base + 200, 0, IN[200:400])
            c.phone.send(PSH | ACK, base + 400, 0, IN[400:])
            c.server.due(t, "out of order", PSH | ACK, base + 400, 0, IN[400:])
            c.phone.send(PSH | ACK, base, 0, IN[:200])
            c.server.due(t, "the gap closes", PSH | ACK, base, 0, IN[:200])
            c.server.send(ACK, 0, base + N)
            c.phone.due(t, "all is acknowledged", ACK, 0, base + N)


@case("observed, a segment beyond a gap is not acknowledged for its receiver: it may be lost yet",
      switched_on=False)
def not_received(t, net):
    c = _observed(t, net)
    c.phone.send(PSH | ACK, 200, 0, IN[200:])
    c.server.due(t, "out of order", PSH | ACK, 200, 0, IN[200:])
    c.server.send(ACK, 0, 0)
    c.phone.due(t, "without it", ACK, 0, 0)
    block = b"\1\1" + struct.pack("!BBII", 5, 10, c.server.peer_first - 1, c.server.peer_first)
    c.server.send(ACK, 0, 0, options=block)
    c.phone.due(t, "a byte that came twice", ACK, 0, 0, sacks=[(-1, 0)])


@case("switched on while a segment beyond a gap has passed: the next message is changed",
      switched_on=False)
def switched_on(t, net):
    c = _observed(t, net)
    c.phone.send(PSH | ACK, 200, 0, IN[200:])
    c.server.due(t, "out of order", PSH | ACK, 200, 0, IN[200:])
    t.alg.tool(net, "on", "dev", "wan")
    c.phone.send(PSH | ACK, 0, 0, IN[:200])
    c.server.due(t, "the gap closes", PSH | ACK, 0, 0, IN[:200])
    c.server.send(ACK, 0, N)
    c.phone.due(t, "all is acknowledged", ACK, 0, N)
    c.phone.send(PSH | ACK, N, 0, IN)
    c.server.due(t, "the next INVITE", PSH | ACK, N, 0, OUT)


@case("off, a message, on: the next message is changed")
def off_and_on(t, net):
    c = Script(net)
    t.alg.tool(net, "off", "dev", "wan")
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "INVITE, off", PSH | ACK, 0, 0, IN)
    c.server.send(ACK, 0, N)
    c.phone.due(t, "its acknowledgement", ACK, 0, N)
    t.alg.tool(net, "on", "dev", "wan")
    c.phone.send(PSH | ACK, N, 0, IN)
    c.server.due(t, "INVITE, on", PSH | ACK, N, 0, OUT)


if __name__ == "__main__":
    ksft.main()
