#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Show the use of the ALG: one call through a NAT, without it and with it.

usage: demo.py [--color] [--plain]

Builds the network of lib/topology.py in namespaces and places the same call twice.
Environment: SIPALG_KO and SIPALG, as for the tests. scripts/demo in the project's root
builds the module and runs this in a virtual machine.
"""

import argparse
import difflib
import re
import sys

from lib import alg, media, sip
from lib.endpoint import Missing
from lib.topology import MEDIA, OUTSIDE, SERVER, SIP_PORT, Network

PACKETS = 50
# Seconds: a packet that has not arrived by then is lost.
LIMIT = 1

RED, GREEN, BOLD, PLAIN = "\033[31m", "\033[32m", "\033[1m", "\033[0m"

PICTURE = f"""\
  alice's phone         router with NAT                bob's side
  +-------------+       +--------------+               +---------------------------+
  | 192.168.1.2 |-------| {OUTSIDE} |--- internet --| {SERVER}   signalling  |
  +-------------+       +--------------+               | {MEDIA}  audio       |
                                                       +---------------------------+
"""

# The server's response names the source of the request (RFC 3581).
OK = sip.OK.replace("received={host}", "received={seen}")


class Screen:
    """The terminal: colours or none, block characters or ASCII."""

    def __init__(self, color, plain):
        self.color = color
        self.full, self.empty = ("#", ".") if plain else ("█", "░")

    def paint(self, text, color):
        """Return text in a colour, if there are colours."""
        return f"{color}{text}{PLAIN}" if self.color else text

    def title(self, text):
        """Print the title of a part."""
        print(f"\n{self.paint(text, BOLD)}\n")

    def message(self, title, sent, arrived):
        """Print a message as it was sent (-) and as it arrived (+)."""
        print(f"  {title}\n")
        for line in difflib.ndiff(_lines(sent), _lines(arrived)):
            sign = line[0]
            if sign != "?":
                color = {"-": RED, "+": GREEN}.get(sign)
                text = f"    {line}".rstrip()
                print(self.paint(text, color) if color else text)
        if sent == arrived:
            print("\n    arrived unchanged")
        print()

    def audio(self, way, heard):
        """Print how much of the audio arrived."""
        bar = self.full * (heard * 25 // PACKETS)
        bar = self.paint(bar, GREEN) + self.paint(self.empty * (25 - len(bar)), RED) \
            if self.color else bar.ljust(25, self.empty)
        print(f"  {way:16} {bar}  {heard} of {PACKETS} packets")


def _lines(message):
    return message.decode().replace("\r\n", "\n").rstrip("\n").split("\n")


def _heard(sender, receiver, to):
    """Send some audio; return how much of it arrives."""
    for number in range(PACKETS):
        try:
            sender.send(media.packet(number), to)
        except OSError:
            pass  # no way there
    heard = 0
    try:
        while heard < PACKETS:
            receiver.receive(limit=LIMIT)
            heard += 1
    except Missing:
        pass
    return heard


def _promised(message):
    """Return where a session description asks for audio."""
    host = re.search(rb"^c=IN IP4 (\S+)", message, re.MULTILINE)[1].decode()
    return host, sip.media_port(message)


def place_call(net, screen):
    """Alice calls bob. Return where bob sends his audio, and how much each heard."""
    phone = net.phone1.udp(SIP_PORT, peer=(SERVER, SIP_PORT))
    server = net.server.udp(SIP_PORT)
    gaps = {"call_id": "f81d4fae@192.168.1.2", "branch": "776asdhds", "tag": "1928301774",
            "cseq": 1, "far": 6000}
    inside = sip.View("192.168.1.2", SIP_PORT, 4000, 4001)

    invite = sip.fill(sip.INVITE, inside, body=sip.OFFER, **gaps)
    phone.send(invite)
    arrived = server.receive("the INVITE")
    screen.message("INVITE, as it left the phone (-) and as it reached the server (+)",
                   invite, arrived.data)

    # The server copies the Via, and adds the source that it saw.
    via = re.search(rb"^Via: SIP/2.0/UDP (.*?):", arrived.data, re.MULTILINE)[1].decode()
    seen, port = arrived.source
    answer = sip.fill(OK, inside._replace(host=via, port=port), body=sip.ANSWER,
                      seen=seen, **gaps)
    server.send(answer, arrived.source)
    returned = phone.receive("the 200")
    screen.message("200 OK, as it left the server (-) and as it reached the phone (+)",
                   answer, returned.data)
    phone.send(sip.fill(sip.ACK, inside, **gaps))
    server.receive("the ACK")

    alice, bob = net.phone1.udp(4000), net.media.udp(6000)
    target = _promised(arrived.data)
    by_alice = _heard(bob, alice, target)
    by_bob = _heard(alice, bob, _promised(returned.data))
    screen.audio("alice hears bob", by_alice)
    screen.audio("bob hears alice", by_bob)
    return target, by_alice, by_bob


def verdict(target, by_alice, by_bob):
    """Describe in words how a call went."""
    if by_alice == by_bob == PACKETS:
        return "both hear each other."
    if not by_alice and by_bob:
        return (f"the call connects, but alice hears nothing:\n    bob was told to send his "
                f"audio to {target[0]}, which nobody on the internet can reach.")
    return f"alice heard {by_alice} and bob {by_bob} of {PACKETS} packets."


def main():
    """Place both calls; exit 0 if audio works both ways with the ALG."""
    parser = argparse.ArgumentParser(description="A call through a NAT, without and with ALG.")
    parser.add_argument("--color", action="store_true", help="colours even if this is no terminal")
    parser.add_argument("--plain", action="store_true", help="no colours, no line drawing")
    options = parser.parse_args()
    screen = Screen((options.color or sys.stdout.isatty()) and not options.plain, options.plain)

    sipalg = alg.Sipalg()
    mine = not sipalg.is_loaded()
    try:
        sipalg.load()
    except alg.CannotLoad as error:
        sys.exit(f"demo: cannot load the module: {error}")
    print(PICTURE, end="")
    try:
        screen.title("1. Without ALG:  sipalg off")
        with Network() as net:
            sipalg.tool(net, "off")
            without = place_call(net, screen)
        screen.title("2. With sipalg:  sipalg on dev wan")
        with Network() as net:
            sipalg.switch_on(net)
            with_alg = place_call(net, screen)
    finally:
        if mine:
            sipalg.unload()

    screen.title("Verdict")
    print(f"  Without ALG: {verdict(*without)}")
    print(f"  With sipalg: {verdict(*with_alg)}")
    sys.exit(0 if with_alg[1:] == (PACKETS, PACKETS) else 1)


if __name__ == "__main__":
    try:
        main()
    except Missing as error:
        sys.exit(f"demo: this has not come in time, as on a very busy machine: {error}")
    except (RuntimeError, OSError) as error:
        sys.exit(f"demo: {error}")
