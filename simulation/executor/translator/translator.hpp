// Translates regions that are executed often, and runs them in the interpreter's place.
//
// Life of a region. A block that the interpreter has executed often enough becomes the head of one; it and
// what follows it by links that hold are translated (region.hpp, region_emitter.hpp). From then on the head
// is executed by its code, wherever the PSW and the epoch say that the region holds: the blocks that its code
// goes through would be found there without walking a table. It is dropped when one of its blocks is retired,
// when it mostly cannot be entered, or when there is no room for more code.
//
// How time stays exact. The code charges blocks as the interpreter does: all but the last instruction when a
// block begins, the last one when it has ended, and what a TLB miss takes when it happens, for the CPU itself
// looks for what is not at hand. It goes on to another block only where the interpreter would do so without
// looking at anything but the time; where the epoch has changed, a reason to leave has come up, or a block
// would not be finished in time, it leaves off, and the interpreter does what is to be done.
#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "simulation/executor/block_translator.hpp"
#include "simulation/executor/translator/code_memory.hpp"
#include "simulation/executor/translator/passages.hpp"
#include "simulation/executor/translator/region.hpp"

namespace simulation {

class Translator final : public BlockTranslator {
  public:
    /// `chooses`: only what is faster then is translated. `under_way`: kept up to date for the interpreter,
    /// who is the `source`. `epoch`: CpuSurroundings::code_epoch.
    Translator(uint32_t threshold, bool chooses, UnderWay& under_way, BlockSource& source,
               const MachineModel& model, const uint64_t& epoch);
    ~Translator() override;

    const LeftOff& run(Cpu& cpu, Block& block, SimTime limit) override;
    void retired(Block& block) override;
    TranslationCounts counts() const override;

    // ---- For the functions that translated code calls ----
    /// The CPU is about to execute the instruction of a site: says so.
    void begin(Cpu& cpu, const Site& site);
    /// Whether the code must not go on behind the instruction of a site.
    bool must_leave(Cpu& cpu, const Site& site) const;

  private:
    void translate(Cpu& cpu, Block& head);
    static void give_up(Block& head);
    void keep(std::unique_ptr<Region> region);
    void weigh(Region& region);
    void refuse(Region& region);
    void give_up_for_now(Region& region);
    void note_interrupted(Region& region);
    void drop(Region& region);
    void drop_everything();

    const bool chooses_;
    UnderWay& under_way_;
    BlockSource& source_;
    const MachineModel& model_;
    const uint64_t& epoch_;
    CodeMemory memory_;
    Entrances entrances_;
    std::optional<Passages> passages_;  // once something is translated
    std::unordered_map<Region*, std::unique_ptr<Region>> regions_;
    std::unordered_map<const Block*, std::vector<Region*>> users_;  // regions that a block is part of
    std::vector<std::unique_ptr<Region>> dropped_;                  // whose code may be running
    Region* running_ = nullptr;
    const LeftOff nowhere_{};
    TranslationCounts counts_;
};

}  // namespace simulation
