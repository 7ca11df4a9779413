// What an expression is worth: a number, and which sections' origins are to be added to it.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace isa::assembler {

/// Index of a section in the module's list.
using SectionId = int;

/// A place in a section; offsets count from the section's beginning.
struct Location {
    SectionId section = 0;
    uint32_t offset = 0;
    bool operator==(const Location&) const = default;
};

/// number + sum of factor * origin(section). No terms: absolute. One term with factor 1: simply relocatable.
struct Value {
    int64_t number = 0;
    std::vector<std::pair<SectionId, int>> terms;  // ascending sections, factors not 0

    Value() = default;
    explicit Value(int64_t n) : number(n) {}
    explicit Value(Location at) : number(at.offset), terms{{at.section, 1}} {}

    bool absolute() const { return terms.empty(); }
    bool simply_relocatable() const { return terms.size() == 1 && terms[0].second == 1; }
    /// Precondition: simply_relocatable().
    SectionId section() const { return terms[0].first; }

    /// this + factor * other
    void add(const Value& other, int factor) {
        number += factor * other.number;
        for (const auto& [section, count] : other.terms) {
            auto it = terms.begin();
            while (it != terms.end() && it->first < section) ++it;
            if (it == terms.end() || it->first != section) it = terms.insert(it, {section, 0});
            it->second += factor * count;
            if (it->second == 0) terms.erase(it);
        }
    }
};

}  // namespace isa::assembler
