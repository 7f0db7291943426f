#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""sipalg check tells the truth about the router it is on."""

import contextlib
import functools
import json
import subprocess
import tempfile

from lib import alg, ksft
from lib.endpoint import wait_until
from lib.ladder import Line
from lib.netns import PROGRAM_LIMIT
from lib.topology import SERVER, SIP_PORT

# Without it the rules drop whatever is related.
NO_RELATED = """
flush chain inet firewall forward
add rule inet firewall forward ct state established accept
add rule inet firewall forward iifname "lan1" oifname "wan" accept
"""
# The same by iptables, with and without the rule that lets media in.
IPTABLES = """*filter
:FORWARD DROP [0:0]
:media - [0:0]
-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A FORWARD -j media
{}-A media -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan1 -o wan -j ACCEPT
COMMIT
*nat
-A POSTROUTING -o wan -j MASQUERADE
COMMIT
"""

# Something on the way that writes "oPTIONS".
MANGLE = """
table ip mangle {
	chain prerouting {
		type filter hook prerouting priority raw;
		udp dport 5060 @th,64,32 0x4f505449 @th,64,8 set 0x6f
	}
}
"""

case = functools.partial(ksft.case, switched_on=False, only_sipalg=True)


def _findings(t, net):
    done = t.alg.tool(net, "-j", "check", check=False)
    return {each["name"]: each for each in json.loads(done.stdout)}, done.returncode


