// The reference executor: pre-decoded blocks, table dispatch.
//
// Goal: exact instruction counts and simulated time at the speed of an indirect call an instruction.
// Terms: a *block* is a run of instructions in one 2K block of real storage that ends with an instruction
// that branches, changes the mode or observes time (the row says which), or at the end of the 2K block. It
// may have a few conditional branches inside, which leave it early where they are taken. A
// *slot* is one pre-decoded instruction: its handler, operands and price. Life cycle: a block is decoded when
// control first reaches it and kept by its real address, so that it serves every mapping of that storage. A
// store into decoded bytes (from whichever side) retires the blocks it overlaps. If the running block retires
// itself, its remaining slots are rewritten to leave it, so that the next instruction is decoded afresh, as
// the architecture demands. Time: the price of every instruction of a block but the last is charged when the
// block begins, the last one's when it has executed; an instruction that observes time is always last. A
// block that ends early gives back what it did not do.
//
// Two things make it fast. Handlers of a block call one another: each ends with a jump to the handler of the
// next slot (a call in the same place that compilers turn into a jump; a block is short enough for those
// that do not). And blocks are linked: each remembers which block followed it when it branched and when it
// did not, so that the way through access cache and code page is walked once. A link holds for one logical
// address in one space, and for one *epoch*: the epoch changes whenever an address might lead to other
// instructions than before, or must be charged for another table walk: blocks retired, translations or keys
// changed, TLB entries evicted.
#pragma once

#include <bitset>
#include <memory>
#include <optional>
#include <vector>

#include "simulation/cpu/cpu.hpp"
#include "simulation/cpu/exit.hpp"

namespace simulation {

struct Slot;
using Handler = void (*)(Cpu&, const Slot&);

struct Slot {
    mutable Handler execute;  // for a while perhaps one that leaves the block: leave_behind
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

struct Block {
    struct Link {
        uint64_t where = ~uint64_t{0};  // Cpu::code_space() | logical address
        uint64_t epoch = 0;
        Block* block = nullptr;
    };

    std::unique_ptr<Slot[]> slots;  // and one behind them that ends a block whose last instruction does not
    unsigned count = 0;
    uint16_t begin = 0, end = 0;    // offsets in the 2K block
    SimTime price_before_last = 0;  // of all slots but the last
    uint32_t last_price = 0;
    uint8_t last_ilc = 0;
    // What followed: by going on, by branching at the end, by branches inside.
    Link links[2 + kBranchesInside];

    uint32_t length() const { return static_cast<uint32_t>(end - begin); }  // bytes
};

/// Where the executor reports each instruction, when tracing is on. It changes nothing that a program can
/// see.
class InstructionObserver {
  public:
    virtual ~InstructionObserver() = default;
    virtual void before(const Cpu& cpu, uint32_t address, const isa::Decoded& instruction) = 0;
};

class Interpreter {
  public:
    /// `epoch`: what the CPUs change too (CpuSurroundings::code_epoch).
    Interpreter(RealStorage& storage, const MachineModel& model, uint64_t& epoch);
    ~Interpreter();

    /// Runs until simulated time `until` is reached, `instructions` more have completed, or something else
    /// ends it. The owner has seen to it that no enabled interruption is pending and that the CPU is not
    /// waiting.
    Exit run(Cpu& cpu, SimTime until, uint64_t instructions = ~uint64_t{0});

    /// Stops at an instruction address: run() answers Breakpoint in front of it. The next run() goes on from
    /// there.
    void set_breakpoint(uint32_t logical_address, bool on);
    void observe(InstructionObserver* observer) { observer_ = observer; }

    /// Blocks decoded since the start, and retired (by stores, mostly).
    uint64_t decoded_blocks() const { return decoded_; }
    uint64_t retired_blocks() const { return retired_count_; }
    /// Of the latter, those whose host memory is not free yet.
    size_t retired_blocks_kept() const { return retired_.size(); }

  private:
    struct CodePage {
        Block* at[kBlock / 2] = {};
        std::vector<std::unique_ptr<Block>> blocks;
        std::bitset<kBlock / 2> decoded;  // halfwords that some block was decoded from
    };

    Block& find(Cpu& cpu);
    Block& follow(Cpu& cpu, Block::Link& link);
    Block& decode_block(Cpu& cpu, uint32_t absolute);
    Block& first_part(Block& block, SimTime time, uint64_t instructions);
    static void set_slots(Block& block, const Slot* slots, unsigned count);
    Slot make_slot(const isa::Decoded& d, uint16_t offset) const;
    void forget_stored(uint32_t absolute, uint32_t length);
    void drop_everything();
    void retire(std::unique_ptr<Block> block);
    void forget_retired();
    Exit finish(Cpu& cpu);
    Exit interrupted(Cpu& cpu, const Slot* slot, uint32_t address, unsigned length,
                     const isa::ProgramCheck& check);
    /// With program-event recording: simulation/executor/recording.cpp.
    Exit run_recording(Cpu& cpu, SimTime until, uint64_t instructions);
    Exit run_stepping(Cpu& cpu, SimTime until, uint64_t instructions);

    RealStorage& storage_;
    const MachineModel& model_;
    std::vector<std::unique_ptr<CodePage>> pages_;
    std::vector<std::unique_ptr<Block>> retired_;  // kept until no one can be executing them
    Block straddling_;  // an instruction that lies in two 2K blocks is decoded each time
    Block part_;        // the beginning of a block that does not fit into what is left of the budget
    const Block* part_of_ = nullptr;
    uint64_t& epoch_;
    size_t cached_slots_ = 0;
    uint64_t decoded_ = 0, retired_count_ = 0;
    std::vector<uint32_t> breakpoints_;
    std::optional<uint32_t> stopped_at_;  // the breakpoint that the last run() ended at
    InstructionObserver* observer_ = nullptr;
};

/// The handler of a row: the checks that the row demands, the body, and then the next slot's handler unless
/// the row ends a block.
Handler handler_of(isa::Op op);

/// Whether the instruction is a conditional branch that may stand inside of a block, and its handler there.
bool may_stand_inside(const isa::Decoded& instruction);
Handler handler_inside_of(isa::Op op);

/// The block is left behind the instruction of this slot, which is being executed: the next instruction must
/// be fetched anew, because the TLB entry that it was fetched through is gone.
void leave_behind(const Slot& slot);

}  // namespace simulation
