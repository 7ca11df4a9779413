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

/// The same, of what has been interrupted so. `behind`: the address that the PSW has then.
inline std::optional<isa::Operands> interrupted_communication(Nucleus& nucleus, SharedSegments& segments,
                                                              VirtualMachine& vm,
                                                              const isa::ProgramInterruption& i,
                                                              uint32_t behind) {
    if (i.code != isa::ProgramCode::operation || i.only_per) [[likely]]
        return std::nullopt;
    return inter_user_communication_at(nucleus, segments, vm, (behind - 2 * i.ilc) & isa::kAddressMask);
}

}  // namespace vmcp
