#include "simulation/executor/block.hpp"

#include <algorithm>

#include "simulation/cpu/cpu.hpp"
#include "simulation/executor/handlers.hpp"

namespace simulation {
namespace {

/// The PSW, which had the address behind the block, gets that of the slot. (A block lies in one 2K block.)
void go_to(Cpu& cpu, const Slot& slot) {
    cpu.branch((((cpu.next_address() - 1) & ~(kBlock - 1)) + slot.offset) & isa::kAddressMask);
}

}  // namespace

void Block::set_slots(const Slot* from, unsigned n) {
    slots = std::make_unique<Slot[]>(n + 1);
    std::copy_n(from, n, slots.get());
    slots[n].execute = [](Cpu&, const Slot&) {};
    count = n;
    last = &slots[n - 1];
    begin = slots[0].offset;
    end = static_cast<uint16_t>(last->offset + last->length);
    price_before_last = 0;
    for (unsigned i = n - 1; i-- > 0;) {
        slots[i].price_behind = static_cast<uint32_t>(price_before_last);
        price_before_last += slots[i].price;
    }
    last_price = last->price;
    last_ilc = last->length / 2;
}

void Block::leave_at_once() {
    for (unsigned i = 0; i < count; ++i)
        slots[i].execute = [](Cpu& cpu, const Slot& here) { go_to(cpu, here); };
}

void leave_behind(const Slot& slot) {
    const Slot& next = (&slot)[1];
    if (next.length == 0) return;  // the last of the block is left in any case
    next.execute = [](Cpu& cpu, const Slot& here) {
        here.execute = handler_of(here, cpu.code_variant(), cpu.model().holes);
        go_to(cpu, here);
    };
}

}  // namespace simulation
