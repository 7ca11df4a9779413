// Code that all regions of a translator share: how translated code is entered, how one region goes over to
// another, and how it is left.
#pragma once

#include <array>
#include <cstdint>

#include "simulation/executor/translator/code_memory.hpp"
#include "simulation/executor/translator/host_code.hpp"

namespace simulation {

/// Regions by the address that they begin at, for those of them that hold now: code that leaves one looks
/// here for the next.
class Entrances {
  public:
    struct alignas(64) Entrance {
        uint64_t where = ~uint64_t{0};  // Cpu::code_space() | logical address
        uint64_t epoch = ~uint64_t{0};
        const void* code = nullptr;
        SimTime price = 0;  // that its first block is charged when it begins
    };
    static constexpr unsigned kEntrances = 512;
    static constexpr unsigned kShift = 5;  // from an address, which is even, to the place of its entrance

    Entrance& at(uint32_t address) { return entrances_[address / 2 % kEntrances]; }
    const Entrance* data() const { return entrances_.data(); }
    void clear() { entrances_.fill({}); }

  private:
    std::array<Entrance, kEntrances> entrances_;
};

class Passages {
  public:
    /// Makes the code, for which there is room. is_there() is false if the host refuses it.
    Passages(CodeMemory& memory, const CpuLayout& layout, const Entrances& entrances, const uint64_t& epoch);

    bool is_there() const { return enter_ != nullptr; }
    /// Runs code until it leaves off. Null: it could not be entered.
    const LeftOff* enter(Cpu& cpu, const void* code) const { return enter_(&cpu, code); }
    /// Where a region goes with the place that it left off at in rax and everything in the CPU: to another
    /// region if the place is between two blocks, and out of translated code if not.
    uint64_t go_over() const { return go_over_; }
    uint64_t leave() const { return leave_; }

  private:
    const LeftOff* (*enter_)(Cpu*, const void*) = nullptr;
    uint64_t go_over_ = 0, leave_ = 0;
};

}  // namespace simulation
