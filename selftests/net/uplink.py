#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Media that begins outside, and then leaves by another uplink."""

import functools

from lib import ksft, nat
from lib.endpoint import wait_until
from lib.ladder import Line
from lib.topology import MEDIA, OUTSIDE, SERVER

case = functools.partial(ksft.case, only_sipalg=True)


@case("the route changes during a call: no media leaves by the one uplink with the other's address")
def uplink_media(t, net):
    nat.second_uplink(net)
    t.alg.tool(net, "on", "dev", "wan2")
    call = Line(t, net).dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    nat.route(net, SERVER, MEDIA, via=nat.GATEWAY)
    seen = set()

    def is_there():
        audio.phone.send(b"anybody there?", audio.far.address)
        seen.update(got.source[0] for got in audio.far.waiting())
        return nat.UPLINK in seen

    wait_until(is_there, "media leaves with the other uplink's address")
    t.true(OUTSIDE not in seen, f"and with no other ({seen})")


if __name__ == "__main__":
    ksft.main()
