#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/demo says what takes long and what has failed. What it runs is played here.

# shellcheck source=selftests/tool/tap.sh
. "$(dirname "$0")/tap.sh"

cd "$(dirname "$0")/../.." || exit 1

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/scripts" "$dir/bin"
cp scripts/demo "$dir/scripts/"

# `plays PROGRAM TEXT`: a script in place of a program that the demo runs.
plays() {
	printf '#!/bin/sh\n%s\n' "$2" >"$dir/$1"
	chmod +x "$dir/$1"
}

# `demo NAME STATUS TEXT`: it ends with this status, and its last line has this text.
demo() {
	local said status good

	PATH=$dir/bin:$PATH DEMO_PATIENCE=1 timeout 60 "$dir/scripts/demo" --vm >"$dir/said" 2>&1
	status=$?
	said=$(cat "$dir/said")
	[ "$status" = "$2" ] && tail -n 1 <<<"$said" | grep -q "$3" &&
		grep -q "${4:-}" <<<"$said"
	good=$?
	result $good "$1"
	[ $good = 0 ] || printf '%s\n' "status $status" "$said" | sed 's/^/# /'
}

# It is slow until it has been named.
plays scripts/setup "echo 'fetching gcc'; until grep -q 'so far' '$dir/said'; do sleep 0.1; done"
plays bin/make 'exit 0'
plays scripts/vm 'echo Verdict'
demo 'a slow step is named while it runs' 0 'the calls took' \
	'still installing .*, [0-9]* s so far: fetching gcc'
plays scripts/setup 'exit 0'
plays bin/make 'case $* in *print-ko*) ;; *) echo "no such header"; exit 2 ;; esac'
demo 'a step that fails is named' 1 'failed: building the module' 'no such header'
plays bin/make 'exit 0'
plays scripts/vm 'exit 124'
demo 'the time was up' 124 'failed: .* not done in time'
plays scripts/vm 'exit 71'
demo 'the machine died' 71 'failed: the calls did not go as they should'
plays scripts/setup 'echo "no package source has gcc"; exit 1'
demo 'nothing could be installed' 1 'failed: installing' 'no package source has gcc'
echo "1..$n"
exit "$failed"
