#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Network tests are found by name and by path, and a wrong name is refused before
# anything is built or booted.

# shellcheck source=selftests/tool/tap.sh
. "$(dirname "$0")/tap.sh"

cd "$(dirname "$0")/../.." || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Does --list print the file names that are wanted? `finds "FILE..." NAME...`.
finds() {
	local wanted=$1

	shift
	[ "$(selftests/net/run --list "$@" | sed 's|.*/||' | paste -sd ' ')" = "$wanted" ]
}

finds 'register.py' register
result $? 'a test is found by its name'
finds 'tcp.py register.py' tcp.py register
result $? 'and by the name of its file'
finds 'tcp_bulk.py' selftests/net/tcp_bulk.py
result $? 'and by a path'
printf '@case("nothing")\ndef nothing(t, net):\n    pass\n' >"$work/mine.py"
finds 'mine.py' "$work/mine.py"
result $? 'also where no Makefile lists it'
selftests/net/run --list registr &>/dev/null
[ $? = 2 ]
result $? 'a wrong name has status 2'
selftests/net/run --list record &>/dev/null
[ $? = 2 ]
result $? 'and so has a file that has no cases'
selftests/net/run --quick &>/dev/null
[ $? = 2 ]
result $? 'and an unknown option'

# Whatever would build or boot leaves a note.
for program in make qemu-system-x86_64; do
	printf '#!/bin/sh\ntouch %s/began\nexit 1\n' "$work" >"$work/$program"
	chmod +x "$work/$program"
done
for front in net-tests compare; do
	PATH=$work:$PATH "scripts/$front" register registr &>/dev/null
	[ $? = 2 ] && [ ! -e "$work/began" ]
	result $? "scripts/$front refuses a wrong name at once"
done
echo "1..$n"
exit $failed
