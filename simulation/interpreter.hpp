// The reference executor: pre-decoded blocks, table dispatch.
//
// Goal: exact instruction counts and simulated time at the speed of an indirect call an instruction.
// Terms: a *block* is a run of instructions in one 2K block of real storage that ends with an instruction
// that may branch, change the mode or observe time (the row says which), or at the end of the 2K block. A
// *slot* is one pre-decoded instruction: its handler, operands and price. Life cycle: a block is decoded when
// control first reaches it and kept by its real address, so that it serves every mapping of that storage. A
// store into decoded bytes (from whichever side) retires the blocks it overlaps. If the running block retires
// itself, its remaining slots are rewritten to leave it, so that the next instruction is decoded afresh, as
// the architecture demands. Time: the price of every instruction of a block but the last is charged when the
// block begins, the last one's when it has executed; an instruction that observes time is always last. A
// block that ends early gives back what it did not do.
#pragma once

#include <bitset>
#include <memory>
#include <vector>

#include "simulation/cpu.hpp"
#include "simulation/exit.hpp"

namespace simulation {

struct Slot;
using Handler = void (*)(Cpu&, const Slot&);

struct Slot {
    Handler execute;
    isa::Operands operands;
    uint32_t price;   // ns
    uint16_t offset;  // in the 2K block
    isa::Op op;
    uint8_t length;
};

struct Block {
    std::unique_ptr<Slot[]> slots;
    unsigned count = 0;
    uint16_t begin = 0, end = 0;    // offsets in the 2K block
    SimTime price_before_last = 0;  // of all slots but the last
    uint8_t last_ilc = 0;
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
    explicit Interpreter(RealStorage& storage, const MachineModel& model);
    ~Interpreter();

    /// Runs until simulated time `until` is reached, `instructions` more have completed, or something else
    /// ends it. The owner has seen to it that no enabled interruption is pending and that the CPU is not
    /// waiting.
    Exit run(Cpu& cpu, SimTime until, uint64_t instructions = ~uint64_t{0});

    /// Executes at most this instruction address's predecessors: run() answers Breakpoint in front of it.
    void set_breakpoint(uint32_t logical_address, bool on);
    void observe(InstructionObserver* observer) { observer_ = observer; }

    /// Blocks decoded since the start, and retired by stores.
    uint64_t decoded_blocks() const { return decoded_; }
    uint64_t retired_blocks() const { return retired_count_; }

  private:
    struct CodePage {
        Block* at[kBlock / 2] = {};
        std::vector<std::unique_ptr<Block>> blocks;
        std::bitset<kBlock / 2> decoded;  // halfwords that some block was decoded from
    };

    const Block& find(Cpu& cpu);
    const Block& decode_block(Cpu& cpu, uint32_t absolute);
    Slot make_slot(const isa::Decoded& d, uint16_t offset) const;
    void forget_stored(uint32_t absolute, uint32_t length);
    void drop_everything();
    Exit finish(Cpu& cpu, uint64_t executed);
    Exit interrupted(Cpu& cpu, const Slot* slot, uint32_t address, unsigned length,
                     const isa::ProgramCheck& check);
    Exit run_stepping(Cpu& cpu, SimTime until, uint64_t instructions);

    RealStorage& storage_;
    const MachineModel& model_;
    std::vector<std::unique_ptr<CodePage>> pages_;
    std::vector<std::unique_ptr<Block>> retired_;  // kept until no one can be executing them
    Block straddling_;  // an instruction that lies in two 2K blocks is decoded each time
    size_t cached_slots_ = 0;
    uint64_t decoded_ = 0, retired_count_ = 0;
    std::vector<uint32_t> breakpoints_;
    InstructionObserver* observer_ = nullptr;
};

/// The handler of a row: the checks that the row demands, then the body.
Handler handler_of(isa::Op op);

}  // namespace simulation
