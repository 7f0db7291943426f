#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What is told of a call: who talks, how it goes, and why it ended."""

import functools
import re

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ladder import Line
from lib.monitor import Log, Monitor
from lib.topology import MEDIA

case = functools.partial(ksft.case, only_sipalg=True)

MOVED = sip.without_body(sip.OK).replace("200 OK", "302 Moved Temporarily")
PASSWORD = sip.INVITE.replace("<sip:alice@example.com>", "<sip:al%40ice:secret@example.com>")
# Media from outside is dropped where it is forwarded.
DROP_MEDIA = "insert rule inet firewall forward ip saddr {} drop"


def _gone(monitor):
    """Return the next call-gone."""
    return monitor.until("call-gone")[-1]


def _shown(t, net, *words):
    return t.alg.show(net, "call", "show", *words)


def _cancel(t, net, line):
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(sip.RINGING)
    call.up(sip.CANCEL)
    call.down(sip.CANCEL_OK)
    call.down(sip.final("487 Request Terminated"))
    call.up(sip.ACK)


def _refuse(t, net, line):
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(sip.final("486 Busy Here"))
    call.up(sip.ACK)


def _redirect(t, net, line):
    call = line.dialog()
    call.up(sip.INVITE)
    call.down(MOVED)
    call.up(sip.ACK)


def _hang_up(t, net, line):
    call = line.dialog()
    call.call()
    call.hang_up()


def _hang_up_remote(t, net, line):
    call = line.dialog()
    call.call()
    call.hang_up_remote()


def _kill(t, net, line):
    line.dialog().call()
    t.alg.tool(net, "call", "kill", "all")


def _expire(t, net, line):
    t.alg.tool(net, "set", "timeout-transaction", "1")
    line.dialog().up(sip.INVITE)


def _withdraw(t, net, line):
    registration = line.register()
    for text in (sip.REGISTER, sip.REGISTER_OK):
        text = text.replace("expires=600", "expires=0")
        (registration.down if text.startswith("\nSIP") else registration.up)(text, cseq=2)


def _switch_off(t, net, line):
    line.dialog().call()
    t.alg.tool(net, "off", "--now")


CAUSES = (
    (_hang_up, "bye", None), (_hang_up_remote, "bye", None), (_cancel, "cancel", None),
    (_refuse, "refused", 486), (_redirect, "redirected", 302), (_kill, "killed", None),
    (_withdraw, "withdrawn", None),
    (_expire, "expired", None), (_switch_off, "policy", None))


@case("call-gone: the cause of the end, and the status of the response")
def causes(t, net):
    line = Line(t, net)
    for end, cause, status in CAUSES:
        monitor = Monitor(net)
        end(t, net, line)
        gone = _gone(monitor)
        monitor.end()
        t.equal((gone["cause"], gone.get("status")), (cause, status), end.__name__)
        t.equal("duration" in gone, end not in (_cancel, _refuse, _redirect, _expire),
                "it lasted, if it was answered")


@case("call-gone: a call that a refused BYE did not end has the cause of its end")
def late_cause(t, net):
    call = Line(t, net).dialog()
    call.call()
    monitor = Monitor(net)
    call.up(sip.BYE)
    t.equal(_shown(t, net)[0]["cause"], "bye", "the BYE is under way")
    call.down(sip.BYE_OK.replace("200 OK", "401 Unauthorized"))
    t.true("cause" not in _shown(t, net)[0], "it goes on")
    t.alg.tool(net, "call", "kill", "all")
    t.equal(_gone(monitor)["cause"], "killed", "cause")
    monitor.end()


@case("call-gone: what each stream carried, from when to when, though its port has moved")
def traffic(t, net):
    net.router.namespace.sysctl("net.netfilter.nf_conntrack_acct", 1)
    t.alg.tool(net, "set", "timeout-ending", "0")
    call = Line(t, net).dialog()
    monitor = Monitor(net)
    call.call()
    call.audio().both_ways()
    call.move(4100, 6100)
    call.exchange(2)
    call.audio().both_ways()
    shown, = (each for each in _shown(t, net)[0]["streams"] if each["inside"]["port"] == 4100)
    t.equal(shown["heard"], ["inside", "outside"], "who has sent, while it is up")
    call.hang_up()
    gone = _gone(monitor)
    monitor.end()
    stream, = gone["streams"]
    # Twice two packets out and four in, of 172 bytes behind two headers.
    t.equal({key: stream[key] for key in ("kind", "media", "codecs", "heard", "out", "in")},
            {"kind": "rtp", "media": "audio", "codecs": ["PCMU/8000"],
             "heard": ["inside", "outside"], "out": {"packets": 4, "bytes": 800},
             "in": {"packets": 8, "bytes": 1600}}, "the stream")
    t.true(stream["first"] <= stream["last"] <= gone["age"], "its times")


@case("names of people: none unless asked for, no password, and none once they are unwanted")
def names(t, net):
    line = Line(t, net)

    def learnt(*words):
        line.dialog(rtp=4000 + 2 * len(said)).up(PASSWORD)
        call = _shown(t, net, "kind", "call", *words)[0]
        t.alg.tool(net, "call", "kill", "all")
        return call.get("from"), call.get("to")

    said = []
    said.append(learnt())
    for names_ in ("users", "full"):
        t.alg.tool(net, "set", "log-names", names_)
        said.append(learnt("user", "ice"))
    t.equal(said, [(None, None), ("al%40ice", "bob"), ("al%40ice@example.com", "bob@example.com")],
            "names")
    t.true("secret" not in t.alg.tool(net, "-j", "call", "show").stdout, "no password")
    line.register()
    shown, = _shown(t, net, "user", "alice@")
    t.equal(shown["contact"].partition("@")[0], "alice", "whom Contact names")
    t.equal(_shown(t, net, "user", "mallory"), [], "nobody else")
    t.alg.tool(net, "set", "log-names", "none")
    t.true("from" not in _shown(t, net)[0], "what is known is told no more")
    t.equal(_shown(t, net, "user", "alice"), [], "nor found")


