#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What can be set beside the policy: limits, ports, how strict to be, timeouts."""

import functools

from lib import alg, ksft, sip
from lib.endpoint import wait_until
from lib.ladder import FLOWS_END, Line
from lib.topology import OUTSIDE

case = functools.partial(ksft.case, only_sipalg=True)


def _set(t, net, name, value):
    t.alg.tool(net, "set", name, str(value))


def _works(line, **options):
    """Make a call that works."""
    call = line.dialog(**options)
    call.call()
    call.audio().both_ways()
    return call


def _passes(line, text=sip.INVITE):
    """Check that the first message of a dialog passes as it is."""
    line.dialog(mapped=False).up(text)


def _all_over(t, net):
    """Wait until no call is left."""
    wait_until(lambda: not t.alg.counters(net)["calls_now"], "the calls end")


@case("a value that makes no sense is refused in clear words, and nothing changes")
def refused(t, net):
    before = t.alg.show(net, "show", "settings")
    for name, value, words in (
            ("limit-calls", "4194305", "limit-calls goes from 0 to 4194304"),
            ("limit-call-bindings", "0", "limit-call-bindings goes from 1 to 16"),
            ("limit-call-bindings", "17", "limit-call-bindings goes from 1 to 16"),
            ("timeout-early", "0", "timeout-early goes from 1 to 86400"),
            ("sip-ports", "0", "0 cannot be one of the sip-ports"),
            ("sip-ports", "5060,5061,5060", "sip-ports has a port twice")):
        for option in ((), ("-j",)):
            done = t.alg.tool(net, *option, "set", name, value, check=False)
            t.equal(done.returncode, 1, f"exit status of {name} {value}")
            t.equal(done.stderr, f"sipalg: {words}\n", f"words about {name} {value}")
            t.equal(done.stdout, "", f"output about {name} {value}")
    t.equal(t.alg.show(net, "show", "settings"), before, "settings")


@case("policy save prints the settings that were changed, and restore takes them")
def save_and_restore(t, net):
    initial = t.alg.show(net, "show", "settings")
    for name, value in (("sip-ports", "5060,5080"), ("limit-bytes", "4294967295"),
                        ("media-source", "signalled"), ("registration-source", "any"),
                        ("timeout-call", "600"), ("timeout-early", "default")):
        _set(t, net, name, value)
    changed = t.alg.show(net, "show", "settings")
    saved = t.alg.tool(net, "policy", "save").stdout
    t.equal(saved.count("setting "), 5, "settings saved")
    net.router.run(alg.TOOL, "policy", "restore", "-f", "-", stdin="set dev wan on\n")
    t.equal(t.alg.show(net, "show", "settings"), initial, "settings that a file does not name")
    done = net.router.run(alg.TOOL, "policy", "restore", "-f", "-", check=False,
                          stdin="set zone 9 on\nsetting limit-calls 7\nsetting sip-ports 0\n")
    t.equal(done.returncode, 1, "exit status of a file with a wrong value")
    t.equal(t.alg.show(net, "show", "settings"), initial, "settings after that")
    t.true("zone" not in t.alg.tool(net, "policy", "save").stdout, "no policy of that file")
    net.router.run(alg.TOOL, "policy", "restore", "-f", "-", stdin=saved)
    t.equal(t.alg.show(net, "show", "settings"), changed, "settings restored")


@case("sip-ports: flows to these get the ALG, flows to others do not")
def sip_ports(t, net):
    line = Line(t, net, server=net.server.udp(5080))
    _passes(line, sip.REGISTER)
    _set(t, net, "sip-ports", "5070,5080")
    line.register()
    _passes(Line(t, net, phone=net.phone2), sip.REGISTER)
    _works(Line(t, net, phone=net.phone2, server=line.server, port=5064))


