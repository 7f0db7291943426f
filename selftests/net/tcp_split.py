#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP: messages cut at every byte arrive as if they had not been."""

import time

from lib import ksft, sip
from lib.ksft import case
from lib.tcp import Connection, offload

# From the last write on, RFC 896 and delayed acknowledgements included.
LIMIT = 0.3

MULTIPART = sip.INVITE.replace("application/sdp", 'multipart/mixed;boundary="part"')
LINES = "c=IN IP4 192.168.1.2, which is no description, but the text of a letter\n"
MULTIPART_BODY = f"""
--part
Content-Type: text/plain

{LINES * 40}
--part
Content-Type: application/sdp

{sip.OFFER.lstrip()}--part
Content-Type: text/plain

{LINES * 35}
--part--
"""


class Line:
    """A connection in one direction, and how its messages fared."""

    def __init__(self, net, down):
        line = Connection(net)
        self.line = line
        self.down = down
        ends = (line.server, line.phone) if down else (line.phone, line.server)
        self.sender, self.receiver = ends
        self.differ, self.late = [], []
        self.slowest = 0

    def texts(self, text, body):
        """Return what is sent and what is due."""
        texts = self.line.texts(text, body)
        return texts[::-1] if self.down else texts

    def carry(self, sent, due, cuts):
        """Send a message in parts; return whether it arrived in time."""
        parts = [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)])]
        self.sender.send(*parts)
        began = time.monotonic()
        got = self.receiver.message()
        if got != due:
            self.differ.append(cuts[0])
        took = time.monotonic() - began
        self.slowest = max(self.slowest, took)
        return took <= LIMIT


def _try(t, net, text, body, down=False):
    line = Line(net, down)
    sent, due = line.texts(text, body)
    for nodelay in (True, False):
        line.sender.nodelay(nodelay)
        for cuts in [*([at] for at in range(1, len(sent))), list(range(3, len(sent), 3))]:
            # The machine may have been busy elsewhere, but not twice.
            if not line.carry(sent, due, cuts) and not line.carry(sent, due, cuts):
                line.late.append(cuts[0])
    count = 2 * len(sent)
    t.true(not line.differ, f"{len(line.differ)} of {count} cuts leak, the first at "
           f"{line.differ[:1]}")
    t.true(not line.late, f"{len(line.late)} of {count} are late, the first at {line.late[:1]}")
    print(f"# {count} cuts of {len(sent)} bytes, the slowest {line.slowest * 1000:.0f} ms",
          flush=True)
    line.line.close()


@case("an INVITE with SDP, cut at every byte and in pieces of three")
def invite(t, net):
    _try(t, net, sip.INVITE, sip.OFFER)


@case("a 200 with SDP, the same")
def answer(t, net):
    _try(t, net, sip.INCOMING_OK, sip.OFFER)


@case("an INVITE to the inside, the same")
def incoming(t, net):
    _try(t, net, sip.INCOMING, sip.ANSWER, down=True)


@case("an INVITE with a multipart body of 6 KB, the same")
def multipart(t, net):
    _try(t, net, MULTIPART, MULTIPART_BODY)


@case("all of them without offloads")
def segments(t, net):
    offload(net, False)
    _try(t, net, sip.INVITE, sip.OFFER)
    _try(t, net, sip.INCOMING_OK, sip.OFFER)
    _try(t, net, sip.INCOMING, sip.ANSWER, down=True)
    _try(t, net, MULTIPART, MULTIPART_BODY)


if __name__ == "__main__":
    ksft.main()
