#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""One inside host, or strangers outside, use up ports and memory that all hosts share.

RFC 4787, 13, and RFC 6888, REQ-4: one host behind a NAT can take the ports and the memory
that all share; limits for each host are the remedy. Floods of a hash table with chosen
keys: Crosby and Wallach, "Denial of Service via Algorithmic Complexity Attacks", 2003.

  phone1                  router                  server
    | INVITE, INVITE, INVITE ...                    |
    |---------------------->|---------------------->| unchanged above a limit
  phone2                    |                       |
    | INVITE, 200, ACK, RTP |                       |
    |<--------------------->|<--------------------->|
"""

import itertools
import socket

from lib import ksft, nat, sip
from lib.attack import FORGOTTEN, barrier, calls, flood, invite, nothing_left, reaching
from lib.endpoint import DEADLINE, wait_until
from lib.ksft import case
from lib.ladder import Line
from lib.tcp import Stream, listen, over_tcp
from lib.topology import OUTSIDE, SERVER, SIP_PORT

# More media than a call may hold: 16 ports each.
GREEDY = sip.OFFER + "".join(f"m=video {{rtp}}{i}/4 RTP/AVP 31\n" for i in range(2))


def _set(t, net, **settings):
    """Set low limits and short timeouts."""
    for name, value in {"timeout_transaction": 3, **settings}.items():
        t.alg.tool(net, "set", name.replace("_", "-"), str(value))


@case("a phone places calls without end: the others can still call")
def calls_without_end(t, net):
    _set(t, net, limit_host_calls=200, limit_host_bindings=300)
    port = itertools.count(10000, 2)
    server = flood(net, net.phone1, (
        invite(net.phone1, SIP_PORT, next(port), number) for number in range(400)))
    counters = t.alg.counters(net)
    t.true(counters["passed_limit_host_calls"] > 0 or counters["limit_host_bindings"] > 0,
           "a limit of the host is reached")
    t.true(len(t.alg.bindings(net)) <= 300, "bindings within the limit")
    for rtp in (4400, 4410, 4420):
        calls(t, net, net.phone2, server, rtp=rtp)
    nothing_left(t, net)
    calls(t, net, net.phone1, server, rtp=4430)


@case("a phone takes as many media ports as it can: the others can still call")
def ports_without_end(t, net):
    _set(t, net, limit_host_bindings=300)
    port = itertools.count(10000, 32)
    server = flood(net, net.phone1, (
        invite(net.phone1, SIP_PORT, next(port) // 10, number, GREEDY) for number in range(200)))
    t.true(t.alg.counters(net)["limit_host_bindings"] > 0, "a limit of the host is reached")
    t.true(len(t.alg.bindings(net)) <= 300, "bindings within the limit")
    for rtp in (4400, 4410, 4420):
        calls(t, net, net.phone2, server, rtp=rtp)
    nothing_left(t, net)


def _invite_over_tcp(phone, port, body=sip.OFFER):
    return sip.fill(over_tcp(sip.INVITE), sip.View(phone.address, port, 4400, 4401), body=body,
                    call_id="whole@tcp", branch="tcp", tag="alice", cseq=1)


def _is_helped(t, net, listening):
    """The second phone sends an INVITE in two parts. Return the connection's other end."""
    phone = net.phone2.tcp(40002)
    phone.connect((SERVER, SIP_PORT))
    end, source = listening.accept()
    inside, server = Stream("the phone", phone), Stream("the server", end)
    inside.nodelay()
    sent = _invite_over_tcp(net.phone2, 40002)
    due = _invite_over_tcp(net.router, source[1])
    inside.send(sent[:200])
    barrier(net, net.phone2)
    inside.send(sent[200:])
    t.same(server.receive(len(due)), due, "INVITE at the server")
    return end


@case("a host leaves TCP messages unfinished: another host's are still translated")
def unfinished(t, net):
    _set(t, net, limit_bytes=1 << 20)
    listening = listen(net)
    long = _invite_over_tcp(net.phone1, SIP_PORT, sip.OFFER + "a=x:" + "x" * 15000 + "\n")
    ends = []
    # The short ones fill what is left of the limit.
    for text in 80 * [long[:-1]] + 60 * [long[:200]]:
        greedy = net.phone1.tcp(0)
        greedy.connect((SERVER, SIP_PORT))
        ends.append(listening.accept()[0])
        greedy.sendall(text)
    barrier(net, net.phone1)
    t.true(t.alg.counters(net)["limit_bytes"] > 0, "the host's limit is reached")
    ends.append(_is_helped(t, net, listening))
    for each in ends:
        each.close()


@case("hosts outside leave messages unfinished at a published port: a phone's are translated")
def unfinished_outside(t, net):
    _set(t, net, limit_bytes=1 << 20)
    nat.install(net, "nftables", nat.publish("tcp", SIP_PORT, net.phone1.address),
                nat.masquerade())
    published, listening = listen(net, net.phone1), listen(net)
    text = f"OPTIONS sip:alice@{OUTSIDE} SIP/2.0\r\nSubject: {'x' * 15000}".encode()
    ends = []
    for number in range(30, 36):
        address = f"198.51.100.{number}"
        net.media.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
        for part in 20 * [text] + 20 * [text[:200]]:
            with net.media.namespace:
                ends.append(socket.create_connection((OUTSIDE, SIP_PORT), DEADLINE, (address, 0)))
            ends.append(published.accept()[0])
            ends[-2].sendall(part)
    barrier(net, net.phone1)
    t.true(t.alg.counters(net)["limit_bytes"] > 0, "the limit of the hosts outside is reached")
    ends.append(_is_helped(t, net, listening))
    for each in ends:
        each.close()


