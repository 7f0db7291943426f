# SPDX-License-Identifier: GPL-2.0-only
"""Processes: phones that call and talk without end, and the far ends that answer.

Half of them signal over TCP, each call on a connection of its own. The far end sends
media to the address and port that the phone's SDP promised it, never to where the
phone's came from. A call that has once worked both ways must go on working until its
BYE, whatever happens to the router meanwhile, and on the same connection: but one
whose numbers the router maps ends with its conntrack entry, and then the BYE goes by
another.
"""

import mmap
import os
import random
import re
import select
import signal
import socket
import time

import lab  # noqa: F401  (finds lib)
from lib import sip
from lib.tcp import over_tcp
from lib.topology import MEDIA, SERVER, SIP_PORT

FAR_PORT = 6000
TIMER_1 = .5            # RFC 3261, 17.1.1.1
TRANSMISSIONS = 6
# Seconds without media after which a call that is up counts as lost.
SILENCE_MAX = 5
# Seconds that an answer may take over TCP, including retransmissions.
PATIENCE = 10


class Counter:
    """A number that the processes share; one of them counts."""

    def __init__(self):
        self._page = mmap.mmap(-1, 8)

    def __int__(self):
        return int.from_bytes(self._page[:], "little")

    def count(self):
        """Add one."""
        self._page[:] = (int(self) + 1).to_bytes(8, "little")


class Connection:
    """One end of a TCP connection: messages, as Endpoint has datagrams."""

    def __init__(self, connected):
        self._socket = connected
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)
        self._read = b""

    def send(self, data, cut=0):
        """Send a message, in two parts if it is cut."""
        for part in filter(None, (data[:cut], data[cut:])):
            self._socket.sendall(part)

    def waiting(self):
        """Return the messages that are there already; raise OSError behind the last one."""
        try:
            while part := self._socket.recv(1 << 16):
                self._read += part
            raise ConnectionResetError
        except BlockingIOError:
            return list(self._messages())

    def _messages(self):
        while True:
            head, end, body = self._read.partition(b"\r\n\r\n")
            length = int(_header(head + b"\r\n", b"Content-Length") or 0)
            if not end or len(body) < length:
                return
            self._read = body[length:]
            yield head + end + body[:length]

    def fileno(self):
        """Return the descriptor, for select()."""
        return self._socket.fileno()

    def close(self):
        """Close it."""
        self._socket.close()


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


class Outside:
    """The server and the media host: answer for ever."""

    def __init__(self, net):
        self.signalling, self.media = net.server.udp(SIP_PORT), net.media.udp(FAR_PORT)
        self.listener = net.server.tcp(SIP_PORT)
        self.listener.listen(64)
        self.connections = []
        self.promised = {}

    def run(self):
        """Answer what comes."""
        while True:
            for readable in select.select([self.signalling, self.media, self.listener,
                                           *self.connections], [], [])[0]:
                if readable is self.media:
                    self._echo()
                elif readable is self.listener:
                    self.connections.append(Connection(self.listener.accept()[0]))
                elif readable is self.signalling:
                    for got in readable.waiting():
                        self._answer(readable, got.data, got.source)
                else:
                    self._hear(readable)

    def _echo(self):
        for got in self.media.waiting():
            call_id = got.data.partition(b"|")[0]
            if call_id in self.promised:
                _try(self.media, got.data, self.promised[call_id])

    def _hear(self, connection):
        try:
            for message in connection.waiting():
                self._answer(connection, message)
        except OSError:
            self.connections.remove(connection)
            connection.close()

    def _answer(self, endpoint, request, *source):
        if b"\r\nm=audio" in request:
            address = re.search(rb"^c=IN IP4 (\S+)\r$", request, re.MULTILINE)[1]
            self.promised[_header(request, b"Call-ID")] = (address.decode(),
                                                           sip.media_port(request))
        if not request.startswith(b"ACK "):
            _try(endpoint, _answer(request), *source)


def _try(endpoint, *data_and_more):
    try:
        endpoint.send(*data_and_more)
    except OSError:
        pass    # a device is down, an address private, or a connection gone


