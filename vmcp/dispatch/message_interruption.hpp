// The external interruptions by which a guest is told of messages: IUCV's and VMCF's. No machine has them;
// the control program presents them behind those of the architecture.
#pragma once

#include <optional>

#include "isa/interruption.hpp"
#include "vmcp/machine/virtual_machine.hpp"

namespace vmcp {

inline constexpr auto kIucvInterruption = static_cast<isa::ExternalCode>(0x4000);
inline constexpr auto kVmcfInterruption = static_cast<isa::ExternalCode>(0x4001);
/// The bits of control register 0 that enable them: 30 and 31.
inline constexpr uint8_t kIucvMask = 0x02, kVmcfMask = 0x01;

/// The one that a guest in this state gets first now, if there is one. That IUCV goes first is assumed.
inline std::optional<isa::ExternalCode> message_pending(const VirtualMachine& vm,
                                                        const isa::CpuState& state) {
    const uint32_t enabled = vm.message_interruptions & state.cr[0];
    if (enabled == 0 || !state.psw.external_mask) return std::nullopt;
    return (enabled & kIucvMask) != 0 ? kIucvInterruption : kVmcfInterruption;
}

}  // namespace vmcp
