#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What conntrack and the NAT do with flows that are there already, and the promise.

An older flow to a far end that is named later, and entries that are to be given back.
"""

import functools

from lib import ksft, media, sip
from lib.endpoint import wait_until
from lib.ladder import Line
from lib.topology import MEDIA, OUTSIDE

case = functools.partial(ksft.case, only_sipalg=True)


# --- clashes of ports ------------------------------------------------------------------

#    the answer names the far end only after the phone's offer has promised a port
@case("the answer names the far end of an older flow: media has the port that the offer promised")
def older_flow_answer(t, net):
    taken, far = net.phone1.udp(4000), net.media.udp(6000)
    taken.send(b"not of a call", far.address)
    far.receive()
    here = net.phone2.udp(4000)
    here.send(b"not of a call", far.address)
    far.receive()
    taken.close()
    call = Line(t, net, phone=net.phone2).dialog()
    with t.counted(net, flows_denied=0):
        call.call()
        media.Stream(t, here, far, (OUTSIDE, call.outside.rtp)).both_ways()


# --- what is lost must be free ------------------------------------------------------------------

def _entries(net):
    with net.router.namespace, open("/proc/sys/net/netfilter/nf_conntrack_count",
                                    encoding="ascii") as file:
        return int(file.read())


@case("`conntrack -F` gives every entry back, and calls go on all the same")
def flushed(t, net):
    line = Line(t, net)
    line.register()
    calls = [line.dialog(rtp=4000 + 10 * number, far=6000 + 10 * number) for number in range(10)]
    for call in calls:
        call.call()
    audio = calls[0].audio()
    audio.both_ways()
    net.router.run("conntrack", "-F")
    wait_until(lambda: not _entries(net), "no entries are left")
    audio.both_ways()
    line.dialog(rtp=4500, far=6500).down(sip.INCOMING)
    calls[0].hang_up()
    calls[0].closed(audio)


@case("flows that conntrack drops one by one are freed while their calls are up")
def deleted(t, net):
    calls = []
    for number in range(20):
        line = Line(t, net, port=5070 + number, server=calls and calls[0].line.server)
        calls.append(line.dialog(rtp=4000 + 10 * number, far=6000 + 10 * number))
        calls[-1].call()
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    wait_until(lambda: not _entries(net), "no entries are left")


@case("what a binding remembers of flows that are over counts as memory of the tables")
def remembered(t, net):
    call = Line(t, net).dialog()
    call.call()
    call.audio().both_ways()
    # Who looks has the binding refer to its flows: until then, it has notes of them.
    t.alg.bindings(net)
    before = t.alg.counters(net)["bytes_now"]
    net.router.run("conntrack", "-F")
    wait_until(lambda: t.alg.counters(net)["bytes_now"] > before, "the memory is counted")
    t.alg.tool(net, "call", "kill", "all")
    t.equal(t.alg.counters(net)["bytes_now"], 0, "memory after the call")


@case("whom a binding lets send counts as memory of the tables")
def peers(t, net):
    t.alg.tool(net, "set", "media-source", "signalled")
    line = Line(t, net)
    call = line.dialog()
    call.call()
    one = t.alg.counters(net)["bytes_now"]
    for number in range(2, 10):
        call.exchange(number, answer=sip.ANSWER.replace(MEDIA, f"198.51.100.{20 + number}"))
    t.true(t.alg.counters(net)["bytes_now"] > one, "each far end counts")
    t.alg.tool(net, "call", "kill", "all")
    t.equal(t.alg.counters(net)["bytes_now"], 0, "memory after the call")


if __name__ == "__main__":
    ksft.main()
