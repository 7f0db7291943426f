#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The latest messages are kept where that is asked for, and call trace shows them."""

import functools
import os
import tempfile

from lib import ksft, sip
from lib.ladder import Line
from lib.topology import OUTSIDE, SERVER, SIP_PORT

ROOM = 65536
PHONE = "192.168.1.2"

case = functools.partial(ksft.case, only_sipalg=True)


def _endpoint(address, port=SIP_PORT):
    return {"address": address, "port": port}


def _trace(t, net, number, *words):
    return t.alg.show(net, "call", "trace", "id", str(number), *words)


def _number(t, net, call_id):
    return next(each["id"] for each in t.alg.show(net, "call", "show")
                if each["label"] == call_id)


def _refusal(t, net, *words):
    done = t.alg.tool(net, "call", "trace", *words, check=False)
    return done.returncode, done.stderr


def _offer(call, number, padding):
    """Offer once more, as nobody answers."""
    text = call.text(sip.INVITE, call.inside, body=sip.OFFER)
    text = text.replace(b"INVITE sip:", b"INVITE sip:%d-" % number, 1)
    text = text.replace(b"\r\n", b"\r\nSubject: %s\r\n" % (b"x" * padding), 1)
    call.learn(call.line.send_up(text, f"INVITE {number}"))


@case("call trace: the messages of a call in order, with both ends and what was changed")
def whole(t, net):
    t.set(net, "set", "trace-bytes", str(ROOM))
    line = Line(t, net)
    call, other = line.dialog(), line.dialog(rtp=4100)
    call.up(sip.INVITE)
    number = _number(t, net, call.gaps["call_id"])
    call.down(sip.RINGING)
    other.up(sip.INVITE)
    call.down(sip.OK)
    call.up(sip.ACK)
    call.hang_up()
    rungs = _trace(t, net, number)
    t.equal([each["start_line"].split("sip:")[0].strip() for each in rungs],
            ["INVITE", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK", "ACK", "BYE", "SIP/2.0 200 OK"],
            "messages")
    t.equal([each["direction"] for each in rungs], ["out", "in", "in", "out", "out", "in"],
            "directions")
    t.equal([rungs[0][key] for key in ("source", "target", "source_after", "target_after")],
            [_endpoint(PHONE), _endpoint(SERVER), _endpoint(OUTSIDE), _endpoint(SERVER)],
            "ends of the INVITE")
    t.equal([rungs[1][key] for key in ("source", "target", "source_after", "target_after")],
            [_endpoint(SERVER), _endpoint(OUTSIDE), _endpoint(SERVER), _endpoint(PHONE)],
            "ends of the 180")
    t.equal({each["result"] for each in rungs}, {"changed"}, "results")
    t.true({"Via", "Contact", "c="} <= set(rungs[0]["changed"]), f"changes: {rungs[0]}")
    t.equal(rungs[0]["elapsed_us"], 0, "time of the first")
    t.equal(sum(each["step_us"] for each in rungs), rungs[-1]["elapsed_us"], "steps")
    t.alg.tool(net, "call", "kill", "id", str(number), check=False)
    t.equal(len(_trace(t, net, number)), 6, "messages after the end of the call")
    text = t.alg.tool(net, "call", "trace", "id", str(number)).stdout
    t.true(f"{PHONE}:5060" in text.splitlines()[1] and " --> " in text.splitlines()[1],
           f"for people: {text}")
    with tempfile.TemporaryDirectory(prefix="sipalg-") as folder:
        file = os.path.join(folder, "call.pcapng")
        t.alg.tool(net, "call", "trace", "id", str(number), "--pcapng", file)
        with open(file, "rb") as capture:
            t.equal(capture.read().count(b"call %d; changed" % number), 12,
                    "packets, as they came and as they left")


@case("call trace: the oldest messages give way, and what is left is whole")
def ring(t, net):
    t.set(net, "set", "trace-bytes", str(ROOM))
    line = Line(t, net)
    call = line.dialog()
    # Of many lengths, so that the end of the room is met in many ways.
    for i in range(1, 201):
        _offer(call, i, i * 37 % 800)
    number = _number(t, net, call.gaps["call_id"])
    told = [each["start_line"].split("sip:")[1].split("-")[0] for each in _trace(t, net, number)]
    t.true(20 < len(told) < 100, f"messages that are left: {len(told)}")
    t.equal(told, [str(i) for i in range(201 - len(told), 201)], "which ones")


@case("call trace: nothing is kept unless that is asked for, and then forgotten")
def on_request(t, net):
    line = Line(t, net)
    call = line.dialog()
    call.up(sip.INVITE)
    number = str(_number(t, net, call.gaps["call_id"]))
    status, words = _refusal(t, net, "id", number)
    t.equal(status, 1, "status")
    t.true("sipalg set trace-bytes" in words, f"words: {words}")
    t.set(net, "set", "trace-bytes", str(ROOM))
    call.down(sip.RINGING)
    t.equal(len(_trace(t, net, number)), 1, "messages from then on")
    t.equal(_refusal(t, net, "id", str(int(number) + 1))[0], 1, "another call")
    for value in (str(2 * ROOM), "0"):
        t.set(net, "set", "trace-bytes", value)
        t.equal(_refusal(t, net, "id", number)[0], 1, f"status after trace-bytes {value}")
    done = t.alg.tool(net, "set", "trace-bytes", "16777217", check=False)
    t.equal((done.returncode, done.stderr),
            (1, "sipalg: trace-bytes goes from 0 to 16777216\n"), "a value too large")


@case("call trace: a room that is smaller than the message keeps the others")
def small(t, net):
    t.set(net, "set", "trace-bytes", "2047")
    call = Line(t, net).dialog()
    _offer(call, 1, 800)
    number = _number(t, net, call.gaps["call_id"])
    t.equal(_refusal(t, net, "id", str(number))[0], 1, "a message that is too large for it")
    call.down(sip.RINGING)
    t.equal([each["start_line"] for each in _trace(t, net, number)], ["SIP/2.0 180 Ringing"],
            "one that is not")


if __name__ == "__main__":
    ksft.main()
