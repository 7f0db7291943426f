#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP: bytes are held only where something can change.

Where nothing can, each segment goes on as it comes, however small the receiver's window
is, and a description that stays as it is is read all the same.
"""

import re

from lib import ksft, media, sip
from lib.ksft import case
from lib.script import ACK, PSH, Script
from lib.tcp import over_tcp
from lib.topology import OUTSIDE

PORT = 40001
VIEWS = sip.View("192.168.1.2", PORT, 4000, 4001), sip.View(OUTSIDE, PORT, 4000, 4001)
GAPS = {"call_id": "custody", "branch": "x", "tag": "alice", "cseq": 1, "far": 6000}
NOTIFY, INCOMING_NOTIFY = (
    text.replace("INVITE", "NOTIFY").replace("application/sdp", "multipart/related;boundary=a")
    for text in (sip.INVITE, sip.INCOMING))
PARTS = "\n--a\nContent-Type: application/rlmi+xml\n\n<list/>\n--a--\n"
# The buffer of a small receiver; what it has is acknowledged, and the window opens again.
WINDOW = 2304


def _texts(text, body=""):
    """Return a message as the phone and as the server sees it."""
    return [sip.fill(over_tcp(text), view, body, **GAPS) for view in VIEWS]


def _head(text):
    return text.index(b"\r\n\r\n") + 4


class Way:
    """One direction of a connection: what is sent there, and what arrives.

    The receiver acknowledges each segment. back and back_due count what it has sent itself.
    """

    def __init__(self, t, net, up, port=PORT, window=8192, outside=OUTSIDE):
        self.t, self.window = t, window
        ends = Script(net, port, outside=outside)
        self.sender, self.receiver = (ends.phone, ends.server) if up else (ends.server, ends.phone)
        self.sent = self.due = self.back = self.back_due = 0
        self.receiver.send(ACK, 0, 0, window=window)
        self.sender.due(t, "the window", ACK, 0, 0)

    def sends(self, what, at, sent, due_at, due):
        """Check that a segment goes on at once."""
        self.sender.send(PSH | ACK, at, self.back_due, sent)
        self.receiver.due(self.t, what, PSH | ACK, due_at, self.back, due)

    def passes(self, what, sent, due=None):
        """Check that the next segment goes on at once, and that its acknowledgement does."""
        due = sent if due is None else due
        self.sends(what, self.sent, sent, self.due, due)
        self.sent += len(sent)
        self.due += len(due)
        self.acknowledged(f"acknowledgement of {what}")

    def acknowledged(self, what):
        """Check that the receiver's acknowledgement goes back, and its window as it is."""
        self.receiver.send(ACK, self.back, self.due, window=self.window)
        self.sender.due(self.t, what, ACK, self.back_due, self.sent, window=self.window)

    def is_held(self, what, sent):
        """Check that the receiver gets nothing of a segment yet."""
        self.sender.send(PSH | ACK, self.sent, self.back_due, sent)
        self.receiver.keepalive(self.t, what, self.due - 1, self.back)
        self.sent += len(sent)

    def answers(self, sent, due):
        """Have the receiver send a message, changed on its way."""
        self.receiver.send(PSH | ACK, self.back, self.due, sent)
        self.sender.due(self.t, "what comes back", PSH | ACK, self.back_due, self.sent, due)
        self.back += len(sent)
        self.back_due += len(due)


def _in_pieces(way, sent, due, size=500):
    """Check that the head goes on as soon as it is there, and the body as it comes."""
    head, due_head = _head(sent), _head(due)
    way.is_held("the beginning of the head", sent[:100])
    way.passes("the head", sent[100:head + 20], due[:due_head + 20])
    for at in range(head + 20, len(sent), size):
        way.passes("some of the body", sent[at:at + size])


def _invite(t, net):
    """Return the way to a phone that has called, and the server's answer, sent and due."""
    way = Way(t, net, up=False)
    way.answers(*_texts(sip.INVITE, sip.OFFER))
    return way, *_texts(sip.OK, sip.ANSWER)[::-1]


