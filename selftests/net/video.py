#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Video is added to a call and dropped again."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

OFFER = sip.OFFER + "m=video 4002 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
ANSWER = sip.ANSWER + "m=video 6002 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
SHARED = OFFER.replace("m=video 4002", "m=video {rtp}")
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
@case("the phone adds and drops video: its ports open and close, the audio goes on")
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


@case("the far end adds and drops video")
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


#    | INVITE audio, video   |                       |
#    |---------------------->|---------------------->|
#    |           200 audio, m=video 0                |
#    |<----------------------|<----------------------| the ports of the video are closed
@case("the far end refuses video with port 0: its ports close, the audio is heard")
def refused(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE, body=OFFER)
    call.down(sip.OK, body=ANSWER_OFF)
    call.up(sip.ACK)
    audio = call.audio()
    audio.both_ways()
    call.closed(call.stream(4002, 4002, 6002), call.stream(4003, 4003, 6003))
    audio.both_ways()


@case("video is refused in a 183 whose SDP the 200 does not repeat")
def refused_early(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE, body=OFFER)
    call.down(sip.PROGRESS, body=ANSWER_OFF)
    video = call.stream(4002, 4002, 6002)
    call.down(sip.without_body(sip.OK))
    call.up(sip.ACK)
    call.audio().both_ways()
    call.closed(video)


#    |           183 audio, m=video 0, tag=carol     |
#    |<----------------------|<----------------------|
#    |           200 audio, video, tag=bob           |
#    |<----------------------|<----------------------|
@case("one branch of a fork refuses video, another accepts it")
def refused_by_one(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE, body=OFFER)
    call.down(sip.PROGRESS.replace("tag=bob", "tag=carol"), body=ANSWER_OFF)
    call.down(sip.OK, body=ANSWER)
    call.up(sip.ACK)
    video = call.stream(4002, 4002, 6002)
    call.audio().both_ways()
    video.both_ways()
    call.hang_up()
    call.over(video)


#    | INVITE audio, video on one port (BUNDLE, rtcp-mux)
#    |---------------------->|---------------------->|
#    |           200 audio, m=video 0                |
#    |<----------------------|<----------------------|
@case("video is refused on a port shared with audio: the audio goes on")
def refused_shared(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE, body=SHARED)
    call.down(sip.OK, body=ANSWER_OFF)
    call.up(sip.ACK)
    audio = call.audio()
    audio.both_ways()
    call.is_in("confirmed")
    audio.both_ways()
    call.hang_up()
    call.over(audio)


if __name__ == "__main__":
    ksft.main()
