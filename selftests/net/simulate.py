#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Two thousand calls by SIPp over a bad line: the ALG must lose none that is not lost anyway.

Packets take 400 ms each way; 5 % of them are lost, 10 % come twice, 10 % overtake others.
The same calls are made twice: through NAT and ALG, and through a router that does neither.
A call is lost if SIPp gives it up, and silent if one of its ends does not hear the other.

  phone1                  router                  server, media
    | INVITE, 407, INVITE, 183, 180 of another fork, 200, re-INVITE, BYE   out.xml
    |<--------------------->|<--------------------->|
    | INVITE, 407, INVITE, 180, CANCEL that may cross a 200                cancel.xml
    |<--------------------->|<--------------------->|
    | REGISTER, 401, REGISTER, and again with Expires: 0                   register.xml
    |<--------------------->|<--------------------->|
  phone2                    |                       |
    | INVITE, 180, 200, re-INVITE, BYE of a call that comes in             in.xml
    |<--------------------->|<--------------------->|
    |<== to the promised port, and back from it ===>|

SIPALG_CALLS is the number of calls, if not 2000.
"""

import collections
import csv
import math
import os
import select
import socket
import threading
import time

from lib import ksft, sip
from lib.endpoint import allow_many_sockets, wait_until
from lib.ksft import case
from lib.ladder import FLOWS_END, Line
from lib.programs import PATIENCE, Programs
from lib.topology import MEDIA, OUTSIDE, SERVER, SIP_PORT, Network

CALLS = int(os.environ.get("SIPALG_CALLS", "2000"))
# Of each kind, out of a hundred.
PARTS = {"out": 45, "cancel": 20, "in": 20, "register": 15}
CALLS_A_SECOND = int(os.environ.get("SIPALG_CALLS_A_SECOND", "5"))
# Of the two links that each packet crosses, one way.
NETEM = ["netem", "delay", "200ms", "loss", "2.5%", "duplicate", "5%", "reorder", "5%",
         "limit", "100000"]
LINKS = [("phone1", "eth0"), ("phone2", "eth0"), ("router", "lan1"), ("router", "lan2"),
         ("router", "wan"), ("server", "eth0")]
# More failures than without an ALG must be less likely by chance than that.
CHANCE = 0.01
# How long SIPp waits for a message, and in seconds how long all calls may take.
RECEIVE_MS, RUN_LIMIT = 40000, CALLS / CALLS_A_SECOND + 15 * PATIENCE
REGISTRAR_PORT = 5062
FIRST_PORT, PORT_STEP, FAR_PORT = 10000, 4, 7000
# How often the far end speaks to a call, and how many seconds lie between.
WORDS, WORDS_PAUSE = 8, 0.5
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sipp")

Result = collections.namedtuple("Result", "calls lost heard silent")


def _scenario(name):
    with open(os.path.join(FOLDER, f"{name}.xml"), encoding="ascii") as file:
        return file.read()


def _ports(calls):
    """Return SIPp's list of media ports: one for each call, and some to spare."""
    ports = range(FIRST_PORT, FIRST_PORT + PORT_STEP * calls, PORT_STEP)
    return "SEQUENTIAL\n" + "".join(f"{port};\n" for port in ports)


def _number(kind):
    return CALLS * PARTS[kind] // 100


