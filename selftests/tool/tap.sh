# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034 # failed is read where this file is read
#
# What the tests in shell here report by. They end with "1..$n" and status $failed.

n=0
failed=0

# result STATUS TITLE
result()
{
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
	fi
}

# skip TITLE WHY
skip()
{
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}
