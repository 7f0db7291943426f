#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What an INVITE costs, what a call takes, and what the tool takes to tell of them, when
# there are many. Inside the virtual machine; the phones have an outside address each, as
# one has too few ports:
#
#   phones 192.168.1.10 ... --- [router] 203.0.113.10 ... --- 203.0.113.2 server
#
# Usage: scale.sh SCALE_PROGRAM MODULE TOOL

set -eu

scale=$1 module=$2 tool=$3
calls=50000
registrations=50000
# Requests over which a cost is taken.
sample=256
# What the design allows: percent of the first INVITE, bytes of a two-stream call.
cost_limit=105
call_limit=1300
# And of the tool: KiB, and milliseconds of this clock, which counts an instruction as a
# nanosecond: a processor of 3 GHz that does two a cycle needs half a second for them.
tool_size_limit=65536
tool_time_limit=3000
# Messages that monitor is to tell, and how many a second come.
told=6000
rate=2000

# shellcheck source=selftests/bench/net.sh
. "$(dirname "$0")/net.sh"

make_net() {
	make_hosts phone server
	ip -n bench-router address add 192.168.1.1/24 dev lan
	ip -n bench-server address add 203.0.113.2/24 dev eth0
	map=
	for i in $(seq 10 25); do
		ip -n bench-phone address add "192.168.1.$i/24" dev eth0
		ip -n bench-router address add "203.0.113.$i/24" dev wan
		map="$map${map:+, }192.168.1.$i : 203.0.113.$i"
	done
	ip -n bench-phone route add default via 192.168.1.1
	router nft -f - <<-END
	table ip bench {
		chain nat {
			type nat hook postrouting priority srcnat
			oifname wan snat to ip saddr map { $map }
		}
	}
	END
}

# Bytes that the kernel has for objects and tables, once what waits for a grace period or
# lies in caches is free.
taken() {
	sleep 1
	for cache in /sys/kernel/slab/*/shrink; do
		echo 1 >"$cache"
	done
	awk '/^(SUnreclaim|VmallocUsed):/ { n += $2 } END { print n * 1024 }' /proc/meminfo
}

fill() {
	"$scale" bench-phone bench-server "$@"
}

now() {
	"$tool" -n bench-router stats | awk -v name="$1" '$1 == name { print $2 }'
}

# Runs the tool; prints how many calls it shows, its size in KiB, its time in ms, and the
# kernel's for it.
used() {
	python3 - "$tool" -n bench-router "$@" <<-'END'
	import resource, subprocess, sys
	done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True)
	used = resource.getrusage(resource.RUSAGE_CHILDREN)
	# Streams are on lines of their own, further to the right.
	print(sum(line[:1].isdigit() for line in done.stdout.splitlines()), used.ru_maxrss,
	      round(1000 * used.ru_utime), round(1000 * used.ru_stime))
	END
}

# Has the tool tell of each message while they come; prints how many there were, how many
# it told, how many the module said it had not told, and how many events were lost, of
# which each may be a message. Both are said with what comes next: a few come in the end
# that are all told.
watch_messages() {
	events=$(mktemp)
	"$tool" -n bench-router -j monitor --messages >"$events" &
	monitor=$!
	# It listens: its group, that of the events and the controller's.
	until router cat /proc/net/netlink |
		awk '$2 == 16 && $4 ~ /[1-9a-f]/ { n++ } END { exit !n }'; do
		sleep 0.1
	done
	before=$(now messages)
	fill call "$1" "$2" "$3" >/dev/null
	sleep 2
	fill call $(($1 + $2)) $sample 100 >/dev/null
	came=$(($(now messages) - before))
	sleep 2
	kill $monitor
	awk -v came=$came '/"event":"message"/ { n++ }
		match($0, /"missed":[0-9]+/) { missed += substr($0, RSTART + 9, RLENGTH - 9) }
		match($0, /"lost":[0-9]+/) { lost += substr($0, RSTART + 7, RLENGTH - 7) }
		END { print came, n + 0, missed + 0, lost + 0 }' "$events"
	rm "$events"
}

expect() {
	[ "$2" -eq "$3" ] || { echo "$1: $2, not $3" >&2; exit 1; }
}

load_module "$module"
make_net
fill call 0 $sample >/dev/null
bare=$(fill call 0 $sample)
"$tool" -n bench-router on dev wan
for host in limit-host-calls limit-host-registrations limit-host-bindings; do
	"$tool" -n bench-router set "$host" 1000000
done
# Each phone's flow is there, and the caches are warm.
fill register 0 256 >/dev/null
"$tool" -n bench-router call kill all >/dev/null

empty=$(taken)
first=$(fill call 0 $sample)
fill call $sample $((calls - sample)) >/dev/null
expect "calls in the table" "$(now calls_now)" $calls
with_calls=$(taken)
bytes_calls=$(now bytes_now)
fill register 0 $registrations >/dev/null
expect "calls and registrations in the table" "$(now calls_now)" $((calls + registrations))
with_all=$(taken)
bytes_all=$(now bytes_now)
last=$(fill call $calls $sample)
expect "calls in the end" "$(now calls_now)" $((calls + registrations + sample))
read -r shown size time time_kernel <<-END
	$(used call show kind call)
END
expect "calls shown" "$shown" $((calls + sample))
read -r one _ time_one time_one_kernel <<-END
	$(used call show id "$("$tool" -n bench-router call show brief kind call |
		awk '/^[0-9]/ { print $1; exit }')")
END
expect "calls shown by number" "$one" 1
read -r came seen missed lost <<-END
	$(watch_messages $((calls + sample)) $told $rate)
END
expect "limits reached" "$("$tool" -n bench-router stats |
	awk '/^(passed_|limit_|no_port)/ { n += $2 } END { print n }')" 0
"$tool" -n bench-router call kill all >/dev/null
expect "calls and registrations left" "$(now calls_now)" 0
expect "bindings left" "$(now bindings_now)" 0
expect "inside hosts left" "$(now hosts_now)" 0
after=$(taken)
rmmod nf_sipalg

call=$(((with_calls - empty) / calls))
registration=$(((with_all - with_calls) / registrations))
first=$((first - bare))
last=$((last - bare))
percent=$((last * 100 / first))
echo "INVITE, two streams, own share:  $first with none, $last with $calls calls and" \
	"$registrations registrations: $percent %"
echo "memory of a two-stream call:     $call bytes" \
	"($((bytes_calls / calls)) of them in its structures)"
echo "memory of a registration:        $registration bytes" \
	"($(((bytes_all - bytes_calls) / registrations)) of them in its structures)"
echo "memory not given back:           $(((after - empty) / 1024)) KiB" \
	"of $(((with_all - empty) / 1024)) KiB"
echo "call show of $shown calls:        $size KiB, $((time + time_kernel)) million instructions," \
	"$time_kernel of them in the kernel"
echo "call show of one of them:        $((time_one + time_one_kernel)) million instructions"
echo "monitor, $rate messages a second: $seen of $came told, $missed left out," \
	"$lost events lost"
[ $percent -le $cost_limit ] && [ $call -le $call_limit ] &&
	[ "$size" -le $tool_size_limit ] && [ $((time + time_kernel)) -le $tool_time_limit ] &&
	[ $((seen + missed)) -le "$came" ] && [ $((seen + missed + lost)) -ge "$came" ]
