#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The packages are replaced by the next version, removed and purged while a call is up.

For the virtual machine alone, which has the packages installed: selftests/package/run
starts it there. dpkg, DKMS and the scripts of the packages are the real ones. Of what
they call, two things are not: the compiler (an emulated machine takes hours) hands out
a module that was made before, and there is no systemd.

  NEXT     directory with the packages of the next version
  NEXT_KO  the module of that version
"""

import contextlib
import glob
import json
import os
import subprocess

from lib import ksft, sip
from lib.ladder import Line
from lib.netns import run

PACKAGES = ("sipalg", "sipalg-dkms")
TOOL = "/usr/sbin/sipalg"
# Seconds between packets of each side.
PACE = 0.1

# Where dpkg and DKMS look first. A unit that is active is not started again.
STUBS = "/run/stubs"
MAKE = f"""#!/bin/sh
case " $* " in *" module "*) ;; *) exit ;; esac
mkdir -p build/{os.uname().release}
cp "$NEXT_KO" build/{os.uname().release}/nf_sipalg.ko
"""
INVOKE = """#!/bin/sh
echo "$*" >>/run/stubs/asked
[ "$*" != "stop sipalg.service" ] || $(sed -n s/^ExecStop=//p /lib/systemd/system/sipalg.service)
"""

# depmod reads every module and man-db every page: leave the modules that are in use or
# will be, and no page.
SMALL = r"""
modprobe nf_conntrack_netlink
cd "/lib/modules/$(uname -r)"
mkdir -p /run/modules
cp -a --parents build updates modules.order modules.builtin* $(
	lsmod | sed 1d | cut -d' ' -f1 | xargs modinfo -n | sed -n "s|^$PWD/||p") /run/modules
mount --bind /run/modules .
depmod
rm -f /var/lib/man-db/auto-update
"""


def _prepare():
    os.makedirs(STUBS)
    os.makedirs("/run/systemd/system", exist_ok=True)
    for name, text in (("make", MAKE), ("deb-systemd-invoke", INVOKE),
                       ("systemctl", "#!/bin/sh\n")):
        with open(f"{STUBS}/{name}", "w", encoding="ascii",
                  opener=lambda path, flags: os.open(path, flags, 0o755)) as file:
            file.write(text)
    run("sh", "-ec", SMALL)
    os.environ.update(PATH=f"{STUBS}:{os.environ['PATH']}", DEBIAN_FRONTEND="noninteractive")


def _dpkg(t, net, audio, *words):
    """Run dpkg on the router. Each side hears the other all the time."""
    rounds = 0
    with open("/run/dpkg.log", "w+", encoding="utf-8") as log:
        with net.router.namespace:
            dpkg = subprocess.Popen(("dpkg", *words), stdout=log, stderr=log)
        while dpkg.poll() is None:
            audio.both_ways()
            rounds += 1
            with contextlib.suppress(subprocess.TimeoutExpired):
                dpkg.wait(PACE)
        audio.both_ways()
        log.seek(0)
        print("".join(f"# {line}" for line in log), end="")
    print(f"# dpkg {words[0]}: {rounds} times both sides were heard", flush=True)
    t.equal(dpkg.returncode, 0, f"exit status of dpkg {words[0]}")
    t.true(rounds > 10, "the call went on meanwhile")


def _loaded():
    with open("/sys/module/nf_sipalg/version", encoding="ascii") as file:
        return file.read().strip()


def _rules(net):
    return net.router.run("nft", "--stateless", "list", "ruleset").stdout


@ksft.case("the packages are upgraded, removed and purged under a call, which goes on")
def upgrade(t, net):
    net.assign_helper()
    line = Line(t, net)
    call = line.dialog()
    call.call()
    audio = call.audio()
    audio.both_ways()
    _prepare()
    rules, before = _rules(net), _loaded()
    policies = t.alg.tool(net, "policy", "save").stdout

    _dpkg(t, net, audio, "--install",
          *(glob.glob(f"{os.environ['NEXT']}/{package}_*.deb")[0] for package in PACKAGES))
    t.equal(_rules(net), rules, "the firewall after the upgrade")
    t.equal(_loaded(), before, "version of the module that is loaded")
    there = run("modinfo", "-F", "version", "nf_sipalg").stdout.strip()
    t.equal(run(TOOL, "-V").stdout, f"sipalg {there}\n", "versions of the next packages")
    t.true(there != before, "they are others than before")
    # The next version's tool, with the module of the one before.
    t.equal(net.router.run(TOOL, "policy", "save").stdout, policies, "policies")
    found = json.loads(net.router.run(TOOL, "-j", "check", check=False).stdout)
    t.true(any(each["name"] == "version" for each in found), "check tells of two versions")
    call.is_in("confirmed")
    call.exchange(cseq=2)
    audio.both_ways()
    other = line.dialog(rtp=4010, far=6010)
    other.call()
    other.audio().both_ways()
    other.hang_up()

    _dpkg(t, net, audio, "--remove", *PACKAGES)
    t.equal(_rules(net), rules, "the firewall after the removal")
    t.equal(t.alg.tool(net, "policy", "save").stdout, "set default off\n", "policies")
    t.true(not os.path.exists(TOOL), "the tool is gone")
    t.true(run("modinfo", "nf_sipalg", check=False).returncode, "the module's file is gone")
    t.equal(_loaded(), before, "version of the module that is loaded")
    _dpkg(t, net, audio, "--purge", *PACKAGES)
    t.equal(_rules(net), rules, "the firewall after the purge")

    # What was up is finished properly; what is new passes as it is.
    call.hang_up()
    call.over(audio)
    line.dialog(mapped=False).up(sip.REGISTER)


if __name__ == "__main__":
    ksft.main()
