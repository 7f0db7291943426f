#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the tool tells of calls and bindings, and how it ends them."""

import functools

from lib import genl, ksft, sip
from lib.attack import flood, invite
from lib.ladder import Line
from lib.topology import MEDIA, OUTSIDE, SERVER, SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)

ANSWER = sip.ANSWER.replace("RTP/AVP 0", "RTP/AVP 97 0 101") + """a=rtpmap:97 iLBC/8000
a=fmtp:97 mode=30
a=rtpmap:101 telephone-event/8000
m=video 0 RTP/AVP 31
"""


def _calls(t, net, *words):
    return t.alg.show(net, "call", "show", *words)


def _up(line, **options):
    """Set up a call with media; return it with its stream."""
    call = line.dialog(**options)
    call.call()
    audio = call.audio()
    audio.both_ways()
    return call, audio


@case("call show: who with whom, state, streams with both ends, codecs, what was heard")
def whole(t, net):
    net.router.namespace.sysctl("net.netfilter.nf_conntrack_acct", 1)
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    early, = _calls(t, net)
    t.equal(early["state"], "early", "state after the INVITE")
    t.true("callee" not in early, "nobody has answered")
    call.down(sip.OK, body=ANSWER)
    call.up(sip.ACK)
    call.audio().both_ways()
    shown, = _calls(t, net)
    t.equal({key: shown[key] for key in ("kind", "state", "inside", "peer", "zone", "caller",
                                         "callee", "label")},
            {"kind": "dialog", "state": "confirmed", "zone": 0,
             "inside": {"address": "192.168.1.2"}, "peer": {"address": SERVER},
             "caller": call.gaps["tag"], "callee": "bob", "label": call.gaps["call_id"]},
            "the call")
    t.true(shown["age"] < 60 < shown["expires"], "its times")
    rtp, rtcp = sorted(shown["streams"], key=lambda stream: stream["inside"]["port"])
    t.equal([each["kind"] for each in (rtp, rtcp)], ["rtp", "rtcp"], "kinds")
    t.equal(rtp["inside"], {"address": "192.168.1.2", "port": 4000}, "inside end")
    t.equal(rtp["outside"], {"address": OUTSIDE, "port": call.outside.rtp}, "outside end")
    t.equal((rtp["media"], rtp["codecs"]),
            ("audio", ["iLBC/8000", "PCMU/8000", "telephone-event/8000"]), "codecs")
    # Two packets in, two out, two in, of 172 bytes behind two headers.
    t.equal((rtp["in"], rtp["out"]), ({"packets": 4, "bytes": 800},
                                      {"packets": 2, "bytes": 400}), "what was heard")
    t.true("in" not in rtcp, "nothing on the RTCP port")
    text = t.alg.tool(net, "call", "show").stdout
    t.true(f"192.168.1.2 -> {SERVER} zone 0 caller {call.gaps['tag']} callee bob" in text
           and "codecs iLBC/8000 PCMU/8000 telephone-event/8000\n" in text, f"text: {text!r}")


@case("a tag that is no text is shown as one")
def hostile_tag(t, net):
    call = Line(t, net).dialog()
    call.gaps["tag"] = "a%1b~!" + "x" * 40
    call.up(sip.INVITE)
    shown, = _calls(t, net)
    t.equal(shown["caller"], call.gaps["tag"][:20], "its start")


@case("filters: zone, dev, address, id and start of the Call-ID")
def filters(t, net):
    first = Line(t, net)
    one, _ = _up(first)
    two, _ = _up(Line(t, net, phone=net.phone2, server=first.server), rtp=5000, far=6010)
    ids = {each["inside"]["address"]: str(each["id"]) for each in _calls(t, net)}
    for words, calls in (
            (("zone", "0"), (one, two)), (("zone", "7"), ()),
            (("dev", "lan1"), (one,)), (("dev", "lan2"), (two,)), (("dev", "wan"), (one, two)),
            (("address", "192.168.2.234"), (two,)), (("address", SERVER), (one, two)),
            (("address", OUTSIDE), (one, two)), (("address", MEDIA), ()),
            (("address", "2001:db8::1"), ()),
            (("id", ids["192.168.1.2"]), (one,)), (("label", one.gaps["call_id"][:6]), (one,)),
            (("address", "192.168.1.2", "dev", "lan2"), ())):
        t.equal(sorted(each["label"] for each in _calls(t, net, *words)),
                sorted(each.gaps["call_id"] for each in calls), f"call show {words}")
    for words, ports in (((), (4000, 4001, 5000, 5001)), (("dev", "wan"), (4000, 5000)),
                         (("address", "192.168.1.2"), (4000, 4001)), (("zone", "7"), None),
                         (("dev", "lan1"), None)):
        shown = {each["inside"]["port"] for each in t.alg.show(net, "binding", "show", *words)}
        t.true(shown >= set(ports) if ports is not None else not shown, f"binding show {words}")
    done = t.alg.tool(net, "call", "show", "dev", "ppp0", check=False)
    t.equal((done.returncode, done.stderr), (1, "sipalg: there is no device ppp0\n"),
            "a device that is not there")


@case("a list whose table grows while it is read says that it is torn")
def torn(t, net):
    def add(numbers):
        for host in (net.phone1, net.server):
            host.close_sockets()
        flood(net, net.phone1, [invite(net.phone1, SIP_PORT, 4700, each) for each in numbers])

    family = genl.Family(net.router.namespace)
    add(range(150))
    t.true(not any(flags & genl.DUMP_INTR for flags in family.parts(genl.CALL_GET)),
           "while nothing changes, a list is whole")
    parts = family.parts(genl.CALL_GET)
    next(parts)
    add(range(150, 650))
    t.true(any(flags & genl.DUMP_INTR for flags in parts), "a part is marked")
    family.close()


#  phone1                 router                 server, media
#    |<====== two calls ===>|                        |
#    |               call kill id 1                  |
#    |                      |<====== media of 1 =====|
#    |<======== media of 2 =|========================|
@case("call kill ends that call's media at once, and leaves the other alone")
def kill(t, net):
    line = Line(t, net)
    one, one_audio = _up(line)
    two, two_audio = _up(line, rtp=4010, far=6010)
    number = str(_calls(t, net, "label", one.gaps["call_id"])[0]["id"])
    t.equal(t.alg.show(net, "call", "kill", "id", number), {"ended": 1}, "what it says")
    one.closed(one_audio)
    two_audio.both_ways()
    for option in ((), ("-j",)):
        done = t.alg.tool(net, *option, "call", "kill", "id", number, check=False)
        t.equal((done.returncode, done.stdout, done.stderr), (1, "", "sipalg: no such call\n"),
                "a call that is over")
    t.equal(t.alg.tool(net, "call", "kill", "address", "192.168.1.2").stdout, "ended 1\n",
            "what it says")
    two.closed(two_audio)
    t.equal(t.alg.bindings(net), [], "bindings")
    # The flow itself goes on.
    _up(line, rtp=4020, far=6020)


@case("call kill all: registrations too; the next REGISTER makes a new one")
def kill_all(t, net):
    line = Line(t, net)
    line.register()
    _, audio = _up(line)
    t.equal(t.alg.show(net, "call", "kill", "all"), {"ended": 2}, "what it says")
    t.equal((_calls(t, net), t.alg.bindings(net)), ([], []), "calls and bindings")
    audio.far.send(b"anybody there?", audio.promised)
    line.register()
    t.equal(audio.phone.waiting(), [], "media after the kill")
    t.equal(len(_calls(t, net)), 1, "registrations")


if __name__ == "__main__":
    ksft.main()
