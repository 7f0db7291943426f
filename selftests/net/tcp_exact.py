#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP, to the number: sequence, acknowledgement, SACK, window.

The phone's address is one character shorter than the router's, so each message
grows on its way out and shrinks on its way in. An INVITE that is rewritten from its
first address on maps byte for byte up to its last one, which stands for the rest.
"""

import struct

from lib import ksft, sip
from lib.capture import OPTION_TIMESTAMP
from lib.ksft import case
from lib.script import (ACK, FIN, MSS, PSH, RST, SACK_OK, URG, Script, exchange, tcp_packet,
                        timestamp)
from lib.tcp import over_tcp
from lib.topology import OUTSIDE

PORT = 40001
INSIDE_VIEW = sip.View("192.168.1.2", PORT, 4000, 4001)
OUTSIDE_VIEW = sip.View(OUTSIDE, PORT, 4000, 4001)
GAPS = {"call_id": "exact@192.168.1.2", "branch": "x", "tag": "alice", "cseq": 1, "far": 6000}

JUMBO = 8000
# The most that a packet without options may carry.
FULL = 65535 - 20 - 20


def _texts(text, body=""):
    text = over_tcp(text)
    return sip.fill(text, INSIDE_VIEW, body, **GAPS), sip.fill(text, OUTSIDE_VIEW, body, **GAPS)


IN, OUT = _texts(sip.INVITE, sip.OFFER)
N, M = len(IN), len(OUT)
# The phone's answers and what becomes of them; down the names change places.
DOWN_OUT, DOWN_IN = _texts(sip.REGISTER_OK)[::-1]
PLAIN = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n"
# The last byte of the last address in it.
LAST = IN.rindex(b"192.168.1.2") + len(b"192.168.1.2")


def _wide(t, net):
    """Return a connection whose ends offer a window of a megabyte."""
    c = Script(net, options=MSS + SACK_OK + b"\3\3\7\1")
    c.server.send(ACK, 0, 0)
    c.phone.due(t, "the window", ACK, 0, 0)
    return c


def _no_invalid(t, net):
    t.equal(net.invalid(), 0, "packets that conntrack calls invalid")


def _in_parts(t, end, what, seq, data):
    """Check the next packets, which carry that, however many they are."""
    at = 0
    while at < len(data):
        part = end.get()
        t.equal((part.seq - end.peer_first) % (1 << 32), seq + at, f"{what}: the next number")
        t.same(part.data, data[at:at + len(part.data)], what)
        at += len(part.data)


@case("one message, one segment: numbers shift behind it, both ways")
def whole(t, net):
    c = Script(net)
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)
    c.server.send(ACK, 0, M)
    c.phone.due(t, "its acknowledgement", ACK, 0, N)
    c.phone.send(PSH | ACK, N, 0, IN)
    c.server.due(t, "a second INVITE", PSH | ACK, M, 0, OUT)
    c.server.send(PSH | ACK, 0, 2 * M, DOWN_OUT)
    c.phone.due(t, "a 200", PSH | ACK, 0, 2 * N, DOWN_IN)
    c.phone.send(ACK, 2 * N, len(DOWN_IN))
    c.server.due(t, "acknowledgement of the 200", ACK, 2 * M, len(DOWN_OUT))
    c.server.send(PSH | ACK, len(DOWN_OUT), 2 * M, b"\r\n\r\n")
    c.phone.due(t, "a keep-alive of RFC 5626", PSH | ACK, len(DOWN_IN), 2 * N, b"\r\n\r\n")
    _no_invalid(t, net)


@case("several messages in one segment, and a message with the next one's beginning")
def together(t, net):
    c = Script(net)
    c.phone.send(PSH | ACK, 0, 0, IN + b"\r\n\r\n" + IN)
    c.server.due(t, "two INVITEs", PSH | ACK, 0, 0, OUT + b"\r\n\r\n" + OUT)
    base_in, base_out = 2 * N + 4, 2 * M + 4
    c.phone.send(PSH | ACK, base_in, 0, IN + IN[:300])
    c.server.due(t, "one INVITE", PSH | ACK, base_out, 0, OUT)
    c.server.send(ACK, 0, base_out + M)
    c.phone.due(t, "held bytes are acknowledged", ACK, 0, base_in + N + 300)
    c.phone.send(PSH | ACK, base_in + N + 300, 0, IN[300:])
    c.server.due(t, "the other", PSH | ACK, base_out + M, 0, OUT)


@case("sent again, cut elsewhere: the same bytes, and never more acknowledged than arrived")
def again(t, net):
    c = Script(net)
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)
    for cut in ([0, 100, 300, N], [0, LAST - 1, LAST, N], [0, LAST - 1, LAST + 1, N], [0, N]):
        got, at = b"", 0
        for start, end in zip(cut, cut[1:]):
            c.phone.send(PSH | ACK, start, 0, IN[start:end])
            segment = c.server.get()
            t.equal((segment.seq - 1000) - at, 0, f"gap before {start}")
            got += segment.data
            at += len(segment.data)
        t.same(got, OUT, f"INVITE again in {cut}")
    c.server.send(ACK, 0, 200)
    c.phone.due(t, "a part is acknowledged", ACK, 0, 200)
    c.phone.send(PSH | ACK, 200, 0, IN[200:])
    c.server.due(t, "the rest", PSH | ACK, 200, 0, OUT[200:])
    c.server.send(ACK, 0, M - 1)
    c.phone.due(t, "all but a byte is acknowledged", ACK, 0, N - 1)
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "the last byte", PSH | ACK, M - 1, 0, OUT[-1:])
    c.server.send(ACK, 0, M)
    c.phone.due(t, "all is acknowledged", ACK, 0, N)
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.keepalive(t, "what has arrived is not sent again", M - 1, 0)
    c.server.send(ACK, 0, M, options=b"\1\1" + struct.pack("!BBII", 5, 10, 999 + M, 1000 + M))
    c.phone.due(t, "but reported as a duplicate", ACK, 0, N, sacks=[(0, N)])
    c.server.send(ACK, 0, M, options=b"\1\1" + struct.pack("!BBII", 5, 10, 999 + M, 1000 + M))
    c.phone.due(t, "once", ACK, 0, N)
    _no_invalid(t, net)


@case("a message in two segments: the first is acknowledged, the second carries both")
def held(t, net):
    c = Script(net)
    c.phone.send(PSH | ACK, 0, 0, IN[:200])
    c.server.keepalive(t, "the first", -1, 0)
    c.server.send(ACK, 0, 0, options=b"\1\1" + struct.pack("!BBII", 5, 10, 999, 1000))
    c.phone.due(t, "its acknowledgement", ACK, 0, 200, window=8192 - 200)
    c.phone.send(PSH | ACK, 0, 0, IN[:200])
    c.server.keepalive(t, "the first again", -1, 0)
    c.phone.send(PSH | ACK, 200, 0, IN[200:])
    c.server.due(t, "the second", PSH | ACK, 0, 0, OUT)
    c.server.send(ACK, 0, 0)
    c.phone.due(t, "not more is acknowledged", ACK, 0, 200, window=8192)
    c.phone.send(PSH | ACK, 200, 0, IN[200:])
    c.server.due(t, "the second again", PSH | ACK, 0, 0, OUT)
    c.phone.send(PSH | ACK, 200, 0, IN[200:300])
    c.server.due(t, "a part of the second", PSH | ACK, 0, 0, OUT[:100])
    c.server.send(ACK, 0, 100)
    c.phone.due(t, "that part's acknowledgement", ACK, 0, 300)
    c.phone.send(PSH | ACK, 300, 0, IN[300:])
    c.server.due(t, "the rest of it", PSH | ACK, 100, 0, OUT[100:])
    c.server.send(ACK, 0, M)
    c.phone.due(t, "all is acknowledged", ACK, 0, N)
    _no_invalid(t, net)


@case("the same to the inside, where a message shrinks")
def held_down(t, net):
    c = Script(net)
    n, m = len(DOWN_OUT), len(DOWN_IN)
    for base in (0, 1):
        c.server.send(PSH | ACK, base * n, 0, DOWN_OUT[:150])
        c.phone.keepalive(t, "the first", base * m - 1, 0)
        c.phone.send(ACK, 0, base * m)
        c.server.due(t, "its acknowledgement", ACK, 0, base * n + 150)
        c.server.send(PSH | ACK, base * n + 150, 0, DOWN_OUT[150:])
        c.phone.due(t, "the second", PSH | ACK, base * m, 0, DOWN_IN)
        c.phone.send(ACK, 0, base * m + m - 1)
        got = c.server.get()
        t.true((got.ack - 50000) % (1 << 32) < base * n + n, "the end is not acknowledged")
        c.phone.send(ACK, 0, base * m + m)
        c.server.due(t, "all is acknowledged", ACK, 0, base * n + n)
    _no_invalid(t, net)


@case("bytes out of order wait, and a selective acknowledgement says so")
def gap(t, net):
    c = Script(net)
    c.phone.send(PSH | ACK, 200, 0, IN[200:400])
    c.server.keepalive(t, "out of order", -1, 0)
    c.server.send(ACK, 0, 0, options=b"\1\1" + struct.pack("!BBII", 5, 10, 999, 1000))
    c.phone.due(t, "duplicate acknowledgement", ACK, 0, 0, sacks=[(200, 400)])
    c.phone.send(PSH | ACK, 450, 0, IN[450:])
    c.server.keepalive(t, "out of order", -1, 0)
    c.server.send(ACK, 0, 0)
    c.phone.due(t, "duplicate acknowledgement", ACK, 0, 0, sacks=[(200, 400), (450, N)])
    c.phone.send(PSH | ACK, 0, 0, IN[:250])
    c.server.keepalive(t, "the first gap closes", -1, 0)
    c.server.send(ACK, 0, 0)
    c.phone.due(t, "acknowledgement", ACK, 0, 400, sacks=[(450, N)])
    c.phone.send(PSH | ACK, 400, 0, IN[400:450])
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)
    c.server.send(ACK, 0, M)
    c.phone.due(t, "all is acknowledged", ACK, 0, N)
    _no_invalid(t, net)


@case("what was acknowledged before it went out goes out with the gap until it arrives")
def reneging(t, net):
    c = Script(net)
    c.phone.send(PSH | ACK, N, 0, IN)
    c.server.keepalive(t, "out of order", -1, 0)
    c.server.send(ACK, 0, 0)
    c.phone.due(t, "duplicate acknowledgement", ACK, 0, 0, sacks=[(N, 2 * N)])
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "both", PSH | ACK, 0, 0, OUT + OUT)
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "both again", PSH | ACK, 0, 0, OUT + OUT)
    c.server.send(ACK, 0, M)
    c.phone.due(t, "the first has come", ACK, 0, N)
    c.phone.send(PSH | ACK, N, 0, IN)
    c.server.due(t, "the second", PSH | ACK, M, 0, OUT)
    c.server.send(ACK, 0, 2 * M)
    c.phone.due(t, "all has come", ACK, 0, 2 * N)
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.keepalive(t, "too late", 2 * M - 1, 0)
    _no_invalid(t, net)


@case("what has no room in the packet that closes a gap goes with the next one")
def no_room(t, net):
    for host, device in ((net.phone1, "eth0"), (net.router, "lan1"), (net.router, "wan"),
                         (net.server, "eth0")):
        host.run("ip", "link", "set", device, "mtu", str(JUMBO + 100))
    sent, due = _texts(sip.INVITE.replace("application/sdp", "text/plain"), "x" * 12 * JUMBO)
    grown = len(due) - len(sent)
    c = _wide(t, net)
    for number in range(1, 10):
        c.phone.send(PSH | ACK, number * JUMBO, 0, sent[number * JUMBO:][:JUMBO])
        c.server.keepalive(t, "out of order", -1, 0)
    c.phone.send(PSH | ACK, 0, 0, sent[:JUMBO])
    _in_parts(t, c.server, "what fits", 0, due[:FULL])
    c.server.send(ACK, 0, FULL)
    c.phone.due(t, "its acknowledgement", ACK, 0, FULL - grown,
                sacks=[(9 * JUMBO, 10 * JUMBO)])
    c.phone.send(PSH | ACK, 10 * JUMBO, 0, sent[10 * JUMBO:][:JUMBO])
    _in_parts(t, c.server, "the rest", FULL, due[FULL:11 * JUMBO + grown])
    _no_invalid(t, net)


@case("bytes further ahead than the queue is long do not fill it")
def far_ahead(t, net):
    c = _wide(t, net)
    for number in range(40):
        c.phone.send(PSH | ACK, 300000 + 1000 * number, 0, bytes(1000))
        c.server.keepalive(t, "far ahead", -1, 0)
    c.server.send(ACK, 0, 0)
    c.phone.due(t, "nothing of it is kept", ACK, 0, 0)
    c.phone.send(PSH | ACK, 200, 0, IN[200:])
    c.server.keepalive(t, "out of order", -1, 0)
    c.server.send(ACK, 0, 0)
    c.phone.due(t, "what is needed first is", ACK, 0, 0, sacks=[(200, N)])
    c.phone.send(PSH | ACK, 0, 0, IN[:200])
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)


@case("a malformed selective acknowledgement brings no bytes")
def malformed_sack(t, net):
    c = Script(net)
    c.phone.send(PSH | ACK, 200, 0, IN[200:])
    c.server.keepalive(t, "out of order", -1, 0)
    for length in (2, 3, 5, 11, 13):
        option = struct.pack("!BB", 5, length) + bytes(length - 2)
        c.server.send(ACK, 0, 0, options=b"\1" * (-len(option) % 4) + option)
        got = c.phone.get()
        t.equal((got.flags, len(got.data)), (ACK, 0), f"an option of {length} bytes")
    c.phone.send(PSH | ACK, 0, 0, IN[:200])
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)
    _no_invalid(t, net)


@case("selective acknowledgement of a later message")
def sack(t, net):
    c = Script(net)
    for number in range(3):
        c.phone.send(PSH | ACK, number * N, 0, IN)
        c.server.due(t, "INVITE", PSH | ACK, number * M, 0, OUT)
    blocks = struct.pack("!BBIIII", 5, 18, 1000 + M, 1000 + 2 * M, 1000 + 2 * M + 10,
                         1000 + 2 * M + 100)
    c.server.send(ACK, 0, 0, options=b"\1\1" + blocks)
    c.phone.due(t, "two blocks", ACK, 0, 0, sacks=[(N, 2 * N), (2 * N + 10, 2 * N + 100)])
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "the first again", PSH | ACK, 0, 0, OUT)
    blocks = struct.pack("!BBII", 5, 10, 1000 + 2 * M + 10, 1000 + 3 * M)
    c.server.send(ACK, 0, 2 * M, options=b"\1\1" + blocks)
    c.phone.due(t, "an acknowledgement and a block", ACK, 0, 2 * N,
                sacks=[(2 * N + 10, 3 * N)])
    _no_invalid(t, net)


@case("the numbers wrap around")
def wrap(t, net):
    c = Script(net, first=((1 << 32) - 150, (1 << 32) - 20))
    for number in range(2):
        c.phone.send(PSH | ACK, number * N, 0, IN[:200])
        c.server.keepalive(t, "the first part", number * M - 1, 0)
        c.server.send(ACK, 0, number * M)
        c.phone.due(t, "its acknowledgement", ACK, 0, number * N + 200)
        c.phone.send(PSH | ACK, number * N + 200, 0, IN[200:])
        c.server.due(t, "INVITE", PSH | ACK, number * M, 0, OUT)
        c.server.send(ACK, 0, number * M + M)
        c.phone.due(t, "its acknowledgement", ACK, 0, number * N + N)
    c.server.send(PSH | ACK, 0, 2 * M, DOWN_OUT)
    c.phone.due(t, "a 200", PSH | ACK, 0, 2 * N, DOWN_IN)
    _no_invalid(t, net)


@case("FIN with a message, with a part of one, and alone behind a part")
def fin(t, net):
    for number, (parts, due) in enumerate((([IN], OUT), ([IN[:200]], IN[:200]),
                                           ([IN[:200], b""], IN[:200]))):
        c = Script(net, port=PORT + number if number else PORT)
        at = 0
        for part in parts[:-1]:
            c.phone.send(PSH | ACK, at, 0, part)
            c.server.keepalive(t, "a part", -1, 0)
            c.server.send(ACK, 0, 0)
            c.phone.due(t, "its acknowledgement", ACK, 0, len(part))
            at += len(part)
        for _ in range(2):
            c.phone.send(FIN | PSH | ACK, at, 0, parts[-1])
            c.server.due(t, "the end", FIN | PSH | ACK, 0, 0, due)
        end = at + len(parts[-1])
        c.server.send(ACK, 0, len(due))
        c.phone.due(t, "all but the FIN is acknowledged", ACK, 0, end)
        c.server.send(FIN | ACK, 0, len(due) + 1)
        c.phone.due(t, "the FIN is acknowledged", FIN | ACK, 0, end + 1)
        c.phone.send(ACK, end + 1, 1)
        c.server.due(t, "the other FIN is acknowledged", ACK, len(due) + 1, 1)
    _no_invalid(t, net)


@case("RST behind a changed message, and with bytes held")
def rst(t, net):
    c = Script(net)
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)
    c.server.send(ACK, 0, M)
    c.phone.due(t, "its acknowledgement", ACK, 0, N)
    c.phone.send(PSH | ACK, N, 0, IN[:200])
    c.server.keepalive(t, "a part", M - 1, 0)
    c.phone.send(RST | ACK, N + 200, 0)
    c.server.due(t, "reset", RST | ACK, M, 0)
    # The receiver has acknowledged a higher number than this.
    c = Script(net, port=PORT + 1)
    for number in range(9):
        c.phone.send(PSH | ACK, number * N, 0, IN)
        c.server.get()
    shift = c.server.peer_first
    c.phone.send(ACK, 9 * N, 0)
    out = (c.server.get().seq - shift) % (1 << 32)
    c.server.send(ACK, 0, out)
    c.phone.due(t, "all is acknowledged", ACK, 0, 9 * N)
    c.phone.send(RST | ACK, 9 * N, 0)
    c.server.due(t, "reset", RST | ACK, out, 0)
    t.true(out > 9 * N, "the numbers differ")
    _no_invalid(t, net)


@case("no byte is urgent: its number would be another one behind a message that changes")
def urgent(t, net):
    c = Script(net)
    c.phone.send_packet(tcp_packet((c.phone.host.address, PORT), c.phone.peer, PSH | ACK | URG,
                                   c.phone.first, c.phone.peer_first, PLAIN,
                                   urgent=len(PLAIN) + N))
    c.server.due(t, "a message that stays as it is", PSH | ACK, 0, 0, PLAIN)
    c.phone.send_packet(tcp_packet((c.phone.host.address, PORT), c.phone.peer, PSH | ACK | URG,
                                   c.phone.first + len(PLAIN), c.phone.peer_first, IN, urgent=N))
    c.server.due(t, "INVITE", PSH | ACK, len(PLAIN), 0, OUT)


@case("an end that begins anew with other numbers")
def anew(t, net):
    c = Script(net, begin_again=True)
    c.phone.send(PSH | ACK, 0, 0, IN[:200])
    c.server.keepalive(t, "a part", -1, 0)
    c.phone.send(PSH | ACK, 200, 0, IN[200:])
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)


@case("keep-alives and window probes provoke what they would without us")
def probes(t, net):
    c = Script(net)
    c.phone.send(PSH | ACK, 0, 0, IN)
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)
    c.server.send(ACK, 0, M, window=0)
    c.phone.due(t, "its acknowledgement", ACK, 0, N, window=0)
    c.phone.send(ACK, N - 1, 0)
    c.server.due(t, "empty keep-alive", ACK, M - 1, 0)
    c.phone.send(ACK, N - 1, 0, b"x")
    c.server.keepalive(t, "keep-alive with a byte", M - 1, 0)
    c.phone.send(PSH | ACK, N, 0, IN[:200])
    c.server.keepalive(t, "a part", M - 1, 0)
    c.server.send(ACK, 0, M, window=0)
    c.phone.due(t, "its acknowledgement", ACK, 0, N + 200, window=0)
    c.phone.send(ACK, N + 199, 0)
    c.server.due(t, "empty keep-alive", ACK, M - 1, 0)
    c.server.send(ACK, 0, M, window=100)
    c.phone.due(t, "a small window", ACK, 0, N + 200, window=100)
    _no_invalid(t, net)


@case("held bytes take some of the window, but never close it")
def coarse_window(t, net):
    c = Script(net, options=MSS + SACK_OK + b"\3\3\16\1")
    c.phone.send(PSH | ACK, 0, 0, IN[:200])
    c.server.keepalive(t, "a part", -1, 0)
    for window, due in ((0, 0), (1, 1), (2, 1), (100, 99)):
        c.server.send(ACK, 0, 0, window=window)
        c.phone.due(t, f"window of {window}", ACK, 0, 200, window=due)
    c.phone.send(PSH | ACK, 200, 0, IN[200:])
    c.server.due(t, "INVITE", PSH | ACK, 0, 0, OUT)
    _no_invalid(t, net)


def clock(segment):
    return struct.unpack("!I", segment.options[OPTION_TIMESTAMP][:4])[0]


@case("a packet out of order does not set the receiver's clock")
def clocks(t, net):
    c = Script(net, stamps=True)
    c.phone.send(PSH | ACK, 0, 0, IN[:100], options=timestamp(10))
    t.equal(clock(c.server.get()), 10, "clock of a packet in order")
    c.phone.send(PSH | ACK, 200, 0, IN[200:], options=timestamp(12))
    t.equal(clock(c.server.get()), 10, "clock of a packet out of order")
    c.phone.send(PSH | ACK, 100, 0, IN[100:200], options=timestamp(11))
    got = c.server.get()
    t.equal(clock(got), 11, "clock of the packet that closes the gap")
    t.same(got.data, OUT, "INVITE")


@case("nor do the server's first packets, if they change places")
def first_clocks(t, net):
    c = Script(net, stamps=True, heard=False)
    c.server.send(PSH | ACK, 100, 0, DOWN_OUT[100:], options=timestamp(4))
    t.equal(clock(c.phone.get()), 1, "clock of the second packet, which came first")
    c.server.send(PSH | ACK, 0, 0, DOWN_OUT[:100], options=timestamp(3))
    got = c.phone.get()
    t.equal(clock(got), 3, "clock of the first packet")
    t.same(got.data, DOWN_IN, "200")


@case("nor does a keep-alive that may overtake what is on its way")
def flight_clocks(t, net):
    c = Script(net, stamps=True)
    c.phone.send(PSH | ACK, 0, 0, IN, options=timestamp(10))
    t.equal(clock(c.server.get()), 10, "clock of the INVITE")
    c.phone.send(PSH | ACK, len(IN), 0, IN[:100], options=timestamp(11))
    got = c.server.get()
    t.equal((len(got.data), clock(got)), (1, 10), "keep-alive while the INVITE is on its way")
    c.server.send(ACK, 0, len(OUT), options=timestamp(5, 10))
    c.phone.get()
    c.phone.send(PSH | ACK, len(IN) + 100, 0, IN[100:200], options=timestamp(12))
    got = c.server.get()
    t.equal((len(got.data), clock(got)), (1, 12), "keep-alive while nothing is on its way")


@case("nor is one too old behind an acknowledgment of some of that")
def flight_clocks_partial(t, net):
    c = Script(net, stamps=True)
    for number in range(2):
        c.phone.send(PSH | ACK, number * len(IN), 0, IN, options=timestamp(10 + number))
        t.equal(clock(c.server.get()), 10 + number, "clock of an INVITE")
    c.server.send(ACK, 0, len(OUT), options=timestamp(5, 10))
    c.phone.get()
    c.server.send(ACK, 0, len(OUT) + 1, options=timestamp(5, 11))
    c.phone.get()
    c.phone.send(PSH | ACK, 2 * len(IN), 0, IN[:100], options=timestamp(12))
    got = c.server.get()
    t.equal((len(got.data), clock(got)), (1, 11), "keep-alive while an INVITE is on its way")


@case("what is not SIP from its first byte passes, however it goes on")
def not_sip(t, net):
    post = b"POST /a HTTP/1.1\r\nHost: b\r\n\r\n"
    for number, first in enumerate((b"\x16\x03\x01", b"GET / HTTP/1.1\r\n", post, b"P")):
        c = Script(net, port=PORT + number if number else PORT)
        c.phone.send(PSH | ACK, 0, 0, first)
        c.server.due(t, "the first bytes", PSH | ACK, 0, 0, first)
        at = len(first)
        if first == b"P":
            c.phone.send(PSH | ACK, 1, 0, post[1:])
            c.server.due(t, "more of it", PSH | ACK, 1, 0, post[1:])
            at = len(post)
        c.phone.send(PSH | ACK, at, 0, IN)
        c.server.due(t, "an INVITE within", PSH | ACK, at, 0, IN)
        c.phone.send(PSH | ACK, at, 0, IN[:100])
        c.server.due(t, "again in a small window", PSH | ACK, at, 0, IN[:100])
        c.server.send(PSH | ACK, 0, at + N, DOWN_OUT)
        c.phone.due(t, "a 200 within", PSH | ACK, 0, at + N, DOWN_OUT)
    t.equal(t.alg.bindings(net), [], "bindings")


@case("a connection whose SYN carried data is left alone")
def fast_open(t, net):
    c = Script(net, data=IN[:10])
    c.phone.send(PSH | ACK, 10, 0, IN[10:])
    c.server.due(t, "what follows the SYN's data", PSH | ACK, 10, 0, IN[10:])


@case("the same behind so much growth that conntrack would take no such acknowledgment")
def anew_grown(t, net):
    for host, device in ((net.phone1, "eth0"), (net.router, "lan1"), (net.router, "wan"),
                         (net.server, "eth0")):
        host.run("ip", "link", "set", device, "mtu", str(JUMBO + 100))
    route = "Record-Route: " + ", ".join(["<sip:{host}:{port};lr>"] * 120) + "\nCall-ID"
    sent, due = _texts(sip.MESSAGE.replace("Call-ID", route), "hello")
    c = Script(net, options=struct.pack("!BBH", 2, 4, JUMBO) + SACK_OK)
    # Conntrack takes what is 66,000 too low.
    for number in range(70000 // (len(due) - len(sent))):
        exchange(t, c, "MESSAGE", sent, due, (number * len(sent), number * len(due)))
    for step in (1 << 30, -1 << 30):
        c.phone.first = c.server.peer_first = (c.phone.first + step) % (1 << 32)
        c.server.first = c.phone.peer_first = c.server.first + 555555
        c.begin()
        c.phone.send(ACK, 0, 0)
        c.server.get()
        exchange(t, c, "MESSAGE of the new connection", sent, due)


if __name__ == "__main__":
    ksft.main()
