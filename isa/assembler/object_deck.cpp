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

enum class DictionaryType : uint8_t {
    sd = 0x00,
    ld = 0x01,
    er = 0x02,
    pc = 0x04,
    cm = 0x05,
    xd = 0x06,
    wx = 0x0A
};

DictionaryType type_of(const SectionInfo& s) {
    switch (s.kind) {
        case SectionKind::common: return DictionaryType::cm;
        case SectionKind::external_dummy: return DictionaryType::xd;
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
    ObjectDeck(const Result& result, std::string identification)
        : r_(result), punch_(std::move(identification)) {}

    std::vector<uint8_t> make() {
        number_sections();
        for (const PunchedCard& card : r_.punched)
            if (card.leads) punch_.verbatim(card.columns);
        dictionary();
        text();
        relocations();
        const std::string translator = r_.translator.empty() ? std::string() : "1" + r_.translator;
        if (r_.has_entry)
            punch_.end(r_.entry, number_[r_.entry_section], translator);
        else
            punch_.end(-1, -1, translator);
        return punch_.take();
    }

  private:
    /// Every item of the dictionary but entries has a number, in their order.
    void number_sections() {
        number_.assign(r_.sections.size(), -1);
        int next = 1;
        for (const DictionaryItem& item : r_.dictionary)
            if (!item.entry) number_[item.index] = next++;
    }

    std::vector<uint8_t> section_item(const SectionInfo& s) const {
        std::vector<uint8_t> item;
        const bool external = s.kind == SectionKind::external;
        put_name(item, s.name);
        item.push_back(static_cast<uint8_t>(type_of(s)));
        put_number(item, s.kind == SectionKind::control ? s.origin : 0, 3);
        item.push_back(s.kind == SectionKind::external_dummy ? static_cast<uint8_t>(s.alignment - 1)
                                                             : kEbcdicBlank);
        if (external)
            item.insert(item.end(), 3, kEbcdicBlank);
        else
            put_number(item, s.size, 3);
        return item;
    }

    std::vector<uint8_t> entry_item(const EntryInfo& e) const {
        std::vector<uint8_t> item;
        put_name(item, e.name);
        item.push_back(static_cast<uint8_t>(DictionaryType::ld));
        put_number(item, e.address, 3);
        item.push_back(kEbcdicBlank);
        put_number(item, static_cast<uint32_t>(number_[e.section]), 3);
        return item;
    }

    void dictionary() {
        std::vector<uint8_t> card;
        int first = -1;  // number of the first numbered item on the card
        const auto flush = [&] {
            if (!card.empty()) punch_.record("ESD", -1, first, card);
            card.clear();
            first = -1;
        };
        for (const DictionaryItem& x : r_.dictionary) {
            if (card.size() + kDictionaryItem > 3 * kDictionaryItem) flush();
            if (first < 0 && !x.entry) first = number_[x.index];
            const auto item = x.entry ? entry_item(r_.entries[x.index]) : section_item(r_.sections[x.index]);
            card.insert(card.end(), item.begin(), item.end());
        }
        flush();
    }

    /// The text, with the source's own cards where they stood.
    void text() {
        std::vector<uint8_t> run;  // pieces that follow one another share cards
        uint32_t address = 0;
        std::size_t section = 0;
        const auto flush = [&] {
            if (!run.empty()) punch_.text(address, number_[section], run);
            run.clear();
        };
        auto card =
            std::find_if(r_.punched.begin(), r_.punched.end(), [](const PunchedCard& c) { return !c.leads; });
        for (std::size_t i = 0; i <= r_.text.size(); ++i) {
            for (; card != r_.punched.end() && card->text <= i; ++card) {
                flush();
                punch_.verbatim(card->columns);
            }
            if (i == r_.text.size()) break;
            const TextPiece& p = r_.text[i];
            if (run.empty() || p.section != section || p.address != address + run.size()) {
                flush();
                address = p.address;
                section = p.section;
            }
            run.insert(run.end(), p.bytes.begin(), p.bytes.end());
        }
        flush();
    }

    int number_of(const RelocationInfo& item) const {
        return item.target == kNoSection ? 0 : number_[item.target];
    }

    static uint8_t flags_of(const RelocationInfo& item) {
        const int type = item.type == 'V' ? 0x10 : item.type == 'Q' ? 0x20 : item.type == 'C' ? 0x30 : 0;
        return static_cast<uint8_t>(type | (item.length - 1) << 2 | (item.negative ? 0x02 : 0));
    }

    void relocations() {
        auto items = r_.relocations;
        std::stable_sort(items.begin(), items.end(), [&](const RelocationInfo& a, const RelocationInfo& b) {
            if (a.section != b.section) return number_[a.section] < number_[b.section];
            return number_of(a) != number_of(b) ? number_of(a) < number_of(b) : a.address < b.address;
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
                put_number(card, static_cast<uint32_t>(number_of(item)), 2);
                put_number(card, static_cast<uint32_t>(number_[item.section]), 2);
            }
            last_flag = card.size();
            card.push_back(flags_of(item));
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
    return ObjectDeck(result, result.deck_name.empty() ? deck_identification(name) : result.deck_name).make();
}

}  // namespace isa::assembler
