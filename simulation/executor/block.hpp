// A block: a run of instructions in one 2K block of real storage, decoded. It ends with an instruction that
// branches, changes the mode or observes time (the row says which), or at the end of the 2K block. It may
// have a few conditional branches inside, which leave it early where they are taken. A slot is one of its
// instructions: handler, operands, price.
#pragma once

#include <cstdint>
#include <memory>

#include "isa/instruction.hpp"
#include "simulation/model/time.hpp"

namespace simulation {

class Cpu;
class Region;
struct Slot;

/// Executes the instruction of a slot, and all of those behind it until one ends the block.
using Handler = void (*)(Cpu&, const Slot&);

struct Slot {
    mutable Handler execute;  // for a while perhaps one that leaves the block
    isa::Operands operands;
    uint32_t price;             // ns
    uint32_t price_behind = 0;  // of the slots behind this one, but the last
    uint16_t offset;            // in the 2K block
    isa::Op op;
    uint8_t length;
    uint8_t branch = 0;  // of those inside of the block: its number, from 1
};

/// Conditional branches of a block that are not its last instruction.
inline constexpr unsigned kBranchesInside = 3;
inline constexpr unsigned kMostSlots = 64;

struct Block {
    /// The block that followed. It holds for one logical address in one space, and for one epoch.
    struct Link {
        uint64_t where = ~uint64_t{0};  // Cpu::code_space() | logical address
        uint64_t epoch = 0;
        Block* block = nullptr;
    };

    std::unique_ptr<Slot[]> slots;  // and one behind them that ends a block whose last instruction does not
    unsigned count = 0;
    const Slot* last = nullptr;
    static constexpr uint32_t kNowhere = ~uint32_t{0};
    uint32_t absolute = kNowhere;   // where it begins, if it is kept
    uint16_t begin = 0, end = 0;    // offsets in the 2K block
    uint8_t variant = 0;            // Cpu::code_variant() that it was decoded for
    SimTime price_before_last = 0;  // of all slots but the last
    uint32_t last_price = 0;
    uint8_t last_ilc = 0;
    // What followed: by going on, by branching at the end, by branches inside.
    Link links[2 + kBranchesInside];
    Block* other_variant = nullptr;  // that begins at the same place: the cache's list
    // For an executor that translates: how often it was executed otherwise; what begins with it; whether it
    // is part of such.
    uint32_t heat = 0;
    Region* region = nullptr;
    bool translated = false;
    bool relies_on_registers = true;  // its region may,
    bool relies_on_reach = true;      // and on this (translator/reach.hpp)
    uint8_t given_up = 0;             // how often its region was
    uint32_t replaced = 0;            // how often its only slot was, by replace_slot

    uint32_t length() const { return static_cast<uint32_t>(end - begin); }  // bytes

    /// Makes it consist of these slots (1 to kMostSlots).
    void set_slots(const Slot* from, unsigned n);
    /// Of a block of one slot: that becomes another one of the same length.
    void replace_slot(const Slot& by) {
        slots[0] = by;
        last_price = by.price;
        ++replaced;
    }
    /// Lets whoever executes it leave it in front of the next slot.
    void leave_at_once();
};

/// The slot behind this one, which is being executed, leaves the block when its turn comes, and does nothing
/// else: the next instruction must be fetched anew. Once.
void leave_behind(const Slot& slot);

}  // namespace simulation
