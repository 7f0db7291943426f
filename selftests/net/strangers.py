#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Strangers make no state, and whoever acts pays for it.

A request from outside is translated by what exists, and kept only once an inside host has
answered it. Each inside host has a share of what all use, and so has each user namespace.

  phone1 (PBX)            router                  server, media
    |           INVITE, INVITE, INVITE ... unanswered      |
    |<----------------------|<-----------------------------|
    | INVITE                | as ever                      |
    |---------------------->|----------------------------->|
"""

import contextlib
import functools
import json
import os
import subprocess

from lib import alg, ipv6, ksft, sip
from lib.attack import calls
from lib.endpoint import DEADLINE, wait_until
from lib.ladder import FLOWS_END, Line
from lib.topology import OUTSIDE, SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)

# A share, and how many requests are to use it up.
SHARE, REQUESTS = 200, 250

# A PBX that anybody may send to.
FORWARD = """
table ip nat {
	chain prerouting {
		type nat hook prerouting priority dstnat;
		iifname "wan" udp dport 5060 dnat to 192.168.1.2:5060
	}
}
table inet firewall {
	chain forward {
		ct status dnat accept
	}
}
"""
OPEN = """
table inet firewall {
	chain forward {
		iifname "wan" udp dport 5060 accept
	}
}
"""
CGROUP = "/sys/fs/cgroup"


def _stranger(net, number, text=sip.INCOMING, host=OUTSIDE):
    view = sip.View(host, SIP_PORT, 4000, 4001)
    return sip.fill(text, view, body=sip.ANSWER, far=6000, branch=f"s{number}",
                    call_id=f"{number}@strange", tag="a", cseq=1)


def _pbx(t, net):
    """A PBX behind a port forward, and a stranger's socket that may send to it."""
    net.router.run("nft", "-f", "-", stdin=FORWARD)
    line = Line(t, net)
    line.outside_port = SIP_PORT
    return line, net.media.udp(SIP_PORT)


def _knock(net, phone, stranger, messages, to=(OUTSIDE, SIP_PORT)):
    """Send to the phone, which reads it all and answers nothing."""
    for number, message in enumerate(messages):
        stranger.send(message, to)
        if number % 50 == 49:
            phone.receive("a stranger's message")
            phone.waiting()
    stranger.send(b"\r\n\r\n", to)
    while phone.receive("the last of them").data != b"\r\n\r\n":
        pass


# --- unanswered requests from outside ------------------------------------------------

@case("INVITEs from outside that nobody answers take no share of the PBX that they go to")
def unanswered(t, net):
    t.alg.tool(net, "set", "limit-host-calls", str(SHARE))
    line, stranger = _pbx(t, net)
    with t.counted(net, calls=0, passed_limit_host_calls=0):
        _knock(net, line.phone, stranger, [_stranger(net, n) for n in range(REQUESTS)])
    t.equal(t.alg.calls(net, None), [], "calls and registrations")
    calls(t, net, net.phone1, line.server)


@case("INVITEs from outside that nobody answers take no memory and no share of all hosts")
def unanswered_total(t, net):
    t.alg.tool(net, "set", "limit-calls", str(SHARE))
    line, stranger = _pbx(t, net)
    before = t.alg.counters(net)["bytes_now"]
    _knock(net, line.phone, stranger, [_stranger(net, n) for n in range(REQUESTS)])
    # The flow of the strangers' own signalling may have been noted.
    t.true(t.alg.counters(net)["bytes_now"] <= before + 4096, "bytes of state")
    calls(t, net, net.phone2, line.server)


@case("an INVITE from outside is a call once the phone rings, and its media opens with the 200")
def answered(t, net):
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.down(sip.INCOMING)
    t.equal(call.states(), [], "states before the phone answers")
    call.up(sip.INCOMING_RINGING)
    call.is_in("early")
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    call.is_in("confirmed")
    audio = call.audio()
    audio.both_ways()
    call.hang_up_remote()
    call.closed(audio)


@case("an INVITE from outside that is answered long after its last copy is still a call")
def answered_late(t, net):
    t.alg.tool(net, "set", "timeout-transaction", "2")
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.down(sip.INCOMING)
    line.outlive()
    call.up(sip.INCOMING_OK)
    call.down(sip.INCOMING_ACK)
    call.is_in("confirmed")
    call.audio().both_ways()


