#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""First packets that a program in the firewall holds back for a while."""

import functools

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ladder import Line
from lib.queue import Queue
from lib.topology import SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)

_RULES = """
table inet hold {{
	chain hold {{
		type filter hook {place};
		{match} queue num 7
	}}
}}
"""
# After the NAT has been set up, and before conntrack confirms the flow.
_LATE = "postrouting priority srcnat + 10"


# The kernel drops what it holds in a namespace where some hook is removed. The module
# removes one 2 s after it was switched on.
def _hold(net, place, match):
    net.router.run("nft", "-f", "-", stdin=_RULES.format(place=place, match=match))
    return Queue(net.router, 7)


#  phone1     phone2             router               server      media
#    | REGISTER |                  |                    |           |
#    |---------------------------->| is held            |           |
#    |          | REGISTER         |                    |           |
#    |          |----------------->|------------------------------->|
@case("two phones begin at a time: each gets an outside port of its own")
def two_phones(t, net):
    queue = _hold(net, _LATE, 'iifname "lan1" udp dport 5060')
    first, second = Line(t, net), Line(t, net, phone=net.phone2, server=net.media.udp(SIP_PORT))
    registration = first.dialog()
    while True:
        first.phone.send(registration.text(sip.REGISTER, registration.inside),
                         first.server.address)
        packet = queue.held()
        if not second.outside_port:
            second.register()
        if queue.holds():
            break
    queue.release(packet)
    registration.learn(first.server.receive("REGISTER"))
    t.true(first.outside_port != second.outside_port,
           f"two ports ({first.outside_port}, {second.outside_port})")
    queue.close()


def _media(t, net):
    call = Line(t, net).dialog()
    call.call()
    return call, call.audio()


#  phone1                        router                        server
#    |                              | held in FORWARD | RTP      |
#    |<-----------------------------|<----------------|----------|
@case("an intrusion detection system looks at media: the first packet from outside arrives")
def inspected(t, net):
    _, audio = _media(t, net)
    queue = _hold(net, "forward priority filter - 1", 'iifname "wan" meta l4proto udp')
    with t.counted(net, flows=1, flows_dropped_in=0):
        audio.far.send(b"held", audio.promised)
        queue.release(queue.held())
        t.equal(audio.phone.receive().data, b"held", "the phone receives")
    net.router.run("nft", "delete", "table", "inet", "hold")
    audio.both_ways()
    queue.close()


@case("the call ends while a program holds its media: the port stays closed")
def ended(t, net):
    t.alg.tool(net, "set", "timeout-ending", "1")
    line = Line(t, net)
    queue = _hold(net, "forward priority filter - 1", 'iifname "wan" udp dport 4000-4999')
    for port in range(4000, 4500, 100):
        call = line.dialog(rtp=port, far=port + 2000)
        call.call()
        audio = call.audio()
        audio.far.send(b"held", audio.promised)
        packet = queue.held()
        call.hang_up()
        wait_until(lambda: not t.alg.bindings(net), "the binding goes")
        if queue.holds():
            break
    with t.counted(net, flows_denied=1):
        queue.release(packet)
        wait_until(lambda: t.alg.counters(net)["flows_denied"] >= 1, "it is refused")
    t.equal(audio.phone.waiting(), [], "the phone receives nothing")
    queue.close()


#  phone1                        router                        server
#    | RTP, RTP        | both held in FORWARD        |          |
#    |---------------->|-----------------------------|--------->|
def _two_at_a_time(t, net, ending):
    t.alg.tool(net, "set", "timeout-ending", ending)
    line = Line(t, net)
    queue = _hold(net, "forward priority filter - 1", 'iifname "lan1" udp dport 6000-6999')
    for port in range(4000, 4500, 100):
        call = line.dialog(rtp=port, far=port + 2000)
        call.call()
        audio = call.audio()
        before = t.alg.counters(net)
        for number in range(2):
            audio.phone.send(b"held %d" % number, audio.far.address)
        packets = [queue.held(), queue.held()]
        whole = queue.holds() == 2
        for packet in packets:
            queue.release(packet)
        if whole:
            got = [audio.far.receive("a packet").data for _ in packets]
        call.hang_up()
        wait_until(lambda: not t.alg.bindings(net), "the binding goes")
        if whole:
            break
    t.equal(got, [b"held 0", b"held 1"], "the far end receives")
    after = t.alg.counters(net)
    t.equal(after["flows_dropped_out"] - before["flows_dropped_out"], 0, "flows_dropped_out")
    queue.close()


@case("a program holds two first packets of a phone's media: none counts as dropped")
def two_at_a_time(t, net):
    # The bindings end before anybody looks for flows that are over.
    _two_at_a_time(t, net, ending="0")


@case("the same where the flow that lost goes long before the other one")
def two_and_one_goes(t, net):
    _two_at_a_time(t, net, ending="3")


if __name__ == "__main__":
    ksft.main()
