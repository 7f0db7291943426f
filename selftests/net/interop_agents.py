#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Calls of ends whose ICE is a library's, libnice or aioice, and ends without.

nice.c and aio.py make programs of them; coturn is the STUN server. The test does the
signalling. Each end gets the description that reached it, and gives its own as the library
has it.
"""

import atexit
import contextlib
import functools
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from typing import NamedTuple

from lib import ksft, media, phones, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import Line
from lib.programs import PATIENCE, Programs
from lib.topology import MEDIA, OUTSIDE, SERVER

HERE = os.path.dirname(os.path.abspath(__file__))
FLAGS = ("pkg-config", "--cflags", "--libs", "nice")
# Port of the first component: of phones, and of the far end.
RTP, FAR = 4000, 6000
# Packets that an end says at a time, and their bytes.
SPEECH, PACKET = 10, 20

# Kinds of ends: whose ICE, and what the program is told of it.
PLAIN = (None,)
ICE, STUN = ("libnice",), ("libnice", "stun", SERVER)
LITE, TCP = ("libnice", "lite"), ("libnice", "tcp")
AIO, AIO_STUN = ("aioice",), ("aioice", "stun", SERVER)

SESSION = """\
v=0
o=- 1 {version} IN IP4 {address}
s=-
t=0 0
"""
LITE_LINE = "a=ice-lite\n"
PLAIN_MEDIA = """\
m=audio {port} RTP/AVP 0
c=IN IP4 {address}
"""


@functools.cache
def _build():
    """Return the program, None where it cannot be made."""
    folder = tempfile.mkdtemp(prefix="sipalg-")
    atexit.register(shutil.rmtree, folder)
    try:
        flags = subprocess.run(FLAGS, capture_output=True, check=True, text=True).stdout.split()
        subprocess.run(["cc", "-O1", "-o", f"{folder}/nice", f"{HERE}/nice.c", *flags],
                       capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{folder}/nice"


class Candidate(NamedTuple):
    """Where a component can be reached, by a=candidate."""

    component: int
    transport: str
    address: str
    port: int
    kind: str


def candidates(sdp):
    """Return the candidates of a description."""
    found = re.findall(r"^a=candidate:\S+ (\d+) (\S+) \d+ (\S+) (\d+) typ (\S+)", sdp, re.MULTILINE)
    return [Candidate(int(component), transport.upper(), address, int(port), kind)
            for component, transport, address, port, kind in found]


def default(sdp, component):
    """Return where a far end without ICE sends the component."""
    address = re.search(r"^c=IN IP4 (\S+)", sdp, re.MULTILINE)[1]
    port = int(re.search(r"^m=\S+ (\d+)", sdp, re.MULTILINE)[1])
    if component == 2:
        rtcp = re.search(r"^a=rtcp:(\d+)", sdp, re.MULTILINE)
        port = int(rtcp[1]) if rtcp else port + 1
    return address, port


class Plain:
    """An end without ICE."""

    def __init__(self, host, port, components):
        self.components = components
        self._sockets = {each: host.udp(port + each - 1) for each in components}
        self._heard = {each: [] for each in components}
        self._far = {}
        self.sdp = SESSION.format(address=host.address, version=1) + PLAIN_MEDIA.format(
            address=host.address, port=port)

    def take(self, sdp):
        """Take the far end's description."""
        self._far = {each: default(sdp, each) for each in self._sockets}

    def speak(self, component, packet):
        """Send a packet."""
        self._sockets[component].send(packet, self._far[component])

    def heard(self, component):
        """Return what has come so far; it has to come from where the far end promised to be."""
        came = self._sockets[component].waiting()
        self._heard[component] += [got.data for got in came
                                   if got.source == self._far[component]]
        return self._heard[component]


