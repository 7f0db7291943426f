#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The examples do what they say: the hooks with a tool that only tells what it was
# called with, the rules as nft takes them.

# shellcheck source=selftests/tool/tap.sh
. "$(dirname "$0")/tap.sh"

cd "$(dirname "$0")/../../userspace/examples" || exit 1

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
cat >"$tools/sipalg" <<'END'
#!/bin/sh
echo "$@"
END
# As OpenWrt's: it knows one option.
cat >"$tools/uci" <<'END'
#!/bin/sh
[ "$*" = "-q get network.wan.sipalg" ] || exit 1
echo observe
END
chmod +x "$tools"/*

# calls EXPECTED TITLE [NAME=VALUE]... COMMAND...
calls()
{
	local expected=$1 title=$2 got

	shift 2
	got=$(env PATH="$tools:$PATH" "$@" 2>&1)
	[ "$got" = "$expected" ]
	result $? "$title"
	[ "$got" = "$expected" ] || echo "# wanted: $expected, have: $got"
}

calls "policy set dev ppp0 on" "ifupdown: up" MODE=start IFACE=ppp0 IF_SIPALG=on sh ifupdown
calls "policy del dev ppp0" "ifupdown: down" MODE=stop IFACE=ppp0 IF_SIPALG=on sh ifupdown
calls "" "ifupdown: an interface without a mode" MODE=start IFACE=ppp0 sh ifupdown
calls "on dev ppp0" "NetworkManager: up" CONNECTION_ID=uplink sh networkmanager ppp0 up
calls "policy del dev ppp0" "NetworkManager: down" \
	CONNECTION_ID=uplink sh networkmanager ppp0 down
calls "" "NetworkManager: another connection" CONNECTION_ID=office sh networkmanager ppp0 up
calls "" "NetworkManager: another action" CONNECTION_ID=uplink sh networkmanager ppp0 vpn-up
calls "policy set dev pppoe-wan observe" "OpenWrt: up" \
	ACTION=ifup INTERFACE=wan DEVICE=pppoe-wan sh openwrt-hotplug
calls "policy del dev pppoe-wan" "OpenWrt: down" \
	ACTION=ifdown INTERFACE=wan DEVICE=pppoe-wan sh openwrt-hotplug
calls "" "OpenWrt: an interface without a mode" \
	ACTION=ifup INTERFACE=lan DEVICE=br-lan sh openwrt-hotplug

# As the unit runs it; the real exporter reads what is there then.
folder=$tools/node-exporter
mkdir "$folder"
command=$(sed -n "s/^ExecStart=.bin.sh -ec '\(.*\)'$/\1/p" sipalg-metrics.service)
env PATH="$tools:$PATH" FOLDER="$folder" sh -ec "$command" &&
	[ "$(cat "$folder/sipalg.prom")" = "stats show prometheus" ] &&
	[ "$(ls -A "$folder")" = sipalg.prom ]
result $? "sipalg-metrics: the counters get into the file"
printf '#!/bin/sh\nexit 1\n' >"$tools/sipalg"
env PATH="$tools:$PATH" FOLDER="$folder" sh -ec "$command"
[ "$(cat "$folder/sipalg.prom")" = "stats show prometheus" ]
result $? "sipalg-metrics: the file stays where there are none"
# Each metric of the dashboard is one that the tool prints.
python3 - grafana-dashboard.json ../../kmod/uapi/nf_sipalg.h ../counters.c <<'END'
import json, re, sys
expressions = [target["expr"] for panel in json.load(open(sys.argv[1]))["panels"]
               for target in panel["targets"]]
header, counters = open(sys.argv[2]).read(), open(sys.argv[3]).read()
stats = header[header.index("#define SIPALG_STATS(X)"):header.index("enum sipalg_stat {")]
known = {f"{name}_total" for name in re.findall(r'X\(\w+, "(\w+)"', stats)}
known |= set(re.findall(r'"(\w+_(?:now|up|mute))"', counters))
known |= {"setting_" + name.replace("-", "_") for name in re.findall(r'"(limit-[\w-]+)"', header)}
used = {name for each in expressions for name in re.findall(r"sipalg_(\w+)", each)}
sys.exit(0 if used and used <= known else f"# no such metrics: {used - known}")
END
result $? "grafana-dashboard.json: the tool prints each metric"

if unshare -rn nft list ruleset >/dev/null 2>&1; then
	unshare -rn nft -c -f nftables.nft
	result $? "nft takes nftables.nft"
	{ echo "table inet fw4 {" && cat openwrt-fw4.nft && echo "}"; } | unshare -rn nft -c -f -
	result $? "nft takes openwrt-fw4.nft where fw4 includes it"
else
	for file in nftables.nft openwrt-fw4.nft; do
		skip "nft takes $file" "no nft, or no namespaces"
	done
fi
# selftests/net/firewalld.py calls by its rules.
if command -v firewall-offline-cmd >/dev/null; then
	mkdir -p "$tools/firewalld/policies"
	cp firewalld-policy.xml "$tools/firewalld/policies/sipalg.xml"
	cp /etc/firewalld/firewalld.conf "$tools/firewalld"
	firewall-offline-cmd --system-config "$tools/firewalld" --check-config >/dev/null &&
		policy=$(firewall-offline-cmd --system-config "$tools/firewalld" \
			--info-policy=sipalg) && [[ $policy == *'services: sip'* ]]
	result $? "firewalld takes firewalld-policy.xml"
else
	skip "firewalld takes firewalld-policy.xml" "no firewalld"
fi

echo "1..$n"
exit $failed