class Media(threading.Thread):
    """The media of all calls: the far end speaks first, and each phone repeats what it hears."""

    def __init__(self, net, address, logs):
        super().__init__(daemon=True)
        self.address = address
        self.logs = [open(log, encoding="ascii", errors="replace") for log in logs]
        self.told = {}
        self.heard = set()
        self.astray = []
        self.over = threading.Event()
        self._due = []
        self._callers = collections.defaultdict(set)
        self._poll = select.epoll()
        self._phones = {}
        for host, kind in ((net.phone1, "out"), (net.phone2, "in")):
            for number in range(_number(kind)):
                self._open(host, FIRST_PORT + PORT_STEP * number)
        self._far = self._socket(net.media, FAR_PORT)

    def _socket(self, host, port):
        with host.namespace:
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((host.address, port))
        made.setblocking(False)
        self._poll.register(made, select.EPOLLIN)
        return made

    def _open(self, host, port):
        made = self._socket(host, port)
        self._phones[made.fileno()] = made

    def run(self):
        """Speak and listen until it is over."""
        while not self.over.is_set():
            self._read_logs()
            self._speak()
            for number, _ in self._poll.poll(0.05):
                self._listen(number)

    def _read_logs(self):
        for log in self.logs:
            for line in log:
                words = line.split()
                if len(words) == 2 and words[0] not in self.told:
                    self.told[words[0]] = int(words[1])
                    self._due.append((time.monotonic(), words[0], WORDS))

    def _speak(self):
        now = time.monotonic()
        due = [each for each in self._due if each[0] <= now]
        self._due = [each for each in self._due if each[0] > now]
        for _, call, left in due:
            self._far.sendto(call.encode(), (self.address(call), self.told[call]))
            if left > 1:
                self._due.append((now + WORDS_PAUSE, call, left - 1))

    def _listen(self, number):
        phone = self._phones.get(number)
        try:
            data, source = (phone or self._far).recvfrom(200)
        except BlockingIOError:
            return
        call = data.decode()
        if phone:
            self._callers[number].add(call)
            phone.sendto(data, (MEDIA, FAR_PORT))
        elif source == (self.address(call), self.told.get(call)):
            self.heard.add(call)
        else:
            self.astray.append((call, source))

    def end(self):
        """Stop; return the calls that are heard both ways and those that are not."""
        self.over.set()
        self.join()
        for made in (*self._phones.values(), self._far, *self.logs):
            made.close()
        self._poll.close()
        crossed = [calls for calls in self._callers.values() if len(calls) > 1]
        return self.heard, set(self.told) - self.heard, self.astray, crossed