class Agent:
    """An end whose ICE is a library's, of which `words` are the program."""

    def __init__(self, programs, host, words, components, offers, options):
        self.components = components
        self._lite = "lite" in options
        self._address = host.address
        words = [*words, len(components), *["offers"] * offers, *options]
        self._program = programs.start(host, *map(str, words), listens=True)
        self.sdp = None
        self.described(1)

    def described(self, version):
        """Take the description that the program gives next."""
        wait_until(lambda: self._said("^gathered$", version), "a description", PATIENCE)
        lines = self._program.output().split("gathered\n")[version - 1]
        own = "\n".join(re.findall("^sdp (.*)$", lines, re.MULTILINE)) + "\n"
        self.sdp = (SESSION.format(address=self._address, version=version) +
                    LITE_LINE * self._lite + own.replace(" ICE/SDP", " RTP/AVP 0"))

    def _said(self, pattern, times=1):
        return len(re.findall(pattern, self._program.output(), re.MULTILINE)) >= times

    def take(self, sdp):
        """Take the far end's description."""
        if not candidates(sdp):
            for each in self.components:
                address, port = default(sdp, each)
                self._program.tell(f"plain {each} {address} {port}")
            return
        for line in sdp.splitlines():
            self._program.tell(f"far {line}")
        self._program.tell("check")

    def at(self):
        """Return where each component is, as the end knows it."""
        return {each: default(self.sdp, each) for each in self.components}

    def restart(self, version):
        """Begin anew, with other credentials."""
        self._program.tell("restart")
        self.described(version)

    def is_ready(self, times=1):
        """Are the checks over, for all components, and as often?"""
        return all(self._said(f"^state {each} ready$", times) for each in self.components)

    def pair(self, component):
        """Return both candidates of the nominated pair: address and port, and type."""
        found = re.findall(f"^nominated {component} (\\S+) (\\d+) (\\S+) (\\S+) (\\d+) (\\S+)$",
                           self._program.output(), re.MULTILINE)[-1]
        return [Candidate(component, "UDP", found[at], int(found[at + 1]), found[at + 2])
                for at in (0, 3)]

    def speak(self, component, packet):
        """Send a packet."""
        self._program.tell(f"speak {component} {packet.hex()}")

    def heard(self, component):
        """Return what has come so far."""
        found = re.findall(f"^heard {component} (.*)$", self._program.output(), re.MULTILINE)
        return [bytes.fromhex(each) for each in found]


class Leg:
    """The signalling of an end inside, as the router translates it."""

    def __init__(self, t, line, end, called=False):
        self.t = t
        self.end = end
        self.called = called
        self.line = line
        if called:
            line.register()
        self.dialog = line.dialog(rtp=default(end.sdp, 1)[1])
        # Where each component is, as the outside was told last.
        self.promised = {}

    def up(self, text, **gaps):
        """Carry the end's description to the outside; return what arrives."""
        dialog, sent = self.dialog, self.end.sdp
        got = self.line.send_up(dialog.text(text, dialog.inside, body=sent, **gaps),
                                "a description")
        dialog.learn(got)
        arrived = got.data.split(b"\r\n\r\n", 1)[1].decode().replace("\r\n", "\n")
        self._compare(sent, arrived)
        return arrived

    def down(self, text, sdp, **gaps):
        """Carry a description to the end, and check that nothing is changed on the way."""
        self.dialog.down(text, body=sdp, **gaps)
        self.end.take(sdp)

    def _compare(self, sent, arrived):
        """Check that the default can be reached, and is a candidate where there are any."""
        before, after = candidates(sent), candidates(arrived)
        for each in self.end.components:
            self.promised[each] = default(arrived, each)
            self.t.equal(self.promised[each][0], OUTSIDE, f"address of component {each}")
            if before:
                self.t.true(any(one[:4] == (each, "UDP", *self.promised[each]) for one in after),
                            f"{self.promised[each]} is a candidate of component {each}")
        if LITE_LINE not in sent:
            self.t.equal([each for each in before if each not in after], [], "lost candidates")

    def call(self, far, cseq=1):
        """Call the far end, or call again."""
        far.take(self.up(sip.INVITE, cseq=cseq))
        self.down(sip.OK, far.sdp, cseq=cseq)
        self.dialog.up(sip.ACK, cseq=cseq)

    def be_called(self, far):
        """Be called by the far end."""
        self.down(sip.INCOMING, far.sdp)
        far.take(self.up(sip.INCOMING_OK))
        self.dialog.down(sip.INCOMING_ACK)

    def hang_up(self):
        """End the call from the side that began it."""
        if self.called:
            self.dialog.hang_up_remote()
        else:
            self.dialog.hang_up()


class Talk:
    """What two ends have found of each other, and say."""

    def __init__(self, t, alice, bob):
        self.t = t
        self.alice, self.bob = alice, bob
        self._packets = 0

    def checked(self, bob_at, alice_at, times=1):
        """Wait for the ends' checks, and see where they have found each other.

        `bob_at` and `alice_at` have an address and a port for each component.
        """
        ends = {"alice": (self.alice, bob_at), "bob": (self.bob, alice_at)}
        wait_until(lambda: all(end.is_ready(times) for end, _ in ends.values()),
                   "checks are over", PATIENCE)
        for name, (end, found) in ends.items():
            for each in end.components:
                own, far = end.pair(each)
                print(f"# nominated by {name}, component {each}: {own.address}:{own.port} "
                      f"{own.kind} and {far.address}:{far.port} {far.kind}", flush=True)
                self.t.equal((far.address, far.port), found[each],
                             f"far candidate of component {each} that {name} nominated")

    def both_ways(self, first=None):
        """Carry media; the outside speaks first, as nothing of the inside has made a way then."""
        ways = [(self.bob, self.alice), (self.alice, self.bob)]
        if first is self.alice:
            ways.reverse()
        for each in self.alice.components:
            for sender, receiver in ways + ways[:1]:
                self._carry(sender, receiver, each)

    def _carry(self, sender, receiver, component):
        before = len(receiver.heard(component))
        sent = [media.packet(self._packets + number)[:PACKET] for number in range(SPEECH)]
        self._packets += SPEECH
        for packet in sent:
            sender.speak(component, packet)
        wait_until(lambda: len(receiver.heard(component)) >= before + SPEECH,
                   f"media of component {component} is heard")
        self.t.equal(receiver.heard(component)[before:], sent, f"media of component {component}")


