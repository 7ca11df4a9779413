#include "isa/assembler/program_lines.hpp"

#include <iterator>
#include <map>

namespace isa::assembler {
namespace {

using Placed = std::map<uint32_t, const PlacedStatement*>;

/// Puts a statement in the place of those that it lies over.
void place(Placed& placed, const PlacedStatement& s) {
    auto first = placed.lower_bound(s.address);
    if (first != placed.begin()) {
        const auto before = std::prev(first);
        if (before->first + before->second->length > s.address) first = before;
    }
    placed.erase(first, placed.lower_bound(s.address + s.length));
    placed.emplace(s.address, &s);
}

}  // namespace

std::vector<ProgramLine> program_lines(const Result& result) {
    Placed placed;
    for (const PlacedStatement& s : result.statements) place(placed, s);
    std::vector<ProgramLine> lines;
    for (const auto& [address, s] : placed) {
        if (!s->instruction) continue;
        if (!lines.empty() && lines.back().end == address && lines.back().line == s->line &&
            *lines.back().file == *s->file)
            lines.back().end += s->length;
        else
            lines.push_back({address, address + s->length, s->file, s->line});
    }
    return lines;
}

}  // namespace isa::assembler
