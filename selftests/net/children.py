#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Media flows are children of the signalling flow: RELATED, and shown by conntrack.

  phone1                  router                  server       media
    | INVITE, 200, ACK      |                       |            |
    |<--------------------->|<--------------------->|            |
    |                    RELATED                    |            |
    |<======================|<============ RTP ==================|
    |                   ESTABLISHED                 |            |
    |<===================== RTP ================================>|
    |                       |<--- anything else -----------------|
"""

import re

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line, media_flows
from lib.topology import MEDIA, OUTSIDE


def _tuples(flow):
    """Return both directions of a conntrack line: (src, dst, sport, dport)."""
    return [(src, dst, int(sport), int(dport)) for src, dst, sport, dport in re.findall(
        r"src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)", flow)]


@case("the first media packet from outside is RELATED for the firewall")
def related(t, net):
    call = Line(t, net).dialog()
    call.call()
    before = net.related()
    audio = call.audio()
    with t.counted(net, flows=1):
        audio.inward(3)
        t.equal(net.related() - before, 3, "packets of the RELATED rule")
        audio.outward()
        audio.inward()
    t.equal(net.related() - before, 3, "packets of the RELATED rule once answered")


@case("conntrack shows a media flow that the far end began")
def shown_from_outside(t, net):
    call = Line(t, net).dialog()
    call.call()
    call.audio().both_ways()
    flows = media_flows(net, [call.outside.rtp])
    t.equal([_tuples(flow) for flow in flows],
            [[(MEDIA, OUTSIDE, 6000, call.outside.rtp),
              ("192.168.1.2", MEDIA, 4000, 6000)]], "flows")


@case("conntrack shows a media flow that the phone began")
def shown_from_inside(t, net):
    call = Line(t, net).dialog()
    call.call()
    call.audio().outward()
    flows = media_flows(net, [call.outside.rtp])
    t.equal([_tuples(flow) for flow in flows],
            [[("192.168.1.2", MEDIA, 4000, 6000),
              (MEDIA, OUTSIDE, 6000, call.outside.rtp)]], "flows")


@case("several far ends exchange media with the phone in turn: all are heard")
def one_after_the_other(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    for number in range(7):
        audio.other(net.media.udp(6010 + 10 * number)).both_ways()


@case("a port that no message asked for is closed")
def nothing_else(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    neighbour = net.phone1.udp(4002)
    net.media.udp(0).send(b"anybody there?", (OUTSIDE, 4002))
    audio.inward()
    t.equal(neighbour.waiting(), [], "packets at the next port")


@case("an INVITE that is refused closes its ports")
def refused(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    audio = call.audio()
    audio.inward()
    call.down(sip.RINGING.replace("180 Ringing", "486 Busy Here"))
    call.up(sip.ACK)
    call.closed(audio)


@case("the firewall still drops packets that belong to no call")
def firewall(t, net):
    line = Line(t, net)
    line.register()
    phone = net.phone1.udp(7000)
    net.media.udp(0).send(b"anybody there?", (OUTSIDE, 7000))
    net.media.udp(0).send(b"anybody there?", (OUTSIDE, 5060))
    line.send_down(b"\r\n", "a keep-alive")
    t.equal(phone.waiting() + line.phone.waiting(), [], "packets at the phone")


if __name__ == "__main__":
    ksft.main()
