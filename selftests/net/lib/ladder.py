# SPDX-License-Identifier: GPL-2.0-only
"""Steps of a ladder diagram: each sends a message and checks what arrives."""

import copy
import itertools
import re

from . import media, sip
from .endpoint import DEADLINE, wait_until
from .topology import MEDIA, OUTSIDE, SIP_PORT

# Seconds that bindings and flows may last after their call.
FLOWS_END = 6 * DEADLINE

_numbers = itertools.count(1)


class Line:
    """A phone and the server: both ends of one signalling flow.

    The port that the NAT shows for the phone is learnt from each message that
    arrives; texts for the outside are filled with it. A phone may send from
    another port (`source`) than the one it names and listens on. `outside` is
    the address that the NAT gives it; None takes what the first message has.
    """

    def __init__(self, t, net, phone=None, server=None, port=SIP_PORT, source=None,
                 outside=OUTSIDE):
        self.t = t
        self.net = net
        self.host = phone or net.phone1
        self.phone = self.host.udp(port)
        self.sender = self.host.udp(source) if source else self.phone
        self.server = server or net.server.udp(SIP_PORT)
        self.outside = outside
        self.outside_port = None

    def towards(self, server):
        """Return the line from the same phone to another server."""
        other = copy.copy(self)
        other.server = server
        return other

    def dialog(self, **options):
        """Begin a dialog (or a registration) on this flow."""
        return Dialog(self, **options)

    def register(self):
        """Register the phone, and return the registration."""
        registration = self.dialog()
        registration.up(sip.REGISTER)
        registration.down(sip.REGISTER_OK)
        return registration

    def outlive(self):
        """Wait until the ALG has forgotten an INVITE that begins now and is never answered.

        That takes timeout-transaction, so a call that was ended before is gone then, too.
        """
        call = self.dialog(rtp=4900, far=6900)
        call.up(sip.INVITE)
        wait_until(lambda: not call.states(), "an unanswered INVITE is forgotten", FLOWS_END)

    def send_up(self, data, what):
        """Carry bytes from the phone to the server; return what arrived."""
        self.sender.send(data, self.server.address)
        return self.server.receive(what)

    def send_down(self, data, what):
        """Carry bytes from the server to the phone; return what arrived."""
        self.server.send(data, (self.outside, self.outside_port))
        return self.phone.receive(what)


