#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP with a stack that is not Linux's: lwIP, of which lwip.c makes a program.

Its segments are short and its window is small; it knows neither timestamps nor SACK, waits
for acknowledgements (RFC 896), and its shortest retransmission timer is seconds long.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time

from lib import ksft, sip
from lib.ksft import case
from lib.tcp import Connection, Stream, listen, writing
from lib.topology import OUTSIDE, SERVER, SIP_PORT

HERE = os.path.dirname(os.path.abspath(__file__))
# Segments of 536 bytes, and a window of four of them: lwIP's defaults, but Debian's are larger.
MTU, WINDOW = 576, 2144
NETEM = ["netem", "delay", "5ms", "loss", "3%", "reorder", "10%", "limit", "10000"]
# Messages each way through loss.
MESSAGES = 12
# Its retransmission timers begin at seconds, and grow.
LIMIT = 120
# What two of those may add, the second of which is twice as long.
RTO = 10

FILLER = f"a=x-filler:{'f' * 86}\n"
NOTIFY = sip.INCOMING.replace("INVITE", "NOTIFY").replace("application/sdp", "text/plain")


def _build(t):
    """Return a folder with the program, or leave the case out."""
    folder = tempfile.mkdtemp(prefix="sipalg-")
    built = shutil.which("cc") and subprocess.run(
        ["cc", "-O1", "-I/usr/include/lwip", "-o", f"{folder}/lwip", f"{HERE}/lwip.c",
         "-llwip", "-lpthread"], capture_output=True, check=False)
    if not built or built.returncode:
        shutil.rmtree(folder)
        t.skip("no compiler, or no lwIP")
    return folder


class End(Stream):
    """A host whose TCP/IP is lwIP, and its connection."""

    def __init__(self, net, name, port, peer=()):
        host = getattr(net, name)
        gateway = OUTSIDE if name == "server" else host.address.rpartition(".")[0] + ".1"
        host.run("ip", "addr", "flush", "dev", "eth0")
        # Each message to the program is a write by itself.
        self._written, written = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        came, theirs = socket.socketpair()
        with host.namespace:
            self._process = subprocess.Popen(
                [f"{net.lwip}/lwip", "eth0", host.address, gateway, str(MTU), str(WINDOW),
                 str(port), *map(str, peer)], stdin=written, stdout=theirs)
        written.close()
        theirs.close()
        super().__init__(name, came)
        if not peer:
            self.ready()

    def ready(self):
        """Wait until it listens, or is connected."""
        self.receive(len(b"ready\n"))

    def send(self, *parts):
        for part in parts:
            self._written.send(part)

    def close(self):
        self._process.kill()
        self._process.wait()
        self._written.close()
        super().close()


class Line(Connection):
    """A connection of a phone to the server, of whom one has lwIP."""

    _port = 40000

    def __init__(self, net, phone="phone1", lwip="phone", translates=True):
        Line._port += 1
        host, port = getattr(net, phone), Line._port
        if lwip == "server":
            self.server = End(net, lwip, SIP_PORT)
            linux = host.tcp(port)
            linux.connect((SERVER, SIP_PORT))
            self.phone = Stream("the phone", linux)
            self.phone.nodelay()
        else:
            listener = listen(net)
            self.phone = End(net, phone, port, (SERVER, SIP_PORT))
            self.server = Stream("the server", listener.accept()[0])
            listener.close()
            self.phone.ready()
            self.server.nodelay()
        rtp = 2 * port - 70000
        self.inside = sip.View(host.address, port, rtp, rtp + 1)
        self.outside = sip.View(OUTSIDE, port, rtp, rtp + 1) if translates else self.inside

    def ways(self):
        """Yield both ways: who sends, who receives, and the order of the two texts of a message."""
        yield self.phone, self.server, slice(None)
        yield self.server, self.phone, slice(None, None, -1)


class Lwip:
    """The network, its devices as network cards are, and the program."""

    def __init__(self, t, net):
        net.lwip = self.folder = _build(t)
        # Without offloads each segment is one, and has a checksum. If both ends scaled their
        # windows, lwIP would begin with its default.
        for host, devices in ((net.phone1, ["eth0"]), (net.phone2, ["eth0"]),
                              (net.router, ["lan1", "lan2", "wan"]), (net.server, ["eth0"])):
            for device in devices:
                host.run("ethtool", "-K", device, "tx", "off", "gso", "off", "gro", "off")
        net.server.namespace.sysctl("net.ipv4.tcp_window_scaling", 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)


def _call(t, line):
    """The phone registers, calls and is called; each message is written at once."""
    line.up(t, sip.REGISTER, cseq=1)
    line.down(t, sip.REGISTER_OK, cseq=1)
    line.up(t, sip.INVITE, sip.OFFER, cseq=2, branch="call")
    line.down(t, sip.OK, sip.ANSWER, cseq=2, branch="call")
    line.up(t, sip.ACK, cseq=2, branch="ack")
    line.down(t, sip.INCOMING, sip.ANSWER, cseq=7, call_id="in", branch="in")
    line.up(t, sip.BYE, cseq=3, branch="bye")
    line.close()


