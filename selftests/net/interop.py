#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Calls with programs of other projects: Kamailio as the registrar and proxy, with digest
authentication and without any NAT support, baresip as the phones, SIPp for many calls."""

from lib import ksft
from lib.endpoint import wait_until
from lib.ksft import case
from lib.programs import PATIENCE, Programs
from lib.topology import MEDIA, OUTSIDE, SERVER

# Packets of a stream that has been heard for a while, at 20 ms each.
HEARD = 100

CALLS = 300
CALLS_A_SECOND = 30

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
module_tmp account.so
module_app menu.so
module uuid.so
sip_listen {address}:{port}
audio_source aubridge,loop
audio_player aubridge,loop
audio_alert aubridge,alert
audio_path /nonexistent
rtp_ports 10000-10020
"""

ACCOUNT = "<sip:{name}@{server}>;auth_pass=secret;regint=60;answermode=auto;audio_codecs=pcmu\n"


def _registrar(programs, net):
    net.router.namespace.sysctl("net.netfilter.nf_conntrack_acct", 1)
    programs.start(net.server, "kamailio", "-f", "%s/kamailio.cfg", "-DD", "-E", "-m", "16",
                   "-M", "4", "-w", "%s", "-Y", "%s", "-l", f"udp:{SERVER}:5060",
                   **{"kamailio.cfg": KAMAILIO})


def _phone(programs, host, name, port=5060, dial=None):
    words = ["baresip", "-f", "%s"]
    if dial:
        words += ["-e", f"/dial sip:{dial}@{SERVER}"]
    return programs.start(host, *words, config=BARESIP.format(address=host.address, port=port),
                          accounts=ACCOUNT.format(name=name, server=SERVER), contacts="")


def _registrations(t, net):
    return [each for each in t.alg.calls(net, "registration") if each["state"] == "confirmed"]


def _heard(t, net):
    """Return the packets that the calls' audio has had, each way."""
    return [(each["out"]["packets"], each["in"]["packets"])
            for call in t.alg.calls(net) if call["state"] == "confirmed"
            for each in call["streams"] if each["kind"] == "rtp" and "in" in each]


def _is_heard(t, net, calls=1):
    heard = _heard(t, net)
    return len(heard) == calls and all(min(ways) >= HEARD for ways in heard)


def _over(t, net):
    wait_until(lambda: not t.alg.calls(net), "the call is over", PATIENCE)
    t.equal([each for each in t.alg.bindings(net) if each["kind"] != "signalling"], [],
            "media bindings after the call")


#  phone1                router              Kamailio            media
#  baresip                                                       baresip
#    | REGISTER            |                     |                 |
#    |-------------------->|-------------------->|                 |
#    |         401, again with credentials, 200  |                 |
#    |<--------------------|<------------------->|                 |
#    |                     |              INVITE |<----------------|
#    |<--------------------|<--------------------|                 |
#    |<===================== RTP =================================>|
#    | BYE                 |                     |                 |
#    |<--------------------|<--------------------|<----------------|
@case("baresip registers with Kamailio, is called, and heard both ways")
def called(t, net):
    with Programs(t, "kamailio", "baresip") as programs:
        _registrar(programs, net)
        _phone(programs, net.phone1, "alice")
        wait_until(lambda: _registrations(t, net), "alice is registered", PATIENCE)
        bob = _phone(programs, net.media, "bob", dial="alice")
        wait_until(lambda: _is_heard(t, net), "both phones are heard", PATIENCE)
        bob.end()
        _over(t, net)
        t.equal(len(_registrations(t, net)), 1, "registrations that stay")


#    | INVITE              |                     |                 |
#    |-------------------->|-------------------->|---------------->|
#    |<===================== RTP =================================>|
#    | BYE                 |                     |                 |
#    |-------------------->|-------------------->|---------------->|
@case("two phones call baresip through Kamailio, with the same ports inside")
def calling(t, net):
    with Programs(t, "kamailio", "baresip") as programs:
        _registrar(programs, net)
        _phone(programs, net.media, "bob")
        _phone(programs, net.media, "carol", port=5070)
        alice = _phone(programs, net.phone1, "alice", dial="bob")
        dave = _phone(programs, net.phone2, "dave", dial="carol")
        wait_until(lambda: _is_heard(t, net, calls=2), "all four phones are heard", PATIENCE)
        alice.end()
        wait_until(lambda: len(t.alg.calls(net)) == 1, "the first call is over", PATIENCE)
        before = _heard(t, net)[0]
        wait_until(lambda: min(now - then for now, then in zip(_heard(t, net)[0], before)) > HEARD,
                   "the second call goes on", PATIENCE)
        dave.end()
        _over(t, net)


#  phone1                   router              server
#  SIPp                                         SIPp
#    | INVITE, 180, 200, ACK, BYE, 200            |
#    |<---------------------->|<----------------->|  x CALLS
@case("SIPp makes hundreds of calls, and each ends as its scenario says")
def many(t, net):
    with Programs(t, "sipp") as programs:
        programs.start(net.server, "sipp", "-sn", "uas", "-i", SERVER, "-p", "5060", "-mp", "6000",
                       "-rtp_echo", "-nostdin", "-m", str(CALLS))
        with t.counted(net, calls=CALLS, passed_refused=0, passed_bad_value=0, passed_bad_sdp=0):
            caller = programs.start(
                net.phone1, "sipp", f"{SERVER}:5060", "-sn", "uac", "-i", net.phone1.address,
                "-p", "5060", "-mp", "4000", "-m", str(CALLS), "-r", str(CALLS_A_SECOND),
                "-d", "500", "-nostdin", "-timeout", str(PATIENCE), "-timeout_error")
            t.equal(caller.wait(2 * PATIENCE), 0, "exit status of SIPp")
        _over(t, net)


if __name__ == "__main__":
    ksft.main()
