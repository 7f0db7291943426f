#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Mutated messages through the module: each arrives as the core plans it.

usage: messages [-n COUNT] [-s SEED] [-e SECONDS] [-f] [-t]

Two fuzzers, each on a processor and a flow of its own, with the same Call-IDs, send
COUNT messages in all, both ways. Each must arrive, changed as the core says or not at
all, and the module's counters must say the same as the core. Then for SECONDS all
goes on while conntrack, zones and policies change at random; each message that
arrives is still looked at. At the end nothing may be left in the tables.

With -t all is over TCP, in slices of any size, and nothing may get lost at any time:
events are those that a connection has to outlive.

With -f it is done over UDP, then over TCP, without the first part, and allocations fail
at random, all over the kernel: datagrams are lost then, but none is changed in part.

  SIPALG_FUZZ  the program fuzz
"""

import argparse
import contextlib
import glob
import os
import random
import subprocess
import sys
import time

import lab

FUZZ = os.environ["SIPALG_FUZZ"]
CORPUS = sorted(glob.glob(os.path.join(lab.HERE, "../corpus/*.sip")))
# Counters of the module by what they count, and of the fuzzers.
UNTRANSLATED = ("bad_length", "bad_sdp", "too_many", "too_long", "bad_value", "incomplete",
                "bad_header", "bad_start", "not_sip")

# Of /proc/net/snmp.
TROUBLES = ("InDiscards", "OutDiscards", "ReasmFails", "FragFails", "InErrors", "RcvbufErrors",
            "InCsumErrors")


def start(net, count, seed, *options):
    """Start both fuzzers."""
    programs = []
    for cpu, (inside, outside, server) in enumerate(lab.FLOWS):
        cpus = sorted(os.sched_getaffinity(0))
        argv = ["taskset", "-c", str(cpus[cpu % len(cpus)]), FUZZ, f"-n{count // 2}",
                f"-s{seed + cpu}", f"-i{inside}", f"-o{outside}", *options]
        programs.append(subprocess.Popen(
            [*argv, net.names["phone"], net.names["server"], server, *CORPUS], text=True,
            stdout=subprocess.PIPE))
    return programs


def finish(programs):
    """Wait for the fuzzers; return the sum of their tallies, None if one failed."""
    tally = {}
    failed = False
    for program in programs:
        output = program.communicate()[0]
        if program.returncode:
            print(output, end="")
            failed = True
            continue
        for line in output.splitlines():
            name, value = line.split()
            tally[name] = tally.get(name, 0) + int(value)
    return None if failed else tally


def troubles(net):
    """Return the network stacks' counters of lost packets, by machine."""
    found = {}
    for role in net.names:
        lines = getattr(net, role).run("cat", "/proc/net/snmp").stdout.splitlines()
        for names, values in zip(lines[::2], lines[1::2]):
            found.update({f"{role} {name}": int(value) for name, value
                          in zip(names.split()[1:], values.split()[1:])
                          if name in TROUBLES and value != "0"})
    return found


def differences(tally, before, after, tcp):
    """Yield each counter of the module that differs from the tally."""
    counted = {name: after[name] - before[name] for name in after}
    limits = sum(value for name, value in counted.items()
                 if name.startswith(("passed_refused", "passed_limit", "passed_no_memory")))
    if counted["changed"] != tally["changed"]:
        yield f"changed {counted['changed']}, seen {tally['changed']}"
    if tally["stayed"] > limits:
        yield f"{tally['stayed']} messages stayed, {limits} were refused"
    # Of a connection, what comes behind something that is no message is not counted.
    for name in () if tcp else UNTRANSLATED:
        least = tally[f"parsed_{name}"]
        most = least + tally[f"translated_{name}"]
        # A keep-alive of each fuzzer comes first.
        if name == "not_sip":
            least, most = least + len(lab.FLOWS), most + len(lab.FLOWS)
        # What a limit refuses is not translated.
        if not least <= counted[f"passed_{name}"] <= most or \
                (not limits and counted[f"passed_{name}"] != most):
            yield f"passed_{name} {counted[f'passed_{name}']}, the core says {least} to {most}"


