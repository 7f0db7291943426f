#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""scripts/arrows sees each kind of arrow that runs back, and nothing else."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
ARROWS = TOP / "scripts/arrows"

# A tree in which all arrows run to the right.
TREE = {
    "Kbuild": "".join(f"x-y += $(call in_room,{room},x)\n" for room in
                      ("control", "hook", "tcp", "session", "table", "state", "sip")),
    "kmod/compat.h": "",
    "kmod/uapi/nf_sipalg.h": "",
    "kmod/main.c": '#include "hook/nat.h"\nvoid setup(void) { nat_setup(); }\n',
    "kmod/hook/nat.h": "void nat_setup(void);\n",
    "kmod/hook/nat.c": '#include "nat.h"\n#include "table/binding.h"\n'
                       "void nat_setup(void) { binding_get(); }\n",
    "kmod/table/binding.h": '#include "compat.h"\nvoid binding_get(void);\n',
    "kmod/table/binding.c": '#include "binding.h"\n#include "port.h"\n'
                            "void binding_get(void) { port_get(); }\n",
    "kmod/table/port.h": '#include "nf_sipalg.h"\nvoid port_get(void);\n',
    "kmod/table/port.c": '#include "port.h"\nvoid port_get(void) {}\n',
    "userspace/main.c": '#include "help.h"\nint main(void) { return help(); }\n',
    "userspace/help.h": "int help(void);\n",
    "userspace/help.c": '#include "help.h"\n#include "verbs.h"\n'
                        "int help(void) { return verbs(); }\n",
    "userspace/verbs.h": "int verbs(void);\n",
    "userspace/verbs.c": '#include "verbs.h"\n#include "tool.h"\n'
                         "int verbs(void) { return verb_on(); }\n",
    "userspace/tool.h": "int verb_on(void);\n",
    "userspace/switch.c": '#include "tool.h"\n#include "lab/netns.h"\n'
                          "int verb_on(void)\n{\n\treturn netns_open();\n}\n",
    "userspace/lab/netns.h": "int netns_open(void);\n",
    "userspace/lab/netns.c": '#include "netns.h"\n#include "print.h"\n'
                             "int netns_open(void) { return print(); }\n",
    "userspace/print.h": "int print(void);\n",
    "userspace/print.c": '#include "print.h"\nint print(void) { return 0; }\n',
}

INCLUDES = {"kmod": ("kmod", "kmod/control", "kmod/uapi"), "userspace": ("userspace",)}


def _build(tree, objects):
    for part, folders in INCLUDES.items():
        for source in (tree / part).rglob("*.c"):
            target = (objects / source.relative_to(tree)).with_suffix(".o")
            target.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run([os.environ.get("CC", "cc"), "-c", "-o", target, source,
                            *(f"-I{tree / folder}" for folder in folders)], check=True)


def _arrows(tree, objects=None):
    """Return exit status and output of the check."""
    words = [ARROWS, "-C", tree]
    if objects:
        words += ["--kmod", objects / "kmod", "--userspace", objects / "userspace"]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stdout


def _changed(changes, forget=None):
    """Check the tree with other text in some of its files."""
    with tempfile.TemporaryDirectory() as folder:
        tree, objects = Path(folder, "tree"), Path(folder, "objects")
        for name, text in (TREE | changes).items():
            path = tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="ascii")
        _build(tree, objects)
        if forget:
            (objects / forget).unlink()
        return _arrows(tree, objects)


def _more(name, line):
    return {name: line + "\n" + TREE[name]}


# Title, changed files, what the check has to say; an object that is not there.
FAULTS = (
    ("an include that runs back", _more("kmod/table/port.c", '#include "hook/nat.h"'),
     "table must not use hook: kmod/table/port.c includes hook/nat.h"),
    ("an include in a header that runs back", _more("kmod/table/port.h", '#include "hook/nat.h"'),
     "table must not use hook: kmod/table/port.h includes hook/nat.h"),
    ("a call that runs back without an include",
     _more("kmod/table/port.c", "void nat_setup(void);\nvoid g(void) { nat_setup(); }"),
     "table must not use hook: table/port.o needs nat_setup of hook/nat.o"),
    ("a circle of includes", _more("kmod/table/port.c", '#include "binding.h"'),
     "circle of table/binding table/port"),
    ("a circle of calls", _more("kmod/table/port.c",
                                "void binding_get(void);\nvoid g(void) { binding_get(); }"),
     "circle of table/binding table/port"),
    ("a shared header that uses a room", _more("kmod/compat.h", '#include "table/port.h"'),
     "shared compat must not use table"),
    ("a folder that is no room", {"kmod/util/list.c": ""}, "kmod/util/list.c is in no room"),
    ("an include of nothing", _more("kmod/main.c", '#if 0\n#include "gone.h"\n#endif'),
     "kmod/main.c includes gone.h, which is nowhere"),
    ("a lab that uses a verb",
     _more("userspace/lab/netns.c", "int verb_on(void);\nint g(void) { return verb_on(); }"),
     "lab must not use verbs: lab/netns.o needs verb_on of switch.o"),
    ("a helper of the tool that uses the lab", _more("userspace/print.c", '#include "lab/netns.h"'),
     "rest must not use lab: userspace/print.c includes lab/netns.h"),
    ("another order in Kbuild", {"Kbuild": TREE["Kbuild"].replace("hook", "tcp", 1)},
     "Kbuild lists the rooms control tcp tcp"),
    ("another order in docs/DESIGN.md", {"docs/DESIGN.md": "main > hook > control"},
     "docs/DESIGN.md does not say of kmod"),
)


def _real_tree():
    """Add an include that runs back to a copy of the module."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for part in INCLUDES:
            shutil.copytree(TOP / part, tree / part)
        source = tree / "kmod/sip/parse.c"
        source.write_text('#include "hook/nat.h"\n' + source.read_text(encoding="utf-8"),
                          encoding="utf-8")
        return _arrows(tree)


def main():
    """Run all; TAP out."""
    results = []

    def result(passed, title, text):
        results.append(passed)
        print(f"{'ok' if passed else 'not ok'} {len(results)} - {title}")
        if not passed:
            print("\n".join(f"# {line}" for line in text.splitlines()))

    status, text = _changed({})
    result(status == 0, "a tree whose arrows run to the right passes", text)
    for title, changes, want in FAULTS:
        status, text = _changed(changes)
        result(status == 1 and want in text, f"it fails for {title}", text)
    status, text = _changed({}, forget="kmod/table/port.o")
    result(status == 1 and "kmod/table/port.c has not been built" in text,
           "it fails for an object that is not there", text)
    status, text = _real_tree()
    result(status == 1 and "sip must not use hook: kmod/sip/parse.c includes hook/nat.h" in text,
           "it fails for an include that runs back in kmod/sip", text)
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
