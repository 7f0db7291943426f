#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Policies outlast what they are for: restored as one, by names that come and go."""

import functools

from lib import alg, ksft, sip
from lib.endpoint import wait_until
from lib.ladder import Line
from lib.topology import OUTSIDE, SERVER

INITIAL = [{"default": True, "mode": "rule"}]
# As kmod/state/policy.h has it.
SCOPES_MAX = 4096

# The router does by a device of another name all that it does by wan.
OTHER_NAME_RULES = """
add rule ip nat postrouting oifname "ppp0" masquerade
add rule inet firewall forward iifname "lan1" oifname "ppp0" accept
"""

case = functools.partial(ksft.case, switched_on=False, only_sipalg=True)


def _acts(line):
    line.register()


def _rests(line):
    line.dialog(mapped=False).up(sip.REGISTER)


def _restore(net, text, check=True):
    return net.router.run(alg.TOOL, "policy", "restore", "-f", "-", stdin=text, check=check)


def _flows_end(net):
    """Wait until the flows have ended that do not fit a device any more: no command does."""
    wait_until(lambda: not any("port=5060 " in flow for flow in net.flows()), "flows end")


def _rename(net, old, new):
    net.router.run("ip", "-batch", "-", stdin=f"""
        link set {old} down
        link set {old} name {new}
        link set {new} up
        route add default via {SERVER}
        """)
    _flows_end(net)


def _move(net, there, back_to=None, dev="wan"):
    """Move wan to another namespace, or back, where it has its address again."""
    owner = there if back_to else net.router
    target = back_to or there
    owner.run("ip", "link", "set", dev, "netns", target.namespace.name)
    if back_to:
        back_to.run("ip", "-batch", "-", stdin=f"""
            addr add {OUTSIDE}/24 dev wan
            link set wan up
            route add default via {SERVER}
            """)


def _ifindex(t, net, dev):
    """Return whether the policy of a device has one, and which."""
    return next(each.get("ifindex") for each in t.alg.show(net, "policy", "show")
                if each.get("dev") == dev)


@case("restore: the scopes are those of the file, and no others")
def restore(t, net):
    t.alg.tool(net, "off", "dev", "wan")
    t.alg.tool(net, "on", "zone", "5")
    t.alg.tool(net, "observe", "default")
    line = Line(t, net)
    _rests(line)
    _restore(net, "set dev wan on\nset zone 9 dev lan1 off\n")
    t.equal(t.alg.tool(net, "policy", "save").stdout,
            "set default rule\nset dev wan on\nset zone 9 dev lan1 off\n", "policies")
    _acts(line)
    _restore(net, "")
    t.equal(t.alg.show(net, "policy", "show"), INITIAL, "policies of an empty file")
    _rests(line)


@case("restore: as many scopes as there may be; one more, and none of them is set")
def restore_many(t, net):
    lines = [f"set zone {zone} off\n" for zone in range(SCOPES_MAX + 1)]
    _restore(net, "".join(lines[1:]))
    t.equal(len(t.alg.show(net, "policy", "show")), SCOPES_MAX + 1, "scopes, and the default")
    _restore(net, "set dev wan on\n")
    before = t.alg.show(net, "policy", "show")
    done = _restore(net, "".join(lines), check=False)
    t.equal(done.returncode, 1, "exit status")
    t.equal(done.stderr, "sipalg: -: too many scopes\n", "what it says")
    t.equal(t.alg.show(net, "policy", "show"), before, "policies afterwards")
    _acts(Line(t, net))


@case("restore while a call is up: off, and the call is finished properly")
def restore_during_call(t, net):
    _restore(net, "set dev wan on\n")
    line = Line(t, net)
    call = line.dialog()
    call.call()
    audio = call.audio()
    _restore(net, "set default off\n")
    line.dialog(mapped=False).up(sip.INVITE)
    audio.both_ways()
    call.hang_up()
    call.closed(audio)


@case("restore --now while a call is up: off, and nothing more is done for it")
def restore_now_during_call(t, net):
    _restore(net, "set dev wan on\n")
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    net.router.run(alg.TOOL, "policy", "restore", "-f", "-", "--now", stdin="set default off\n")
    t.equal(t.alg.bindings(net), [], "bindings")
    call.cut_off(audio)
    call.mapped = False
    call.up(sip.BYE)


@case("a device that is renamed takes the policy of its name")
def rename(t, net):
    net.router.run("nft", "-f", "-", stdin=OTHER_NAME_RULES)
    _restore(net, "set dev ppp0 on\n")
    t.equal(_ifindex(t, net, "ppp0"), None, "its index while there is none")
    line = Line(t, net)
    _rests(line)
    _rename(net, "wan", "ppp0")
    t.true(_ifindex(t, net, "ppp0"), "it has an index now")
    _acts(line)
    call = line.dialog()
    call.call()
    call.audio().both_ways()
    _rename(net, "ppp0", "wan")
    t.equal(_ifindex(t, net, "ppp0"), None, "its index after the name is gone")
    _rests(line)


@case("a policy for an altname stays with the device, however that is renamed")
def altname(t, net):
    net.router.run("nft", "-f", "-", stdin=OTHER_NAME_RULES)
    net.router.run("ip", "link", "property", "add", "dev", "wan", "altname", "uplink")
    t.alg.tool(net, "on", "dev", "uplink")
    line = Line(t, net)
    _acts(line)
    _rename(net, "wan", "ppp0")
    t.true(_ifindex(t, net, "uplink"), "it has an index still")
    _acts(line)
    _move(net, net.media, dev="ppp0")
    t.equal(_ifindex(t, net, "uplink"), None, "its index while it is away")


@case("a policy for an altname is in force for as long as there is one of that name")
def altname_later(t, net):
    def altname(verb):
        net.router.run("ip", "link", "property", verb, "dev", "wan", "altname", "uplink")

    net.router.run("nft", "-f", "-", stdin=OTHER_NAME_RULES)
    t.alg.tool(net, "on", "dev", "uplink")
    line = Line(t, net)
    _rests(line)
    altname("add")
    _flows_end(net)
    _acts(line)
    altname("del")
    t.equal(_ifindex(t, net, "uplink"), None, "its index without a device")
    _rests(line)
    net.router.run("ip", "link", "set", "wan", "down")
    altname("add")
    _rename(net, "wan", "ppp0")
    _acts(line)


@case("a device that leaves takes no policy with it, and has it when it is back")
def comes_and_goes(t, net):
    _restore(net, "set dev wan on\n")
    line = Line(t, net)
    _acts(line)
    _move(net, net.media)
    t.equal(_ifindex(t, net, "wan"), None, "its index while it is away")
    _move(net, net.media, back_to=net.router)
    t.true(_ifindex(t, net, "wan"), "it has an index again")
    _acts(line)
    call = line.dialog()
    call.call()
    call.audio().both_ways()


@case("a new device of a removed one's name is not mistaken for it")
def replaced(t, net):
    _restore(net, "set dev ppp0 on\n")
    indices = set()
    for _ in range(3):
        net.router.run("ip", "link", "add", "ppp0", "type", "veth", "peer", "name", "ppp1")
        indices.add(_ifindex(t, net, "ppp0"))
        net.router.run("ip", "link", "del", "ppp0")
        t.equal(_ifindex(t, net, "ppp0"), None, "its index when it is gone")
    t.equal(len(indices - {None}), 3, "indices of three devices")


if __name__ == "__main__":
    ksft.main()
