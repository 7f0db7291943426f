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
from lib.capture import Capture, faults
from lib.ksft import case
from lib.tcp import Connection, listen

MESSAGES = int(os.environ.get("SIPALG_MESSAGES", "500"))
SEED = int(os.environ.get("SIPALG_SEED", "1"))
# Retransmission timers grow: nothing that arrives at all takes longer.
LIMIT = 120
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


@case(f"{MESSAGES} messages each way through loss and reordering, as fast as without ALG",
      switched_on=False)
def loss(t, net):
    _impair(net)
    listener = listen(net)
    took = {}
    for switched_on in (False, True):
        if switched_on:
            t.alg.switch_on(net)
        took[switched_on] = 0
        for number in range(3):
            captures = {device: Capture(net.router, device) for device in ("lan1", "wan")}
            line = Connection(net, port=41000 + 10 * number + switched_on, listener=listener)
            if not switched_on:
                line.outside = line.inside
            ways, seconds = _exchange(line, SEED + number)
            for device, capture in captures.items():
                t.equal(faults(capture.segments())[:3], [], f"faults on {device}")
            took[switched_on] += seconds
            for (got, due), where in zip(ways, ("server", "phone")):
                t.same(got, due, f"text at the {where}")
            line.close()
            for capture in captures.values():
                capture.close()
    t.equal(net.invalid(), 0, "packets that conntrack calls invalid")
    print(f"# without ALG {took[False]:.1f} s, with {took[True]:.1f} s", flush=True)
    t.true(took[True] <= 2 * took[False],
           f"{took[True]:.1f} s are at most twice {took[False]:.1f} s")


if __name__ == "__main__":
    ksft.main()
