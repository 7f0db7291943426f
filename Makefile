# SPDX-License-Identifier: GPL-2.0-only
#
# `make help` tells what can be made. Everything goes to build/; nothing is
# ever written among the sources.

ifneq ($(words $(CURDIR)),1)
$(error the kernel builds no module in a folder whose name has a blank: $(CURDIR))
endif

# --- which kernel ------------------------------------------------------------
#
# KVER is a kernel release, or the beginning of one ("6.1": the newest installed
# headers that fit), or "debug", or a name of scripts/kernels. KDIR, if given, is a
# kernel build tree and wins.

KERNEL_GIVEN := $(KVER)$(KDIR)
ifndef KDIR
KDIR := $(shell scripts/find-kernel $(KVER))
endif
ifneq ($(KDIR),)
override KVER := $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)
endif

# A tree that scripts/kernels fetched is built in with the compiler beside it.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/sipalg
KMAKE  = $(if $(filter $(CACHE)/root/%,$(KDIR)),scripts/kernels make,$(MAKE) -C)

O     := $(CURDIR)/build
KOUT  := $(O)/$(KVER)
KO    := $(KOUT)/nf_sipalg.ko

# --- tools -------------------------------------------------------------------

PREFIX ?= /usr/local
CC     ?= cc
STRIP  ?= strip
Q      := $(if $(filter 1,$(V)),,@)
say     = $(if $(Q),@printf '  %-7s %s\n' '$(1)' '$(patsubst $(CURDIR)/%,%,$(2))')

# Plain `make` uses all processors; an explicit -j is left alone.
jobs    = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

all: module tool

# --- module ------------------------------------------------------------------
#
# The kernel's build system puts objects beside their sources, so it is shown a
# mirror of links below build/, one for each kernel. The lock is for two makes at
# once, of which it has no notion.

module:
	$(if $(KDIR),,$(error no kernel headers found$(KVER:%= for KVER=%): on Debian install \
		linux-headers-$(or $(KVER),$(shell uname -r)), or name a kernel of scripts/kernels list))
	$(Q)mkdir -p $(KOUT)
	$(Q)+flock $(KOUT) $(MAKE) $(jobs) --no-print-directory KDIR=$(KDIR) kbuild

kbuild:
	$(Q)cp -rsf $(CURDIR)/Kbuild $(CURDIR)/kmod $(KOUT)/
	$(Q)find $(KOUT) -xtype l -delete
	$(Q)KMAKE='$(KMAKE)' scripts/probe $(KDIR) $(KOUT)
	$(Q)+$(KMAKE) $(KDIR) --no-print-directory M=$(KOUT) \
		$(if $(WERROR),KCFLAGS=-Werror) modules

# Prints where the module goes, for scripts.
print-ko:
	@echo $(KO)

# --- tool --------------------------------------------------------------------

