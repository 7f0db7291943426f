#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A router with a flowtable, which forwards established flows past the hooks."""

import json
import re

from lib import ksft, sip
from lib.endpoint import wait_until
from lib.ksft import case
from lib.ladder import Line
from lib.tcp import Connection
from lib.topology import SIP_PORT

FLOWTABLE = """
table inet fast {
	flowtable fast {
		hook ingress priority filter; devices = { lan1, lan2, wan };
	}
	chain forward {
		type filter hook forward priority filter - 5;
		ct state established meta l4proto { tcp, udp } flow add @fast
	}
}
"""


def _configure(t, net):
    if net.router.run("nft", "-f", "-", stdin=FLOWTABLE, check=False).returncode:
        t.skip("no flowtables here")


def _taken(net, port):
    """Return whether the flowtable has taken the flows of that inside port."""
    flows = [flow for flow in net.flows()
             if re.search(rf"[sd]port={port}\b", flow)]
    return bool(flows) and all("[OFFLOAD]" in flow for flow in flows)


def _advice(t, net):
    """Return what check advises on flows in the flowtable."""
    findings = json.loads(t.alg.tool(net, "-j", "check", check=False).stdout)
    return [each["advice"] for each in findings if each["name"] == "flowtable"]


def _are_up(net):
    """Return whether the kernel has told the routes of each device that is up.

    It may do so a second after the device was made, and then the flowtable lets go of
    its flows.
    """
    links = json.loads(net.router.run("ip", "-json", "link", "show", "type", "veth").stdout)
    return all(link["operstate"] == "UP" for link in links)


#  phone1                  router                  server        media
#    | INVITE, 200, ACK      |                       |             |
#    |<--------------------->|<--------------------->|             |
#    |<======================:=========== RTP ====================>| past the firewall
#    | re-INVITE, 200, ACK   |                       |             |
#    |<--------------------->|<--------------------->|             |
#    | BYE, 200              |                       |             |
#    |<--------------------->|<--------------------->|             |
@case("the flowtable forwards media but no signalling, and BYE still ends the call")
def call(t, net):
    _configure(t, net)
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    wait_until(lambda: _taken(net, call.inside.rtp), "the flowtable takes the media")
    related = net.related()
    audio.both_ways()
    t.equal(net.related(), related, "media packets in the forward chain")
    call.exchange(2)
    t.true(not _taken(net, SIP_PORT), "signalling packets in the forward chain")
    audio.both_ways()
    call.hang_up()
    call.closed(audio)


#    | OPTIONS, 200          |                       | ALG off
#    |<----------------------:---------------------->|
#                            on
#    | OPTIONS               |                       | past the ALG
#    |-----------------------:---------------------->|
#                            conntrack -D
#    | OPTIONS               |                       | rewritten
#    |---------------------->|---------------------->|
@case("a flow that was offloaded before `on` must be deleted first, and check says so",
      only_sipalg=True)
def before(t, net):
    _configure(t, net)
    t.alg.tool(net, "off")
    wait_until(lambda: _are_up(net), "each device is up")
    line = Line(t, net)
    ping = line.dialog(mapped=False)
    for cseq in range(1, 4):
        ping.up(sip.request("OPTIONS"), cseq=cseq)
        ping.down(sip.answer("200 OK", "OPTIONS"), cseq=cseq)
    wait_until(lambda: _taken(net, SIP_PORT), "the flowtable takes the signalling")
    t.alg.switch_on(net)
    ping.up(sip.request("OPTIONS"), cseq=9)
    found = t.alg.tool(net, "check", check=False).stdout
    t.true("flowtable" in found, f"check reports it: {found}")
    net.router.run("conntrack", "-D", "-p", "udp", "--orig-port-dst", str(SIP_PORT))
    line.dialog().call()
    t.true("flowtable" not in t.alg.tool(net, "check", check=False).stdout,
           "check reports nothing any more")


#    | REGISTER, 200         |                       | ALG off
#    |<====== TCP ===========:======================>|
#                            on
#    | REGISTER              |                       | past the ALG
#    |=======================:======================>|
#    | FIN, SYN, INVITE      |                       | rewritten
#    |<=====================>|<=====================>|
@case("an offloaded TCP connection from before `on`: the phone must connect anew, says check",
      only_sipalg=True)
def connection_before(t, net):
    _configure(t, net)
    t.alg.tool(net, "off")
    wait_until(lambda: _are_up(net), "each device is up")
    line = Connection(net)
    sent, _ = line.texts(sip.REGISTER)
    answer, _ = line.texts(sip.REGISTER_OK)
    for _ in range(3):
        line.phone.send(sent)
        t.same(line.server.receive(len(sent)), sent, "REGISTER")
        line.server.send(answer)
        t.same(line.phone.receive(len(answer)), answer, "200")
    wait_until(lambda: _taken(net, SIP_PORT), "the flowtable takes the connection")
    t.alg.switch_on(net)
    line.phone.send(sent)
    t.same(line.server.receive(len(sent)), sent, "REGISTER past the ALG")
    t.equal(_advice(t, net), ["restart the phones that use TCP, or have them connect anew"],
            "advice")
    # The flowtable of a newer kernel keeps a closed connection until its own timeout.
    net.router.namespace.sysctl("net.netfilter.nf_flowtable_tcp_timeout", 2)
    line.close()
    Connection(net, port=40003).up(t, sip.INVITE, sip.OFFER)
    wait_until(lambda: not _advice(t, net), "check reports nothing any more")


if __name__ == "__main__":
    ksft.main()
