#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Measure how long messages over TCP take without an ALG, with the kernel's own and with ours.

The time is that from the first write to the arrival of the last byte, in a machine whose
clock counts instructions. Environment: SIPALG_KO and SIPALG, as for the tests.
SIPALG_CELLS=REGEX measures just the cells whose name has this. scripts/stalls runs this.
"""

import ctypes
import itertools
import os
import re
import socket
import statistics
import struct
import sys
import time
from typing import NamedTuple

from lib import alg, netns, sip
from lib.endpoint import Missing, wait_until
from lib.netns import run
from lib.tcp import Stream, listen, offload, over_tcp
from lib.topology import OUTSIDE, Network

# What a receiver of Linux takes a packet for is luck, once a connection: its window follows.
CONNECTIONS = 5
# Messages of a connection.
ROUNDS = 2
# Seconds of the machine's clock, which are over at once while it waits.
LIMIT = 60
# What the router's work may add: far less than a delayed acknowledgment.
SLACK_MS = 5

WAYS = ("out", "in")
RTTS_MS = (0, 20, 100)
# What the receiver's socket has in all (SO_RCVBUF); 2304 is the least of Linux.
BUFFERS = (None, 8192, 2304)
SENDERS = {"Nagle": False, "NODELAY": True}

# A request has this where it was not translated.
WRONG = {"out": b"192.168.1.2:", "in": f"alice@{OUTSIDE}".encode()}
BUSY = {"out": sip.final("486 Busy Here"),
        "in": sip.INCOMING_RINGING.replace("180 Ringing", "486 Busy Here")}


def _halves(text):
    # In the middle of a header field.
    return text[:len(text) // 3], text[len(text) // 3:]


def _head_and_body(text):
    head, end, body = text.partition(b"\r\n\r\n")
    return head + end, body


# Bytes that it is made long, and how it is written.
FORMS = {
    "in one write": (0, lambda text: [text]),
    "in two parts": (0, _halves),
    "head, body": (0, _head_and_body),
    "line by line": (0, lambda text: text.splitlines(keepends=True)),
    "3 kB": (3000, lambda text: [text]),
    "15 kB": (15000, lambda text: [text]),
}


class Cell(NamedTuple):
    """What is measured."""

    way: str
    form: str
    sender: str
    rtt: int
    buffer: int

    def __str__(self):
        return (f"{self.way:3} {self.form:12} {self.sender:7} {self.rtt:3} ms "
                f"{self.buffer or 'default':>7}")


class Figure(NamedTuple):
    """What has been measured: best and median in milliseconds; did private addresses arrive?"""

    best: float
    median: float
    leaks: bool


class Pair:
    """A phone that registers with its server over one connection."""

    def __init__(self, net, port, cell):
        self._net, self._way = net, cell.way
        listener, phone = listen(net), net.phone1.tcp(port)
        if cell.buffer:
            # The kernel takes twice the number.
            receiver = phone if cell.way == "in" else listener
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, cell.buffer // 2)
        phone.connect(listener.getsockname())
        server, source = listener.accept()
        listener.close()
        for end in (phone, server):
            # No write may wait for the receiver: this program is both.
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self.phone, self.server = Stream("the phone", phone), Stream("the server", server)
        self.views = (sip.View(net.phone1.address, port, 4000, 4001),
                      sip.View(OUTSIDE, source[1], 4000, 4001))
        ends = (self.phone, self.server)
        self.sender, self.receiver = ends if cell.way == "out" else ends[::-1]
        self.sender.nodelay(SENDERS[cell.sender])
        self._gaps = {"call_id": f"{port}@192.168.1.2", "branch": f"{port}", "tag": "alice",
                      "cseq": 1, "far": 6000}

    def _text(self, text, from_phone, body="", **gaps):
        view = self.views[0 if from_phone else 1]
        return sip.fill(over_tcp(text), view, body, **{**self._gaps, **gaps})

    def _settle(self):
        wait_until(lambda: not self.phone.unacknowledged() + self.server.unacknowledged(),
                   "all is acknowledged", LIMIT)
        # As long as an end may delay an acknowledgment that it has in mind.
        time.sleep(0.3)

    def register(self):
        """Have the outside know the phone."""
        self.phone.send(self._text(sip.REGISTER, True))
        self.server.message(LIMIT)
        self.server.send(self._text(sip.REGISTER_OK, False))
        self.phone.message(LIMIT)
        self._settle()

    def invite(self, number, cell):
        """Invite, and refuse; return how long the INVITE took, and whether it was right."""
        out = cell.way == "out"
        size, cut = FORMS[cell.form]
        text, body = (sip.INVITE, sip.OFFER) if out else (sip.INCOMING, sip.ANSWER)
        gaps = {"call_id": f"{self._gaps['call_id']}.{number}", "cseq": number + 2}
        missing = size - len(self._text(text, out, body, **gaps))
        if missing > 0:
            line = f"a=x-filler:{'f' * 86}\n"
            body += line * (missing // len(line) + 1)
        parts = cut(self._text(text, out, body, **gaps))
        began = time.monotonic()
        self.sender.send(*parts)
        got = self.receiver.message(LIMIT)
        took = time.monotonic() - began
        self.receiver.send(self._text(BUSY[cell.way], not out, **gaps))
        self.sender.message(LIMIT)
        self._settle()
        return took, WRONG[cell.way] in got


class Card:
    """A device that copies each packet it receives, as that of a network card does.

    A veth pair hands over the sender's buffer, and Linux reckons the window by what
    buffers take: a router that writes a packet anew would close it. The smallest XDP
    program makes a veth device copy.
    """

    _SYS_BPF, _PROG_LOAD, _LINK_CREATE = 321, 5, 28
    _XDP, _XDP_ATTACH, _IN_DRIVER = 6, 37, 4
    # r0 = XDP_PASS; exit
    _PROGRAM = bytes.fromhex("b700000002000000" "9500000000000000")

    def __init__(self, host, device):
        program = ctypes.create_string_buffer(self._PROGRAM)
        license_text = ctypes.create_string_buffer(b"GPL")
        self._program = self._bpf(self._PROG_LOAD, struct.pack(
            "IIQQ", self._XDP, len(self._PROGRAM) // 8, ctypes.addressof(program),
            ctypes.addressof(license_text)))
        with host.namespace:
            self._link = self._bpf(self._LINK_CREATE, struct.pack(
                "IIII", self._program, socket.if_nametoindex(device), self._XDP_ATTACH,
                self._IN_DRIVER))

    def _bpf(self, command, words):
        words = ctypes.create_string_buffer(words.ljust(128, b"\0"), 128)
        done = ctypes.CDLL(None, use_errno=True).syscall(self._SYS_BPF, command, words, 128)
        if done < 0:
            raise OSError(ctypes.get_errno(), "bpf")
        return done

    def close(self):
        """Let the device be as it was."""
        os.close(self._link)
        os.close(self._program)


def _measure(net, ports, cell):
    rounds = []
    for port in ports:
        pair = Pair(net, port, cell)
        pair.register()
        rounds += [pair.invite(number, cell) for number in range(ROUNDS)]
        net.phone1.close_sockets()
        net.server.close_sockets()
    times = [1000 * took for took, _ in rounds]
    return Figure(min(times), statistics.median(times), any(wrong for _, wrong in rounds))


def _delay(net, rtt):
    """Have the line between the router and the server take its time."""
    for host, device in ((net.router, "wan"), (net.server, "eth0")):
        host.run("tc", "qdisc", "replace", "dev", device, "root", "netem", "delay", f"{rtt / 2}ms")


def _measure_all(kind, cells):
    """Return the figures of an ALG by cell, None where the message did not come through."""
    figures = {}
    kind.load()
    with Network() as net:
        kind.switch_on(net)
        offload(net, False)
        cards = [Card(host, "eth0") for host in (net.phone1, net.server)]
        last_rtt = None
        ports = itertools.count(20000)
        for cell in sorted(cells, key=lambda cell: cell.rtt):
            if cell.rtt != last_rtt:
                _delay(net, cell.rtt)
                last_rtt = cell.rtt
            try:
                figures[cell] = _measure(net, itertools.islice(ports, CONNECTIONS), cell)
            except (Missing, OSError):
                figures[cell] = None
            print(f"# {kind.name} {cell}: {figures[cell]}", file=sys.stderr, flush=True)
        for card in cards:
            card.close()
    kind.unload()
    return figures


# --- what is printed ----------------------------------------------------------


def _shown(figure):
    if not figure:
        return "lost"
    return f"{figure.median:.1f}{'*' if figure.leaks else ' '}"


def _excess(none, ours):
    """Return by how many milliseconds ours is slower, at best and in the median."""
    if not ours:
        return float("inf")
    return max(ours.best - none.best, ours.median - none.median)


def _print_table(cells, none, stock, ours):
    print(f"{'way write':16} {'sender':7} {'RTT':>6} {'buffer':>7} "
          f"{'no ALG':>8} {'stock':>9} {'sipalg':>9}")
    for cell in cells:
        shown = " ".join(f"{_shown(figures[cell]):>9}" for figures in (none, stock, ours))
        print(f"{cell} {shown}".rstrip())


def _print_slower(excess):
    """Print where it is slower, the senders and RTTs of a line together."""
    groups = {}
    for cell, more in excess.items():
        if more > SLACK_MS:
            groups.setdefault((cell.way, cell.form, cell.buffer), []).append(more)
    for (way, form, buffer), more in groups.items():
        print(f"slower: {way:3} {form:12} {buffer or 'default':>7}  {len(more)} of "
              f"{len(SENDERS) * len(RTTS_MS)} cells, by {min(more):.0f} to {max(more):.0f} ms")


def _print_sums(cells, none, stock, ours):
    """Print some cells, and how many are what; return whether one is too slow."""
    _print_table([cell for cell in cells if cell.rtt == RTTS_MS[1] and not cell.buffer],
                 none, stock, ours)
    excess = {cell: _excess(none[cell], ours[cell]) for cell in cells}
    slower = [cell for cell in cells if excess[cell] > SLACK_MS]
    faster = [cell for cell in cells if ours[cell] and
              none[cell].median - ours[cell].median > SLACK_MS]
    leaks = [sum(not figures[cell] or figures[cell].leaks for cell in cells)
             for figures in (stock, ours)]
    too_slow = [cell for cell in cells if excess[cell] > cell.rtt + SLACK_MS]
    print(f"\n{len(cells)} cells: {len(faster)} faster than without an ALG, {len(slower)} slower, "
          f"{len(too_slow)} by more than an RTT.\n"
          f"Not translated, or lost: {leaks[0]} with the stock module, {leaks[1]} with sipalg.")
    _print_slower(excess)
    return bool(too_slow)


def main():
    """Measure and print; the status is 1 if a cell is slower by more than an RTT."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    # The clock runs ahead while a program is read from the disk.
    netns.PROGRAM_LIMIT = None
    run("modprobe", "sch_netem")
    wanted = re.compile(os.environ.get("SIPALG_CELLS", ""))
    cells = [cell for cell in itertools.starmap(Cell, itertools.product(
        WAYS, FORMS, SENDERS, RTTS_MS, BUFFERS)) if wanted.search(str(cell))]
    figures = [_measure_all(kind(), cells) for kind in (alg.Nothing, alg.Stock, alg.Sipalg)]
    _print_table(cells, *figures)
    print("--- sums")
    return _print_sums(cells, *figures)


if __name__ == "__main__":
    sys.exit(main())
