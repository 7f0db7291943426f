#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Root of a user namespace controls its own network namespace and no other.

All such namespaces together take a small part of the machine's memory.
"""

import contextlib
import functools
import json
import os
import subprocess

from lib import alg, ksft
from lib.endpoint import DEADLINE, wait_until
from lib.ladder import FLOWS_END, Line

# Where cgroups are, or are put.
CGROUP = "/sys/fs/cgroup"

case = functools.partial(ksft.case, switched_on=False, only_sipalg=True)


def _in_userns(t, net, *options, script):
    """Run a script as root of a new user namespace on the router."""
    if net.router.run("unshare", "-Ur", "true", check=False).returncode:
        t.skip("no user namespaces here")
    return net.router.run("unshare", "-Ur", *options, "sh", "-ec", script, alg.TOOL,
                          check=False)


@case("root of a user namespace can set the policy of its own network namespace")
def own(t, net):
    done = _in_userns(t, net, "-n", script='"$0" on default; "$0" -j policy show')
    t.equal(done.returncode, 0, f"exit status ({done.stderr.strip()})")
    t.equal(json.loads(done.stdout), [{"default": True, "mode": "on"}], "policies of the new namespace")
    t.equal(t.alg.show(net, "policy", "show"), [{"default": True, "mode": "rule"}],
            "the router's policies")


@case("root of a user namespace cannot set the policy of another's network namespace")
def foreign(t, net):
    for words in ("on default", "off", "policy del dev wan", "policy flush"):
        done = _in_userns(t, net, script=f'"$0" {words}')
        t.equal(done.returncode, 1, f"exit status of {words!r}")
        t.true("permitted" in done.stderr.lower(), f"the tool says why: {done.stderr!r}")
    t.equal(t.alg.show(net, "policy", "show"), [{"default": True, "mode": "rule"}],
            "the router's policies")


@contextlib.contextmanager
def _shell(t, net, cgroup=None, uid=65534):
    """A shell of an unprivileged user, root of a user and a network namespace of its own.

    Yields a function that runs a script there and returns its status and output.
    """
    if net.router.run("unshare", "-Ur", "true", check=False).returncode:
        t.skip("no user namespaces here")
    command = f"exec setpriv --reuid {uid} --regid {uid} --clear-groups unshare -Urn sh"
    if cgroup:
        command = f"echo $$ > {cgroup}/cgroup.procs; {command}"
    shell = subprocess.Popen(["sh", "-c", command], text=True, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(script):
        shell.stdin.write(f"( {script}\n) </dev/null; code=$?; echo; echo status $code\n")
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


# Sends so many INVITEs from each of four addresses of the namespace.
FLOOD = """
ip link add d0 type dummy; ip link set d0 up; ip link set lo up
for host in 1 2 3 4; do ip addr add 10.1.0.$host/16 dev d0; done
"$SIPALG" on default
python3 - <<'END'
import socket
head = ("INVITE sip:b@10.1.0.9 SIP/2.0\\r\\nVia: SIP/2.0/UDP {host}:5060;branch=z9hG4bK%d\\r\\n"
        "From: <sip:a@x>;tag=a\\r\\nTo: <sip:b@x>\\r\\nCall-ID: %d@x\\r\\nCSeq: 1 INVITE\\r\\n"
        "Contact: <sip:a@{host}:5060>\\r\\nContent-Length: 0\\r\\n\\r\\n")
for host in ["10.1.0.%d" % number for number in (1, 2, 3, 4)]:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((host, 5060))
    text = head.replace("{host}", host)
    for number in range({count}):
        s.sendto((text % (number, number)).encode(), ("10.1.0.9", 5060))
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
            t.equal(run(_flood(10000))[0], 0, "exit status of a flood")
        used = sum(_settings(run, "stats")["bytes_now"] for run in (first, second))
        t.true(used <= budget, f"both together ({used}) stay within the budget ({budget})")
    # And the first namespace's calls are not held up.
    t.alg.switch_on(net)
    line = Line(t, net)
    line.dialog().call()


@case("a user who fills the tables of several user namespaces leaves half to the next one")
def shares(t, net):
    with _shell(t, net) as first, _shell(t, net) as second, _shell(t, net, uid=65533) as other:
        budget = _settings(first)["limit-bytes"]
        for run in first, second, other:
            t.equal(run(_flood(10000))[0], 0, "exit status of a flood")
        mine, his = (sum(_settings(run, "stats")["bytes_now"] for run in runs)
                     for runs in ((first, second), (other,)))
        t.true(mine <= budget // 2, f"the first user has half ({mine} of {budget})")
        t.true(his >= budget // 5, f"the next one has a quarter ({his} of {budget})")


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
