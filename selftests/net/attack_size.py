#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Sizes: messages that would outgrow a datagram or the path MTU, and amplification.

The kernel's own module had deltas of 16 bits that wrapped, and lengths cut to 32 bits
(fixed in 2026). RFC 3261, 18.1.1 and 18.3 on sizes; 26.1.5 on amplification.

  phone1                  router                  server
    | INVITE, of any size   |                       |
    |---------------------->|---------------------->| one message, a few bytes longer
"""

from lib import ksft, sip
from lib.attack import calls, nothing_left
from lib.ksft import case
from lib.ladder import Line

# UDP payload of the largest IPv4 datagram, and of one that fills an Ethernet frame.
UDP_MAX = 65535 - 20 - 8
FRAME_MAX = 1500 - 20 - 8


def _sized(call, view, size):
    """Return the call's INVITE, padded to a size."""
    bare = call.text(sip.INVITE, view, body=sip.OFFER)
    filler = b"X: " + b"x" * (size - len(bare) - len("X: \r\n")) + b"\r\n"
    text = bare.replace(b"Max-Forwards", filler + b"Max-Forwards")
    assert len(text) == size
    return text


def _growth(call):
    return (len(call.text(sip.INVITE, call.outside, body=sip.OFFER))
            - len(call.text(sip.INVITE, call.inside, body=sip.OFFER)))


@case("the longest message that still fits is translated; one byte more passes unchanged")
def longest(t, net):
    line = Line(t, net)
    call = line.dialog()
    growth = _growth(call)
    t.true(growth > 0, "the message grows")
    sent = _sized(call, call.inside, UDP_MAX - growth)
    with t.counted(net, changed=1, passed_too_long=0):
        got = line.send_up(sent, "INVITE").data
    t.equal(len(got), UDP_MAX, "length of the INVITE")
    t.true(call.inside.host.encode() not in got.replace(b"@192.168.1.2", b""), "the INVITE is translated")
    call = line.dialog()
    sent = _sized(call, call.inside, UDP_MAX - growth + 1)
    with t.counted(net, changed=0, passed_too_long=1):
        t.same(line.send_up(sent, "INVITE").data, sent, "INVITE")
    calls(t, net, net.phone2, line.server)


#  The sender sets DF and has been told of no smaller MTU: its packet fits, and what the
#  router makes of it must not be lost for not fitting.
@case("a message that fills a frame still arrives although translation makes it longer")
def fills_a_frame(t, net):
    line = Line(t, net)
    for size in range(FRAME_MAX - 12, FRAME_MAX + 1, 4):
        call = line.dialog()
        sent = _sized(call, call.inside, size)
        with t.counted(net, fragmented=int(size + _growth(call) > FRAME_MAX)):
            got = line.send_up(sent, f"INVITE of {size} bytes").data
        t.equal(len(got), size + _growth(call), "length of the INVITE")


def _sent(net):
    """Return how many IP packets the router has forwarded and sent."""
    names, values = (line.split() for line in net.router.run("cat", "/proc/net/snmp")
                     .stdout.splitlines() if line.startswith("Ip: "))
    counters = dict(zip(names[1:], map(int, values[1:])))
    return counters["ForwDatagrams"], counters["OutRequests"]


def _check_sent(t, net, before, forwarded):
    """Check how many were forwarded since, and that no others were sent."""
    after = _sent(net)
    t.equal(after[0] - before[0], forwarded, "packets forwarded")
    # Kernels before 6.6 count forwarded packets as sent, too.
    t.true(after[1] - before[1] in (0, forwarded), "the router sends no packet of its own")


@case("each packet makes the router send one packet, which is hardly longer")
def amplification(t, net):
    line = Line(t, net)
    many = "".join(f"Contact: <sip:a@192.168.1.2:{5100 + i}>\n" for i in range(12))
    text = sip.REGISTER.replace("Content-Length", many + "Content-Length")
    for number in range(50):
        call = line.dialog()
        sent = call.text(text, call.inside)
        before = _sent(net)
        got = line.send_up(sent, "REGISTER")
        t.true(len(got.data) <= len(sent) + 16 * 14, f"growth of message {number}")
        line.outside_port = got.source[1]
        line.send_down(call.text(sip.REGISTER_OK, call.outside), "200")
        _check_sent(t, net, before, 2)
        if t.differences:
            break
    line.dialog().up(sip.REGISTER)


@case("the router sends nothing of its own when calls and registrations end")
def no_packet_of_its_own(t, net):
    line = Line(t, net)
    calls(t, net, net.phone1, line.server)
    registration = line.dialog()
    registration.up(sip.REGISTER.replace("expires=600", "expires=1"))
    registration.down(sip.REGISTER_OK.replace("expires=600", "expires=1"))
    before = _sent(net)
    nothing_left(t, net)
    _check_sent(t, net, before, 0)


if __name__ == "__main__":
    ksft.main()
