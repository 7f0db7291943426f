#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""First packets that a program in the firewall holds back for a while."""

import functools

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ladder import Line
from lib.queue import Queue
from lib.tcp import Connection
from lib.topology import MEDIA, SERVER, SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)

_RULES = """
table inet hold{number} {{
	chain hold {{
		type filter hook {place};
		{match} queue num {number}
	}}
}}
"""
_DROP = """
table inet drops {{
	chain drops {{
		type filter hook {place};
		ip saddr {address} drop
	}}
}}
"""
# After the NAT has been set up, and before conntrack confirms the flow.
_LATE = "postrouting priority srcnat + 10"


def _hold(net, place, match, number=7):
    net.router.run("nft", "-f", "-",
                   stdin=_RULES.format(place=place, match=match, number=number))
    return Queue(net.router, number)


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
    first.phone.send(registration.text(sip.REGISTER, registration.inside), first.server.address)
    packet = queue.held()
    second.register()
    queue.release(packet)
    registration.learn(first.server.receive("REGISTER"))
    t.true(first.outside_port != second.outside_port,
           f"two ports ({first.outside_port}, {second.outside_port})")
    queue.close()


#  phone1                        router                        server
#    | INVITE          | held behind all other rules |          |
#    |---------------->|-----------------------------|--------->|
@case("a program holds a call's first message as the last of all rules: it arrives changed")
def last_rule(t, net):
    queue = _hold(net, "postrouting priority 2147483646", "udp dport 5060")
    call = Line(t, net).dialog()
    call.line.phone.send(call.text(sip.INVITE, call.inside, body=sip.OFFER),
                         call.line.server.address)
    queue.release(queue.held())
    got = call.line.server.receive("INVITE")
    call.learn(got)
    t.same(got.data, call.text(sip.INVITE, call.outside, body=sip.OFFER), "INVITE")
    queue.close()


def _flows(net, port):
    """Return the flows from or to a port that conntrack has."""
    return [flow for flow in net.flows() if f"port={port} " in flow]


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
    net.router.run("nft", "delete", "table", "inet", "hold7")
    audio.both_ways()
    queue.close()


#  phone1                        router                        server
#    |                   held behind the source NAT |   RTP    |
#    |<-----------------------------|<----------------|----------|
#    |----------------------------->|---------------->|--------->|
def _behind_nat(t, net, choose):
    call, audio = _media(t, net)
    queue = _hold(net, _LATE, "udp dport { 4000, 6000 }")
    sender, receiver, target = choose(audio)
    with t.counted(net, flows=1, flows_denied=0, flows_dropped_in=0, flows_dropped_out=0):
        sender.send(b"held", target)
        queue.release(queue.held())
        t.equal(receiver.receive().data, b"held", "the receiver gets")
        net.router.run("nft", "delete", "table", "inet", "hold7")
        audio.both_ways()
    queue.close()
    call.hang_up()
    call.closed(audio)


@case("a program holds media behind the NAT: the phone's first packet arrives")
def phone_behind_nat(t, net):
    _behind_nat(t, net, lambda audio: (audio.phone, audio.far, audio.far.address))


@case("a program holds media behind the NAT: the far end's first packet arrives")
def far_end_behind_nat(t, net):
    _behind_nat(t, net, lambda audio: (audio.far, audio.phone, audio.promised))


@case("the call ends while a program holds its media behind the NAT: what goes on does not last")
def ended_behind_nat(t, net):
    t.alg.tool(net, "set", "timeout-ending", "0")
    call, audio = _media(t, net)
    queue = _hold(net, _LATE, "udp dport { 4000, 6000 }")
    audio.phone.send(b"held", audio.far.address)
    outbound = queue.held()
    call.hang_up()
    wait_until(lambda: not t.alg.bindings(net), "the binding goes")
    queue.release(outbound)
    t.equal(audio.far.receive().data, b"held", "the far end receives")
    wait_until(lambda: not _flows(net, 6000), "the flow ends")
    queue.close()


def _sends_all(t, net, senders, target):
    """The senders send a packet each, which makes a flow, and gets lost."""
    before = t.alg.counters(net)["flows"]
    for sender in senders:
        sender.send(b"lost", target)
    wait_until(lambda: t.alg.counters(net)["flows"] == before + len(senders), "all come")


@case("a program holds media behind the NAT for long: it counts as dropped, and comes all the same")
def long_behind_nat(t, net):
    call, audio = _media(t, net)
    queue = _hold(net, _LATE, "udp dport 4000")
    with t.counted(net, flows=1, flows_dropped_in=1):
        before = t.alg.counters(net)["flows_dropped_in"]
        audio.far.send(b"held", audio.promised)
        packet = queue.held()
        wait_until(lambda: t.alg.counters(net)["flows_dropped_in"] > before, "it is counted")
        queue.release(packet)
        t.equal(audio.phone.receive().data, b"held", "the phone receives")
        net.router.run("nft", "delete", "table", "inet", "hold7")
        audio.both_ways()
    queue.close()
    call.hang_up()
    call.closed(audio)


