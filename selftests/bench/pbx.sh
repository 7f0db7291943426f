#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# How many calls a second of one PBX a router begins on one processor and on two, with NAT
# alone and with the ALG. Inside a virtual machine with two:
#
#   PBX 192.168.1.10 --- [router] 203.0.113.1 --- 203.0.113.2, .3 servers
#
# Usage: pbx.sh PBX_PROGRAM MODULE TOOL

set -eu

pbx=$1 module=$2 tool=$3
calls=2000
# The best of so many: a busy machine makes some of them slower.
rounds=5

# shellcheck source=selftests/bench/net.sh
. "$(dirname "$0")/net.sh"

# Calls a second on so many processors.
best() {
	for _ in $(seq $rounds); do
		"$pbx" bench-phone bench-server "$1" $calls
		[ ! -e /sys/module/nf_sipalg ] || "$tool" -n bench-router call kill all >/dev/null
		router conntrack -F 2>/dev/null
	done | sort -n | tail -n 1
}

measure() {
	one=$(best 1)
	two=$(best 2)
	printf '%-10s %13d %13d %13s\n' "$1" "$one" "$two" \
		"$(awk "BEGIN { printf \"%.2f\", $two / $one }")"
}

make_hosts phone server
ip -n bench-router address add 192.168.1.1/24 dev lan
ip -n bench-router address add 203.0.113.1/24 dev wan
ip -n bench-phone address add 192.168.1.10/24 dev eth0
ip -n bench-server address add 203.0.113.2/24 dev eth0
ip -n bench-server address add 203.0.113.3/24 dev eth0
ip -n bench-phone route add default via 192.168.1.1
router nft -f - <<-END
table ip bench {
	chain nat {
		type nat hook postrouting priority srcnat
		oifname wan masquerade
	}
}
END
printf '%-10s %13s %13s %13s\n' "calls a second" "one processor" "two" ratio
measure "NAT alone"
load_module "$module"
"$tool" -n bench-router on dev wan
"$tool" -n bench-router set limit-host-calls 1000000
"$tool" -n bench-router set limit-host-bindings 1000000
measure sipalg
"$tool" -n bench-router stats | awk '/^(passed_|limit_|no_port)/ && $2 { print; bad = 1 }
	END { exit bad }' >&2
