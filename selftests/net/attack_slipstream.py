#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""NAT slipstreaming: a page makes a browser send what an ALG takes for SIP.

Samy Kamkar, "NAT Slipstreaming" (samy.pl/slipstream, October 2020), and v2 with
Ben Seri and Gregory Vishnepolsky of Armis (January 2021): the SIP text stands in
the body of a POST, in the user name of a TURN request or in an IP fragment, padded
so that a packet begins with it. It names the victim's own address, and the ALG
opens a port of the victim's for the attacker.

What must fail it: only the first byte of a whole datagram, or of a whole
connection, may begin a SIP message.

  browser                 router                          attacker
    | POST, with an INVITE in a packet of its own            |
    |---------------------->|------------------------------->| the same bytes
    |              nothing  |<------- to the INVITE's port --|
"""

import socket
import struct

from lib import ksft, sip
from lib.attack import calls, invite, nothing_left, reaching
from lib.ksft import case
from lib.script import ACK, PSH, Script
from lib.topology import MEDIA, SIP_PORT

# The attacker's server is the media host; the port it wants of the victim:
WANTED = 3389
BROWSER_PORT = 40001
# Bytes of a datagram in the first fragment of an Ethernet's 1500 bytes.
FIRST_FRAGMENT = 1500 - 20 - 8

STUN_HEADER = struct.Struct("!HHI12s")
TURN_ALLOCATE, USERNAME, MAGIC = 0x0003, 0x0006, 0x2112a442

HTTP = (b"POST / HTTP/1.1\r\nHost: attacker.example:5060\r\nContent-Type: text/plain\r\n"
        b"Content-Length: %d\r\n\r\n")


def _slip(net):
    """The SIP text that is to open a port: a REGISTER, and an INVITE behind it."""
    view = sip.View(net.phone1.address, BROWSER_PORT, WANTED, WANTED + 1)
    register = sip.fill(sip.REGISTER, view, call_id="slip", branch="slip", tag="m", cseq=1)
    return register + invite(net.phone1, BROWSER_PORT, WANTED, 1, peer=MEDIA)


def _turn(user_name, padding=0):
    """A TURN Allocate request whose user name is as given."""
    value = b"x" * padding + user_name
    value += bytes(-len(value) % 4)
    attribute = struct.pack("!HH", USERNAME, len(value)) + value
    return STUN_HEADER.pack(TURN_ALLOCATE, len(attribute), MAGIC, bytes(12)) + attribute


def _stays_closed(t, net):
    t.equal(t.alg.bindings(net), [], "bindings")
    t.equal(reaching(net, net.phone1, WANTED), [], "what the attacker reaches")


def _udp(t, net, data, what):
    browser = net.phone1.udp(BROWSER_PORT, peer=(MEDIA, SIP_PORT))
    attacker = net.media.udp(SIP_PORT)
    with t.counted(net, changed=0, calls=0, bindings=0, passed_not_sip=1):
        browser.send(data)
        t.same(attacker.receive(what).data, data, what)
    _stays_closed(t, net)
    calls(t, net, net.phone2, net.server.udp(SIP_PORT))
    nothing_left(t, net)


@case("v1 over UDP: SIP in the user name of a TURN request")
def turn_over_udp(t, net):
    _udp(t, net, _turn(_slip(net)), "the TURN request")


@case("v1 over UDP: the second IP fragment begins with SIP")
def fragment(t, net):
    padding = FIRST_FRAGMENT - STUN_HEADER.size - 4
    data = _turn(_slip(net), padding)
    t.equal(data[FIRST_FRAGMENT:][:9], b"REGISTER ", "start of the second fragment")
    _udp(t, net, data, "the TURN request")


def _ip_fragment(source, target, identity, offset, more, payload):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), identity,
                         (0x2000 if more else 0) | offset // 8, 64, socket.IPPROTO_UDP, 0,
                         socket.inet_aton(source), socket.inet_aton(target))
    return header + payload


def _udp_header(length):
    # No checksum: none of the hosts may refuse it for that.
    return struct.pack("!HHHH", BROWSER_PORT, SIP_PORT, 8 + length, 0)


#  Not in the paper: a browser cannot do it, a program on the victim's machine can.
@case("a fragment that begins with SIP, alone or laid over another one")
def crafted_fragments(t, net):
    attacker = net.media.udp(SIP_PORT)
    with net.phone1.namespace:
        raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)

    def send(identity, *pieces):
        for offset, more, payload in pieces:
            raw.sendto(_ip_fragment(net.phone1.address, MEDIA, identity, offset, more,
                                    payload), (MEDIA, 0))

    slip = _slip(net)
    slip += bytes(-len(slip) % 8)
    stun = _turn(b"x" * (len(slip) - 24))
    rest = b"y" * 64
    head = _udp_header(len(slip) + len(rest))
    with raw, t.counted(net, changed=0, calls=0, bindings=0):
        send(1, (len(slip) + 8, False, slip))
        send(2, (8, False, slip))
        # RFC 5722: overlapping fragments are thrown away as a whole. Of a piece that adds
        # nothing to what is there, nothing is taken.
        send(3, (0, True, head + stun), (8, True, slip), (8 + len(slip), False, rest))
        send(4, (8, True, slip), (0, True, head + stun), (8 + len(slip), False, rest))
        _stays_closed(t, net)
        t.true(all(got.data.startswith(stun) for got in attacker.waiting()),
               "no datagram begins with SIP")
    calls(t, net, net.phone2, net.server.udp(SIP_PORT))
    nothing_left(t, net)


def _receive(stream, count):
    data = b""
    while len(data) < count:
        part = stream.recv(count - len(data))
        if not part:
            break
        data += part
    return data


def _tcp(t, net, pieces, segment=None):
    """A browser sends pieces, each a segment; the attacker's server may choose their size."""
    listener = net.media.tcp(SIP_PORT)
    if segment:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
    listener.listen()
    browser = net.phone1.tcp(BROWSER_PORT)
    browser.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    browser.connect((MEDIA, SIP_PORT))
    server, _ = listener.accept()
    with server, t.counted(net, changed=0, calls=0, bindings=0):
        server.settimeout(listener.gettimeout())
        for piece in pieces:
            browser.sendall(piece)
            t.same(_receive(server, len(piece)), piece, "what the browser sent")
        answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1000
        for part in (answer, _slip(net)):
            server.sendall(part)
            t.same(_receive(browser, len(part)), part, "what the server answered")
        _stays_closed(t, net)
    calls(t, net, net.phone2, net.server.udp(SIP_PORT))
    nothing_left(t, net)


