#include "isa/assembler/program_labels.hpp"

#include <algorithm>

namespace isa::assembler {
namespace {

std::vector<uint32_t> places_of_data(const Result& result) {
    std::vector<uint32_t> places;
    for (const PlacedStatement& s : result.statements)
        if (!s.instruction) places.push_back(s.address);
    std::sort(places.begin(), places.end());
    return places;
}

}  // namespace

bool in_image(const SectionInfo& section) {
    return (section.kind == SectionKind::control || section.kind == SectionKind::common) && section.size > 0;
}

std::vector<ProgramLabel> program_labels(const Result& result) {
    const std::vector<uint32_t> data = places_of_data(result);
    std::vector<ProgramLabel> labels;
    for (const SymbolInfo& s : result.symbols) {
        if (s.absolute || s.name == s.section) continue;
        const auto section = std::find_if(result.sections.begin(), result.sections.end(),
                                          [&](const SectionInfo& one) { return one.name == s.section; });
        if (section == result.sections.end() || !in_image(*section)) continue;
        labels.push_back({&s, section->origin + section->size,
                          static_cast<std::size_t>(section - result.sections.begin()),
                          std::binary_search(data.begin(), data.end(), s.value)});
    }
    std::stable_sort(labels.begin(), labels.end(), [](const ProgramLabel& a, const ProgramLabel& b) {
        return a.symbol->value < b.symbol->value;
    });
    for (std::size_t i = labels.size(); i-- > 1;) {
        const ProgramLabel& next = labels[i];
        ProgramLabel& label = labels[i - 1];
        const uint32_t end = next.symbol->value == label.symbol->value ? next.end : next.symbol->value;
        label.end = std::max(std::min(label.end, end), label.symbol->value);
    }
    return labels;
}

}  // namespace isa::assembler
