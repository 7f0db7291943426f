#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""sipalg exercise and sipalg check tell the truth about the network they are in."""

import functools
import json
import subprocess

from lib import alg, ksft
from lib.endpoint import DEADLINE, wait_until
from lib.ladder import Line
from lib.netns import PROGRAM_LIMIT
from lib.topology import SERVER

WAIT = str(int(1000 * min(DEADLINE, 5)))
# "INVI", as the first bytes of a datagram to port 5060.
NO_INVITE = """
add rule inet firewall forward meta iifname "lan1" udp dport 5060 @th,64,32 0x494e5649 counter drop
"""
# Without it the rules drop whatever is related.
NO_RELATED = """
flush chain inet firewall forward
add rule inet firewall forward ct state established accept
add rule inet firewall forward iifname "lan1" oifname "wan" accept
"""

case = functools.partial(ksft.case, switched_on=False, only_sipalg=True)


@case("in the lab: nothing works with the ALG off, and with it on all by UDP does")
def lab(t, net):
    done = t.alg.tool(net, "-j", "exercise", "--wait", WAIT, check=False)
    results = {(each["alg"], each["trial"]): each for each in json.loads(done.stdout)}
    for (column, trial), each in results.items():
        t.equal(each["passed"], "why" not in each, f"{column}: {trial}: a reason")
        if "TCP" not in trial:
            t.equal((each["passed"], each.get("why")),
                    (True, None) if column == "on" else (False, each.get("why")),
                    f"{column}: {trial}")
    t.equal({column for column, _ in results}, {"off", "on"}, "columns")
    works = all(each["passed"] for (column, _), each in results.items() if column == "on")
    t.equal(done.returncode, 0 if works else 1, f"exit status ({done.stderr.strip()})")
    text = t.alg.tool(net, "exercise", "--wait", WAIT, check=False).stdout.splitlines()
    t.equal(text[0].split(), ["off", "on"], "head of the table")
    t.equal(text[1].split(), ["register", "no", "works"], "first line of the table")


def _through(t, net):
    """Look for an ALG between phone1 and the server; return findings, verdict and status."""
    with net.server.namespace:
        answering = subprocess.Popen([alg.TOOL, "exercise", "--answer"], text=True,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: ":5060 " in net.server.run("ss", "-lun").stdout, "it listens")
        done = net.phone1.run(alg.TOOL, "-j", "exercise", "--through", "eth0", "--peer", SERVER,
                              "--wait", WAIT, check=False)
    finally:
        answering.terminate()
        answering.communicate(timeout=PROGRAM_LIMIT)
    *findings, verdict = map(json.loads, done.stdout.splitlines())
    return {each["message"]: each for each in findings}, verdict, done.returncode


@case("--through a router without ALG: NAT, and nothing changed")
def through_nothing(t, net):
    findings, verdict, status = _through(t, net)
    t.equal({each["result"] for each in findings.values()}, {"unchanged"}, "results")
    t.equal((verdict, status), ({"nat": True, "alg": False, "broken": 0}, 0), "verdict")


@case("--through this ALG: the right lines change, audio comes back, no harm")
def through_sipalg(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    findings, verdict, status = _through(t, net)
    t.equal((verdict, status), ({"nat": True, "alg": True, "broken": 0}, 0), "verdict")
    t.true(findings["invite"]["audio"], "audio comes back")
    changed = [each["sent"].partition(" ")[0] for each in findings["invite"]["lines"]]
    t.equal(changed, ["Via:", "Contact:", "Content-Length:", "o=-", "c=IN"], "lines of INVITE")
    t.equal([each["sent"].partition(" ")[0]
             for each in findings["text that names the address"]["lines"]], ["Via:"],
            "lines of a text")


@case("--through a router that drops INVITE: that is found")
def through_dropping(t, net):
    net.router.run("nft", "-f", "-", stdin=NO_INVITE.replace("add rule", "insert rule"))
    findings, verdict, status = _through(t, net)
    t.equal(findings["invite"]["result"], "lost", "INVITE")
    t.equal(findings["options"]["result"], "unchanged", "OPTIONS")
    t.equal((verdict["broken"], status), (2, 1), "verdict")


def _findings(t, net):
    done = t.alg.tool(net, "-j", "check", check=False)
    return {each["name"]: each for each in json.loads(done.stdout)}, done.returncode


@case("check: a good router is good")
def check(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    Line(t, net).register()
    findings, status = _findings(t, net)
    t.equal({name: each["level"] for name, each in findings.items()},
            dict.fromkeys(("module", "policy", "calls", "bindings", "memory", "conntrack", "flows",
                           "nat", "related", "outside"), "good"), "findings")
    t.true("1 of them with helper sip" in findings["flows"]["text"], "flows")
    t.equal(status, 0, "exit status")


@case("check: a firewall that drops media is a problem")
def check_firewall(t, net):
    net.router.run("nft", "-f", "-", stdin=NO_RELATED)
    findings, status = _findings(t, net)
    t.equal((findings["related"]["level"], findings["policy"]["level"], status),
            ("problem", "note", 1), "findings")


@case("check: behind another NAT, and with a device that is not there")
def check_notes(t, net):
    t.alg.tool(net, "on", "dev", "ppp0")
    net.router.run("ip", "-batch", "-", stdin="""
        addr flush dev wan
        addr add 100.64.0.2/24 dev wan
        route add default via 100.64.0.1
        """)
    findings, status = _findings(t, net)
    t.equal((findings["outside"]["level"], findings["device"]["level"], status),
            ("note", "note", 0), "findings")
    t.true("another NAT" in findings["outside"]["advice"], "advice")


if __name__ == "__main__":
    ksft.main()
