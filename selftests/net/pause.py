#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""An outside address, a device or a scope that goes for a moment suspends; a timer ends.

A DHCP client flushes its address before it sets it again, PPPoE makes its device anew,
VRRP moves an address away and back, and an administrator switches off and on. What comes
back within timeout-suspend goes on as it was.

  phone1                      router                      server
    | REGISTER, INVITE ...      | E                         |
    |<========== media ========>|<=========================>|
    |                        no E, then E again             |
    |           INVITE          |                           |
    |<--------------------------|<--------------------------|
    |<========== media ========>|<=========================>|
"""

import functools
import json
import time

from lib import alg, ksft, sip
from lib.attack import barrier
from lib.endpoint import Missing, wait_until
from lib.ipv6 import OUTSIDE as OUTSIDE6
from lib.ipv6 import configure
from lib.ladder import FLOWS_END, Line, media_flows
from lib.netns import run
from lib.topology import OUTSIDE, SERVER, SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)

# The address that a new DHCP lease gives the router.
MOVED = "203.0.113.42"
# Seconds, unless set: less than a registration or a call has left in these tests.
GRACE = 120
# Addresses that vanish at once.
MANY = 2000


def _up(t, net):
    """A registered phone with a call; return line, call and audio."""
    line = Line(t, net)
    line.register()
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    return line, call, audio


def _address_goes(net):
    net.router.run("ip", "addr", "flush", "dev", "wan")


def _address_comes(net, address=OUTSIDE):
    net.router.run("ip", "addr", "add", f"{address}/24", "dev", "wan")
    net.router.run("ip", "route", "replace", "default", "via", SERVER)


def _noticed(t, net, grace=GRACE):
    """Wait until the ALG has noticed that an address is gone: all ends within the grace."""
    wait_until(lambda: all(each["expires"] <= grace for each in t.alg.calls(net, None)),
               "calls and registrations are suspended")


def _goes_on(line, call, audio):
    """The call's media flows both ways, and the phone can be called although flows are lost."""
    call.is_in("confirmed")
    audio.both_ways()
    call.rtcp().both_ways()
    line.net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060", check=False)
    line.dialog(rtp=4010, far=6010).down(sip.INCOMING)
    call.hang_up()
    call.closed(audio)


# --- an address ------------------------------------------------------------------

@case("the outside address goes and comes back: registration and call go on")
def address(t, net):
    line, call, audio = _up(t, net)
    _address_goes(net)
    _noticed(t, net)
    _address_comes(net)
    _goes_on(line, call, audio)


@case("the outside address goes and comes back many times: registration and call go on")
def address_flaps(t, net):
    line, call, audio = _up(t, net)
    for _ in range(10):
        _address_goes(net)
        _address_comes(net)
    _address_goes(net)
    _noticed(t, net)
    _address_comes(net)
    _goes_on(line, call, audio)


@case("the outside address stays away for longer than timeout-suspend: all ends")
def address_stays_away(t, net):
    t.set(net, "set", "timeout-suspend", "1")
    _up(t, net)
    _address_goes(net)
    wait_until(lambda: not t.alg.calls(net, None) and not t.alg.bindings(net),
               "calls and bindings end", FLOWS_END)
    wait_until(lambda: not [flow for flow in net.flows() if OUTSIDE in flow],
               "the flows of the old address end", FLOWS_END)


@case("the outside address comes back and a second grace ends at its own time")
def address_twice(t, net):
    t.set(net, "set", "timeout-suspend", "3")
    line, call, audio = _up(t, net)
    for _ in range(3):
        _address_goes(net)
        _noticed(t, net, 3)
        _address_comes(net)
        audio.both_ways()
    _goes_on(line, call, audio)


@case("another address takes its place: the phone registers anew from there at once")
def address_moves(t, net):
    line, call, audio = _up(t, net)
    registration = line.dialog()
    _address_goes(net)
    _address_comes(net, MOVED)

    def is_there():
        # The first packet of a flow whose address has gone may be lost.
        line.phone.send(registration.text(sip.REGISTER, registration.inside), line.server.address)
        return any(got.source[0] == MOVED for got in line.server.waiting())

    wait_until(is_there, "a REGISTER arrives from the new address")
    barrier(net, net.phone2)
    line.server.waiting()
    line.outside = MOVED
    registration.up(sip.REGISTER, cseq=2)
    registration.down(sip.REGISTER_OK, cseq=2)
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060", check=False)
    line.dialog(rtp=4010, far=6010).down(sip.INCOMING)


