#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A message in fragments arrives whole, in as many fragments, however its length changes.

  phone                   router                  server
    | MESSAGE, n fragments  |                       |
    |---------------------->|---------------------->| MESSAGE, n fragments
"""

import itertools
import socket

from lib import ipv6, ksft, sip
from lib.capture import Capture
from lib.endpoint import wait_until
from lib.fragments import DONT_FRAGMENT, IP_HEADER, cut, is_last, is_sound, siblings, whole
from lib.ksft import case
from lib.ladder import Line
from lib.script import udp_packet
from lib.topology import SERVER, SIP_PORT

UDP_HEADER = 8
FRAME = 1500 - IP_HEADER

MESSAGE = """
MESSAGE sip:bob@203.0.113.10 SIP/2.0
Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch}
Max-Forwards: 70
From: "Alice" <sip:alice@example.com>;tag={tag}
To: <sip:bob@example.com>
Call-ID: {call_id}
CSeq: {cseq} MESSAGE
Contact: <sip:a@{host}:{port}>
Content-Type: text/plain
Content-Length: {length:05}

{body}"""

REMOTE_MESSAGE = """
MESSAGE sip:alice@{host}:{port} SIP/2.0
Via: SIP/2.0/UDP 203.0.113.10:5060;branch=z9hG4bK{branch}
Max-Forwards: 70
From: <sip:bob@example.com>;tag=bob
To: "Alice" <sip:alice@example.com>
Call-ID: {call_id}
CSeq: {cseq} MESSAGE
Content-Type: text/plain
Content-Length: {length:05}

{body}"""


def _body(size):
    """Return text in which each place looks different."""
    return "".join(f"{number:05} " for number in range(size // 6 + 1))[:size]


def _naming(times):
    """Return a MESSAGE that names the phone so many times, and so becomes as much longer."""
    return MESSAGE.replace("Contact: <sip:a@{host}:{port}>\n",
                           "Contact: <sip:a@{host}:{port}>\n" * (times - 1))


def _without_checksum(packet):
    """Return an IPv4 packet without its header's checksum, which the kernel sets."""
    return packet[:10] + packet[12:]


def _raw(host):
    with host.namespace:
        return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)


class Road:
    """A phone that sends fragments as a test says, and what of them reaches the server."""

    def __init__(self, t, net, phone, server=None):
        self.t = t
        self.line = Line(t, net, phone, server)
        self.raw = _raw(phone)
        self.capture = Capture(net.server, "eth0")
        self.line.dialog().up(MESSAGE, body=_body(10))

    def carry(self, call, text, body, what, size, flags=0):
        """Send a text in fragments of a size; return these, and those that arrive."""
        sent = call.text(text, call.inside, body=body)
        pieces = cut(udp_packet(self.line.phone.address, (SERVER, SIP_PORT), sent), size, flags)
        self.capture.packets()
        for piece in pieces:
            self.raw.sendto(piece, (SERVER, 0))
        self.t.same(self.line.server.receive(what).data,
                    call.text(text, call.outside, body=body), what)
        return pieces, self._arrived(what)

    def _arrived(self, what):
        found = []

        def is_there():
            found.extend(packet for _, packet in self.capture.packets()
                         if packet[0] >> 4 == 4 and packet[9] == socket.IPPROTO_UDP)
            return any(map(is_last, found))

        wait_until(is_there, f"{what}: the last fragment")
        last = next(filter(is_last, found))
        self.t.true(is_sound(whole(last, found)), f"{what}: its checksum is right")
        return siblings(last, found)

    def close(self):
        """Stop."""
        self.raw.close()
        self.capture.close()


def _size(call, text):
    """Return the least size of fragments in which the first one has all headers."""
    head = len(call.text(text, call.inside)) + len("0000")
    return (UDP_HEADER + head + 64) // 8 * 8


def _sweep(t, net, phone, all_times, counts, flags=0):
    """Send messages that change by so much in so many fragments, the last of so many bytes."""
    road = Road(t, net, phone)
    for times, count in itertools.product(all_times, counts):
        text = _naming(times)
        call = road.line.dialog()
        size = _size(call, text)
        for last in (1, times, times + 1, size - times - UDP_HEADER, size):
            total = (count - 1) * size + last - UDP_HEADER
            bare = len(call.text(text, call.inside))
            what = f"{count} fragments of {size}, the last of {last}, {times} names"
            sent, got = road.carry(call, text, _body(total - bare), what, size, flags)
            # A last one that becomes too long is cut, one that becomes nothing goes.
            if times < last < size:
                t.equal([len(piece) for piece in got[:-1]], [len(piece) for piece in sent[:-1]],
                        f"{what}: lengths")
                t.equal(len(got), count, f"{what}: fragments")
    road.close()


