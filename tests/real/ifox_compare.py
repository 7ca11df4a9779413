#!/usr/bin/env python3
"""Compares `vmcp asm` with the maker's own assembler: IFOX00 of OS/VS1, run under OS/VS1 on the simulated machine.

Every SOURCE (a file, or a folder: all its *.asm) is assembled by both. What is compared: whether there were errors, every byte of
text with its address, the dictionary (ESD) and the relocations (RLD) as sets, the END record's entry, and other cards. One line
says that they agree, or the first difference of each kind is told. The exit status is 1 if anything differs, or only one of the two
has errors (and vmcp asm does not even warn).

The system is made once from its starter tape in SHARED/guests/osvs1 (half a minute) and kept in the --system folder. Where the
tape is absent this says SKIP, and the exit status is 77.

examples:
  tests/real/ifox_compare.py examples/guests                          all sources of a folder
  tests/real/ifox_compare.py prog.asm --copy macros                   with a macro library
  tests/real/ifox_compare.py prog.asm --maclib                        with SYS1.MACLIB, for vmcp asm as well
  tests/real/ifox_compare.py $(cat list) --maclib --sysparm 7510      what &SYSPARM is
"""

import argparse
import collections
import functools
import itertools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from object_deck import ObjectDeck, as_text, differences
from osvs1_assembler import Failed, Missing, System

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = os.environ.get("VMCP_SHARED", ROOT.parent / "shared")
SKIPPED = 77
ERROR = 8  # the condition code from which on an assembly has failed; 4 is a warning
DATE = "01/01/00"  # the day that OS/VS1 believes in here
TIMES = ("00.00", "11.11")  # The minute cannot be told: bytes that these change are not compared.
ENDINGS = ("", ".asm", ".copy", ".mac")  # in the order of vmcp asm
MEMBER = re.compile(r"[A-Z$#@][A-Z0-9$#@]{0,7}")


def sources_of(arguments):
    found = []
    for argument in map(pathlib.Path, arguments):
        if argument.is_dir():
            found += sorted(argument.rglob("*.asm"))
        elif argument.exists():
            found.append(argument)
        else:
            sys.exit(f"ifox_compare: {argument}: no such file or folder")
    return found


def batches(sources, size):
    """Sources of one folder at a time, at most so many."""
    for _, group in itertools.groupby(sources, key=lambda source: source.parent):
        group = list(group)
        for at in range(0, len(group), size):
            yield group[at : at + size]


def member_file(name, folders, wanted):
    for folder in folders:
        for stem in (name, name.lower()):
            for ending in ENDINGS:
                path = folder / (stem + ending)
                if path.is_file() and wanted(path):
                    return path
    return None


def statements(path):
    """Operation and the beginning of the operands of each line that is no comment."""
    for line in path.read_bytes().decode("latin-1").split("\n"):
        words = line[:71].upper().split()
        if words and not line.startswith(("*", ".*")):
            words = words if line[0] == " " else words[1:]
            yield (words + ["", ""])[:2]


def is_macro(path):
    return next(iter(statements(path)), ("", ""))[0] == "MACRO"


def named_in(path):
    """Names of what may be macros, and of members that are copied."""
    operations, copied = set(), set()
    for operation, operands in statements(path):
        operations.add(operation)
        if operation == "COPY":
            copied.add(operands.split(",")[0])
    return [{name for name in names if MEMBER.fullmatch(name)} for names in (operations, copied)]


def members_for(sources, folders):
    """{name: file} of what the sources may take from the folders, and what these may take in turn."""
    members, looked_at, waiting = {}, set(), list(sources)
    while waiting:
        for names, wanted in zip(named_in(waiting.pop()), (is_macro, pathlib.Path.is_file)):
            for name in names:
                if name in members or (name, wanted) in looked_at:
                    continue
                looked_at.add((name, wanted))
                path = member_file(name, folders, wanted)
                if path is not None:
                    members[name] = path
                    waiting.append(path)
    return members


def assemble_here(vmcp, source, folders, sysparm, time, folder):
    """Deck (None if there were errors) and what was said."""
    deck = folder / "deck"
    deck.unlink(missing_ok=True)
    copies = [word for place in folders for word in ("--copy", str(place))]
    command = [vmcp, "asm", source, "--format", "object", "-o", deck, "--date", DATE, "--time", time, "--sysparm", sysparm]
    try:
        done = subprocess.run(
            [str(word) for word in command + copies], capture_output=True, text=True, errors="replace", timeout=300, check=False
        )
    except subprocess.TimeoutExpired:
        return None, "not done within 300 s"
    if done.returncode in (0, 1):
        return (deck.read_bytes() if done.returncode == 0 else None), done.stderr
    return None, f"vmcp asm ended with {done.returncode}: {done.stderr}"