@case("BYE, CANCEL, ACK, UPDATE, PRACK and SUBSCRIBE from outside make no state")
def other_requests(t, net):
    line, stranger = _pbx(t, net)
    texts = [sip.remote_request(method, sdp=method in ("UPDATE", "PRACK"))
             for method in ("BYE", "CANCEL", "ACK", "UPDATE", "PRACK", "SUBSCRIBE", "REFER")]
    with t.counted(net, calls=0, registrations=0, bindings=0):
        _knock(net, line.phone, stranger,
               [sip.fill(text, sip.View(OUTSIDE, SIP_PORT, 0, 0), body=sip.ANSWER, far=6000,
                         branch=number, call_id=f"{number}@strange", tag="a", bob="b", cseq=1)
                for number, text in enumerate(texts)])
    t.equal(t.alg.calls(net, None), [], "calls and registrations")


@case("responses from outside to requests that nobody sent make no state")
def unasked_responses(t, net):
    line, stranger = _pbx(t, net)
    with t.counted(net, calls=0, registrations=0, bindings=0):
        _knock(net, line.phone, stranger,
               [_stranger(net, number, text) for number, text in enumerate(
                   (sip.RINGING, sip.PROGRESS, sip.OK, sip.REGISTER_OK, sip.BYE_OK))])
    t.equal(t.alg.calls(net, None), [], "calls and registrations")


# --- without NAT, any source -----------------------------------------------------------

def _no_nat(t, net):
    ipv6.configure(net)
    net.router.run("nft", "-f", "-", stdin=OPEN)
    return net.phone1.udp(SIP_PORT)


def _invite6(host, number):
    """Return an INVITE that an IPv6 host sends, with its own address in it."""
    offer = sip.OFFER.replace("IP4 {host}", f"IP6 {host}")
    return sip.fill(sip.INVITE, sip.View(f"[{host}]", SIP_PORT, 4000, 4001), body=offer,
                    branch=number, call_id=f"{number}@six", tag="a", cseq=1)


@case("without NAT, INVITEs from many sources to a phone that is silent leave room for its own")
def many_sources(t, net):
    for name in ("limit-calls", "limit-host-calls"):
        t.alg.tool(net, "set", name, str(SHARE))
    phone = _no_nat(t, net)
    sources = [f"2001:db8:e::{number:x}" for number in range(0x1000, 0x1000 + REQUESTS)]
    net.media.run("ip", "-batch", "-", stdin="".join(
        f"addr add {source}/64 dev eth0 nodad\n" for source in sources))
    for number, source in enumerate(sources):
        net.media.address = source
        stranger = net.media.udp(SIP_PORT)
        stranger.send(_invite6(source, number), (ipv6.PHONE, SIP_PORT))
        stranger.close()
        if number % 50 == 49:
            phone.receive("a stranger's INVITE")
            phone.waiting()
    net.media.address = ipv6.MEDIA
    with t.counted(net, calls=1):
        server = net.server.udp(SIP_PORT)
        phone.send(_invite6(ipv6.PHONE, "own"), (ipv6.SERVER, SIP_PORT))
        server.receive("INVITE of the phone")
    far, here = net.media.udp(6000), net.phone1.udp(4000)
    far.send(b"early media", (ipv6.PHONE, 4000))
    t.equal(here.receive("early media").data, b"early media", "media of the phone's call")


# --- user namespaces ---------------------------------------------------------------------

