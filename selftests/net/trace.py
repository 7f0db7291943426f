#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tracepoints report messages, bindings and dialogs."""

from lib import ksft, sip, tracing
from lib.ksft import case
from lib.ladder import Line


@case("each message, binding and dialog fires its tracepoint", only_sipalg=True)
def events(t, net):
    with tracing.Events() as traced:
        Line(t, net).dialog().up(sip.INVITE)
    for wanted in ("sipalg_dialog: netns=", "sipalg_message: ",
                   "inside=192.168.1.2:4000 outside=203.0.113.99:4000",
                   "inside=192.168.1.2:4001 outside=203.0.113.99:4001"):
        t.equal(len([line for line in traced.lines if wanted in line]), 1,
                f"lines with {wanted}")


if __name__ == "__main__":
    ksft.main()
