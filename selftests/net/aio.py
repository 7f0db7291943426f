#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""An end of a call whose ICE is aioice's. What it is told, and tells, is as with nice.c.

usage: aio.py COMPONENTS [offers] [stun SERVER]
"""

import asyncio
import sys

from aioice import Candidate, Connection

STUN_PORT = 3478


class End:
    """A connection, and what it says of itself."""

    def __init__(self, components, *words):
        server = words[words.index("stun") + 1] if "stun" in words else None
        self._components = range(1, int(components) + 1)
        self._connection = Connection("offers" in words, components=len(self._components),
                                      stun_server=server and (server, STUN_PORT))
        self._far = []
        # Keeps what goes on beside the words that are told.
        self._tasks = set()

    async def describe(self):
        """Print a description."""
        connection = self._connection
        await connection.gather_candidates()
        there = {each: connection.get_default_candidate(each) for each in self._components}
        lines = [f"m=audio {there[1].port} RTP/AVP 0", f"c=IN IP4 {there[1].host}"]
        if 2 in there:
            lines.append(f"a=rtcp:{there[2].port} IN IP4 {there[2].host}")
        lines += [f"a=ice-ufrag:{connection.local_username}",
                  f"a=ice-pwd:{connection.local_password}"]
        lines += [f"a=candidate:{each.to_sdp()}" for each in connection.local_candidates]
        print("".join(f"sdp {line}\n" for line in lines) + "gathered", flush=True)

    async def hear(self):
        """Print what comes."""
        while True:
            data, component = await self._connection.recvfrom()
            print(f"heard {component} {data.hex()}", flush=True)

    def _begin(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)

    def _tell(self):
        # aioice has no other way to ask for the pair.
        for component, pair in sorted(self._connection._nominated.items()):
            own, far = pair.local_candidate, pair.remote_candidate
            print(f"nominated {component} {own.host} {own.port} {own.type} "
                  f"{far.host} {far.port} {far.type}\nstate {component} ready", flush=True)

    async def _check(self):
        connection = self._connection
        for line in self._far:
            name, _, value = line.partition(":")
            if name == "a=ice-ufrag":
                connection.remote_username = value
            elif name == "a=ice-pwd":
                connection.remote_password = value
            elif name == "a=candidate":
                await connection.add_remote_candidate(Candidate.from_sdp(value))
        await connection.add_remote_candidate(None)
        await connection.connect()
        self._tell()
        await self.hear()

    async def _plain(self, component, address, port):
        connection = self._connection
        await connection.add_remote_candidate(
            Candidate("plain", component, "udp", 1, address, port, "host"))
        own = next(each for each in connection.local_candidates
                   if each.component == component and each.type == "host"
                   and ":" not in each.host)
        connection.set_selected_pair(component, own.foundation, "plain")
        if component == 1:
            self._begin(self.hear())

    async def listen(self):
        """Do what standard input says."""
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        async for line in reader:
            word, _, rest = line.decode().strip().partition(" ")
            if word == "far":
                self._far.append(rest)
            elif word == "check":
                self._begin(self._check())
            elif word == "plain":
                component, address, port = rest.split()
                await self._plain(int(component), address, int(port))
            elif word == "speak":
                component, data = rest.split()
                await self._connection.sendto(bytes.fromhex(data), int(component))
            else:
                raise ValueError(line)


async def main():
    """Be an end."""
    end = End(*sys.argv[1:])
    await end.describe()
    await end.listen()


if __name__ == "__main__":
    asyncio.run(main())
