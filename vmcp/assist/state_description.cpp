#include "vmcp/assist/state_description.hpp"

#include <stdexcept>

#include "simulation/model/overloaded.hpp"

namespace vmcp {
namespace {

constexpr uint32_t kFirstBit = 0x80000000;

}  // namespace

StateDescription::StateDescription(FrameTable& frames) : frames_(frames) {
    const auto at = frames.take_table(kBytes, kBytes);
    if (!at) throw std::runtime_error("real storage has no room for a state description");
    at_ = at->value;
}

StateDescription::~StateDescription() { frames_.give_back_table(FirstLevel(at_), kBytes); }

void StateDescription::enter(const VirtualMachine& vm, bool io_pending, bool external_pending) {
    simulation::RealStorage& storage = frames_.storage();
    const uint32_t requests = (io_pending ? kFirstBit : 0) | (external_pending ? kFirstBit >> 1 : 0);
    const bool nested = vm.options.translation == GuestTranslation::nested;
    const uint32_t mode = (nested ? kFirstBit : 0) | (vm.is_preferred() ? kFirstBit >> 1 : 0);
    storage.put32(at_, uint32_t{kValid | kInUse} << 24 | requests >> 8 | mode >> 16);
    storage.put32(at_ + kIntercepts, uint32_t{vm.options.intercepts.bits()} << 24);
    storage.put32(at_ + kHostTable, vm.storage.cr1());
    storage.put32(at_ + kExtent, vm.storage.size());
    store_state(vm);
}

/// What the guest may change inside, but for the registers that stay in the machine.
void StateDescription::store_state(const VirtualMachine& vm) {
    simulation::RealStorage& storage = frames_.storage();
    storage.put64(at_ + kPsw, isa::encode(vm.state.psw));
    storage.put32(at_ + kPrefix, vm.state.prefix);
    storage.put64(at_ + kComparator, vm.state.clocks.comparator);
    storage.put64(at_ + kCpuTimer, simulation::cpu_timer(vm.state.clocks, vm.virtual_now()));
    if (cr_ == vm.state.cr) return;
    cr_ = vm.state.cr;
    for (uint32_t r = 0; r < cr_.size(); ++r) storage.put32(at_ + kControlRegisters + 4 * r, cr_[r]);
}

void StateDescription::leave(const VirtualMachine& vm, const simulation::Exit& exit) {
    simulation::RealStorage& storage = frames_.storage();
    uint32_t parameter = 0;
    const uint32_t reason = std::visit(
        simulation::Overloaded{
            [](const simulation::PrivilegedOperation& p) {
                return reason_word(Reason::instruction, 2 * p.interruption.ilc, p.instruction.row().opcode);
            },
            [](const isa::SupervisorCallInterruption& i) {
                return reason_word(Reason::supervisor_call, 2 * i.ilc, i.number);
            },
            [&parameter](const isa::ProgramInterruption& i) {
                parameter = i.translation_address;
                return reason_word(Reason::host_translation, 2 * i.ilc, static_cast<uint16_t>(i.code));
            },
            [](const auto&) { return reason_word(Reason::host_interruption, 0, 0); },
        },
        exit);
    storage.put32(at_, (storage.get32(at_) & ~(uint32_t{kInUse} << 24)) | uint32_t{kValid} << 24);
    store_state(vm);
    storage.put32(at_ + kReason, reason);
    storage.put32(at_ + kParameter, parameter);
    for (uint32_t r = 0; r < 16; ++r) storage.put32(at_ + kRegisters + 4 * r, vm.state.gpr[r]);
    for (uint32_t r = 0; r < 4; ++r) storage.put64(at_ + kFloatingPoint + 8 * r, vm.state.fpr[r]);
}

}  // namespace vmcp
