#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP passes as it is, until the ALG learns to follow streams."""

from lib import ksft, sip
from lib.ksft import case
from lib.topology import OUTSIDE, SERVER, SIP_PORT

PHONE_PORT = 40001


def _receive(stream, count):
    """Return the next `count` bytes of a stream."""
    data = b""
    while len(data) < count:
        part = stream.recv(count - len(data))
        if not part:
            break
        data += part
    return data


def _connect(net):
    """Connect the phone to the server; return both ends."""
    listener = net.server.tcp(SIP_PORT)
    listener.listen()
    phone = net.phone1.tcp(PHONE_PORT)
    phone.connect((SERVER, SIP_PORT))
    server, source = listener.accept()
    server.settimeout(listener.gettimeout())
    return phone, server, source


def _passes(t, net):
    phone, server, source = _connect(net)
    with server:
        t.equal(source[0], OUTSIDE, "source of the connection")
        view = sip.View("192.168.1.2", PHONE_PORT, 4000, 4001)
        gaps = {"call_id": "tcp@192.168.1.2", "branch": "tcp", "tag": "alice", "cseq": 1}
        text = sip.fill(sip.REGISTER.replace("/UDP", "/TCP"), view, **gaps)
        answer = sip.fill(sip.REGISTER_OK.replace("/UDP", "/TCP"), view, **gaps)
        for _ in range(3):
            phone.sendall(text)
            t.same(_receive(server, len(text)), text, "REGISTER at the server")
            server.sendall(answer)
            t.same(_receive(phone, len(answer)), answer, "200 at the phone")
        for size in (1, 100, 250):
            for start in range(0, len(text), size):
                phone.sendall(text[start:start + size])
            t.same(_receive(server, len(text)), text, f"REGISTER in pieces of {size}")


@case("TCP to port 5060 passes byte for byte")
def passes(t, net):
    with t.counted(net, changed=0):
        _passes(t, net)


@case("TCP to port 5060 with a firewall rule for the helper passes, too",
      switched_on=False)
def passes_with_rule(t, net):
    net.assign_helper()
    with t.counted(net, changed=0):
        _passes(t, net)


if __name__ == "__main__":
    ksft.main()
