#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP: a connection that the router's conntrack forgets is silent for hours, and goes on.

Text has grown in it, so that its two ends count differently. Not a byte may be missing. This
wants a machine that skips idle time: scripts/net-tests -i.
"""

import os
import time

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.script import Script, exchange
from lib.tcp import over_tcp
from lib.topology import OUTSIDE

PORT = 40001
GAPS = {"call_id": "silent", "branch": "x", "tag": "alice", "cseq": 1}
IN, OUT = (sip.fill(over_tcp(sip.MESSAGE), sip.View(address, PORT, 4000, 4001), "hello", **GAPS)
           for address in ("192.168.1.2", OUTSIDE))
N, M = len(IN), len(OUT)
HOUR = 3600
# What a NAT has to keep at least (RFC 5382, REQ-5), and how often those are looked for that are
# older than that.
LEAST, PERIOD = 7440, 60


def _begin(t, net, timeout=None):
    """Return a connection in which one message has changed."""
    if "SIPALG_IDLE" not in os.environ:
        t.skip("this machine's clock does not skip idle time")
    if timeout:
        net.router.namespace.sysctl("net.netfilter.nf_conntrack_tcp_timeout_established", timeout)
    c = Script(net)
    _message(t, c, 0)
    return c


def _message(t, c, number):
    """The phone sends a message, the server acknowledges it."""
    exchange(t, c, "MESSAGE", IN, OUT, (number * N, number * M))


def _forget(net):
    net.router.run("conntrack", "-F")


@case("forgotten, then silent for two hours, as a phone that registers so often: it goes on")
def two_hours(t, net):
    c = _begin(t, net)
    _forget(net)
    time.sleep(2 * HOUR)
    _message(t, c, 1)


@case("conntrack's own time for the silent is ten minutes: a connection outlives it")
def runs_out(t, net):
    c = _begin(t, net, 600)
    time.sleep(2 * HOUR)
    t.equal(net.router.run("conntrack", "-L", "-p", "tcp").stdout, "", "what conntrack knows")
    _message(t, c, 1)


@case("forgotten, then silent for just as long as conntrack would have kept it: it goes on")
def as_long(t, net):
    c = _begin(t, net, 3 * HOUR)
    _forget(net)
    time.sleep(3 * HOUR - 60)
    _message(t, c, 1)


@case("what has been silent for longer than that is given up", only_sipalg=True)
def given_up(t, net):
    _begin(t, net, 600)
    before = t.alg.counters(net)["bytes_now"]
    _forget(net)
    time.sleep(LEAST - PERIOD)
    t.equal(t.alg.counters(net)["bytes_now"], before, "memory until then")
    time.sleep(2 * PERIOD)
    wait_until(lambda: not t.alg.counters(net)["bytes_now"], "the memory is given back")


if __name__ == "__main__":
    ksft.main()
