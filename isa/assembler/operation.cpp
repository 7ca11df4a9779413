#include "isa/assembler/operation.hpp"

#include <algorithm>
#include <iterator>

namespace isa::assembler {
namespace {

struct Directives {
    std::string_view name;
    Directive directive;
};

constexpr Directives kDirectives[] = {
#define DIRECTIVE(name) {#name, Directive::name},
    ISA_ASSEMBLER_DIRECTIVES(DIRECTIVE)
#undef DIRECTIVE
};

/// Extended mnemonics are names for masks of the four branches on condition. Where two mean the same mask,
/// the first is what the disassembler prints.
struct Extended {
    std::string_view name;
    std::string_view base;
    uint8_t mask;
};

constexpr Extended kExtended[] = {
    {"B", "BC", 15},       {"NOP", "BC", 0},      {"BH", "BC", 2},      {"BL", "BC", 4},
    {"BE", "BC", 8},       {"BNH", "BC", 13},     {"BNL", "BC", 11},    {"BNE", "BC", 7},
    {"BO", "BC", 1},       {"BNO", "BC", 14},     {"BP", "BC", 2},      {"BM", "BC", 4},
    {"BZ", "BC", 8},       {"BNP", "BC", 13},     {"BNM", "BC", 11},    {"BNZ", "BC", 7},
    {"BR", "BCR", 15},     {"NOPR", "BCR", 0},    {"BHR", "BCR", 2},    {"BLR", "BCR", 4},
    {"BER", "BCR", 8},     {"BNHR", "BCR", 13},   {"BNLR", "BCR", 11},  {"BNER", "BCR", 7},
    {"BOR", "BCR", 1},     {"BNOR", "BCR", 14},   {"BPR", "BCR", 2},    {"BMR", "BCR", 4},
    {"BZR", "BCR", 8},     {"BNPR", "BCR", 13},   {"BNMR", "BCR", 11},  {"BNZR", "BCR", 7},
    {"J", "BRC", 15},      {"JNOP", "BRC", 0},    {"JH", "BRC", 2},     {"JL", "BRC", 4},
    {"JE", "BRC", 8},      {"JNH", "BRC", 13},    {"JNL", "BRC", 11},   {"JNE", "BRC", 7},
    {"JO", "BRC", 1},      {"JNO", "BRC", 14},    {"JP", "BRC", 2},     {"JM", "BRC", 4},
    {"JZ", "BRC", 8},      {"JNP", "BRC", 13},    {"JNM", "BRC", 11},   {"JNZ", "BRC", 7},
    {"BRUL", "BRCL", 15},  {"BRHL", "BRCL", 2},   {"BRLL", "BRCL", 4},  {"BREL", "BRCL", 8},
    {"BRNHL", "BRCL", 13}, {"BRNLL", "BRCL", 11}, {"BRNEL", "BRCL", 7}, {"BROL", "BRCL", 1},
    {"BRNOL", "BRCL", 14},
};

/// Other names for rows.
struct Alias {
    std::string_view name;
    std::string_view base;
};

constexpr Alias kAliases[] = {{"JAS", "BRAS"},   {"JASL", "BRASL"}, {"JCT", "BRCT"}, {"JXH", "BRXH"},
                              {"JXLE", "BRXLE"}, {"TMLH", "TMH"},   {"TMLL", "TML"}};

}  // namespace

std::optional<Directive> find_directive(std::string_view name) {
    for (const auto& d : kDirectives)
        if (d.name == name) return d.directive;
    return std::nullopt;
}

bool is_assembler_operation(std::string_view name) {
    static constexpr std::string_view kMacroLanguage[] = {
        "MACRO", "MEND", "MEXIT", "COPY", "GBLA", "GBLB", "GBLC", "LCLA",  "LCLB", "LCLC",
        "SETA",  "SETB", "SETC",  "AIF",  "AGO",  "ANOP", "ACTR", "MNOTE", "MHELP"};
    return find_directive(name).has_value() ||
           std::find(std::begin(kMacroLanguage), std::end(kMacroLanguage), name) != std::end(kMacroLanguage);
}

std::optional<MachineOperation> find_machine_operation(std::string_view name) {
    if (const Op op = find_mnemonic(name); op != Op::invalid) return MachineOperation{op, std::nullopt};
    for (const Extended& e : kExtended) {
        if (e.name != name) continue;
        const Op op = find_mnemonic(e.base);
        if (op != Op::invalid) return MachineOperation{op, e.mask};
    }
    for (const Alias& a : kAliases) {
        if (a.name != name) continue;
        const Op op = find_mnemonic(a.base);
        if (op != Op::invalid) return MachineOperation{op, std::nullopt};
    }
    return std::nullopt;
}

std::string_view extended_mnemonic(Op op, unsigned mask) {
    const Format format = row_of(op).format;
    if (format != Format::RX_M && format != Format::RR_M && format != Format::RI_M && format != Format::RIL_M)
        return {};
    for (const Extended& e : kExtended)
        if (e.mask == mask && e.base == row_of(op).mnemonic) return e.name;
    return {};
}

}  // namespace isa::assembler
