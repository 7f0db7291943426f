#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Policy: scopes, modes, and the tool that sets them."""

import functools
import json

from lib import alg, ksft, sip
from lib.endpoint import wait_until
from lib.ladder import Line
from lib.tcp import Connection
from lib.topology import OUTSIDE

# Each phone's requests have a conntrack zone of their own, and replies the common zone,
# as on a router whose customers use overlapping addresses.
ZONE_RULE = """
table inet zones {
	chain prerouting {
		type filter hook prerouting priority raw;
		iifname "lan1" ct original zone set 7
	}
}
"""

# Each case begins with the default policy.
case = functools.partial(ksft.case, switched_on=False)
sipalg_case = functools.partial(case, only_sipalg=True)


def _acts(line):
    """Check that the ALG acts on the next message of a flow."""
    line.register()


def _is_watched(t, net):
    """Return whether each packet that the router forwards meets a hook of the module."""
    listed = net.router.run("nft", "list", "hooks", "ip", check=False).stdout
    if "nf_confirm" not in listed:
        t.skip("hooks cannot be listed here")
    return "sipalg_helper_watch" in listed


def _rests(line):
    """Check that the next message passes as it is."""
    line.dialog(mapped=False).up(sip.REGISTER)


@case("a firewall rule that assigns helper sip, as for the kernel's own module, makes the ALG act")
def by_rule(t, net):
    net.assign_helper()
    line = Line(t, net)
    _acts(line)
    call = line.dialog()
    call.call()
    call.audio().both_ways()


@sipalg_case("the initial state, default rule, does nothing without a firewall rule")
def initial(t, net):
    policies = t.alg.show(net, "policy", "show")
    t.equal(policies, [{"default": True, "mode": "rule"}], "policies")
    with t.counted(net, messages=0):
        _rests(Line(t, net))