class Dialog:
    """One Call-ID: what its messages look like from inside and from outside.

    up() and down() are the arrows of a ladder: they send what the one side
    sees and check, byte for byte, that the other gets what it should see. The
    outside's media ports are those that the phone's first SDP arrives with; a
    later one must name the same.
    """

    def __init__(self, line, rtp=4000, rtcp=None, far=6000, mapped=True):
        self.line = line
        self.t = line.t
        self.far = far
        self.mapped = mapped
        self.number = number = next(_numbers)
        self.gaps = {"call_id": f"{number}-8f31@192.168.1.2", "branch": f"nat{number}",
                     "tag": f"alice{number}", "bob": "bob", "cseq": 1, "far": far}
        self.inside = sip.View(line.host.address, line.phone.address[1],
                               rtp, rtcp or rtp + 1)
        self._outside_media = None

    @property
    def outside(self):
        """What the outside sees; without an ALG's help that is the inside."""
        if not self.mapped:
            return self.inside
        rtp, rtcp = self._outside_media or (self.inside.rtp, self.inside.rtcp)
        return sip.View(self.line.outside, self.line.outside_port or SIP_PORT, rtp, rtcp)

    def text(self, text, view, **gaps):
        """Fill a text with this dialog's values as one side sees them."""
        return sip.fill(text, view, **{**self.gaps, **gaps})

    def up(self, text, body=sip.OFFER, inside=None, **gaps):
        """Phone to server: check what arrives, and return it.

        `inside` is the phone's text where that differs in more than the gaps.
        """
        what = _name(text)
        sent = self.text(inside or text, self.inside, body=body, **gaps)
        got = self.line.send_up(sent, what)
        self.learn(got)
        self.t.same(got.data, self.text(text, self.outside, body=body, **gaps),
                    f"{what} at the server")
        return got

    def down(self, text, body=sip.ANSWER, inside=None, **gaps):
        """Server to phone: check what arrives, and return it; see up()."""
        what = _name(text)
        sent = self.text(text, self.outside, body=body, **gaps)
        got = self.line.send_down(sent, what)
        self.t.same(got.data, self.text(inside or text, self.inside, body=body, **gaps),
                    f"{what} at the phone")
        return got

    def learn(self, got):
        """Take from a message what only the router decides: the outside ports."""
        own_source = self.line.sender is self.line.phone
        self.line.outside_port = got.source[1] if own_source else sip.via_port(got.data)
        self.line.outside = self.line.outside or got.source[0]
        self.t.equal(got.source[0], self.line.outside, "source of the signalling")
        rtp = sip.media_port(got.data)
        if rtp and self.mapped and not self._outside_media:
            self._outside_media = rtp, sip.rtcp_port(got.data) or rtp + 1
            self.t.equal(rtp % 2, self.inside.rtp % 2, "parity of the media port")

    def move(self, rtp, far):
        """Both ends' media move: the next descriptions name these ports."""
        self.inside = self.inside._replace(rtp=rtp, rtcp=rtp + 1)
        self.far = self.gaps["far"] = far
        self._outside_media = None

    def audio(self):
        """Open both ends of the call's media."""
        return self.stream(self.inside.rtp, self.outside.rtp, self.far)

    def rtcp(self):
        """Open both ends of its RTCP."""
        return self.stream(self.inside.rtcp, self.outside.rtcp, self.far + 1)

    def stream(self, inside_port, outside_port, far_port):
        """Open both ends of media on any ports."""
        return media.Stream(self.t, self.line.host.udp(inside_port),
                            self.line.net.media.udp(far_port),
                            (self.line.outside, outside_port))

    def call(self, body=sip.OFFER):
        """Phone calls, server answers: the call is up after it."""
        self.up(sip.INVITE, body=body)
        self.down(sip.OK)
        self.up(sip.ACK)

    def be_called(self, body=sip.ANSWER, answer=sip.OFFER):
        """Server calls, phone answers: the call is up after it."""
        self.down(sip.INCOMING, body=body)
        self.up(sip.INCOMING_OK, body=answer)
        self.down(sip.INCOMING_ACK)

    def hang_up(self):
        """The phone ends the call."""
        self.up(sip.BYE)
        self.down(sip.BYE_OK)

    def hang_up_remote(self):
        """The outside ends the call."""
        self.down(sip.REMOTE_BYE)
        self.up(sip.REMOTE_BYE_OK)

    def exchange(self, cseq, body=sip.OFFER, answer=sip.ANSWER):
        """The phone sends a re-INVITE, which is accepted."""
        self.up(sip.INVITE, body=body, cseq=cseq)
        self.down(sip.OK, body=answer, cseq=cseq)
        self.up(sip.ACK, cseq=cseq)

    def exchange_remote(self, cseq, body=sip.ANSWER, answer=sip.OFFER):
        """The outside sends a re-INVITE, which is accepted."""
        self.down(sip.remote_request("INVITE", sdp=True), body=body, cseq=cseq)
        self.up(sip.remote_answer("200 OK", "INVITE", sdp=True), body=answer, cseq=cseq)
        self.down(sip.remote_request("ACK"), cseq=cseq)

    def closed(self, *streams):
        """Check that after the call nothing of the outside reaches its media.

        What is sent to the ports must not arrive, though a datagram that is
        sent later on the signalling flow does.
        """
        net = self.line.net
        ports = {stream.promised[1] for stream in streams}
        wait_until(lambda: not self.t.alg.bindings(net, *ports), "bindings go", FLOWS_END)
        wait_until(lambda: not media_flows(net, ports), "media flows end", FLOWS_END)
        for stream in streams:
            self.t.equal(self._reaching(stream, stream.far), [], "media after the call")
            self.t.equal(self._reaching(stream, net.media.udp(0)), [], "a stranger's media")

    def is_in(self, state):
        """Check what the ALG takes the state of the phone's call to be."""
        if self.t.alg.name == "sipalg":
            own = [call["state"] for call in self._entries()
                   if call["inside"]["address"] == self.line.host.address]
            self.t.equal(own, [state], "state of the call")

    def states(self, kind="dialog"):
        """Return the states of all entries that the ALG has for this Call-ID.

        Each inside host that takes part in the call has one.
        """
        return [call["state"] for call in self._entries(kind)]

    def _entries(self, kind="dialog"):
        return [call for call in self.t.alg.calls(self.line.net, kind)
                if self.gaps["call_id"].startswith(call["label"])]

    def retry(self):
        """Send the INVITE again as a new transaction; return the gaps of the one before."""
        before = {name: self.gaps[name] for name in ("cseq", "branch")}
        self.gaps.update(cseq=before["cseq"] + 1, branch=before["branch"] + "x")
        self.up(sip.INVITE)
        return before

    def over(self, *streams):
        """Check that the call is closed and that nothing is left in the tables."""
        self.closed(*streams)
        wait_until(lambda: not self.t.alg.calls(self.line.net), "calls go", FLOWS_END)
        self.t.equal(self.t.alg.bindings(self.line.net), [], "bindings after the call")

    def cut_off(self, stream):
        """Check that a far end which never stops sending is not heard for long."""
        wait_until(lambda: not self._reaching(stream, stream.far),
                   "the media port is closed", FLOWS_END)

    def _reaching(self, stream, sender):
        """Return what the phone gets of a packet that somebody outside sends."""
        sender.send(b"anybody there?", stream.promised)
        self.line.send_down(b"\r\n\r\n", "a keep-alive")
        return stream.phone.waiting()


def media_flows(net, ports):
    """Return the router's flows from the media host to those outside ports."""
    return [flow for flow in net.flows() if any(
        re.search(rf"src={MEDIA} dst=\S+ sport=\d+ dport={port} ", flow) for port in ports)]


def _name(text):
    """Return what to call a message: method or status."""
    first, second = text.lstrip("\n").split(maxsplit=2)[:2]
    return second if first == "SIP/2.0" else first


