#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Much over one connection: what is not SIP is as fast as if nobody looked, and packets
of more than 64 KB (BIG TCP) do not stand in the way of messages.

  SIPALG_BULK=MB   how much each way goes through; the time it takes is judged
                   only where that is given, which scripts/vm -i is for         [4]
"""

import hashlib
import os
import re
import threading
import time

from lib import ipv6, ksft
from lib.ksft import case
from lib.tcp import Connection, Stream, listen, writing
from lib.topology import SIP_PORT

GIVEN = os.environ.get("SIPALG_BULK")
MEGABYTE = 1 << 20
SIZE = int(GIVEN or 4) * MEGABYTE
# How much more it may take than without ALG.
LIMIT = 1.1


class Writer(threading.Thread):
    """Writes a block over and over."""

    def __init__(self, stream, block):
        super().__init__(daemon=True)
        self._stream, self._block = stream, block

    def run(self):
        for _ in range(SIZE // len(self._block)):
            self._stream.send(self._block)


def _carry(sender, receiver):
    """Send it; return whether it arrived whole, and how long it took."""
    # No SIP at its beginning, and messages further in.
    block = (b"GET / HTTP/1.1\r\n\r\n" + b"REGISTER sip:a@192.168.1.2 SIP/2.0\r\n" * 30000)[:MEGABYTE]
    sender.socket.settimeout(None)
    began = time.monotonic()
    writer = Writer(sender, block)
    writer.start()
    got = hashlib.blake2b()
    for _ in range(SIZE // MEGABYTE):
        got.update(receiver.receive(MEGABYTE, limit=60))
    took = time.monotonic() - began
    writer.join()
    want = hashlib.blake2b()
    for _ in range(SIZE // MEGABYTE):
        want.update(block)
    return got.digest() == want.digest(), took


@case("what is not SIP passes, as fast as without ALG", switched_on=False)
def bulk(t, net):
    listener = listen(net)
    took = {}
    for switched_on in (False, True):
        if switched_on:
            t.alg.switch_on(net)
        for down in (False, True):
            line = Connection(net, port=40001 + 2 * switched_on + down, listener=listener)
            ends = (line.server, line.phone) if down else (line.phone, line.server)
            with t.counted(net, changed=0, messages=0, passed_not_sip=int(switched_on)):
                whole, took[switched_on, down] = _carry(*ends)
            t.true(whole, "it arrives as it was sent")
            line.close()
    for down in (False, True):
        ratio = took[True, down] / took[False, down]
        print(f"# {SIZE // MEGABYTE} MB {'down' if down else 'up'}: {ratio:.3f} of the time "
              "without ALG", flush=True)
        t.true(not GIVEN or ratio <= LIMIT, f"{ratio:.3f} is at most {LIMIT}")


BODY = b"x" * (2 * MEGABYTE)
MESSAGES = 4
MESSAGE = """MESSAGE sip:bob@[2001:db8:f::10] SIP/2.0\r
Via: SIP/2.0/TCP [{host}]:40001;branch=z9hG4bKbig{number}\r
From: <sip:alice@example.com>;tag=big\r
To: <sip:bob@example.com>\r
Call-ID: big{number}\r
CSeq: 1 MESSAGE\r
Content-Type: text/plain\r
Content-Length: {length}\r
\r
"""

# What of a packet exceeds 64 KB counts as lost, and is sent again.
BIG = """
table inet big {
	chain prerouting {
		type filter hook prerouting priority 0;
		meta length > 65535 counter
	}
}
"""


def _messages(host):
    return b"".join(MESSAGE.format(host=host, number=number, length=len(BODY)).encode() + BODY
                    for number in range(MESSAGES))


@case("packets of more than 64 KB: each message is translated, and all arrives")
def big_packets(t, net):
    ipv6.configure(net, "masquerade")
    net.phone1.run("ip", "link", "set", "eth0", "gso_max_size", "180000")
    net.router.run("nft", "-f", "-", stdin=BIG)
    listener = net.server.tcp(SIP_PORT)
    listener.listen()
    phone = net.phone1.tcp(40001)
    phone.connect((ipv6.SERVER, SIP_PORT))
    server = Stream("the server", listener.accept()[0])
    phone = Stream("the phone", phone)
    with t.counted(net, changed=MESSAGES):
        phone.socket.settimeout(None)
        due = _messages(ipv6.OUTSIDE)
        with writing((phone, _messages(ipv6.PHONE))):
            t.true(server.receive(len(due), limit=120) == due, "it arrives as it must")
    listed = net.router.run("nft", "list", "table", "inet", "big").stdout
    t.true(int(re.search(r"packets (\d+)", listed)[1]) > 0, "packets are as large as that")


if __name__ == "__main__":
    ksft.main()
