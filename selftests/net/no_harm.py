#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Packets that the ALG does not understand or need not change pass unchanged.

  phone1                  router                  server
    | not SIP, or broken SIP                        |
    |---------------------->|---------------------->| the same bytes
    |                       |                       |
    |<----------------------|<----------------------| the same bytes
    | INVITE with something unusual                 |
    |---------------------->|---------------------->| the rest is mapped
"""

import os
import re

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

# UDP payload of the largest IPv4 datagram.
UDP_MAX = 65535 - 20 - 8

STUN_BINDING_REQUEST = bytes.fromhex(
    "0001 0024 2112a442 b7e7a701bc34d686fa87dfae"
    "8022 0010 5354554e20746573742020636c69656e74"
    "0024 0004 6e0001ff 8029 0008 932ff9b151263b36")

# sip.INVITE without Content-Length, which is optional on UDP (RFC 3261, 18.3).
NO_LENGTH = sip.INVITE.replace("Content-Length: {length}\n", "")

MULTIPART = sip.INVITE.replace("application/sdp", 'multipart/mixed;boundary="part"')
MULTIPART_BODY = f"""
--part
Content-Type: text/plain

v=0
c=IN IP4 192.168.1.2
m=audio 4000 RTP/AVP 0
--part
Content-Type: application/sdp

{sip.OFFER.lstrip()}--part--
"""

ALTERNATIVE = sip.INVITE.replace("application/sdp", 'multipart/alternative;boundary="part"')
ALTERNATIVE_BODY = f"""
--part
Content-Type: application/sdp
Content-Disposition: session; handling=optional

{sip.OFFER.lstrip()}--part
Content-Type: application/sdp

