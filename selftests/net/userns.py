#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Root of a user namespace controls its own network namespace and no other."""

import functools
import json

from lib import alg, ksft

case = functools.partial(ksft.case, switched_on=False, only_sipalg=True)


def _in_userns(t, net, *options, script):
    """Run a script as root of a new user namespace on the router."""
    if net.router.run("unshare", "-Ur", "true", check=False).returncode:
        t.skip("no user namespaces here")
    return net.router.run("unshare", "-Ur", *options, "sh", "-ec", script, alg.TOOL,
                          check=False)


@case("root of a user namespace can set the policy of its own network namespace")
def own(t, net):
    done = _in_userns(t, net, "-n", script='"$0" on default; "$0" -j policy show')
    t.equal(done.returncode, 0, f"exit status ({done.stderr.strip()})")
    t.equal(json.loads(done.stdout), [{"default": True, "mode": "on"}], "policies of the new namespace")
    t.equal(t.alg.show(net, "policy", "show"), [{"default": True, "mode": "rule"}],
            "the router's policies")


@case("root of a user namespace cannot set the policy of another's network namespace")
def foreign(t, net):
    for words in ("on default", "off", "policy del dev wan", "policy flush"):
        done = _in_userns(t, net, script=f'"$0" {words}')
        t.equal(done.returncode, 1, f"exit status of {words!r}")
        t.true("permitted" in done.stderr.lower(), f"the tool says why: {done.stderr!r}")
    t.equal(t.alg.show(net, "policy", "show"), [{"default": True, "mode": "rule"}],
            "the router's policies")


if __name__ == "__main__":
    ksft.main()
