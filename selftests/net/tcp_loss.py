#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP on bad links: messages both ways at once, through loss and reordering.

  SIPALG_SEED=N       what the slices are made of
  SIPALG_MESSAGES=N   how many each way                                  [500]
"""

import os
import random
import threading
import time

from lib import ksft, sip
from lib.capture import Capture, analysis, faults, segments
from lib.ksft import case
from lib.tcp import Connection, listen, offload

MESSAGES = int(os.environ.get("SIPALG_MESSAGES", "500"))
SEED = int(os.environ.get("SIPALG_SEED", "1"))
# Retransmission timers grow: nothing that arrives at all takes longer.
LIMIT = 120
# Connections with the ALG, and without; captures are of the first ones.
ROUNDS, CAPTURED = 10, 3
DEVICES = ("lan1", "wan")
# Findings of tshark that must not appear, whatever gets lost. It finds ack_lost_segment,
# too, where bytes are sent again with new ones behind them in one packet, and does not see
# the new ones: faults() looks at what is acknowledged byte by byte.
NEVER = ("reused_ports", "zero_window", "zero_window_probe", "zero_window_probe_ack")
# Effects of loss and reordering; there is no telling which packets they hit.
RESENT = ("retransmission", "fast_retransmission", "spurious_retransmission", "out_of_order")
LOST = ("lost_segment",)
MORE, FEW = 3, 100
NETEM = ["netem", "delay", "5ms", "loss", "3%", "reorder", "10%", "limit", "10000"]


def _impair(net):
    for host, device in ((net.phone1, "eth0"), (net.router, "lan1"),
                         (net.router, "wan"), (net.server, "eth0")):
        host.run("tc", "qdisc", "add", "dev", device, "root", *NETEM)


def _slices(text, numbers):
    at = 0
    while at < len(text):
        size = numbers.choice((1, 2, numbers.randrange(3, 100), numbers.randrange(100, 3000)))
        yield text[at:at + size]
        at += size


class Sender(threading.Thread):
    """Writes a text in slices."""

    def __init__(self, stream, text, seed):
        super().__init__(daemon=True)
        self._stream = stream
        self._parts = list(_slices(text, random.Random(seed)))
        self.error = None

    def run(self):
        try:
            self._stream.send(*self._parts)
        except OSError as error:
            self.error = error


class Receiver(threading.Thread):
    """Reads as many bytes as must come."""

    def __init__(self, stream, count):
        super().__init__(daemon=True)
        self._stream = stream
        self._count = count
        self.data = b""
        self.error = None

    def run(self):
        try:
            self.data = self._stream.receive(self._count, LIMIT)
        except Exception as error:
            self.error = error


def _exchange(line, seed):
    """Send many messages each way; return what came, what was due, and the time it took."""
    numbers = random.Random(seed)
    up, down = [], []
    for cseq in range(1, MESSAGES + 1):
        gaps = {"cseq": cseq, "branch": f"{cseq:x}", "call_id": f"{seed}.{cseq % 7}@192.168.1.2"}
        up.append(line.texts(*numbers.choice(((sip.INVITE, sip.OFFER), (sip.REGISTER,),
                                              (sip.BYE,))), **gaps))
        down.append(line.texts(*numbers.choice(((sip.OK, sip.ANSWER), (sip.REGISTER_OK,),
                                                (sip.INCOMING, sip.ANSWER))), **gaps)[::-1])
    for stream in (line.phone, line.server):
        stream.nodelay()
        # A sender may wait for nothing but room in its window.
        stream.socket.settimeout(None)
    texts = [b"".join(each[which] for each in way) for way in (up, down) for which in (0, 1)]
    began = time.monotonic()
    threads = [Sender(line.phone, texts[0], seed), Sender(line.server, texts[2], seed + 1),
               Receiver(line.server, len(texts[1])), Receiver(line.phone, len(texts[3]))]
    for thread in threads:
        thread.start()
    for thread in threads[2:]:
        thread.join()
    took = time.monotonic() - began
    for thread in threads:
        if thread.error:
            raise RuntimeError(f"seed {seed}: {thread.error}")
    return [(threads[2].data, texts[1]), (threads[3].data, texts[3])], took


class Path:
    """The path between phone and server, and what was seen on the router's side of it."""

    def __init__(self, net):
        self.net = net
        self.listener = listen(net)
        self.took = {False: 0, True: 0}
        self.packets = {(device, on): [] for device in DEVICES for on in (False, True)}

    def exchange(self, t, number, on):
        """Exchange all messages over a new connection; the first ones are looked at."""
        captures = {device: Capture(self.net.router, device) for device in DEVICES
                    if number < CAPTURED}
        line = Connection(self.net, port=41000 + 10 * number + on, listener=self.listener)
        if not on:
            line.outside = line.inside
        ways, seconds = _exchange(line, SEED + number)
        self.took[on] += seconds
        for (got, due), where in zip(ways, ("server", "phone")):
            t.same(got, due, f"text at the {where}")
        line.close()
        for device, capture in captures.items():
            packets = capture.packets()
            t.equal(faults(segments(packets))[:3], [], f"faults on {device}")
            self.packets[device, on] += packets
            capture.close()

    def judge(self, t):
        """Compare what there was with the ALG and without."""
        t.equal(self.net.invalid(), 0, "packets that conntrack calls invalid")
        for device in DEVICES:
            without, found = (analysis(self.packets[device, on]) for on in (False, True))
            print(f"# {device}: without ALG {_words(without)}", flush=True)
            print(f"# {device}: with {_words(found)}", flush=True)
            for kind in NEVER:
                t.equal(found[kind], 0, f"{kind} on {device}")
            for kinds in (RESENT, LOST):
                before, now = (sum(each[kind] for kind in kinds) for each in (without, found))
                t.true(now <= MORE * before + FEW, f"{now} of {kinds[0]} on {device} are at "
                       f"most {MORE} times {before} and {FEW}")
        print(f"# without ALG {self.took[False]:.1f} s, with {self.took[True]:.1f} s", flush=True)
        t.true(self.took[True] <= 2 * self.took[False],
               f"{self.took[True]:.1f} s are at most twice {self.took[False]:.1f} s")


def _words(found):
    return ", ".join(f"{kind} {n}" for kind, n in sorted(found.items())) or "nothing"


def _try(t, net):
    _impair(net)
    path = Path(net)
    for on in (False, True):
        if on:
            t.alg.switch_on(net)
        for number in range(ROUNDS):
            path.exchange(t, number, on)
    path.judge(t)


@case(f"{MESSAGES} messages each way through loss and reordering, as fast as without ALG",
      switched_on=False)
def loss(t, net):
    _try(t, net)


@case("the same without offloads", switched_on=False)
def loss_of_segments(t, net):
    offload(net, False)
    _try(t, net)


if __name__ == "__main__":
    ksft.main()
