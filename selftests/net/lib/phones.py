# SPDX-License-Identifier: GPL-2.0-only
"""Kamailio as the registrar and proxy, with digest authentication and without any NAT
support; baresip as the phones; coturn as the STUN server."""

import struct

from .endpoint import wait_until
from .programs import PATIENCE
from .topology import SERVER

STUN_PORT = 3478
# RFC 8489: type, length, magic cookie, transaction.
BINDING_REQUEST = struct.pack("!HHI12s", 1, 0, 0x2112a442, b"are you here")

# Packets of a stream that has been heard for a while, at 20 ms each.
HEARD = 100

KAMAILIO = """
children=2
log_stderror=yes
debug=1
fork=yes
auto_aliases=no
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "siputils.so"
loadmodule "textops.so"
request_route {
	if (is_method("REGISTER")) {
		if (!pv_www_authenticate("$td", "secret", "0")) {
			www_challenge("$td", "1");
			exit;
		}
		save("location");
		exit;
	}
	if (has_totag()) {
		if (loose_route()) {
			t_relay();
		} else if (is_method("ACK") && t_check_trans()) {
			t_relay();
		}
		exit;
	}
	if (is_method("CANCEL")) {
		t_relay();
		exit;
	}
	if (is_method("INVITE")) {
		if (!pv_proxy_authenticate("$fd", "secret", "0")) {
			proxy_challenge("$fd", "1");
			exit;
		}
		consume_credentials();
		record_route();
	}
	if (!lookup("location")) {
		sl_send_reply("404", "Not Found");
		exit;
	}
	t_relay();
}
"""

BARESIP = """
module_path /usr/lib/baresip/modules
module g711.so
module aubridge.so
module stun.so
module ice.so
module_tmp account.so
module_app menu.so
module uuid.so
sip_listen {address}:{port}
audio_source aubridge,loop
audio_player aubridge,loop
audio_alert aubridge,alert
audio_path /nonexistent
rtp_ports 10000-10020
ice_debug yes
"""

ACCOUNT = "<sip:{name}@{server}>;auth_pass=secret;regint=60;answermode=auto;audio_codecs=pcmu"


def registrar(programs, net):
    """Start Kamailio on the server."""
    net.router.namespace.sysctl("net.netfilter.nf_conntrack_acct", 1)
    programs.start(net.server, "kamailio", "-f", "%s/kamailio.cfg", "-DD", "-E", "-m", "16",
                   "-M", "4", "-w", "%s", "-Y", "%s", "-l", f"udp:{SERVER}:5060",
                   **{"kamailio.cfg": KAMAILIO})


def stun_server(programs, net):
    """Start coturn on the server, as a STUN server alone."""
    programs.start(net.server, "turnserver", "-n", "-S", "-L", SERVER, "--no-tls", "--no-dtls",
                   "--no-cli", "--log-file", "stdout", "--pidfile", "%s/pid",
                   "--userdb", "%s/users")
    asking = net.media.udp(0)

    def answers():
        asking.send(BINDING_REQUEST, (SERVER, STUN_PORT))
        return asking.waiting()

    wait_until(answers, "the STUN server answers", PATIENCE)


def phone(programs, host, name, port=5060, dial=None, options=""):
    """Start baresip; `options` are those of its account, `dial` is whom it calls at once."""
    words = ["baresip", "-f", "%s"]
    if dial:
        words += ["-e", f"/dial sip:{dial}@{SERVER}"]
    account = ACCOUNT.format(name=name, server=SERVER) + options
    return programs.start(host, *words, config=BARESIP.format(address=host.address, port=port),
                          accounts=account + "\n", contacts="")


def registrations(t, net):
    """Return those of the phones behind the router."""
    return [each for each in t.alg.calls(net, "registration") if each["state"] == "confirmed"]


def heard(t, net):
    """Return the packets that the calls' audio has had, each way."""
    return [(each["out"]["packets"], each["in"]["packets"])
            for call in t.alg.calls(net) if call["state"] == "confirmed"
            for each in call["streams"] if each["kind"] == "rtp" and "in" in each]


def is_heard(t, net, calls=1):
    """Have so many calls, and no others, been heard for a while, each way?"""
    ways = heard(t, net)
    return len(ways) == calls and all(min(each) >= HEARD for each in ways)


def over(t, net):
    """Check that nothing is left of the calls."""
    wait_until(lambda: not t.alg.calls(net), "the call is over", PATIENCE)
    t.equal([each for each in t.alg.bindings(net) if each["kind"] != "signalling"], [],
            "media bindings after the call")
