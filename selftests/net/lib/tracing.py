# SPDX-License-Identifier: GPL-2.0-only
"""Tracepoints of the module, as tracefs shows them."""

import os

from . import netns

TRACEFS = "/sys/kernel/tracing"


def _write(file, text):
    with open(os.path.join(TRACEFS, file), "w", encoding="ascii") as control:
        control.write(text)


class Events:
    """Collects in .lines what tracepoints print while the block runs."""

    def __init__(self, name=""):
        self.switch = os.path.join("events/sipalg", name, "enable")
        self.lines = []

    def __enter__(self):
        if not os.path.exists(os.path.join(TRACEFS, "events")):
            netns.run("mount", "-t", "tracefs", "tracefs", TRACEFS)
        _write("trace", "")
        _write(self.switch, "1")
        return self

    def __exit__(self, *exception):
        _write(self.switch, "0")
        with open(os.path.join(TRACEFS, "trace"), encoding="ascii") as trace:
            self.lines = [line for line in trace if " sipalg_" in line]
