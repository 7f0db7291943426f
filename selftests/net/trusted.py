#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A trusted PBX asks for media of the phones beside it; nobody else does, and for nobody else.

phone1 is the PBX, phone2 the phone that its session descriptions name.

  phone1 (PBX)              router                  server      media
    | INVITE c= phone2        | c= router             |            |
    |------------------------>|---------------------->|            |
  phone2 <================ media, both ways =======================>
"""

from lib import alg, ksft, media, sip
from lib.attack import calls, invite, nothing_left, reaching
from lib.ksft import case
from lib.ladder import Line
from lib.topology import MEDIA, OUTSIDE, SIP_PORT

PBX, PHONE = "192.168.1.2", "192.168.2.234"
NAMES_PHONE = sip.OFFER.replace("c=IN IP4 {host}", f"c=IN IP4 {PHONE}")


def _trust(t, net, hosts=PBX, named="192.168.2.0/24"):
    t.set(net, "on", "dev", "wan", "trusted", hosts, "for", named)


def _pbx_calls(call):
    """Have the PBX call with the phone's address in its SDP; return the phone's stream."""
    got = call.line.send_up(call.text(sip.INVITE, call.inside, body=NAMES_PHONE), "INVITE")
    call.learn(got)
    call.t.same(got.data, call.text(sip.INVITE, call.outside, body=sip.OFFER),
                "INVITE at the server")
    call.down(sip.OK)
    call.up(sip.ACK)
    net = call.line.net
    return media.Stream(call.t, net.phone2.udp(call.inside.rtp), net.media.udp(call.far),
                        (OUTSIDE, call.outside.rtp))


def _media_bindings(t, net):
    return sorted((each["inside"]["address"], each["inside"]["port"])
                  for each in t.alg.bindings(net) if each["kind"] != "signalling")


def _stays(t, net, line, phone, number, named, port=4400):
    """Check that the SDP of a phone which names another host arrives as it was."""
    sent = invite(phone, SIP_PORT, port, number, sip.OFFER.replace("{host}", named))
    got = line.send_up(sent, "INVITE").data
    t.same(got.partition(b"\r\n\r\n")[2], sent.partition(b"\r\n\r\n")[2], f"SDP that names {named}")
    t.equal(_media_bindings(t, net), [], f"media bindings for {named}")


@case("the PBX's SDP names a phone: media reaches that, and is heard from it", only_sipalg=True)
def media_of_phone(t, net):
    _trust(t, net)
    call = Line(t, net).dialog()
    audio = _pbx_calls(call)
    audio.both_ways()
    t.equal(_media_bindings(t, net), [(PHONE, 4000), (PHONE, 4001)], "bindings")
    call.hang_up()
    call.over(audio)


@case("the phone speaks first", only_sipalg=True)
def phone_first(t, net):
    _trust(t, net)
    audio = _pbx_calls(Line(t, net).dialog())
    audio.outward()
    audio.inward()


@case("the ports are counted among those of the PBX, not of the phone", only_sipalg=True)
def counted(t, net):
    _trust(t, net)
    t.set(net, "set", "limit-host-bindings", "3")
    line = Line(t, net)
    _pbx_calls(line.dialog()).both_ways()
    with t.counted(net, "the PBX's second call", limit_host_bindings=1, changed=0):
        sent = invite(net.phone1, SIP_PORT, 4400, 1, NAMES_PHONE)
        t.same(line.send_up(sent, "INVITE").data, sent, "INVITE beyond the limit")
    own = Line(t, net, phone=net.phone2, server=line.server).dialog(rtp=4600, far=6600)
    own.call()
    own.audio().both_ways()


@case("another host may name nobody, the PBX no host of other networks", only_sipalg=True)
def not_trusted(t, net):
    line = Line(t, net)
    _stays(t, net, line, net.phone1, 1, PHONE)
    _trust(t, net, named="192.168.2.0/25")
    _stays(t, net, line, net.phone1, 2, PHONE)
    _trust(t, net, hosts="192.168.1.3")
    _stays(t, net, line, net.phone1, 3, PHONE)
    _trust(t, net, named="192.168.0.0/16")
    other = Line(t, net, phone=net.phone2, server=line.server)
    _stays(t, net, other, net.phone2, 4, PBX)
    t.set(net, "on", "dev", "wan", "trusted", "default")
    _stays(t, net, line, net.phone1, 5, PHONE)
    t.equal(reaching(net, net.phone2, 4400), [], "packets at the phone")
    calls(t, net, net.phone2, line.server)
    nothing_left(t, net)


@case("a wide network stands neither for the router nor for hosts outside", only_sipalg=True)
def wide_network(t, net):
    _trust(t, net, named="0.0.0.0/1,128.0.0.0/1")
    line = Line(t, net)
    for number, named in enumerate((OUTSIDE, "192.168.1.1", "192.168.2.1", MEDIA, "127.0.0.1",
                                    "192.168.2.255", "255.255.255.255", "224.2.0.1", "0.0.0.0")):
        _stays(t, net, line, net.phone1, number, named)
    with t.counted(net, "a port of a service", low_port=1, changed=0):
        sent = invite(net.phone1, SIP_PORT, 22, 99, NAMES_PHONE)
        t.same(line.send_up(sent, "INVITE").data, sent, "INVITE that offers port 22")
    t.equal(_media_bindings(t, net), [], "media bindings")
    _pbx_calls(line.dialog()).both_ways()


@case("the option is saved and restored, and other options leave it alone", switched_on=False,
      only_sipalg=True)
def saved(t, net):
    line = f"set dev wan on trusted {PBX}/32,2001:db8::2/128 for 192.168.2.0/24"
    t.set(net, "policy", *line.split())
    t.set(net, "on", "dev", "wan", "outside-ports", "20000-20255")
    text = t.alg.tool(net, "policy", "save").stdout
    want = line.replace(" trusted", " outside-ports 20000-20255 trusted")
    t.true(want in text.splitlines(), f"it is saved ({text!r})")
    t.alg.tool(net, "policy", "flush")
    net.router.run(alg.TOOL, "policy", "restore", "-f", "-", stdin=text)
    t.equal(t.alg.tool(net, "policy", "save").stdout, text, "what was restored")


if __name__ == "__main__":
    ksft.main()