TOOL_OBJS := $(patsubst userspace/%.c,$(O)/userspace/%.o,$(wildcard userspace/*.c userspace/lab/*.c))
TOOL_LIBS := libmnl libnetfilter_conntrack jansson

TOOL_CPPFLAGS = -Ikmod/uapi -Iuserspace -D_GNU_SOURCE $(shell pkg-config --cflags $(TOOL_LIBS))
TOOL_CFLAGS   = -std=gnu11 -O2 -g -Wall -Wextra \
	$(if $(filter 1,$(W)),-Wshadow -Wstrict-prototypes -Wmissing-prototypes) \
	$(if $(WERROR),-Werror)
TOOL_LDLIBS   = $(shell pkg-config --libs $(TOOL_LIBS))

tool:
	$(Q)+$(MAKE) $(jobs) --no-print-directory $(O)/sipalg

$(O)/sipalg: $(TOOL_OBJS)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TOOL_LDLIBS) $(LDLIBS)

$(O)/userspace/%.o: userspace/%.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CPPFLAGS) $(CPPFLAGS) $(TOOL_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(TOOL_OBJS:.o=.d)

# --- tests -------------------------------------------------------------------

unit: unit-core unit-tool

unit-core:
	$(Q)+$(MAKE) $(jobs) --no-print-directory -C selftests/unit run BUILD=$(O)/unit

unit-tool: tool
	$(Q)+$(MAKE) $(jobs) --no-print-directory -C selftests/tool run BUILD=$(O)/tool-tests \
		TOOL=$(O)/sipalg

check:
	$(Q)scripts/check

# --- installing --------------------------------------------------------------

VERSION     := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)

MODULE_DIR   = $(DESTDIR)/lib/modules/$(KVER)
MODPROBE_DIR = $(DESTDIR)/lib/modprobe.d
UNIT_DIR     = $(DESTDIR)/lib/systemd/system
CONF_DIR     = $(DESTDIR)/etc
BIN_DIR      = $(DESTDIR)$(PREFIX)/sbin
MAN_DIR      = $(DESTDIR)$(PREFIX)/share/man
COMP_DIR     = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
FISH_DIR     = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
ZSH_DIR      = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
EXAMPLE_DIR  = $(DESTDIR)$(PREFIX)/share/doc/sipalg/examples
SOURCE_DIR   = $(DESTDIR)/usr/src/sipalg-$(VERSION)

UNITS       := sipalg.service sipalg-log.service
MAN_PAGES   := sipalg.8 sipalg.conf.5 nf_sipalg.4
EXAMPLES    := $(patsubst userspace/examples/%,%,$(wildcard userspace/examples/*))

# What dkms needs to build the module elsewhere.
DKMS_SOURCES := dkms.conf Kbuild Makefile scripts/find-kernel scripts/probe \
	$(shell find kmod scripts/probes -name '*.[ch]' 2>/dev/null)

# Below a DESTDIR without that kernel (a package being made) there is nothing to
# index; the package does it when it is installed.
run_depmod = $(Q)[ ! -e $(MODULE_DIR)/modules.order ] || depmod $(DESTDIR:%=-b %) $(KVER)

# $(call put,MODE,FILE,TO)
define put
$(call say,INSTALL,$(3))
$(Q)install -D -m $(1) $(2) $(3)

endef

install: check-kernel all install-module install-tool

# A module for another kernel than the running one would be of no use, silently.
check-kernel:
	$(if $(KERNEL_GIVEN)$(filter $(shell uname -r),$(KVER)),,$(error \
		the running kernel is $(shell uname -r), and its headers are not here, but those \
		of $(or $(KVER),no kernel): install the headers, or say KVER=$(or $(KVER),RELEASE)))

# What is stripped are the debug sections, nineteen parts of twenty.
install-module: check-kernel module install-modprobe
	$(Q)$(STRIP) --strip-debug -o $(KO).stripped $(KO)
	$(call put,644,$(KO).stripped,$(MODULE_DIR)/updates/nf_sipalg.ko)
	$(run_depmod)

install-modprobe:
	$(call put,644,scripts/modprobe.conf,$(MODPROBE_DIR)/sipalg.conf)

# An administrator's own /etc/sipalg.conf stays.
install-tool: tool
	$(call put,755,$(O)/sipalg,$(BIN_DIR)/sipalg)
	$(foreach page,$(MAN_PAGES),$(call put,644,userspace/$(page),\
		$(MAN_DIR)/man$(subst .,,$(suffix $(page)))/$(page)))
	$(call put,644,userspace/sipalg.bash-completion,$(COMP_DIR)/sipalg)
	$(call put,644,userspace/sipalg.fish,$(FISH_DIR)/sipalg.fish)
	$(call put,644,userspace/_sipalg,$(ZSH_DIR)/_sipalg)
	$(foreach file,$(EXAMPLES),$(call put,644,userspace/examples/$(file),$(EXAMPLE_DIR)/$(file)))
	$(foreach unit,$(UNITS),$(call put,644,userspace/$(unit),$(UNIT_DIR)/$(unit)))
	$(Q)sed -i 's|/usr/sbin/sipalg|$(PREFIX)/sbin/sipalg|' $(addprefix $(UNIT_DIR)/,$(UNITS))
	$(Q)[ -e $(CONF_DIR)/sipalg.conf ] || \
		install -D -m 644 userspace/sipalg.conf $(CONF_DIR)/sipalg.conf

install-dkms: install-modprobe
	$(foreach file,$(DKMS_SOURCES),\
		$(call put,$(if $(filter scripts/find-kernel scripts/probe,$(file)),755,644),$(file),$(SOURCE_DIR)/$(file)))

# What was installed was for the running kernel, be its headers here or not.
uninstall: override KVER := $(if $(KERNEL_GIVEN),$(KVER),$(shell uname -r))
uninstall:
	$(Q)rm -f $(MODULE_DIR)/updates/nf_sipalg.ko $(MODPROBE_DIR)/sipalg.conf \
		$(BIN_DIR)/sipalg $(COMP_DIR)/sipalg $(addprefix $(UNIT_DIR)/,$(UNITS)) \
		$(FISH_DIR)/sipalg.fish $(ZSH_DIR)/_sipalg \
		$(foreach page,$(MAN_PAGES),$(MAN_DIR)/man$(subst .,,$(suffix $(page)))/$(page))
	$(Q)rm -rf $(DESTDIR)$(PREFIX)/share/doc/sipalg
	$(run_depmod)

# --- packages ----------------------------------------------------------------
#
# Made of a copy, as the package tools write among the sources.

deb:
	$(Q)rm -rf $(O)/deb
	$(Q)mkdir -p $(O)/deb/sipalg
	$(Q)tar --exclude=./build --exclude=./.git -c . | tar -x -C $(O)/deb/sipalg
	$(Q)cd $(O)/deb/sipalg && dpkg-buildpackage -us -uc

clean:
	$(Q)rm -rf $(O)

help:
	@echo 'make            module and tool: build/KVER/nf_sipalg.ko, build/sipalg'
	@echo 'make module     the module alone'
	@echo 'make tool       the tool alone'
	@echo 'make unit       unit tests; unit-core: of kmod/sip, unit-tool: of the tool'
	@echo 'make check      all tests, as scripts/check'
	@echo 'make install    module and tool with all that belongs to them; also uninstall'
	@echo 'make install-module, install-tool, install-dkms    one of them, or for dkms'
	@echo 'make deb        Debian packages, below build/deb/'
	@echo 'make clean      remove build/'
	@echo
	@echo 'KVER=RELEASE    kernel to build for, or its beginning, as in 6.1, or'
	@echo '                debug (see scripts/debug-kernel); now $(or $(KVER),none found)'
	@echo 'KDIR=DIR        a kernel build tree instead'
	@echo 'STRIP=PROGRAM   takes the debug sections off an installed module'
	@echo 'PREFIX=DIR      for the tool [/usr/local];  DESTDIR=DIR  staging directory'
	@echo 'V=1             show commands;  W=1  more warnings;  WERROR=1  no warnings'

.PHONY: all module kbuild print-ko tool unit unit-core unit-tool check install \
	check-kernel install-module install-modprobe install-tool install-dkms uninstall deb clean help
