// Real storage as one of the levels of interpretive execution sees it, for a walk through translation tables
// that lie there: those of the guest for its own storage, or those of a host for its guest.
#pragma once

#include <optional>

#include "simulation/cpu/interpretive_execution.hpp"
#include "simulation/cpu/storage.hpp"

namespace simulation {

class LevelStorage {
  public:
    /// Of level 0, the machine, what is real lies where its prefix says.
    LevelStorage(const InterpretiveExecution& levels, const RealStorage& storage, unsigned level)
        : levels_(levels), storage_(storage), level_(level) {}

    std::optional<uint32_t> fetch_table32(uint32_t real) {
        const auto at = absolute(real, 4);
        return at ? std::optional(storage_.get32(*at)) : std::nullopt;
    }
    std::optional<uint16_t> fetch_table16(uint32_t real) {
        const auto at = absolute(real, 2);
        return at ? std::optional(storage_.get16(*at)) : std::nullopt;
    }

    /// What the storage of a level below lacks, so that the walk has ended; its `level` is 0 if nothing.
    const InterpretiveExecution::Way& lost() const { return lost_; }
    /// To tables of the levels below.
    unsigned references() const { return references_; }

  private:
    std::optional<uint32_t> absolute(uint32_t real, uint32_t bytes);

    const InterpretiveExecution& levels_;
    const RealStorage& storage_;
    unsigned level_;
    InterpretiveExecution::Way lost_;
    unsigned references_ = 0;
};

}  // namespace simulation
