// The reference executor: pre-decoded blocks, table dispatch.
//
// Goal: exact instruction counts and simulated time at the speed of an indirect call an instruction.
// Terms: block and slot, see simulation/executor/block.hpp; their life, see block_cache.hpp. Time: the price
// of every instruction of a block but the last is charged when the block begins, the last one's when it has
// executed; an instruction that observes time is always last. A block that ends early gives back what it did
// not do. If the running block retires itself by a store, it is left in front of the next instruction, which
// is decoded afresh, as the architecture demands.
//
// Two things make it fast. Handlers of a block call one another: each ends with a jump to the handler of the
// next slot (a call in the same place that compilers turn into a jump; a block is short enough for those that
// do not). And blocks are linked: each remembers which block followed it when it branched and when it did
// not, so that the way through access cache and code page is walked once. A link holds for one logical
// address in one space, and for one *epoch*: the epoch changes whenever an address might lead to other
// instructions than before, or must be charged for another table walk: blocks retired, translations or keys
// changed, TLB entries evicted. The link by which a run was left is followed when the next run begins, so
// that a trap costs no search either.
#pragma once

#include <optional>
#include <vector>

#include "simulation/executor/block_cache.hpp"
#include "simulation/executor/block_source.hpp"
#include "simulation/executor/block_translator.hpp"
#include "simulation/executor/executor.hpp"
#include "simulation/executor/subject.hpp"

namespace simulation {

class Interpreter final : public Executor, private Sequencer, private BlockSource {
  public:
    /// `epoch`: what the CPUs change too (CpuSurroundings::code_epoch).
    Interpreter(RealStorage& storage, const MachineModel& model, uint64_t& epoch);

    /// Lets him execute in the interpreter's place, before anything runs. `make` gets what he has to keep up
    /// to date while he does.
    template <class Make>
    void translate_by(Make&& make) {
        translator_ = make(under_way_, static_cast<BlockSource&>(*this));
        blocks_.set_translator(translator_.get());
    }

    std::string_view name() const override { return translator_ != nullptr ? "translator" : "interpreter"; }
    const Exit& run(Cpu& cpu, SimTime until, uint64_t instructions = kUncounted) override;
    bool is_cut_short() const override { return rest_.block != nullptr; }
    void set_breakpoint(uint32_t logical_address, bool on) override;
    ExecutorCounts counts() const override {
        return {decoded_, blocks_.retired(), blocks_.retired_kept(),
                translator_ != nullptr ? translator_->counts() : TranslationCounts{}};
    }

  private:
    const Exit& run_specially(Cpu& cpu, SimTime until, uint64_t instructions);
    const Exit& follow_blocks(Cpu& cpu, SimTime until, uint64_t instructions);
    /// `counted`: so many instructions are to be completed, which most runs do not ask.
    template <bool counted, bool translating>
    [[gnu::noinline]] const Exit& follow_blocks(Cpu& cpu, SimTime until, uint64_t instructions);
    /// How many instructions of a block were executed, and which link it was left by.
    struct Settled {
        unsigned instructions, way;
    };
    static Settled settle(Cpu& cpu, const Block& block, uint32_t behind);
    /// Goes on where translated code left off, to the end of that block: the link that it is left by.
    Block::Link* go_on(Cpu& cpu, const LeftOff& left_off);
    /// Until when so many instructions cannot have been completed.
    SimTime takes_at_least(uint64_t instructions) const;
    const Exit& ended_early(Cpu& cpu, const isa::ProgramCheck& check);
    /// Whether the CPU, which has stopped, goes on: its owner has done what there was to do.
    [[gnu::noinline]] static bool goes_on(Cpu& cpu);
    /// One instruction at a time, for observers and instruction stops. Charges and counts exactly as
    /// run_blocks does.
    const Exit& run_observed(Cpu& cpu, SimTime until, uint64_t instructions);
    /// With program-event recording: simulation/executor/recording.cpp.
    const Exit& run_recording(Cpu& cpu, SimTime until, uint64_t instructions);

    Block& find(Cpu& cpu);
    Block& follow(Cpu& cpu, Block::Link& link);
    Block& follow_anew(Cpu& cpu, Block::Link& link);
    Block& decode_block(Cpu& cpu, uint32_t absolute);
    Block* instruction_at(Cpu& cpu, uint32_t absolute) override;
    bool decode_again(Block& block) override;
    bool decode_second_byte(Block& block) override;
    bool may_be_replaced(const Block& block) const {
        // Whoever executes it, or has made code of it, relies on what it was.
        return block.count == 1 && !block.translated && &block != under_way_.block;
    }
    Block& keep(uint32_t absolute, unsigned count, unsigned variant);
    /// How many slots of a block begin before so much time has passed, one at least.
    static unsigned slots_within(const Block& block, SimTime time);
    Block& part_of(const Block& block, unsigned from, unsigned count);
    bool rest_holds(const Cpu& cpu) const;
    Slot make_slot(const isa::Decoded& d, uint16_t offset, unsigned variant) const;
    void free_retired() {
        if (!blocks_.any_retired()) return;
        blocks_.free_retired();
        left_by_ = &nowhere_;
    }
    const Exit& finish(Cpu& cpu);
    Exit& interrupted(Cpu& cpu, const Slot* slot, uint32_t address, const isa::ProgramCheck& check);

    void execute_subject(Cpu& cpu, uint32_t target, uint8_t modifier) override;
    void execute_anew(Cpu& cpu, uint32_t target, uint8_t modifier, uint64_t text);
    void fetch_anew(Cpu& cpu) override;

    RealStorage& storage_;
    const MachineModel& model_;
    BlockCache blocks_;
    SubjectCache subjects_;
    const isa::Decoded* subject_ = nullptr;  // of the last EXECUTE
    isa::Decoded anew_;                      // the same, where it is not remembered
    Block straddling_;                       // an instruction that lies in two 2K blocks is decoded each time
    Block part_;                             // the part of a block that fits into what is left of the budget
    /// The rest of what was to be executed of a block, where a number of instructions has ended a run in the
    /// middle. Who goes on there, with nothing changed in between, must not notice it: neither is the next
    /// instruction fetched anew, which might take a table walk, nor is the time looked at, which might have
    /// come through table walks in the block.
    struct Rest {
        const Block* block = nullptr;  // null: there is none
        unsigned from = 0, to = 0;     // its slots
        uint64_t where = 0, epoch = 0;
    };
    Rest rest_;
    bool fetches_anew_ = false;  // the instruction after the one that is being executed
    UnderWay under_way_;
    std::unique_ptr<BlockTranslator> translator_;  // null: there is none
    SimTime least_price_;                          // of an instruction
    bool within_observed_ = false;                 // run_observed executes one instruction by run()
    /// Links of late, by the instruction address, for blocks that are followed by now one, now another: those
    /// that return.
    static constexpr unsigned kKnown = 64;
    Block::Link known_[kKnown];
    Block::Link nowhere_;
    Block::Link* left_by_ = &nowhere_;  // of the block that ended the last run
    Slot slots_[kMostSlots];            // of the block that is being decoded
    uint64_t decoded_ = 0;
    std::vector<uint32_t> breakpoints_;
    std::optional<uint32_t> stopped_at_;  // the breakpoint that the last run() ended at
};

}  // namespace simulation
