#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""sipalg exercise tells the truth about the network it is in."""

import functools
import json
import re
import signal
import subprocess
import threading

from lib import alg, ksft
from lib.endpoint import DEADLINE, Missing, wait_until
from lib.netns import PROGRAM_LIMIT, run
from lib.topology import SERVER, SIP_PORT

WAIT = str(int(1000 * min(DEADLINE, 5)))
# "INVI", as the first bytes of a datagram to port 5060.
NO_INVITE = """
add rule inet firewall forward meta iifname "lan1" udp dport 5060 @th,64,32 0x494e5649 counter drop
"""

# What a router drops: STUN beside SIP, fragments before they are put together, and TCP.
NO_STUN = """
insert rule inet firewall forward meta iifname "lan1" udp dport 5060 @th,64,16 0x0001 drop
"""
NO_FRAGMENTS = """
table ip fragments {
	chain prerouting {
		type filter hook prerouting priority -500;
		iifname "lan1" ip frag-off & 0x3fff != 0 drop
	}
}
"""
NO_TCP = """
insert rule inet firewall forward meta iifname "lan1" tcp dport 5060 reject with tcp reset
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


def _through(net, *words):
    """Look for an ALG between phone1 and the server; return findings, verdict and status."""
    with net.server.namespace:
        answering = subprocess.Popen([alg.TOOL, "exercise", "--answer"], text=True,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: ":5060 " in net.server.run("ss", "-lun").stdout, "it listens")
        done = net.phone1.run(alg.TOOL, "-j", "exercise", "--through", "eth0", "--peer", SERVER,
                              "--wait", WAIT, *words, check=False)
    finally:
        answering.terminate()
        answering.communicate(timeout=PROGRAM_LIMIT)
    *findings, verdict = map(json.loads, done.stdout.splitlines())
    return {each["message"]: each for each in findings}, verdict, done.returncode


@case("--through a router without ALG: NAT, and nothing changed")
def through_nothing(t, net):
    findings, verdict, status = _through(net)
    t.equal({each["result"] for each in findings.values()}, {"unchanged"}, "results")
    t.equal((verdict, status), ({"nat": True, "alg": False, "broken": 0}, 0), "verdict")


@case("--through this ALG: the right lines change, audio comes back, no harm")
def through_sipalg(t, net):
    t.alg.tool(net, "on", "dev", "wan")
    findings, verdict, status = _through(net)
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
    findings, verdict, status = _through(net)
    t.equal(findings["invite"]["result"], "lost", "INVITE")
    t.equal(findings["options"]["result"], "unchanged", "OPTIONS")
    t.equal((verdict["broken"], status), (2, 1), "verdict")


def _through_dropping(t, net, rules, message, rfc, advice, *words):
    """One message is lost on the way, nothing else."""
    net.router.run("nft", "-f", "-", stdin=rules)
    findings, verdict, status = _through(net, *words)
    t.equal({name for name, each in findings.items() if each["result"] != "unchanged"},
            {message}, "what is lost")
    t.equal([each["rfc"] for each in findings[message].get("faults", ())], [rfc], "the RFC")
    t.equal((verdict["broken"], verdict["alg"], status), (1, False, 1), "verdict")
    t.true(advice in verdict["verdict"], f"advice: {verdict['verdict']}")


@case("--through a router that drops STUN beside SIP: that is found")
def through_no_stun(t, net):
    _through_dropping(t, net, NO_STUN, "STUN keep-alive", "RFC 5626, 4.4.2",
                      "Keep-alives are lost", "--udp")


@case("--through a router that drops IP fragments: that is found")
def through_no_fragments(t, net):
    _through_dropping(t, net, NO_FRAGMENTS, "message in IP fragments", "RFC 4787, 11",
                      "let IP fragments pass", "--udp")


@case("--through a router that refuses TCP: that is found")
def through_no_tcp(t, net):
    _through_dropping(t, net, NO_TCP, "connection by TCP", "RFC 3261, 18",
                      "drops messages")


@case("--through a NAT that forgets the phone: a call after some time is lost")
def through_forgetting_nat(t, net):
    for name in ("udp_timeout", "udp_timeout_stream"):
        net.router.namespace.sysctl(f"net.netfilter.nf_conntrack_{name}", 1)
    _through_dropping(t, net, "", "call after 4 s", "RFC 4787, 4.3", "keep-alives more often",
                      "--udp", "--idle", "4")


@case("--through to where nobody answers: that is said, and nothing of NAT")
def through_nobody(t, net):
    command = "exercise", "--through", "eth0", "--peer", SERVER, "--wait", "100"
    done = net.phone1.run(alg.TOOL, *command, check=False)
    t.equal((done.returncode, done.stdout.splitlines()[-1]),
            (1, "Nothing was answered: sipalg exercise --answer has to run there."), "text")
    done = net.phone1.run(alg.TOOL, "-j", *command, check=False)
    t.equal((done.returncode, json.loads(done.stdout.splitlines()[-1])), (1, {"broken": 7}),
            "JSON")


@case("what cannot be done is said, in one sentence, and nothing has changed")
def errors(t, net):
    def says(host, *words):
        done = host.run(*words, check=False)
        t.equal((done.returncode, done.stdout), (1, ""), f"{words}: status and output")
        return done.stderr

    t.alg.tool(net, "on", "dev", "wan")
    for form in ((), ("-j",)):
        command = (alg.TOOL, *form, "exercise")
        t.true("sipalg off, first" in says(net.router, *command, "--stock"), "switched on")
        t.true("by lan9 to" in says(net.phone1, *command, "--through", "lan9", "--peer", SERVER),
               "no such device")
        t.true("network namespaces cannot be made" in says(
            net.router, "setpriv", "--reuid", "65534", "--clear-groups", *command), "nobody")
        net.server.udp(SIP_PORT)
        t.true("port 5060: Address already in use" in says(net.server, *command, "--answer"),
               "port in use")
        net.server.close_sockets()
    t.true(t.alg.is_loaded(), "the module is loaded")


SET = "set default off\nset zone 7 off\nset dev lan1 off\nsetting limit-calls 7\n"


def _is_as_set(t, net, when):
    t.equal((t.alg.is_loaded(), alg.is_loaded("nf_conntrack_sip")), (True, False),
            f"modules {when}")
    t.equal(t.alg.tool(net, "policy", "save").stdout, SET, f"policies and settings {when}")


def _stock_is_in_use():
    """Has a rule of the lab taken the helper, beside nf_nat_sip?"""
    with open("/proc/modules", encoding="ascii") as modules:
        return any(name == "nf_conntrack_sip" and int(uses) > 1
                   for name, _, uses, *_ in map(str.split, modules))


@case("--stock: then the module is there again, and what it was set to")
def stock(t, net):
    net.router.run(alg.TOOL, "policy", "restore", "-f", "-", stdin=SET)
    with alg.installed():
        done = t.alg.tool(net, "-j", "exercise", "--stock", "--wait", "500", check=False)
    t.equal({each["alg"] for each in json.loads(done.stdout or "[]")}, {"off", "on", "stock"},
            f"columns ({done.stderr.strip()})")
    _is_as_set(t, net, "then")


@case("--stock, ended by a signal: the same, and it ends by that")
def stock_signal(t, net):
    net.router.run(alg.TOOL, "policy", "restore", "-f", "-", stdin=SET)
    with alg.installed():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with net.router.namespace:
                running = subprocess.Popen([alg.TOOL, "exercise", "--stock", "--wait", "60000"],
                                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                           text=True)
            try:
                wait_until(lambda: running.poll() is not None or _stock_is_in_use(),
                           "it uses the stock pair", PROGRAM_LIMIT)
                running.send_signal(number)
                said, _ = running.communicate(timeout=PROGRAM_LIMIT)
            finally:
                running.kill()
            t.equal((running.returncode, said), (-number, ""), f"{number.name}: how it ends")
            _is_as_set(t, net, f"after {number.name}")


@case("--stock is refused while another namespace needs the module, or modprobe finds none")
def stock_refused(t, net):
    def refused(words):
        before = t.alg.tool(net, "policy", "save").stdout
        done = t.alg.tool(net, "exercise", "--stock", check=False)
        t.equal((done.returncode, done.stdout), (1, ""), f"{words}: status and output")
        t.true(words in done.stderr, f"{words}: {done.stderr.strip()}")
        t.equal(t.alg.tool(net, "policy", "save").stdout, before, f"{words}: policies")

    t.alg.tool(net, "set", "limit-calls", "7")
    if alg.KO:
        refused("Module nf_sipalg not found")
    for words in (("on", "dev", "eth0"), ("off", "default"), ("set", "timeout-call", "60")):
        net.phone1.run(alg.TOOL, *words)
        refused(f"settings in /run/netns/{net.phone1.namespace.name}")
        net.phone1.run(alg.TOOL, "policy", "restore", "-f", "/dev/null")
    run(alg.TOOL, "off", "default")
    try:
        refused("settings in /proc/1/ns/net")
    finally:
        run(alg.TOOL, "policy", "flush")


@case("--through the kernel's own: what it does to From, and to a text, is harm")
def through_stock(t, net):
    t.alg.unload()
    stock = alg.Stock()
    stock.load()
    try:
        net.assign_helper()
        findings, verdict, status = _through(net)
    finally:
        net.router.run("nft", "delete", "table", "inet", "helpers")
        net.router.run("conntrack", "-F")
        wait_until(lambda: not _fails(stock.unload), "the pair can be unloaded")
        t.alg.load()
    t.true("From:" in [each["sent"].partition(" ")[0] for each in findings["options"]["lines"]
                       if each["harm"]], "harm to From")
    t.equal((findings["invite with media elsewhere"]["result"], verdict["alg"], status),
            ("lost", True, 1), "what it drops")


def _fails(function):
    try:
        function()
    except RuntimeError:
        return True
    return False


def _answer_beyond(net, mangle):
    """Answer probes as if an ALG on the way did with them what `mangle` says.

    It returns two texts: what the peer gets, and what its answer is taken from.
    """
    server = net.server.udp(SIP_PORT)

    def answer():
        while True:
            try:
                got = server.receive("a probe", PROGRAM_LIMIT)
            except (Missing, OSError):
                return
            text, answered = mangle(got.data.decode())
            headers = [line for line in answered.split("\r\n") if line.startswith(
                ("Via:", "From:", "To:", "Call-ID:", "CSeq:"))]
            body = f"{got.source[0]:45} {got.source[1]:5} {text.encode().hex()}"
            server.send("\r\n".join([
                "SIP/2.0 200 OK", *headers, "Content-Type: application/sipalg-through",
                f"Content-Length: {len(body)}", "", body]).encode(), got.source)

    threading.Thread(target=answer, daemon=True).start()


def _through_mangling(t, net, mangle):
    """Look for that ALG; return what it did to OPTIONS."""
    _answer_beyond(net, mangle)
    done = net.phone1.run(alg.TOOL, "-j", "exercise", "--through", "eth0", "--peer", SERVER,
                          "--wait", WAIT, check=False)
    first, *_, verdict = map(json.loads, done.stdout.splitlines())
    t.equal((verdict["alg"], done.returncode), (True, 1), "verdict")
    return first


@case("--through what adds and removes headers: these are told, and no others")
def through_adding(t, net):
    def mangle(text):
        lines = text.split("\r\n")
        lines.insert(2, "Record-Route: <sip:203.0.113.1;lr>")
        lines.remove("Max-Forwards: 70")
        return "\r\n".join(lines), text

    found = _through_mangling(t, net, mangle)
    t.equal(found["lines"], [{"sent": "Max-Forwards: 70", "harm": True},
                             {"arrived": "Record-Route: <sip:203.0.113.1;lr>", "harm": False}],
            "lines")
    t.true(found["answer"], "the answer is the phone's")


@case("--through what does not change its answer back: that is told")
def through_forgetting(t, net):
    def mangle(text):
        return (re.sub("Call-ID: [^\r]*", "Call-ID: other", text),) * 2

    found = _through_mangling(t, net, mangle)
    t.equal([(each["sent"].partition(" ")[0], each["arrived"], each["harm"])
             for each in found["lines"]], [("Call-ID:", "Call-ID: other", True)], "lines")
    t.equal((found["answer"], found["answer_differs"]), (False, "Call-ID:"), "the answer")


if __name__ == "__main__":
    ksft.main()
