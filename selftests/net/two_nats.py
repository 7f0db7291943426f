#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Two routers with this module in a row: each translates what the other one did.

  phone1              router               server               media
  192.168.1.2 --- 203.0.113.99 (NAT) --- 198.51.100.1 (NAT) --- 198.51.100.20

What is the server elsewhere is the second router here. Signalling and media of the far
side are both at the media host.
"""

import functools

from lib import ksft, media, sip
from lib.alg import TOOL
from lib.ladder import Line
from lib.tcp import Connection, listen
from lib.topology import FIREWALL, SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)

# The phone's address beyond both.
BEYOND = "198.51.100.1"


def _second_router(net):
    rules = FIREWALL.replace('{ "lan1", "lan2" }', '"eth0"').replace('"wan"', '"eth1"')
    net.server.run("nft", "-f", "-", stdin=rules)
    net.server.run(TOOL, "on", "dev", "eth1")


def _audio(t, net, line):
    return media.Stream(t, net.phone1.udp(line.inside.rtp), net.media.udp(6000),
                        (BEYOND, line.outside.rtp))


@case("over UDP: registration, calls out and in, media and RTCP both ways")
def datagrams(t, net):
    _second_router(net)
    line = Line(t, net, server=net.media.udp(SIP_PORT), outside=BEYOND)
    line.register()
    call = line.dialog()
    call.call()
    call.audio().both_ways()
    call.rtcp().both_ways()
    call.hang_up()
    call = line.dialog(rtp=4100, far=6100)
    call.be_called()
    call.audio().both_ways()


@case("over TCP: messages whole, in pieces and back to back, and a call with media")
def stream(t, net):
    _second_router(net)
    line = Connection(net, listener=listen(net, net.media), outside=BEYOND)
    for end in (line.phone, line.server):
        end.nodelay()
    line.up(t, sip.REGISTER)
    line.down(t, sip.REGISTER_OK)
    sent, due = line.texts(sip.INVITE, sip.OFFER)
    for size in (1, 100, len(sent)):
        line.phone.send(*(sent[at:at + size] for at in range(0, len(sent), size)))
        t.same(line.server.receive(len(due)), due, f"INVITE in pieces of {size} bytes")
    due, sent = line.texts(sip.OK, sip.ANSWER)
    for size in (1, 100, 3 * len(sent)):
        data = 3 * sent
        line.server.send(*(data[at:at + size] for at in range(0, len(data), size)))
        t.same(line.phone.receive(3 * len(due)), 3 * due, f"three 200 in pieces of {size} bytes")
    line.up(t, sip.ACK)
    _audio(t, net, line).both_ways()
    for router in (net.router, net.server):
        words = router.run("conntrack", "-S").stdout.split()
        t.equal({word for word in words if word.startswith("invalid=")}, {"invalid=0"},
                f"packets that conntrack of {router.role} calls invalid")


if __name__ == "__main__":
    ksft.main()