{sip.OFFER.lstrip().replace("{rtp}", "4010")}--part--
"""

LIKE_SDP = """
v=0
o=- 1 1 IN IP4 192.168.1.2
c=IN IP4 192.168.1.2
m=audio 4000 RTP/AVP 0
"""


def _untouched(t, line, data, what, **counters):
    """Check that bytes pass the router unchanged both ways, and how they are counted."""
    with t.counted(line.net, f"counters for {what}", changed=0, **counters):
        got = line.send_up(data, what)
        t.same(got.data, data, what)
    line.outside_port = got.source[1]
    t.same(line.send_down(data, what).data, data, what)


def _invite(line, edit):
    """Return the INVITE of a phone, with a mistake in it."""
    call = line.dialog()
    return edit(call.text(sip.INVITE, call.inside, body=sip.OFFER))


@case("random bytes, STUN and keep-alives pass unchanged")
def not_sip(t, net):
    line = Line(t, net)
    for what, data in (("a keep-alive", b"\r\n\r\n"), ("a pong", b"\r\n"),
                       ("zeros", bytes(4)),
                       ("STUN", STUN_BINDING_REQUEST),
                       ("HTTP", b"POST / HTTP/1.1\r\nHost: 192.168.1.2\r\n\r\n"),
                       ("junk", bytes(range(256)) * 4)):
        _untouched(t, line, data, what, passed_not_sip=1)
    _untouched(t, line, b"", "an empty datagram")


@case("noise of many kinds passes unchanged")
def noise(t, net):
    line = Line(t, net)
    for length in range(1, 41):
        data = os.urandom(length)
        t.same(line.send_up(data, "noise").data, data, "noise")


@case("an INVITE without Content-Length is translated and gets none")
def no_content_length(t, net):
    call = Line(t, net).dialog()
    call.up(NO_LENGTH)
    call.down(sip.OK)
    call.up(sip.ACK)
    call.audio().both_ways()


@case("a host name in o= stays, the rest is translated")
def name_in_origin(t, net):
    call = Line(t, net).dialog()
    offer = sip.OFFER.replace("2890844526 IN IP4 {host}",
                              "2890844526 IN IP4 pc33.example.com")
    call.up(sip.INVITE, body=offer)
    call.down(sip.OK)
    call.up(sip.ACK)
    call.audio().both_ways()


@case("a host name in c= stays, and so does the port")
def name_in_connection(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE, body=sip.OFFER.replace("c=IN IP4 {host}",
                                               "c=IN IP4 pc33.example.com"))
    t.equal(t.alg.bindings(net, 4000), [], "bindings for media")
    call.down(sip.OK)


@case("c=0.0.0.0 stays, and so does the port")
def hold(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE, body=sip.OFFER.replace("c=IN IP4 {host}", "c=IN IP4 0.0.0.0"))
    t.equal(t.alg.bindings(net, 4000), [], "bindings for media")
    call.down(sip.OK)


@case("an IPv6 address in c= on an IPv4 flow stays, and so does the port")
def other_family(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE, body=sip.OFFER.replace("c=IN IP4 {host}", "c=IN IP6 2001:db8::2"))
    call.down(sip.OK)


@case("port 0 in m= stays 0")
def port_zero(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE, body=sip.OFFER + "m=video 0 RTP/AVP 96\n")
    call.down(sip.OK)
    call.up(sip.ACK)
    call.audio().both_ways()


@case("in a multipart body the SDP part is translated, the others stay")
def multipart(t, net):
    call = Line(t, net).dialog()
    call.up(MULTIPART, body=MULTIPART_BODY)
    call.down(sip.OK)
    call.up(sip.ACK)
    call.audio().both_ways()


#  As Lync offers (RFC 3959): the reader answers the one that it understands.
@case("of two alternative descriptions both are translated, and either one works")
def alternatives(t, net):
    call = Line(t, net).dialog()
    call.up(ALTERNATIVE, body=ALTERNATIVE_BODY)
    t.equal(len(t.alg.bindings(net, 4000, 4010)), 2, "bindings for RTP")
    call.down(sip.OK)
    call.up(sip.ACK)
    audio = call.stream(4000, 4000, 6000)
    other = call.stream(4010, 4010, 6100)
    audio.both_ways()
    other.both_ways()
    call.hang_up()
    call.over(audio, other)


@case("a text/plain body that looks like SDP stays unchanged")
def text_body(t, net):
    message = Line(t, net).dialog()
    with t.counted(net, changed=1, bindings=0):
        message.up(sip.MESSAGE, body=LIKE_SDP)


@case("a Content-Length beyond the datagram: the message passes unchanged and is counted")
def length_too_long(t, net):
    line = Line(t, net)
    data = _invite(line, lambda text: text.replace(b"Content-Length: ", b"Content-Length: 9"))
    _untouched(t, line, data, "the INVITE", passed_bad_length=1)


@case("a Content-Length that is no number: the message passes unchanged and is counted")
def length_no_number(t, net):
    line = Line(t, net)
    for value in (b"-1", b"0x10", b"18446744073709551616", b"99999999999999999999999"):
        data = _invite(line, lambda text, value=value: text.replace(
            b"Content-Length: ", b"Content-Length: " + value + b"\r\nX: "))
        _untouched(t, line, data, "the INVITE", passed_bad_length=1)


@case("bytes after the end of the message stay there")
def bytes_behind(t, net):
    line = Line(t, net)
    call = line.dialog()
    sent = call.text(sip.INVITE, call.inside, body=sip.OFFER) + b"c=IN IP4 192.168.1.2\r\n"
    got = line.send_up(sent, "INVITE")
    call.learn(got)
    t.same(got.data, call.text(sip.INVITE, call.outside, body=sip.OFFER)
           + b"c=IN IP4 192.168.1.2\r\n", "INVITE at the server")


def _with_line_feeds(message):
    """Return a message with lines that end in LF alone, and the length of that."""
    head, _, body = message.replace(b"\r\n", b"\n").partition(b"\n\n")
    return re.sub(rb"(?<=Content-Length: )\d+", b"%d" % len(body), head) + b"\n\n" + body


@case("lines that end in LF alone stay so, in a message that is translated")
def line_feeds(t, net):
    line = Line(t, net)
    call = line.dialog()
    got = line.send_up(_with_line_feeds(call.text(sip.INVITE, call.inside, body=sip.OFFER)),
                       "INVITE")
    call.learn(got)
    t.same(got.data, _with_line_feeds(call.text(sip.INVITE, call.outside, body=sip.OFFER)),
           "INVITE at the server")


@case("messages with broken start lines and headers pass unchanged and are counted")
def broken(t, net):
    line = Line(t, net)
    for what, reason, edit in (
            ("a start line without version", "passed_not_sip",
             lambda text: text.replace(b" SIP/2.0\r\n", b"\r\n", 1)),
            ("a start line that is folded", "passed_bad_header",
             lambda text: text.replace(b" SIP/2.0\r\n", b" SIP/2.0\r\n ", 1)),
            ("no empty line", "passed_bad_header",
             lambda text: text.partition(b"\r\n\r\n")[0]),
            ("no Call-ID", "passed_incomplete",
             lambda text: text.replace(b"Call-ID", b"X-Call-ID")),
            ("a Via that is none", "passed_bad_value",
             lambda text: text.replace(b"Via: SIP/2.0/UDP ", b"Via: ")),
            ("an m= line that is none", "passed_bad_sdp",
             lambda text: text.replace(b"m=audio 4000 ", b"m=audio 4000000 "))):
        _untouched(t, line, _invite(line, edit), what, **{reason: 1})


#  phone1                  router                  server
#    | INVITE, qop=auth-int  |   c= inside           |
#    |---------------------->|---------------------->|
#    | 200, qop=auth-int     |   c= inside           |
#    |---------------------->|---------------------->|
@case("a body that is signed stays, and that is counted (RFC 7616, 3.4.3 and 3.5)")
def signed(t, net):
    line = Line(t, net)
    line.register()
    body = sip.OFFER.replace("{host}", net.phone1.address)
    call = line.dialog()
    with t.counted(net, changed=1, skipped_media=1):
        call.up(sip.INVITE.replace(
            "Content-Type", "Authorization: Digest qop=auth-int\nContent-Type"), body=body)
    call = line.dialog()
    call.down(sip.INCOMING)
    with t.counted(net, changed=1, skipped_media=1):
        call.up(sip.INCOMING_OK.replace(
            "Content-Type", "Authentication-Info: qop=auth-int\nContent-Type"), body=body)


@case("a header line without a colon stays, the rest is translated")
def no_colon(t, net):
    Line(t, net).dialog().up(sip.INVITE.replace("Max-Forwards: 70", "Max-Forwards 70"))


@case("an INVITE cut off at any byte passes")
def beginnings(t, net):
    line = Line(t, net)
    whole = _invite(line, lambda text: text)
    for length in range(1, whole.index(b"\r\n\r\n"), 7):
        data = whole[:length]
        t.same(line.send_up(data, "a beginning").data, data, f"{length} bytes")


#  They are fragments in both directions.
@case("messages of 1500, 9000 and 60000 bytes are translated")
def huge(t, net):
    line = Line(t, net)
    for size in (1500, 9000, 60000):
        call = line.dialog()
        call.up(sip.INVITE.replace("Max-Forwards", f"X: {'x' * size}\nMax-Forwards"))


@case("a message that would grow beyond a datagram passes unchanged and is counted")
def too_long(t, net):
    line = Line(t, net)
    room = UDP_MAX - len(_invite(line, lambda text: text)) - len("X: \r\n")
    data = _invite(line, lambda text: text.replace(
        b"Max-Forwards", b"X: " + b"x" * room + b"\r\nMax-Forwards"))
    _untouched(t, line, data, "the INVITE", passed_too_long=1)


if __name__ == "__main__":
    ksft.main()
