#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Where do the instructions of a message go?

usage: functions.py BLOCKS SYMBOLS COSTS

Reads what the QEMU plugin blocks.c noted, the guest's /proc/kallsyms, and what the run
printed: "ALG KIND BYTES COST", in order. Prints for each function what it costs more with
this module than without any ALG. Of several rounds of a message, that of the median counts.
"""

import bisect
import collections
import struct
import sys

BLOCK = struct.Struct("=QQQ")
KERNEL = 1 << 63
USER = "(user space)"
# Functions that cost less than this everywhere go into one line.
LEAST = 50


class Symbols:
    """Names of the kernel's functions by address."""

    def __init__(self, path):
        names = {}
        with open(path, encoding="ascii") as file:
            for line in file:
                address, kind, name = line.split()[:3]
                if kind in "tTwW":
                    # Of several names of a function the shortest is the usual one.
                    names.setdefault(int(address, 16), []).append(name)
        self.names = {address: min(found, key=len) for address, found in names.items()}
        self.addresses = sorted(self.names)
        if len(self.addresses) < 2:
            sys.exit("functions: the kernel shows no addresses of symbols")

    def find(self, address):
        """The function in which an address lies, and whether it begins there."""
        if address < KERNEL:
            return USER, False
        start = self.addresses[max(bisect.bisect_right(self.addresses, address) - 1, 0)]
        return self.names[start], start == address


def read_rounds(path):
    """Lists of blocks (start, end, instructions), one for each round of a message."""
    rounds = []
    with open(path, "rb") as file:
        for block in BLOCK.iter_unpack(file.read()):
            if not block[0]:
                rounds.append([])
            else:
                rounds[-1].append(block)
    return rounds


def total(blocks):
    """Instructions of all blocks."""
    return sum(block[2] for block in blocks)


def count(blocks, symbols):
    """Instructions of each function itself, and with all that it calls.

    A block that begins a function is a call, or a jump that comes to the same; a caller is
    left when the block behind its call runs.
    """
    own, whole = collections.Counter(), collections.Counter()
    stack = []
    before = None
    for start, end, n in blocks:
        name, begins = symbols.find(start)
        if begins and before:
            stack.append(before)
        else:
            for i in range(len(stack) - 1, -1, -1):
                if stack[i][0] == start:
                    del stack[i:]
                    break
        own[name] += n
        for function in {caller for _, caller in stack} | {name}:
            whole[function] += n
        before = end, name
    return own, whole


def by_most(costs):
    """For each function, its instructions in the kind of message in which it costs most."""
    return {name: max(abs(cost[name]) for cost in costs) for cost in costs for name in cost}


def print_table(title, kinds, costs, most):
    """costs: for each kind, a counter of instructions by function."""
    rows = sorted((name for name in most if most[name] >= LEAST), key=lambda name: -most[name])
    width = max(map(len, rows), default=0)
    print(f"\n{title}")
    print(f"{'':{width}}" + "".join(f" {kind:>10}" for kind in kinds))
    for name in rows:
        print(f"{name:{width}}" + "".join(f" {cost[name]:>10}" for cost in costs))
    return rows, width


def main():
    symbols = Symbols(sys.argv[2])
    rounds = read_rounds(sys.argv[1])
    with open(sys.argv[3], encoding="ascii") as file:
        lines = [line.split() for line in file]
    each, rest = divmod(len(rounds), len(lines))
    if not each or rest:
        sys.exit(f"functions: {len(rounds)} rounds of {len(lines)} messages")

    found = {}
    for i, (alg, kind, *_) in enumerate(lines):
        same = sorted(rounds[i * each:(i + 1) * each], key=total)
        found[alg, kind] = count(same[each // 2], symbols)

    kinds = [kind for alg, kind, *_ in lines if alg == "sipalg"]
    own, whole = [], []
    for kind in kinds:
        for i, costs in enumerate((own, whole)):
            cost = collections.Counter(found["sipalg", kind][i])
            cost.subtract(found["none", kind][i])
            costs.append(cost)

    most = by_most(own)
    rows, width = print_table("instructions of each function itself", kinds, own, most)
    shown = [sum(cost[name] for name in rows) for cost in own]
    sums = [sum(cost.values()) for cost in own]
    print(f"{'others':{width}}" + "".join(f" {s - n:>10}" for s, n in zip(sums, shown)))
    print(f"{'sum':{width}}" + "".join(f" {s:>10}" for s in sums))
    # Most callers only pass on what others cost.
    most = {name: n for name, n in by_most(whole).items() if most[name]}
    print_table("with all that it calls", kinds, whole, most)


if __name__ == "__main__":
    main()