@case("check: a good router is good")
def check(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    Line(t, net).register()
    findings, status = _findings(t, net)
    t.equal(findings.pop("path")["level"], "note", "path, which is not known")
    t.equal({name: each["level"] for name, each in findings.items()},
            dict.fromkeys(("module", "policy", "calls", "registrations", "bindings", "memory",
                           "conntrack", "flows", "nat", "related", "outside"), "good"),
            "findings")
    t.true("1 of them with helper sip" in findings["flows"]["text"], "flows")
    t.equal(status, 0, "exit status")


@case("check: a firewall that drops media is a problem")
def check_firewall(t, net):
    net.router.run("nft", "-f", "-", stdin=NO_RELATED)
    findings, status = _findings(t, net)
    t.equal((findings["related"]["level"], findings["policy"]["level"], status),
            ("problem", "note", 1), "findings")


FORWARD = "inet firewall forward"
# Obstacles to calls: how each comes there, the finding, and part of its text.
FAULTS = (
    ("related is dropped before it is accepted",
     f"insert rule {FORWARD} ct state related drop", "related", "drops media"),
    ("related is accepted for TCP alone",
     f"flush chain {FORWARD}\n"
     f"add rule {FORWARD} ct state established accept\n"
     f"add rule {FORWARD} meta l4proto tcp ct state related accept\n"
     f'add rule {FORWARD} iifname "lan1" oifname "wan" accept', "related", "drops media"),
    ("a second table drops what comes from outside",
     "add table ip late\n"
     "add chain ip late forward { type filter hook forward priority 10; }\n"
     'add rule ip late forward iifname "wan" drop', "related", "table late"),
    ("a set names the outside device",
     "add table ip late\n"
     "add set ip late bad { type ifname; elements = { ppp0, wan }; }\n"
     "add chain ip late forward { type filter hook forward priority 10; }\n"
     "add rule ip late forward iifname @bad drop", "related", "table late"),
    ("calls out are dropped",
     f"insert rule {FORWARD} udp dport 5060 drop", "signalling", "port 5060"),
    ("related is accepted for another helper alone",
     f"flush chain {FORWARD}\n"
     f"add rule {FORWARD} ct state established accept\n"
     f'add rule {FORWARD} ct helper "ftp" ct state related accept\n'
     f'add rule {FORWARD} iifname "lan1" oifname "wan" accept', "related", "drops media"),
    ("what begins outside is dropped before the NAT, where it is not related yet",
     "add table ip early\n"
     "add chain ip early pre { type filter hook prerouting priority mangle; }\n"
     'add rule ip early pre iifname "wan" ct state new drop', "related", "table early"),
    ("related is accepted for the bridge of containers alone",
     f"flush chain {FORWARD}\n"
     f"add rule {FORWARD} ct state established accept\n"
     f'add rule {FORWARD} oifname "docker0" ct state related accept\n'
     f'add rule {FORWARD} iifname "lan1" oifname "wan" accept', "related", "drops media of lan1"),
    ("an inside device is not tracked",
     "add table ip raw\n"
     "add chain ip raw prerouting { type filter hook prerouting priority raw; }\n"
     'add rule ip raw prerouting iifname "lan1" notrack', "notrack", "of lan1"),
    ("masquerade is for another network",
     "flush chain ip nat postrouting\n"
     "add rule ip nat postrouting ip saddr 10.0.0.0/8 masquerade", "nat", "no rule changes"),
    ("SIP is spared from masquerade",
     "insert rule ip nat postrouting udp dport 5060 accept", "nat", "TCP alone"),
    ("masquerade is for TCP alone",
     "flush chain ip nat postrouting\n"
     "add rule ip nat postrouting meta l4proto tcp masquerade", "nat", "TCP alone"),
    ("there is no NAT", "flush chain ip nat postrouting", "nat", "no rule changes"),
    ("port 5060 is not tracked",
     "add table ip raw\n"
     "add chain ip raw prerouting { type filter hook prerouting priority raw; }\n"
     "add rule ip raw prerouting udp dport 5060 notrack", "notrack", "UDP port 5060"),
    ("TCP port 5060 is not tracked",
     "add table ip raw\n"
     "add chain ip raw prerouting { type filter hook prerouting priority raw; }\n"
     "add rule ip raw prerouting tcp sport 5060 notrack", "notrack", "TCP port 5060"),
)


@case("check: rules that keep calls from working are found, each with its place")
def check_rules(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    before = net.router.run("nft", "list", "ruleset").stdout
    for title, rules, name, text in FAULTS:
        net.router.run("nft", "-f", "-", stdin=rules)
        findings, status = _findings(t, net)
        found = findings.get(name, {})
        t.equal((found.get("level"), text in found.get("text", ""), status),
                ("problem", True, 1), f"{title}: {found}")
        net.router.run("nft", "-f", "-", stdin="flush ruleset\n" + before)
        t.equal(_findings(t, net)[1], 0, f"{title}: and when it has gone")


@case("check: the command of a finding mends it")
def check_mends(t, net):
    t.alg.tool(net, "observe", "dev", "wan")
    net.router.run("sysctl", "-qw", "net.ipv4.ip_forward=0")
    net.router.run("nft", "-f", "-", stdin=f"insert rule {FORWARD} ct state related drop\n"
                   "flush chain ip nat postrouting")
    findings, status = _findings(t, net)
    problems = {name: each for name, each in findings.items() if each["level"] == "problem"}
    t.equal((set(problems), status), ({"policy", "forwarding", "related", "nat"}, 1), "findings")
    for each in problems.values():
        command = each["command"].replace("sipalg ", f"{alg.TOOL} ", 1)
        net.router.run("sh", "-c", command)
    t.equal(_findings(t, net)[1], 0, "status after the commands")


RARELY = """
insert rule inet firewall forward limit rate over 100000/second drop
insert rule ip nat postrouting ip daddr 10.0.0.0/8 accept
insert rule ip nat postrouting udp dport 53 accept
"""


@case("check: rules that act now and then, or on others, are no problem")
def check_harmless(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    net.router.run("nft", "-f", "-", stdin=RARELY)
    findings, status = _findings(t, net)
    t.equal([each for each in findings.values() if each["level"] == "problem"], [], "problems")
    t.equal(status, 0, "exit status")
    for dev in ("lan2", "wan"):
        net.router.namespace.sysctl(f"net.ipv4.conf.{dev}.forwarding", 0)
        findings, status = _findings(t, net)
        t.equal((findings["forwarding"]["level"], dev in findings["forwarding"]["text"], status),
                ("problem", True, 1), f"{dev} does not forward")
        net.router.run("sh", "-c", findings["forwarding"]["command"])
        t.equal(_findings(t, net)[1], 0, "status after the command")


@case("check: what is on has to be on the way that calls take")
def check_way(t, net):
    net.router.run("ip", "-batch", "-", stdin="""
        link add spare type dummy
        addr add 198.51.100.2/24 dev spare
        link set spare up
        """)
    t.alg.tool(net, "on", "dev", "spare")
    findings, status = _findings(t, net)
    t.equal((findings["policy"]["level"], findings["policy"]["command"], status),
            ("problem", "sipalg on dev wan", 1), "a device that calls do not use")
    # A line for calls alone leads to the provider, in a table that a mark may choose.
    for route in ("203.0.114.0/24 via 198.51.100.1 dev spare", "default dev spare table 8"):
        net.router.run("ip", "route", "add", *route.split())
        findings, status = _findings(t, net)
        t.equal((findings["policy"]["level"], status), ("note", 0), f"with the route {route}")
        net.router.run("ip", "route", "del", *route.split())
    t.equal(_findings(t, net)[1], 1, "and when it has gone")
    t.alg.tool(net, "policy", "flush")
    net.router.run("ip", "link", "property", "add", "dev", "wan", "altname", "uplink")
    t.alg.tool(net, "on", "dev", "uplink")
    findings, status = _findings(t, net)
    t.equal((findings["policy"]["level"], status), ("good", 0), "another name of wan")
    t.alg.tool(net, "policy", "flush")
    t.alg.tool(net, "on", "dev", "spare")
    t.alg.tool(net, "on", "dev", "wan")
    t.equal(_findings(t, net)[1], 0, "and when theirs is on")
    net.router.run("ip", "-batch", "-", stdin="""
        rule add iif lan1 table 7
        route add default via 198.51.100.1 dev spare table 7
        """)
    findings, _ = _findings(t, net)
    t.true(findings["network"]["text"].endswith("behind lan1"), "a rule for routing leads elsewhere")


@case("check: a flow to the SIP port without helper")
def check_no_helper(t, net):
    t.alg.tool(net, "policy", "flush")
    net.phone1.udp(SIP_PORT).send(b"OPTIONS", (SERVER, SIP_PORT))
    wait_until(lambda: "dport=5060" in net.router.run("conntrack", "-L").stdout, "a flow")
    findings, status = _findings(t, net)
    t.equal((findings["flows"]["level"], status), ("problem", 1), f"{findings['flows']}")


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


@case("check: the rules of iptables count, of either kind")
def check_iptables(t, net):
    net.router.run("nft", "flush", "ruleset")
    for kind in ("nft", "legacy"):
        for keeps_out in (True, False):
            rules = IPTABLES.format("#" if keeps_out else "")
            done = net.router.run(f"iptables-{kind}-restore", stdin=rules, check=False)
            if done.returncode:
                t.skip(f"no iptables-{kind} here: {done.stderr.strip()}")
            findings, status = _findings(t, net)
            t.equal((findings["related"]["level"], findings["nat"]["level"], status),
                    ("problem", "good", 1) if keeps_out else ("good", "good", 0),
                    f"findings with iptables-{kind}, keeps out: {keeps_out}")
        net.router.run(f"iptables-{kind}-restore", stdin="*filter\nCOMMIT\n*nat\nCOMMIT\n")


@case("check: flows to the SIP ports that are set")
def check_ports(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    t.alg.tool(net, "set", "sip-ports", "5070,5080")
    Line(t, net, server=net.server.udp(5080)).register()
    findings, _ = _findings(t, net)
    t.equal(findings["flows"]["text"],
            "1 flows to port 5070,5080, 1 of them with helper sip", "flows")


@case("check: registrations and calls near their limits are told apart")
def check_limits(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    t.alg.tool(net, "set", "limit-registrations", "1")
    Line(t, net).register()
    findings, status = _findings(t, net)
    t.equal((findings["registrations"]["text"], findings["registrations"]["level"]),
            ("1 registrations of at most 1", "problem"), "registrations")
    t.equal((findings["calls"]["level"], status), ("good", 1), "calls")


@case("check: a module of another version than the tool's")
def check_version(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    shown = "/sys/module/nf_sipalg/version"
    with tempfile.NamedTemporaryFile("w", suffix=".version") as other:
        print("0.0.1", file=other, flush=True)
        done = net.router.run("unshare", "--mount", "sh", "-c",
                              f"mount --bind {other.name} {shown} && exec {alg.TOOL} -j check",
                              check=False)
    findings = {each["name"]: each for each in json.loads(done.stdout)}
    t.equal((findings["version"]["level"], done.returncode), ("problem", 1), "findings")
    t.true("version 0.0.1" in findings["version"]["text"], f"{findings['version']}")
    command = findings["version"]["command"].replace("sipalg policy", f"{alg.TOOL} policy")
    with alg.installed():
        net.router.run("sh", "-c", command)
    t.equal(t.alg.tool(net, "policy", "save").stdout, "set default rule\nset dev wan on\n",
            "policies after the command")
    Line(t, net).register()


@contextlib.contextmanager
def _answering(net):
    with net.server.namespace:
        answering = subprocess.Popen([alg.TOOL, "exercise", "--answer"],
                                     stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: ":5060 " in net.server.run("ss", "-lun").stdout, "it listens")
        yield
    finally:
        answering.terminate()
        answering.wait(PROGRAM_LIMIT)


@case("check peer: is there another ALG between wan and the peer?")
def check_path(t, net):
    def found():
        done = t.alg.tool(net, "-j", "check", "peer", SERVER, check=False)
        path = {each["name"]: each for each in json.loads(done.stdout)}["path"]
        return path["level"], path["text"], done.returncode

    t.equal(found(), ("problem", f"{SERVER} does not answer", 1), "nobody there")
    with _answering(net):
        t.alg.tool(net, "on", "dev", "wan")
        t.equal(found(), ("good", f"no other ALG between wan and {SERVER}", 0), "none")
        net.server.run("nft", "-f", "-", stdin=MANGLE)
        t.equal(found(), ("problem", f"another ALG, between wan and {SERVER}, breaks messages",
                          1), "one that breaks the start line")


if __name__ == "__main__":
    ksft.main()
