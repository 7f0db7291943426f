#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Whatever the kernel refuses it refuses with a sentence, and nothing has changed then.

What the tool does not even send is sent here as it is.
"""

import functools
import socket
import struct

from lib import alg, ksft, sip
from lib.genl import (BINDING_ADDRESS, BINDING_GET, CALL_ADDRESS, CALL_DEL, CALL_GET, DEV, DUMP,
                      LIMIT_CALLS, MODE, MODES, NETWORKS, NOW, OUTSIDE_ADDRESS, OUTSIDE_PORTS,
                      POLICY_DEL, POLICY_FLUSH, POLICY_RESTORE, POLICY_SET, SCOPE, SETTING_SET,
                      SIP_PORTS, STATS_GET, TRUSTED, TRUSTED_FOR, ZONE, Family, Refused, attr)
from lib.ladder import Line

NESTED = 1 << 15
SCOPES_MAX = 4096
# Some fewer than netfilter takes at one place.
HOOKS = 1000

case = functools.partial(ksft.case, switched_on=False, only_sipalg=True)


def _mode(word):
    return attr(MODE, struct.pack("=I", MODES[word]))


def _zone(number):
    return attr(ZONE, struct.pack("=H", number))


def _dev(name):
    return attr(DEV, name + b"\0")


def _scope(*parts):
    return attr(SCOPE | NESTED, b"".join(parts))


def _ports(*numbers):
    return attr(SIP_PORTS, struct.pack(f"={len(numbers)}H", *numbers))


def _network(family, bits, *address):
    return attr(NETWORKS, bytes((*address, *bytes(16 - len(address)), family, bits)))


def _range(*numbers):
    return _mode("on") + attr(OUTSIDE_PORTS, struct.pack(f"={len(numbers)}H", *numbers))


def _address(*numbers):
    return _mode("on") + attr(OUTSIDE_ADDRESS, bytes(numbers))


NO_RANGE = "outside-ports: LOW-HIGH, from 1024 to 65535"
NO_HOST = "outside-address is no address of a host"


def _trust(hosts, named):
    """Return the option; each of the networks is its bits and an IPv4 address."""
    def networks(kind, several):
        return attr(kind, b"".join(bytes((*address, *bytes(12), socket.AF_INET, bits))
                                   for bits, *address in several))
    return _mode("on") + networks(TRUSTED, hosts) + networks(TRUSTED_FOR, named)


NO_TRUST = "trusted: HOSTS for NETWORKS"
NO_NETWORKS = "trusted: up to 4 networks of 1 to 32 or 128 bits"
PBX, PHONES = (32, 192, 168, 1, 10), (24, 192, 168, 1, 0)

REFUSALS = [
    (POLICY_SET, _zone(7), 0, "the mode is missing"),
    (POLICY_SET, _zone(7) + _mode("rule"), 0, "mode rule is for the default scope alone"),
    (POLICY_SET, _mode("on") + _dev(b"a/b"), 0, "not a valid device name"),
    (POLICY_SET, _mode("on") + _dev(b""), 0, "not a valid device name"),
    (POLICY_DEL, _zone(7) + _mode("on"), 0, "a scope is deleted whatever its mode"),
    (POLICY_DEL, _dev(b"a b"), 0, "not a valid device name"),
    (POLICY_FLUSH, _zone(7) + _mode("off"), 0, "flush is for all scopes"),
    (POLICY_FLUSH, _dev(b"wan") + _mode("off"), 0, "flush is for all scopes"),
    (POLICY_RESTORE, _scope(_zone(7)), 0, "the mode is missing"),
    (POLICY_RESTORE, _scope(_zone(7), _mode("on")) + _scope(_zone(7), _mode("off")), 0,
     "a scope is there twice"),
    (POLICY_RESTORE, _scope(_zone(7), _mode("rule")), 0,
     "mode rule is for the default scope alone"),
    (POLICY_RESTORE, _scope(_dev(b"a/b"), _mode("on")), 0, "not a valid device name"),
    (SETTING_SET, _ports(), 0, "sip-ports takes 1 to 8 ports"),
    (SETTING_SET, _ports(*range(1, 10)), 0, "sip-ports takes 1 to 8 ports"),
    (SETTING_SET, attr(SIP_PORTS, b"abc"), 0, "sip-ports takes 1 to 8 ports"),
    (SETTING_SET, _ports(5060, 0), 0, "0 cannot be one of the sip-ports"),
    (SETTING_SET, _ports(5060, 5060), 0, "sip-ports has a port twice"),
    (SETTING_SET, attr(LIMIT_CALLS, struct.pack("=I", 1 << 31)), 0, "limit-calls"),
    (CALL_DEL, attr(CALL_ADDRESS, b"abc"), 0, "an address has 4 or 16 bytes"),
    (CALL_GET, attr(CALL_ADDRESS, b"abcde"), DUMP, "an address has 4 or 16 bytes"),
    (BINDING_GET, attr(BINDING_ADDRESS, b"a"), DUMP, "an address has 4 or 16 bytes"),
    (POLICY_SET, _range(20255, 20000), 0, NO_RANGE),
    (POLICY_SET, _range(20000, 20000), 0, NO_RANGE),
    (POLICY_SET, _range(1023, 20000), 0, NO_RANGE),
    (POLICY_SET, _range(20000), 0, NO_RANGE),
    (POLICY_SET, _trust([PBX], []), 0, NO_TRUST),
    (POLICY_SET, _trust([], [PHONES]), 0, NO_TRUST),
    (POLICY_SET, _mode("on") + attr(TRUSTED, b""), 0, NO_TRUST),
    (POLICY_SET, _trust([(0, 192, 168, 1, 10)], [PHONES]), 0, NO_NETWORKS),
    (POLICY_SET, _trust([PBX], [(33, 192, 168, 1, 0)]), 0, NO_NETWORKS),
    (POLICY_SET, _mode("on") + attr(TRUSTED, bytes(17)) + attr(TRUSTED_FOR, bytes(18)), 0,
     NO_NETWORKS),
    (POLICY_SET, _trust([PBX] * 5, [PHONES]), 0, "Attribute failed policy validation"),
    (POLICY_SET, _address(0, 0, 0, 0), 0, NO_HOST),
    (POLICY_SET, _address(127, 0, 0, 1), 0, NO_HOST),
    (POLICY_SET, _address(224, 0, 0, 1), 0, NO_HOST),
    (POLICY_SET, _address(255, 255, 255, 255), 0, NO_HOST),
    (POLICY_SET, _address(192, 0, 2), 0, NO_HOST),
    (POLICY_SET, _address(*bytes(15), 1), 0, NO_HOST),
    (POLICY_SET, _address(0xfe, 0x80, *bytes(13), 1), 0, NO_HOST),
    (POLICY_RESTORE, _scope(_zone(7), _range(20255, 20000)), 0, NO_RANGE),
    (SETTING_SET, _network(2, 33, 192, 0, 2), 0, "a network has 1 to 32 or 128 bits"),
    (SETTING_SET, _network(2, 0, 192, 0, 2), 0, "a network has 1 to 32 or 128 bits"),
    (SETTING_SET, _network(10, 129, 32), 0, "a network has 1 to 32 or 128 bits"),
    (SETTING_SET, _network(7, 8, 32), 0, "a network has 1 to 32 or 128 bits"),
    (SETTING_SET, attr(NETWORKS, bytes(17)), 0, "registration-source takes up to 16 networks"),
    (SETTING_SET, attr(NETWORKS, bytes(17 * 18)), 0,
     "registration-source takes up to 16 networks"),
    # Netlink itself refuses attributes that the policies do not allow.
    (POLICY_SET, attr(MODE, struct.pack("=I", 4)), 0, "integer out of range"),
    (POLICY_RESTORE, _scope(attr(MODE, struct.pack("=I", 4))), 0, "integer out of range"),
    (POLICY_SET, attr(99, b""), 0, "Unknown attribute type"),
    (STATS_GET, attr(99, b""), 0, "Unknown attribute type"),
    (POLICY_RESTORE, attr(NOW, b"x"), 0, "Attribute failed policy validation"),
]


def _refused(family, command, attrs, flags):
    """Return what the kernel says to a command; nothing if it is done."""
    try:
        family.do(command, attrs, flags)
    except Refused as error:
        return error.number, error.words
    return 0, ""


@case("each mistake has its sentence")
def sentences(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    before = t.alg.tool(net, "policy", "save").stdout, t.alg.show(net, "show", "settings")
    family = Family(net.router.namespace)
    for command, attrs, flags, due in REFUSALS:
        number, words = _refused(family, command, attrs, flags)
        # 6.1 carries no words of a dump that is refused before it begins.
        wordless = flags == DUMP and not words
        t.true(number and (wordless or due in words), f"command {command}, {attrs!r}: {due!r}, not {words!r}")
    family.close()
    after = t.alg.tool(net, "policy", "save").stdout, t.alg.show(net, "show", "settings")
    t.equal(after, before, "policies and settings")


@case("too many scopes, one by one or at once")
def too_many(t, net):
    scopes = "".join(f"set zone {zone} on\n" for zone in range(SCOPES_MAX))
    t.alg.tool(net, "policy", "flush")
    net.router.run(alg.TOOL, "policy", "restore", "-f", "-", stdin=scopes)
    done = t.alg.tool(net, "on", "dev", "wan", check=False)
    t.equal((done.returncode, "too many scopes" in done.stderr), (1, True), "one more")
    done = net.router.run(alg.TOOL, "policy", "restore", "-f", "-",
                          stdin=scopes + "set dev wan on\n", check=False)
    t.equal((done.returncode, "too many scopes" in done.stderr), (1, True),
            f"all at once ({done.stderr.strip()})")
    t.equal(len(t.alg.tool(net, "policy", "save").stdout.splitlines()), SCOPES_MAX + 1, "scopes")


def _fill_hooks(net):
    """Leave no room for a hook where IPv6 packets leave."""
    def chain(number):
        return f"add chain ip6 full c{number} {{ type filter hook postrouting priority 0; }}\n"

    net.router.run("nft", "-f", "-",
                   stdin="add table ip6 full\n" + "".join(map(chain, range(HOOKS))))
    number = HOOKS
    while not net.router.run("nft", chain(number), check=False).returncode:
        number += 1


@case("where there is no room for its hooks it is not switched on, and later it can be")
def no_hooks(t, net):
    before = t.alg.tool(net, "policy", "save").stdout
    _fill_hooks(net)
    for words in (("on", "dev", "wan"), ("observe", "default"), ("on", "zone", "0", "--now")):
        done = t.alg.tool(net, *words, check=False)
        t.equal((done.returncode, done.stdout, done.stderr),
                (1, "", "sipalg: the netfilter hooks cannot be registered\n"), f"{words}")
    done = net.router.run(alg.TOOL, "policy", "restore", "-f", "-", check=False,
                          stdin="set zone 7 off\nset dev wan on\nsetting limit-calls 7\n")
    t.equal((done.returncode, done.stderr),
            (1, "sipalg: -: the netfilter hooks cannot be registered\n"), "restore")
    t.equal(t.alg.tool(net, "policy", "save").stdout, before, "policies and settings")
    line = Line(t, net)
    line.dialog(mapped=False).up(sip.REGISTER)
    net.router.run("nft", "delete", "table", "ip6", "full")
    t.alg.tool(net, "on", "dev", "wan")
    line.register()


@case("who may not rule the namespace is told so")
def unprivileged(t, net):
    for words in (("on", "dev", "wan"), ("policy", "show"), ("policy", "del", "zone", "1"),
                  ("off",), ("stats",), ("call", "show"), ("call", "kill", "all"),
                  ("binding", "show"), ("show", "settings"), ("set", "limit-calls", "1"),
                  ("monitor",)):
        done = net.router.run("setpriv", "--reuid", "65534", "--clear-groups", alg.TOOL,
                              *words, check=False)
        t.equal((done.returncode, "ermitted" in done.stderr), (1, True),
                f"{' '.join(words)}: {done.stderr.strip()!r}")


if __name__ == "__main__":
    ksft.main()