#    | INVITE, 200, ACK       |        limit-calls 1
#    | INVITE                 | as it is
#    | BYE, 200               |
#    | INVITE, 200, ACK       |
@case("limit-calls: a call beyond it passes as it is, and after the first one works")
def limit_calls(t, net):
    _set(t, net, "limit-calls", 1)
    line = Line(t, net)
    first = _works(line)
    with t.counted(net, passed_limit_calls=1, calls=0, bindings=0, changed=0):
        _passes(line)
    first.hang_up()
    _all_over(t, net)
    _works(line, rtp=4010, far=6010)


@case("limit-host-calls: one host's calls leave room for those of others")
def limit_host_calls(t, net):
    _set(t, net, "limit-host-calls", 1)
    line = Line(t, net)
    _works(line)
    with t.counted(net, passed_limit_host_calls=1, calls=0, bindings=0, changed=0):
        _passes(line)
    _works(Line(t, net, phone=net.phone2, server=line.server), rtp=4010, far=6010)


@case("limit-registrations: a request beyond it passes as it is, and so does its answer")
def limit_registrations(t, net):
    _set(t, net, "limit-registrations", 1)
    line = Line(t, net)
    line.register()
    second = Line(t, net, phone=net.phone2, server=line.server).dialog(mapped=False)
    with t.counted(net, passed_limit_registrations=1, registrations=0, changed=0):
        second.up(sip.REGISTER)
        second.down(sip.REGISTER_OK)
    _works(line)


@case("limit-host-registrations: one host's leave room for those of others")
def limit_host_registrations(t, net):
    _set(t, net, "limit-host-registrations", 1)
    line = Line(t, net)
    line.register()
    with t.counted(net, passed_limit_host_registrations=1, registrations=0, changed=0):
        _passes(line, sip.REGISTER)
    Line(t, net, phone=net.phone2, server=line.server).register()


def _limits_bindings(t, net, name, least):
    """Check a limit that a call's second media port reaches."""
    _set(t, net, name, least)
    line = Line(t, net)
    with t.counted(net, passed_refused=1, changed=0, **{name.replace("-", "_"): 1}):
        _passes(line)
    _all_over(t, net)
    t.equal(t.alg.bindings(net), [], "bindings")
    _set(t, net, name, "default")
    _works(line)


@case("limit-bindings: a call that needs more passes as it is")
def limit_bindings(t, net):
    _limits_bindings(t, net, "limit-bindings", 1)


@case("limit-host-bindings: a call that needs more passes as it is")
def limit_host_bindings(t, net):
    _limits_bindings(t, net, "limit-host-bindings", 1)


@case("limit-call-bindings: a call that needs more passes as it is")
def limit_call_bindings(t, net):
    _limits_bindings(t, net, "limit-call-bindings", 1)


@case("limit-bytes: what needs more memory passes as it is")
def limit_bytes(t, net):
    line = Line(t, net)
    call = _works(line)
    has = t.alg.counters(net)["bytes_now"]
    t.true(has > 0, "a call takes memory")
    _set(t, net, "limit-bytes", has)
    with t.counted(net, limit_bytes=1, calls=0, bindings=0, changed=0):
        _passes(line)
    call.hang_up()
    _all_over(t, net)
    t.equal(t.alg.counters(net)["bytes_now"], 0, "memory after the call")
    t.equal(t.alg.counters(net)["hosts_now"], 0, "hosts after the call")


# Six ports need more than the call has room for. Each thing that they take meets the limit
# at some step.
@case("limit-bytes: whatever needs too much is counted as this, until all has room")
def limit_bytes_by_steps(t, net):
    offer = sip.OFFER + "".join(f"m=video 5{n}00 RTP/AVP 31\n" for n in range(2))
    line = Line(t, net)
    _works(line)
    for more in range(0, 8192, 128):
        _set(t, net, "limit-bytes", t.alg.counters(net)["bytes_now"] + more)
        call = line.dialog(rtp=4010)
        with t.counted(net, passed_no_memory=0):
            got = line.send_up(call.text(sip.INVITE, call.inside, body=offer), "INVITE")
        if f"c=IN IP4 {net.phone1.address}".encode() not in got.data:
            break
    t.true(0 < more < 8192 - 128, f"the call needs some bytes ({more})")


