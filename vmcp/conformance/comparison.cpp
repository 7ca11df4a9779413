#include "vmcp/conformance/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "isa/interruption.hpp"
#include "isa/psw.hpp"
#include "vmcp/conformance/groups.hpp"

namespace vmcp::conformance {
namespace {

struct Name {
    Field field;
    std::string_view name;
};
constexpr Name kNames[] = {{ending, "ending"},
                           {code, "code"},
                           {ilc, "ilc"},
                           {address, "address"},
                           {condition, "condition"},
                           {psw, "psw"},
                           {identification, "identification"},
                           {gpr, "gpr"},
                           {fpr, "fpr"},
                           {cr, "cr"},
                           {storage, "storage"},
                           {key, "key"},
                           {events, "events"}};

/// The old PSW without interruption code, ILC, condition code and address.
uint64_t rest_of_psw(const TestResult& r) {
    const uint64_t without = r.ec_mode() ? uint64_t{0xFFFFCFFF'FF000000} : uint64_t{0xFFFF0000'0F000000};
    return r.old_psw & without;
}

constexpr unsigned kPerCode = isa::Assigned::per_code - kIdentification, kPerLength = 6;

/// PER code and PER address.
auto events_of(const TestResult& r) {
    std::array<uint8_t, kPerLength> told{};
    std::copy_n(r.identification.begin() + kPerCode, kPerLength, told.begin());
    return told;
}

/// The assigned locations without the interruption code, the ILC, and what tells of program events: these are
/// compared on their own.
auto rest_of_identification(const TestResult& r) {
    auto rest = r.identification;
    std::fill_n(rest.begin() + kPerCode, kPerLength, uint8_t{0});
    if (r.ec_mode())
        std::fill_n(rest.begin() + ((r.kind == TestResult::supervisor_call ? 0x89 : 0x8D) - kIdentification),
                    3, uint8_t{0});
    return rest;
}

template <class Bytes>
std::string hex(const Bytes& bytes) {
    std::string text;
    for (size_t n = 0; n < bytes.size(); ++n)
        text += fmt::format("{}{:02X}", n > 0 && n % 4 == 0 ? " " : "", bytes[n]);
    return text;
}

std::string ending_text(const TestResult& r) {
    if (r.kind == TestResult::not_run) return "not reached";
    return fmt::format("{} interruption, code {:04X}, ILC {}, CC {}, old PSW {:016X}",
                       r.kind == TestResult::program ? "program" : "supervisor-call", r.code(), r.ilc(),
                       r.condition_code(), r.old_psw);
}

}  // namespace

std::string_view name_of(Field field) {
    for (const Name& n : kNames)
        if (n.field == field) return n.name;
    return "?";
}

std::optional<Field> field_named(std::string_view name) {
    for (const Name& n : kNames)
        if (n.name == name) return n.field;
    return std::nullopt;
}

std::string names_of(uint16_t fields) {
    std::string text;
    for (const Name& n : kNames)
        if (fields & n.field) text += fmt::format("{}{}", text.empty() ? "" : ", ", n.name);
    return text;
}

uint16_t compare(const TestResult& ours, const TestResult& judge) {
    if (ours == judge) return 0;
    uint16_t fields = 0;
    const auto differs = [&](Field field, bool different) {
        if (different) fields |= field;
    };
    differs(ending, ours.kind != judge.kind);
    differs(code, ours.code_besides_events() != judge.code_besides_events());
    differs(ilc, ours.ilc() != judge.ilc());
    differs(address, ((ours.old_psw ^ judge.old_psw) & isa::kAddressMask) != 0);
    differs(condition, ours.condition_code() != judge.condition_code());
    differs(psw, rest_of_psw(ours) != rest_of_psw(judge));
    differs(identification, rest_of_identification(ours) != rest_of_identification(judge));
    differs(gpr, ours.gpr != judge.gpr);
    differs(fpr, ours.fpr != judge.fpr);
    differs(cr, ours.cr != judge.cr);
    differs(storage, ours.areas != judge.areas);
    differs(events, ours.has_events() != judge.has_events() || events_of(ours) != events_of(judge));
    return fields;
}

std::string instruction_text(const TestCase& test) {
    const unsigned length = isa::length_of_opcode(test.instruction[0]);
    std::string text;
    for (unsigned n = 0; n < length; ++n) text += fmt::format("{:02X}", test.instruction[n]);
    const isa::Decoded d = test.decoded();
    return fmt::format("{}{} {}", test.by_execute ? "EX of " : "", mnemonic_of(d.op), text);
}

std::string describe(const TestCase& test, const TestResult& ours, const TestResult& judge,
                     std::string_view judge_name) {
    const uint16_t fields = compare(ours, judge);
    std::string text =
        fmt::format("case {}: {}: differs in {}\n", test.number, instruction_text(test), names_of(fields));
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "  before: PSW {:016X}", test.psw);
    for (unsigned n = 0; n < 16; ++n)
        fmt::format_to(out, "{}R{:<2}={:08X}", n % 8 == 0 ? "\n    " : " ", n, test.gpr[n]);
    fmt::format_to(out, "\n   ");
    for (unsigned n = 0; n < 4; ++n) fmt::format_to(out, " F{}={:016X}", 2 * n, test.fpr[n]);
    for (unsigned n = 0; n < 16; ++n)
        if (test.cr[n] != 0) fmt::format_to(out, " C{}={:08X}", n, test.cr[n]);
    fmt::format_to(out, "\n    slot {}", hex(test.slot));
    for (const StorageBlock& a : test.areas)
        fmt::format_to(
            out, "\n    {:06X}{}: {}", a.address,
            test.uses_end && &a == &test.areas.front() ? fmt::format(" (at {:06X})", kEnd - kEndLength) : "",
            hex(a.bytes));
    const auto both = [&](std::string_view what, const std::string& mine, const std::string& other) {
        fmt::format_to(out, "\n  {}\n    here     {}\n    {:<8} {}", what, mine, judge_name, other);
    };
    both("ends with", ending_text(ours), ending_text(judge));
    if (fields & (identification | events))
        both("locations 84 to A3", hex(ours.identification), hex(judge.identification));
    for (unsigned n = 0; n < 16; ++n)
        if (ours.gpr[n] != judge.gpr[n])
            both(fmt::format("general register {}", n), fmt::format("{:08X}", ours.gpr[n]),
                 fmt::format("{:08X}", judge.gpr[n]));
    for (unsigned n = 0; n < 4; ++n)
        if (ours.fpr[n] != judge.fpr[n])
            both(fmt::format("floating-point register {}", 2 * n), fmt::format("{:016X}", ours.fpr[n]),
                 fmt::format("{:016X}", judge.fpr[n]));
    for (unsigned n = 0; n < 16; ++n)
        if (ours.cr[n] != judge.cr[n])
            both(fmt::format("control register {}", n), fmt::format("{:08X}", ours.cr[n]),
                 fmt::format("{:08X}", judge.cr[n]));
    for (size_t n = 0; n < ours.areas.size() && n < judge.areas.size(); ++n)
        if (ours.areas[n] != judge.areas[n])
            both(fmt::format("storage at {:06X}", test.areas[n].address), hex(ours.areas[n]),
                 hex(judge.areas[n]));
    return text + "\n";
}

}  // namespace vmcp::conformance
