// Who makes code of the host's own out of blocks, as the interpreter sees him: he may execute in its place,
// from the beginning of a block that is executed as a whole, and leaves off where the interpreter can go on.
#pragma once

#include <cstdint>

#include "simulation/executor/block.hpp"
#include "simulation/executor/executor.hpp"

namespace simulation {

/// The block that is being executed, for whoever is told that a check ended it early.
struct UnderWay {
    uint32_t entry = 0;  // its logical address
    const Block* block = nullptr;
};

/// Where translated code left off. Registers, PSW, time and counts are the CPU's again.
struct LeftOff {
    enum class Place : uint8_t {
        nowhere,         // nothing was executed
        between_blocks,  // the block was left by one of its links; the PSW has the address that follows
        in_front_of,     // a slot of the block, which was charged for as at its beginning
        behind,          // the same
    };
    Place place = Place::nowhere;
    uint8_t way = 0;  // the number of the link
    Block* block = nullptr;
    uint32_t entry = 0;  // its logical address
    unsigned slot = 0;
    Region* region = nullptr;  // whose code it was
};

class BlockTranslator {
  public:
    /// `threshold`: how often a block is interpreted before it is translated.
    explicit BlockTranslator(uint32_t threshold) : threshold_(threshold) {}
    virtual ~BlockTranslator() = default;

    /// Asked each time that a block is about to be executed: whether run() could do it, or is to see to it
    /// that it can the next time.
    bool may_run(Block& block) const {
        return block.region != nullptr || ++block.heat >= threshold_ << block.given_up;
    }
    /// Executes from this block on, which the PSW is at, as long as blocks end before `limit`. The block
    /// itself does.
    virtual const LeftOff& run(Cpu& cpu, Block& block, SimTime limit) = 0;
    /// A block that was translated is no more; its memory is kept for a while (BlockCache).
    virtual void retired(Block& block) = 0;
    virtual TranslationCounts counts() const = 0;

  protected:
    uint32_t threshold() const { return threshold_; }

  private:
    uint32_t threshold_;
};

}  // namespace simulation