class Simulation:
    """One run of all scenarios."""

    def __init__(self, t, net, programs, inside):
        self.t, self.net, self.programs = t, net, programs
        # Where the far end finds the phones.
        self.inside = inside

    def _address(self, call):
        """Return the address that the outside has for the phone of a call."""
        if not self.inside:
            return OUTSIDE
        return (self.net.phone2 if call.endswith(f"@{SERVER}") else self.net.phone1).address

    def _sipp(self, host, name, port, to=None):
        kind = name.partition("-")[0]
        words = [f"{to[0]}:{to[1]}"] if to else []
        words += ["-sf", f"%s/{name}.xml", "-i", host.address, "-p", str(port),
                  "-m", str(_number(kind)), "-nostdin", "-recv_timeout", str(RECEIVE_MS),
                  "-default_behaviors", "all,-abortunexp", "-inf", "%s/ports.csv",
                  "-trace_logs", "-log_file", "%s/log", "-trace_stat", "-stf", "%s/stat",
                  "-fd", "1", "-trace_err", "-error_file", "%s/errors"]
        if to:
            words += ["-r", str(max(1, CALLS_A_SECOND * PARTS[kind] // 100))]
        return self.programs.start(host, "sipp", *words, **{
            f"{name}.xml": _scenario(name), "ports.csv": _ports(_number(kind)), "log": ""})

    def run(self, phone2):
        """Run it all; `phone2` is where phone2 can be called. Return what became of the calls."""
        net = self.net
        servers = [self._sipp(net.server, "out-server", SIP_PORT),
                   self._sipp(net.media, "cancel-server", SIP_PORT),
                   self._sipp(net.phone2, "in-phone", SIP_PORT),
                   self._sipp(net.server, "register-server", REGISTRAR_PORT)]
        wait_until(lambda: all(os.path.exists(f"{server.folder}/stat") for server in servers),
                   "the servers are there", PATIENCE)
        clients = {
            "out": self._sipp(net.phone1, "out", SIP_PORT, (SERVER, SIP_PORT)),
            "cancel": self._sipp(net.phone1, "cancel", SIP_PORT + 1, (MEDIA, SIP_PORT)),
            "in": self._sipp(net.server, "in", 5080, phone2),
            "register": self._sipp(net.phone1, "register", 5090, (SERVER, REGISTRAR_PORT)),
        }
        media = Media(net, self._address, [f"{program.folder}/log" for program in
                                           (servers[0], clients["in"])])
        media.start()
        lost = 0
        for kind, client in clients.items():
            status = client.wait(RUN_LIMIT)
            if status not in (0, 1):
                self.t.differs(f"SIPp, {kind}, ended with {status}", *_tail(f"{client.folder}/errors"))
            good, bad = _counted(f"{client.folder}/stat")
            self.t.equal(good + bad, _number(kind), f"calls of {kind}.xml")
            lost += _number(kind) - good
        heard, silent, astray, crossed = media.end()
        self.t.equal((astray, crossed), ([], []), "media that goes to or comes from another place")
        return Result(sum(map(_number, PARTS)), lost, len(heard), len(silent))


def _tail(file):
    """Return the last lines of a file, none where there is no file."""
    if not os.path.exists(file):
        return []
    with open(file, encoding="utf-8", errors="replace") as text:
        return collections.deque(text.read().splitlines(), 15)


def _counted(file):
    """Return how many calls SIPp took for successful, and for failed."""
    with open(file, encoding="ascii", errors="replace") as stat:
        last = collections.deque(csv.DictReader(stat, delimiter=";"), 1)[0]
    return int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])


def _impair(net, command="add"):
    for role, device in LINKS:
        getattr(net, role).run("tc", "qdisc", command, "dev", device, "root",
                               *(NETEM if command == "add" else ()))


def _routed(net):
    """Make the router one without NAT and firewall, which knows no SIP."""
    net.router.run("nft", "flush", "ruleset")
    net.server.run("ip", "route", "add", "192.168.0.0/16", "via", OUTSIDE)


def _may_be_chance(more, less):
    """May `more` of all those failures have come to the one run by chance, and `less` not?"""
    both = more + less
    return sum(math.comb(both, k) for k in range(more, both + 1)) / 2 ** both >= CHANCE


def _translated(t, net, programs):
    """Make the calls through NAT and ALG; return what became of them. Nothing is left."""
    t.alg.tool(net, "set", "sip-ports", f"{SIP_PORT},{REGISTRAR_PORT}")
    # What SIPp gives up without a BYE ends sooner.
    t.alg.tool(net, "set", "timeout-call", "120")
    line = Line(t, net, phone=net.phone2)
    registration = line.register()
    for host in net.phone2, net.server:
        host.close_sockets()
    _impair(net)
    result = Simulation(t, net, programs, False).run((OUTSIDE, line.outside_port))
    programs.kill()
    _impair(net, "del")
    registration.line = again = Line(t, net, phone=net.phone2)
    again.outside_port = line.outside_port
    registration.up(sip.REGISTER.replace("expires=600", "expires=0"), cseq=2)
    registration.down(sip.REGISTER_OK.replace("expires=600", "expires=0"), cseq=2)
    wait_until(lambda: not t.alg.calls(net, None), "calls and registrations end",
               FLOWS_END + 4 * PATIENCE)
    after = t.alg.counters(net)
    t.equal((t.alg.bindings(net), after["bindings_now"], after["hosts_now"],
             after["bytes_now"]), ([], 0, 0, 0), "bindings, hosts and bytes that are left")
    return result


@case(f"{CALLS} calls over a bad line: no more are lost or silent than without NAT and ALG",
      only_sipalg=True)
def bad_line(t, net):
    allow_many_sockets()
    os.sched_setaffinity(0, range(os.cpu_count()))
    with Programs(t, "sipp") as programs:
        through = _translated(t, net, programs)
    with Network() as routed, Programs(t, "sipp") as programs:
        _routed(routed)
        _impair(routed)
        direct = Simulation(t, routed, programs, True).run((routed.phone2.address, SIP_PORT))
    for what, result in ("NAT and ALG", through), ("no NAT", direct):
        print(f"# {what}: {result.lost} of {result.calls} calls lost; "
              f"of {result.heard + result.silent} with media {result.silent} silent", flush=True)
    # SIPp gives up where a real phone would go on: one call in ten on such a line.
    t.true(direct.lost < direct.calls // 4, "the line is one that calls can be made over")
    t.true(_may_be_chance(through.lost, direct.lost), "no more calls are lost")
    t.true(_may_be_chance(through.silent, direct.silent), "no more calls are silent")


if __name__ == "__main__":
    ksft.main()
