#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""How long a call lives without a message: session timers (RFC 4028), ringing."""

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import Line

# A proxy gives up a call after that long without a provisional response: timer C.
TIMER_C = 180
# Seconds that may pass between the message and the query.
SLACK = 30


def _lives_for(t, net, seconds, what):
    """Check the remaining lifetime of the call."""
    left = [call["expires"] for call in t.alg.calls(net)]
    t.true(len(left) == 1 and seconds - SLACK <= left[0] <= seconds,
           f"{what} it lives for {seconds} s ({left})")


def _timed(text, seconds):
    return text.replace("Content-", f"Session-Expires: {seconds};refresher=uac\nContent-", 1)


#  phone1                  router                  server
#    | INVITE                |                       |
#    |---------------------->|---------------------->|
#    |           180 ... 180 |                       |
#    |<----------------------|<----------------------|
@case("a call may ring as long as a proxy allows; each 180 starts that time again")
def ringing(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    for _ in range(3):
        call.down(sip.RINGING)
        call.up(sip.INVITE)
        left = t.alg.calls(net)[0]["expires"]
        t.true(left > TIMER_C, f"it may ring longer than {TIMER_C} s ({left})")
    call.down(sip.OK)
    call.up(sip.ACK)
    call.audio().both_ways()


#    | INVITE                |                       |
#    |---------------------->|---------------------->|
#    |           200 Session-Expires: 1800           |
#    |<----------------------|<----------------------|
#    | UPDATE                |                       |
#    |---------------------->|---------------------->|
#    |           200 Session-Expires: 90             |
#    |<----------------------|<----------------------|
@case("the session interval comes from 2xx to INVITE and UPDATE, and from no other message")
def agreed(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(_timed(sip.OK, 1800))
    call.up(sip.ACK)
    _lives_for(t, net, 1800, "after the 200")
    call.up(sip.request("UPDATE", "Session-Expires: 90;refresher=uac"), cseq=2)
    _lives_for(t, net, 1800, "after the UPDATE")
    call.down(sip.answer("200 OK", "UPDATE", "x: 90;refresher=uac"), cseq=2)
    _lives_for(t, net, 90, "after its 200")
    call.audio().both_ways()
    call.exchange(3)
    t.true(t.alg.calls(net)[0]["expires"] > 1800, "without a timer it lives longer")


#    |           200 Session-Expires: 2              |
#    |<----------------------|<----------------------|
#    |<=================== RTP =====================>|
#                          2 s later
@case("without a refresh the call ends although media flows")
def given_up(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(_timed(sip.OK, 2))
    call.up(sip.ACK)
    audio = call.audio()
    audio.both_ways()
    call.cut_off(audio)
    call.over(audio)


#    |           200 Session-Expires: 60             |
#    |<----------------------|<----------------------|
#    |==================== RTP =====================>|
#                          1 s later
@case("a call whose phone sends media outlives timeout-call, up to the end of its session")
def talking(t, net):
    t.alg.tool(net, "set", "timeout-call", "1")
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(_timed(sip.OK, 60))
    call.up(sip.ACK)
    audio = call.audio()

    def is_given_time():
        audio.outward(1)
        return t.alg.calls(net)[0]["expires"] > 5

    wait_until(is_given_time, "the call is given more time")
    audio.both_ways()
    t.true(t.alg.calls(net)[0]["expires"] < 60, "and no more than its session has")


if __name__ == "__main__":
    ksft.main()
