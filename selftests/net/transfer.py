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


#  phone1                  router                  server      media
#    | INVITE tag=carol      |                       |           |
#    |<----------------------|<----------------------|           |
#    | INVITE tag=alice      |                       |           |
#    |---------------------->|---------------------->|           |
#    |           180, 200, ACK of both               |           |
#    |<--------------------->|<--------------------->|           |
#    |<======================== RTP of both ====================>|
@case("a B2BUA inside keeps the Call-ID of the call that it sends on: both its sides have media")
def between(t, net):
    line = Line(t, net)
    line.register()
    inward, outward = line.dialog(rtp=4200, far=6200), line.dialog()
    inward.gaps.update(call_id=outward.gaps["call_id"], bob="carol", cseq=5)
    inward.down(sip.INCOMING.replace("tag=bob", "tag={bob}"))
    outward.up(sip.INVITE)
    outward.down(sip.RINGING)
    inward.up(sip.remote_answer("180 Ringing", "INVITE"))
    outward.down(sip.OK)
    outward.up(sip.ACK)
    streams = [outward.audio()]
    streams[0].both_ways()
    inward.up(sip.remote_answer("200 OK", "INVITE", sdp=True))
    inward.down(sip.remote_request("ACK"))
    streams.append(inward.audio())
    streams[1].both_ways()
    ended = line.dialog(rtp=4800, far=6800)
    ended.call()
    ended.hang_up()
    ended.closed(ended.audio())
    for audio in streams:
        audio.both_ways()
    outward.hang_up()
    outward.closed(streams[0])
    inward.down(sip.remote_request("BYE"), cseq=6)
    inward.up(sip.remote_answer("200 OK", "BYE"), cseq=6)
    inward.closed(*streams)


if __name__ == "__main__":
    ksft.main()
