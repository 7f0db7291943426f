#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A second router takes over while calls are up.

conntrackd(8) copies flows and their NAT mappings to it, so flows that exist go on. The
state of the module is not copied: the next signalling makes it again.
"""

import functools
import os

from lib import ksft, netns, sip
from lib.endpoint import wait_until
from lib.ladder import FLOWS_END, Line
from lib.programs import Programs
from lib.tcp import Connection, listen
from lib.topology import FIREWALL, OUTSIDE, SERVER, Host

case = functools.partial(ksft.case, only_sipalg=True)

# The routers' own link, and its two ends.
LINK = "sync"
NUMBERS = {"router": 1, "backup": 2}

CONFIG = """
Sync {{
	Mode FTFW {{
		DisableExternalCache off
		StartupResync yes
	}}
	UDP {{
		IPv4_address 10.0.0.{own}
		IPv4_Destination_Address 10.0.0.{other}
		Port 3780
		Interface sync
		Checksum on
	}}
}}
General {{
	HashSize 1024
	HashLimit 4096
	LogFile %s/log
	LockFile %s/lock
	UNIX {{ Path %s/socket }}
	NetlinkEventsReliable on
	Filter From Userspace {{
		Address Ignore {{
			IPv4_address 10.0.0.1
			IPv4_address 10.0.0.2
		}}
	}}
}}
"""

# conntrackd does not copy sequence adjustments, so connections must be reset.
RESET = """
insert rule inet firewall forward tcp dport 5060 tcp flags & syn == 0 ct state new \
	reject with tcp reset
"""


class Pair:
    """The network's router, and a backup that knows its flows.

    A cable that is taken from one and put into the other is what a switch sees
    when VRRP's address moves.
    """

    CABLES = {"lan1": "192.168.1.1", "lan2": "192.168.2.1", "wan": OUTSIDE}

    def __init__(self, t, net):
        self.t = t
        self.net = net
        self._old = None
        self._programs = Programs(t, "conntrackd")
        self._daemons = {}

    def __enter__(self):
        first = self.net.router
        self._name = first.namespace.name.replace("router", "backup")
        netns.create([self._name], [((first.namespace.name, LINK), (self._name, LINK))])
        self.backup = Host("backup", netns.Namespace(self._name), OUTSIDE)
        netns.configure({host.namespace: [
            f"addr add 10.0.0.{NUMBERS[host.role]}/24 dev {LINK}",
            "link set lo up", f"link set {LINK} up"] for host in (first, self.backup)})
        self.backup.namespace.sysctl("net.ipv4.ip_forward", 1)
        self.backup.run("nft", "-f", "-", stdin=FIREWALL)
        self._programs.__enter__()
        for host in (first, self.backup):
            self._daemons[host.role] = self._start(host)
        # Before it has any of the devices.
        self.t.alg.tool(self.net_of(self.backup), "on", "dev", "wan")
        return self

    def _start(self, host):
        own = NUMBERS[host.role]
        daemon = self._programs.start(host, "conntrackd", "-C", "%s/config",
                                      config=CONFIG.format(own=own, other=3 - own))
        wait_until(lambda: os.path.exists(f"{daemon.folder}/socket"),
                   f"conntrackd of {host.role}")
        return daemon

    def _ask_backup(self, option):
        folder = self._daemons["backup"].folder
        return self.backup.run("conntrackd", "-C", f"{folder}/config", option).stdout

    @staticmethod
    def net_of(host):
        """Return the network for methods of Sipalg, with another router in it."""
        return type("Net", (), {"router": host})

    def knows(self, count):
        """Wait until the backup knows so many replied flows."""
        def told():
            return [line for line in self._ask_backup("-e").splitlines()
                    if "src=" in line and "UNREPLIED" not in line]
        wait_until(lambda: len(told()) == count, f"the backup knows {count} flows")

    def dies(self):
        """Let the first router die, and the backup take over."""
        self._daemons["router"].kill()
        self.commit()
        self.move()

    def commit(self):
        """Have the backup commit its flows to the kernel."""
        self._ask_backup("-c")

    def give_up(self):
        """Take the outside address from the first router, which goes on otherwise."""
        self.net.router.run("ip", "addr", "del", f"{OUTSIDE}/24", "dev", "wan")

    def move(self):
        """Have the backup take the first router's place in the network."""
        self._old = self.net.router
        for dev in self.CABLES:
            self._old.run("ip", "link", "set", dev, "netns", self._name)
        lines = [line for dev, address in self.CABLES.items() for line in (
            f"addr add {address}/24 dev {dev}", f"link set {dev} up")]
        netns.configure({self.backup.namespace: [
            *lines, f"route add default via {SERVER}"]})
        self.net.router = self.backup

    def __exit__(self, *failure):
        self._programs.__exit__(*failure)
        self.net.router = self._old or self.net.router
        self.backup.close()
        netns.delete([self._name])


