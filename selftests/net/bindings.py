#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Bindings: which outside port an inside port gets, and for how long."""

import contextlib
import socket

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import FLOWS_END, Line
from lib.topology import Host, MEDIA, OUTSIDE, SERVER

# The address that a new DHCP lease or PPPoE session gives the router.
MOVED = "203.0.113.98"

VIDEO_CONFERENCE = sip.OFFER + """m=application {floor} TCP/BFCP *
a=setup:{setup}
"""


def _move(net):
    """Give the router another outside address, as a new DHCP lease does."""
    net.router.run("ip", "-batch", "-", stdin=f"addr del {OUTSIDE}/24 dev wan\n"
                   f"addr add {MOVED}/24 dev wan\nroute replace default via {SERVER}\n")


#    | INVITE m=audio 1023 |      | a web or SSH server offered as media
#    |-------------------->|----->| as it is, no port is opened
@case("SDP names a media port below 1024, UDP or TCP: the message passes, no port opens")
def low_ports(t, net):
    line = Line(t, net)
    for body in (sip.OFFER.replace("{rtp}", "1023"),
                 sip.OFFER + "a=rtcp:53\n",
                 VIDEO_CONFERENCE.format_map({"floor": 22, "setup": "passive", "host": "{host}",
                                              "rtp": "{rtp}"})):
        with t.counted(net, low_port=1, passed_refused=1, changed=0):
            line.dialog(mapped=False).up(sip.INVITE, body=body)
    wait_until(lambda: not t.alg.bindings(net), "no bindings", FLOWS_END)


def _meet(listener, caller, to):
    """Connect and return both ends."""
    listener.listen()
    caller.connect(to)
    accepted, source = listener.accept()
    accepted.settimeout(listener.gettimeout())
    return accepted, source


def _talk(t, one, other):
    """Carry bytes both ways."""
    for sender, receiver in ((one, other), (other, one)):
        sender.sendall(b"floor request")
        t.equal(receiver.recv(100), b"floor request", "bytes of the TCP media")


#  phone1                      router                      media
#    | INVITE m=... TCP/BFCP     |                           |
#    |<================ TCP connection ======================|
#    | BYE                       |                           |
#    |                           |<======== nothing =========|
@case("TCP media: the far end connects to the promised port, until the call ends")
def tcp_media(t, net):
    call = Line(t, net).dialog()
    body = {"body": VIDEO_CONFERENCE, "floor": 5000, "setup": "passive"}
    call.up(sip.INVITE, **body)
    call.down(sip.OK)
    call.up(sip.ACK)
    listener, caller = net.phone1.tcp(5000), net.media.tcp(0)
    accepted, source = _meet(listener, caller, (OUTSIDE, 5000))
    with accepted:
        t.equal(source[0], MEDIA, "source of the connection")
        _talk(t, accepted, caller)
    call.audio().both_ways()
    call.hang_up()
    wait_until(lambda: not t.alg.bindings(net, 5000), "the binding goes", FLOWS_END)
    late = net.media.tcp(0)
    late.settimeout(1)
    with contextlib.suppress(OSError):
        late.connect((OUTSIDE, 5000))
        t.differs("a connection after the call")


@case("TCP media: the phone connects from the port that it named")
def tcp_media_outward(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE, body=VIDEO_CONFERENCE, floor=5000, setup="actpass")
    call.down(sip.OK)
    call.up(sip.ACK)
    listener = net.media.tcp(7000)
    accepted, source = _meet(listener, net.phone1.tcp(5000), (MEDIA, 7000))
    accepted.close()
    t.equal(source, (OUTSIDE, 5000), "source of the connection")


#  Port 9 in TCP media says that the sender will open the connection (RFC 4145, 4.1).
@case("TCP media: port 9 of an active end stays in the SDP, and no port opens")
def tcp_media_active(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE, body=VIDEO_CONFERENCE, floor=9, setup="active")
    call.down(sip.OK)
    call.up(sip.ACK)
    t.equal(t.alg.bindings(net, 9), [], "bindings of port 9")
    call.audio().both_ways()


#  The candidates of a stream are still to come (RFC 8840, 4.1).
@case("UDP media: port 9 stays in the SDP, and no port opens")
def udp_media_later(t, net):
    call = Line(t, net).dialog()
    call.up(sip.INVITE, body=sip.OFFER + "m=video 9 RTP/AVP 96\na=mid:1\n")
    call.down(sip.OK)
    call.up(sip.ACK)
    t.equal(t.alg.bindings(net, 9) + t.alg.bindings(net, 10), [], "bindings of ports 9 and 10")
    call.audio().both_ways()


#  phone2                      router                      media
#    | from 4000                 | from 4000, by the NAT     |
#    |-------------------------->|-------------------------->|
#  phone1                        |                           |
#    | 200 m=audio 4000          | another port              |
#    |-------------------------->|-------------------------->|
@case("a port that the NAT already uses towards the same far end is not promised")
def port_of_the_nat(t, net):
    other, far = net.phone2.udp(4000), net.media.udp(6000)
    other.send(b"not of a call", (MEDIA, 6000))
    seen_as = far.receive().source
    t.equal(seen_as, (OUTSIDE, 4000), "source that the NAT gives")
    far.send(b"back", seen_as)
    other.receive("the answer to it")
    far.close()
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.down(sip.INCOMING)
    call.up(sip.INCOMING_OK)
    t.true(call.outside.rtp != 4000, "another port is promised")
    audio = call.audio()
    audio.both_ways()
    call.rtcp().both_ways()
    audio.far.send(b"back again", seen_as)
    t.equal(other.receive("packet on the NAT's own flow").data, b"back again", "packet on the NAT's own flow")


