#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A call turns into a fax (T.38 over UDPTL) and back."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

_AUDIO = "m=audio {rtp} RTP/AVP 0 8\na=rtpmap:0 PCMU/8000\na=sendrecv\n"
_IMAGE = "udptl t38\na=T38FaxVersion:0\na=T38MaxBitRate:14400\n"
FAX = sip.OFFER.replace(_AUDIO, "m=image {rtp} " + _IMAGE)
# Many gateways keep the audio in the SDP with port 0.
FAX_BESIDE = sip.OFFER.replace(_AUDIO, "m=audio 0 RTP/AVP 0\nm=image {rtp} " + _IMAGE)
FAX_REMOTE = sip.ANSWER.partition("m=audio")[0] + "m=image {far} " + _IMAGE


#  phone1                  router                  server       media
#    | INVITE m=audio 4000   |                       |            |
#    |<--------------------->|<--------------------->|            |
#    |<=================== RTP ==================================>|
#    | INVITE m=image 4200   |                       |            |
#    |---------------------->|---------------------->|            |
#    |           200 m=image |                       |            |
#    |<----------------------|<----------------------|            |
#    |<=================== UDPTL ================================>|
#    | INVITE m=audio 4000   |                       |            |
#    |<--------------------->|<--------------------->|            |
#    |<=================== RTP ==================================>|
@case("the phone switches to T.38 on another port and back: the unused port closes")
def by_the_phone(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.move(rtp=4200, far=6200)
    call.exchange(2, FAX, FAX_REMOTE)
    fax = call.audio()
    fax.both_ways()
    call.closed(audio)
    call.move(rtp=4000, far=6000)
    call.exchange(3)
    audio.both_ways()
    call.closed(fax)
    call.hang_up()
    call.over(audio)


#    | INVITE m=image        |                       |
#    |<----------------------|<----------------------|
#    |           200 m=image 4000, as the audio was  |
#    |---------------------->|---------------------->|
@case("the far end switches to T.38 on the port of the audio and back")
def by_the_outside(t, net):
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.be_called()
    audio = call.audio()
    audio.both_ways()
    call.exchange_remote(7, FAX_REMOTE, FAX_BESIDE)
    audio.both_ways()
    call.exchange_remote(8)
    audio.both_ways()
    call.hang_up_remote()
    call.closed(audio)


#    | INVITE m=image 4200   |                       |
#    |---------------------->|---------------------->|
#    |           488         |                       |
#    |<----------------------|<----------------------|
#    |<=================== RTP, as before ==========>|
@case("T.38 is refused: the audio goes on, and the fax port closes")
def refused(t, net):
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    call.move(rtp=4200, far=6200)
    call.up(sip.INVITE, body=FAX, cseq=2)
    call.down(sip.NOT_ACCEPTABLE, cseq=2)
    call.up(sip.ACK, cseq=2)
    call.closed(call.audio())
    audio.both_ways()


if __name__ == "__main__":
    ksft.main()
