#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP: only segments that their receiver would accept change anything.

Whoever forges a segment without seeing the connection must guess its sequence number
and its acknowledgment (RFC 9293, 3.10.7.4; RFC 5961). Conntrack is told not to look
where the module's own test is to be seen.
"""

from lib import ksft, sip
from lib.ksft import case
from lib.script import (ACK, FIN, MSS, PSH, RST, SACK_OK, SYN, End, Script, exchange, tcp_packet,
                        timestamp)
from lib.tcp import over_tcp
from lib.topology import OUTSIDE, SIP_PORT

PORT = 40001
INSIDE_VIEW = sip.View("192.168.1.2", PORT, 4000, 4001)
OUTSIDE_VIEW = sip.View(OUTSIDE, PORT, 4000, 4001)
GAPS = {"call_id": "segments", "branch": "x", "tag": "alice", "cseq": 1, "far": 6000}
IN, OUT = (sip.fill(over_tcp(sip.INVITE), view, sip.OFFER, **GAPS)
           for view in (INSIDE_VIEW, OUTSIDE_VIEW))
N, M = len(IN), len(OUT)
FORGED = b"x" * 40
# The phone is a PBX that strangers may reach.
FORWARD = """
table ip nat {
	chain prerouting {
		type nat hook prerouting priority dstnat;
		iifname "wan" tcp dport 5060 dnat to 192.168.1.2
	}
}
table inet firewall {
	chain forward {
		ct status dnat accept
	}
}
"""


def _liberal(net):
    """Have conntrack let everything pass, so that the module alone can stop it."""
    net.router.namespace.sysctl("net.netfilter.nf_conntrack_tcp_be_liberal", 1)


def _call(t, c, number):
    """The phone sends an INVITE, the server acknowledges it."""
    exchange(t, c, "INVITE", IN, OUT, (number * N, number * M))


@case("a forged segment is not queued, nor forwarded: its acknowledgement is wrong")
def forged_ack(t, net):
    _liberal(net)
    c = Script(net)
    for seq in (0, 4):
        for ack in (1 << 30, 1 << 31, 3 << 30):
            c.phone.send(PSH | ACK, seq, ack, FORGED)
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)
    c.server.send(ACK, 0, M)
    c.phone.due(t, "its acknowledgement", ACK, 0, N)


@case("a forged segment far outside of the window changes nothing, whatever it acknowledges")
def forged_seq(t, net):
    _liberal(net)
    c = Script(net)
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)
    # Were this acknowledged, what is sent again below would not be sent to the server.
    c.server.send(ACK, 1 << 30, M)
    c.server.send(ACK, 1 << 31, M)
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "INVITE again", PSH | ACK, 0, 0, OUT)


@case("a forged segment just below the window changes nothing, nor does its acknowledgement go on")
def forged_old(t, net):
    _liberal(net)
    c = Script(net)
    answer_in, answer_out = (sip.fill(over_tcp(sip.REGISTER_OK), view, **GAPS)
                             for view in (INSIDE_VIEW, OUTSIDE_VIEW))
    c.server.send(PSH | ACK, 0, 0, answer_out)
    c.phone.due(t, "200", PSH | ACK, 0, 0, answer_in)
    c.phone.send(ACK, 0, len(answer_in))
    c.server.due(t, "its acknowledgement", ACK, 0, len(answer_out))
    c.phone.send(PSH | ACK, 0, len(answer_in), IN)
    c.server.due(t, "INVITE", PSH | ACK, 0, len(answer_out), OUT)
    c.server.send(ACK, -60000, M)
    t.equal(c.phone.get().ack, c.phone.first, "what an old segment acknowledges")
    # It makes the phone acknowledge once more, with a number that the phone will read.
    c.server.send(PSH | ACK, -60000, M, FORGED)
    c.phone.keepalive(t, "old text", len(answer_in) - 1, 0)
    c.phone.send(PSH | ACK, 0, len(answer_in), IN)
    c.server.due(t, "INVITE again", PSH | ACK, 0, len(answer_out), OUT)


@case("a forged segment whose clock is too old does not take the place of the right one")
def forged_clock(t, net):
    _liberal(net)
    c = Script(net, stamps=True)
    c.phone.send(PSH | ACK, 0, 0, IN, options=timestamp(100, 1))
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)
    c.server.send(ACK, 0, M, options=timestamp(101, 100))
    c.phone.due(t, "its acknowledgement", ACK, 0, N)
    for clock in (98, (100 - (1 << 31) + 1) % (1 << 32)):
        c.phone.send(PSH | ACK, N, 0, b"X" + IN[1:200], options=timestamp(clock, 1))
    c.phone.send(PSH | ACK, N, 0, IN, options=timestamp(100, 101))
    c.server.due(t, "the next INVITE", PSH | ACK, M, 0, OUT)


@case("forged FINs and resets leave conntrack's entry as it is, behind changed messages, too")
def forged_end(t, net):
    c = Script(net)
    for number in range(3):
        _call(t, c, number)
    for flags in (FIN | ACK, FIN | ACK, RST, RST | ACK):
        c.server.send(flags, 1 << 30, 1 << 29)
    flows = [flow for flow in net.flows() if f"sport={PORT} " in flow]
    t.equal([("ESTABLISHED" in flow, int(flow.split()[2]) > 400000) for flow in flows],
            [(True, True)], "established, for days")
    _call(t, c, 3)


@case("a reset that is forged among held bytes does not get the number that the server expects")
def forged_reset(t, net):
    c = Script(net)
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)
    # The server has it, and has not said so yet.
    c.phone.send(PSH | ACK, N, 0, IN[:200])
    c.server.keepalive(t, "a part of the next one", -1, 0)
    for seq in (N + 1, N + 100, N + 199):
        c.phone.send(RST, seq)
        t.true(c.server.get().seq != c.server.peer_first + M, f"{seq} is not the next number")
    c.phone.send(RST, N + 200)
    t.equal(c.server.get().seq, c.server.peer_first + M, "what the phone would send")


@case("forged connections to a published port take no memory, and a phone's is translated")
def forged_connections(t, net):
    net.router.run("nft", "-f", "-", stdin=FORWARD)
    outside = End(net.server, "eth0", PORT, (OUTSIDE, SIP_PORT), 1000)
    pbx = End(net.phone1, "eth0", SIP_PORT, None, 90000)
    pbx.peer_first = outside.first
    before = t.alg.counters(net)
    for number in range(100, 200):
        source = (f"198.51.100.{number}", PORT)
        pbx.peer = source
        # The stranger does not see the answer, so it guesses: a bit too low, which conntrack takes.
        for flags, seq, ack, data, options in (
                (SYN, outside.first - 1, 0, b"", MSS + SACK_OK),
                (ACK, outside.first, pbx.first - 1000, b"", b""),
                (PSH | ACK, outside.first, pbx.first - 1000, IN, b"")):
            outside.send_packet(tcp_packet(source, outside.peer, flags, seq, ack, data,
                                           options=options))
            got = pbx.get()
            t.equal((got.flags, got.data), (flags, data), "what the stranger sends")
            if flags == SYN:
                pbx.send(SYN | ACK, -1, 0, options=MSS + SACK_OK)
    after = t.alg.counters(net)
    t.equal([after[name] - before[name] for name in ("bytes_now", "messages", "limit_bytes")],
            [0, 0, 0], "bytes, messages, and times that a limit was reached")
    _call(t, Script(net), 0)


if __name__ == "__main__":
    ksft.main()
