#!/usr/bin/env python3
"""Who may include whom: isa <- simulation <- vmcp, and scheduler <- vmcp.

usage: include_direction.py ROOT

Reads every C++ source of the four rooms below ROOT. An include of one of our files must be rooted at the
repository ("isa/psw.hpp", not "psw.hpp" or "../isa/psw.hpp") and must lead into a room that the including one may
know. Prints one line an offence; the exit status is 1 if there was one.
"""

import pathlib
import re
import sys

MAY_INCLUDE = {
    "isa": {"isa"},
    "simulation": {"simulation", "isa"},
    "scheduler": {"scheduler"},
    "vmcp": {"vmcp", "simulation", "isa", "scheduler"},
}
SUFFIXES = {".cpp", ".hpp", ".h", ".inc"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def offences(root):
    for room, allowed in MAY_INCLUDE.items():
        for path in sorted((root / room).rglob("*")):
            if path.suffix not in SUFFIXES:
                continue
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                quote, target = match.groups()
                where = f"{path.relative_to(root)}:{number}"
                first = target.split("/")[0]
                if first in MAY_INCLUDE:
                    if first not in allowed:
                        yield f'{where}: {room} must not include "{target}"; it may know {", ".join(sorted(allowed))}'
                elif quote == '"':
                    yield f'{where}: "{target}" does not begin with a room; includes are rooted at the repository'


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[1]).resolve()
    absent = [room for room in MAY_INCLUDE if not (root / room).is_dir()]
    if absent:
        sys.exit(f"{root}: no room {', '.join(absent)} here")
    found = list(offences(root))
    for line in found:
        print(line)
    sys.exit(1 if found else 0)


main()
