#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""IPv6: a firewall without NAT, and a router that masquerades."""

from lib import ksft, media, netns, pbx
from lib.ipv6 import MEDIA, OUTSIDE, PHONE, SERVER, configure
from lib.ksft import case
from lib.tcp import Stream, over_tcp
from lib.topology import SIP_PORT

OTHER = "2001:db8:1::3"
PHONE2 = "2001:db8:2::2"
STRANGERS = "2001:db8:e::21", "2001:db8:e::22"
RTP, FAR = 4000, 6000

# Another address than the router's own.
SECOND = "2001:db8:f::98"

ELSEWHERE = f"""
table ip6 nat {{
	chain prerouting {{
		type nat hook prerouting priority dstnat;
		iifname "wan" udp dport {RTP} dnat to [{PHONE}]:4444
	}}
}}
"""

BODY = """
v=0
o=alice 1 1 IN IP6 {host}
s=-
c=IN IP6 {host}
t=0 0
m=audio {rtp} RTP/AVP 0
"""

INVITE = """
INVITE sip:bob@[2001:db8:f::10] SIP/2.0
Via: SIP/2.0/UDP [{host}]:{port};branch=z9hG4bKsix;rport
Max-Forwards: 70
From: <sip:alice@example.com>;tag=six
To: <sip:bob@example.com>
Call-ID: six@{call}
CSeq: 1 INVITE
Contact: <sip:alice@[{host}]:{port}>
Content-Type: application/sdp
Content-Length: {length}

"""

OK = """
SIP/2.0 200 OK
Via: SIP/2.0/UDP [{host}]:{port};branch=z9hG4bKsix;rport={port};received={host}
From: <sip:alice@example.com>;tag=six
To: <sip:bob@example.com>;tag=bob
Call-ID: six@{call}
CSeq: 1 INVITE
Contact: <sip:bob@[2001:db8:f::10]:5060>
Content-Type: application/sdp
Content-Length: {length}

"""


def _message(head, host, body_host, port, call, rtp):
    body = BODY.lstrip("\n").format(host=body_host, rtp=rtp).replace("\n", "\r\n")
    head = head.lstrip("\n").format(host=host, port=port, call=call, length=len(body))
    return (head.replace("\n", "\r\n") + body).encode()


def _call(t, net, seen):
    """Place a call; what the server gets must name `seen`. Media both ways after it."""
    phone = net.phone1.udp(SIP_PORT, peer=(SERVER, SIP_PORT))
    server = net.server.udp(SIP_PORT)
    phone.send(_message(INVITE, PHONE, PHONE, SIP_PORT, seen, RTP))
    got = server.receive("INVITE")
    t.equal(got.source[0], seen, "source of the signalling")
    t.same(got.data, _message(INVITE, seen, seen, SIP_PORT, seen, RTP), "INVITE at the server")
    server.send(_message(OK, seen, MEDIA, SIP_PORT, seen, FAR), got.source)
    t.same(phone.receive("200").data, _message(OK, PHONE, MEDIA, SIP_PORT, seen, FAR),
           "200 at the phone")
    audio = media.Stream(t, net.phone1.udp(RTP), net.media.udp(FAR), (seen, RTP))
    audio.both_ways()


#  phone1                     router                     server     media
#    | INVITE                   |     the same              |          |
#    |------------------------->|-------------------------->|          |
#    | 200                      |     the same              |          |
#    |<-------------------------|<--------------------------|          |
#    |<========================== RTP ================================>|
#  The firewall lets in ESTABLISHED and RELATED packets only.
@case("without NAT no byte changes, and the media enters as RELATED")
def firewall(t, net):
    configure(net)
    with t.counted(net, messages=2, unchanged=2, calls=1):
        _call(t, net, PHONE)


