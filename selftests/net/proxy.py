#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A proxy inside that relays media and stays in the dialog with Record-Route."""

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line

# Dave's phone is behind the proxy: the ALG must not touch its address.
VIA = "Via: SIP/2.0/UDP 192.168.2.234:5060;branch=z9hG4bK{branch}dave\n"
ROUTE = "<sip:{host}:{port};lr>"
TWICE = f"{ROUTE}, <sip:{{host}}:{{port}};transport=tcp;lr>"
DAVE = "sip:dave@192.168.2.234:5060"


def _behind(text):
    """Return the message of Dave's phone as the proxy forwards it."""
    head, end, rest = text.partition("Max-Forwards" if "Max-Forwards" in text else "From:")
    return head + VIA + end + rest.replace("sip:alice@{host}:{port}", DAVE)


INVITE = _behind(sip.INVITE).replace("Max-Forwards", f"Record-Route: {ROUTE}\nMax-Forwards")
OK = _behind(sip.OK).replace("From:", f"Record-Route: {ROUTE}\nFrom:")
ACK, BYE, BYE_OK = _behind(sip.ACK), _behind(sip.BYE), _behind(sip.BYE_OK)
REINVITE = sip.remote_request("INVITE", f"Route: {ROUTE}", sdp=True).replace(
    "sip:alice@{host}:{port}", DAVE)
REINVITE_OK = sip.remote_answer("200 OK", "INVITE", sdp=True).replace(
    "sip:alice@{host}:{port}", DAVE)
REINVITE_ACK = sip.remote_request("ACK", f"Route: {ROUTE}").replace(
    "sip:alice@{host}:{port}", DAVE)


#  proxy (phone1)             router                    server       media
#    | INVITE Record-Route: P   |     Record-Route: E:q    |            |
#    |------------------------->|------------------------->|            |
#    | 200 Record-Route: P      |     Record-Route: E:q    |            |
#    |<-------------------------|<-------------------------|            |
#    |<=========================== RTP =================================>|
#    | INVITE Route: P          |     Route: E:q           |            |
#    |<-------------------------|<-------------------------|            |
@case("Record-Route and Route of the proxy are mapped, addresses of the phone behind it stay")
def relayed(t, net):
    call = Line(t, net).dialog()
    call.up(INVITE)
    call.down(OK)
    call.up(ACK)
    audio = call.audio()
    audio.both_ways()
    call.down(REINVITE, body=sip.ANSWER, cseq=7)
    call.up(REINVITE_OK, body=sip.OFFER, cseq=7)
    call.down(REINVITE_ACK, cseq=7)
    audio.both_ways()
    call.up(BYE)
    call.down(BYE_OK)
    call.over(audio)


#  proxy (phone1)                 router                     server       media
#    | INVITE Record-Route: P,P     |     Record-Route: E:q,E:q |            |
#    |----------------------------->|-------------------------->|            |
#    | INVITE Route: P,P            |     Route: E:q,E:q        |            |
#    |<-----------------------------|<--------------------------|            |
@case("a proxy that has recorded itself twice finds both its routes (RFC 5658, 4)")
def recorded_twice(t, net):
    call = Line(t, net).dialog()
    call.up(INVITE.replace(ROUTE, TWICE))
    call.down(OK.replace(ROUTE, TWICE))
    call.up(ACK)
    call.down(REINVITE.replace(ROUTE, TWICE), body=sip.ANSWER, cseq=7)
    call.up(REINVITE_OK, body=sip.OFFER, cseq=7)
    call.down(REINVITE_ACK.replace(ROUTE, TWICE), cseq=7)
    call.up(BYE)
    call.down(BYE_OK)


if __name__ == "__main__":
    ksft.main()
