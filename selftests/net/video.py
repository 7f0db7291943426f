#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Video joins a call and leaves it."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

OFFER = sip.OFFER + "m=video 4002 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
ANSWER = sip.ANSWER + "m=video 6002 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
OFFER_OFF = sip.OFFER + "m=video 0 RTP/AVP 96\n"
ANSWER_OFF = sip.ANSWER + "m=video 0 RTP/AVP 96\n"


#  phone1                  router                  server       media
#    | INVITE audio          |                       |            |
#    |<--------------------->|<--------------------->|            |
#    | INVITE audio, video   |                       |            |
#    |<--------------------->|<--------------------->|            |
#    |<=================== audio, video =========================>|
#    | INVITE audio, m=video 0                       |            |
#    |<--------------------->|<--------------------->|            |
#    |<=================== audio ================================>|
@case("added and dropped by the phone: its ports open and close, the audio goes on")
def by_the_phone(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.exchange(2, OFFER, ANSWER)
    video, rtcp = call.stream(4002, 4002, 6002), call.stream(4003, 4003, 6003)
    video.both_ways()
    rtcp.both_ways()
    audio.both_ways()
    call.exchange(3, OFFER_OFF, ANSWER_OFF)
    call.closed(video, rtcp)
    audio.both_ways()
    call.hang_up()
    call.over(audio)


@case("added and dropped by the outside")
def by_the_outside(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    call.exchange_remote(7, ANSWER, OFFER)
    video = call.stream(4002, 4002, 6002)
    video.both_ways()
    call.exchange_remote(8, ANSWER_OFF, OFFER_OFF)
    call.closed(video)
    audio.both_ways()


@case("refused by the outside with port 0: the audio is heard")
def refused(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE, body=OFFER)
    call.down(sip.OK, body=ANSWER_OFF)
    call.up(sip.ACK)
    call.audio().both_ways()


if __name__ == "__main__":
    ksft.main()