#  phone1                     router                     server     media
#    |     RTP to port 4444     |                           |  RTP     |
#    |<-------------------------|<-------------------------------------|
@case("without NAT a rule may lead media elsewhere: it arrives there")
def led_elsewhere(t, net):
    configure(net)
    _call(t, net, PHONE)
    net.router.run("nft", "-f", "-", stdin=ELSEWHERE)
    relay, far = net.phone1.udp(4444), net.media.udp(FAR + 2)
    with t.counted(net, flows_denied=0):
        far.send(b"elsewhere", (PHONE, RTP))
        t.equal(relay.receive().data, b"elsewhere", "media at the port of the rule")


def _states(t, net):
    return {each["label"]: each["state"] for each in t.alg.calls(net)}


#  phone1                     router                   server    media
#    | INVITE 1                 |                         |         |
#    |------------------------->|------------------------>|         |
#    |     200 to a call that there is not; INVITE, 200: for a week |
#    |<-------------------------|<----------------------------------|
#    | 200 to 1                 |                         |         |
#    |<-------------------------|<------------------------|         |
@case("without NAT only the called server can refresh a call, not a stranger",
      only_sipalg=True)
def stranger(t, net):
    configure(net)
    phone, server = net.phone1.udp(SIP_PORT), net.server.udp(SIP_PORT)
    phone.send(_message(INVITE, PHONE, PHONE, SIP_PORT, "1", RTP), (SERVER, SIP_PORT))
    server.receive("INVITE")
    week = OK.replace("Contact:", "Session-Expires: 604800\nContact:")
    for host in STRANGERS:
        net.media.run("ip", "addr", "add", f"{host}/64", "dev", "eth0", "nodad")
        net.media.address = host
        other = net.media.udp(SIP_PORT)
        phone.send(b"\r\n\r\n", (host, SIP_PORT))
        other.receive("a keep-alive")
        for text, call in ((week, f"{host}.1"), (INVITE, f"{host}.2"), (week, f"{host}.2")):
            other.send(_message(text, PHONE, host, SIP_PORT, call, FAR), (PHONE, SIP_PORT))
            phone.receive("the stranger's packets")
    states = _states(t, net)
    t.equal([states[f"six@{host}.1"] for host in STRANGERS], ["early", "early"],
            "an answer that nobody asked for")
    # The server is remembered in a Bloom filter, which one address in 4096 matches by chance.
    t.true("early" in [states[f"six@{host}.2"] for host in STRANGERS],
           f"an INVITE that its sender answers ({states})")
    t.equal(states["six@1"], "early", "the phone's own call, before the answer")
    busy = OK.replace("200 OK", "486 Busy Here")
    for text, sender, state in ((busy, other, "early"), (OK, server, "confirmed")):
        sender.send(_message(text, PHONE, SERVER, SIP_PORT, "1", FAR), (PHONE, SIP_PORT))
        phone.receive("486 of the stranger, then 200")
        t.equal(_states(t, net)["six@1"], state, "the phone's own call, after an answer")


#  phone1      its other address     router                server
#    | INVITE        | INVITE, the same |                      |
#    |<--------------|<-----------------|<---------------------|
#    | 200           |                  |                      |
#    |------------------------------------------------------->|
@case("without NAT a forked call can be answered by either branch", only_sipalg=True)
def fork(t, net):
    configure(net)
    net.phone1.run("ip", "addr", "add", f"{OTHER}/64", "dev", "eth0", "nodad")
    server = net.server.udp(SIP_PORT)
    phones = []
    for host in (PHONE, OTHER):
        net.phone1.address = host
        phones.append(net.phone1.udp(SIP_PORT, peer=(SERVER, SIP_PORT)))
        phones[-1].send(b"\r\n\r\n")
        server.receive("a keep-alive")
    for phone in phones:
        server.send(_message(INVITE, SERVER, SERVER, SIP_PORT, "1", FAR), phone.address)
        phone.receive("INVITE")
    t.equal(_states(t, net)["six@1"], "early", "before an answer")
    phones[0].send(_message(OK, SERVER, PHONE, SIP_PORT, "1", RTP))
    server.receive("200")
    t.equal(_states(t, net)["six@1"], "confirmed", "the branch that answered first has media")


