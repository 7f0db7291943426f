# SPDX-License-Identifier: GPL-2.0-only
"""What every attack is checked against: ports stay closed, others go on calling,
and nothing is left of it."""

import contextlib
import os

from . import sip
from .endpoint import DEADLINE, wait_until
from .ladder import Line
from .topology import OUTSIDE, SERVER, SIP_PORT

# Seconds that a request without an answer is remembered (64 * T1), and some more.
FORGOTTEN = 45

INVITE_TO = sip.INVITE.replace("203.0.113.10", "{peer}")


def barrier(net, phone):
    """Wait until the router is done with all that was sent before."""
    here, there = phone.udp(0), net.media.udp(0)
    here.send(b"ping", there.address)
    there.send(b"pong", there.receive("ping").source)
    here.receive("pong")


def reaching(net, phone, port, outside_port=None, sender=None):
    """Return what a port of a phone gets when somebody outside knocks."""
    receiver = phone.udp(port)
    sender = sender or net.media.udp(0)
    sender.send(b"anybody there?", (OUTSIDE, outside_port or port))
    barrier(net, phone)
    got = receiver.waiting()
    receiver.close()
    return got


def calls(t, net, phone, server, rtp=4400):
    """A phone places a call, talks and hangs up, whatever else goes on."""
    line = Line(t, net, phone=phone, server=server, port=rtp + 2)
    call = line.dialog(rtp=rtp, far=rtp + 2000)
    call.call()
    call.audio().both_ways()
    call.hang_up()


def nothing_left(t, net, limit=FORGOTTEN):
    """Check that calls and bindings are gone, at the latest when all is timed out."""
    wait_until(lambda: not t.alg.calls(net, None) and not t.alg.bindings(net),
               "calls and bindings are gone", max(limit, DEADLINE))


def invite(phone, port, rtp, number, body=sip.OFFER, peer=SERVER):
    """Return an INVITE of a phone, with a Call-ID and branch of its own."""
    view = sip.View(phone.address, port, rtp, rtp + 1)
    return sip.fill(INVITE_TO, view, body=body, peer=peer, call_id=f"{number}@attack",
                    branch=number, tag="mallory", cseq=1)


@contextlib.contextmanager
def _undisturbed():
    """Hold up the kernel's workers on this processor until the block waits for something."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def flood(net, phone, messages):
    """Send as one phone; what the server gets of it is thrown away by and by.

    The kernel's workers do not keep pace with it, however fast the machine is.
    """
    sender = phone.udp(SIP_PORT, peer=(SERVER, SIP_PORT))
    server = net.server.udp(SIP_PORT)
    with _undisturbed():
        for number, message in enumerate(messages):
            sender.send(message)
            if number % 50 == 49:
                server.receive("what is left of the flood")
                server.waiting()
    barrier(net, phone)
    server.waiting()
    return server
