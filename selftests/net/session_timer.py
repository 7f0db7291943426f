#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""How long a call lives without a message: session timers (RFC 4028), ringing."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

# Proxies give up a call that rings for that long without a word: timer C.
TIMER_C = 180
# How much later than the message the tool may be asked.
SLACK = 30


def _lives_for(t, net, seconds, what):
    """Check the time that the call has left."""
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
@case("a call may ring for as long as a proxy lets it, after each 180 anew")
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
@case("the 2xx to INVITE and UPDATE tell how long, no other message does")
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
@case("without a refresh the call is given up, though media flows")
def given_up(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(_timed(sip.OK, 2))
    call.up(sip.ACK)
    audio = call.audio()
    audio.both_ways()
    call.cut_off(audio)
    call.over(audio)


if __name__ == "__main__":
    ksft.main()