#  phone1                        router               stranger      media
#    |                              | dropped behind the NAT |        |
#    |                              X<-----------------------|        |
#    |<-----------------------------|<--------------------------------|
@case("a rule drops a stranger's packets behind the NAT: the far end's flow lasts")
def stranger_behind_nat(t, net):
    _, audio = _media(t, net)
    audio.both_ways()
    net.router.run("nft", "-f", "-", stdin=_DROP.format(place=_LATE, address=SERVER))
    with t.counted(net, flows=6):
        _sends_all(t, net, [net.server.udp(0) for _ in range(6)], audio.promised)
        audio.both_ways()


@case("a program holds media that loses its place: what goes on does not last")
def loses_place(t, net):
    call, audio = _media(t, net)
    audio.both_ways()
    net.router.run("nft", "-f", "-", stdin=_DROP.format(place=_LATE, address=MEDIA))
    queue = _hold(net, _LATE, "udp sport 7000")
    net.server.udp(7000).send(b"held", audio.promised)
    packet = queue.held()
    _sends_all(t, net, [net.media.udp(0) for _ in range(6)], audio.promised)
    queue.release(packet)
    t.equal(audio.phone.receive().data, b"held", "the phone receives")
    wait_until(lambda: not _flows(net, 7000), "the flow ends")
    audio.outward()
    queue.close()
    call.hang_up()


@case("the answer names the far end while a program holds a stranger's media: it does not last")
def stranger_before_answer(t, net):
    t.alg.tool(net, "set", "media-source", "signalled")
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    audio = call.audio()
    queue = _hold(net, _LATE, "udp sport 7000")
    net.server.udp(7000).send(b"held", audio.promised)
    packet = queue.held()
    call.down(sip.OK)
    call.up(sip.ACK)
    queue.release(packet)
    t.equal(audio.phone.receive().data, b"held", "the phone receives")
    wait_until(lambda: not _flows(net, 7000), "the flow ends")
    audio.both_ways()
    queue.close()


@case("the call ends while a program holds its media: the port stays closed")
def ended(t, net):
    t.alg.tool(net, "set", "timeout-ending", "1")
    queue = _hold(net, "forward priority filter - 1", 'iifname "wan" udp dport 4000')
    call, audio = _media(t, net)
    audio.far.send(b"held", audio.promised)
    packet = queue.held()
    call.hang_up()
    wait_until(lambda: not t.alg.bindings(net), "the binding goes")
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
    queue = _hold(net, "forward priority filter - 1", 'iifname "lan1" udp dport 6000-6999')
    call, audio = _media(t, net)
    with t.counted(net, flows_dropped_out=0):
        for number in range(2):
            audio.phone.send(b"held %d" % number, audio.far.address)
        for packet in [queue.held(), queue.held()]:
            queue.release(packet)
        t.equal([audio.far.receive("a packet").data for _ in range(2)], [b"held 0", b"held 1"],
                "the far end receives")
        call.hang_up()
        wait_until(lambda: not t.alg.bindings(net), "the binding goes")
    queue.close()


@case("a program holds two first packets of a phone's media: none counts as dropped")
def two_at_a_time(t, net):
    # The bindings end before anybody looks for flows that are over.
    _two_at_a_time(t, net, ending="0")


@case("the same where the flow that lost goes long before the other one")
def two_and_one_goes(t, net):
    _two_at_a_time(t, net, ending="3")


def _change(t, net, *words):
    """Change phone2's mode to on, and wait until the module has looked for older flows twice.

    The first look finds no flow of a packet that is held, the second one ends that flow.
    """
    line = Line(t, net, phone=net.phone2)
    queue = _hold(net, _LATE, 'iifname "lan2" udp dport 5060', number=8)
    registration = line.dialog()
    line.phone.send(registration.text(sip.REGISTER, registration.inside), line.server.address)
    packet = queue.held()
    t.alg.tool(net, *words)
    queue.release(packet)
    line.server.receive("REGISTER")
    wait_until(lambda: net.phone2.address not in
               net.router.run("conntrack", "-L", "-p", "udp").stdout, "the flow ends")


def _held_over(t, net, change):
    """A packet of phone1 that is held over a change arrives."""
    phone, far = net.phone1.udp(4000), net.media.udp(6000)
    queue = _hold(net, "forward priority filter - 1", 'iifname "lan1" udp dport 6000')
    phone.send(b"held", far.address)
    packet = queue.held()
    change()
    t.equal(queue.holds(), 1, "packets that are held")
    queue.release(packet)
    t.equal(far.receive().data, b"held", "the far end receives")
    queue.close()


# Where a hook is removed, the kernel drops what programs hold back.
@case("a packet that is held while a scope is switched on arrives", switched_on=False)
def over_on(t, net):
    _held_over(t, net, lambda: _change(t, net, "on", "dev", "wan"))


@case("a packet that is held while the last connection with SIP ends arrives")
def over_last_connection(t, net):
    t.alg.tool(net, "off", "dev", "lan2")
    connection = Connection(net)
    connection.up(t, sip.REGISTER)

    def end():
        connection.close()
        net.router.run("conntrack", "-D", "-p", "tcp", check=False)
        _change(t, net, "on", "dev", "lan2")
    _held_over(t, net, end)


if __name__ == "__main__":
    ksft.main()
