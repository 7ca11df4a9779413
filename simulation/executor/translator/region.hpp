// A region: blocks that lead to one another, translated together into one piece of code. It holds for the
// logical addresses that its blocks were found at, whoever runs them: a page that several programs share is
// translated once.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "simulation/cpu/cpu.hpp"
#include "simulation/executor/block.hpp"
#include "simulation/executor/block_translator.hpp"
#include "simulation/executor/handlers.hpp"

namespace simulation {

/// A general register that a region relies on to hold this: branches are based on it, and no instruction of
/// the region changes it. It is looked at when the region is entered.
struct Anchor {
    unsigned reg;
    uint32_t value;
};

/// Blocks of a region, as they follow one another. The first is the one that it is entered at.
struct RegionPlan {
    struct Node {
        Block* block;
        uint32_t entry;  // its logical address
        /// By the number of the link: the node that it leads to; kOut: out of the region.
        std::array<int, 2 + kBranchesInside> next;
    };
    static constexpr int kOut = -1;

    std::vector<Node> nodes;
    std::vector<Anchor> anchors;
    bool reaching = true;               // its code relies on reach.hpp
    uint16_t written = 0;               // general registers that instructions of it may change, for certain
    std::array<uint32_t, 16> weight{};  // how often each occurs

    unsigned instructions() const;
};

/// Follows the links of `head`, which the CPU is at, that hold in this epoch, to blocks that were executed
/// `least_heat` times or are translated elsewhere.
RegionPlan plan_region(const Cpu& cpu, Block& head, uint64_t epoch, uint32_t least_heat, bool anchored);

/// Where translated code calls the program back, or leaves off: an instruction of the region.
struct Site {
    class Translator* translator = nullptr;
    LeftOff left_off;
    const Slot* slot = nullptr;
    Body body = nullptr;  // what is called, where something is
    uint32_t behind = 0;  // the logical address behind the block
    bool last = false;    // of its block
};

/// A 2K block of storage that code was found in.
struct CodePage {
    uint32_t logical, absolute;
};

class Region {
  public:
    Block* head = nullptr;
    uint32_t entry = 0;  // logical address
    std::vector<Block*> blocks;
    std::vector<CodePage> pages;
    std::deque<Site> sites;        // the code knows their addresses
    std::deque<LeftOff> leavings;  // and those of these
    const void* code = nullptr;
    // For whom and when it was last seen to hold: Cpu::code_space(), the epoch.
    uint64_t space = ~uint64_t{0}, epoch = ~uint64_t{0};
    unsigned refused = 0;  // how often it could not be entered
    unsigned entered = 0;
    unsigned interrupted = 0;  // how often it was left in front of an instruction

    /// Whether it holds for what the CPU is at now. No table is walked for that.
    bool holds(Cpu& cpu, uint64_t now) {
        return (space == cpu.code_space() && epoch == now && entry == cpu.psw().address) ||
               holds_again(cpu, now);
    }

  private:
    bool holds_again(Cpu& cpu, uint64_t now);
};

}  // namespace simulation
