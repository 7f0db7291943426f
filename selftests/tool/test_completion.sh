#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What bash, fish and zsh offer after some words. The last word given is the one to
# complete. All ask the tool, TOOL: bash is asked about everything, the others whether
# they ask rightly.

# shellcheck source=selftests/tool/tap.sh
. "$(dirname "$0")/tap.sh"

if [ ! -x "${TOOL:=}" ]; then
	echo "1..0 # SKIP TOOL names no tool"
	exit 0
fi
cd "$(dirname "$0")" || exit 1
# shellcheck source=userspace/sipalg.bash-completion
. ../../userspace/sipalg.bash-completion

# judge EXPECTED GOT TITLE
judge()
{
	[ "$2" = "$1" ]
	result $? "$3"
	if [ "$2" != "$1" ]; then
		echo "# wanted: $1"
		echo "# have: $2"
	fi
}

# offers EXPECTED WORD...
offers()
{
	local expected=$1

	shift
	COMP_WORDS=("$TOOL" "$@")
	COMP_CWORD=$#
	_sipalg
	judge "$expected" "$(printf '%s\n' "${COMPREPLY[@]}" | sort | xargs)" "$*"
}

objects="binding call check exercise help log monitor observe off on policy set settings show stats"
offers "$objects" ""
offers "observe off on" "o"
offers "-j" "-j"
offers "--color --help --json --netns --version" "--"
offers "$objects" -j -n router ""
offers "default dev help zone" on ""
offers "--now default dev help zone" off ""
offers "lo" on dev "lo"
offers "" on zone ""
offers "--now dev outside-address outside-ports trusted" on zone 7 ""
offers "--now outside-address outside-ports trusted zone" on dev wan ""
offers "--now outside-address outside-ports trusted" on zone 7 dev wan ""
offers "--now outside-address outside-ports trusted" on default ""
offers "--now outside-address trusted" on default outside-ports 20000-20255 ""
offers "default" on dev wan outside-ports ""
offers "del flush help restore save set show" policy ""
offers "default dev zone" policy set ""
offers "observe off on rule" policy set default ""
offers "dev observe off on" policy set zone 7 ""
offers "--now outside-address outside-ports trusted" policy set zone 7 on ""
offers "default dev zone" policy del ""
offers "--now" policy flush ""
offers "-f" policy restore ""
offers "test_completion.sh" policy restore -f "test_comp"
offers "--now" policy restore -f sipalg.conf ""
offers "" policy restore -f sipalg.conf --now ""
offers "help kill show trace" call ""
offers "address brief dev id kind label mute state user zone" call show ""
offers "address all dev id kind label mute state user zone" call kill ""
offers "lo" call kill dev "lo"
offers "" call show zone ""
offers "call registration request" call show kind ""
offers "confirmed early ending" call show state ""
offers "" call show user ""
offers "default full none users" set log-names ""
offers "address brief id kind label mute state user zone" call show dev wan ""
offers "address dev flows zone" binding show ""
offers "address dev zone" binding show flows ""
offers "help settings" show ""
offers "help set show" settings ""
offers "limit-bindings limit-bytes" settings set "limit-b"
offers "any default signalled" settings set media-source ""
offers "default help pass" settings set ice ""
offers "" settings set limit-calls 7 ""
offers "limit-bindings limit-bytes" set "limit-b"
offers "any default signalled" set media-source ""
offers "default" set limit-calls ""
offers "" set limit-calls 7 ""
offers "explain openmetrics prometheus since" stats show ""
offers "-f" policy save ""
offers "--color --messages --pcapng" monitor "--"
offers "count" monitor --messages "c"
offers "count help" log ""
offers "" monitor label ""
offers "lo" monitor dev "lo"
offers "" monitor zone ""
offers "lo" exercise --through "lo"
offers "--peer" exercise --through wan "--p"
offers "" exercise --through wan --peer 192.0.2.1 --idle ""
offers "--tcp" exercise --through wan --peer 192.0.2.1 "--t"
offers "--udp" exercise --through wan --peer 192.0.2.1 "--u"
offers "help peer" check ""
offers "" check peer ""
offers "binding call check exercise log monitor observe off on policy set settings show stats" help ""
offers "del flush restore save set show" help policy ""
offers "policy" "p"
offers "del flush help restore save set show" p ""
offers "--now dev outside-address outside-ports trusted" on zone 7 ""
offers "--now outside-address outside-ports trusted" p se z 7 obs ""
offers "confirmed early ending" ca s b st ""
offers "" nonsense ""

# --- the other shells --------------------------------------------------------------

if command -v fish >/dev/null; then
	bin=$(mktemp -d)
	trap 'rm -rf "$bin"' EXIT
	ln -s "$TOOL" "$bin/sipalg"
	fish_offers()
	{
		PATH="$bin:$PATH" HOME="$bin" fish --no-config -c \
			"source ../../userspace/sipalg.fish; complete -C '$1'" |
			cut -f1 | sort | xargs
	}
	judge "policy" "$(fish_offers 'sipalg pol')" "fish: an object"
	judge "observe off on rule" "$(fish_offers 'sipalg policy set default ')" "fish: modes"
	judge "test_completion.sh" "$(fish_offers 'sipalg policy restore -f test_comp')" \
		"fish: files"
else
	skip fish "no fish"
fi

if command -v zsh >/dev/null; then
	zsh_offers()
	{
		TOOL=$TOOL zsh -f -c '
			_describe() { print -l ${found%%:*} }
			_files() { print files }
			words=($TOOL "$@") CURRENT=$#words
			source ../../userspace/_sipalg' zsh "$@" | sort | xargs
	}
	judge "policy" "$(zsh_offers pol)" "zsh: an object"
	judge "observe off on rule" "$(zsh_offers policy set default '')" "zsh: modes"
	judge "files" "$(zsh_offers policy restore -f '')" "zsh: files"
else
	skip zsh "no zsh"
fi

echo "1..$n"
exit $failed
