#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Starting the tool, TOOL, costs little, so that scripts may call it as often as they
# like. What a toggle takes beyond that is for selftests/net/toggle.py to see.

runs=100 limit_ms=5

if [ ! -x "${TOOL:=}" ]; then
	echo "1..0 # SKIP TOOL names no tool"
	exit 0
fi
# Whether it can do what it is told does not matter.
cost=$(
	TIMEFORMAT='%3U %3S'
	{ time for ((i = 0; i < runs; i++)); do
		"$TOOL" on dev wan &>/dev/null
	done; } 2>&1 | awk -v runs=$runs '{ printf "%.2f", ($1 + $2) * 1000 / runs }'
)
echo "1..1"
echo "# $cost ms of the processor a run"
if awk -v cost="$cost" -v limit=$limit_ms 'BEGIN { exit !(cost > 0 && cost < limit) }'; then
	echo "ok 1 - a run of the tool costs less than $limit_ms ms"
else
	echo "not ok 1 - a run of the tool costs less than $limit_ms ms"
	exit 1
fi
