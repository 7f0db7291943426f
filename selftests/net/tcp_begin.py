#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP: how a connection begins, and what is learnt from its segments."""

import collections
import struct
from pathlib import Path

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.script import ACK, MSS, PSH, SACK_OK, SYN, End, Script, exchange, tcp_packet
from lib.tcp import Stream, listen, over_tcp
from lib.topology import OUTSIDE, SERVER, SIP_PORT

PORT = 40001
INSIDE_VIEW = sip.View("192.168.1.2", PORT, 4000, 4001)
OUTSIDE_VIEW = sip.View(OUTSIDE, PORT, 4000, 4001)
GAPS = {"call_id": "begin", "branch": "x", "tag": "alice", "cseq": 1, "far": 6000}
IN, OUT = (sip.fill(over_tcp(sip.INVITE), view, sip.OFFER, **GAPS)
           for view in (INSIDE_VIEW, OUTSIDE_VIEW))
N, M = len(IN), len(OUT)
COOKIE = bytes([34, 10]) + bytes(8) + b"\1\1"
Ends = collections.namedtuple("Ends", "phone server")


def _ends(net):
    """Return both ends, which have not said anything yet."""
    phone = End(net.phone1, "eth0", PORT, (SERVER, SIP_PORT), 1000)
    server = End(net.server, "eth0", SIP_PORT, (OUTSIDE, PORT), 50000)
    phone.peer_first, server.peer_first = 50000, 1000
    return Ends(phone, server)


def _syn_synack(ends):
    """The phone sends a SYN, the server answers."""
    phone, server = ends
    phone.send(SYN, -1, options=MSS + SACK_OK)
    server.get()
    server.send(SYN | ACK, -1, 0, options=MSS + SACK_OK)
    phone.get()


def _call(t, c, number):
    """The phone sends an INVITE, the server acknowledges it."""
    exchange(t, c, "INVITE", IN, OUT, (number * N, number * M))


def _unchecked(net):
    """Conntrack does not look at checksums, and no device takes them for right."""
    net.router.namespace.sysctl("net.netfilter.nf_conntrack_checksum", 0)
    for host, device in ((net.phone1, "eth0"), (net.router, "lan1")):
        host.run("ethtool", "-K", device, "rx", "off", "tx", "off")


@case("a segment with a wrong checksum is lost, though conntrack does not look")
def corrupt(t, net):
    _unchecked(net)
    c = Script(net)
    packet = tcp_packet((c.phone.host.address, PORT), (SERVER, SIP_PORT), PSH | ACK,
                        c.phone.first, c.phone.peer_first, IN)
    c.phone.send_packet(packet[:-1] + b"?")
    _call(t, c, 0)


@case("so is a SYN whose data would be taken, and with that its checksum")
def corrupt_syn(t, net):
    _unchecked(net)
    phone, server = _ends(net)
    for first, end in ((2000, b"?"), (1000, b"")):
        packet = tcp_packet((phone.host.address, PORT), (SERVER, SIP_PORT), SYN, first - 1, 0, IN,
                            options=MSS + SACK_OK + COOKIE)
        phone.send_packet(packet[:len(packet) - len(end)] + end)
    t.equal(server.get().seq, 999, "the SYN that comes")
    server.send(SYN | ACK, -1, 0, options=MSS + SACK_OK)
    phone.get()
    phone.send(ACK, 0, 0)
    server.get()
    _call(t, Ends(phone, server), 0)


@case("the handshake's last segment has a part of a message: a byte comes, and no keep-alive")
def first(t, net):
    phone, server = ends = _ends(net)
    _syn_synack(ends)
    phone.send(PSH | ACK, 0, 0, IN[:200])
    server.due(t, "the first byte", PSH | ACK, 0, 0, IN[:1])
    phone.send(PSH | ACK, 200, 0, IN[200:400])
    server.due(t, "a bare acknowledgement", ACK, 0, 0)
    phone.send(PSH | ACK, 0, 0, IN[:200])
    server.due(t, "the first byte again", PSH | ACK, 0, 0, IN[:1])
    server.send(ACK, 0, 1)
    phone.due(t, "its acknowledgement", ACK, 0, 400)
    phone.send(PSH | ACK, 200, 0, IN[200:400])
    server.keepalive(t, "a part", 0, 0)
    phone.send(PSH | ACK, 400, 0, IN[400:])
    server.due(t, "INVITE", PSH | ACK, 1, 0, OUT[1:])


# What the server would get of the handshake's end.
BARE = """
table inet bare {
	chain prerouting {
		type filter hook prerouting priority raw;
		tcp dport 5060 tcp flags == ack meta length <= 60 counter drop
	}
}
"""


