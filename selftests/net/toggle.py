#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""An interface is switched a thousand times while calls run.

  phone1, phone2          router                  server       media
    | INVITE, 200, ACK      |                       |            |
    |<--------------------->|<--------------------->|            |
    |                    off, on                    |            |
    | INVITE, 200           |                       |            |
    |<--------------------->|<--------------------->|            |
    |<===================== RTP ================================>|
    |                    off, on ...                |            |
"""

import functools
import os
import time

from lib import genl, ksft, sip
from lib.ladder import Line

TOGGLES = 1000
# Seconds a toggle; selftests/tool/test_start.sh measures the start of the tool.
COST = 0.005

case = functools.partial(ksft.case, only_sipalg=True)


def _toggle(namespace):
    """Switch wan off and on in a process of its own; return its number."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.sched_setaffinity(0, range(os.cpu_count()))
        family = genl.Family(namespace)
        for _ in range(TOGGLES // 2):
            family.set_dev("wan", "off")
            family.set_dev("wan", "on")
        status = 0
    finally:
        os._exit(status)


@case("1000 toggles while calls run: each call ends properly, and the final mode is right")
def toggle(t, net):
    calls = []
    for phone in (net.phone1, net.phone2):
        line = Line(t, net, phone=phone, server=calls[0][0].server if calls else None)
        call = line.dialog(far=6000 + 100 * len(calls))
        call.call()
        calls.append((line, call, call.audio()))
    pid = _toggle(net.router.namespace)
    rounds, status = 0, None
    while status is None:
        rounds += 1
        for _, call, audio in calls:
            again = {"cseq": 1 + rounds, "branch": f"again{call.number}-{rounds}"}
            call.up(sip.INVITE, **again)
            call.down(sip.OK, **again)
            audio.both_ways()
        done, code = os.waitpid(pid, os.WNOHANG)
        status = os.waitstatus_to_exitcode(code) if done else None
    t.equal(status, 0, "exit status of the toggling process")
    t.true(rounds > 1, "calls ran meanwhile")
    t.equal(t.alg.tool(net, "policy", "save").stdout, "set default rule\nset dev wan on\n",
            "policies")
    for _, call, audio in calls:
        call.hang_up()
        call.closed(audio)
    calls[0][0].register()


@case("a toggle costs less than 5 ms, even on an emulated machine")
def cost(t, net):
    family = genl.Family(net.router.namespace)
    took = COST
    # The best of ten, as other programs use the processor, too.
    for _ in range(10):
        began = time.monotonic()
        for _ in range(TOGGLES // 20):
            family.set_dev("wan", "off")
            family.set_dev("wan", "on")
        took = min(took, 10 * (time.monotonic() - began) / TOGGLES)
    family.close()
    print(f"# {1000 * took:.2f} ms a toggle", flush=True)
    t.true(took < COST, f"{1000 * took:.2f} ms a toggle is below {1000 * COST:g} ms")


if __name__ == "__main__":
    ksft.main()
