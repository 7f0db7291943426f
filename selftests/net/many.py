#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A trunk: a thousand calls at a time over one signalling flow.

  phone1                  router                  server       media
    | INVITE, 200, ACK: 1000 Call-IDs               |            |
    |<--------------------->|<--------------------->|            |
    |<================ RTP, on 1000 ports ======================>|
    | BYE, 200: each second one                     |            |
    |<--------------------->|<--------------------->|            |
    |<================ RTP, of the others ======================>|
"""

from lib import ksft, sip
from lib.endpoint import allow_many_sockets, wait_until
from lib.ksft import case
from lib.ladder import FLOWS_END, Line
from lib.topology import MEDIA, OUTSIDE

CALLS = 1000
# Messages in transit at a time: they must fit into a socket's buffer.
BATCH = 40
FIRST_PORT = 10000
FAR_PORT = 6000


def _batches(calls):
    for start in range(0, len(calls), BATCH):
        yield calls[start:start + BATCH]


class Trunk:
    """The phone's side of many calls, and one media socket outside for all of them."""

    def __init__(self, t, net):
        self.t = t
        self.line = Line(t, net)
        self.far = net.media.udp(FAR_PORT)
        self.calls = [self.line.dialog(rtp=FIRST_PORT + 2 * i, far=FAR_PORT)
                      for i in range(CALLS)]
        self.phones = [net.phone1.udp(call.inside.rtp, peer=(MEDIA, FAR_PORT))
                       for call in self.calls]

    def up(self, text, calls):
        """Carry a message of each call to the server; check what arrives."""
        for batch in _batches(calls):
            for call in batch:
                self.line.phone.send(call.text(text, call.inside, body=sip.OFFER),
                                     self.line.server.address)
            for call in batch:
                got = self.line.server.receive("a message of the trunk")
                call.learn(got)
                self.t.same(got.data, call.text(text, call.outside, body=sip.OFFER),
                            "a message at the server")

    def down(self, text, calls):
        """Carry a message of each call to the phone; check what arrives."""
        for batch in _batches(calls):
            for call in batch:
                self.line.server.send(call.text(text, call.outside, body=sip.ANSWER),
                                      (OUTSIDE, self.line.outside_port))
            for call in batch:
                self.t.same(self.line.phone.receive("a message of the trunk").data,
                            call.text(text, call.inside, body=sip.ANSWER),
                            "a message at the phone")

    def heard(self, word):
        """Send a word to every call's port; return the calls that got it and nothing else."""
        for call in self.calls:
            self.far.send(b"%s %d" % (word, call.number), (OUTSIDE, call.outside.rtp))
        self.line.send_down(b"\r\n\r\n", "a keep-alive")
        heard = []
        for call, phone in zip(self.calls, self.phones):
            got = [each.data for each in phone.waiting()]
            if got == [b"%s %d" % (word, call.number)]:
                heard.append(call)
            elif got:
                self.t.differs(f"a call got {got!r}")
        return heard

    def speak(self):
        """Send from every call; return the outside ports that are heard."""
        ports = []
        for start in range(0, CALLS, BATCH):
            for phone in self.phones[start:start + BATCH]:
                phone.send(b"hello")
            ports += [self.far.receive("media").source[1]
                      for _ in self.phones[start:start + BATCH]]
        return ports


@case(f"{CALLS} calls over one flow are heard both ways; a BYE closes its own call alone",
      only_sipalg=True)
def thousand(t, net):
    allow_many_sockets()
    trunk = Trunk(t, net)
    calls = trunk.calls
    with t.counted(net, calls=CALLS, bindings=2 * CALLS + 1, changed=3 * CALLS):
        trunk.up(sip.INVITE, calls)
        trunk.down(sip.OK, calls)
        trunk.up(sip.ACK, calls)
    promised = [call.outside.rtp for call in calls]
    t.equal(len(set(promised)), CALLS, "ports promised")
    t.equal(trunk.heard(b"first"), calls, "calls that hear")
    t.equal(trunk.speak(), promised, "calls that are heard")

    ended, others = calls[::2], calls[1::2]
    trunk.up(sip.BYE, ended)
    trunk.down(sip.BYE_OK, ended)
    wait_until(lambda: t.alg.counters(net)["calls_now"] == len(others), "those calls end",
               FLOWS_END)
    t.equal(t.alg.counters(net)["bindings_now"], 2 * len(others) + 1, "bindings of the others")
    t.equal(trunk.heard(b"second"), others, "calls that hear after the BYE of half of them")

    trunk.up(sip.BYE, others)
    trunk.down(sip.BYE_OK, others)
    wait_until(lambda: not t.alg.counters(net)["calls_now"], "all calls end", FLOWS_END)
    after = t.alg.counters(net)
    t.equal((after["bindings_now"], after["hosts_now"], after["bytes_now"]), (0, 0, 0),
            "calls and bindings left")
    t.equal(trunk.heard(b"third"), [], "calls that hear after all BYEs")


if __name__ == "__main__":
    ksft.main()
