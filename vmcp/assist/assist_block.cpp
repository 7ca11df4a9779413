#include "vmcp/assist/assist_block.hpp"

#include <stdexcept>

namespace vmcp {

AssistBlock::AssistBlock(FrameTable& frames) : frames_(frames) {
    const auto at = frames.take_table(kBytes, 64);
    if (!at) throw std::runtime_error("real storage has no room for the control block of the assists");
    at_ = at->value;
    simulation::RealStorage& storage = frames_.storage();
    storage.put32(at_ + 4, at_ + kControlRegisters);
}

AssistBlock::~AssistBlock() { frames_.give_back_table(FirstLevel(at_), kBytes); }

void AssistBlock::update(const VirtualMachine& vm, bool pending) {
    constexpr uint32_t kPending = 0x80000000, kExpanded = 0x80000000;
    simulation::RealStorage& storage = frames_.storage();
    storage.put32(at_, vm.storage.cr1());
    storage.put32(at_ + 8, (pending ? kPending : 0) | (at_ + kPsw));
    const auto timer = vm.storage.locate(SecondLevel(isa::Assigned::interval_timer));
    storage.put32(at_ + 16, timer ? timer->value : 0);
    storage.put32(at_ + 20, vm.assists.has(Assist::evma) ? kExpanded : 0);
    update_psw(isa::encode(vm.state.psw));
    if (cr_ == vm.state.cr) return;
    cr_ = vm.state.cr;
    for (uint32_t r = 0; r < cr_.size(); ++r) storage.put32(at_ + kControlRegisters + 4 * r, cr_[r]);
}

}  // namespace vmcp