@case("call show: kind, state and mute select calls")
def filters(t, net):
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.outward(1)
    line.dialog(rtp=4100, far=6100).up(sip.INVITE)
    for words, number in ((("kind", "registration"), 1), (("kind", "call"), 2),
                          (("state", "early"), 1), (("kind", "call", "state", "up"), 1),
                          (("mute",), 1)):
        t.equal(len(_shown(t, net, *words)), number, f"call show {words}")
    t.equal(_shown(t, net, "mute")[0]["label"], call.gaps["call_id"], "the mute one")
    audio.both_ways()
    t.equal(_shown(t, net, "mute"), [], "it is heard both ways now")


@case("counted: media that a firewall rule drops, and media that only one side sent")
def evidence(t, net):
    net.router.run("nft", "-f", "-", stdin=DROP_MEDIA.format(MEDIA))
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    with t.counted(net, flows_dropped_in=2):
        for _ in range(3):
            audio.far.send(b"lost", audio.promised)
        wait_until(lambda: t.alg.counters(net)["flows_dropped_in"] >= 2, "two are counted")
    with t.counted(net, media_inside_only=1, flows_dropped_in=1):
        audio.outward(1)
        call.hang_up()
        wait_until(lambda: not t.alg.calls(net), "the call goes")


@case("counted: methods and classes of a call that is challenged, refused, given up, and taken")
def kinds(t, net):
    line = Line(t, net)
    with t.counted(net, out_invite=2, in_4xx=1, out_ack=2, in_1xx=1, in_2xx=2, out_bye=1):
        call = line.dialog()
        call.up(sip.INVITE)
        call.down(sip.final("407 Proxy Authentication Required"))
        call.up(sip.ACK)
        call.retry()
        call.down(sip.RINGING)
        call.down(sip.OK)
        call.up(sip.ACK)
        call.hang_up()
    with t.counted(net, out_invite=1, in_4xx=1, out_ack=1, out_cancel=0):
        _refuse(t, net, line)
    with t.counted(net, out_invite=1, in_1xx=1, out_cancel=1, in_2xx=1, in_4xx=1, out_ack=1):
        _cancel(t, net, line)
    with t.counted(net, out_invite=1, in_3xx=1, out_ack=1):
        _redirect(t, net, line)
    with t.counted(net, out_register=1, in_2xx=1):
        line.register()
    with t.counted(net, in_options=1, out_2xx=1, out_options=0):
        call = line.dialog()
        call.down(sip.remote_request("OPTIONS"))
        call.up(sip.remote_answer("200 OK", "OPTIONS"))


@case("counted: calls that are up, and those that one side alone sends, in metrics, too")
def up(t, net):
    def shown(call=None):
        counters = t.alg.counters(net)
        metrics = t.alg.tool(net, "stats", "show", "openmetrics").stdout.splitlines()
        told = {name: int(value) for name, value in (each.split() for each in metrics
                                                     if each[0] != "#")}
        names_ = ("calls_up", "calls_mute")
        t.equal([told[f"sipalg_{name}"] for name in names_], [counters[name] for name in names_],
                "the metrics say the same")
        return [counters[name] for name in names_]

    line = Line(t, net)
    call = line.dialog()
    call.up(sip.INVITE)
    line.register()
    t.equal(shown(), [0, 0], "it rings, and a registration is no call")
    other = line.dialog(rtp=4100, far=6100)
    other.call()
    audio = other.audio()
    t.equal(shown(), [1, 0], "another is up")
    audio.outward(1)
    t.equal(shown(), [1, 1], "it is mute")
    audio.both_ways()
    t.equal(shown(), [1, 0], "it is not")
    other.hang_up()
    t.equal(shown(), [0, 0], "it ends")
    third = line.dialog(rtp=4200, far=6200)
    third.call()
    t.equal(shown(), [1, 0], "a third is up")
    t.alg.tool(net, "call", "kill", "all")
    t.equal(shown(), [0, 0], "and killed")


@case("log: a line for each call that ends, with cause and media, and nobody's name")
def log(t, net):
    line = Line(t, net)
    lines = Log(net, "count", "2")
    call = line.dialog()
    call.call()
    call.audio().outward(2)
    call.hang_up()
    line.register()
    _refuse(t, net, line)
    # A call that was up still waits for its last packets when it ends.
    refused, ended = sorted(lines.left(), key=lambda text: "refused" not in text)
    t.true(re.fullmatch(r"call \d+ \(192\.168\.1\.2 -> 203\.0\.113\.10\) up \d+s, bye; audio 0s to "
                        r"\d+s.* nothing from outside", ended), f"a call of one side: {ended}")
    t.true(re.fullmatch(r"call \d+ \(192\.168\.1\.2 -> 203\.0\.113\.10\) not answered, "
                        r"refused 486", refused), f"a call that is refused: {refused}")
    t.true("alice" not in ended + refused, "names")


@case("counted: messages of flows that no NAT changes")
def no_nat(t, net):
    net.router.run("nft", "flush", "chain", "ip", "nat", "postrouting")
    net.server.run("ip", "route", "add", "192.168.1.0/24", "via", "203.0.113.99")
    with t.counted(net, no_nat=1):
        Line(t, net, outside="192.168.1.2").dialog(mapped=False).up(sip.INVITE)


if __name__ == "__main__":
    ksft.main()
