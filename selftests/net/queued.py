#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""First packets that a program in the firewall holds back for a while."""

import functools

from lib import ksft, sip
from lib.ladder import Line
from lib.queue import Queue
from lib.topology import SIP_PORT

case = functools.partial(ksft.case, only_sipalg=True)

# After the NAT has been set up, and before conntrack confirms the flow.
_RULES = """
table inet hold {{
	chain postrouting {{
		type filter hook postrouting priority srcnat + 10;
		{match} queue num 7
	}}
}}
"""


def _hold(net, match):
    net.router.run("nft", "-f", "-", stdin=_RULES.format(match=match))
    return Queue(net.router, 7)


#  phone1     phone2             router               server      media
#    | REGISTER |                  |                    |           |
#    |---------------------------->| is held            |           |
#    |          | REGISTER         |                    |           |
#    |          |----------------->|------------------------------->|
@case("two phones begin at a time: each gets an outside port of its own")
def two_phones(t, net):
    queue = _hold(net, 'iifname "lan1" udp dport 5060')
    first, second = Line(t, net), Line(t, net, phone=net.phone2, server=net.media.udp(SIP_PORT))
    registration = first.dialog()
    first.phone.send(registration.text(sip.REGISTER, registration.inside), first.server.address)
    packet = queue.held()
    second.register()
    queue.release(packet)
    registration.learn(first.server.receive("REGISTER"))
    t.true(first.outside_port != second.outside_port,
           f"two ports ({first.outside_port}, {second.outside_port})")
    queue.close()


if __name__ == "__main__":
    ksft.main()
