// An object deck as text, for tests: a line a dictionary item, a run of text or a relocation.
//
//   T SD 1 000000+00000C        section with its number, address and length (also PC, CM; XD has its
//   alignment) X ER 2                      external reference (also WX) E LD 000010 in 1            entry
//   text 1 000000 0102...       as one card has it
//   relocate 1 0000 by 2 flags 0C
//   end 000000 in 1 '...'       '' holds columns 33-71, if not blank
//   card '...'                  what is no record
#pragma once

#include <fmt/format.h>

#include <map>
#include <span>
#include <string>
#include <vector>

#include "isa/assembler/object_deck.hpp"
#include "isa/ebcdic.hpp"

namespace isa::assembler::test {

class DeckText {
  public:
    explicit DeckText(const std::vector<uint8_t>& deck) {
        for (std::size_t at = 0; at + 80 <= deck.size(); at += 80) card(deck.data() + at);
    }
    std::string text;

  private:
    static std::string characters(const uint8_t* p, std::size_t n) {
        std::string s;
        for (std::size_t i = 0; i < n; ++i) s.push_back(to_ascii(p[i]));
        s.erase(s.find_last_not_of(' ') + 1);
        return s;
    }
    static unsigned number(const uint8_t* p, std::size_t n) {
        unsigned v = 0;
        for (std::size_t i = 0; i < n; ++i) v = v << 8 | p[i];
        return v;
    }

    void card(const uint8_t* c) {
        if (c[0] != 0x02) {
            text += fmt::format("card '{}'\n", characters(c, 80));
            return;
        }
        const std::string kind = characters(c + 1, 3);
        const unsigned bytes = c[10] == kEbcdicBlank ? 0 : number(c + 10, 2);
        if (kind == "ESD") dictionary(c, bytes);
        if (kind == "TXT") {
            text += fmt::format("text {} {:06X} ", number(c + 14, 2), number(c + 5, 3));
            for (unsigned i = 0; i < bytes; ++i) text += fmt::format("{:02X}", c[16 + i]);
            text += "\n";
        }
        if (kind == "RLD") relocations(c + 16, bytes);
        if (kind == "END") {
            text += "end";
            if (c[5] != kEbcdicBlank)
                text += fmt::format(" {:06X} in {}", number(c + 5, 3), number(c + 14, 2));
            if (const std::string who = characters(c + 32, 39); !who.empty()) text += " '" + who + "'";
            text += "\n";
        }
    }

    void dictionary(const uint8_t* c, unsigned bytes) {
        static const std::map<unsigned, const char*> kTypes = {{0, "SD"}, {1, "LD"}, {2, "ER"}, {4, "PC"},
                                                               {5, "CM"}, {6, "XD"}, {10, "WX"}};
        unsigned id = c[14] == kEbcdicBlank ? 0 : number(c + 14, 2);
        for (const uint8_t* e = c + 16; e < c + 16 + bytes; e += 16) {
            const std::string type = kTypes.at(e[8]);
            text += fmt::format("{} {}", characters(e, 8), type);
            if (type == "LD") {
                text += fmt::format(" {:06X} in {}\n", number(e + 9, 3), number(e + 13, 3));
                continue;
            }
            text += fmt::format(" {}", id++);
            if (type == "XD")
                text += fmt::format(" {}+{:06X}", e[12] + 1, number(e + 13, 3));
            else if (type != "ER" && type != "WX")
                text += fmt::format(" {:06X}+{:06X}", number(e + 9, 3), number(e + 13, 3));
            text += "\n";
        }
    }

    void relocations(const uint8_t* p, unsigned bytes) {
        const uint8_t* const end = p + bytes;
        unsigned target = 0, section = 0;
        for (bool same = false; p < end;) {
            if (!same) {
                target = number(p, 2);
                section = number(p + 2, 2);
                p += 4;
            }
            text += fmt::format("relocate {} {:04X} by {} flags {:02X}\n", section, number(p + 1, 3), target,
                                p[0] & 0xFE);
            same = (p[0] & 1) != 0;
            p += 4;
        }
    }
};

/// The deck of a result without errors.
inline std::string deck_text(const Result& r) { return DeckText(make_object_deck(r, "")).text; }

}  // namespace isa::assembler::test