#  phone1               router               media        stranger
#    | INVITE             |                    |            |
#    |<=== early media ===|====================|============|
#    |           200 c= media                  |            |
#    |<=== media =========|====================|            |
#    |                    |<========================= no ===|
@case("media-source signalled: after the answer, the media of those it names alone")
def media_source(t, net):
    _set(t, net, "media-source", "signalled")
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    audio = call.audio()
    stranger = net.server.udp(7000)
    stranger.send(b"early media", audio.promised)
    t.equal(audio.phone.receive("early media").data, b"early media", "before the answer")
    call.down(sip.OK)
    call.up(sip.ACK)
    audio.both_ways()
    call.rtcp().both_ways()
    with t.counted(net, flows_denied=1):
        stranger.send(b"late", audio.promised)
        audio.inward()
    t.equal(audio.phone.waiting(), [], "a stranger's media")
    _set(t, net, "media-source", "any")
    stranger.send(b"any", audio.promised)
    t.equal(audio.phone.receive("media").data, b"any", "with media-source any")


@case("media-source signalled: a phone that answers hears whom the offer named")
def media_source_answer(t, net):
    _set(t, net, "media-source", "signalled")
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.down(sip.INCOMING)
    call.up(sip.INCOMING_OK)
    audio = call.audio()
    stranger = net.server.udp(7000)
    with t.counted(net, flows_denied=1):
        stranger.send(b"early", audio.promised)
        audio.both_ways()


#  The phone sends from a high port and listens on 5060: its Contact has a binding.
@case("registration-source: the registrar's address alone, or anybody")
def registration_source(t, net):
    line = Line(t, net, source=40001)
    line.register()
    line.send_down(b"OPTIONS", "a datagram from the registrar")
    net.server.udp(5090).send(b"NOTIFY", (OUTSIDE, line.outside_port))
    t.equal(line.phone.receive("its other port").data, b"NOTIFY", "its other port")
    stranger = net.media.udp(5060)
    with t.counted(net, flows_denied=1):
        stranger.send(b"INVITE", (OUTSIDE, line.outside_port))
        line.send_down(b"OPTIONS", "a datagram from the registrar")
    t.equal(line.phone.waiting(), [], "a stranger's datagram")
    _set(t, net, "registration-source", "any")
    stranger.send(b"INVITE", (OUTSIDE, line.outside_port))
    t.equal(line.phone.receive("a stranger's datagram").data, b"INVITE", "with any")


@case("timeout-early: a call that nobody answers ends then")
def timeout_early(t, net):
    _set(t, net, "timeout-early", 1)
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(sip.RINGING)
    audio = call.audio()
    _all_over(t, net)
    call.closed(audio)


@case("timeout-call: a call without message and media ends then, one with media goes on")
def timeout_call(t, net):
    line = Line(t, net)
    silent = line.dialog(rtp=4010, far=6010)
    _set(t, net, "timeout-call", 1)
    silent.call()
    _all_over(t, net)
    _set(t, net, "timeout-call", 5)
    talking = line.dialog()
    talking.call()
    audio = talking.audio()
    audio.both_ways()
    # It is looked at then, and given as long again.
    wait_until(lambda: t.alg.show(net, "call", "show")[0]["expires"] > 5,
               "the call with media is given more time", FLOWS_END)
    audio.both_ways()


@case("timeout-ending and timeout-transaction: what is over is gone then")
def timeout_ending(t, net):
    _set(t, net, "timeout-ending", 0)
    _set(t, net, "timeout-transaction", 1)
    line = Line(t, net)
    _works(line).hang_up()
    _all_over(t, net)
    call = _works(line, rtp=4010, far=6010)
    call.up(sip.BYE)
    _all_over(t, net)


if __name__ == "__main__":
    ksft.main()
