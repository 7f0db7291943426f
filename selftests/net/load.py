#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The module replaces the kernel's own, and can be unloaded at any time."""

import contextlib
import functools
import os
import re

from lib import alg, ksft, sip
from lib.ladder import Line
from lib.netns import run

case = functools.partial(ksft.case, switched_on=False, only_sipalg=True)

IPTABLES_RULES = """
*raw
-A PREROUTING -p udp --dport 5060 -j CT --helper sip
-A PREROUTING -p tcp --dport 5060 -j CT --helper sip
COMMIT
"""


@contextlib.contextmanager
def _kernel_log():
    """Collect the kernel's log lines of the `with` block."""
    lines = []
    log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    os.lseek(log, 0, os.SEEK_END)
    yield lines
    with contextlib.suppress(BlockingIOError):
        while True:
            record = os.read(log, 8192).decode()
            lines.append(record.partition(";")[2].splitlines()[0])
    os.close(log)


@case("nft knows the helper as sip, for udp and tcp")
def nft_helper(t, net):
    net.assign_helper()
    net.router.run("nft", "delete", "table", "inet", "helpers")


@case("iptables knows the helper as sip, for udp and tcp")
def iptables_helper(t, net):
    done = net.router.run("iptables-restore", stdin=IPTABLES_RULES, check=False)
    if "Extension CT" in done.stderr:
        t.skip("no CT target here")
    t.equal(done.returncode, 0, f"exit status ({done.stderr.strip()})")
    Line(t, net).register()
    net.router.run("iptables", "-t", "raw", "-F")


@case("loading fails with one clear log line while the kernel's own module is loaded")
def stock_is_there(t, net):
    stock = alg.Stock()
    t.alg.unload()
    stock.load()
    try:
        with _kernel_log() as lines:
            done = t.alg.try_load()
        t.true(done.returncode, "loading fails")
        t.true(not t.alg.is_loaded(), "the module is absent")
        t.equal(len(lines), 1, f"number of lines in the log ({lines})")
        t.true(any("nf_conntrack_sip" in line for line in lines), "the log line names the other module")
    finally:
        stock.unload()
        t.alg.load()
    t.alg.switch_on(net)
    Line(t, net).register()


@case("the module unloads while calls are up, and loads again")
def unload_with_calls(t, net):
    t.alg.switch_on(net)
    line = Line(t, net)
    line.register()
    calls = [line.dialog(rtp=rtp, far=rtp + 2000) for rtp in (4000, 4010, 4020)]
    streams = []
    for call in calls:
        call.call()
        streams.append(call.audio())
        streams[-1].both_ways()

    t.alg.unload()
    t.true(not t.alg.is_loaded(), "the module is gone")
    # From Linux 7.2 on a flow keeps what is left of its helper, which does nothing.
    if tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups())) < (7, 2):
        t.true(not any("helper=sip" in flow for flow in net.flows()), "no flow has a helper")
    for stream in streams:
        stream.far.send(b"anybody there?", stream.promised)
    line.dialog(mapped=False).up(sip.REGISTER)

    t.alg.load()
    t.equal(t.alg.bindings(net), [], "bindings after loading again")
    t.alg.switch_on(net)
    line.register()
    call = line.dialog(rtp=4030, far=6030)
    call.call()
    call.audio().both_ways()


@case("the module unloads while namespaces have policies; namespaces can go while it is loaded")
def namespaces(t, net):
    t.alg.switch_on(net)
    t.alg.tool(net, "on", "zone", "7", "dev", "lan1")
    t.alg.unload()
    t.alg.load()
    t.equal(t.alg.show(net, "policy", "show"), [{"default": True, "mode": "rule"}],
            "policies after loading again")
    name = f"{net.router.namespace.name}-gone"
    run("ip", "netns", "add", name)
    run(alg.TOOL, "-n", name, "on", "default")
    run("ip", "netns", "del", name)


if __name__ == "__main__":
    ksft.main()