@case("a router dies: the call's media goes on, and its next offer makes bindings again")
def a_call(t, net):
    with Pair(t, net) as pair:
        line = Line(t, net)
        call = line.dialog()
        call.call()
        audio, control = call.audio(), call.rtcp()
        audio.both_ways()
        control.outward()
        before = {each["outside"]["port"] for each in t.alg.bindings(net)}
        pair.knows(2)
        pair.dies()
        t.equal(t.alg.bindings(net), [], "bindings of the backup")
        audio.both_ways()
        call.exchange(2)
        t.equal({each["outside"]["port"] for each in t.alg.bindings(net)}, before,
                "outside ports")
        audio.both_ways()
        control.both_ways()
        audio.other(net.media.udp(7000)).both_ways()
        call.hang_up()
        wait_until(lambda: not t.alg.bindings(net), "bindings go", FLOWS_END)
        net.media.udp(7001).send(b"a stranger's", audio.promised)
        line.send_down(b"\r\n\r\n", "a keep-alive")
        t.equal(audio.phone.waiting(), [], "a stranger's media after the call")


@case("a router dies: media that had no flow yet waits for the next offer")
def not_flowed(t, net):
    with Pair(t, net) as pair:
        call = Line(t, net).dialog()
        call.call()
        audio = call.audio()
        pair.knows(1)
        pair.dies()
        audio.far.send(b"lost", audio.promised)
        call.exchange(2)
        t.equal(audio.phone.waiting(), [], "media before the offer")
        audio.both_ways()


@case("a router dies, and then a call ends: each side understands the other's BYE")
def the_end(t, net):
    with Pair(t, net) as pair:
        call = Line(t, net).dialog()
        call.call()
        call.audio().both_ways()
        pair.knows(2)
        pair.dies()
        call.hang_up_remote()
        wait_until(lambda: not t.alg.bindings(net, 4000), "bindings go", FLOWS_END)


@case("a router dies: after the next refresh the phone can be called again")
def a_registration(t, net):
    with Pair(t, net) as pair:
        line = Line(t, net)
        registration = line.register()
        pair.knows(1)
        pair.dies()
        t.equal(t.alg.calls(net, "registration"), [], "registrations of the backup")
        again = {"cseq": 2, "branch": "again"}
        registration.up(sip.REGISTER, **again)
        registration.down(sip.REGISTER_OK, **again)
        t.equal(len(t.alg.calls(net, "registration")), 1, "registrations after the refresh")
        call = line.dialog()
        call.down(sip.INCOMING, body=sip.ANSWER)
        call.up(sip.INCOMING_OK, body=sip.OFFER)
        call.audio().both_ways()


@case("a router dies: the flow to the registrar lets calls in even before that refresh")
def a_call_in(t, net):
    with Pair(t, net) as pair:
        line = Line(t, net)
        line.register()
        pair.knows(1)
        pair.dies()
        call = line.dialog()
        call.down(sip.INCOMING, body=sip.ANSWER)
        call.up(sip.INCOMING_OK, body=sip.OFFER)
        call.audio().both_ways()


@case("planned switch, flows committed before the address moves: the media goes on")
def planned(t, net):
    with Pair(t, net) as pair:
        call = Line(t, net).dialog()
        call.call()
        audio = call.audio()
        audio.both_ways()
        pair.knows(2)
        pair.commit()
        pair.give_up()
        pair.move()
        audio.both_ways()
        call.exchange(2)
        audio.both_ways()


@case("planned switch, address moved first: the next offer brings the media back")
def address_first(t, net):
    with Pair(t, net) as pair:
        call = Line(t, net).dialog()
        call.call()
        audio = call.audio()
        audio.both_ways()
        pair.knows(2)
        pair.give_up()
        pair.knows(0)
        pair.commit()
        pair.move()
        audio.far.send(b"lost", audio.promised)
        call.exchange(2)
        t.equal(audio.phone.waiting(), [], "media before the offer")
        audio.both_ways()


@case("a router dies: a rule resets TCP connections, and the ALG follows new ones")
def connections(t, net):
    with Pair(t, net) as pair:
        pair.backup.run("nft", "-f", "-", stdin=RESET)
        listener = listen(net)
        line = Connection(net, listener=listener)
        line.up(t, sip.REGISTER)
        line.down(t, sip.REGISTER_OK)
        pair.knows(1)
        pair.dies()
        net.router.run("conntrack", "-D", "-p", "tcp", "--dport", "5060")
        line.phone.send(b"REGISTER ")
        try:
            line.phone.receive(1)
            t.differs("the connection is not reset")
        except ConnectionResetError:
            pass
        again = Connection(net, 40002, listener=listener)
        again.up(t, sip.REGISTER, cseq=2)
        again.down(t, sip.REGISTER_OK, cseq=2)


if __name__ == "__main__":
    ksft.main()
