// A region: blocks that lead to one another, translated together into one piece of code. It holds for the
// logical addresses that its blocks were found at, whoever runs them: a page that several programs share is
// translated once.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "simulation/cpu/cpu.hpp"
#include "simulation/executor/block.hpp"
#include "simulation/executor/block_translator.hpp"
#include "simulation/executor/handlers.hpp"
#include "simulation/executor/translator/expected_subject.hpp"

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
    std::map<size_t, ExpectedSubject> subjects;  // of EXECUTEs, by the node that one ends
    bool reaching = true;                        // its code relies on reach.hpp
    uint16_t written = 0;               // general registers that instructions of it may change, for certain
    std::array<uint32_t, 16> weight{};  // how often each occurs

    unsigned instructions() const;
};

/// Whether it may be part of a region: it is kept, and programs do not change it often.
bool may_be_translated(const Block& block);

struct RegionLimits {
    uint64_t epoch;       // of the links that are followed
    uint32_t least_heat;  // of the blocks that they lead to, if those are not translated elsewhere
    bool anchored;        // whether there may be anchors
    const MachineModel& model;
    BlockSource& source;  // of what EXECUTE executes
};

/// Follows the links of `head`, which the CPU is at.
RegionPlan plan_region(Cpu& cpu, Block& head, const RegionLimits& limits);

/// Where translated code calls the program back, or leaves off: an instruction of the region.
struct Site {
    class Translator* translator = nullptr;
    LeftOff left_off;
    const Slot* slot = nullptr;
    Body body = nullptr;           // what is called, where something is
    uint32_t behind = 0;           // the logical address behind the block
    bool last = false;             // of its block
    SubjectPrice subject_price{};  // what emitted code has not yet charged when it asks for an operand
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
    uint64_t executed = 0;     // instructions, until it was left, since that was looked at last
    unsigned interrupted = 0;  // how often it was left in front of an instruction

    /// It holds while this block is there, where it is.
    void rely_on(Block& block, uint32_t logical);
    /// Whether it holds for what the CPU is at now. No table is walked for that.
    bool holds(Cpu& cpu, uint64_t now) {
        return (space == cpu.code_space() && epoch == now && entry == cpu.psw().address) ||
               holds_again(cpu, now);
    }

  private:
    bool holds_again(Cpu& cpu, uint64_t now);
};

}  // namespace simulation
