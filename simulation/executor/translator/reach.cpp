#include "simulation/executor/translator/reach.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "simulation/executor/translator/register_use.hpp"

namespace simulation {
namespace {

/// More than this is rarely in one 2K block.
constexpr uint32_t kMostBytes = 1024;

struct Candidate : Reach {
    unsigned operands = 0;
};

/// Whether both are needed at some time.
bool meet(const Reach& a, const Reach& b) { return a.first <= b.last && b.first <= a.last; }

}  // namespace

std::vector<Reach> plan_reaches(const Block& block, bool (*is_called)(const Slot&)) {
    std::array<std::optional<Candidate>, 16> open;
    std::vector<Candidate> candidates;
    const auto close = [&](unsigned r) {
        if (open[r] && open[r]->operands > 1) candidates.push_back(*open[r]);
        open[r].reset();
    };
    for (unsigned k = 0; k < block.count; ++k) {
        const Slot& slot = block.slots[k];
        const RegisterUse use = register_use(slot.op, slot.operands);
        const StorageOperand& o = use.operand;
        const bool called = is_called(slot);
        if (!called && o.length != 0 && o.index == 0 && o.base != 0) {
            std::optional<Candidate>& reach = open[o.base];
            const uint32_t behind = o.displacement + o.length;
            if (reach && std::max(reach->high, behind) - std::min(reach->low, o.displacement) > kMostBytes)
                close(o.base);
            if (!reach) reach = Candidate{{k, k, o.base, o.displacement, behind, false, 0}};
            reach->last = k;
            reach->low = std::min(reach->low, o.displacement);
            reach->high = std::max(reach->high, behind);
            reach->storing |= o.storing;
            ++reach->operands;
        }
        for (unsigned r = 0; r < 16; ++r)
            if (called || (use.written >> r & 1) != 0) close(r);
    }
    for (unsigned r = 0; r < 16; ++r) close(r);

    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.operands > b.operands; });
    std::vector<Reach> chosen;
    for (Candidate& candidate : candidates) {
        for (candidate.pointer = 0; candidate.pointer < kReaches; ++candidate.pointer)
            if (std::none_of(chosen.begin(), chosen.end(), [&](const Reach& other) {
                    return other.pointer == candidate.pointer && meet(other, candidate);
                })) {
                chosen.push_back(candidate);
                break;
            }
    }
    return chosen;
}

}  // namespace simulation