def exact(net, count, seed, tcp):
    """The first part; return whether all was well."""
    # One must not name the other's port before the NAT has seen it.
    for inside, outside, server in () if tcp else lab.FLOWS:
        subprocess.run([FUZZ, "-n0", f"-i{inside}", f"-o{outside}", net.names["phone"],
                        net.names["server"], server], check=True, stdout=subprocess.DEVNULL)
    before = net.show("stats")
    began = time.monotonic()
    tally = finish(start(net, count, seed, *["-t"] * tcp))
    if tally is None:
        print(f"# {troubles(net)}")
        return False
    seconds = time.monotonic() - began
    wrong = list(differences(tally, before, net.show("stats"), tcp))
    print(f"# {tally['messages']} messages in {seconds:.0f} s: {tally['changed']} changed, "
          f"{tally['unchanged']} with nothing to change, {tally['stayed']} refused")
    if tcp:
        print(f"# {tally['connections']} connections; {tally['followed']} messages stood in front "
              f"of what cannot be followed")
    for line in wrong:
        print(f"# {line}")
    return not wrong


# Changes that flows survive.
MILD = (
    ("ip", "link", "set", "wan", "mtu", "1400"), ("ip", "link", "set", "wan", "mtu", "1500"),
    ("sipalg", "observe", "dev", "wan"), ("sipalg", "off", "--now"), ("sipalg", "off"),
    ("sipalg", "on", "default"), ("sipalg", "policy", "flush"), ("sipalg", "binding", "show"),
    ("sipalg", "call", "show"),
)
# Changes that give a flow another mapping; they break TCP connections with edits.
HARSH = (
    ("conntrack", "-F"), ("conntrack", "-D", "-p", "udp"),
    ("conntrack", "-D", "-p", "udp", "--orig-port-src", "5060"),
    ("nft", "add table ip zones; add chain ip zones pre { type filter hook prerouting priority "
     "raw; }; add rule ip zones pre iifname lan ct original zone set 7"),
    ("nft", "delete table ip zones"),
)


def eventful(net, seconds, seed, tcp):
    """The second part; return whether all was well."""
    choice = random.Random(seed)
    programs = start(net, 1 << 40, seed + 7, "-t" if tcp else "-l")
    end = time.monotonic() + seconds
    events = 0
    while time.monotonic() < end and all(program.poll() is None for program in programs):
        argv = choice.choice(MILD if tcp else MILD + HARSH)
        if argv[0] == "sipalg":
            net.tool(*argv[1:], check=False)
            net.tool("on", "dev", "wan", check=False)
        else:
            net.router.run(*argv, check=False)
        events += 1
    alive = [program.poll() is None for program in programs]
    for program in programs:
        program.terminate()
    for program in programs:
        output = program.communicate()[0]
        if program.returncode > 0:
            print(output, end="")
    print(f"# {seconds} s with {events} events")
    return all(alive)


FAILSLAB = "/sys/kernel/debug/failslab/"


@contextlib.contextmanager
def failing_allocations():
    """Make one of a hundred small atomic allocations fail."""
    def write(**values):
        for name, value in values.items():
            with open(FAILSLAB + name.replace("_", "-"), "w", encoding="ascii") as file:
                file.write(str(value))

    if not os.path.isdir(FAILSLAB):
        raise SystemExit("this kernel has no failslab")
    write(ignore_gfp_wait="Y", task_filter="N", verbose=0, interval=1, times=-1, probability=1)
    try:
        yield
    finally:
        write(probability=0)


def main():
    """Run both parts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=20000)
    parser.add_argument("-s", type=int, default=1)
    parser.add_argument("-e", type=int, default=10)
    parser.add_argument("-f", action="store_true")
    parser.add_argument("-t", action="store_true")
    options = parser.parse_args()
    with lab.Lab() as net:
        def faulty(tcp):
            with failing_allocations():
                return eventful(net, options.e, options.s, tcp)

        steps = [("each message is as the core says",
                  lambda: exact(net, options.n, options.s, options.t)),
                 ("and while all else changes",
                  lambda: eventful(net, options.e, options.s, options.t))]
        if options.f:
            steps = [("what arrives while allocations fail is right", lambda: faulty(False)),
                     ("and over TCP all arrives", lambda: faulty(True))]
        steps.append(("nothing is left", lambda: not net.tool("off", "--now").returncode
                      and net.is_emptied()))
        print(f"TAP version 13\n1..{len(steps)}")
        failed = 0
        for number, (title, step) in enumerate(steps, 1):
            fine = step()
            failed += not fine
            print(f"{'ok' if fine else 'not ok'} {number} {title}", flush=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
