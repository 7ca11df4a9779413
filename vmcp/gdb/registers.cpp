#include "vmcp/gdb/registers.hpp"

#include <fmt/format.h>

#include "vmcp/gdb/packet.hpp"

namespace vmcp::gdb {
namespace {

using What = RegisterKind::What;
using Alter = debug::Alteration::What;

/// Features of the description, and how many registers they have.
struct Feature {
    const char* name;
    unsigned registers;
};
constexpr Feature kFeatures[] = {{"org.gnu.gdb.s390.core", 18},
                                 {"org.gnu.gdb.s390.acr", 16},
                                 {"org.gnu.gdb.s390.fpr", 17},
                                 {"vmcp.s370.control", 17}};

std::vector<RegisterKind> make_kinds() {
    std::vector<RegisterKind> kinds = {{What::psw_mask, 0, 4, "pswm"}, {What::psw_address, 0, 4, "pswa"}};
    const auto sixteen = [&kinds](What what, unsigned bytes, const char* prefix) {
        for (unsigned i = 0; i < 16; ++i) kinds.push_back({what, i, bytes, prefix + std::to_string(i)});
    };
    sixteen(What::general, 4, "r");
    sixteen(What::absent, 4, "acr");
    kinds.push_back({What::absent, 0, 4, "fpc"});
    sixteen(What::floating, 8, "f");
    for (RegisterKind& kind : kinds)  // System/370 has 0, 2, 4 and 6
        if (kind.what == What::floating && (kind.number % 2 != 0 || kind.number > 6))
            kind.what = What::absent;
    sixteen(What::control, 4, "cr");
    kinds.push_back({What::psw, 0, 8, "psw370"});
    return kinds;
}

uint64_t ec_shaped(isa::Psw psw) {
    if (!psw.ec_mode) psw.io_mask = psw.bc_channel_masks != 0;
    psw.ec_mode = true;
    psw.wide_load_address = true;
    return isa::encode(psw);
}

/// The PSW whose shape in EC mode has another left word.
isa::Psw with_left_word(const isa::Psw& now, uint32_t word) {
    const isa::Psw wanted = isa::decode_psw(uint64_t{word | 0x00080000} << 32 | (now.address & 0xFFFFFF));
    if (now.ec_mode) {
        isa::Psw psw = wanted;
        psw.wide_load_address = now.wide_load_address;
        psw.ec_reserved_low = now.ec_reserved_low;
        return psw;
    }
    isa::Psw psw = now;
    psw.key = wanted.key;
    psw.external_mask = wanted.external_mask;
    psw.machine_check_mask = wanted.machine_check_mask;
    psw.wait = wanted.wait;
    psw.problem_state = wanted.problem_state;
    psw.condition_code = wanted.condition_code;
    psw.program_mask = wanted.program_mask;
    return psw;
}

uint64_t value_of(const RegisterKind& kind, const debug::Registers& r) {
    switch (kind.what) {
        case What::psw_mask: return ec_shaped(r.psw) >> 32;
        case What::psw_address: return ec_shaped(r.psw) & 0xFFFFFFFF;
        case What::general: return r.gpr[kind.number];
        case What::floating: return r.fpr[kind.number / 2];
        case What::control: return r.cr[kind.number];
        case What::psw: return isa::encode(r.psw);
        case What::absent: break;
    }
    return 0;
}

}  // namespace

const std::vector<RegisterKind>& register_kinds() {
    static const std::vector<RegisterKind> kinds = make_kinds();
    return kinds;
}

std::string target_description() {
    std::string xml =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n"
        "<architecture>s390:31-bit</architecture>\n";
    auto kind = register_kinds().begin();
    for (const Feature& feature : kFeatures) {
        xml += fmt::format("<feature name=\"{}\">\n", feature.name);
        for (unsigned i = 0; i < feature.registers; ++i, ++kind) {
            const char* type = kind->what == What::psw_address ? " type=\"code_ptr\"" : "";
            const char* group = kind->name.starts_with("cr") || kind->what == What::psw ? " group=\"system\""
                                : kind->bytes == 8 ? " group=\"float\" type=\"uint64\""
                                                   : "";
            xml += fmt::format("<reg name=\"{}\" bitsize=\"{}\"{}{}/>\n", kind->name, 8 * kind->bytes, type,
                               group);
        }
        xml += "</feature>\n";
    }
    return xml + "</target>\n";
}

std::string unavailable(const RegisterKind& kind) { return std::string(std::size_t{2} * kind.bytes, 'x'); }

std::string register_text(const RegisterKind& kind, const debug::Registers& registers) {
    if (kind.what == What::absent) return unavailable(kind);
    return hex_of(value_of(kind, registers), kind.bytes);
}

std::optional<debug::Alteration> alteration_of(const RegisterKind& kind, uint64_t value,
                                               const debug::Registers& now) {
    if (kind.what == What::absent || value == value_of(kind, now)) return std::nullopt;
    debug::Alteration alteration;
    alteration.number = kind.number;
    alteration.value = value;
    switch (kind.what) {
        case What::general: alteration.what = Alter::gpr; break;
        case What::control: alteration.what = Alter::cr; break;
        case What::floating: alteration.what = Alter::fpr; break;
        case What::psw: alteration.what = Alter::psw; break;
        case What::psw_address:
            alteration.what = Alter::address;
            alteration.value = value & isa::kAddressMask;
            break;
        case What::psw_mask:
            alteration.what = Alter::psw;
            alteration.value = isa::encode(with_left_word(now.psw, static_cast<uint32_t>(value)));
            break;
        case What::absent: break;
    }
    return alteration;
}

}  // namespace vmcp::gdb
