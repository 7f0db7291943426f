#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Mutated netlink messages of every command: only correct ones change anything.

usage: commands [-n COUNT] [-s SEED]

Half of the messages are right ones with a few bytes spoilt, the others are made of
random attributes. The kernel has to answer each, and to answer right ones still at
the end. What they set is unset at the end.
"""

import argparse
import random
import struct
import sys
import time

import genl
import lab

COMMANDS = {name: value for name, value in genl.enumerate_header("sipalg_cmd").items()
            if not name.endswith(("UNSPEC", "MAX"))}
POLICY = genl.enumerate_header("sipalg_policy_attr")
MODES = genl.enumerate_header("sipalg_mode")
DEVICES = (b"wan", b"lan", b"lo", b"none", b"x" * 15, b"x" * 16, b"", b"a/b", b"..", b"wan\0x")


def policy(choice):
    """Attributes that a policy may have, right or nearly so."""
    attributes = b""
    if choice.random() < .9:
        attributes += genl.attribute(POLICY["SIPALG_POLICY_MODE"],
                                     struct.pack("=I", choice.randrange(6)))
    if choice.random() < .5:
        attributes += genl.attribute(POLICY["SIPALG_POLICY_ZONE"],
                                     struct.pack("=H", choice.randrange(4)))
    if choice.random() < .5:
        attributes += genl.attribute(POLICY["SIPALG_POLICY_DEV"], choice.choice(DEVICES) + b"\0")
    if choice.random() < .2:
        attributes += genl.attribute(POLICY["SIPALG_POLICY_NOW"])
    return attributes


def noise(choice):
    """Attributes of any kind and size, nested ones among them."""
    attributes = b""
    for _ in range(choice.randrange(5)):
        kind = choice.randrange(40) | choice.choice((0, 0, 0, 0x8000, 0x4000))
        value = choice.randbytes(choice.choice((0, 1, 2, 4, 4, 8, 16, 64, 2000)))
        if choice.random() < .2:
            value = genl.attribute(choice.randrange(40), value)
        attributes += genl.attribute(kind, value)
    return attributes


def spoil(choice, payload):
    """Change a few bytes, lengths among them, or cut it short."""
    data = bytearray(payload)
    for _ in range(choice.randrange(3)):
        if data:
            data[choice.randrange(len(data))] = choice.randrange(256)
    if data and choice.random() < .1:
        del data[choice.randrange(len(data)):]
    return bytes(data)


def one(choice, channel):
    """Send one message; the kernel must answer."""
    command = choice.choice(list(COMMANDS.values())) if choice.random() < .95 \
        else choice.randrange(256)
    attributes = policy(choice) if choice.random() < .5 else noise(choice)
    payload = struct.pack("=BBH", command, choice.choice((1, 1, 1, 0, 255)), 0) + attributes
    if choice.random() < .5:
        payload = payload[:4] + spoil(choice, payload[4:])
    flags = genl.NLM_F_REQUEST | genl.NLM_F_ACK
    if choice.random() < .4:
        flags |= genl.NLM_F_DUMP
    channel.send(payload, flags=flags)
    return channel.verdict()


def main():
    """Run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=5000)
    parser.add_argument("-s", type=int, default=1)
    options = parser.parse_args()
    choice = random.Random(options.s)
    print("TAP version 13\n1..2")
    with lab.Lab() as net:
        with net.router:
            channel = genl.Channel()
        began = time.monotonic()
        verdicts = {}
        for _ in range(options.n):
            verdict = one(choice, channel)
            verdicts[verdict] = verdicts.get(verdict, 0) + 1
        print(f"# {options.n} messages in {time.monotonic() - began:.0f} s, verdicts: "
              f"{dict(sorted(verdicts.items()))}")
        fine = verdicts.get(0, 0) > 0 and len(verdicts) > 3
        print(f"{'ok' if fine else 'not ok'} 1 each message is answered")
        net.tool("policy", "flush")
        left = net.show("policy", "show")
        clean = left == [{"default": True, "mode": "rule"}]
        print(f"{'ok' if clean else 'not ok'} 2 right ones work still")
        channel.close()
    return not (fine and clean)


if __name__ == "__main__":
    sys.exit(main())
