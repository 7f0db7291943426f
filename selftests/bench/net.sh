# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Three hosts in a line, in namespaces: LEFT eth0 --- lan router wan --- eth0 RIGHT

# Makes them and their links, which are up; they have no address yet.
make_hosts() {
	for ns in "$1" router "$2"; do
		ip netns add "bench-$ns"
		ip -n "bench-$ns" link set lo up
	done
	ip link add lan netns bench-router type veth peer name eth0 netns "bench-$1"
	ip link add wan netns bench-router type veth peer name eth0 netns "bench-$2"
	for dev in router:lan router:wan "$1:eth0" "$2:eth0"; do
		ip -n "bench-${dev%:*}" link set "${dev#*:}" up
	done
	router sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

delete_hosts() {
	for ns in "$1" router "$2"; do
		ip netns del "bench-$ns"
	done
}

load_module() {
	modinfo -F depends "$1" | tr , "\n" | xargs -n 1 modprobe
	insmod "$1"
}

# A namespace that is deleted goes a little later, and the module's use with it.
unload_module() {
	until rmmod nf_sipalg 2>/dev/null; do sleep 0.1; done
}

# Flows of such a namespace hold the second of the stock pair, from Linux 7.2 on.
unload_stock() {
	until modprobe -q -r nf_nat_sip nf_conntrack_sip; do sleep 0.1; done
}

router() {
	ip netns exec bench-router "$@"
}
