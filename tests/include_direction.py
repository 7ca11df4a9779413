#!/usr/bin/env python3
"""Who may include whom: every room says so in its CMakeLists.txt, room(USES ...), and its sources are held to it.

usage: include_direction.py ROOT

A room is a folder whose CMakeLists.txt calls room(); a source belongs to the innermost room around it. Reads every C++
source below the four top rooms of ROOT. An include of one of our files must be rooted at the repository
("isa/psw.hpp", not "psw.hpp" or "../isa/psw.hpp") and must lead into the room itself or one that it USES. What the
rooms declare must not go against isa <- simulation <- vmcp and scheduler <- vmcp, must name rooms, must not lead round
in a circle, and must be made use of. Every room has a README.md. Prints one line an offence; the exit status is 1 if
there was one.
"""

import pathlib
import re
import sys

MAY_KNOW = {
    "isa": {"isa"},
    "simulation": {"simulation", "isa"},
    "scheduler": {"scheduler"},
    "vmcp": {"vmcp", "simulation", "isa", "scheduler"},
}
SUFFIXES = {".cpp", ".hpp", ".h", ".inc"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
ROOM = re.compile(r"^room\(([^)]*)\)", re.MULTILINE)


def read_rooms(root):
    """The rooms that each room uses, by paths; and the line of its declaration."""
    uses = {}
    for top in MAY_KNOW:
        for file in sorted((root / top).rglob("CMakeLists.txt")):
            text = file.read_text()
            if match := ROOM.search(text):
                words, used = match.group(1).split(), []
                if "USES" in words:
                    for word in words[words.index("USES") + 1:]:
                        if word.isupper() or word.startswith("PRIVATE"):
                            break
                        used.append(word)
                line = text.count("\n", 0, match.start()) + 1
                uses[str(file.parent.relative_to(root))] = (used, f"{file.relative_to(root)}:{line}")
    return uses


def bad_declarations(uses):
    for room, (used, where) in uses.items():
        for other in used:
            if other not in uses:
                yield f"{where}: {room} uses {other}, which is no room"
            elif other.split("/")[0] not in MAY_KNOW[room.split("/")[0]]:
                yield f"{where}: {room} must not use {other}; it may know {', '.join(sorted(MAY_KNOW[room.split('/')[0]]))}"
    done, path = set(), []

    def circle(room):
        if room in path:
            return path[path.index(room):] + [room]
        if room in done or room not in uses:
            return None
        path.append(room)
        found = next(filter(None, map(circle, uses[room][0])), None)
        path.pop()
        done.add(room)
        return found

    for room in uses:
        if found := circle(room):
            yield f"{uses[found[0]][1]}: rooms use one another in a circle: {' -> '.join(found)}"
            return


def room_of(path, uses):
    parts = path.split("/")
    for n in range(len(parts) - 1, 0, -1):
        if "/".join(parts[:n]) in uses:
            return "/".join(parts[:n])
    return None


def bad_includes(root, uses):
    made_use_of = {room: set() for room in uses}
    for top in MAY_KNOW:
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in SUFFIXES:
                continue
            room = room_of(str(path.relative_to(root)), uses)
            for number, line in enumerate(path.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                quote, target = match.groups()
                where = f"{path.relative_to(root)}:{number}"
                if target.split("/")[0] in MAY_KNOW:
                    other = room_of(target, uses)
                    if room is None:
                        # The program's own main, outside of every room, may use any.
                        continue
                    if other is None:
                        yield f'{where}: "{target}" lies in no room'
                    elif other != room and other not in uses[room][0]:
                        yield f'{where}: {room} must not include "{target}"; it uses {", ".join(uses[room][0]) or "no other room"}'
                    made_use_of[room].add(other)
                elif quote == '"':
                    yield f'{where}: "{target}" does not begin with a room; includes are rooted at the repository'
    for room, (used, where) in uses.items():
        sources = any(p.suffix in SUFFIXES for p in (root / room).rglob("*"))
        for other in used if sources else ():
            if other in uses and other not in made_use_of[room]:
                yield f"{where}: {room} declares that it uses {other}, and does not"


def missing_readmes(root, uses):
    for room in uses:
        if not (root / room / "README.md").is_file():
            yield f"{room}: expected a README.md that says what lives there and whom it may know"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = pathlib.Path(sys.argv[1]).resolve()
    absent = [room for room in MAY_KNOW if not (root / room).is_dir()]
    if absent:
        sys.exit(f"{root}: no room {', '.join(absent)} here")
    uses = read_rooms(root)
    found = [*bad_declarations(uses), *bad_includes(root, uses), *missing_readmes(root, uses)]
    for line in found:
        print(line)
    sys.exit(1 if found else 0)


main()