def _end(programs, kind, host, port, offers, components):
    library, *options = kind
    if library is None:
        return Plain(host, port, components)
    words = [_build(), host.address, port] if library == "libnice" else [f"{HERE}/aio.py"]
    return Agent(programs, host, words, components, offers, options)


@contextlib.contextmanager
def _programs(t, net, *kinds):
    """Start what the kinds of ends need."""
    libraries = {kind[0] for kind in kinds}
    if "libnice" in libraries and not _build():
        t.skip("no compiler, or no libnice")
    if "aioice" in libraries and not importlib.util.find_spec("aioice"):
        t.skip("no aioice")
    asks = any("stun" in kind for kind in kinds)
    with Programs(t, *["turnserver"] * asks) as programs:
        if asks:
            phones.stun_server(programs, net)
        yield programs


@contextlib.contextmanager
def _call(t, net, inside, outside, called=False, components=(1,)):
    """Have alice, inside, call bob or be called by him, and check who is heard."""
    with _programs(t, net, inside, outside) as programs:
        alice = _end(programs, inside, net.phone1, RTP, not called, components)
        bob = _end(programs, outside, net.media, FAR, called, components)
        leg, talk = Leg(t, Line(t, net), alice, called), Talk(t, alice, bob)
        with t.counted(net, messages=3, changed=3, skipped_fields=0, skipped_media=0):
            if called:
                leg.be_called(bob)
            else:
                leg.call(bob)
        if PLAIN not in (inside, outside):
            talk.checked(bob.at(), leg.promised)
        # A port that a phone asked STUN for is opened by what the phone sends, not by the ALG.
        talk.both_ways(alice if "stun" in inside else bob)
        yield leg, talk
        leg.hang_up()
        phones.over(t, net)


def _calls(t, net, *args, **options):
    with _call(t, net, *args, **options):
        pass


#  phone1                     router                  server, media
#  libnice                                              libnice
#    | INVITE c=, host          |                          |
#    |------------------------->| INVITE c= outside, reflexive, host
#    |                          |------------------------->|
#    |                       200, with ICE or without      |
#    |<-------------------------|<-------------------------|
#    |<====== checks, if both have ICE ===================>|
#    |<====== media by what they found ===================>|
@case("ICE at both ends, no STUN server")
def both(t, net):
    _calls(t, net, ICE, ICE)


@case("ICE at both ends, with a STUN server")
def both_stun(t, net):
    _calls(t, net, STUN, STUN)


@case("ICE inside is called by ICE, no STUN server")
def called(t, net):
    _calls(t, net, ICE, ICE, called=True)


@case("ICE inside is called by ICE, and knows its address from STUN; the far end asks nobody")
def called_stun(t, net):
    _calls(t, net, STUN, ICE, called=True)


@case("ICE inside calls an end without")
def to_plain(t, net):
    _calls(t, net, ICE, PLAIN)


@case("ICE inside with a STUN server calls an end without")
def to_plain_stun(t, net):
    _calls(t, net, STUN, PLAIN)


@case("an end without ICE calls ICE inside")
def from_plain(t, net):
    _calls(t, net, ICE, PLAIN, called=True)


@case("an end without ICE calls ICE inside, which has a STUN server")
def from_plain_stun(t, net):
    _calls(t, net, STUN, PLAIN, called=True)


@case("an end without ICE inside calls ICE")
def plain_inside(t, net):
    _calls(t, net, PLAIN, ICE)


@case("an end without ICE inside is called by ICE, which has a STUN server")
def plain_inside_called(t, net):
    _calls(t, net, PLAIN, STUN, called=True)


@case("RTCP has a component of its own: both are nominated")
def components(t, net):
    _calls(t, net, ICE, ICE, components=(1, 2))


@case("RTCP has a component of its own, and the far end no ICE")
def components_plain(t, net):
    _calls(t, net, ICE, PLAIN, components=(1, 2), called=True)


@case("candidates for TCP, too: they stay as they are")
def tcp(t, net):
    _calls(t, net, TCP, TCP)


