// Subjects of EXECUTE: how one is fetched and what it means, for whatever kind of CPU executes it.
#pragma once

#include <array>
#include <cstdint>

#include "simulation/cpu/cpu.hpp"
#include "simulation/executor/handlers.hpp"

namespace simulation {

/// Fetches the instruction at `target`, with `modifier` or-ed to its second byte. Raises what that raises.
isa::Decoded fetch_subject(Cpu& cpu, uint32_t target, uint8_t modifier);

/// Checks that the subject may be executed, and charges for it; readies its relative operand.
void begin_subject(Cpu& cpu, isa::Decoded& subject, uint32_t target);

/// Decoded subjects. Programs execute the same few instructions with the same few modifiers; what the bytes
/// mean does not depend on where they lie, so they are remembered by their text alone, and nothing ever
/// invalidates that.
class SubjectCache {
  public:
    struct Entry {
        uint64_t text =
            0;  // its bytes, left-adjusted, the modifier put in; kUsed in the last byte, which is free
        Body execute = nullptr;
        isa::Decoded instruction;
        uint32_t price = 0;  // ns
    };
    static constexpr uint64_t kUsed = 1;

    Entry& at(uint64_t text) {
        constexpr uint64_t kGolden = 0x9E3779B97F4A7C15;
        return entries_[(text * kGolden) >> (64 - kBits)];
    }

  private:
    static constexpr unsigned kBits = 6;
    std::array<Entry, size_t{1} << kBits> entries_{};
};

}  // namespace simulation
