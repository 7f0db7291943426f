#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What bash offers after some words. The last word given is the one being completed.

cd "$(dirname "$0")" || exit 1
# shellcheck source=userspace/sipalg.bash-completion
. ../../userspace/sipalg.bash-completion

n=0
failed=0

# offers EXPECTED WORD...
offers()
{
	local expected=$1

	shift
	COMP_WORDS=(sipalg "$@")
	COMP_CWORD=$#
	_sipalg
	n=$((n + 1))
	if [ "$(printf '%s\n' "${COMPREPLY[@]}" | sort | xargs)" = "$expected" ]; then
		echo "ok $n - $*"
	else
		echo "not ok $n - $*"
		echo "# wanted: $expected"
		echo "# have: ${COMPREPLY[*]}"
		failed=1
	fi
}

# shellcheck disable=SC2317 # the completion calls them
_sipalg_devices() { echo "lan wan wlan"; }
# shellcheck disable=SC2317
_sipalg_netns() { echo "router phone"; }

offers "binding call check exercise help monitor observe off on policy set settings show stats" ""
offers "observe off on" "o"
offers "-j" "-j"
offers "--help --json --netns --version" "--"
offers "phone router" -n ""
offers "router" --netns "r"
offers "phone router" -jn ""
offers "binding call check exercise help monitor observe off on policy set settings show stats" -j -n router ""
offers "default dev help zone" on ""
offers "--now default dev help zone" off ""
offers "lan wan wlan" on dev ""
offers "wan wlan" on dev "w"
offers "" on zone ""
offers "--now dev" on zone 7 ""
offers "--now zone" on dev wan ""
offers "--now" on zone 7 dev wan ""
offers "--now" on default ""
offers "del flush help restore save set show" policy ""
offers "default dev zone" policy set ""
offers "observe off on rule" policy set default ""
offers "dev observe off on" policy set zone 7 ""
offers "--now" policy set zone 7 on ""
offers "default dev zone" policy del ""
offers "--now" policy flush ""
offers "-f" policy restore ""
offers "test_completion.sh" policy restore -f "test_comp"
offers "--now" policy restore -f sipalg.conf ""
offers "" policy restore -f sipalg.conf --now ""
offers "help kill show" call ""
offers "address dev id label zone" call show ""
offers "address all dev id label zone" call kill ""
offers "lan wan wlan" call kill dev ""
offers "" call show zone ""
offers "address id label zone" call show dev wan ""
offers "address dev flows zone" binding show ""
offers "address dev zone" binding show flows ""
offers "help settings" show ""
offers "help set show" settings ""
offers "limit-bindings limit-bytes" settings set "limit-b"
offers "any default signalled" settings set media-source ""
offers "" settings set limit-calls 7 ""
offers "limit-bindings limit-bytes" set "limit-b"
offers "any default signalled" set media-source ""
offers "default" set limit-calls ""
offers "" set limit-calls 7 ""
offers "explain" stats show ""
offers "--color --messages" monitor "--"
offers "count" monitor --messages "c"
offers "" monitor label ""
offers "lan wan wlan" monitor dev ""
offers "" monitor zone ""
offers "lan wan wlan" exercise --through ""
offers "--peer" exercise --through wan "--p"
offers "help peer" check ""
offers "" check peer ""
offers "" nonsense ""

echo "1..$n"
exit $failed
