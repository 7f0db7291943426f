#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The YNL specification and the header describe the same family.

  CC     compiler [cc]
  KSRC   a kernel source tree of 6.12 or later, whose YNL is tried on the specification
"""

import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
UAPI = os.path.normpath(os.path.join(HERE, "../../kmod/uapi"))
SPEC = os.path.join(UAPI, "nf_sipalg.yaml")
KSRC = os.environ.get("KSRC")


def upper(name):
    """Return a name of the specification as C has it."""
    return name.upper().replace("-", "_")


def values(entries, first=0):
    """Yield the names of a list with their numbers, as YNL counts."""
    value = first
    for entry in entries:
        value = entry.get("value", value)
        yield entry["name"], value
        value += 1


def assertions(spec):
    """Yield the C expressions that have to be true."""
    yield f'!__builtin_strcmp(SIPALG_GENL_NAME, "{spec["name"]}")'
    yield f"SIPALG_GENL_VERSION == {spec.get('version', 1)}"
    for enum in spec["definitions"]:
        for name, value in values(enum["entries"]):
            yield f"{upper(enum['name-prefix'] + name)} == {value}"
        yield f"__{upper(enum['enum-name'])}_MAX == {len(enum['entries'])}"
    lists = [(each["name-prefix"], each["attributes"]) for each in spec["attribute-sets"]]
    lists.append((spec["operations"]["name-prefix"], spec["operations"]["list"]))
    for prefix, entries in lists:
        for name, value in values(entries):
            yield f"{upper(prefix + name)} == {value}"
        yield f"__{upper(prefix)}MAX == {value + 1}"


def program(spec):
    """Return a C program that compiles if the header agrees with the specification."""
    lines = ['#include "nf_sipalg.h"']
    lines += [f'_Static_assert({each}, "");' for each in assertions(spec)]
    stats = next(each for each in spec["attribute-sets"] if each["name"] == "stats")
    for attr in stats["attributes"]:
        if attr["type"] == "u64":
            name = upper(attr["name"])
            lines.append(f'#define NAME_{name} "{name.lower()}"')
            lines.append(f'#define DOC_{name} "{attr["doc"]}"')
    lines += ["#define X(id, name, doc) \\",
              "\t_Static_assert(!__builtin_strcmp(name, NAME_##id) && \\",
              '\t\t       !__builtin_strcmp(doc, DOC_##id), #id);',
              "SIPALG_STATS(X)"]
    return "\n".join(lines) + "\n"


def compile_against_header(spec):
    """The specification's numbers, counters and their texts are the header's."""
    compiler = os.environ.get("CC", "cc").split()
    done = subprocess.run([*compiler, "-fsyntax-only", "-x", "c", "-I", UAPI, "-"],
                          input=program(spec), capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stderr


def try_ynl(_):
    """The kernel's YNL accepts the specification and makes a client of it."""
    with tempfile.TemporaryDirectory() as folder:
        # It looks for the schema above the specification, and for this file.
        documentation = os.path.join(KSRC, "Documentation/netlink")
        shutil.copy(os.path.join(documentation, "genetlink-legacy.yaml"), folder)
        open(os.path.join(folder, "MAINTAINERS"), "w", encoding="ascii").close()
        os.mkdir(os.path.join(folder, "specs"))
        spec = shutil.copy(SPEC, os.path.join(folder, "specs"))
        for mode in (["uapi", "--header"], ["user", "--header"], ["user", "--source"]):
            done = subprocess.run(
                [sys.executable, "-B", os.path.join(KSRC, "tools/net/ynl/ynl-gen-c.py"),
                 "--spec", spec, "--mode", *mode, "-o", os.path.join(folder, "out")],
                capture_output=True, text=True, check=False)
            if done.returncode:
                return False, done.stderr
    return True, ""


def skip_reason(test):
    """Return why a test cannot be done here, or None."""
    try:
        import yaml  # pylint: disable=import-outside-toplevel,unused-import
        if test is try_ynl:
            import jsonschema  # pylint: disable=import-outside-toplevel,unused-import
    except ImportError as error:
        return str(error)
    if test is try_ynl and not KSRC:
        return "KSRC names no kernel source tree"
    return None


def load():
    """Return the specification."""
    import yaml  # pylint: disable=import-outside-toplevel
    with open(SPEC, encoding="utf-8") as spec:
        return yaml.safe_load(spec)


def main():
    """Run the tests; return the exit status."""
    tests = [compile_against_header, try_ynl]
    status = 0
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        title = f"{number} - {test.__name__}"
        reason = skip_reason(test)
        if reason:
            print(f"ok {title} # SKIP {reason}")
            continue
        passed, text = test(load())
        print(f"{'ok' if passed else 'not ok'} {title}")
        for line in text.splitlines() if not passed else ():
            print(f"# {line}")
        status |= not passed
    return status


if __name__ == "__main__":
    sys.exit(main())
