# SPDX-License-Identifier: GPL-2.0-only
"""Steps of a ladder diagram: each sends a message and checks what arrives."""

import itertools

from . import media, sip
from .endpoint import wait_until
from .topology import MEDIA, OUTSIDE, SERVER, SIP_PORT

# Seconds that bindings and flows may last after their call.
FLOWS_END = 30

_numbers = itertools.count(1)


class Line:
    """A phone and the server: both ends of one signalling flow.

    The port that the NAT shows for the phone is learnt from each message that
    arrives; texts for the outside are filled with it. A phone may send from
    another port (`source`) than the one it names and listens on.
    """

    def __init__(self, t, net, phone=None, server=None, port=SIP_PORT, source=None):
        self.t = t
        self.net = net
        self.host = phone or net.phone1
        self.phone = self.host.udp(port, peer=(SERVER, SIP_PORT))
        self.sender = self.host.udp(source, peer=(SERVER, SIP_PORT)) if source else self.phone
        self.server = server or net.server.udp(SIP_PORT)
        self.outside_port = None

    def dialog(self, **options):
        """Begin a dialog (or a registration) on this flow."""
        return Dialog(self, **options)

    def register(self):
        """Register the phone, and return the registration."""
        registration = self.dialog()
        registration.up(sip.REGISTER)
        registration.down(sip.REGISTER_OK)
        return registration

    def send_up(self, data, what):
        """Carry bytes from the phone to the server; return what arrived."""
        self.sender.send(data)
        return self.server.receive(what)

    def send_down(self, data, what):
        """Carry bytes from the server to the phone; return what arrived."""
        self.server.send(data, (OUTSIDE, self.outside_port))
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
                     "tag": f"alice{number}", "cseq": 1, "far": far}
        self.inside = sip.View(line.host.address, line.phone.address[1],
                               rtp, rtcp or rtp + 1)
        self._outside_media = None

    @property
    def outside(self):
        """What the outside sees; without an ALG's help that is the inside."""
        if not self.mapped:
            return self.inside
        rtp, rtcp = self._outside_media or (self.inside.rtp, self.inside.rtcp)
        return sip.View(OUTSIDE, self.line.outside_port or SIP_PORT, rtp, rtcp)

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
        self.t.equal(got.source[0], OUTSIDE, "source of the signalling")
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
        return self._stream(self.inside.rtp, self.outside.rtp, self.far)

    def rtcp(self):
        """Open both ends of its RTCP."""
        return self._stream(self.inside.rtcp, self.outside.rtcp, self.far + 1)

    def _stream(self, inside_port, outside_port, far_port):
        return media.Stream(self.t, self.line.host.udp(inside_port),
                            self.line.net.media.udp(far_port),
                            (OUTSIDE, outside_port))

    def call(self):
        """Phone calls, server answers: the call is up after it."""
        self.up(sip.INVITE)
        self.down(sip.OK)
        self.up(sip.ACK)

    def hang_up(self):
        """The phone ends the call."""
        self.up(sip.BYE)
        self.down(sip.BYE_OK)

    def hang_up_remote(self):
        """The outside ends the call."""
        self.down(sip.REMOTE_BYE)
        self.up(sip.REMOTE_BYE_OK)


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
    """Return the router's flows with the media host on those outside ports."""
    return [flow for flow in net.flows() if MEDIA in flow
            and any(f"port={port} " in flow for port in ports)]


def _name(text):
    """Return what to call a message: method or status."""
    first, second = text.lstrip("\n").split(maxsplit=2)[:2]
    return second if first == "SIP/2.0" else first