#  The phone has an account at each of three providers and sends from a high port.
@case("one Contact, registered at three registrars, is open for these three alone")
def three_registrars(t, net):
    addresses = [f"203.0.113.{last}" for last in (11, 12, 13)]
    for address in addresses:
        net.server.run("ip", "addr", "add", f"{address}/24", "dev", "eth0")
    line = Line(t, net, source=40001)
    servers = []
    for address in addresses:
        with net.server.namespace:
            server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind((address, 5060))
        server.settimeout(5)
        servers.append(server)
        registration = line.dialog()
        line.sender.send(registration.text(sip.REGISTER, registration.inside), (address, 5060))
        data, source = server.recvfrom(65535)
        line.outside_port = sip.via_port(data)
        server.sendto(registration.text(sip.REGISTER_OK, registration.outside), source)
        t.same(line.sender.receive("200").data,
               registration.text(sip.REGISTER_OK, registration.inside), "200 at the phone")
    for server in servers:
        server.sendto(b"NOTIFY", (OUTSIDE, line.outside_port))
        t.equal(line.phone.receive("a datagram").data, b"NOTIFY", "message at the phone")
    line.server.send(b"INVITE", (OUTSIDE, line.outside_port))
    servers[0].sendto(b"OPTIONS", (OUTSIDE, line.outside_port))
    t.equal(line.phone.receive("a datagram").data, b"OPTIONS", "packet after a fourth server's INVITE")
    for server in servers:
        server.close()


#  phone1                      router                      server
#    | REGISTER, INVITE ...      | E                         |
#    |<========== media ========>|<=========================>|
#    |                        E' instead of E                |
#    |                           |<=========== to E: nothing |
#    | REGISTER                  | E'                        |
@case("the outside address changes for good: its bindings go, REGISTER makes new ones")
def address_changes(t, net):
    t.set(net, "set", "timeout-suspend", "1")
    line = Line(t, net)
    registration = line.register()
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    with t.counted(net, "counters of the change", address_gone=4):
        _move(net)
        wait_until(lambda: not t.alg.bindings(net), "the bindings go", FLOWS_END)
    wait_until(lambda: not [flow for flow in net.flows() if OUTSIDE in flow],
               "the flows of the old address go", FLOWS_END)
    t.equal(t.alg.show(net, "call", "show"), [], "calls after the address change")
    # The old address is still routed to this router.
    net.router.run("ip", "addr", "add", f"{OUTSIDE}/32", "dev", "lo")
    audio.far.send(b"anybody there?", audio.promised)
    line.server.send(b"INVITE", (OUTSIDE, line.outside_port))

    line.phone.send(registration.text(sip.REGISTER, registration.inside),
                    line.server.address)
    arrived = line.server.receive("REGISTER from the new address")
    t.equal(arrived.source[0], MOVED, "source of the REGISTER")
    moved = registration.outside._replace(host=MOVED, port=arrived.source[1])
    t.same(arrived.data, registration.text(sip.REGISTER, moved), "REGISTER at the server")
    line.server.send(registration.text(sip.REGISTER_OK, moved), arrived.source)
    t.same(line.phone.receive("200").data,
           registration.text(sip.REGISTER_OK, registration.inside), "200 at the phone")
    t.equal(audio.phone.waiting(), [], "media to the old address")
    t.equal({each["outside"]["address"] for each in t.alg.bindings(net)}, {MOVED},
            "outside addresses")


@case("after such a change requests to every registrar leave from the new address")
def accounts_move(t, net):
    net.server.run("ip", "addr", "add", "203.0.113.11/24", "dev", "eth0")
    line = Line(t, net)
    line.register()
    other = line.towards(Host("the other", net.server.namespace, "203.0.113.11").udp(5060))
    registration = other.register()
    _move(net)
    wait_until(lambda: not [flow for flow in net.flows() if OUTSIDE in flow],
               "the flows of the old address go", FLOWS_END)
    other.phone.send(registration.text(sip.REGISTER, registration.inside), other.server.address)
    t.equal(other.server.receive("REGISTER").source[0], MOVED, "source of the REGISTER")



@case("the outside address is gone for a moment: the call goes on")
def address_returns(t, net):
    line = Line(t, net)
    call = line.dialog()
    call.call()
    before = t.alg.bindings(net)
    net.router.run("ip", "addr", "add", f"{OUTSIDE}/32", "dev", "lo")
    net.router.run("ip", "-batch", "-", stdin=f"addr del {OUTSIDE}/24 dev wan\n"
                   f"addr add {OUTSIDE}/24 dev wan\nroute replace default via {SERVER}\n")
    line.dialog().up(sip.REGISTER)
    t.equal(len(t.alg.bindings(net)), len(before), "bindings")
    call.audio().both_ways()


if __name__ == "__main__":
    ksft.main()