class Phone:
    """One phone: signalling and a media port, one call after the other."""

    def __init__(self, host, number, flushes):
        self.host = host
        self.number = number
        self.flushes = flushes
        self.media = host.udp(20000 + 2 * number, peer=(MEDIA, FAR_PORT))
        self.random = random.Random(number)
        self.calls = 0

    def _fill(self, text, cseq):
        view = sip.View(self.host.address, self.port, self.media.address[1], 0)
        return sip.fill(text, view, body=sip.OFFER, call_id=self.call_id, cseq=cseq,
                        branch=f"{self.call_id}{cseq}", tag="a")

    def _receive(self, endpoint, seconds, wanted):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([endpoint], [], [], left)[0]:
                for got in endpoint.waiting():
                    if wanted(got):
                        return True
        return False

    def _talk_once(self, number, seconds=.3):
        packet = f"{self.call_id}|{number}".encode()
        _try(self.media, packet)
        return self._receive(self.media, seconds, lambda got: got.data == packet)

    def call(self):
        """Return how a call went: ok, or not set up, or lost, with the reason."""
        self.calls += 1
        self.call_id = f"{self.number}-{self.calls}@stress"
        if not self.dial() or not self.transact(sip.INVITE, 1):
            return "not-set-up"
        self.send(self._fill(sip.ACK, 1))
        up = any(self._talk_once(number) for number in range(5))
        how = self._talk(self.random.uniform(1, 6)) if up else "not-set-up"
        if not self.transact(sip.BYE, 2) and how == "ok":
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


class UdpPhone(Phone):
    """A phone that sends again what is not answered."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.port = 5070 + 2 * self.number
        self.signalling = self.host.udp(self.port, peer=(SERVER, SIP_PORT))

    def dial(self):
        """There is nothing to be done before a call."""
        return True

    def send(self, message):
        """Send a message."""
        _try(self.signalling, message)

    def transact(self, text, cseq):
        """Send a request until it is answered; return whether it was."""
        request = self._fill(text, cseq)
        call_id, method = _header(request, b"Call-ID"), _header(request, b"CSeq")
        for _ in range(TRANSMISSIONS):
            self.send(request)
            if self._receive(self.signalling, TIMER_1, lambda got: got.data.startswith(
                    b"SIP/2.0 200") and call_id in got.data and method in got.data):
                return True
        return False


class TcpPhone(Phone):
    """A phone that opens a connection for each call."""

    connection = None

    def dial(self):
        """Open a connection; return whether that worked."""
        if self.connection:
            self.connection.close()
        self.flushed = int(self.flushes)
        with self.host.namespace:
            connected = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        connected.settimeout(PATIENCE)
        self.connection = None
        try:
            connected.bind((self.host.address, 0))
            connected.connect((SERVER, SIP_PORT))
        except OSError:
            connected.close()
            return False
        self.port = connected.getsockname()[1]
        self.connection = Connection(connected)
        return True

    def send(self, message):
        """Send a message, cut somewhere."""
        _try(self.connection, message, self.random.randrange(len(message)))

    def transact(self, text, cseq):
        """Send a request; return whether it was answered."""
        if self._transact(text, cseq):
            return True
        return int(self.flushes) != self.flushed and self.dial() and self._transact(text, cseq)

    def _transact(self, text, cseq):
        request = over_tcp(self._fill(text, cseq).decode()).encode()
        call_id, method = _header(request, b"Call-ID"), _header(request, b"CSeq")
        self.send(request)
        try:
            return self._receive(self.connection, PATIENCE, lambda got: got.startswith(
                b"SIP/2.0 200") and call_id in got and method in got)
        except OSError:
            return False


def _outside(net):
    Outside(net).run()


def _phone(net, number, report, flushes):
    kind = (UdpPhone, TcpPhone)[number // 2 % 2]
    phone = kind((net.phone1, net.phone2)[number % 2], number, flushes)
    while True:
        os.write(report, f"{kind.__name__[:3].lower()}:{phone.call()}\n".encode())


def ok(results):
    """Return how many calls went well over that transport which had the fewest."""
    return min(results.get("udp:ok", 0), results.get("tcp:ok", 0))


def lost(results):
    """Return how many calls were up and did not stay so."""
    return sum(n for how, n in results.items() if ":lost:" in how)


class Traffic:
    """All of it, begun on `with` and stopped behind it; flushes of conntrack are to be told."""

    def __init__(self, net, phones=8):
        self.net = net
        self.phones = phones
        self.flushes = Counter()
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
        self._start(_outside)
        for number in range(self.phones):
            self._start(_phone, number, writable, self.flushes)
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
