#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A router takes over that knows nothing of the calls: they go on with the next message.

What conntrackd carries over, flows and their NAT, is the better part; the module's own
state does not go with it. Here the module is unloaded and loaded again, which takes even
the flows of media.
"""

import functools

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ladder import FLOWS_END, Line

case = functools.partial(ksft.case, only_sipalg=True)


def _take_over(t, net):
    t.alg.unload()
    t.alg.load()
    t.equal(t.alg.bindings(net), [], "bindings after it")
    t.alg.switch_on(net)


@case("a call: with the next offer it has its ports again, and audio both ways")
def a_call(t, net):
    line = Line(t, net)
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    before = {each["outside"]["port"] for each in t.alg.bindings(net)}
    _take_over(t, net)
    again = {"cseq": 2, "branch": "again"}
    call.up(sip.INVITE, **again)
    call.down(sip.OK, **again)
    call.up(sip.ACK, **again)
    t.equal({each["outside"]["port"] for each in t.alg.bindings(net)}, before, "outside ports")
    audio.both_ways()
    call.hang_up()
    call.closed(audio)


@case("a call that only ends: both sides understand the other's BYE")
def the_end(t, net):
    line = Line(t, net)
    call = line.dialog()
    call.call()
    _take_over(t, net)
    call.hang_up_remote()
    wait_until(lambda: not t.alg.bindings(net, 4000), "bindings go", FLOWS_END)


@case("a registration: with the next refresh the phone can be called again")
def a_registration(t, net):
    line = Line(t, net)
    registration = line.register()
    _take_over(t, net)
    again = {"cseq": 2, "branch": "again"}
    registration.up(sip.REGISTER, **again)
    registration.down(sip.REGISTER_OK, **again)
    call = line.dialog()
    call.down(sip.INCOMING, body=sip.ANSWER)
    call.up(sip.INCOMING_OK, body=sip.OFFER)
    call.audio().both_ways()


if __name__ == "__main__":
    ksft.main()