@sipalg_case("on dev wan: acts with no firewall rule at all")
def on_device(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    line = Line(t, net)
    _acts(line)
    call = line.dialog()
    call.call()
    call.audio().both_ways()


@sipalg_case("on dev lan1: acts on what comes in there, and on nothing else")
def on_inside_device(t, net):
    t.alg.tool(net, "on", "dev", "lan1")
    line = Line(t, net)
    _acts(line)
    _rests(Line(t, net, phone=net.phone2, server=line.server))


@sipalg_case("on: acts from the next packet of a flow that exists already")
def on_existing_flow(t, net):
    line = Line(t, net)
    _rests(line)
    t.alg.tool(net, "on", "dev", "wan")
    _acts(line)


@sipalg_case("off: rests from the next packet on")
def off_next_packet(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    line = Line(t, net)
    _acts(line)
    t.alg.tool(net, "off", "dev", "wan")
    _rests(line)
    t.alg.tool(net, "on", "dev", "wan")
    _acts(line)
    t.alg.tool(net, "off")
    _rests(line)


@sipalg_case("policy del gives a flow back to the less specific scope")
def delete(t, net):
    t.alg.tool(net, "on", "default")
    t.alg.tool(net, "off", "dev", "wan")
    line = Line(t, net)
    _rests(line)
    t.alg.tool(net, "policy", "del", "dev", "wan")
    _acts(line)
    t.alg.tool(net, "policy", "flush")
    _rests(line)


@sipalg_case("on zone 7: acts in zone 7 alone")
def zone(t, net):
    net.router.run("nft", "-f", "-", stdin=ZONE_RULE)
    t.alg.tool(net, "on", "zone", "7")
    inside_zone = Line(t, net)
    outside_zone = Line(t, net, phone=net.phone2, server=inside_zone.server)
    _acts(inside_zone)
    _rests(outside_zone)
    call = inside_zone.dialog()
    call.call()
    call.audio().both_ways()
    t.alg.tool(net, "off")
    t.alg.tool(net, "on", "zone", "0")
    _rests(inside_zone)
    _acts(outside_zone)


@sipalg_case("observe: counts what it would change, and changes nothing")
def observe(t, net):
    t.alg.tool(net, "observe", "dev", "wan")
    line = Line(t, net)
    with t.counted(net, messages=1, observed=1, changed=0, bindings=0):
        _rests(line)
    with t.counted(net, observed=1, changed=0, bindings=0):
        line.dialog(mapped=False).up(sip.INVITE)


@sipalg_case("the most specific scope wins")
def most_specific(t, net):
    line = Line(t, net)
    other = Line(t, net, phone=net.phone2, server=line.server)
    net.router.run("nft", "-f", "-", stdin=ZONE_RULE)
    for steps in (
            [("on", "default"), _acts, ("off", "zone", "7"), _rests],
            [("on", "dev", "wan"), _acts, ("off", "zone", "7", "dev", "wan"), _rests],
            [("off", "dev", "wan"), _rests, ("on", "zone", "7", "dev", "wan"), _acts]):
        for step in steps:
            if callable(step):
                step(line)
            else:
                t.alg.tool(net, *step)
    _rests(other)


@sipalg_case("in and out device both have a scope: the more careful mode wins")
def more_careful(t, net):
    line = Line(t, net)
    for wan, lan, check in (("on", "off", _rests), ("off", "on", _rests),
                            ("on", "observe", _rests), ("on", "on", _acts)):
        t.alg.tool(net, wan, "dev", "wan")
        t.alg.tool(net, lan, "dev", "lan1")
        check(line)


@sipalg_case("one device has a scope for each of two names: the more careful mode wins")
def more_careful_name(t, net):
    net.router.run("ip", "link", "property", "add", "dev", "wan", "altname", "uplink")
    line = Line(t, net)
    for wan, uplink, check in (("on", "off", _rests), ("off", "on", _rests), ("on", "on", _acts),
                               ("observe", "on", _rests), ("on", "observe", _rests)):
        t.alg.tool(net, "policy", "flush")
        t.alg.tool(net, wan, "dev", "wan")
        t.alg.tool(net, uplink, "dev", "uplink")
        check(line)


@sipalg_case("off also covers flows with a helper from a firewall rule")
def off_beats_rule(t, net):
    net.assign_helper()
    line = Line(t, net)
    _acts(line)
    t.alg.tool(net, "off", "default")
    _rests(line)
    _rests(Line(t, net, phone=net.phone2, server=line.server))
    t.alg.tool(net, "policy", "set", "default", "rule")
    _acts(line)


#    | INVITE, 200, ACK, media            |
#    |              sipalg off            |
#    | BYE, 200: still translated         |
#    | INVITE: untouched                  |
@sipalg_case("off while a call is up: the call is finished properly")
def off_during_call(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    line = Line(t, net)
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    t.alg.tool(net, "off")
    line.dialog(mapped=False).up(sip.INVITE)
    audio.both_ways()
    call.hang_up()
    call.closed(audio)


@sipalg_case("off while a call is up: it is finished by a flow that begins after that, too")
def off_new_flow(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    t.alg.tool(net, "off")
    net.router.run("conntrack", "-F")
    t.true(not _is_watched(t, net), "no hook for each packet")
    call.hang_up()
    call.closed(audio)


@sipalg_case("off --now while a call is up: the call is no longer helped")
def off_now_during_call(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    line = Line(t, net)
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    t.alg.tool(net, "off", "--now")
    t.equal(t.alg.bindings(net), [], "bindings")
    call.cut_off(audio)
    call.mapped = False
    call.up(sip.BYE)


@sipalg_case("the kernel refuses mode rule for a zone and says why")
def refused(t, net):
    done = t.alg.tool(net, "policy", "set", "zone", "7", "rule", check=False)
    t.equal(done.returncode, 1, "exit status")
    t.equal(done.stdout, "", "output")
    t.true("rule" in done.stderr and "default" in done.stderr,
           f"it says why: {done.stderr!r}")
    t.equal(t.alg.show(net, "policy", "show"), [{"default": True, "mode": "rule"}],
            "policies afterwards")


@sipalg_case("exit status 2 for wrong usage, 1 for a refusal by the kernel")
def wrong_usage(t, net):
    for words in ((), ("on",), ("on", "dev"), ("on", "zone", "65536"), ("on", "zone", "x"),
                  ("on", "dev", "a-name-too-long-for-it"), ("on", "everywhere"),
                  ("policy", "set", "default", "loud"), ("policy", "paint"), ("-x",)):
        done = t.alg.tool(net, *words, check=False)
        t.equal(done.returncode, 2, f"exit status of {' '.join(words)!r}")
        t.true(done.stderr, f"a word about {' '.join(words)!r}")


@sipalg_case("setting a mode again and deleting an absent scope are no errors")
def idempotent(t, net):
    for words in (("on", "dev", "wan"), ("off",), ("policy", "del", "zone", "9"),
                  ("policy", "flush"), ("policy", "set", "default", "rule")):
        t.alg.tool(net, *words)
        before = t.alg.show(net, "policy", "show")
        t.alg.tool(net, *words)
        t.equal(t.alg.show(net, "policy", "show"), before, f"policies after {words}")


@sipalg_case("state is per namespace, and -n acts in another one")
def namespaces(t, net):
    t.alg.tool(net, "-n", net.server.namespace.name, "on", "dev", "eth0")
    t.equal(t.alg.show(net, "policy", "show"), [{"default": True, "mode": "rule"}],
            "policies of the router")
    line = Line(t, net)
    _rests(line)
    elsewhere = json.loads(net.phone1.run(
        alg.TOOL, "-j", "-n", net.server.namespace.name, "policy", "show").stdout)
    t.true(any(each.get("dev") == "eth0" and each["mode"] == "on" for each in elsewhere),
           "the server's policy is there")


@sipalg_case("policy save prints what policy restore takes")
def save_and_restore(t, net):
    for words in (("on", "dev", "wan"), ("off", "zone", "7"), ("observe", "default"),
                  ("on", "zone", "9", "dev", "lan1")):
        t.alg.tool(net, *words)
    saved = t.alg.tool(net, "policy", "save").stdout
    t.alg.tool(net, "off")
    net.router.run(alg.TOOL, "policy", "restore", "-f", "-", stdin=saved)
    again = t.alg.tool(net, "policy", "save").stdout
    t.equal(sorted(again.splitlines()), sorted(saved.splitlines()), "policies")
    _acts(Line(t, net))


@sipalg_case("all objects can be shown as JSON")
def is_json(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    line = Line(t, net)
    line.register()
    line.dialog().call()
    calls = t.alg.show(net, "call", "show")
    t.equal(sorted(each["kind"] for each in calls), ["dialog", "registration"], "calls")
    t.equal({each["inside"]["address"] for each in calls}, {"192.168.1.2"}, "inside")
    bindings = t.alg.show(net, "binding", "show")
    t.equal({each["outside"]["address"] for each in bindings}, {OUTSIDE}, "outside")
    counters = t.alg.show(net, "stats")
    t.equal(counters["calls_now"], len(calls), "calls now")
    t.equal(counters["bindings_now"], len(bindings), "bindings now")


@sipalg_case("packets meet a hook of the module only where a flow has been older than its mode")
def watched(t, net):
    t.alg.switch_on(net)
    t.true(not _is_watched(t, net), "no hook for each packet")
    line = Line(t, net)
    _acts(line)
    call = line.dialog()
    call.call()
    call.audio().both_ways()
    t.true(not _is_watched(t, net), "no hook during a call")
    call.hang_up()
    t.alg.tool(net, "off")
    connection = Connection(net)
    t.alg.switch_on(net)
    before = t.alg.counters(net)["no_helper"]
    connection.phone.send(b"\r\n\r\n")
    connection.server.receive(4)
    t.true(t.alg.counters(net)["no_helper"] > before, "packets of it are counted")
    t.true(_is_watched(t, net), "a hook while a connection is older than `on`")
    connection.close()
    t.alg.tool(net, "off")
    wait_until(lambda: not _is_watched(t, net), "no hook where nothing is on")


if __name__ == "__main__":
    ksft.main()
