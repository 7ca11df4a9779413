// The registers of a System/370 as gdb takes them: it knows System/390, 31 bits, and refuses a target that
// has less. So it is told of access registers, a floating-point control register and sixteen floating-point
// registers, which are never there. The PSW is shown in the form of EC mode with bit 32 on, whatever mode it
// is in: gdb finds the instruction address and the condition code in it. What it really is, is `psw370`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vmcp/debug/session.hpp"

namespace vmcp::gdb {

/// Of a register of gdb's.
struct RegisterKind {
    enum class What : uint8_t { psw_mask, psw_address, general, floating, control, psw, absent };
    What what = What::absent;
    unsigned number = 0;
    unsigned bytes = 4;
    std::string name;
};

/// In gdb's order; the index is what gdb calls them.
const std::vector<RegisterKind>& register_kinds();

/// The target description, XML.
std::string target_description();

/// In hexadecimal; x's where there is none.
std::string register_text(const RegisterKind& kind, const debug::Registers& registers);
/// As many x's as the register has digits.
std::string unavailable(const RegisterKind& kind);

/// What is to be altered so that the register has a value; nothing: it is not there, or has that value.
std::optional<debug::Alteration> alteration_of(const RegisterKind& kind, uint64_t value,
                                               const debug::Registers& now);

}  // namespace vmcp::gdb