@case("nothing is promised on an address that has gone")
def nothing_promised(t, net):
    line, call, audio = _up(t, net)
    net.router.run("ip", "addr", "add", f"{MOVED}/24", "dev", "wan")
    net.router.run("ip", "addr", "del", f"{OUTSIDE}/24", "dev", "wan")
    net.router.run("ip", "addr", "add", f"{MOVED}/24", "dev", "wan", check=False)
    net.router.run("ip", "route", "replace", "default", "via", SERVER)
    _noticed(t, net)
    other = Line(t, net, phone=net.phone2, server=line.server, outside=MOVED)
    second = other.dialog(far=6010)
    second.call()
    second.audio().both_ways()


#  phone1                      router                      media
#    |                           | E' instead of E           |
#    |           nothing         |<========== to E, by E' ===|
@case("an address that has gone is still routed here: nothing reaches the phone by it")
def still_routed(t, net):
    line, call, audio = _up(t, net)
    _address_goes(net)
    _address_comes(net, MOVED)
    net.server.run("ip", "route", "add", OUTSIDE, "via", MOVED)
    wait_until(lambda: not media_flows(net, [audio.promised[1]]), "the flows end", FLOWS_END)
    audio.far.send(b"anybody there?", audio.promised)
    line.server.send(b"INVITE", (OUTSIDE, line.outside_port))
    barrier(net, net.phone1)
    t.equal(audio.phone.waiting(), [], "media at the phone")
    _address_comes(net)
    net.server.run("ip", "route", "del", OUTSIDE)
    _goes_on(line, call, audio)


def _ends(t, net):
    return [(each["inside"], each["outside"]) for each in t.alg.bindings(net)]


@case("an IPv6 address goes and comes back: the bindings are the same")
def address_ipv6(t, net):
    configure(net, "masquerade")
    t.alg.tool(net, "set", "timeout-transaction", "600")
    phone, server = net.phone1.udp(SIP_PORT), net.server.udp(SIP_PORT)
    view = sip.View(f"[{net.phone1.address}]", SIP_PORT, 4000, 4001)
    offer = sip.OFFER.replace("IP4 {host}", f"IP6 {net.phone1.address}")
    invite = sip.fill(sip.INVITE, view, body=offer, call_id="six", branch="six", tag="a", cseq=1)
    phone.send(invite, server.address)
    first = server.receive("INVITE").data
    before = _ends(t, net)
    net.router.run("ip", "addr", "del", f"{OUTSIDE6}/64", "dev", "wan")
    _noticed(t, net)
    net.router.run("ip", "addr", "add", f"{OUTSIDE6}/64", "dev", "wan", "nodad")
    net.router.run("ip", "-6", "route", "replace", "default", "via", net.server.address)
    phone.send(invite, server.address)
    t.same(server.receive("INVITE again").data, first, "INVITE again")
    t.equal(_ends(t, net), before, "ends of the bindings")


# --- a device --------------------------------------------------------------------

@case("the outside device is made anew with the same address, as by PPPoE: all goes on")
def device(t, net):
    line, call, audio = _up(t, net)
    net.router.run("ip", "link", "del", "wan")
    _noticed(t, net)
    run("ip", "-batch", "-", stdin=f"""
        link add wan netns {net.router.namespace.name} type veth \
            peer name eth0 netns {net.server.namespace.name}
        """)
    net.server.run("ip", "-batch", "-", stdin=f"""
        addr add {SERVER}/24 dev eth0
        link set eth0 up
        """)
    net.router.run("ip", "link", "set", "wan", "up")
    _address_comes(net)
    _goes_on(line, call, audio)


# --- a scope ---------------------------------------------------------------------

def _is_called(line):
    """The phone, which has no call, can be called although its flow is lost."""
    line.net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060", check=False)
    call = line.dialog()
    call.be_called()
    call.audio().both_ways()


