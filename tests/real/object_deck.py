"""An object deck of the linkage editor's records, read, and two of them compared."""

import collections

CODE_PAGE = "cp037"
CARD = 80
TYPES = {0: "SD", 1: "LD", 2: "ER", 4: "PC", 5: "CM", 6: "XD", 10: "WX"}


def number(field):
    return int.from_bytes(field, "big")


class ObjectDeck:
    """esd: set of (name, type, address, length or what an LD lies in); text: {(section, address): byte};
    rld: multiset of (section, address, target, flags), sections by name, so that their numbers do not matter;
    end: (entry address, section) or None; cards: the others, which are no record."""

    def __init__(self, data):
        self.esd, self.rld = set(), collections.Counter()
        self.text, self.end, self.cards = {}, None, []
        self.names = {}  # section number: name
        self.entries = []  # LD items: (name, address, section number)
        relocations = []
        for at in range(0, len(data) - CARD + 1, CARD):
            card = data[at : at + CARD]
            if card[0] != 0x02:
                # (Blank ones are the punch's own: they separate what different data sets punch.)
                self.cards += [text for text in [card.decode(CODE_PAGE).rstrip()] if text]
                continue
            kind = card[1:4].decode(CODE_PAGE)
            count = 0 if card[10] == 0x40 else number(card[10:12])
            if kind == "ESD":
                self._dictionary(card, count)
            elif kind == "TXT":
                section, address = number(card[14:16]), number(card[5:8])
                for offset in range(count):
                    self.text[section, address + offset] = card[16 + offset]
            elif kind == "RLD":
                relocations += self.relocations_of(card[16 : 16 + count])
            elif kind == "END" and card[5] != 0x40:
                self.end = (f"{number(card[5:8]):06X}", self.name(number(card[14:16])))
        for name, address, section in self.entries:
            self.esd.add((name, "LD", f"{address:06X}", self.name(section)))
        for section, address, target, flags in relocations:
            self.rld[self.name(section), f"{address:06X}", self.name(target), f"{flags:02X}"] += 1
        self.text = {(self.name(s), f"{a:06X}"): byte for (s, a), byte in self.text.items()}

    def name(self, section):
        return self.names.get(section, f"#{section}")

    def _dictionary(self, card, count):
        section = 0 if card[14] == 0x40 else number(card[14:16])
        for at in range(16, 16 + count, 16):
            item = card[at : at + 16]
            name, kind = item[:8].decode(CODE_PAGE).rstrip(), TYPES.get(item[8], f"{item[8]:02X}")
            address, length = number(item[9:12]), number(item[13:16])
            if kind == "LD":
                self.entries.append((name, address, length))
                continue
            if kind in ("ER", "WX"):
                self.esd.add((name, kind, "", ""))
            else:
                self.esd.add((name, kind, f"{address:06X}" if kind != "XD" else f"align {item[12] + 1}", f"{length:06X}"))
            # The same name may stand for a section and, as an operand of V, for something external.
            self.names[section] = name if kind in ("SD", "PC", "CM") else f"{name}({kind})"
            section += 1

    @staticmethod
    def relocations_of(items):
        found, at, same = [], 0, False
        target = section = 0
        while at < len(items):
            if not same:
                target, section = number(items[at : at + 2]), number(items[at + 2 : at + 4])
                at += 4
            found.append((section, number(items[at + 1 : at + 4]), target, items[at] & 0xFE))
            same = bool(items[at] & 1)
            at += 4
        return found


def first_difference(kind, theirs, ours):
    """One line about two sets or multisets, or nothing."""
    if theirs == ours:
        return []
    theirs, ours = collections.Counter(theirs), collections.Counter(ours)
    missing, extra = sorted((theirs - ours).elements()), sorted((ours - theirs).elements())
    sides = []
    for who, items in (("IFOX00 has", missing), ("vmcp asm has", extra)):
        if items:
            more = f" and {len(items) - 1} more" if len(items) > 1 else ""
            sides.append(f"{who} {' '.join(part for part in items[0] if part)}{more}")
    return [f"{kind}: " + "; ".join(sides)]


def differences(theirs, ours):
    """Lines that say the first difference of each kind between the decks of IFOX00 and of vmcp asm."""
    found = []
    places = [place for place in sorted(set(theirs.text) | set(ours.text)) if theirs.text.get(place) != ours.text.get(place)]
    if places:
        shown = [f"{deck.text[places[0]]:02X}" if places[0] in deck.text else "nothing" for deck in (theirs, ours)]
        found.append(
            f"text: {len(places)} bytes differ, the first at {' '.join(places[0])}: IFOX00 has {shown[0]}; vmcp asm has {shown[1]}"
        )
    found += first_difference("ESD", theirs.esd, ours.esd)
    found += first_difference("RLD", theirs.rld, ours.rld)
    if theirs.end != ours.end:
        found.append(f"END: IFOX00 has {theirs.end or 'no entry'}; vmcp asm has {ours.end or 'no entry'}")
    if theirs.cards != ours.cards:
        found.append(f"other cards: IFOX00 has {theirs.cards[:2]}; vmcp asm has {ours.cards[:2]}")
    return found


def as_text(data):
    """A deck in the form of tests/isa/object_deck_text.hpp, as tests/fixtures/assembler has it."""
    lines = []
    for at in range(0, len(data) - CARD + 1, CARD):
        card = data[at : at + CARD]
        kind = card[1:4].decode(CODE_PAGE) if card[0] == 0x02 else ""
        count = 0 if card[10] == 0x40 else number(card[10:12])
        if kind == "ESD":
            lines += dictionary_lines(card, count)
        elif kind == "TXT":
            lines.append(f"text {number(card[14:16])} {number(card[5:8]):06X} {card[16 : 16 + count].hex().upper()}")
        elif kind == "RLD":
            for section, address, target, flags in ObjectDeck.relocations_of(card[16 : 16 + count]):
                lines.append(f"relocate {section} {address:04X} by {target} flags {flags:02X}")
        elif kind == "END":
            entry = "" if card[5] == 0x40 else f" {number(card[5:8]):06X} in {number(card[14:16])}"
            # Column 33 counts identifications: the assembler's own comes first and is left out.
            translator = card[32:72].decode(CODE_PAGE)
            lines.append("end" + entry + (f" '1{translator[20:39]}'" if translator[0] == "2" else ""))
        else:
            lines.append(f"card '{card.decode(CODE_PAGE).rstrip()}'")
    while lines and lines[-1] == "card ''":  # the punch's own
        lines.pop()
    return "\n".join(lines) + "\n"


def dictionary_lines(card, count):
    section = 0 if card[14] == 0x40 else number(card[14:16])
    for at in range(16, 16 + count, 16):
        item = card[at : at + 16]
        kind, length = TYPES[item[8]], number(item[13:16])
        line = f"{item[:8].decode(CODE_PAGE).rstrip()} {kind}"
        if kind == "LD":
            yield f"{line} {number(item[9:12]):06X} in {length}"
            continue
        line += f" {section}"
        section += 1
        if kind == "XD":
            line += f" {item[12] + 1}+{length:06X}"
        elif kind not in ("ER", "WX"):
            line += f" {number(item[9:12]):06X}+{length:06X}"
        yield line