@case("v1 over TCP: a POST whose second segment begins with SIP")
def post(t, net):
    slip = _slip(net)
    head = HTTP % (1000 + len(slip)) + b"x" * 1000
    _tcp(t, net, (head, slip))


@case("v1 over TCP: the server's small MSS cuts the POST in front of the SIP")
def post_with_small_segments(t, net):
    segment = 536
    net.phone1.run("ethtool", "-K", "eth0", "tso", "off", "gso", "off")
    slip = _slip(net)
    head = HTTP % 4000
    head += b"x" * (-len(head) % segment)
    _tcp(t, net, (head + slip + b"y" * 3000,), segment)


def _scripted(t, net, sends, dues):
    """A browser's segments, by their place and text, and what has to arrive for each.

    The server lets in one at a time, by its window; None is for what comes too early.
    """
    c = Script(net, port=BROWSER_PORT)
    with t.counted(net, messages=0, changed=0, calls=0, bindings=0, passed_not_sip=1):
        for (at, text), due in zip(sends, dues):
            c.phone.send(PSH | ACK, at, 0, text)
            if due:
                start, whole = due
                c.server.due(t, "what the browser sent", PSH | ACK, start, 0, whole)
                c.server.send(ACK, 0, start + len(whole), window=len(text))
            else:
                c.server.keepalive(t, "what came too early", -1, 0)
                c.server.send(ACK, 0, 0)
            c.phone.get()
    _stays_closed(t, net)


def _head(slip):
    return HTTP % (100 + len(slip)) + b"x" * 100


@case("by TCP windows: the server lets in the POST up to the SIP, then the SIP")
def small_windows(t, net):
    slip = _slip(net)
    head = _head(slip)
    sends = [(0, head), (len(head), slip), (len(head) + len(slip), slip)]
    _scripted(t, net, sends, sends)


@case("by retransmission: the browser sends again from where the SIP begins")
def retransmission(t, net):
    slip = _slip(net)
    head = _head(slip)
    again = (len(head), slip)
    sends = [(0, head + slip[:100]), again, again, (len(head), slip[:300])]
    _scripted(t, net, sends, sends)


@case("by loss: the SIP arrives first, and then the POST that it is in")
def lost_head(t, net):
    slip = _slip(net)
    head = _head(slip)
    sends = [(len(head), slip), (0, head), (len(head), slip)]
    _scripted(t, net, sends, [None, (0, head + slip), (len(head), slip)])


@case("v2: SIP in a TURN request over TCP, at the start of a segment")
def turn_over_tcp(t, net):
    slip = _slip(net)
    request = _turn(slip, 1000)
    at = request.index(slip)
    _tcp(t, net, (request[:at], request[at:]))


@case("v2: SIP to a port that is none of SIP's")
def other_port(t, net):
    browser = net.phone1.udp(BROWSER_PORT, peer=(MEDIA, 1720))
    attacker = net.media.udp(1720)
    data = invite(net.phone1, BROWSER_PORT, WANTED, 1, peer=MEDIA)
    with t.counted(net, messages=0, changed=0, calls=0, bindings=0):
        browser.send(data)
        t.same(attacker.receive("the INVITE").data, data, "the INVITE")
    _stays_closed(t, net)


if __name__ == "__main__":
    ksft.main()
