#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SIP over TCP: messages in a byte stream, between real TCP stacks.

  phone1                  router                  server       media
    | INV                   |                       |            |
    |---------------------->|---------------------->| keep-alive |
    | ITE                   |                       |            |
    |---------------------->|---------------------->| INVITE     |
    |           200         |                       |            |
    |<----------------------|<----------------------|            |
    |<===================== RTP ================================>|
"""

import contextlib
import functools
import json
import os
import re
import socket

from lib import alg, ksft, media, netns, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import Line
from lib.tcp import Connection, Stream, listen, offload, over_tcp, writing
from lib.topology import OUTSIDE, SERVER, SIP_PORT

sipalg_case = functools.partial(case, only_sipalg=True)

SIGNALLING_PORT = 5080
# A phone that is reached at another port than that of its connection.
LISTENING = re.sub(r"Contact: <sip:alice@{host}:{port}>",
                   f"Contact: <sip:alice@{{host}}:{SIGNALLING_PORT};transport=tcp>", sip.REGISTER)

LARGE = "Via: SIP/2.0/TCP 192.168.1.2:40001\n" * 3000


@case("a registration over TCP arrives with the outside's addresses")
def registration(t, net):
    line = Connection(net)
    with t.counted(net, messages=6, changed=6, registrations=1):
        for cseq in (1, 2, 3):
            line.up(t, sip.REGISTER, cseq=cseq)
            line.down(t, sip.REGISTER_OK, cseq=cseq)


@case("with a firewall rule for helper sip, as for the kernel's own module",
      switched_on=False)
def by_rule(t, net):
    net.assign_helper()
    line = Connection(net)
    line.up(t, sip.REGISTER)
    line.down(t, sip.REGISTER_OK)


def _audio(t, net, line):
    return media.Stream(t, net.phone1.udp(line.inside.rtp), net.media.udp(6000),
                        (OUTSIDE, line.outside.rtp))


@case("a call over TCP is heard both ways, and goes on over a new connection")
def call(t, net):
    listener = listen(net)
    line = Connection(net, listener=listener)
    line.up(t, sip.INVITE, sip.OFFER)
    line.down(t, sip.RINGING)
    line.down(t, sip.OK, sip.ANSWER)
    line.up(t, sip.ACK)
    audio = _audio(t, net, line)
    audio.both_ways()
    line.close()
    audio.both_ways()
    line = Connection(net, port=40003, listener=listener)
    audio.both_ways()
    line.up(t, sip.INVITE, sip.OFFER, cseq=2, branch="two")
    line.down(t, sip.OK, sip.ANSWER, cseq=2, branch="two")
    line.up(t, sip.ACK, cseq=2, branch="two")
    audio.both_ways()
    line.up(t, sip.BYE)
    line.down(t, sip.BYE_OK)
    if t.alg.name == "sipalg":
        wait_until(lambda: not t.alg.bindings(net, line.outside.rtp), "media ports close")


def _call_in(t, net, port):
    """Have the server call the phone over TCP at a port, where the phone answers."""
    listening = net.phone1.tcp(port)
    listening.listen()
    caller = net.server.tcp(40100)
    caller.connect((OUTSIDE, port))
    phone, source = listening.accept()
    t.equal(source, (SERVER, 40100), "source of the call")
    inside = sip.View(net.phone1.address, port, 4000, 4001)
    outside = sip.View(OUTSIDE, port, 4000, 4001)
    gaps = {"call_id": "in@203.0.113.10", "branch": "in", "tag": "alice", "cseq": 1, "far": 6000}
    for text, body, ends in ((sip.INCOMING, sip.ANSWER, (outside, caller, inside, phone)),
                             (sip.INCOMING_OK, sip.OFFER, (inside, phone, outside, caller)),
                             (sip.INCOMING_ACK, "", (outside, caller, inside, phone))):
        view, sender, seen, receiver = ends
        sender.sendall(sip.fill(over_tcp(text), view, body, **gaps))
        due = sip.fill(over_tcp(text), seen, body, **gaps)
        t.same(Stream("the other end", receiver).receive(len(due)), due,
               f"{text.split()[0]} {text.split()[1]}")
    phone.close()


@case("a Contact with another port than the connection's gets a binding, and calls come in")
def contact(t, net):
    line = Connection(net)
    line.up(t, LISTENING)
    line.down(t, re.sub("Contact: .*", f"Contact: <sip:alice@{{host}}:{SIGNALLING_PORT};"
                        "transport=tcp>;expires=600", sip.REGISTER_OK))
    _call_in(t, net, SIGNALLING_PORT)


#    | REGISTER, Contact: transport=tcp (UDP)        |
#    |---------------------->|---------------------->|
#    |                       |                   200 |
#    |<----------------------|<----------------------|
#    | INVITE (TCP)          |                       |
#    |<----------------------|<----------------------|
@case("a phone that registers over UDP is called over TCP where its Contact says so")
def contact_over_udp(t, net):
    line = Line(t, net)
    registration = line.dialog()
    for cseq, seconds in enumerate((600, 0, 600), 1):
        with t.counted(net, passed_refused=0):
            for move, text in ((registration.up, sip.REGISTER),
                               (registration.down, sip.REGISTER_OK)):
                move(text.replace("{port}>;expires=600",
                                  f"{{port}};transport=tcp>;expires={seconds}"), cseq=cseq)
        if not seconds and t.alg.name == "sipalg":
            wait_until(lambda: not t.alg.bindings(net), "the bindings of both are gone")
    _call_in(t, net, SIP_PORT)


@case("a Contact in an INVITE over TCP may ask for requests over UDP")
def udp_contact(t, net):
    line = Connection(net)
    line.up(t, sip.INVITE.replace("{host}:{port}>", f"{{host}}:{SIGNALLING_PORT};transport=udp>"),
            sip.OFFER)
    line.down(t, sip.OK, sip.ANSWER)
    line.up(t, sip.ACK)
    phone = net.phone1.udp(SIGNALLING_PORT)
    server = net.server.udp(SIP_PORT, (OUTSIDE, SIGNALLING_PORT))
    sent, due = (sip.fill(sip.REMOTE_BYE, sip.View(address, SIGNALLING_PORT, 4000, 4001),
                          call_id="tcp@192.168.1.2", branch="in", tag="alice")
                 for address in (OUTSIDE, net.phone1.address))
    server.send(sent)
    t.same(phone.receive("BYE").data, due, "BYE at the phone")


@sipalg_case("when the grant of a Contact ends, so does a connection to it")
def grant_ends(t, net):
    line = Connection(net)
    line.up(t, LISTENING)
    line.down(t, re.sub("Contact: .*", f"Contact: <sip:alice@{{host}}:{SIGNALLING_PORT};"
                        "transport=tcp>;expires=2, <sip:bob@198.51.100.7>;expires=600",
                        sip.REGISTER_OK))
    listening = net.phone1.tcp(SIGNALLING_PORT)
    listening.listen()
    caller = net.server.tcp(40100)
    caller.connect((OUTSIDE, SIGNALLING_PORT))
    phone, _ = listening.accept()
    # A message is under way when it ends.
    caller.sendall(line.texts(sip.INCOMING)[1][:100])
    wait_until(lambda: not t.alg.bindings(net, SIGNALLING_PORT), "the binding is gone")
    t.equal([flow for flow in net.flows() if f"dport={SIGNALLING_PORT} " in flow], [],
            "flows to it")
    line.up(t, sip.REGISTER, cseq=2)
    line.down(t, sip.REGISTER_OK, cseq=2)
    phone.close()


@sipalg_case("no memory for more of a message: it arrives as it was, and what follows, too")
def no_memory(t, net):
    line = Connection(net)
    line.up(t, sip.REGISTER)
    line.down(t, sip.REGISTER_OK)
    sent, _ = line.texts(sip.INVITE, f"{sip.OFFER}a={'x' * 1000}\n")
    line.phone.nodelay()
    line.phone.send(sent[:100])
    wait_until(lambda: not line.phone.unacknowledged(), "the first part is acknowledged")
    t.alg.tool(net, "set", "limit-bytes", "1")
    with t.counted(net, passed_no_memory=1, changed=0):
        line.phone.send(sent[100:])
        t.same(line.server.receive(len(sent)), sent, "INVITE")
        line.phone.send(sent)
        t.same(line.server.receive(len(sent)), sent, "the next one")
    with writing((line.server, b"x" * 100000)):
        t.equal(line.phone.receive(100000), b"x" * 100000, "what comes back")


@case("a message in pieces of any size")
def pieces(t, net):
    line = Connection(net)
    sent, due = line.texts(sip.INVITE, sip.OFFER)
    for nodelay in (True, False):
        line.phone.nodelay(nodelay)
        for size in (1, 3, 100, 250):
            line.phone.send(*[sent[at:at + size] for at in range(0, len(sent), size)])
            t.same(line.server.receive(len(due)), due, f"INVITE in pieces of {size}")


def _many(t, net):
    listener = listen(net)
    line = Connection(net, listener=listener)
    up = line.texts(sip.INVITE, sip.OFFER)
    down = line.texts(sip.OK, sip.ANSWER)[::-1]
    count = 200
    up, down = ([b"\r\n\r\n".join([text] * count) for text in texts] for texts in (up, down))
    with writing((line.phone, up[0]), (line.server, down[0])):
        for stream, due in ((line.server, up[1]), (line.phone, down[1])):
            t.same(stream.receive(len(due)), due, f"{count} messages at {stream.name}")
    line.close()
    line = Connection(net, port=40003, listener=listener)
    sent, due = line.texts(over_tcp(sip.MESSAGE), LARGE)
    with t.counted(net, changed=2), writing((line.phone, sent + sent)):
        t.same(line.server.receive(2 * len(due)), due + due, "two messages of 100 kB")


@case("many messages in a few writes, and large ones")
def many(t, net):
    _many(t, net)


@case("the same without offloads")
def many_segments(t, net):
    offload(net, False)
    _many(t, net)


@case("the same where the router forwards packets in rows, each with its own header")
def many_in_rows(t, net):
    offload(net, False)
    for device in ("lan1", "wan"):
        net.router.run("ethtool", "-K", device, "gro", "on", "rx-gro-list", "on")
    _many(t, net)


@case("the path is narrower beyond the router")
def narrow(t, net):
    offload(net, False)
    net.server.run("ip", "link", "set", "eth1", "mtu", "1400")
    line = Connection(net, listener=listen(net, net.media))
    line.phone.nodelay()
    sent, due = line.texts(sip.INVITE, f"{sip.OFFER}a={'x' * 900}\n")
    for rest in (100, 600):
        # It is told that a packet was too long that the router made of both parts.
        line.phone.send(sent[:-rest], sent[-rest:])
        t.same(line.server.receive(len(due)), due, "INVITE")


@case("a phone comes back, from the same port, when the server has lost the connection")
def comes_back(t, net):
    listener = listen(net)
    for _ in range(3):
        line = Connection(net, listener=listener)
        for _ in range(3):
            line.up(t, sip.REGISTER)
            line.down(t, sip.REGISTER_OK)
        line.server.abort()
        with contextlib.suppress(ConnectionResetError):
            line.phone.receive(1)
        line.phone.close()
    t.equal(net.invalid(), 0, "packets that conntrack calls invalid")


@case("ends that speak MPTCP speak TCP, and their messages are changed")
def multipath(t, net):
    if not os.path.exists("/proc/sys/net/mptcp"):
        raise ksft.Skip("this kernel has no MPTCP")
    for host in (net.phone1, net.server):
        host.namespace.sysctl("net.mptcp.checksum_enabled", 1)
    line = Connection(net, protocol=socket.IPPROTO_MPTCP)
    line.phone.nodelay()
    sent, due = line.texts(sip.INVITE, sip.OFFER)
    for _ in range(3):
        line.phone.send(sent[:100], sent[100:])
        t.same(line.server.receive(len(due)), due, "INVITE")
        line.up(t, sip.REGISTER)
        line.down(t, sip.REGISTER_OK)
    asked = net.server.run("nstat", "-asz", "MPTcpExtMPCapableSYNRX").stdout.split()
    t.equal(asked[-2:], ["0", "0.0"], "connections that were to be MPTCP")


@sipalg_case("messages that are not understood pass, and those behind them are changed")
def not_understood(t, net):
    line = Connection(net)
    odd = over_tcp("""\