def first_error(text):
    errors = [line for line in text.splitlines() if ": error:" in line]
    return (errors or text.strip().splitlines() or ["no message"])[0]


def without_time(theirs, ours, later):
    """Takes out of the first two what the third has otherwise."""
    for place in [place for place, byte in ours.text.items() if later.text.get(place) != byte]:
        del ours.text[place]
        theirs.text.pop(place, None)


def verdict(theirs, here):
    """What became of one source, in a word, and lines that tell more. here(time) assembles it with vmcp asm."""
    deck, said = here(TIMES[0])
    if theirs.code is None:
        return "no judge", ["IFOX00 did not end; see the console (--keep)"]
    if theirs.code >= ERROR:
        flagged = re.findall(r"\bIFO\d+.*", theirs.messages) or [f"condition code {theirs.code}"]
        if deck is None:
            return "both refuse", []
        lines = [f"IFOX00 has errors: {flagged[0]}"]
        return ("only warned", lines) if ": warning:" in said else ("ACCEPTED", lines + ["vmcp asm says nothing"])
    if deck is None:
        return "REFUSED", [f"IFOX00 has no errors; vmcp asm says {first_error(said)}"]
    decks = ObjectDeck(theirs.deck), ObjectDeck(deck)
    found = differences(*decks)
    if found:
        without_time(*decks, ObjectDeck(here(TIMES[1])[0] or deck))
        found = differences(*decks)
    return ("DIFFERS", found) if found else ("same", [])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="+", help="assembler source, or a folder with .asm files")
    parser.add_argument("--copy", action="append", default=[], metavar="DIR", help="library of macros and members; may be repeated")
    parser.add_argument("--maclib", action="store_true", help="give vmcp asm OS/VS1's SYS1.MACLIB behind the others (IFOX00 always has it)")
    parser.add_argument("--sysparm", default="", help="the value of &SYSPARM")
    parser.add_argument("--vmcp", default=ROOT / "build/release/vmcp", help="the program (%(default)s)")
    parser.add_argument("--shared", default=SHARED, help="where guests/osvs1 is (%(default)s)")
    parser.add_argument("--system", default=ROOT / "build/ifox", help="where the system is kept (%(default)s)")
    parser.add_argument("--batch", type=int, default=200, help="sources for one load of the system (%(default)s)")
    parser.add_argument("--keep", metavar="DIR", help="put console, printer and punch of the last batch there, and all decks, also as text (.deck)")
    options = parser.parse_args()

    sources = sources_of(options.source)
    folders = [pathlib.Path(folder) for folder in options.copy]
    keep = pathlib.Path(options.keep) if options.keep else None
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    counts = collections.Counter()
    try:
        system = System(options.vmcp, options.shared, options.system)
        if options.maclib:
            folders.append(system.macro_library())
        for batch in batches(sources, options.batch):
            # vmcp asm looks for members beside the source first.
            members = members_for(batch, [batch[0].parent] + folders[: len(options.copy)])
            parameters = f"SYSPARM({options.sysparm})" if options.sysparm else ""
            assemblies = system.assemble(batch, members, parameters, keep)
            with tempfile.TemporaryDirectory() as folder:
                for source, theirs in zip(batch, assemblies):
                    here = functools.partial(
                        assemble_here, options.vmcp, source, folders, options.sysparm, folder=pathlib.Path(folder)
                    )
                    word, lines = verdict(theirs, here)
                    counts[word] += 1
                    print(f"{source}: {word}", *lines, sep="\n    ", flush=True)
                    if keep:
                        (keep / f"{source.stem}.ifox").write_bytes(theirs.deck)
                        (keep / f"{source.stem}.deck").write_text(as_text(theirs.deck), encoding="utf-8")
                        (keep / f"{source.stem}.vmcp").write_bytes(here(TIMES[0])[0] or b"")
    except Missing as missing:
        print(f"SKIP: {missing}")
        return SKIPPED
    except Failed as failed:
        sys.exit(f"ifox_compare: {failed}")
    print(f"{len(sources)} sources:", ", ".join(f"{count} {word}" for word, count in counts.most_common()))
    return 1 if any(word.isupper() for word in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