@case("messages that become longer, in two to eight fragments")
def longer(t, net):
    _sweep(t, net, net.phone1, (1, 7, 8, 30), (2, 3, 8))


@case("messages that become shorter, in two to eight fragments")
def shorter(t, net):
    _sweep(t, net, net.phone2, (1, 7, 8, 30), (2, 3, 8))


@case("the same in fragments that are not to be fragmented")
def unfragmentable(t, net):
    _sweep(t, net, net.phone2, (2,), (2, 3), DONT_FRAGMENT)


@case("headers that reach into the second fragment, and a first one of few bytes")
def long_headers(t, net):
    road = Road(t, net, net.phone1)
    text = _naming(8)
    for size in (*range(8, 96, 8), *range(400, 720, 24)):
        road.carry(road.line.dialog(), text, _body(900), f"fragments of {size}", size)
    road.close()


@case("fragments as kernels make them, both ways")
def both_ways(t, net):
    server = net.server.udp(SIP_PORT)
    for phone in (net.phone1, net.phone2):
        line = Line(t, net, phone, server)
        line.dialog().up(MESSAGE, body=_body(10))
        for count, last in itertools.product((2, 3, 5), (1, 8, 1000, FRAME - 9, FRAME)):
            for send in ("up", "down"):
                call = line.dialog()
                text, view = (MESSAGE, call.inside) if send == "up" else \
                    (REMOTE_MESSAGE, call.outside)
                bare = len(call.text(text, view))
                total = (count - 1) * FRAME + last - UDP_HEADER
                getattr(call, send)(text, body=_body(total - bare))


@case("a description in fragments is translated, wherever they end")
def description(t, net):
    road = Road(t, net, net.phone1)
    for size in range(320, 640, 16):
        call = road.line.dialog()
        sent = call.text(sip.INVITE, call.inside, body=sip.OFFER)
        for piece in cut(udp_packet(road.line.phone.address, (SERVER, SIP_PORT), sent), size):
            road.raw.sendto(piece, (SERVER, 0))
        got = road.line.server.receive(f"INVITE in fragments of {size}")
        call.learn(got)
        t.same(got.data, call.text(sip.INVITE, call.outside, body=sip.OFFER),
               f"INVITE in fragments of {size}")
    road.close()


@case("what a capture on the router has of the fragments stays as they came")
def captured(t, net):
    server = net.server.udp(SIP_PORT)
    for phone, device in ((net.phone1, "lan1"), (net.phone2, "lan2")):
        capture = Capture(net.router, device)
        road = Road(t, net, phone, server)
        capture.packets()
        sent, _ = road.carry(road.line.dialog(), _naming(8), _body(1500), "MESSAGE", 720)
        seen = [packet for _, packet in capture.packets() if packet[0] >> 4 == 4]
        t.equal(len(seen), len(sent), "fragments in the capture")
        for number, (piece, before) in enumerate(zip(seen, sent)):
            t.same(_without_checksum(piece), _without_checksum(before), f"fragment {number}")
        road.close()
        capture.close()


@case("over IPv6, both ways")
def six(t, net):
    ipv6.configure(net, "masquerade")
    phone = net.phone1.udp(SIP_PORT)
    server = net.server.udp(SIP_PORT)
    inside = sip.View(f"[{ipv6.PHONE}]", SIP_PORT, 0, 0)
    outside = sip.View(f"[{ipv6.OUTSIDE}]", SIP_PORT, 0, 0)
    for number, size in enumerate((10, *range(1260, 1500, 15), *range(2620, 2900, 20), 6000)):
        gaps = {"call_id": f"six{number}", "branch": f"six{number}", "tag": "six", "cseq": 1,
                "body": _body(size)}
        phone.send(sip.fill(MESSAGE, inside, **gaps), (ipv6.SERVER, SIP_PORT))
        got = server.receive(f"MESSAGE of {size} bytes")
        t.same(got.data, sip.fill(MESSAGE, outside, **gaps), f"MESSAGE of {size} bytes")
        server.send(sip.fill(REMOTE_MESSAGE, outside, **gaps), got.source[:2])
        t.same(phone.receive(f"MESSAGE of {size} bytes from the server").data,
               sip.fill(REMOTE_MESSAGE, inside, **gaps), f"MESSAGE of {size} bytes from there")


if __name__ == "__main__":
    ksft.main()
