# SPDX-License-Identifier: GPL-2.0-only
"""Test cases, and KTAP about them.

A test file decorates its cases and calls main(). Each case gets the checks
(`t`) and a network of its own, with the ALG already at work. With ALG=stock
or ALG=none nothing fails: what a case finds different is reported as XFAIL,
and a case that asks what sipalg alone could tell ends there, as SKIP unless
something was different before.
"""

import contextlib
import itertools
import os
import re
import signal
import sys
import traceback

from . import alg
from .endpoint import Missing
from .topology import Network

EXIT_PASS, EXIT_FAIL, EXIT_SKIP = 0, 1, 4

# Which cases are run: those whose title has this.
CASES = re.compile(os.environ.get("SIPALG_CASES", ""))

# No more of two texts is shown than this.
DIFFERENT_LINES = 12

_cases = []


class Skip(Exception):
    """The case cannot be tried here."""


class Checks:
    """What a case checks with. A difference is noted, and the case goes on."""

    def __init__(self, chosen_alg):
        self.alg = chosen_alg
        self.differences = []

    def differs(self, text, *details):
        """Note a difference: one line, and more for the log."""
        self.differences.append((text, details))

    def true(self, holds, what):
        """Check that something holds."""
        if not holds:
            self.differs(f"{what}: not so")

    def equal(self, got, want, what):
        """Check two values."""
        if got != want:
            self.differs(f"{what}: {got!r}, not {want!r}")

    def same(self, got, want, what):
        """Check, byte for byte, what arrived."""
        if got == want:
            return
        lines = list(_unequal_lines(got, want))
        # The length follows from what else differs.
        telling = [line for line in lines if "Content-Length" not in line] or lines
        first = next((line for line in telling if line.startswith("+")), telling[0])
        self.differs(f"{what} has {first[2:]}", *lines[:DIFFERENT_LINES])

    def set(self, net, *words):
        """Have the tool set something on the router; that it refuses is a difference."""
        done = self.alg.tool(net, *words, check=False)
        if done.returncode:
            self.differs(f"sipalg {' '.join(words)}: {done.stderr.splitlines()[0]}")

    def skip(self, why):
        """Leave the case out."""
        raise Skip(why)

    @contextlib.contextmanager
    def counted(self, net, what="counters", **wanted):
        """Check by how much the ALG's counters rise in the `with` block."""
        if self.alg.name != "sipalg":
            yield
            return
        before = self.alg.counters(net)
        yield
        after = self.alg.counters(net)
        self.equal({name: after[name] - before[name] for name in wanted}, wanted,
                   what)


def _unequal_lines(got, want):
    """Yield the lines that differ, as a diff does: - wanted, + got."""
    for mine, theirs in itertools.zip_longest(want.split(b"\n"), got.split(b"\n")):
        if mine != theirs:
            for sign, line in (("-", mine), ("+", theirs)):
                if line is not None:
                    yield f"{sign} {line[:200].decode('ascii', 'backslashreplace')!r}"


def case(title, switched_on=True, only_sipalg=False):
    """Make a function a test case; `title` says what must be so."""
    def decorate(function):
        if CASES.search(title):
            _cases.append((title, function, switched_on, only_sipalg))
        return function
    return decorate


def _run(title, function, switched_on, only_sipalg, chosen_alg):
    """Run one case; return its result line without number, and its log."""
    if only_sipalg and chosen_alg.name != "sipalg":
        return f"ok {title} # SKIP of sipalg alone", []
    t = Checks(chosen_alg)
    log = []
    try:
        with Network() as net:
            if switched_on:
                chosen_alg.switch_on(net)
            function(t, net)
    except Skip as why:
        return f"ok {title} # SKIP {why}", []
    except alg.Unanswered as why:
        if not t.differences:
            return f"ok {title} # SKIP {why}", []
    except Missing as error:
        t.differs(str(error))
    except Exception as error:  # a broken test must not end the others
        t.differs(f"{type(error).__name__}: {error}")
        log += traceback.format_exc().splitlines()
    if not t.differences:
        return f"ok {title}", []
    for text, details in t.differences:
        log += [text, *(f"  {line}" for line in details)]
    if chosen_alg.name != "sipalg":
        return f"not ok {title} # XFAIL {chosen_alg.name}: {t.differences[0][0]}", log
    return f"not ok {title}", log


def _report(text):
    print(text, flush=True)


def main():
    """Run the cases of this file and exit as kselftests do."""
    chosen_alg = alg.chosen()
    _report("KTAP version 1")
    if not alg.can_load_modules():
        _report("1..0 # SKIP needs root")
        sys.exit(EXIT_SKIP)
    # One processor: what is sent later arrives later.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    # An interrupted test leaves no namespaces behind.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(EXIT_FAIL))
    mine = not chosen_alg.is_loaded()
    try:
        chosen_alg.load()
    except alg.CannotLoad as error:
        _report(f"1..0 # SKIP cannot load {chosen_alg.name}: {error}")
        # A module that is named is to be tested.
        sys.exit(EXIT_FAIL if alg.KO else EXIT_SKIP)
    _report(f"1..{len(_cases)}")
    failed = 0
    skipped = 0
    try:
        for number, each in enumerate(_cases, 1):
            result, log = _run(*each, chosen_alg)
            for line in log:
                _report(f"# {line}")
            status, _, rest = result.partition("ok ")
            _report(f"{status}ok {number} {rest}")
            failed += result.startswith("not ok") and "# XFAIL" not in result
            skipped += "# SKIP" in result
    finally:
        if mine:
            chosen_alg.unload()
    if failed:
        sys.exit(EXIT_FAIL)
    sys.exit(EXIT_SKIP if skipped == len(_cases) else EXIT_PASS)