@case("ice-lite outside: the phone inside makes the checks")
def lite(t, net):
    _calls(t, net, ICE, LITE)


@case("ice-lite inside: its one candidate is on the outside address, and is checked")
def lite_inside(t, net):
    _calls(t, net, LITE, ICE, called=True)


@case("libnice inside calls aioice, no STUN server")
def to_other(t, net):
    _calls(t, net, ICE, AIO)


@case("aioice inside calls libnice, with a STUN server")
def other(t, net):
    _calls(t, net, AIO_STUN, STUN)


@case("aioice inside is called by libnice: two components, no STUN server")
def other_called(t, net):
    _calls(t, net, AIO, ICE, called=True, components=(1, 2))


@case("aioice inside calls an end without ICE")
def other_to_plain(t, net):
    _calls(t, net, AIO, PLAIN)


#    | INVITE, 200, ACK, checks |                          |
#    |<------------------------>|<------------------------>|
#    | INVITE c= outside, remote-candidates                |
#    |------------------------->|------------------------->| as it is
@case("a re-INVITE names the pair that was nominated, and the media goes on")
def nominated(t, net):
    with _call(t, net, ICE, ICE) as (leg, talk):
        own, far = leg.end.pair(1)
        sdp = re.sub("^m=audio [0-9]+", f"m=audio {own.port}", leg.end.sdp, flags=re.MULTILINE)
        sdp = re.sub("^c=.*", f"c=IN IP4 {own.address}", sdp, flags=re.MULTILINE)
        leg.end.sdp = sdp + (f"a=candidate:9 1 UDP 1862270975 {own.address} {own.port} typ prflx "
                             f"raddr {net.phone1.address} rport {RTP}\n"
                             f"a=remote-candidates:1 {far.address} {far.port}\n")
        before = dict(leg.promised)
        leg.call(talk.bob, cseq=2)
        t.equal(leg.promised, before, "the default after the checks")
        talk.both_ways()


@case("a re-INVITE with other credentials: the checks begin anew, with the ports that there are")
def restart(t, net):
    with _call(t, net, ICE, ICE) as (leg, talk):
        before = dict(leg.promised)
        for end in talk.alice, talk.bob:
            end.restart(version=2)
        leg.call(talk.bob, cseq=2)
        t.equal(leg.promised, before, "the default after the restart")
        talk.checked(talk.bob.at(), leg.promised, times=2)
        talk.both_ways()


#  phone1                     router                     server
#    | INVITE host, reflexive   |                           |
#    |------------------------->|-------------------------->|
#  phone2                       |                           |
#    | the same                 |                           |
#    |<-------------------------|<--------------------------|
#    | 200 host, reflexive      |                           |
#    |------------------------->|-------------------------->|
#    |<========= checks, directly ==========> phone2
@contextlib.contextmanager
def _neighbours(t, net, kind=ICE):
    """Have a phone call another one behind the same NAT."""
    with _programs(t, net, kind) as programs:
        server = net.server.udp(5060)
        alice = _end(programs, kind, net.phone1, RTP, True, (1,))
        bob = _end(programs, kind, net.phone2, RTP, False, (1,))
        caller = Leg(t, Line(t, net, server=server), alice)
        callee = Leg(t, Line(t, net, phone=net.phone2, server=server, port=5062), bob, called=True)
        callee.down(sip.INCOMING, caller.up(sip.INVITE))
        caller.down(sip.OK, callee.up(sip.INCOMING_OK))
        caller.dialog.up(sip.ACK)
        callee.dialog.down(sip.INCOMING_ACK)
        talk = Talk(t, alice, bob)
        yield caller, callee, talk
        talk.both_ways()
        caller.hang_up()
        callee.hang_up()
        phones.over(t, net)


@case("two phones with ICE behind the same NAT find the direct path")
def same_nat(t, net):
    net.router.run("nft", "insert", "rule", "inet", "firewall", "forward",
                   "iifname", '{ "lan1", "lan2" }', "oifname", '{ "lan1", "lan2" }', "accept")
    with _neighbours(t, net) as (_, _, talk):
        talk.checked({1: (net.phone2.address, RTP)}, {1: (net.phone1.address, RTP)})


@case("two phones with ICE behind the same NAT, no direct path: they meet at the outside")
def same_nat_closed(t, net):
    with _neighbours(t, net) as (caller, callee, talk):
        talk.checked(callee.promised, caller.promised)


@case("two phones with ICE and STUN behind the same NAT, no direct path: they meet outside, too")
def same_nat_stun(t, net):
    with _neighbours(t, net, STUN) as (caller, callee, talk):
        talk.checked(callee.promised, caller.promised)


if __name__ == "__main__":
    ksft.main()