@case("connections use up the memory: a further one passes unchanged, and a counter says so")
def connections(t, net):
    listening = listen(net)

    def connect(phone):
        inside = phone.tcp(0)
        inside.connect((SERVER, SIP_PORT))
        end, source = listening.accept()
        ports = inside.getsockname()[1], source[1]
        return Stream("the phone", inside), Stream("the server", end), ports

    def exchange(ends, is_translated):
        inside, server, (port, outside_port) = ends
        sent = _invite_over_tcp(net.phone2, port)
        due = _invite_over_tcp(net.router, outside_port) if is_translated else sent
        inside.send(sent)
        t.same(server.receive(len(due)), due, "INVITE at the server")

    followed = connect(net.phone2)
    exchange(followed, True)
    _set(t, net, limit_bytes=t.alg.counters(net)["bytes_now"] + 4096)
    for _ in range(20):
        connect(net.phone1)
    t.true(t.alg.counters(net)["limit_bytes"] > 0, "the limit is reached")
    before = t.alg.counters(net)
    idle, unseen = connect(net.phone2), connect(net.phone2)
    exchange(unseen, False)
    after = t.alg.counters(net)
    t.equal([after[name] - before[name] for name in ("limit_bytes", "messages", "bytes_now")],
            [3, 0, 0], "limit, messages, bytes")
    _set(t, net, limit_bytes=1 << 20)
    exchange(unseen, False)
    for ends in (followed, idle, connect(net.phone2)):
        exchange(ends, True)


@case("a REGISTER, an INVITE and a SUBSCRIBE that are never answered leave nothing")
def never_answered(t, net):
    line = Line(t, net)
    for text in (sip.REGISTER, sip.REGISTER.replace("{port}>;exp", "6{cseq}00>;exp"), sip.INVITE,
                 sip.REGISTER.replace("REGISTER", "SUBSCRIBE").replace("{port}>;exp", "6200>;exp")):
        call = line.dialog()
        line.send_up(call.text(text, call.inside, body=sip.OFFER), "a request")
    t.true(t.alg.counters(net)["bindings_now"], "bindings while an answer may come")
    nothing_left(t, net, FORGOTTEN)
    line.register()


@case("strangers cannot keep open the media port of an INVITE that nobody answers")
def kept_open(t, net):
    _set(t, net)
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    stranger = net.media.udp(0)

    def is_closed():
        stranger.send(b"anybody there?", (OUTSIDE, call.outside.rtp))
        return not t.alg.bindings(net)

    t.true(reaching(net, net.phone1, call.inside.rtp, call.outside.rtp), "the port is open at first")
    wait_until(is_closed, "the port closes", FORGOTTEN)
    t.equal(reaching(net, net.phone1, call.inside.rtp, call.outside.rtp, stranger), [],
            "packets at the phone after that")


@case("a long chain of flows, each the master of the next, is removed one by one")
def chain(t, net):
    _set(t, net, timeout_transaction=20)
    here, server = net.phone1.udp(SIP_PORT), net.server.udp(SIP_PORT)
    # Recursion would overrun the kernel's stack at about 500.
    for number in range(700):
        port = 10000 + number
        here.send(invite(net.phone1, port, 4700, number), server.address)
        server.receive("INVITE")
        here.close()
        here = net.phone1.udp(port)
        server.send(b"OPTIONS", (OUTSIDE, port))
        here.receive("OPTIONS")
    nothing_left(t, net)
    calls(t, net, net.phone2, server)


@case("Call-IDs chosen to collide in a hash table: each makes a call, and all are removed")
def colliding(t, net):
    _set(t, net)
    call_ids = (
        # Alike but for the end, as short as can be, and as long.
        [b"%0200d" % number for number in range(500)]
        + [bytes([first, second]) for first in b"abcdefghij" for second in b"klmnopqrst"]
        + [b"x" * length for length in range(1, 4000, 17)]
        # They collide in a hash that multiplies by 31.
        + [b"".join(parts) for parts in itertools.product((b"Aa", b"BB"), repeat=7)])
    texts = [invite(net.phone1, SIP_PORT, 4700, number).replace(
        b"Call-ID: %d@attack" % number, b"Call-ID: " + call_id)
        for number, call_id in enumerate(call_ids)]
    # An rhashtable takes about 32 entries of one hash and refuses more until it is rehashed.
    with t.counted(net, calls=len(texts), passed_no_memory=0):
        server = flood(net, net.phone1, texts)
    t.equal(len(t.alg.bindings(net)), 3, "bindings")
    calls(t, net, net.phone2, server)
    nothing_left(t, net)


@case("strangers at a media port do not lock the far end out")
def strangers(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    knock = [net.media.udp(0) for _ in range(12)]
    for each in knock:
        each.send(b"anybody there?", (OUTSIDE, call.outside.rtp))
    barrier(net, net.phone1)
    t.equal(len(audio.phone.waiting()), len(knock), "the strangers' packets at the phone")
    audio.both_ways()
    for each in knock:
        each.send(b"still nobody?", (OUTSIDE, call.outside.rtp))
    barrier(net, net.phone1)
    audio.phone.waiting()
    audio.both_ways()
    t.true(t.alg.bindings(net, call.outside.rtp)[0]["flows"] <= 4, "flows of the binding")
    call.hang_up()
    call.closed(audio)


@case("a far end that only sends is heard however many strangers send, too")
def strangers_one_way(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    knock = [net.media.udp(0) for _ in range(8)]
    for _ in range(5):
        for each in knock:
            each.send(b"anybody there?", (OUTSIDE, call.outside.rtp))
        barrier(net, net.phone1)
        audio.phone.waiting()
        audio.inward(1)
    audio.both_ways()
    call.hang_up()
    call.closed(audio)


if __name__ == "__main__":
    ksft.main()