@contextlib.contextmanager
def _shell(t, net, cgroup=None):
    """A shell of an unprivileged user, root of a user and a network namespace of its own.

    Yields a function that runs a script there and returns its status and output.
    """
    if net.router.run("unshare", "-Ur", "true", check=False).returncode:
        t.skip("no user namespaces here")
    command = "exec setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urn sh"
    if cgroup:
        command = f"echo $$ > {cgroup}/cgroup.procs; {command}"
    shell = subprocess.Popen(["sh", "-c", command], text=True, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(script):
        shell.stdin.write(f"( {script}\n) </dev/null; echo; echo status $?\n")
        shell.stdin.flush()
        lines = []
        for line in shell.stdout:
            if line.startswith("status "):
                return int(line.split()[1]), "".join(lines).strip()
            lines.append(line)
        raise RuntimeError("the shell has ended: " + "".join(lines))

    try:
        yield run
    finally:
        shell.stdin.close()
        shell.wait(DEADLINE)
        shell.stdout.close()


# Sends INVITEs from and to the namespace's own addresses.
FLOOD = """
ip link add d0 type dummy; ip addr add 10.1.0.1/16 dev d0; ip link set d0 up; ip link set lo up
"$SIPALG" on default
python3 - <<'END'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.1.0.1", 5060))
head = ("INVITE sip:b@10.1.0.9 SIP/2.0\\r\\nVia: SIP/2.0/UDP 10.1.0.1:5060;branch=z9hG4bK%d\\r\\n"
        "From: <sip:a@x>;tag=a\\r\\nTo: <sip:b@x>\\r\\nCall-ID: %d@x\\r\\nCSeq: 1 INVITE\\r\\n"
        "Contact: <sip:a@10.1.0.1:5060>\\r\\nContent-Length: 0\\r\\n\\r\\n")
for number in range({count}):
    s.sendto((head % (number, number)).encode(), ("10.1.0.9", 5060))
END
"""


def _tool(words):
    return f'"{alg.TOOL}" {words}'


def _flood(count):
    return f'SIPALG="{alg.TOOL}"\n' + FLOOD.replace("{count}", str(count))


def _settings(run, words="show settings"):
    return json.loads(run(_tool(f"-j {words}"))[1])


@case("root of a user namespace cannot raise its limits above the budget that all share")
def raised_limits(t, net):
    with _shell(t, net) as run:
        initial = _settings(run)
        for name, value in (("limit-bytes", 4294967295), ("limit-calls", 4194304),
                            ("limit-bindings", 16777216), ("limit-host-calls", 4194304)):
            status, said = run(_tool(f"set {name} {value}"))
            t.equal(status, 1, f"exit status of set {name} {value}")
            t.true(said, f"a reason for {name}")
        t.equal(_settings(run), initial, "settings")
        t.equal(run(_tool("set limit-calls 100"))[0], 0, "exit status of a lower limit")
    # The administrator of the machine may.
    t.alg.tool(net, "set", "limit-bytes", "4294967295")


@case("user namespaces share one budget: what one has taken the next one lacks")
def shared_budget(t, net):
    with _shell(t, net) as first, _shell(t, net) as second:
        budget = _settings(first)["limit-bytes"]
        t.true(budget <= _memory() // 16, f"the budget ({budget}) is small beside the memory")
        for run in first, second:
            t.equal(run(_flood(20000))[0], 0, "exit status of a flood")
        used = sum(_settings(run, "stats")["bytes_now"] for run in (first, second))
        t.true(used <= budget, f"both together ({used}) stay within the budget ({budget})")
    # And the first namespace's calls are not held up.
    line = Line(t, net)
    line.dialog().call()


def _memory():
    """Return the bytes of memory of the machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@case("the memory of calls is paid for by the cgroup of whoever makes them")
def accounted(t, net):
    if not os.path.exists(f"{CGROUP}/cgroup.controllers"):
        net.router.run("mount", "-t", "cgroup2", "none", CGROUP, check=False)
    jail = f"{CGROUP}/sipalg-{os.getpid()}"
    try:
        with open(f"{CGROUP}/cgroup.subtree_control", "w", encoding="ascii") as file:
            file.write("+memory")
        os.mkdir(jail)
    except OSError as error:
        t.skip(f"no memory cgroup here: {error}")
    try:
        with _shell(t, net, jail) as run:
            t.equal(run(_flood(1))[0], 0, "exit status of the first INVITE")
            before = _charged(jail)
            t.equal(run(_flood(5000))[0], 0, "exit status of a flood")
            taken = _settings(run, "stats")["bytes_now"]
            t.true(taken > 1 << 20, f"the flood took memory ({taken} bytes)")
            charged = _charged(jail) - before
            t.true(charged >= taken // 2, f"the cgroup pays for it: {charged} of {taken} bytes")
    finally:
        wait_until(lambda: _removed(jail), "the cgroup is empty", FLOWS_END)


def _removed(jail):
    try:
        os.rmdir(jail)
    except OSError:
        return False
    return True


def _charged(jail):
    """Return the bytes of kernel memory that a cgroup is charged with."""
    with open(f"{jail}/memory.stat", encoding="ascii") as file:
        stat = dict(line.split() for line in file)
    return int(stat["slab_unreclaimable"]) + int(stat.get("percpu", 0))


if __name__ == "__main__":
    ksft.main()