INVITE sip:bob@203.0.113.10 SIP/2.0
Via: SIP/2.0/UDP 192.168.1.2:40001
Content-Type: application/sdp
Content-Length: 5

v=0
""").replace("\n", "\r\n").encode()
    for cut in (0, 20, 90, len(odd) - 1):
        with t.counted(net, passed_incomplete=1):
            line.phone.send(*filter(None, (odd[:cut], odd[cut:])))
            t.same(line.server.receive(len(odd)), odd, "message that lacks headers")
        line.up(t, sip.REGISTER)
        line.down(t, sip.REGISTER_OK)


@sipalg_case("a stream that goes bad passes from there on, with the numbers right")
def goes_bad(t, net):
    for number, (bad, reason) in enumerate((
            (b"\x16\x03\x01 no SIP at all", "passed_not_sip"),
            (b"OPTIONS sip:a@192.168.1.2 SIP/2.0\r\nContent-Length: -1\r\n\r\n", "passed_bad_length"),
            (b"OPTIONS sip:a@192.168.1.2 SIP/2.0\r\n\1: x\r\n\r\n", "passed_bad_header"),
            (b"OPTIONS sip:a@192.168.1.2 SIP/2.0\r\nX: " + 17000 * b"x", "passed_too_long"))):
        line = Connection(net, port=40001 + 2 * number)
        line.up(t, sip.REGISTER)
        sent, _ = line.texts(sip.REGISTER)
        with t.counted(net, **{reason: 1}):
            line.phone.send(bad)
            line.phone.send(sent)
            t.same(line.server.receive(len(bad + sent)), bad + sent, reason)
        line.down(t, sip.REGISTER_OK)
        with writing((line.server, b"x" * 100000)):
            t.equal(line.phone.receive(100000), b"x" * 100000, "what comes back")
        line.close()


@sipalg_case("observe: counted, and nothing is changed or held", switched_on=False)
def observed(t, net):
    t.alg.tool(net, "observe", "dev", "wan")
    line = Connection(net)
    sent, _ = line.texts(sip.INVITE, sip.OFFER)
    line.phone.nodelay()
    with t.counted(net, observed=2, changed=0):
        for cut in (100, len(sent) - 10):
            line.phone.send(sent[:cut])
            t.same(line.server.receive(cut), sent[:cut], "the first part")
            line.phone.send(sent[cut:])
            t.same(line.server.receive(len(sent) - cut), sent[cut:], "the second part")


@sipalg_case("connections that were there before are left alone", switched_on=False)
def before(t, net):
    line = Connection(net)
    t.alg.tool(net, "on", "dev", "wan")
    sent, _ = line.texts(sip.REGISTER)
    with t.counted(net, messages=0):
        line.phone.send(sent)
        t.same(line.server.receive(len(sent)), sent, "REGISTER")


@sipalg_case("check tells of connections that were there before, and how to mend it",
             switched_on=False)
def before_mended(t, net):
    line = Connection(net)
    sent, _ = line.texts(sip.REGISTER)
    t.alg.tool(net, "on", "dev", "wan")
    for picked_up in (False, True):
        if picked_up:
            net.router.run("conntrack", "-F")
        before = t.alg.counters(net)["no_helper"]
        line.phone.send(sent)
        t.same(line.server.receive(len(sent)), sent, "REGISTER")
        t.true(t.alg.counters(net)["no_helper"] > before, f"counted, picked up: {picked_up}")
    findings = json.loads(t.alg.tool(net, "-j", "check", check=False).stdout)
    t.equal([each["advice"] for each in findings if each["name"] == "no_helper"],
            ["restart these phones, or have them connect anew; conntrack -D does not help"],
            "advice")
    Connection(net, port=40003).up(t, sip.REGISTER)


@sipalg_case("off: from the next message on, what was held included; the connection goes on")
def switched_off(t, net):
    line = Connection(net)
    line.up(t, sip.REGISTER)
    line.down(t, sip.REGISTER_OK)
    sent, _ = line.texts(sip.REGISTER)
    line.phone.nodelay()
    line.phone.send(sent[:100])
    # Its acknowledgement says that it is held.
    wait_until(lambda: not line.phone.unacknowledged(), "the first part is acknowledged")
    t.alg.tool(net, "off")
    line.phone.send(sent[100:])
    t.same(line.server.receive(len(sent)), sent, "REGISTER")
    for _ in range(3):
        for ends in ((line.phone, line.server), (line.server, line.phone)):
            ends[0].send(b"x" * 5000)
            t.equal(ends[1].receive(5000), b"x" * 5000, "what follows")


@sipalg_case("unloading: not while bytes are held; then conntrack maps the numbers")
def unloading(t, net):
    line = Connection(net)
    for _ in range(3):
        line.up(t, sip.REGISTER)
        line.down(t, sip.REGISTER_OK)
    sent, due = line.texts(sip.REGISTER)
    line.phone.nodelay()
    line.phone.send(sent[:100])
    wait_until(lambda: not line.phone.unacknowledged(), "the first part is acknowledged")
    t.true(netns.run("rmmod", "nf_sipalg", check=False).returncode, "rmmod refuses")
    line.phone.send(sent[100:])
    t.same(line.server.receive(len(due)), due, "REGISTER")
    line.down(t, sip.REGISTER_OK)
    try:
        t.alg.unload()
        for _ in range(5):
            for ends in ((line.phone, line.server), (line.server, line.phone)):
                ends[0].send(b"x" * 5000)
                t.equal(ends[1].receive(5000), b"x" * 5000, "what follows")
        t.equal(net.invalid(), 0, "packets that conntrack calls invalid")
    finally:
        alg.chosen().load()


if __name__ == "__main__":
    ksft.main()
