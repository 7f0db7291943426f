#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Calls with programs of other projects: Kamailio as the registrar and proxy, with digest
authentication and without any NAT support, baresip as the phones, SIPp for many calls."""

from lib import ksft, phones
from lib.endpoint import wait_until
from lib.ksft import case
from lib.programs import PATIENCE, Programs
from lib.topology import SERVER

CALLS = 300
CALLS_A_SECOND = 30


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
        phones.registrar(programs, net)
        phones.phone(programs, net.phone1, "alice")
        wait_until(lambda: phones.registrations(t, net), "alice is registered", PATIENCE)
        bob = phones.phone(programs, net.media, "bob", dial="alice")
        wait_until(lambda: phones.is_heard(t, net), "both phones are heard", PATIENCE)
        bob.end()
        phones.over(t, net)
        t.equal(len(phones.registrations(t, net)), 1, "registrations that stay")


#    | INVITE              |                     |                 |
#    |-------------------->|-------------------->|---------------->|
#    |<===================== RTP =================================>|
#    | BYE                 |                     |                 |
#    |-------------------->|-------------------->|---------------->|
@case("two phones call baresip through Kamailio, with the same ports inside")
def calling(t, net):
    with Programs(t, "kamailio", "baresip") as programs:
        phones.registrar(programs, net)
        phones.phone(programs, net.media, "bob")
        phones.phone(programs, net.media, "carol", port=5070)
        alice = phones.phone(programs, net.phone1, "alice", dial="bob")
        dave = phones.phone(programs, net.phone2, "dave", dial="carol")
        wait_until(lambda: phones.is_heard(t, net, calls=2), "all four phones are heard", PATIENCE)
        alice.end()
        wait_until(lambda: len(t.alg.calls(net)) == 1, "the first call is over", PATIENCE)
        before = phones.heard(t, net)[0]
        wait_until(lambda: min(now - then for now, then in zip(phones.heard(t, net)[0], before))
                   > phones.HEARD, "the second call goes on", PATIENCE)
        dave.end()
        phones.over(t, net)


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
        phones.over(t, net)


if __name__ == "__main__":
    ksft.main()
