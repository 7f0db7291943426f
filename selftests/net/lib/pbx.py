# SPDX-License-Identifier: GPL-2.0-only
"""A PBX that is trusted to ask for media of the phones beside it."""

from . import media, sip
from .attack import invite
from .topology import OUTSIDE, SIP_PORT

PBX, PHONE = "192.168.1.2", "192.168.2.234"


def names(host):
    """Return an offer whose media is at another host."""
    return sip.OFFER.replace("c=IN IP4 {host}", f"c=IN IP4 {host}")


def trust(t, net, hosts=PBX, named="192.168.2.0/24", scope=("dev", "wan")):
    """Switch a scope on with the option."""
    t.set(net, "on", *scope, "trusted", hosts, "for", named)


def calls(call, phone, named):
    """Have the PBX call with a phone's address in its SDP; return the phone's stream."""
    got = call.line.send_up(call.text(sip.INVITE, call.inside, body=names(named)), "INVITE")
    call.learn(got)
    call.t.same(got.data, call.text(sip.INVITE, call.outside, body=sip.OFFER),
                "INVITE at the server")
    call.down(sip.OK)
    call.up(sip.ACK)
    return media.Stream(call.t, phone.udp(call.inside.rtp), call.line.net.media.udp(call.far),
                        (OUTSIDE, call.outside.rtp))


def media_bindings(t, net):
    """Return the inside addresses and ports that have one."""
    return sorted((each["inside"]["address"], each["inside"]["port"])
                  for each in t.alg.bindings(net) if each["kind"] != "signalling")


def stays(t, net, line, phone, number, named, port=4400):
    """Check that the SDP of a phone which names another host arrives as it was."""
    sent = invite(phone, SIP_PORT, port, number, sip.OFFER.replace("{host}", named))
    got = line.send_up(sent, "INVITE").data
    t.same(got.partition(b"\r\n\r\n")[2], sent.partition(b"\r\n\r\n")[2], f"SDP that names {named}")
    t.equal(media_bindings(t, net), [], f"media bindings for {named}")