def _cuts(text):
    """Return where a message is cut: in its lines, between them, and around its body."""
    head = text.index(b"\r\n\r\n")
    return sorted({1, 10, 40, text.index(b"Contact: ") + 20, text.index(b"Content-Length") + 17,
                   head, head + 1, head + 3, head + 4, head + 30, len(text) - 1})


def _split(t, line):
    """Each way, messages with a description are written in two parts, and in many."""
    for sender, receiver, order in line.ways():
        text, body = (sip.INVITE, sip.OFFER) if sender is line.phone else (sip.INCOMING, sip.ANSWER)
        first = line.texts(text, body, branch="00")[order][0]
        cuts = [[at] for at in _cuts(first)]
        for number, places in enumerate([*cuts, list(range(50, len(first) - 9, 50))]):
            sent, due = line.texts(text, body, branch=f"{number:02}")[order]
            ends = zip([0, *places], [*places, len(sent)])
            sender.send(*(sent[start:end] for start, end in ends))
            t.same(receiver.receive(len(due)), due, f"cut at {places} at {receiver.name}")
    line.close()


def _exchange(t, line, limit=LIMIT):
    """Both ends write many messages at once; return how long it took until all was there."""
    texts = [[], []]
    for number in range(MESSAGES):
        gaps = {"branch": f"{number:02}", "cseq": number + 1}
        texts[0].append(line.texts(sip.INVITE, sip.OFFER, **gaps))
        texts[1].append(line.texts(sip.INCOMING, sip.ANSWER + 20 * FILLER, **gaps)[::-1])
    up, down = ([b"".join(each) for each in zip(*way)] for way in texts)
    began = time.monotonic()
    with writing((line.phone, up[0]), (line.server, down[0])):
        t.same(line.server.receive(len(up[1]), limit), up[1], "text at the server")
        t.same(line.phone.receive(len(down[1]), limit), down[1], "text at the phone")
    took = time.monotonic() - began
    line.close()
    return took


def _compare(t, net, what, try_it):
    """Try something without the ALG and with it, which takes about as long."""
    plain = try_it(False)
    t.alg.switch_on(net)
    ours = try_it(True)
    print(f"# {what}: {plain:.1f} s without ALG, {ours:.1f} s with", flush=True)
    t.true(ours <= 2 * plain + RTO, f"{what}: {ours:.1f} s are about {plain:.1f} s")


@case("a phone with lwIP registers, calls and is called")
def call(t, net):
    with Lwip(t, net):
        for phone in ("phone1", "phone2"):
            with t.counted(net, messages=7, changed=7):
                _call(t, Line(net, phone))


@case("a server with lwIP: the same")
def server(t, net):
    with Lwip(t, net):
        for phone in ("phone1", "phone2"):
            with t.counted(net, messages=7, changed=7):
                _call(t, Line(net, phone, "server"))


@case("messages in parts, to and from lwIP on either side")
def split(t, net):
    with Lwip(t, net):
        for phone in ("phone1", "phone2"):
            _split(t, Line(net, phone))


@case("the same with a server that has lwIP")
def split_server(t, net):
    with Lwip(t, net):
        _split(t, Line(net, lwip="server"))


@case("messages of 6 kB into its small window, as fast as without ALG", switched_on=False)
def window(t, net):
    def inbound(is_on):
        took = 0
        for phone in ("phone1", "phone2"):
            line = Line(net, phone, translates=is_on)
            began = time.monotonic()
            line.up(t, sip.REGISTER)
            for text, body in ((NOTIFY, 60 * FILLER), (sip.INCOMING, sip.ANSWER + 60 * FILLER)):
                line.down(t, text, body)
            line.up(t, sip.BYE, cseq=3)
            took += time.monotonic() - began
            line.close()
        return took

    with Lwip(t, net):
        _compare(t, net, "6 kB inward", inbound)


@case("many messages each way at once, as fast as without ALG", switched_on=False)
def many(t, net):
    with Lwip(t, net):
        _compare(t, net, "many messages",
                 lambda is_on: _exchange(t, Line(net, "phone2", translates=is_on)))


def _lossy(t, net, lwip):
    with Lwip(t, net):
        for device in ("lan1", "wan"):
            net.router.run("tc", "qdisc", "add", "dev", device, "root", *NETEM)
        _compare(t, net, f"many messages through loss, the {lwip} has lwIP",
                 lambda is_on: _exchange(t, Line(net, "phone1", lwip, is_on)))


@case("the same through loss and reordering", switched_on=False)
def loss(t, net):
    _lossy(t, net, "phone")


@case("and with a server that has lwIP", switched_on=False)
def loss_server(t, net):
    _lossy(t, net, "server")


if __name__ == "__main__":
    ksft.main()
