// Subjects of EXECUTE, decoded. Programs execute the same few instructions with the same few modifiers; what
// the bytes mean does not depend on where they lie, so they are remembered by their text alone, and nothing
// ever invalidates that.
#pragma once

#include <array>
#include <cstdint>

#include "isa/instruction.hpp"

namespace simulation {

class Cpu;

struct Subject {
    /// Its bytes, left-adjusted, the modifier put in; kUsed in the last byte, which is free. 0: none.
    uint64_t text = 0;
    void (*execute)(Cpu&, const isa::Operands&) = nullptr;
    isa::Operands operands;
    uint32_t price = 0;  // ns
};

class SubjectCache {
  public:
    static constexpr uint64_t kUsed = 1;

    Subject& at(uint64_t text) {
        constexpr uint64_t kGolden = 0x9E3779B97F4A7C15;
        return subjects_[(text * kGolden) >> (64 - kBits)];
    }

  private:
    static constexpr unsigned kBits = 6;
    std::array<Subject, size_t{1} << kBits> subjects_{};
};

}  // namespace simulation
