#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Calls of programs with ICE and without: baresip as the phones, Kamailio as the registrar,
coturn as the STUN server."""

import re

from lib import ksft, phones
from lib.endpoint import wait_until
from lib.ksft import case
from lib.programs import PATIENCE, Programs
from lib.topology import MEDIA, OUTSIDE, SERVER

# Directions, as seen from inside.
OUT, IN = 0, 1

PLAIN = ""
ICE = ";medianat=ice"
STUN = f"{ICE};stunserver=stun:{SERVER}:{phones.STUN_PORT}"


def _nominated(phone):
    """Return where the phone sends since its checks are over, or None."""
    found = re.findall(r"mnat 'ice' connected: raddr (\S+) ", phone.output())
    return found[-1] if found else None


def _have_checked(*ends):
    return all(_nominated(phone) for phone in ends)


def _is_heard(t, net, ways):
    heard = phones.heard(t, net)
    return len(heard) == 1 and all(heard[0][way] >= phones.HEARD for way in ways)


def _call(t, net, inside, outside, called=False):
    """Have alice, inside, call bob or be called by him, and check who is heard.

    With ICE at both ends each has to reach the other by what the NAT shows, and is heard.
    baresip with ICE sends nothing to a far end without: then just the other one is heard,
    by the default address.
    """
    ways = [OUT] if inside == PLAIN else [IN] if outside == PLAIN else [OUT, IN]
    with Programs(t, "kamailio", "baresip", "turnserver") as programs:
        phones.registrar(programs, net)
        if STUN in (inside, outside):
            phones.stun_server(programs, net)
        if called:
            alice = phones.phone(programs, net.phone1, "alice", options=inside)
            wait_until(lambda: phones.registrations(t, net), "alice is registered", PATIENCE)
            bob = caller = phones.phone(programs, net.media, "bob", options=outside, dial="alice")
        else:
            bob = phones.phone(programs, net.media, "bob", options=outside)
            alice = caller = phones.phone(programs, net.phone1, "alice", options=inside,
                                          dial="bob")
        if PLAIN not in (inside, outside):
            wait_until(lambda: _have_checked(alice, bob), "both phones have made their checks",
                       PATIENCE)
            pair = _nominated(alice), _nominated(bob)
            print(f"# nominated: alice sends to {pair[0]}, bob to {pair[1]}", flush=True)
            t.equal([end.partition(":")[0] for end in pair], [MEDIA, OUTSIDE],
                    "addresses of the nominated pair")
        wait_until(lambda: _is_heard(t, net, ways), "who speaks is heard", PATIENCE)
        caller.end()
        phones.over(t, net)


#  phone1                router              Kamailio, coturn    media
#  baresip                                                       baresip
#    | STUN                |                     |                 |
#    |-------------------->|-------------------->|                 | with a STUN server
#    | INVITE with ICE     |                     |                 |
#    |-------------------->|-------------------->|---------------->|
#    |                                     200, with ICE or without|
#    |<--------------------|<--------------------|<----------------|
#    |<====== checks, and RTP by what they found =================>|
@case("ICE at both ends, no STUN server")
def both(t, net):
    _call(t, net, ICE, ICE)


@case("ICE at both ends, with a STUN server")
def both_stun(t, net):
    _call(t, net, STUN, STUN)


@case("the phone inside is called, and knows its address from STUN; the far end asks nobody")
def own_stun(t, net):
    _call(t, net, STUN, ICE, called=True)


@case("ICE inside calls a phone without")
def to_plain(t, net):
    _call(t, net, ICE, PLAIN)


@case("a phone without ICE calls one inside that has it, and a STUN server")
def from_plain(t, net):
    _call(t, net, STUN, PLAIN, called=True)


@case("a phone without ICE inside calls one outside that has it")
def plain_inside(t, net):
    _call(t, net, PLAIN, STUN)


if __name__ == "__main__":
    ksft.main()
