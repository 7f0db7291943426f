#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP: what lies beyond the router tells of packets that it cannot pass on.

It quotes them with the numbers that they had there. Each end must be told its own: it
does not believe an error about a number that it has not sent (RFC 5927, 4.1), and would
send what is too long for the path for ever.
"""

import struct

from lib import ipv6, ksft, sip
from lib.ksft import case
from lib.script import ACK, PSH, Script, tcp_packet, too_big
from lib.tcp import Connection, listen, offload, over_tcp
from lib.topology import MEDIA, OUTSIDE, SIP_PORT

PORT = 40001
FIRST, SERVER_FIRST = 1000, 50000
MTU = 1400
GAPS = {"call_id": "path", "branch": "x", "tag": "alice", "cseq": 1, "far": 6000}
# The quoted part of a TCP packet: what RFC 792 asks for, with the acknowledgement, without
# and with the checksum, all of it.
SIZES = (8, 12, 16, 20, None)


def _written(text, net):
    """Return a message's text as it is over TCP, in the network's family."""
    text = over_tcp(text)
    return text.replace("{host}:", "[{host}]:") if ":" in net.server.address else text


class Grown:
    """A connection after a message each way, and with another one on its way up."""

    def __init__(self, t, net, outside):
        self.t, self.outside = t, outside
        views = [sip.View(host, PORT, 4000, 4001) for host in (net.phone1.address, outside)]
        self.up = [sip.fill(_written(sip.REGISTER, net), view, **GAPS) for view in views]
        self.down = [sip.fill(_written(sip.REGISTER_OK, net), view, **GAPS) for view in views]
        self.ends = Script(net, first=(FIRST, SERVER_FIRST), outside=outside)
        self.phone, self.server = self.ends.phone, self.ends.server
        (inside, out), (down_inside, down_out) = self.up, self.down
        self.phone.send(PSH | ACK, 0, 0, inside)
        self.server.due(t, "REGISTER", PSH | ACK, 0, 0, out)
        self.server.send(PSH | ACK, 0, len(out), down_out)
        self.phone.due(t, "200", PSH | ACK, 0, len(inside), down_inside)
        self.phone.send(PSH | ACK, len(inside), len(down_inside), inside)
        self.server.due(t, "another REGISTER", PSH | ACK, len(out), len(down_out), out)

    def packet_up(self, of_phone, seq, ack, data):
        """Return a packet to the server, as the phone or the server knows it."""
        source = self.phone.host.address if of_phone else self.outside
        return tcp_packet((source, PORT), (self.server.host.address, SIP_PORT), PSH | ACK,
                          FIRST + seq, SERVER_FIRST + ack, data)

    def packet_down(self, of_phone, seq, ack, data):
        """Return a packet to the phone, as the phone or the server knows it."""
        target = self.phone.host.address if of_phone else self.outside
        return tcp_packet((self.server.host.address, SIP_PORT), (target, PORT), PSH | ACK,
                          SERVER_FIRST + seq, FIRST + ack, data)

    def told(self, what, teller, source, quoted, hearer, seen, due):
        """Check that what one end sends, of all sizes, is an error about `due` at the other."""
        head = 40 if ":" in source else 20
        for size in SIZES:
            end = head + size if size else None
            teller.send_packet(too_big(source, teller.peer[0], MTU, quoted[:end]))
            due_error = too_big(seen, hearer.host.address, MTU, due[:end])
            got = hearer.get_too_big()
            ends = slice(8 if head == 40 else 12, head)
            self.t.equal(got[ends], due_error[ends], f"{what}: addresses of the error")
            self.t.same(got[head:], due_error[head:], f"{what}, {size or 'all'} bytes quoted")


def _exact(t, net, outside, hop, inside_hop):
    c = Grown(t, net, outside)
    (n, m), (down_n, down_m) = (map(len, texts) for texts in (c.up, c.down))
    t.true(n < m and down_n < down_m, "text has grown")
    c.told("a message that has grown", c.server, hop, c.packet_up(False, m, down_m, c.up[1]),
           c.phone, hop, c.packet_up(True, n, down_n, c.up[1]))
    c.server.send(PSH | ACK, down_m, m, c.down[1])
    c.phone.due(t, "another 200", PSH | ACK, down_n, n, c.down[0])
    c.told("a message that has shrunk", c.phone, inside_hop,
           c.packet_down(True, down_n, n, c.down[0]),
           c.server, outside, c.packet_down(False, down_m, m, c.down[0]))
    c.told("what has never been sent", c.server, hop, c.packet_up(False, 9 * m, down_m, b"x"),
           c.phone, hop, c.packet_up(True, 9 * m, down_m, b"x"))
    t.equal(net.invalid(), 0, "packets that conntrack calls invalid")


@case("an error about a rewritten packet names its sender's numbers, checksums right")
def exact(t, net):
    _exact(t, net, OUTSIDE, MEDIA, "192.168.1.7")


@case("the same in IPv6")
def exact6(t, net):
    ipv6.configure(net, "masquerade")
    _exact(t, net, ipv6.OUTSIDE, ipv6.MEDIA, "2001:db8:1::7")


@case("an error about a message of two segments is about the second, which brought it")
def held(t, net):
    c = Grown(t, net, OUTSIDE)
    (n, m), (down_n, down_m) = (map(len, texts) for texts in (c.up, c.down))
    c.server.send(ACK, down_m, 2 * m)
    c.phone.due(t, "acknowledgement", ACK, down_n, 2 * n)
    c.phone.send(PSH | ACK, 2 * n, down_n, c.up[0][:100])
    c.server.keepalive(t, "the first segment", 2 * m - 1, down_m)
    c.phone.send(PSH | ACK, 2 * n + 100, down_n, c.up[0][100:])
    c.server.due(t, "the second", PSH | ACK, 2 * m, down_m, c.up[1])
    c.told("both segments", c.server, MEDIA, c.packet_up(False, 2 * m, down_m, c.up[1]),
           c.phone, MEDIA, c.packet_up(True, 2 * n + 100, down_n, c.up[1]))


@case("the router's own error is about a packet that has not been changed")
def own(t, net):
    c = Grown(t, net, OUTSIDE)
    net.router.run("ip", "link", "set", "lan1", "mtu", "1300")
    m = len(c.up[1])
    # Were these taken for the numbers beyond the router, they would be others for the server.
    c.server.send(PSH | ACK, 0, 2 * m, c.down[1] + bytes(1000))
    seq, ack = struct.unpack("!II", c.server.get_too_big()[20 + 8 + 20 + 4:][:8])
    t.equal((seq - SERVER_FIRST, ack - FIRST), (0, 2 * m), "numbers that it quotes")


@case("an error that is cut short, or quotes nonsense, passes as it is")
def hostile(t, net):
    c = Grown(t, net, OUTSIDE)
    (n, m), (down_n, down_m) = (map(len, texts) for texts in (c.up, c.down))
    quoted = c.packet_up(False, m, down_m, c.up[1])
    for size in range(len(quoted[:60])):
        c.server.send_packet(too_big(MEDIA, OUTSIDE, MTU, quoted[:size]))
    for at in range(20):
        for value in (0, 0x4f, 0xff):
            odd = quoted[:at] + bytes([value]) + quoted[at + 1:60]
            c.server.send_packet(too_big(MEDIA, OUTSIDE, MTU, odd))
    c.phone.send(PSH | ACK, 2 * n, down_n, c.up[0])
    c.server.due(t, "a third REGISTER", PSH | ACK, 2 * m, down_m, c.up[1])


def _narrow(t, net, outside):
    offload(net, False)
    net.phone1.namespace.sysctl("net.ipv4.tcp_mtu_probing", 0)
    line = Connection(net, listener=listen(net, net.media), outside=outside)
    contact = "Contact: <sip:alice@{host}:{port}>;expires=600\n"
    many = _written(sip.REGISTER.replace(contact, 15 * contact), net)
    grown = 0
    # The numbers move by more than there is on its way below, which is a single segment.
    while grown <= MTU:
        line.up(t, many)
        sent, due = line.texts(many)
        grown += len(due) - len(sent)
    net.server.run("ip", "link", "set", "eth1", "mtu", str(MTU))
    text = _written(sip.INVITE, net).replace("application/sdp", "text/plain")
    least = len(line.texts(text, "")[0]) + 3
    for size in (MTU - least, 100000):
        line.up(t, text, "x" * size)
    line.down(t, _written(sip.REGISTER_OK, net))


@case("the path is narrower beyond the router, and the numbers have moved")
def narrow(t, net):
    _narrow(t, net, OUTSIDE)


@case("so it is in IPv6")
def narrow6(t, net):
    ipv6.configure(net, "masquerade")
    _narrow(t, net, ipv6.OUTSIDE)


if __name__ == "__main__":
    ksft.main()
