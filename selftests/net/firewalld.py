#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""firewalld accepts our example policy, and calls work with it."""

import contextlib
import functools
import os
import subprocess

from lib import ksft
from lib.endpoint import wait_until
from lib.ladder import Line
from lib.programs import PATIENCE, Programs

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "../../userspace/examples/firewalld-policy.xml")
SETTINGS = "/etc/firewalld/firewalld.conf"

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=%s/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
  </policy>
</busconfig>
"""

case = functools.partial(ksft.case, switched_on=False, only_sipalg=True)


def _text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@contextlib.contextmanager
def firewalld(t, router):
    """firewalld on the router with a D-Bus of its own; it replaces the rules there."""
    with Programs(t, "firewalld", "dbus-daemon") as programs:
        router.run("nft", "flush", "ruleset")
        bus = programs.start(router, "dbus-daemon", "--nofork", "--config-file=%s/bus.conf",
                             **{"bus.conf": BUS})
        wait_until(lambda: os.path.exists(f"{bus.folder}/bus"), "the bus")
        environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={bus.folder}/bus"}
        programs.start(router, "firewalld", "--nofork", "--nopid", "--system-config", "%s/etc",
                       "--log-file", "%s/log", environment=environment, **{
                           "etc/firewalld.conf": _text(SETTINGS),
                           "etc/policies/sipalg.xml": _text(EXAMPLE)})

        def ask(*words):
            with router.namespace:
                return subprocess.run(["firewall-cmd", *words], text=True, capture_output=True,
                                      env={**os.environ, **environment}, timeout=PATIENCE)

        wait_until(lambda: not ask("--state").returncode, "firewalld runs", PATIENCE)
        for zone, dev in (("internal", "lan1"), ("external", "wan")):
            done = ask(f"--zone={zone}", f"--add-interface={dev}")
            if done.returncode:
                raise RuntimeError(done.stderr)
        yield


@case("a call is heard both ways with the example policy alone, and with a scope that is on")
def a_call(t, net):
    with firewalld(t, net.router):
        line = Line(t, net)
        for rtp in (4000, 4100):
            call = line.dialog(rtp=rtp, far=rtp + 2000)
            call.call()
            audio = call.audio()
            audio.both_ways()
            call.hang_up()
            call.closed(audio)
            t.alg.switch_on(net)
        t.equal([each["name"] for each in t.alg.show(net, "check") if each["level"] == "problem"],
                [], "findings of sipalg check")


if __name__ == "__main__":
    ksft.main()
