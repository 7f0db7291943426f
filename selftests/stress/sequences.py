#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Messages of three phones and three servers that share Call-IDs, tags and branches.

usage: sequences [-n COUNT] [-s SEED]

The messages are those of selftests/sequence, which tries the same code in userspace.
Now and then the calls of those hosts are looked at that a message does not concern: they
must be as before. After it, the time of all is up, and nothing may be left.

  SIPALG_SEQUENCE  the program sequence
"""

import argparse
import os
import random
import subprocess
import sys

import lab

SEQUENCE = os.environ["SIPALG_SEQUENCE"]
INSIDE = ("192.168.1.10", "192.168.1.11", "192.168.1.12")
SERVERS = ("198.51.100.1", "198.51.100.2", "198.51.100.3")
ROUTER = "203.0.113.5"
PORT = 5060
# A message in so many is looked at. Calls that are about to end by themselves are not.
SAMPLE = 100
SOON = 10
# So many messages share the same few Call-IDs.
SHARING = 500
TIMEOUTS = (("timeout-transaction", 20), ("timeout-early", 30), ("timeout-call", 40))
END = 240

# The last server is reached without NAT.
RULES = f"""
flush ruleset
table ip nat {{
	chain postrouting {{
		type nat hook postrouting priority srcnat;
		oifname "wan" ip daddr {SERVERS[2]} accept
		oifname "wan" ip saddr {INSIDE[0]} udp sport {PORT} snat to {ROUTER}:{PORT}
		oifname "wan" ip saddr {INSIDE[1]} udp sport {PORT} snat to {ROUTER}:6001
		oifname "wan" ip saddr {INSIDE[2]} udp sport {PORT} snat to {ROUTER}:6002
		oifname "wan" masquerade
	}}
}}
"""


def messages(count, seed):
    """Yield each message: who sends it, to which address and port, its text."""
    with subprocess.Popen([SEQUENCE, "-w", f"-n{count}", f"-s{seed}"],
                          stdout=subprocess.PIPE) as program:
        for line in program.stdout:
            party, address, port, size = line.split()
            yield (int(party), (address.decode(), int(port)), program.stdout.read(int(size)))


class World:
    """The network of the fuzzers with more hosts, and a socket of each."""

    def __init__(self, net):
        self.net = net
        for address in INSIDE[1:]:
            net.phone.run("ip", "addr", "add", f"{address}/24", "dev", "eth0")
        for address in SERVERS:
            net.server.run("ip", "addr", "add", f"{address}/32", "dev", "eth0")
        net.server.run("ip", "route", "add", "192.168.1.0/24", "via", ROUTER)
        net.run("nft", "-f", "-", stdin=RULES)
        for name, seconds in TIMEOUTS:
            net.tool("set", name, str(seconds))
        self.sockets = [lab.Endpoint(f"phone {address}", net.phone, address, PORT)
                        for address in INSIDE]
        self.sockets += [lab.Endpoint(f"server {address}", net.server, address, PORT)
                         for address in SERVERS]

    def calls_of_others(self, concerned):
        """Return the calls of hosts that a message does not concern, by id."""
        return {each["id"]: each for each in self.net.show("call", "show")
                if each["inside"]["address"] not in concerned}

    def drain(self):
        """Take what has arrived, so that there is room for more."""
        return sum(len(socket.waiting()) for socket in self.sockets)


def is_same(call, later):
    """Is a call as it was? Its old bindings may go meanwhile, as their time is up."""
    return later and all(later.get(key) == call.get(key)
                         for key in ("kind", "state", "caller", "callee", "peer"))


def host_behind(address, port):
    """Return the inside host that a message goes to, if it does."""
    if address == ROUTER:
        return INSIDE[{PORT: 0, 6001: 1, 6002: 2}[port]]
    return address


def send_all(world, count, seed):
    """Send the messages; return whether no call of another host changed."""
    choice = random.Random(seed)
    arrived = looked = 0
    for number, (party, to, text) in enumerate(messages(count, seed), 1):
        looks = not choice.randrange(SAMPLE)
        concerned = ((INSIDE + SERVERS)[party], host_behind(*to))
        text = text.replace(b"\r\nCall-ID: ", b"\r\nCall-ID: %d-" % (number // SHARING))
        before = world.calls_of_others(concerned) if looks else {}
        world.sockets[party].send(text, to)
        if looks:
            looked += 1
            after = world.calls_of_others(concerned)
            for each, call in before.items():
                if call["expires"] > SOON and not is_same(call, after.get(each)):
                    print(f"# {call} became {after.get(each)} by message {number} of "
                          f"{concerned[0]} to {concerned[1]}:\n{text.decode()}")
                    return False
        if not number % 50:
            arrived += world.drain()
    print(f"# {number} messages, {arrived} arrived; {looked} times the others' calls were looked at")
    counters = world.net.show("stats")
    print("# " + " ".join(f"{name} {counters[name]}" for name in
                          ("changed", "calls", "registrations", "bindings") if name in counters))
    return arrived > count / 4


def end_by_time(world):
    """Wait until the calls are over; registrations end with their scope."""
    def calls():
        return [each for each in world.net.show("call", "show") if each["kind"] == "dialog"]

    try:
        lab.wait_until(lambda: not calls(), "the calls end", END)
    except lab.Missing:
        print(f"# {calls()}")
        return False
    return not world.net.tool("off", "--now").returncode and world.net.is_emptied()


def main():
    """Send, and wait."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=20000)
    parser.add_argument("-s", type=int, default=1)
    options = parser.parse_args()
    failed = 0
    with lab.Lab() as net:
        world = World(net)
        print("TAP version 13\n1..2")
        for number, (title, step) in enumerate((
                ("no message changes a call of another host",
                 lambda: send_all(world, options.n, options.s)),
                ("nothing is left after the last timeout", lambda: end_by_time(world))), 1):
            fine = step()
            failed += not fine
            print(f"{'ok' if fine else 'not ok'} {number} {title}", flush=True)
        for each in world.sockets:
            each.close()
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
