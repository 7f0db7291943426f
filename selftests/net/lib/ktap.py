# SPDX-License-Identifier: GPL-2.0-only
"""Results of test cases, read from KTAP."""

import re
from typing import NamedTuple

_RESULT = re.compile(r"(?P<status>ok|not ok) \d+ (?P<title>[^#]*?)(?: # (?P<directive>\w+) ?"
                     r"(?P<text>.*))?$")


class Result(NamedTuple):
    """A result line. `kind` is pass, fail, or the directive: skip, xfail."""

    title: str
    kind: str
    text: str


def parse(line):
    """Return the result that a line tells, None if it tells none."""
    found = _RESULT.match(line)
    if not found:
        return None
    kind = (found["directive"] or "").lower() or {"ok": "pass"}.get(found["status"], "fail")
    return Result(found["title"], kind, found["text"] or "")
