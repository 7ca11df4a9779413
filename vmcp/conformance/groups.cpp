#include "vmcp/conformance/groups.hpp"

namespace vmcp::conformance {
namespace {
constexpr std::string_view kGroups[] = {"general", "decimal", "float", "control", "io", "gcc", "undefined"};
}

std::string_view group_of(const isa::Row& row) {
    if (row.facility == isa::Facility::gcc) return "gcc";
    switch (row.chapter) {
        case 7: return "general";
        case 8: return "decimal";
        case 9: return "float";
        case 13: return "io";
        default: return "control";
    }
}

std::string_view group_of(isa::Op op) {
    return op == isa::Op::invalid ? "undefined" : group_of(isa::row_of(op));
}

std::string_view mnemonic_of(isa::Op op) {
    return op == isa::Op::invalid ? "undefined" : isa::row_of(op).mnemonic;
}

isa::Op op_of(std::string_view mnemonic) { return isa::find_mnemonic(mnemonic); }

bool is_group(std::string_view name) {
    for (const std::string_view group : kGroups)
        if (group == name) return true;
    return false;
}

std::string group_names() {
    std::string names;
    for (const std::string_view group : kGroups) {
        if (!names.empty()) names += ", ";
        names += group;
    }
    return names;
}

Architecture architecture_of(isa::Op op) {
    return op != isa::Op::invalid && isa::row_of(op).facility == isa::Facility::gcc ? Architecture::esa390
                                                                                    : Architecture::s370;
}

std::string_view not_judged_because(const isa::Row& row) {
    if (row.facility == isa::Facility::direct_control) return "the judge has no direct control";
    return {};
}

}  // namespace vmcp::conformance
