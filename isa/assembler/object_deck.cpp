#include "isa/assembler/object_deck.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "isa/assembler/card_punch.hpp"
#include "isa/ebcdic.hpp"

namespace isa::assembler {
namespace {

constexpr std::size_t kNameLength = 8;
constexpr std::size_t kDictionaryItem = 16;

enum class DictionaryType : uint8_t { sd = 0x00, ld = 0x01, er = 0x02, pc = 0x04, cm = 0x05, wx = 0x0A };

DictionaryType type_of(const SectionInfo& s) {
    switch (s.kind) {
        case SectionKind::common: return DictionaryType::cm;
        case SectionKind::external: return s.weak ? DictionaryType::wx : DictionaryType::er;
        default: return s.name.empty() ? DictionaryType::pc : DictionaryType::sd;
    }
}

void put_name(std::vector<uint8_t>& item, const std::string& name) {
    if (name.size() > kNameLength)
        throw std::runtime_error(
            fmt::format("{} is external and has more than {} characters: an object deck cannot hold it", name,
                        kNameLength));
    for (std::size_t i = 0; i < kNameLength; ++i)
        item.push_back(i < name.size() ? to_ebcdic(name[i]) : kEbcdicBlank);
}

void put_number(std::vector<uint8_t>& item, uint32_t value, unsigned bytes) {
    for (unsigned i = bytes; i-- > 0;) item.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

class ObjectDeck {
  public:
    ObjectDeck(const Result& result, std::string_view name) : r_(result), punch_(name) {}

    std::vector<uint8_t> make() {
        dictionary();
        text();
        relocations();
        if (r_.has_entry)
            punch_.record("END", r_.entry, number_[r_.entry_section], {});
        else
            punch_.record("END", -1, -1, {});
        return punch_.take();
    }

  private:
    void dictionary() {
        number_.assign(r_.sections.size(), -1);
        int next = 1;
        std::vector<uint8_t> card;
        int first = -1;  // number of the first numbered item on the card
        const auto flush = [&] {
            if (!card.empty()) punch_.record("ESD", -1, first, card);
            card.clear();
            first = -1;
        };
        const auto add = [&](const std::vector<uint8_t>& item, int number) {
            if (card.size() + kDictionaryItem > 3 * kDictionaryItem) flush();
            if (first < 0) first = number;
            card.insert(card.end(), item.begin(), item.end());
        };
        for (std::size_t i = 0; i < r_.sections.size(); ++i) {
            const SectionInfo& s = r_.sections[i];
            if (s.kind == SectionKind::dummy) continue;
            number_[i] = next++;
            std::vector<uint8_t> item;
            put_name(item, s.name);
            item.push_back(static_cast<uint8_t>(type_of(s)));
            put_number(item, s.origin, 3);
            item.push_back(kEbcdicBlank);
            if (s.kind == SectionKind::external)
                item.insert(item.end(), 3, kEbcdicBlank);
            else
                put_number(item, s.size, 3);
            add(item, number_[i]);
        }
        for (const EntryInfo& e : r_.entries) {
            std::vector<uint8_t> item;
            put_name(item, e.name);
            item.push_back(static_cast<uint8_t>(DictionaryType::ld));
            put_number(item, e.address, 3);
            item.push_back(kEbcdicBlank);
            put_number(item, static_cast<uint32_t>(number_[e.section]), 3);
            add(item, -1);
        }
        flush();
    }

    void text() {
        std::vector<uint8_t> run;  // pieces that follow one another share cards
        uint32_t address = 0;
        std::size_t section = 0;
        for (const TextPiece& p : r_.text) {
            if (p.section != section || p.address != address + run.size()) {
                punch_.text(address, number_[section], run);
                run.clear();
                address = p.address;
                section = p.section;
            }
            run.insert(run.end(), p.bytes.begin(), p.bytes.end());
        }
        punch_.text(address, r_.text.empty() ? -1 : number_[section], run);
    }

    void relocations() {
        auto items = r_.relocations;
        std::stable_sort(items.begin(), items.end(), [](const RelocationInfo& a, const RelocationInfo& b) {
            return a.section != b.section ? a.section < b.section : a.target < b.target;
        });
        std::vector<uint8_t> card;
        std::size_t last_flag = 0;  // place of the last item's flags on the card
        const RelocationInfo* last = nullptr;
        for (const RelocationInfo& item : items) {
            bool same = last != nullptr && last->target == item.target && last->section == item.section;
            if (card.size() + (same ? 4 : 8) > kCardData) {
                punch_.record("RLD", -1, -1, card);
                card.clear();
                same = false;
            }
            if (same) {
                card[last_flag] |= 0x01;
            } else {
                put_number(card, static_cast<uint32_t>(number_[item.target]), 2);
                put_number(card, static_cast<uint32_t>(number_[item.section]), 2);
            }
            last_flag = card.size();
            card.push_back(static_cast<uint8_t>((item.type == 'V' ? 0x10 : 0) | (item.length - 1) << 2 |
                                                (item.negative ? 0x02 : 0)));
            put_number(card, item.address, 3);
            last = &item;
        }
        if (!card.empty()) punch_.record("RLD", -1, -1, card);
    }

    const Result& r_;
    CardPunch punch_;
    std::vector<int> number_;  // ESD number of each section
};

}  // namespace

std::vector<uint8_t> make_object_deck(const Result& result, std::string_view name) {
    return ObjectDeck(result, name).make();
}

}  // namespace isa::assembler