@case("a description from outside is not held, and read all the same")
def answer(t, net):
    t.alg.tool(net, "set", "media-source", "signalled")
    way, sent, due = _invite(t, net)
    head, due_head = _head(sent), _head(due)
    with t.counted(net, messages=1, changed=1, passed_too_long=0):
        _in_pieces(way, sent, due)
    with t.counted(net, messages=4, changed=4):
        way.passes("the head alone", sent[:head], due[:due_head])
        way.passes("the body alone", sent[head:])
        way.passes("all, and the next one's head", sent + sent[:head], due + due[:due_head])
        way.passes("its body, and the next one", sent[head:] + sent, sent[head:] + due)
    way.answers(*_texts(sip.ACK))
    with t.counted(net, flows_denied=1):
        net.server.udp(7000).send(b"of nobody who is named", (OUTSIDE, 4000))
        media.Stream(t, net.phone1.udp(4000), net.media.udp(6000), (OUTSIDE, 4000)).both_ways()


@case("it is sent again from anywhere: the same bytes")
def again(t, net):
    way, sent, due = _invite(t, net)
    head, due_head = _head(sent), _head(due)
    way.is_held("the beginning of the head", sent[:100])
    way.sends("the head", 100, sent[100:head + 20], 0, due[:due_head + 20])
    way.sends("it again, and the rest", 100, sent[100:], 0, due)
    way.sends("the rest again", head + 10, sent[head + 10:], due_head + 10, due[due_head + 10:])
    way.sent, way.due = len(sent), len(due)
    way.acknowledged("all is acknowledged")


@case("a message that is longer than the window passes, its headers translated")
def long(t, net):
    padding = "a=x:" + 90 * "x" + "\n"
    inside, outside = _texts(sip.INCOMING, sip.ANSWER + 100 * padding)
    t.true(len(inside) > 3 * WINDOW, "it is long")
    with t.counted(net, messages=1, changed=1, passed_too_long=0):
        _in_pieces(Way(t, net, up=False, window=WINDOW), outside, inside, WINDOW // 2)
    inside, outside = _texts(sip.INVITE, sip.OFFER + 180 * padding)
    # From inside the description is beyond the limit: it is as it was, and so is its length.
    length = re.search(rb"Content-Length: \d+", inside)[0]
    outside = re.sub(rb"Content-Length: \d+", length, outside[:_head(outside)])
    outside += inside[_head(inside):]
    with t.counted(net, messages=1, changed=1, passed_too_long=1):
        _in_pieces(Way(t, net, up=True, port=PORT + 1), inside, outside)


@case("the body of a NOTIFY is not held, be it multipart, either way")
def notify(t, net):
    inside, outside = _texts(INCOMING_NOTIFY, PARTS)
    _in_pieces(Way(t, net, up=False), outside, inside)
    _in_pieces(Way(t, net, up=True, port=PORT + 1), *_texts(NOTIFY, PARTS))


@case("without NAT nothing is held, and a message is read all the same")
def no_nat(t, net):
    net.router.run("nft", "delete", "table", "ip", "nat")
    net.server.run("ip", "route", "add", "192.168.1.0/24", "via", OUTSIDE)
    way = Way(t, net, up=True, outside=net.phone1.address)
    text, _ = _texts(sip.INVITE, sip.OFFER)
    with t.counted(net, messages=1, no_nat=1):
        for at in range(0, len(text), 100):
            way.passes("a part", text[at:at + 100])


@case("switched off while just the head of an offer is held: all bytes come, once")
def off(t, net):
    way = Way(t, net, up=True)
    text, _ = _texts(sip.INVITE, sip.OFFER)
    head = _head(text)
    way.is_held("the head", text[:head])
    t.alg.tool(net, "off", "dev", "wan")
    way.passes("some of the body", text[head:head + 50], text[:head + 50])
    way.passes("the rest", text[head + 50:])


if __name__ == "__main__":
    ksft.main()
