#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP: how a connection begins, and what is learnt from its segments."""

from lib import ksft, sip
from lib.ksft import case
from lib.script import ACK, MSS, PSH, SACK_OK, SYN, End, Script, tcp_packet
from lib.tcp import over_tcp
from lib.topology import OUTSIDE, SERVER, SIP_PORT

PORT = 40001
INSIDE_VIEW = sip.View("192.168.1.2", PORT, 4000, 4001)
OUTSIDE_VIEW = sip.View(OUTSIDE, PORT, 4000, 4001)
GAPS = {"call_id": "begin", "branch": "x", "tag": "alice", "cseq": 1, "far": 6000}
IN, OUT = (sip.fill(over_tcp(sip.INVITE), view, sip.OFFER, **GAPS)
           for view in (INSIDE_VIEW, OUTSIDE_VIEW))
N, M = len(IN), len(OUT)


def _call(t, c, number):
    """The phone sends an INVITE, the server acknowledges it."""
    c.phone.send(PSH | ACK, number * N, 0, IN)
    c.server.due(t, "INVITE", PSH | ACK, number * M, 0, OUT)
    c.server.send(ACK, 0, number * M + M)
    c.phone.due(t, "its acknowledgement", ACK, 0, number * N + N)


@case("a segment with a wrong checksum is lost, though conntrack does not look")
def corrupt(t, net):
    net.router.namespace.sysctl("net.netfilter.nf_conntrack_checksum", 0)
    for host, device in ((net.phone1, "eth0"), (net.router, "lan1")):
        host.run("ethtool", "-K", device, "rx", "off", "tx", "off")
    c = Script(net)
    packet = tcp_packet((c.phone.host.address, PORT), (SERVER, SIP_PORT), PSH | ACK,
                        c.phone.first, c.phone.peer_first, IN)
    c.phone.send_packet(packet[:-1] + b"?")
    _call(t, c, 0)


@case("the handshake's last segment has a part of a message: no keep-alive comes before it")
def first(t, net):
    phone = End(net.phone1, "eth0", PORT, (SERVER, SIP_PORT), 1000)
    server = End(net.server, "eth0", SIP_PORT, (OUTSIDE, PORT), 50000)
    phone.peer_first, server.peer_first = 50000, 1000
    phone.send(SYN, -1, options=MSS + SACK_OK)
    server.get()
    server.send(SYN | ACK, -1, 0, options=MSS + SACK_OK)
    phone.get()
    phone.send(PSH | ACK, 0, 0, IN[:200])
    server.due(t, "the bare acknowledgement", ACK, 0, 0)
    phone.send(PSH | ACK, 200, 0, IN[200:])
    server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)


@case("a short tail that is sent again does not set the size of later segments")
def tail(t, net):
    c = Script(net)
    sent, due = (sip.fill(over_tcp(sip.INVITE), view, f"{sip.OFFER}a={'x' * 500}\n", **GAPS)
                 for view in (INSIDE_VIEW, OUTSIDE_VIEW))
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)
    c.phone.send(PSH | ACK, N - 24, 0, IN[N - 24:])
    c.server.due(t, "its tail again", PSH | ACK, M - 24, 0, OUT[M - 24:])
    c.server.send(ACK, 0, M)
    c.phone.due(t, "its acknowledgement", ACK, 0, N)
    c.phone.send(PSH | ACK, N, 0, sent)
    c.server.due(t, "a longer INVITE, in one segment", PSH | ACK, M, 0, due)


@case("data in a SYN, with the option of TCP Fast Open: the connection is followed")
def fast_open(t, net):
    cookie = bytes([34, 10]) + bytes(8) + b"\1\1"
    phone = End(net.phone1, "eth0", PORT, (SERVER, SIP_PORT), 1000)
    server = End(net.server, "eth0", SIP_PORT, (OUTSIDE, PORT), 50000)
    phone.peer_first, server.peer_first = 50000, 1000
    phone.send(SYN, -1, data=IN, options=MSS + SACK_OK + cookie)
    got = server.get()
    t.equal((len(got.data), 34 in got.options), (0, False), "data and option of the SYN")
    server.send(SYN | ACK, -1, 0, options=MSS + SACK_OK)
    phone.get()
    phone.send(ACK, 0, 0)
    server.get()
    phone.send(PSH | ACK, 0, 0, IN)
    server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)


if __name__ == "__main__":
    ksft.main()
