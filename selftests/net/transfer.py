#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A call is transferred: REFER (RFC 3515), Replaces (RFC 3891)."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

ACCEPTED = "202 Accepted"
NOTIFY = ("Event: refer", "Subscription-State: terminated;reason=noresource")


#  phone1                  router              server (bob)      media (carol)
#    | INVITE, 200, ACK      |                       |              |
#    |<--------------------->|<--------------------->|              |
#    | REFER Refer-To: carol |                       |              |
#    |<----------------------|<----------------------|              |
#    | 202, NOTIFY, 200      |                       |              |
#    |<--------------------->|<--------------------->|              |
#    | INVITE                |                       |              |
#    |---------------------->|------------------------------------->|
#    |<======================= RTP ================================>|
@case("the far end sends REFER: the phone calls the third party")
def sent_away(t, net):
    line = Line(t, net)
    call = line.dialog()
    call.call()
    old = call.audio()
    old.both_ways()
    call.down(sip.remote_request("REFER", "Refer-To: <sip:carol@198.51.100.20>"), cseq=7)
    call.up(sip.remote_answer(ACCEPTED, "REFER"), cseq=7)
    call.up(sip.request("NOTIFY", *NOTIFY), cseq=2)
    call.down(sip.answer("200 OK", "NOTIFY"), cseq=2)
    carol = line.towards(net.media.udp(5060)).dialog(rtp=4010, far=6010)
    carol.call()
    audio = carol.audio()
    audio.both_ways()
    call.hang_up_remote()
    call.closed(old)
    audio.both_ways()
    carol.hang_up()
    carol.over(audio)


#    | INVITE, 200, ACK: with bob, then with carol   |
#    |<--------------------->|<--------------------->|
#    | REFER Refer-To: carol?Replaces=               |
#    |---------------------->|---------------------->| byte for byte
#    | BYE                   |                       |
#    |<----------------------|<----------------------|
@case("the phone sends REFER: two others are connected")
def attended(t, net):
    line = Line(t, net)
    bob, carol = line.dialog(), line.dialog(rtp=4010, far=6010)
    bob.call()
    carol.call()
    streams = bob.audio(), carol.audio()
    for stream in streams:
        stream.both_ways()
    bob.up(sip.request("REFER", "Refer-To: <sip:carol@203.0.113.10?Replaces="
                       f"{carol.number}-8f31%40192.168.1.2%3Bto-tag%3Dbob%3B"
                       f"from-tag%3Dalice{carol.number}>",
                       "Referred-By: <sip:alice@192.168.1.2>"), cseq=2)
    bob.down(sip.answer(ACCEPTED, "REFER"), cseq=2)
    for stream in streams:
        stream.both_ways()
    carol.hang_up_remote()
    bob.hang_up()
    bob.over(*streams)


#    | REFER Refer-To: A:p?Replaces=                 |
#    |---------------------->|---------------------->| Refer-To: E:q?Replaces=
#    | INVITE Replaces:      |                       |
#    |<----------------------|<----------------------|
#    |<=================== RTP =====================>|
@case("a Refer-To that names the phone leads a call back to it")
def to_itself(t, net):
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.call()
    call.up(sip.request("REFER", "Refer-To: <sip:alice@{host}:{port}?Replaces=x>"), cseq=2)
    call.down(sip.answer(ACCEPTED, "REFER"), cseq=2)
    other = line.dialog(rtp=4010, far=6010)
    other.down(sip.INCOMING.replace("Max-Forwards", "Replaces: {call_id};to-tag=a;from-tag=b\n"
                                    "Max-Forwards"))
    other.up(sip.INCOMING_OK)
    other.down(sip.INCOMING_ACK)
    other.audio().both_ways()
    call.hang_up()


if __name__ == "__main__":
    ksft.main()
