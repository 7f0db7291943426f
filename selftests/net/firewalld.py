#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""firewalld takes the example for it, and calls work by its rules."""

import functools
import os
import shutil
import subprocess
import tempfile

from lib import ksft
from lib.endpoint import wait_until
from lib.ladder import Line

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "../../userspace/examples/firewalld-policy.xml")
# A Python program with hundreds of rules, in an emulated machine.
START = 60

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={path}/bus</listen>
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


class Firewalld:
    """firewalld on the router, in place of the rules there, with a bus of its own."""

    def __init__(self, t, net):
        for program in ("firewalld", "dbus-daemon"):
            if not shutil.which(program):
                t.skip(f"no {program}")
        self._router = net.router
        self._running = []

    def __enter__(self):
        self._directory = tempfile.TemporaryDirectory()
        path = self._directory.name
        self._environment = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={path}/bus"}
        os.makedirs(f"{path}/etc/policies")
        shutil.copy(EXAMPLE, f"{path}/etc/policies/sipalg.xml")
        shutil.copy("/etc/firewalld/firewalld.conf", f"{path}/etc")
        with open(f"{path}/bus.conf", "w", encoding="ascii") as file:
            file.write(BUS.format(path=path))
        self._router.run("nft", "flush", "ruleset")
        self._start("dbus-daemon", "--nofork", f"--config-file={path}/bus.conf")
        wait_until(lambda: os.path.exists(f"{path}/bus"), "the bus")
        self._start("firewalld", "--nofork", "--nopid", "--system-config", f"{path}/etc",
                    "--log-file", f"{path}/log")
        wait_until(lambda: not self._ask("--state").returncode, "firewalld runs", START)
        for zone, dev in (("internal", "lan1"), ("external", "wan")):
            done = self._ask(f"--zone={zone}", f"--add-interface={dev}")
            if done.returncode:
                raise RuntimeError(done.stderr)
        return self

    def _start(self, *argv):
        with self._router.namespace:
            self._running.append(subprocess.Popen(
                argv, env=self._environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def _ask(self, *words):
        with self._router.namespace:
            return subprocess.run(["firewall-cmd", *words], env=self._environment, text=True,
                                  capture_output=True, timeout=START)

    def __exit__(self, *_):
        for program in reversed(self._running):
            program.terminate()
            program.wait(START)
        self._router.run("nft", "flush", "ruleset")
        self._directory.cleanup()


@case("by the example's policy alone, and with a scope that is on: a call is heard both ways")
def a_call(t, net):
    with Firewalld(t, net):
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
                [], "what check finds")


if __name__ == "__main__":
    ksft.main()
