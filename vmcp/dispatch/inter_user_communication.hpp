// The instruction IUCV, X'B2F0': no machine has it, so that every real CPU recognizes an operation exception.
// The control program looks at those of guests in their supervisor state and simulates the ones that are IUCV
// (vmcp/message); in the problem state it stays the exception that it is. SC19-6203 (VM/SP System
// Programmer's Guide), "Inter-User Communications Vehicle".
#pragma once

#include <optional>

#include "isa/instruction.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

/// The operands of the IUCV at this logical address, or of the one that an EXECUTE there has for its subject;
/// empty if it is none, or is executed in the problem state.
std::optional<isa::Operands> inter_user_communication_at(Nucleus& nucleus, SharedSegments& segments,
                                                         VirtualMachine& vm, uint32_t address);

/// Whether the exception is of that instruction. The address in the guest's PSW is behind it.
inline bool is_inter_user_communication(Nucleus& nucleus, SharedSegments& segments, VirtualMachine& vm,
                                        const isa::ProgramInterruption& i, uint32_t behind) {
    return i.code == isa::ProgramCode::operation && !i.only_per && !vm.state.psw.problem_state &&
           inter_user_communication_at(nucleus, segments, vm, (behind - 2 * i.ilc) & isa::kAddressMask)
               .has_value();
}

}  // namespace vmcp
