#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The man pages are well-formed, and know what there is.

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

for page in sipalg.8 sipalg.conf.5 nf_sipalg.4; do
	if ! command -v mandoc >/dev/null; then
		n=$((n + 1))
		echo "ok $n - $page lints clean # SKIP no mandoc"
		continue
	fi
	# Whether other pages are installed says nothing of this one.
	lint=$(mandoc -T lint $page 2>/dev/null | grep -v "referenced manual not found")
	[ -z "$lint" ]
	result $? "$page lints clean"
	[ -z "$lint" ] || echo "$lint" | sed 's/^/# /'
done

verbs=$(sed -n 's/^\t{ "\([a-z]*\)", \(NULL\|"\([a-z]*\)"\), verb_.*/\1 \3/p' main.c | sed 's/ $//')
[ -n "$verbs" ]
result $? "main.c has verbs"

while read -r verb; do
	grep -q "^\.It Ic $verb\( \|\$\)" sipalg.8
	result $? "sipalg.8 knows $verb"
done <<END
$verbs
END

while read -r name; do
	grep -qw "$name" sipalg.8
	result $? "sipalg.8 knows $name"
done <<END
$(sed -n 's/.*"\([a-z]*_now\)".*/\1/p' stats.c)
END

while read -r word; do
	grep -q "^\.D1 Ic $word " sipalg.conf.5
	result $? "sipalg.conf.5 knows $word"
done <<END
$(sed -n 's/.*words_take(words, "\([a-z]*\)").*/\1/p' policy_file.c)
END

echo "1..$n"
exit $failed
