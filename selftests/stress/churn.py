#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Everything on the router changes while calls are up: none of them is lost.

usage: churn [-r RELOADS] [-p POLICY_CHANGES] [-c SECONDS] [-s SEED]

Phones call and talk all the time, over UDP and over TCP. First the policy changes,
conntrack is flushed, devices and namespaces come and go, and the module is unloaded and
loaded: calls that are being set up may fail then, those that are up may not. Then for
SECONDS the tool ends calls, the outside address changes and the link goes down. In the
end a call works, and the tables are empty.
"""

import argparse
import random
import struct
import sys
import time

import genl
from lab import what_stays
from lib import alg
from lib.endpoint import wait_until
from lib.topology import OUTSIDE, SERVER, Network
from traffic import Traffic, lost, ok

COMMANDS = genl.enumerate_header("sipalg_cmd")
POLICY = genl.enumerate_header("sipalg_policy_attr")
MODES = genl.enumerate_header("sipalg_mode")
SCOPES = ((None, b"wan"), (None, b"lan1"), (None, None), (0, None), (7, None), (0, b"wan"),
          (None, b"none"))


def _attributes(mode, zone=None, dev=None):
    attributes = genl.attribute(POLICY["SIPALG_POLICY_MODE"], struct.pack("=I", MODES[mode]))
    if zone is not None:
        attributes += genl.attribute(POLICY["SIPALG_POLICY_ZONE"], struct.pack("=H", zone))
    if dev is not None:
        attributes += genl.attribute(POLICY["SIPALG_POLICY_DEV"], dev + b"\0")
    return attributes


class Churn:
    """Changes to the router."""

    def __init__(self, net, the_alg, traffic, seed):
        self.net = net
        self.traffic = traffic
        self.alg = the_alg
        self.random = random.Random(seed)
        self.changes = self.reloads = self.others = 0
        self.channel = self._open()

    def _open(self):
        with self.net.router.namespace:
            return genl.Channel()

    def _policy(self, command, attributes=b""):
        verdict = self.channel.command(COMMANDS[command], attributes)
        if verdict:
            raise RuntimeError(f"{command}: errno {verdict}")
        self.changes += 1

    def policy(self):
        """Change the policy a few times; in the end calls are helped again."""
        for _ in range(self.random.randrange(1, 6)):
            zone, dev = self.random.choice(SCOPES)
            mode = self.random.choice(("OFF", "OBSERVE", "ON", "ON", "ON"))
            self._policy("SIPALG_CMD_POLICY_SET", _attributes(f"SIPALG_MODE_{mode}", zone, dev))
        self._policy("SIPALG_CMD_POLICY_FLUSH")
        self._policy("SIPALG_CMD_POLICY_SET", _attributes("SIPALG_MODE_ON", dev=b"wan"))

    def reload(self):
        """Unload the module and load it again."""
        self.channel.close()
        self.alg.unload()
        self.alg.load()
        self.channel = self._open()
        self._policy("SIPALG_CMD_POLICY_SET", _attributes("SIPALG_MODE_ON", dev=b"wan"))
        self.reloads += 1

    def other(self):
        """Conntrack, devices, addresses, namespaces."""
        run = self.net.router.run
        event = self.random.choice(("flush", "delete", "device", "address", "namespace", "look"))
        if event == "flush":
            # Whoever dials meanwhile does not know on which side of it.
            self.traffic.flushes.count()
            run("conntrack", "-F", check=False)
            self.traffic.flushes.count()
        elif event == "delete":
            run("conntrack", "-D", "-p", "udp", "-d", SERVER, check=False)
        elif event == "device":
            run("sh", "-c", "ip link add none type veth peer name none2; ip link set none name d1; "
                "ip link del d1", check=False)
        elif event == "address":
            run("sh", "-c", "ip addr add 203.0.113.98/24 dev wan; ip addr del 203.0.113.98/24 "
                "dev wan", check=False)
        elif event == "namespace":
            run("sh", "-c", f"ip netns add stress-gone; {alg.TOOL} -n stress-gone on default; "
                "ip netns del stress-gone", check=False)
        else:
            for what in ("call", "binding"):
                self.alg.tool(self.net, what, "show", check=False)
        self.others += 1

    def chaos(self):
        """Make changes that calls need not survive."""
        run = self.net.router.run
        event = self.random.choice(("now", "address", "down", "policy", "other", "reload"))
        if event == "now":
            self.alg.tool(self.net, "off", "--now")
        elif event == "address":
            run("sh", "-c", f"ip addr del {OUTSIDE}/24 dev wan; ip addr add 203.0.113.98/24 dev "
                f"wan; sleep .2; ip addr del 203.0.113.98/24 dev wan; "
                f"ip addr add {OUTSIDE}/24 dev wan; ip route replace default via {SERVER}")
        elif event == "down":
            run("sh", "-c", f"ip link set wan down; sleep .2; ip link set wan up; "
                f"ip route replace default via {SERVER}")
        else:
            getattr(self, event)()
        self.alg.switch_on(self.net)


def _one_step_at_a_time(churn, options):
    """Spread the reloads evenly over the changes of policy."""
    policy_left = churn.changes < options.p
    if churn.reloads < options.r and churn.reloads * options.p <= churn.changes * options.r:
        churn.reload()
    elif policy_left:
        churn.policy()
    if churn.random.random() < .2:
        churn.other()
    return policy_left or churn.reloads < options.r


def main():
    """Run both parts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-r", type=int, default=5)
    parser.add_argument("-p", type=int, default=100)
    parser.add_argument("-c", type=int, default=10)
    parser.add_argument("-s", type=int, default=1)
    options = parser.parse_args()
    the_alg = alg.Sipalg()
    the_alg.load()
    results = []
    print("TAP version 13\n1..3")

    def result(fine, title):
        results.append(fine)
        print(f"{'ok' if fine else 'not ok'} {len(results)} {title}", flush=True)

    with Network() as net:
        the_alg.switch_on(net)
        began = time.monotonic()
        with Traffic(net) as traffic:
            churn = Churn(net, the_alg, traffic, options.s)
            while _one_step_at_a_time(churn, options):
                if lost(traffic.read()):
                    break
            wait_until(lambda: ok(traffic.read()) or lost(traffic.read()), "a call has ended", 120)
            sums = dict(traffic.read())
            print(f"# {churn.reloads} reloads, {churn.changes} changes of policy, {churn.others} "
                  f"other events in {time.monotonic() - began:.0f} s; calls: {sums}")
            result(ok(sums) and not lost(sums), "no call that was up is lost")
            end = time.monotonic() + options.c
            while time.monotonic() < end:
                churn.chaos()
            with_chaos = {how: n - sums.get(how, 0) for how, n in traffic.read().items()}
            print(f"# {options.c} s of chaos; calls: {with_chaos}")
            # Those that go on have been set up after it.
            before = dict(traffic.read())
            wait_until(lambda: ok({how: n - before.get(how, 0)
                                   for how, n in traffic.read().items()}) > 3,
                       "calls work after chaos", 120)
            result(True, "calls work after chaos")
        the_alg.tool(net, "off", "--now")
        left = what_stays(lambda *words: the_alg.show(net, *words))
        for each in left:
            print(f"# {each}")
        result(not left, "nothing is left")
        churn.channel.close()
    the_alg.unload()
    return not all(results)


if __name__ == "__main__":
    sys.exit(main())
