#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Proxies: one inside that stays in the dialog (Record-Route), and edges that stay in the way
to a phone (Path, RFC 3327)."""

import re

from lib import ksft, sip
from lib.ksft import case
from lib.ladder import Line
from lib.topology import SERVER, SIP_PORT

# Dave's phone is behind the proxy: the ALG must not touch its address.
VIA = "Via: SIP/2.0/UDP 192.168.2.234:5060;branch=z9hG4bK{branch}dave\n"
ROUTE = "<sip:{host}:{port};lr>"
TWICE = f"{ROUTE}, <sip:{{host}}:{{port}};transport=tcp;lr>"
DAVE = "sip:dave@192.168.2.234:5060"


def _of_dave(text):
    """Return the message of or to the proxy's contact, with Dave's in its place."""
    return text.replace("sip:alice@{host}:{port}", DAVE)


def _behind(text):
    """Return the message of Dave's phone as the proxy forwards it."""
    head, end, rest = text.partition("Max-Forwards" if "Max-Forwards" in text else "From:")
    return head + VIA + end + _of_dave(rest)


def _with_path(text):
    return text.replace("Content-Length", f"Path: {ROUTE}\nContent-Length")


INVITE = _behind(sip.INVITE).replace("Max-Forwards", f"Record-Route: {ROUTE}\nMax-Forwards")
OK = _behind(sip.OK).replace("From:", f"Record-Route: {ROUTE}\nFrom:")
ACK, BYE, BYE_OK = _behind(sip.ACK), _behind(sip.BYE), _behind(sip.BYE_OK)
REINVITE = _of_dave(sip.remote_request("INVITE", f"Route: {ROUTE}", sdp=True))
REINVITE_OK = _of_dave(sip.remote_answer("200 OK", "INVITE", sdp=True))
REINVITE_ACK = _of_dave(sip.remote_request("ACK", f"Route: {ROUTE}"))
REGISTER, REGISTER_OK = _with_path(_behind(sip.REGISTER)), _with_path(_behind(sip.REGISTER_OK))
INCOMING = _of_dave(sip.INCOMING).replace("Max-Forwards", f"Route: {ROUTE}\nMax-Forwards")
INCOMING_OK, INCOMING_ACK = _of_dave(sip.INCOMING_OK), _of_dave(sip.INCOMING_ACK)

EDGE = f"<sip:{SERVER}:{SIP_PORT};lr>"
BY_EDGE = (f"Path: {EDGE}", f"Service-Route: {EDGE}")


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


#  proxy (phone1)             router                    server       media
#    | REGISTER Path: P         |     Path: E:q            |            |
#    |------------------------->|------------------------->|            |
#    | 200 Path: P              |     Path: E:q            |            |
#    |<-------------------------|<-------------------------|            |
#                               conntrack forgets all flows
#    | INVITE Route: P          |     Route: E:q           |            |
#    |<-------------------------|<-------------------------|            |
#    |<=========================== RTP =================================>|
@case("the proxy registers phones behind it by its Path (RFC 3327): calls arrive as long as they may")
def own_path(t, net):
    line = Line(t, net)
    registration = line.dialog()
    registration.up(REGISTER)
    registration.down(REGISTER_OK)
    t.equal(registration.states("registration"), ["confirmed"], "state of the registration")
    net.router.run("conntrack", "-F")
    call = line.dialog()
    call.down(INCOMING, body=sip.ANSWER)
    call.up(INCOMING_OK, body=sip.OFFER)
    call.down(INCOMING_ACK)
    audio = call.audio()
    audio.both_ways()
    registration.gaps["cseq"] = 2
    registration.up(REGISTER.replace("expires=600", "expires=0"))
    registration.down(REGISTER_OK.replace("expires=600", "expires=0"))
    t.equal(registration.states("registration"), [], "the registration at its end")


def _value(data, name):
    return re.search(rb"\r\n" + name + rb": ([^\r]*)\r", data)[1]


def _register_by_edge(t, net, line):
    """Register the phone through the server, which adds a Path; return what the registrar has."""
    registration = line.dialog()
    got = registration.up(sip.REGISTER)
    registrar = net.media.udp(SIP_PORT)
    line.server.send(got.data.replace(b"Content-Length", f"Path: {EDGE}\r\nContent-Length".encode()),
                     registrar.address)
    at_registrar = registrar.receive("REGISTER with a Path").data
    registration.down(sip.REGISTER_OK.replace(
        "Content-Length", "\n".join(BY_EDGE) + "\nContent-Length"))
    contact = re.match(rb"<([^>]*)>", _value(at_registrar, b"Contact"))[1]
    return registrar, contact, _value(at_registrar, b"Path")


#  phone1                router               edge (server)        registrar (media)
#    | REGISTER            | Contact: E:q         | Path: edge          |
#    |-------------------->|--------------------->|-------------------->|
#    | 200 Path: edge, Service-Route: edge        |                     |
#    |<--------------------|<---------------------|<--------------------|
#    | INVITE              |                      | INVITE E:q          |
#    |                     |                      | Route: edge         |
#    |<--------------------|<---------------------|<--------------------|
#    | INVITE Route: edge  |                      |                     |
#    |-------------------->|--------------------->|                     |
@case("a phone registers through an edge proxy outside (RFC 3327, 3608): it is called, and calls")
def edge(t, net):
    line = Line(t, net)
    registrar, contact, path = _register_by_edge(t, net, line)
    call = line.dialog()
    # The registrar has nothing but what was registered.
    invite = call.text(sip.INCOMING, call.outside, body=sip.ANSWER)
    invite = re.sub(rb"^INVITE \S+", b"INVITE " + contact, invite)
    registrar.send(invite.replace(b"Max-Forwards", b"Route: " + path + b"\r\nMax-Forwards"),
                   (SERVER, SIP_PORT))
    at_edge = line.server.receive("INVITE at the edge").data
    t.equal(_value(at_edge, b"Route").decode(), EDGE, "Route at the edge")
    t.same(at_edge.replace(b"Route: " + path + b"\r\n", b""),
           call.text(sip.INCOMING, call.outside, body=sip.ANSWER), "INVITE at the edge")
    call.be_called()
    audio = call.audio()
    audio.both_ways()
    call.hang_up_remote()
    call.closed(audio)
    call = line.dialog(rtp=4200, far=6200)
    call.up(sip.INVITE.replace("Max-Forwards", f"Route: {EDGE}\nMax-Forwards"))
    call.down(sip.OK)
    call.up(sip.ACK)
    audio = call.audio()
    audio.both_ways()


if __name__ == "__main__":
    ksft.main()