@case("off, then on: a registered phone is still called")
def off_and_on(t, net):
    line = Line(t, net)
    line.register()
    t.alg.tool(net, "off")
    t.alg.switch_on(net)
    _is_called(line)


@case("off, then on, during a call: it goes on")
def off_and_on_call(t, net):
    line, call, audio = _up(t, net)
    t.alg.tool(net, "off")
    audio.both_ways()
    t.alg.switch_on(net)
    _goes_on(line, call, audio)


@case("an observe scope is set and deleted again: the registration goes on")
def observe_deleted(t, net):
    t.alg.tool(net, "policy", "flush")
    t.alg.tool(net, "on", "default")
    line = Line(t, net)
    line.register()
    t.alg.tool(net, "observe", "dev", "wan")
    t.alg.tool(net, "policy", "del", "dev", "wan")
    _is_called(line)


@case("policy restore in two steps: the registration goes on")
def restored(t, net):
    line = Line(t, net)
    line.register()
    saved = t.alg.tool(net, "policy", "save").stdout
    t.alg.tool(net, "policy", "flush")
    net.router.run(alg.TOOL, "policy", "restore", "-f", "-", stdin=saved)
    _is_called(line)


@case("SUBSCRIBE and its NOTIFY: off, then on, and the phone is still notified")
def subscription(t, net):
    line = Line(t, net)
    subscribed = line.dialog()
    subscribed.up(sip.request("SUBSCRIBE", "Event: presence", "Expires: 600"))
    subscribed.down(sip.answer("200 OK", "SUBSCRIBE", "Expires: 600"))
    t.alg.tool(net, "off")
    t.alg.switch_on(net)
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    subscribed.down(sip.remote_request("NOTIFY", "Event: presence",
                                       "Subscription-State: active"), cseq=2)


@case("while it is off, nothing is translated, and no call reaches the registered phone")
def off_is_off(t, net):
    line = Line(t, net)
    line.register()
    t.alg.tool(net, "off")
    line.dialog(mapped=False).up(sip.INVITE)
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060", check=False)
    line.server.send(b"INVITE", (OUTSIDE, line.outside_port))
    line.dialog(mapped=False).up(sip.REGISTER)
    t.equal(line.phone.waiting(), [], "packets at the phone")


@case("off while another phone has a call: no call reaches the registered phone")
def off_beside_call(t, net):
    line = Line(t, net)
    line.register()
    Line(t, net, phone=net.phone2, server=line.server).dialog(far=6010).call()
    t.alg.tool(net, "off")
    net.router.run("conntrack", "-D", "-p", "udp", "--dport", "5060")
    line.server.send(b"INVITE", (OUTSIDE, line.outside_port))
    barrier(net, net.phone1)
    t.equal(line.phone.waiting(), [], "packets at the phone")
    t.alg.switch_on(net)
    _is_called(line)


#  phone1                      router                      phone2
#    | REGISTER, 200 by wan      |                           |
#                          off dev wan
#    |     REGISTER, Call-ID of phone1's, by lan2, which is on
#    |<--------------------------|<--------------------------|
@case("another host's message with the Call-ID does not resume a registration")
def foreign_resume(t, net):
    net.router.run("nft", "insert", "rule", "inet", "firewall", "forward",
                   "iifname", "lan2", "oifname", "lan1", "accept")
    line = Line(t, net)
    registration = line.register()
    t.alg.tool(net, "on", "dev", "lan2")
    t.alg.tool(net, "off", "dev", "wan")
    _noticed(t, net)
    view = sip.View(net.phone2.address, SIP_PORT, 0, 0)
    net.phone2.udp(SIP_PORT).send(sip.fill(sip.REGISTER, view, **registration.gaps),
                                  line.phone.address)
    line.phone.receive("REGISTER of the other phone")
    t.equal([each["inside"]["address"] for each in t.alg.calls(net, "registration")
             if each["expires"] > GRACE], [], "registrations that are resumed")


@case("off for longer than timeout-suspend: the registration ends, a call ends with its BYE")
def off_stays(t, net):
    t.set(net, "set", "timeout-suspend", "1")
    line, call, audio = _up(t, net)
    t.alg.tool(net, "off")
    wait_until(lambda: not t.alg.calls(net, "registration"), "the registration ends", FLOWS_END)
    audio.both_ways()
    call.hang_up()
    call.closed(audio)


