#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The route to the far end changes to another uplink. Flows that the far end has begun follow it.

As with masquerading, some packets may get lost, or go with the old address, until then.
"""

import functools
import time

from lib import ksft, nat, sip
from lib.endpoint import wait_until
from lib.ladder import Line
from lib.topology import MEDIA, SERVER

case = functools.partial(ksft.case, only_sipalg=True)


def _line(t, net):
    nat.second_uplink(net)
    t.alg.tool(net, "on", "dev", "wan2")
    return Line(t, net)


def _follows(t, send, far):
    """Check that what the phone sends comes from the other uplink, and from then on no else."""
    def is_there():
        send()
        return nat.UPLINK in {got.source[0] for got in far.waiting()}

    wait_until(is_there, "a packet arrives from the other uplink's address")
    send()
    t.equal(far.receive("the next packet").source[0], nat.UPLINK, "its source")


def _entries(router):
    with router.namespace, open("/proc/sys/net/netfilter/nf_conntrack_count",
                                encoding="ascii") as file:
        return int(file.read())


def _call(line):
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    return audio


#  phone1                  router                  server      media
#    |<================ RTP, which the media host begins =======|
#                  wan fails: the route is by wan2
#    | RTP                   | wan2, with its address           |
#    |---------------------->|--------------------------------->|
@case("the route changes during a call: its media leaves with the other uplink's address")
def media(t, net):
    audio = _call(_line(t, net))
    nat.route(net, SERVER, MEDIA, via=nat.GATEWAY)
    _follows(t, lambda: audio.phone.send(b"anybody there?", audio.far.address), audio.far)


@case("also where the far end goes on sending to the old address, which still works")
def media_to_old_address(t, net):
    audio = _call(_line(t, net))
    nat.route(net, SERVER, MEDIA, via=nat.GATEWAY)

    def send():
        audio.phone.send(b"anybody there?", audio.far.address)
        audio.far.send(b"still there?", audio.promised)

    _follows(t, send, audio.far)


#    |<================ RTP, which the media host begins =======|
#                  wan fails: the route is by wan2
#    | RTP                   | wan2, with its address           |
#    |---------------------->|--------------------------------->|
#                  wan comes back, another call, wan fails, ...
@case("media follows a route at once: not only when flows are looked at, each 2 s")
def media_at_once(t, net):
    line = _line(t, net)
    calls, took = 6, 0
    for number in range(calls):
        call = line.dialog(rtp=4000 + 10 * number, far=6000 + 10 * number)
        call.call()
        audio = call.audio()
        audio.both_ways()
        nat.route(net, MEDIA, via=nat.GATEWAY)
        began = time.monotonic()
        _follows(t, lambda: audio.phone.send(b"anybody there?", audio.far.address), audio.far)
        took += time.monotonic() - began
        nat.route(net, MEDIA, via=SERVER)
    t.true(took < 0.8 * calls, f"it took {took:.1f} s in {calls} calls")


#  phone1                  router                  server
#    | REGISTER, 200         | wan                   |
#    |<--------------------->|<--------------------->|
#                    the flow is lost
#    |               INVITE  | wan                   |
#    |<----------------------|<----------------------|
#                  wan fails: the route is by wan2
#    | REGISTER              | wan2, with its address|
#    |---------------------->|---------------------->|
@case("the route changes after a call came in: REGISTER leaves with the other uplink's address")
def signalling(t, net):
    line = _line(t, net)
    registration = line.register()
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    line.dialog().down(sip.INCOMING)
    nat.route(net, SERVER, via=nat.GATEWAY)

    def send():
        registration.gaps["cseq"] += 1
        line.phone.send(registration.text(sip.REGISTER, registration.inside), line.server.address)

    _follows(t, send, line.server)


#    | REGISTER, 200         | wan                   |
#    |<--------------------->|<--------------------->|
#                    the flow is lost
#    |    INVITE, 200, ACK   | wan                   |
#    |<----------------------|<----------------------|
#    |<================ RTP, which the media host begins =======|
#                  wan fails: the route is by wan2
#    | RTP                   | wan2, with its address           |
#    |---------------------->|--------------------------------->|
@case("the route changes during a call that came in after the phone's own flow was lost")
def call_in(t, net):
    line = _line(t, net)
    line.register()
    net.router.run("conntrack", "-F")
    wait_until(lambda: _entries(net.router) == 0, "no binding holds the flow")
    call = line.dialog()
    call.be_called()
    audio = call.audio()
    audio.both_ways()
    nat.route(net, SERVER, MEDIA, via=nat.GATEWAY)
    _follows(t, lambda: audio.phone.send(b"anybody there?", audio.far.address), audio.far)


if __name__ == "__main__":
    ksft.main()
