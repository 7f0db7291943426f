#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The man pages are well-formed and know all commands. The documents name only what
# there is, and leave no file, script or room out.

# shellcheck source=selftests/tool/tap.sh
. "$(dirname "$0")/tap.sh"

cd "$(dirname "$0")/../../userspace" || exit 1

for page in sipalg.8 sipalg.conf.5 nf_sipalg.4; do
	if ! command -v mandoc >/dev/null; then
		skip "$page lints clean" "no mandoc"
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
$(sed -n 's/.*"\([a-z]*_now\)".*/\1/p' counters.c)
END

while read -r word; do
	grep -q "^\.D1 Ic $word " sipalg.conf.5
	result $? "sipalg.conf.5 knows $word"
done <<END
$(sed -n 's/.*args_take(args, "\([a-z]*\)").*/\1/p' policy_file.c)
END

# --- documents ---------------------------------------------------------------

cd .. || exit 1

[ "$(wc -l <README.md)" -le 170 ]
result $? "README.md has at most 170 lines"

# Prints each link of a document that leads nowhere, to a file or to a heading in one.
dead_links()
{
	grep -o '](\([^)]*\))' "$1" | sed 's/](//; s/)$//' | grep -v '^https*:' |
		while IFS='#' read -r file anchor; do
			case $file in
			'') file=$1 ;;
			*) file=$(dirname "$1")/$file ;;
			esac
			if [ ! -e "$file" ]; then
				echo "$file"
			elif [ -n "$anchor" ]; then
				sed -n 's/^##* //p' "$file" | tr '[:upper:] ' '[:lower:]-' |
					tr -cd '[:lower:][:digit:]_\n-' | grep -qx "$anchor" ||
					echo "$file#$anchor"
			fi
		done
}

# Prints each path of this tree that a document names and that is not there; NAME stands
# for any.
dead_paths()
{
	grep -oE '`(scripts|selftests|kmod|userspace|docs)/[A-Za-z0-9_./-]+' "$1" | tr -d '`' |
		sed 's/[.]$//' | grep -v NAME | sort -u | while read -r path; do
		[ -e "$path" ] || echo "$path"
	done
}

for document in README.md docs/*.md; do
	dead=$(dead_links "$document")
	[ -z "$dead" ]
	result $? "the links of $document lead somewhere"
	[ -z "$dead" ] || echo "$dead" | sed 's/^/# /'
	# That one is what HACKING.md has the reader write.
	dead=$(dead_paths "$document" | grep -vx selftests/net/info.py)
	[ -z "$dead" ]
	result $? "$document names paths that are there"
	[ -z "$dead" ] || echo "$dead" | sed 's/^/# /'
done

# The picture of the rooms in DESIGN.md names each file, in the lines of its room.
missing=$(for file in kmod/*/*.c; do
	room=$(basename "$(dirname "$file")")
	sed -n "/^  $room\/ /,/+---/p" docs/DESIGN.md | grep -qw "$(basename "$file" .c)" ||
		echo "$file"
done)
[ -z "$missing" ]
result $? "docs/DESIGN.md names each file of kmod/"
[ -z "$missing" ] || echo "$missing" | sed 's/^/# /'

missing=$(for file in scripts/*; do
	sed -n '/^## Scripts/,/^## /p' docs/HACKING.md | grep -q "\`$(basename "$file")[/\`]" ||
		echo "$file"
done)
[ -z "$missing" ]
result $? "docs/HACKING.md names each script"
[ -z "$missing" ] || echo "$missing" | sed 's/^/# /'

# The example in HACKING.md is a test that compiles.
example=$(mktemp -d)
sed -n '/^<!-- info.py -->/,/^<!-- end -->/p' docs/HACKING.md | sed -n 's/^    //p; /^$/p' \
	>"$example/info.py"
python3 -m py_compile "$example/info.py" &&
	selftests/net/run --list "$example/info.py" >/dev/null
result $? "the example in docs/HACKING.md is a network test"
rm -r "$example"

echo "1..$n"
exit $failed
