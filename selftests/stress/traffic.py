# SPDX-License-Identifier: GPL-2.0-only
"""Phones that call and talk without end, and the outside that answers: processes.

The far end sends media to the address and port that the phone's SDP promised it,
never to where the phone's came from. A call that has once worked both ways must go on
working until its BYE, whatever happens to the router meanwhile.
"""

import os
import random
import re
import select
import signal
import time

import lab  # noqa: F401  (finds lib)
from lib import sip
from lib.topology import MEDIA, SERVER, SIP_PORT

FAR_PORT = 6000
TIMER_1 = .5            # RFC 3261, 17.1.1.1
TRANSMISSIONS = 6
# Seconds without media after which a call that is up counts as lost.
SILENCE_MAX = 5


def _header(message, name):
    found = re.search(rb"^%s: (.*?)\r$" % name, message, re.MULTILINE)
    return found[1] if found else b""


def _answer(request):
    """A 200 for any request, with SDP if it has some."""
    lines = [b"SIP/2.0 200 OK"]
    lines += [name + b": " + _header(request, name)
              for name in (b"Via", b"From", b"To", b"Call-ID", b"CSeq")]
    if not lines[3].endswith(b";tag=bob"):
        lines[3] += b";tag=bob"
    body = b""
    if b"\r\nm=audio" in request:
        body = sip.ANSWER.lstrip("\n").format(far=FAR_PORT).replace("\n", "\r\n").encode()
        lines.append(b"Contact: <sip:bob@%s>" % SERVER.encode())
        lines.append(b"Content-Type: application/sdp")
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


def outside(net):
    """The server and the media host: answer for ever."""
    signalling, media = net.server.udp(SIP_PORT), net.media.udp(FAR_PORT)
    promised = {}
    while True:
        for readable in select.select([signalling, media], [], [])[0]:
            for got in readable.waiting():
                if readable is media:
                    call_id = got.data.partition(b"|")[0]
                    if call_id in promised:
                        _try(media, got.data, promised[call_id])
                    continue
                if b"\r\nm=audio" in got.data:
                    address = re.search(rb"^c=IN IP4 (\S+)\r$", got.data, re.MULTILINE)[1]
                    promised[_header(got.data, b"Call-ID")] = (
                        address.decode(), sip.media_port(got.data))
                if not got.data.startswith(b"ACK "):
                    _try(signalling, _answer(got.data), got.source)


def _try(endpoint, data, to=None):
    try:
        endpoint.send(data, to)
    except OSError:
        pass    # a device is down, or an address private


class Phone:
    """One phone: a signalling port and a media port, one call after the other."""

    def __init__(self, host, number):
        self.host = host
        self.number = number
        self.signalling = host.udp(5070 + 2 * number, peer=(SERVER, SIP_PORT))
        self.media = host.udp(20000 + 2 * number, peer=(MEDIA, FAR_PORT))
        self.random = random.Random(number)
        self.calls = 0

    def _fill(self, text, cseq):
        view = sip.View(self.host.address, self.signalling.address[1], self.media.address[1], 0)
        return sip.fill(text, view, body=sip.OFFER, call_id=self.call_id, cseq=cseq,
                        branch=f"{self.call_id}{cseq}", tag="a")

    def _receive(self, endpoint, seconds, wanted):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([endpoint], [], [], left)[0]:
                for got in endpoint.waiting():
                    if wanted(got.data):
                        return True
        return False

    def _transact(self, request):
        """Send a request until it is answered; return whether it was."""
        call_id = f"Call-ID: {self.call_id}\r".encode()
        method = _header(request, b"CSeq")
        for _ in range(TRANSMISSIONS):
            _try(self.signalling, request)
            if self._receive(self.signalling, TIMER_1, lambda data: data.startswith(
                    b"SIP/2.0 200") and call_id in data and method in data):
                return True
        return False

    def _talk_once(self, number, seconds=.3):
        packet = f"{self.call_id}|{number}".encode()
        _try(self.media, packet)
        return self._receive(self.media, seconds, lambda data: data == packet)

    def call(self):
        """Return how a call went: ok, or not set up, or lost, with the reason."""
        self.calls += 1
        self.call_id = f"{self.number}-{self.calls}@stress"
        if not self._transact(self._fill(sip.INVITE, 1)):
            return "not-set-up"
        _try(self.signalling, self._fill(sip.ACK, 1))
        up = any(self._talk_once(number) for number in range(5))
        how = self._talk(self.random.uniform(1, 6)) if up else "not-set-up"
        if not self._transact(self._fill(sip.BYE, 2)) and how == "ok":
            how = "lost:BYE"
        return how

    def _talk(self, seconds):
        end = heard = time.monotonic()
        end += seconds
        number = 100
        while time.monotonic() < end:
            number += 1
            if self._talk_once(number):
                heard = time.monotonic()
                time.sleep(.05)
            elif time.monotonic() - heard > SILENCE_MAX:
                return "lost:media"
        return "ok"


def _phone(net, number, report):
    phone = Phone((net.phone1, net.phone2)[number % 2], number)
    while True:
        os.write(report, f"{phone.call()}\n".encode())


class Traffic:
    """All of it, begun on `with` and stopped behind it."""

    def __init__(self, net, phones=4):
        self.net = net
        self.phones = phones
        self._pids = []
        self.results = {}

    def _start(self, function, *arguments):
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            try:
                function(self.net, *arguments)
            except BaseException:
                import traceback
                traceback.print_exc()
            finally:
                os._exit(1)
        self._pids.append(pid)

    def __enter__(self):
        readable, writable = os.pipe()
        os.set_blocking(readable, False)
        self._start(outside)
        for number in range(self.phones):
            self._start(_phone, number, writable)
        os.close(writable)
        self._report = os.fdopen(readable, "rb", buffering=0)
        return self

    def read(self):
        """Add up what the phones have reported; return the sums."""
        while lines := self._report.read(4096):
            for line in lines.decode().split():
                self.results[line] = self.results.get(line, 0) + 1
        return self.results

    def __exit__(self, *_):
        for pid in self._pids:
            os.kill(pid, signal.SIGTERM)
        for pid in self._pids:
            os.waitpid(pid, 0)
        self.read()
        self._report.close()
