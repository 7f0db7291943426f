#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tracepoints report messages, bindings and dialogs."""

import os

from lib import ksft, netns, sip
from lib.ksft import case
from lib.ladder import Line

TRACEFS = "/sys/kernel/tracing"


def _write(file, text):
    with open(os.path.join(TRACEFS, file), "w", encoding="ascii") as control:
        control.write(text)


@case("each message, binding and dialog fires its tracepoint", only_sipalg=True)
def events(t, net):
    if not os.path.exists(os.path.join(TRACEFS, "events")):
        netns.run("mount", "-t", "tracefs", "tracefs", TRACEFS)
    _write("trace", "")
    _write("events/sipalg/enable", "1")
    try:
        call = Line(t, net).dialog()
        call.up(sip.INVITE)
    finally:
        _write("events/sipalg/enable", "0")
    with open(os.path.join(TRACEFS, "trace"), encoding="ascii") as trace:
        lines = [line for line in trace if " sipalg_" in line]
    for wanted in ("sipalg_dialog: netns=", "sipalg_message: ",
                   "inside=192.168.1.2:4000 outside=203.0.113.99:4000",
                   "inside=192.168.1.2:4001 outside=203.0.113.99:4001"):
        t.equal(len([line for line in lines if wanted in line]), 1, f"lines with {wanted}")


if __name__ == "__main__":
    ksft.main()
