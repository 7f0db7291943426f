#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""However a call ends, its ports close and nothing stays in the tables."""

from lib import ksft, netns, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import Line, media_flows
from lib.topology import OUTSIDE


def _rings(call):
    call.up(sip.INVITE)
    call.down(sip.PROGRESS)
    audio = call.audio()
    audio.both_ways()
    return audio


def _up(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    return call, audio


#    | BYE, 200              |                       |
#    |---------------------->|---------------------->|
@case("the phone sends BYE")
def bye(t, net):
    call, audio = _up(t, net)
    call.hang_up()
    call.over(audio)


#    | BYE, 200              |                       |
#    |<----------------------|<----------------------|
@case("the far end sends BYE")
def bye_remote(t, net):
    call, audio = _up(t, net)
    call.hang_up_remote()
    call.over(audio)


#    | SUBSCRIBE, 200        |                       |
#    |---------------------->|---------------------->|
#    | INVITE, 200, ACK, BYE in its dialog           |
#    |---------------------->|---------------------->|
@case("BYE ends a call in a dialog that a SUBSCRIBE began")
def after_subscribe(t, net):
    call = Line(t, net).dialog()
    call.up(sip.request("SUBSCRIBE", "Event: presence", "Expires: 3600"))
    call.down(sip.answer("200 OK", "SUBSCRIBE", "Expires: 900"))
    with t.counted(net, calls=1):
        call.call()
    call.is_in("confirmed")
    audio = call.audio()
    audio.both_ways()
    call.hang_up()
    call.closed(audio)
    wait_until(lambda: not t.alg.calls(net), "the call goes")
    if t.alg.name == "sipalg":
        t.equal([each["state"] for each in t.alg.calls(net, "transaction")], ["confirmed"],
                "the subscription goes on")
        t.equal([each["kind"] for each in t.alg.bindings(net)], ["signalling"],
                "bindings: that of the subscription's flow")


#    | REGISTER, 200         |                       |
#    |---------------------->|---------------------->|
#    | INVITE, 200, ACK, BYE with its Call-ID        |
#    |---------------------->|---------------------->|
@case("BYE of a phone that uses one Call-ID for calls and registrations")
def same_call_id(t, net):
    line = Line(t, net)
    registration, call = line.dialog(), line.dialog()
    registration.up(sip.REGISTER)
    registration.down(sip.REGISTER_OK)
    call.gaps["call_id"] = registration.gaps["call_id"]
    call.call()
    call.is_in("confirmed")
    audio = call.audio()
    audio.both_ways()
    call.hang_up()
    call.closed(audio)
    wait_until(lambda: not t.alg.calls(net), "the call goes")
    t.equal(len(t.alg.calls(net, "registration")), 1 if t.alg.name == "sipalg" else 0,
            "the registration stays")


#    | CANCEL, 200, 487      |                       |
#    |<--------------------->|<--------------------->|
@case("the phone sends CANCEL")
def cancel(t, net):
    call = Line(t, net).dialog()
    audio = _rings(call)
    call.up(sip.CANCEL)
    call.down(sip.CANCEL_OK)
    call.down(sip.final("487 Request Terminated"))
    call.up(sip.ACK)
    call.over(audio)


#    |           404, 500, 603                       |
#    |<----------------------|<----------------------|
@case("the INVITE gets a final error of any class")
def error(t, net):
    line = Line(t, net)
    for number, status in enumerate(("404 Not Found", "500 Server Error", "603 Decline")):
        call = line.dialog(rtp=4000 + 2 * number, far=6000 + 2 * number)
        audio = _rings(call)
        call.down(sip.answer(status, "INVITE"))
        call.up(sip.ACK)
        call.over(audio)


#    | INVITE                |                       |
#    |---------------------->|---------------------->|
#                                                      no answer
@case("nobody answers the INVITE until its timeout", only_sipalg=True)
def unanswered(t, net):
    t.alg.tool(net, "set", "timeout-transaction", "1")
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.over(call.audio())


#    |           200 Session-Expires: 2              |
#    |<----------------------|<----------------------|
#                                                      nothing more
@case("neither signalling nor a session refresh until the timeout")
def timeout(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(sip.OK.replace("Content-", "Session-Expires: 2\nContent-", 1))
    call.up(sip.ACK)
    audio = call.audio()
    audio.both_ways()
    call.over(audio)


@case("sipalg call kill ends the call", only_sipalg=True)
def kill(t, net):
    call, audio = _up(t, net)
    t.alg.tool(net, "call", "kill", "all")
    call.over(audio)


@case("the module is unloaded", only_sipalg=True)
def unload(t, net):
    call, audio = _up(t, net)
    t.alg.unload()
    wait_until(lambda: not media_flows(net, [audio.promised[1]]), "media flows end")
    audio.far.send(b"anybody there?", (OUTSIDE, audio.promised[1]))
    call.line.server.send(b"\r\n\r\n", (OUTSIDE, call.line.outside_port))
    call.line.phone.receive("a keep-alive")
    t.equal(audio.phone.waiting(), [], "media after the end")
    t.alg.load()
    t.equal(t.alg.bindings(net) + t.alg.calls(net), [], "calls and bindings in the tables")


#  The module can be unloaded then: nothing of the namespace refers to it.
@case("the network namespace is deleted", only_sipalg=True)
def namespace(t, net):
    _up(t, net)
    net.router.close()
    netns.delete([net.router.namespace.name])
    netns.create([net.router.namespace.name], [])
    t.alg.unload()
    t.true(not t.alg.is_loaded(), "the module can go")
    t.alg.load()


if __name__ == "__main__":
    ksft.main()
