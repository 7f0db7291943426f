#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Record what each command of the tool prints, on a router that has a call.

Environment: SIPALG_KO and SIPALG, as for the tests. scripts/record runs this.
"""

import os
import subprocess
import sys

from lib import alg, netns, sip
from lib.endpoint import wait_until
from lib.ladder import Line
from lib.netns import PROGRAM_LIMIT
from lib.topology import SERVER, Network

# State of a listener before it gets any event.
_GENERIC = "16"


class Checks:
    """As lib.ksft's, for the ladder: what is recorded has been checked elsewhere."""

    alg = alg.Sipalg()

    def equal(self, got, want, what):
        """Two values have to be the same."""
        if got != want:
            raise RuntimeError(f"{what}: {got!r}, not {want!r}")

    same = equal


def _show(words, output):
    print(f"    # sipalg {words}")
    for line in output.splitlines():
        print(f"    {line}".rstrip())
    print(flush=True)


class Recorder:
    """A router at whose terminal somebody types."""

    def __init__(self, net):
        self.net = net

    def run(self, words, host=None):
        """Type a command, and show it with what it prints."""
        done = (host or self.net.router).run("sh", "-c", f'"$0" {words}', alg.TOOL, check=False)
        _show(words, done.stdout + done.stderr)

    def watch(self, words, meanwhile):
        """Type a command that waits for something, and let that happen."""
        with self.net.router.namespace:
            before = _listening()
            program = subprocess.Popen([alg.TOOL, *words.split()], stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True)
            wait_until(lambda: _listening() > before, "it listens")
        meanwhile()
        _show(words, program.communicate(timeout=PROGRAM_LIMIT)[0])


def _listening():
    with open("/proc/net/netlink", encoding="ascii") as file:
        rows = [line.split() for line in file][1:]
    return sum(int(row[3], 16).bit_count() for row in rows if row[1] == _GENERIC)


def _end(call, audio):
    call.hang_up()
    call.closed(audio)


def _record(net):
    recorder = Recorder(net)
    net.router.namespace.sysctl("net.netfilter.nf_conntrack_acct", 1)
    line = Line(Checks(), net)

    recorder.run("observe dev wan")
    recorder.watch("monitor --messages count 1",
                   lambda: line.dialog(mapped=False).up(sip.REGISTER))
    recorder.run("on dev wan")
    recorder.run("off dev ppp0")
    recorder.run("policy show")
    recorder.run("p sh")
    recorder.run("policy shwo")
    recorder.run("set trace-bytes 1048576")
    recorder.run("set log-names users")
    recorder.run("settings show")
    recorder.run("settings help media-source")
    line.register()
    call = line.dialog()
    recorder.watch("monitor count 4", call.call)
    audio = call.audio()
    audio.both_ways()
    recorder.run("call show")
    recorder.run("call show brief")
    recorder.run("call trace id 2")
    recorder.run("binding show flows")
    other = line.dialog()
    line.send_up(other.text(sip.INVITE, other.inside, body=sip.OFFER.replace("v=0", "v=0\nv=0")),
                 "INVITE")
    recorder.watch("log count 1", lambda: _end(call, audio))
    recorder.run("stats show explain")
    recorder.run("stats show prometheus | head -6")
    recorder.run("check")
    recorder.run("policy save")
    recorder.run("help call")
    line.server.close()
    with net.server.namespace:
        answering = subprocess.Popen([alg.TOOL, "exercise", "--answer"],
                                     stdout=subprocess.DEVNULL)
    wait_until(lambda: ":40200 " in net.server.run("ss", "-lun").stdout, "it listens")
    recorder.run(f"exercise --through eth0 --peer {SERVER}", host=net.phone1)
    answering.terminate()
    answering.wait(PROGRAM_LIMIT)
    recorder.run("off --now")


def main():
    """Record everything; return the exit status."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.environ["TZ"] = "UTC"
    Checks.alg.load()
    with Network() as net:
        _record(net)
    with alg.installed():
        done = netns.run(alg.TOOL, "exercise", "--stock", check=False)
    _show("exercise --stock", done.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
