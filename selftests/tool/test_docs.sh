#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The man page is well-formed and knows every verb.

cd "$(dirname "$0")/../../userspace" || exit 1

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

if command -v mandoc >/dev/null; then
	# Whether other pages are installed says nothing of this one.
	lint=$(mandoc -T lint sipalg.8 2>/dev/null | grep -v "referenced manual not found")
	[ -z "$lint" ]
	result $? "sipalg.8 lints clean"
	[ -z "$lint" ] || echo "$lint" | sed 's/^/# /'
else
	n=$((n + 1))
	echo "ok $n - sipalg.8 lints clean # SKIP no mandoc"
fi

verbs=$(sed -n 's/^\t{ "\([a-z]*\)", \(NULL\|"\([a-z]*\)"\), verb_.*/\1 \3/p' main.c | sed 's/ $//')
[ -n "$verbs" ]
result $? "main.c has verbs"

while read -r verb; do
	grep -q "^\.It Ic $verb\( \|\$\)" sipalg.8
	result $? "sipalg.8 knows $verb"
done <<END
$verbs
END

echo "1..$n"
exit $failed
