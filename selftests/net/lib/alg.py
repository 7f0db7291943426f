# SPDX-License-Identifier: GPL-2.0-only
"""The ALG under test: sipalg, the kernel's own (stock), or none.

  ALG      sipalg (default), stock or none
  SIPALG_KO  the module's file; else modprobe finds nf_sipalg
  SIPALG     the tool; else the one in PATH
  STOCK_OPTIONS  parameters of nf_conntrack_sip, as "sip_direct_media=0"
"""

import contextlib
import json
import os

from .endpoint import wait_until
from .netns import run

KO = os.environ.get("SIPALG_KO")
TOOL = os.environ.get("SIPALG", "sipalg")
# Seconds that the kernel may take to clear away a deleted namespace.
NAMESPACE_END = 30


class CannotLoad(Exception):
    """The module is not there, or this kernel takes none."""


class Unanswered(Exception):
    """Only sipalg could have told the test what it asked."""


def is_loaded(module):
    """Is a module of this name in the kernel?"""
    with open("/proc/modules", encoding="ascii") as modules:
        return any(line.split()[0] == module for line in modules)


@contextlib.contextmanager
def installed():
    """In a `with` block modprobe finds the module, even if it is a file that is not installed."""
    if not KO:
        yield
        return
    needs = run("modinfo", "-F", "depends", KO).stdout.strip().replace(",", " ")
    path = "/run/modprobe.d/sipalg-selftest.conf"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(f"install nf_sipalg modprobe -a {needs} && insmod {os.path.abspath(KO)}\n")
    try:
        yield
    finally:
        os.remove(path)


class Sipalg:
    """This project's module, switched by its tool."""

    name = "sipalg"
    module = "nf_sipalg"

    def is_loaded(self):
        """Is the module there?"""
        return is_loaded(self.module)

    def load(self):
        """Load the module."""
        if self.is_loaded():
            return
        done = self.try_load()
        if done.returncode:
            raise CannotLoad(done.stderr.strip())

    def try_load(self):
        """Try to load the module; return what insmod or modprobe said."""
        if not KO:
            return run("modprobe", self.module, check=False)
        needs = run("modinfo", "-F", "depends", KO).stdout.strip()
        for module in filter(None, needs.split(",")):
            run("modprobe", module)
        return run("insmod", KO, check=False)

    def unload(self):
        """Unload the module.

        A namespace that is gone by name may still be there for a moment, with
        firewall rules that use the module.
        """
        if self.is_loaded():
            wait_until(lambda: not run("rmmod", self.module, check=False).returncode,
                       f"{self.module} can be unloaded", NAMESPACE_END)

    def switch_on(self, net):
        """Make it act on what passes the router's wan."""
        self.tool(net, "on", "dev", "wan")

    @staticmethod
    def tool(net, *words, check=True):
        """Run the tool on the router."""
        return net.router.run(TOOL, *words, check=check)

    def show(self, net, *words):
        """Return what the tool prints as JSON."""
        return json.loads(self.tool(net, "-j", *words).stdout)

    def counters(self, net):
        """Return the router's counters by name."""
        return self.show(net, "stats")

    def bindings(self, net, *ports):
        """Return the router's bindings of these outside ports, or all."""
        return [each for each in self.show(net, "binding", "show")
                if not ports or each["outside"]["port"] in ports]

    def calls(self, net, kind="dialog"):
        """Return the router's calls, or whatever else the table holds, or (None) all of it."""
        return [each for each in self.show(net, "call", "show") if kind in (None, each["kind"])]


class Unseen:
    """A table that nobody can look into: it may be taken for empty, as after a call.

    Whoever asks for an entry of it, or counts them, has asked the wrong ALG.
    """

    def __bool__(self):
        return False

    def __eq__(self, other):
        return other == [] or self._refuse()

    def __iter__(self):
        return self._refuse()

    def __len__(self):
        return self._refuse()

    def __getitem__(self, _):
        return self._refuse()

    @staticmethod
    def _refuse():
        raise Unanswered("asks what sipalg alone can show")


class Other:
    """An ALG that can be asked nothing: what it does is seen from outside alone."""

    def tool(self, *_, **__):
        """There is no tool."""
        raise Unanswered("asks sipalg's tool")

    def show(self, *_):
        """There is no tool."""
        return self.tool()

    def counters(self, *_):
        """It counts nothing, or does not tell."""
        raise Unanswered("asks for sipalg's counters")

    def bindings(self, *_):
        """It has none that could be shown."""
        return Unseen()

    def calls(self, *_):
        """It has none that could be shown."""
        return Unseen()


class Stock(Other):
    """nf_conntrack_sip and nf_nat_sip, switched by a firewall rule."""

    name = "stock"

    def is_loaded(self):
        """Is the pair there?"""
        return is_loaded("nf_nat_sip")

    def load(self):
        """Load the pair."""
        try:
            run("modprobe", "nf_conntrack_sip", *os.environ.get("STOCK_OPTIONS", "").split())
            run("modprobe", "nf_nat_sip")
        except RuntimeError as error:
            raise CannotLoad(str(error)) from None

    def unload(self):
        """Unload the pair."""
        for module in ("nf_nat_sip", "nf_conntrack_sip"):
            if is_loaded(module):
                run("rmmod", module)

    def switch_on(self, net):
        """Assign the helper by rule; there is no other way."""
        net.assign_helper()


class Nothing(Other):
    """No ALG at all: what the NAT alone does."""

    name = "none"

    def is_loaded(self):
        """There is nothing to load."""
        return True

    def load(self):
        """Nothing to load."""

    def unload(self):
        """Nothing to unload."""

    def switch_on(self, net):
        """Nothing to switch on."""


def can_load_modules():
    """Is this root, and a kernel that takes modules?"""
    return os.geteuid() == 0 and os.path.exists("/proc/modules")


def chosen():
    """Return the ALG that the environment asks for."""
    kinds = {kind.name: kind for kind in (Sipalg, Stock, Nothing)}
    return kinds[os.environ.get("ALG", "sipalg")]()