@case("the handshake's end is lost, and the server keeps nothing (SYN cookies): a part comes")
def cookie(t, net):
    if not Path("/proc/sys/net/ipv4/tcp_syncookies").exists():
        t.skip("no SYN cookies here")
    net.server.namespace.sysctl("net.ipv4.tcp_syncookies", 2)
    net.server.run("nft", "-f", "-", stdin=BARE)
    listening = listen(net)
    phone = Stream("the phone", net.phone1.tcp(PORT))
    phone.socket.connect((SERVER, SIP_PORT))
    wait_until(lambda: "packets 1 " in net.server.run("nft", "list", "ruleset").stdout,
               "the end of the handshake is lost")
    net.server.run("nft", "delete", "table", "inet", "bare")
    phone.send(IN[:200])
    wait_until(lambda: not phone.unacknowledged(), "the part is acknowledged")
    phone.send(IN[200:])
    server = Stream("the server", listening.accept()[0])
    t.same(server.receive(M), OUT, "INVITE")


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
    phone, server = _ends(net)
    phone.send(SYN, -1, data=IN, options=MSS + SACK_OK + COOKIE)
    got = server.get()
    t.equal((len(got.data), 34 in got.options), (0, False), "data and option of the SYN")
    server.send(SYN | ACK, -1, 0, options=MSS + SACK_OK)
    phone.get()
    phone.send(ACK, 0, 0)
    server.get()
    phone.send(PSH | ACK, 0, 0, IN)
    server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)


def _shaken(net, window=8192, options=MSS + SACK_OK):
    """Return both ends, ready after a handshake in which the server offers that."""
    phone, server = ends = _ends(net)
    phone.send(SYN, -1, options=options)
    server.get()
    server.send(SYN | ACK, -1, 0, window=window, options=options)
    phone.get()
    phone.send(ACK, 0, 0)
    server.get()
    server.send(ACK, 0, 0, window=window)
    phone.get()
    return ends


@case("a message longer than the receiver's window: its header section is translated all the same")
def small_window(t, net):
    head_in, head_out = (text.index(b"\r\n\r\n") + 4 for text in (IN, OUT))
    window = head_out + 20
    t.true(window < N, "the window is smaller than the message")
    phone, server = _shaken(net, window)
    phone.send(PSH | ACK, 0, 0, IN[:100])
    server.keepalive(t, "a part", -1, 0)
    phone.send(PSH | ACK, 100, 0, IN[100:head_in + 10])
    body = IN[head_in:]
    server.due(t, "header section and some of the body", PSH | ACK, 0, 0,
               OUT[:head_out].replace(b"Length: %d" % len(OUT[head_out:]),
                                      b"Length: %d" % len(body)) + body[:10])
    server.send(ACK, 0, head_out + 10, window=window)
    phone.due(t, "its acknowledgement", ACK, 0, head_in + 10)
    phone.send(PSH | ACK, head_in + 10, 0, body[10:])
    server.due(t, "the rest of the body", PSH | ACK, head_out + 10, 0, body[10:])


@case("a receiver that takes segments of 300 bytes gets no longer ones")
def small_segments(t, net):
    net.router.run("ethtool", "-K", "wan", "tso", "off", "gso", "off")
    phone, server = _shaken(net, options=struct.pack("!BBH", 2, 4, 300))
    phone.send(PSH | ACK, 0, 0, IN[:250])
    server.keepalive(t, "a part", -1, 0)
    phone.send(PSH | ACK, 250, 0, IN[250:])
    server.due(t, "the first segment", ACK, 0, 0, OUT[:300])
    server.due(t, "the second", PSH | ACK, 300, 0, OUT[300:])


@case("text that grows makes no longer segments than its sender's, where that has more to send")
def longest(t, net):
    net.router.run("ethtool", "-K", "wan", "tso", "off", "gso", "off")
    c = Script(net)
    text = over_tcp(sip.INVITE).replace("INVITE", "MESSAGE")
    sent, due = (sip.fill(text, view, "x" * 1500, **GAPS) for view in (INSIDE_VIEW, OUTSIDE_VIEW))
    end = 1000 + len(due) - len(sent)
    c.phone.send(ACK, 0, 0, sent[:1000])
    c.server.due(t, "as long a segment", ACK, 0, 0, due[:1000])
    c.server.due(t, "what is more", PSH | ACK, 1000, 0, due[1000:end])
    c.server.send(ACK, 0, end)
    c.phone.due(t, "its acknowledgement", ACK, 0, 1000)
    c.phone.send(PSH | ACK, 1000, 0, sent[1000:])
    c.server.due(t, "the rest", PSH | ACK, end, 0, due[end:])
    c.server.send(ACK, 0, len(due))
    c.phone.due(t, "its acknowledgement", ACK, 0, len(sent))
    c.phone.send(PSH | ACK, len(sent), 0, IN)
    c.server.due(t, "INVITE, sent in one write", PSH | ACK, len(due), 0, OUT)


