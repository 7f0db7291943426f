#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A datagram that was damaged on its way stays one whose receiver can tell.

  phone1                  router                  server
    | INVITE, wrong checksum|                       |
    |---------------------->|---------------------->| the same text, checksum wrong
    | INVITE                |                       |
    |---------------------->|---------------------->| translated, checksum right
"""

import socket

from lib import ipv6, ksft, sip
from lib.capture import Capture
from lib.endpoint import wait_until
from lib.fragments import IP_HEADER, cut, is_sound, whole
from lib.ksft import case
from lib.ladder import Line
from lib.script import udp_packet
from lib.topology import OUTSIDE, SERVER, SIP_PORT

UDP_HEADER = 8


def _unverified(net, *devices):
    """Conntrack does not look at checksums, and no device takes them for right."""
    net.router.namespace.sysctl("net.netfilter.nf_conntrack_checksum", 0)
    for host, device in devices:
        host.run("ethtool", "-K", device, "rx", "off", "tx", "off", "gro", "off")


def _raw(host):
    family = socket.AF_INET6 if ":" in host.address else socket.AF_INET
    with host.namespace:
        return socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)


def _damaged(source, target, text):
    """Return an IP packet whose last byte is not what its checksum says."""
    return udp_packet(source, target, text + b"\n")[:-1] + b"?"


def _is_damaged(packet):
    """Is this the packet of _damaged(), or its last fragment?"""
    protocol = packet[6] if packet[0] >> 4 == 6 else packet[9]
    return protocol == socket.IPPROTO_UDP and packet.endswith(b"?")


def _crossed(capture):
    """Return the packet that was damaged, as it crosses the link."""
    found = []

    def is_there():
        found.extend(packet for _, packet in capture.packets())
        return any(map(_is_damaged, found))

    wait_until(is_there, "the packet crosses the link")
    last = next(filter(_is_damaged, found))
    return last if last[0] >> 4 == 6 else whole(last, found)


def _stays_damaged(t, net, send):
    """Check that an INVITE with a wrong checksum, sent in this way, is not made to look right."""
    _unverified(net, (net.phone1, "eth0"), (net.router, "lan1"), (net.router, "wan"),
                (net.server, "eth0"))
    line = Line(t, net)
    call = line.dialog()
    text = call.text(sip.INVITE, call.inside, body=sip.OFFER)
    capture = Capture(net.server, "eth0")
    with t.counted(net, messages=0, changed=0, calls=0, bindings=0):
        send(_damaged(line.phone.address, (SERVER, SIP_PORT), text))
        got = _crossed(capture)
    capture.close()
    t.same(got[IP_HEADER + UDP_HEADER:], text + b"?", "the damaged INVITE")
    t.true(not is_sound(got), "its checksum is still wrong")
    call.up(sip.INVITE)
    call.down(sip.OK)
    call.up(sip.ACK)
    call.audio().both_ways()


@case("a message with a wrong checksum keeps its text and does not get a right one")
def outbound(t, net):
    with _raw(net.phone1) as raw:
        _stays_damaged(t, net, lambda packet: raw.sendto(packet, (SERVER, 0)))


@case("the same in fragments")
def fragments(t, net):
    def send(packet):
        for piece in cut(packet, 400):
            raw.sendto(piece, (SERVER, 0))

    with _raw(net.phone1) as raw:
        _stays_damaged(t, net, send)


@case("a response with a wrong checksum keeps its text, and does not change the call")
def inbound(t, net):
    _unverified(net, (net.server, "eth0"), (net.router, "wan"), (net.router, "lan1"),
                (net.phone1, "eth0"))
    line = Line(t, net)
    call = line.dialog()
    call.up(sip.INVITE)
    text = call.text(sip.OK, call.outside, body=sip.ANSWER)
    capture = Capture(net.phone1, "eth0")
    with _raw(net.server) as raw:
        raw.sendto(_damaged((SERVER, SIP_PORT), (OUTSIDE, line.outside_port), text), (OUTSIDE, 0))
    got = _crossed(capture)
    capture.close()
    t.same(got[IP_HEADER + UDP_HEADER:], text + b"?", "the damaged answer")
    t.true(not is_sound(got), "its checksum is still wrong")
    call.is_in("early")
    call.down(sip.OK)
    call.up(sip.ACK)
    call.audio().both_ways()


@case("a message without a checksum is translated")
def absent(t, net):
    _unverified(net, (net.phone1, "eth0"), (net.router, "lan1"))
    line = Line(t, net)
    line.phone.no_checksum()
    call = line.dialog()
    call.call()
    call.audio().both_ways()


@case("over IPv6, a message with a wrong checksum keeps its text")
def six(t, net):
    ipv6.configure(net, "masquerade")
    _unverified(net, (net.phone1, "eth0"), (net.router, "lan1"), (net.router, "wan"),
                (net.server, "eth0"))
    text = sip.fill(sip.REGISTER, sip.View(f"[{ipv6.PHONE}]", SIP_PORT, 0, 0), call_id="six",
                    branch="six", tag="six", cseq=1)
    capture = Capture(net.server, "eth0")
    with _raw(net.phone1) as raw, t.counted(net, messages=0, changed=0):
        raw.sendto(_damaged((ipv6.PHONE, SIP_PORT), (ipv6.SERVER, SIP_PORT), text),
                   (ipv6.SERVER, 0))
        got = _crossed(capture)
    capture.close()
    t.same(got[40 + UDP_HEADER:], text + b"?", "the damaged message")


if __name__ == "__main__":
    ksft.main()