@case("with masquerade all addresses are mapped and keep their brackets")
def masquerade(t, net):
    configure(net, "masquerade")
    with t.counted(net, messages=2, changed=2, calls=1):
        _call(t, net, OUTSIDE)


#  phone1 (PBX)               router                    server       media
#    | INVITE c= phone2         | c= router                |            |
#    |------------------------->|------------------------->|            |
#  phone2 <======================== RTP =============================>|
@case("a trusted PBX names a phone beside it, and no other host", only_sipalg=True)
def trusted(t, net):
    configure(net, "masquerade")
    netns.configure({
        net.phone2.namespace: [f"addr add {PHONE2}/64 dev eth0 nodad",
                               "route add ::/0 via 2001:db8:2::1"],
        net.router.namespace: ["addr add 2001:db8:2::1/64 dev lan2 nodad"]})
    net.phone2.address = PHONE2
    pbx.trust(t, net, hosts=PHONE, named="2001:db8::/32")
    phone = net.phone1.udp(SIP_PORT, peer=(SERVER, SIP_PORT))
    server = net.server.udp(SIP_PORT)
    for call, named, seen in (("1", "2001:db8:2::1", None), ("2", MEDIA, None),
                              ("3", "2001:db8:3::1", None), ("4", PHONE2, OUTSIDE)):
        phone.send(_message(INVITE, PHONE, named, SIP_PORT, call, RTP))
        got = server.receive("INVITE")
        want = _message(INVITE, OUTSIDE, seen or named, SIP_PORT, call, RTP)
        t.same(got.data.partition(b"\r\n\r\n")[2], want.partition(b"\r\n\r\n")[2],
               f"SDP that names {named}")
    server.send(_message(OK, OUTSIDE, MEDIA, SIP_PORT, "4", FAR), got.source)
    phone.receive("200")
    media.Stream(t, net.phone2.udp(RTP), net.media.udp(FAR), (OUTSIDE, RTP)).both_ways()


@case("with SNAT to another address, that address is promised and used")
def snat(t, net):
    configure(net, f"snat to {SECOND}")
    net.router.run("ip", "addr", "add", f"{SECOND}/64", "dev", "wan", "nodad")
    with t.counted(net, messages=2, changed=2, calls=1):
        _call(t, net, SECOND)


@case("with masquerade over TCP, each message cut into several segments")
def masquerade_tcp(t, net):
    configure(net, "masquerade")
    listener = net.server.tcp(SIP_PORT)
    listener.listen()
    phone = net.phone1.tcp(40001)
    phone.connect((SERVER, SIP_PORT))
    server, source = listener.accept()
    t.equal(source[:2], (OUTSIDE, 40001), "source of the connection")
    ends = Stream("the phone", phone), Stream("the server", server)
    texts = ((over_tcp(INVITE), PHONE, RTP), (over_tcp(OK), MEDIA, FAR))
    for size in (1000, 400, 100, 3):
        for (text, body_host, rtp), (sender, receiver) in zip(texts, (ends, ends[::-1])):
            out = text is texts[0][0]
            inside = _message(text, PHONE, body_host, 40001, PHONE, rtp)
            outside = _message(text, OUTSIDE, OUTSIDE if out else MEDIA, 40001, PHONE, rtp)
            sent, due = (inside, outside) if out else (outside, inside)
            sender.nodelay()
            sender.send(*[sent[at:at + size] for at in range(0, len(sent), size)])
            t.same(receiver.receive(len(due)), due, f"message in pieces of {size}")
    media.Stream(t, net.phone1.udp(RTP), net.media.udp(FAR), (OUTSIDE, RTP)).both_ways()


if __name__ == "__main__":
    ksft.main()