@case("segments that are all body pass as they are; what follows the body in one is read")
def body(t, net):
    c = Script(net)
    text = over_tcp(sip.INVITE).replace("INVITE", "MESSAGE")
    sent, due = (sip.fill(text, view, "x" * 3000, **GAPS) for view in (INSIDE_VIEW, OUTSIDE_VIEW))
    more = len(due) - len(sent)
    c.phone.send(PSH | ACK, 0, 0, sent[:1000])
    c.server.due(t, "head", PSH | ACK, 0, 0, due[:1000 + more])
    for start, end in ((1000, 1600), (1600, 2400), (1200, 2000), (2200, 2600)):
        c.phone.send(PSH | ACK, start, 0, sent[start:end])
        c.server.due(t, f"body, {start} to {end}", PSH | ACK, start + more, 0, sent[start:end])
    c.server.send(ACK, 0, 2600 + more)
    c.phone.due(t, "its acknowledgement", ACK, 0, 2600)
    c.phone.send(PSH | ACK, 2600, 0, sent[2600:] + IN)
    c.server.due(t, "the end, and an INVITE", PSH | ACK, 2600 + more, 0, sent[2600:] + OUT)
    c.server.send(ACK, 0, len(due) + M)
    c.phone.due(t, "its acknowledgement", ACK, 0, len(sent) + N)


PLAIN = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n"


def _server_speaks(t, ends):
    phone, server = ends
    server.send(PSH | ACK, 0, 0, PLAIN)
    phone.due(t, "the server's message", PSH | ACK, 0, 0, PLAIN)


def _phone_answers(t, ends):
    """The phone acknowledges the server's message, and sends one."""
    phone, server = ends
    phone.send(ACK, 0, len(PLAIN))
    server.due(t, "its acknowledgement", ACK, 0, len(PLAIN))
    phone.send(PSH | ACK, 0, len(PLAIN), IN)
    server.due(t, "INVITE", PSH | ACK, 0, len(PLAIN), OUT)


@case("the server's first message overtakes the end of the handshake: the connection is followed")
def overtakes(t, net):
    ends = _ends(net)
    _syn_synack(ends)
    _server_speaks(t, ends)
    _phone_answers(t, ends)


@case("both ends open the connection at once, and the server speaks first: it is followed")
def simultaneous(t, net):
    phone, server = ends = _ends(net)
    phone.send(SYN, -1, options=MSS + SACK_OK)
    server.get()
    server.send(SYN, -1, options=MSS + SACK_OK)
    phone.get()
    phone.send(SYN | ACK, -1, 0, options=MSS + SACK_OK)
    server.get()
    server.send(SYN | ACK, -1, 0, options=MSS + SACK_OK)
    phone.get()
    _server_speaks(t, ends)
    _phone_answers(t, ends)


@case("a SYN-ACK behind the server's first message, forged or come again: it changes nothing")
def synack_again(t, net):
    phone, server = ends = _ends(net)
    _syn_synack(ends)
    _server_speaks(t, ends)
    for seq, ack in ((1 << 30, 1 << 29), (-1, 0)):
        server.send(SYN | ACK, seq, ack, options=MSS + SACK_OK)
        phone.get()
    _phone_answers(t, ends)


@case("a forged segment of the server before the handshake has ended: the connection is followed")
def forged(t, net):
    net.router.namespace.sysctl("net.netfilter.nf_conntrack_tcp_be_liberal", 1)
    phone, server = ends = _ends(net)
    phone.send(SYN, -1, options=MSS + SACK_OK)
    server.get()
    server.send(SYN | ACK, -1, 1 << 30, options=MSS + SACK_OK)
    phone.get()
    server.send(SYN | ACK, -1, 0, options=MSS + SACK_OK)
    phone.get()
    for seq, ack in ((1 << 30, 0), (0, 1 << 30)):
        server.send(PSH | ACK, seq, ack, b"x")
        phone.get()
    server.send(SYN | ACK, 1 << 30, 1 << 30, options=MSS + SACK_OK)
    phone.get()
    phone.send(ACK, 0, 1 << 30)
    server.get()
    phone.send(ACK, 0, 0)
    server.get()
    _call(t, ends, 0)


@case("observed, a SYN comes again with data and the option of TCP Fast Open: it passes as it is",
      switched_on=False)
def fast_open_observed(t, net):
    t.alg.tool(net, "observe", "dev", "wan")
    phone, server = _ends(net)
    phone.send(SYN, -1, options=MSS + SACK_OK)
    server.get()
    phone.send(SYN, -1, data=IN, options=MSS + SACK_OK + COOKIE)
    got = server.get()
    t.equal((got.data, 34 in got.options), (IN, True), "data and option of the SYN")


if __name__ == "__main__":
    ksft.main()
