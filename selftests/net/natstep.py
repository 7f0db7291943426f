#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""In step with the NAT and with conntrack: a promise is what the packets have.

What a message promises, an older flow or another route must not undo.
"""

import functools
import re
import socket

from lib import ksft, media, nat, netns, sip
from lib.attack import barrier
from lib.endpoint import wait_until
from lib.ladder import Line
from lib.topology import OUTSIDE, SERVER, SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)

UDP_SEGMENT = 103

# Media is let in only where the helper of its signalling flow is known.
HELPER_ONLY = """
flush chain inet firewall forward
table inet firewall {
	chain forward {
		ct state related ct helper "sip" accept
		ct state established accept
		iifname { "lan1", "lan2" } oifname "wan" accept
	}
}
"""

VRF_FIREWALL = """
table inet firewall {
	chain forward {
		iifname "blue" oifname "wan" accept
	}
}
"""


# --- another uplink ------------------------------------------------------------------------

def _arrives_from(t, line, registration, address):
    """Refresh the registration until it arrives from an address of the router."""
    seen = set()

    def is_there():
        registration.gaps["cseq"] += 1
        line.phone.send(registration.text(sip.REGISTER, registration.inside), line.server.address)
        seen.update(got.source[0] for got in line.server.waiting())
        return address in seen

    wait_until(is_there, f"a REGISTER arrives from {address}")
    barrier(line.net, line.host)
    line.server.waiting()
    line.phone.send(registration.text(sip.REGISTER, registration.inside), line.server.address)
    t.equal(line.server.receive("REGISTER").source[0], address, "source of the next REGISTER")


#  phone1                  router                  server
#    | REGISTER              | wan                   |
#    |---------------------->|---------------------->|
#                    the flow is lost
#    | REGISTER              | wan                   |
#    |---------------------->|---------------------->|
#                  wan fails: the route is by wan2
#    | REGISTER              | wan2, with its address|
#    |---------------------->|---------------------->|
@case("the route changes to another uplink: REGISTER leaves with that one's address, and back")
def uplink(t, net):
    nat.second_uplink(net)
    t.alg.tool(net, "on", "dev", "wan2")
    line = Line(t, net)
    registration = line.register()
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    registration.up(sip.REGISTER, cseq=2)
    registration.down(sip.REGISTER_OK, cseq=2)
    registration.gaps["cseq"] = 2
    for gateway, address in ((nat.GATEWAY, nat.UPLINK), (SERVER, OUTSIDE)):
        nat.route(net, SERVER, via=gateway)
        _arrives_from(t, line, registration, address)


# --- flows older than `on` -------------------------------------------------------------------

@case("media of a flow that is older than `on` passes a firewall that asks for helper sip",
      switched_on=False)
def older_than_on(t, net):
    net.router.run("nft", "-f", "-", stdin=HELPER_ONLY)
    line = Line(t, net)
    line.dialog(mapped=False).up(sip.REGISTER)
    t.alg.switch_on(net)
    call = line.dialog()
    call.call()
    call.audio().both_ways()
    line.register()
    t.true(any("helper=sip" in flow for flow in net.flows()), "the flow has the helper")


@case("a phone that learnt its address by STUN gets back what it wrote, on a flow older than `on`",
      switched_on=False)
def older_reflexive(t, net):
    line = Line(t, net)
    registration = line.dialog()
    view = sip.View(OUTSIDE, SIP_PORT, 0, 0)
    for cseq in (1, 2):
        data = registration.text(sip.REGISTER, view, cseq=cseq)
        got = line.send_up(data, "REGISTER")
        t.same(got.data, data, "REGISTER at the server")
        line.outside_port = got.source[1]
        data = registration.text(sip.REGISTER_OK, view, cseq=cseq)
        t.same(line.send_down(data, "200").data, data, "200 at the phone")
        t.alg.switch_on(net)


@case("a Contact without port comes back without port, on a flow older than `on`",
      switched_on=False)
def older_without_port(t, net):
    line = Line(t, net)
    line.dialog(mapped=False).up(sip.REGISTER)
    t.alg.switch_on(net)
    registration = line.dialog()
    short = "Contact: <sip:alice@{host}>"
    sent = registration.text(sip.REGISTER.replace("Contact: <sip:alice@{host}:{port}>", short),
                             registration.inside)
    registration.learn(line.send_up(sent, "REGISTER"))
    back = registration.text(sip.REGISTER_OK, registration.outside)
    due = sip.REGISTER_OK.replace("Contact: <sip:alice@{host}:{port}>", short)
    t.same(line.send_down(back, "200").data, registration.text(due, registration.inside),
           "200 at the phone")


@case("`on` leaves flows of other ports, and of other devices, as they are", switched_on=False)
def older_others(t, net):
    phone, far = net.phone1.udp(4000), net.media.udp(6000)
    phone.send(b"anything", far.address)
    far.receive()
    elsewhere = net.phone2.udp(SIP_PORT)
    elsewhere.send(b"OPTIONS", net.phone1.udp(SIP_PORT).address)
    before = sorted(re.findall(r"src=\S+ dst=\S+ sport=\d+ dport=\d+", "\n".join(net.flows())))
    t.alg.switch_on(net)
    after = sorted(re.findall(r"src=\S+ dst=\S+ sport=\d+ dport=\d+", "\n".join(net.flows())))
    t.equal(after, before, "flows")


# --- VRF and GRO ----------------------------------------------------------------------------

@case("with the uplink in a VRF an address that comes back at once changes nothing")
def vrf_address(t, net):
    if net.router.run("ip", "link", "add", "blue", "type", "vrf", "table", "10",
                      check=False).returncode:
        t.skip("no VRF here")
    netns.configure({net.router.namespace: [
        "link set blue up", "link set lan1 master blue", "link set lan2 master blue",
        "link set wan master blue", f"route add default via {SERVER} table 10"]})
    net.router.run("nft", "-f", "-", stdin=VRF_FIREWALL)
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    with t.counted(net, address_gone=0):
        net.router.run("ip", "-batch", "-", stdin=f"addr del {OUTSIDE}/24 dev wan\n"
                       f"addr add {OUTSIDE}/24 dev wan\n"
                       f"route replace default via {SERVER} table 10\n")
        line.dialog().up(sip.REGISTER)
    call.is_in("confirmed")
    audio.both_ways()


#  phone1                  router                  server
#    | OPTIONS, OPTIONS, OPTIONS: one packet of the kernel's
#    |======================>|---------------------->|
@case("datagrams that the kernel has merged are taken apart, and each is translated")
def merged(t, net):
    line = Line(t, net)
    line.phone.send(b"\r\n\r\n", line.server.address)
    line.outside_port = line.server.receive("a keep-alive").source[1]
    dialogs = [line.dialog() for _ in range(3)]
    texts = [each.text(sip.request("OPTIONS"), each.inside, cseq=1, branch=f"m{number}",
                       call_id=f"m{number}@gro", tag="a")
             for number, each in enumerate(dialogs)]
    due = [each.text(sip.request("OPTIONS"), each.outside, cseq=1, branch=f"m{number}",
                     call_id=f"m{number}@gro", tag="a")
           for number, each in enumerate(dialogs)]
    t.equal(len({len(text) for text in texts}), 1, "number of lengths")
    with net.phone1.namespace:
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.phone.close()
    sender.bind((net.phone1.address, SIP_PORT))
    sender.setsockopt(socket.SOL_UDP, UDP_SEGMENT, len(texts[0]))
    with sender, t.counted(net, changed=3, passed_gso=0):
        sender.sendto(b"".join(texts), line.server.address)
        for text in due:
            t.same(line.server.receive("OPTIONS").data, text, "OPTIONS at the server")


if __name__ == "__main__":
    ksft.main()