@case("off --now, and call kill, end at once: nothing is suspended")
def off_now(t, net):
    _up(t, net)
    t.alg.tool(net, "off", "--now")
    t.equal((t.alg.calls(net, None), t.alg.bindings(net)), ([], []), "calls and bindings")
    t.alg.switch_on(net)
    t.equal((t.alg.calls(net, None), t.alg.bindings(net)), ([], []), "calls after `on`")


@case("timeout-suspend is a setting: 120 s unless set")
def setting(t, net):
    t.equal(t.alg.show(net, "show", "settings").get("timeout-suspend"), 120, "initial value")
    t.set(net, "set", "timeout-suspend", "7")
    t.equal(t.alg.show(net, "show", "settings").get("timeout-suspend"), 7, "value that was set")
    t.set(net, "set", "timeout-suspend", "default")
    t.equal(t.alg.show(net, "show", "settings").get("timeout-suspend"), 120, "default value")


# --- many addresses ----------------------------------------------------------------

# One INVITE from the namespace's own address, which makes bindings.
INVITE = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.1.0.1", 5060))
s.sendto(b"INVITE sip:b@10.1.0.9 SIP/2.0\\r\\n"
         b"Via: SIP/2.0/UDP 10.1.0.1:5060;branch=z9hG4bKx\\r\\nFrom: <sip:a@x>;tag=a\\r\\n"
         b"To: <sip:b@x>\\r\\nCall-ID: x\\r\\nCSeq: 1 INVITE\\r\\n"
         b"Contact: <sip:a@10.1.0.1:5060>\\r\\nContent-Type: application/sdp\\r\\n"
         b"Content-Length: 85\\r\\n\\r\\nv=0\\r\\no=a 1 1 IN IP4 10.1.0.1\\r\\ns=-\\r\\n"
         b"c=IN IP4 10.1.0.1\\r\\nt=0 0\\r\\nm=audio 9000 RTP/AVP 0\\r\\n", ("10.1.0.9", 5060))
"""


def _seconds_to_end(net, with_call):
    """Delete a namespace with many addresses; return how long another one's end takes then."""
    many, other = (f"{net.router.namespace.name}-{name}" for name in ("many", "other"))
    run("ip", "netns", "add", many)
    lines = ["link add d0 type dummy", "addr add 10.1.0.1/16 dev d0", "link set d0 up",
             "link set lo up"]
    run("ip", "-n", many, "-batch", "-", stdin="\n".join(lines))
    run(alg.TOOL, "-n", many, "on", "default")
    if with_call:
        run("ip", "netns", "exec", many, "python3", "-", stdin=INVITE)
        stats = json.loads(run(alg.TOOL, "-j", "-n", many, "stats").stdout)
        if not stats["bindings_now"]:
            raise Missing(f"no bindings in {many}")
    run("ip", "-n", many, "-batch", "-", stdin="link add d1 type dummy\n" + "".join(
        f"addr add 10.2.{number // 250}.{number % 250 + 1}/32 dev d1\n"
        for number in range(MANY)) + "link set d1 up\n")
    run("ip", "netns", "del", many)
    began = time.monotonic()
    # The kernel may end the first of them together with the one before, but not the second.
    for _ in range(2):
        run("ip", "-batch", "-", stdin=f"netns add {other}\n"
            f"link add here type veth peer name there netns {other}\nnetns del {other}\n")
        wait_until(lambda: run("ip", "link", "show", "here", check=False).returncode,
                   "the end of the other namespace", FLOWS_END)
    return time.monotonic() - began


@case("thousands of addresses that vanish do not hold up the end of another namespace")
def many_addresses(t, net):
    without, within = (_seconds_to_end(net, with_call) for with_call in (False, True))
    print(f"# {within:.1f} s with a call, {without:.1f} s without", flush=True)
    t.true(within <= 2 * without + 1,
           f"it takes no longer with a call ({within:.1f} s) than without ({without:.1f} s)")


if __name__ == "__main__":
    ksft.main()
