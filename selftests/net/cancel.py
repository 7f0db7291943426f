#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""CANCEL: a call is given up before it is answered (RFC 3261, 9)."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

TERMINATED = sip.final("487 Request Terminated")


#  phone1                  router                  server
#    | INVITE                |                       |
#    |---------------------->|---------------------->|
#    |           183         |                       |
#    |<----------------------|<----------------------|
#    |<=================== RTP =====================>|
#    | CANCEL                |                       |
#    |---------------------->|---------------------->|
#    |           200 (CANCEL), 487 (INVITE)          |
#    |<----------------------|<----------------------|
@case("the phone cancels its INVITE: its ports close")
def by_the_phone(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(sip.PROGRESS)
    audio = call.audio()
    audio.both_ways()
    call.up(sip.CANCEL)
    call.down(sip.CANCEL_OK)
    call.down(TERMINATED)
    call.up(sip.ACK)
    call.over(audio)


#    | CANCEL   \   /    200 (INVITE)                |
#    |---------- \ /  -------|---------------------->|
#    |<--------- / \  -------|<----------------------|
#    | ACK                   |                       |
#    |---------------------->|---------------------->|
#    |<=================== RTP =====================>|
@case("CANCEL crosses the 200: the call is up, and its BYE ends it")
def crossing(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE)
    call.down(sip.RINGING)
    call.up(sip.CANCEL)
    call.down(sip.OK)
    call.up(sip.ACK)
    call.down(sip.answer("481 Call/Transaction Does Not Exist", "CANCEL"))
    call.is_in("confirmed")
    audio = call.audio()
    audio.both_ways()
    call.hang_up()
    call.over(audio)


#    | CANCEL                |                       |
#    |<----------------------|<----------------------|
#    |           200 (CANCEL), 487 (INVITE)          |
#    |---------------------->|---------------------->|
@case("the caller outside cancels: the ports of the called phone close")
def by_the_outside(t, net):
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.down(sip.INCOMING)
    call.up(sip.remote_answer("183 Session Progress", "INVITE", sdp=True))
    audio = call.audio()
    audio.both_ways()
    call.down(sip.remote_request("CANCEL"))
    call.up(sip.remote_answer("200 OK", "CANCEL"))
    call.up(sip.remote_answer("487 Request Terminated", "INVITE"))
    call.down(sip.INCOMING_ACK)
    call.closed(audio)


#    | INVITE, credentials   | Request-URI: outside  |
#    |<----------------------|<----------------------|
#    | CANCEL, ACK           | Request-URI: outside  |
#    |<----------------------|<----------------------|
@case("the INVITE keeps its Request-URI for its credentials: CANCEL and ACK keep it, too")
def signed(t, net):
    line = Line(t, net)
    line.register()
    call = line.dialog()
    uri = f"sip:alice@{line.outside}:{line.outside_port}"

    def kept(text):
        return text.replace("sip:alice@{host}:{port} SIP", f"{uri} SIP")

    call.down(kept(sip.INCOMING).replace(
        "Max-Forwards", f'Authorization: Digest username="bob", uri="{uri}"\nMax-Forwards'))
    call.up(sip.remote_answer("180 Ringing", "INVITE"))
    call.down(kept(sip.remote_request("CANCEL")))
    call.up(sip.remote_answer("200 OK", "CANCEL"))
    call.up(sip.remote_answer("487 Request Terminated", "INVITE"))
    call.down(kept(sip.INCOMING_ACK).replace("{branch}ack", "{branch}"))
    # That of another transaction is translated.
    call.down(sip.INCOMING_ACK)


if __name__ == "__main__":
    ksft.main()
