#include "vmcp/assist/microcode.hpp"

#include "vmcp/dispatch/message_interruption.hpp"
#include "vmcp/dispatch/virtual_timers.hpp"

namespace vmcp {

bool Microcode::external_may_interrupt(const isa::CpuState& state) const {
    return state.psw.external_mask &&
           (external_pending(nucleus_, vm_, state).has_value() || message_pending(vm_, state).has_value());
}

bool Microcode::io_may_interrupt(const isa::CpuState& state) const {
    return vm_.io.channels.pending(isa::enabled_channels(state)).has_value() ||
           (vm_.handshaking.on && !vm_.handshaking.arrived.empty());
}

bool Microcode::external_is_pending() const {
    isa::CpuState open = vm_.state;
    open.psw.external_mask = true;
    return external_may_interrupt(open);
}

bool Microcode::anything_pending() const {
    return vm_.io.channels.has_pending() || !vm_.handshaking.arrived.empty() || external_is_pending();
}

void Microcode::look_at_timers(simulation::Cpu& cpu) {
    if (!vm_.state.psw.external_mask) return;
    vm_.enter_guest_time(cpu.now());
    if (next_timer(nucleus_, vm_) < cpu.execution().until) cpu.ask_owner();
}

}  // namespace vmcp
