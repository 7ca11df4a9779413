#include "simulation/executor/translator/region.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

#include "simulation/executor/translator/register_use.hpp"

namespace simulation {
namespace {

// Enough for a loop with what it calls; more would be translated long before it is executed.
constexpr size_t kMostNodes = 48;
constexpr unsigned kMostInstructions = 400;

/// Branches to a based address: the registers that their target depends on.
uint16_t target_registers(const Slot& slot) {
    using enum isa::Op;
    const isa::Operands& o = slot.operands;
    const auto one = [](unsigned r) { return static_cast<uint16_t>(r == 0 ? 0 : 1u << r); };
    switch (slot.op) {
        case op_BC:
        case op_BAL:
        case op_BAS:
        case op_BCT: return one(o.r2) | one(o.b2);
        case op_BXH:
        case op_BXLE: return one(o.b2);
        default: return 0;
    }
}

}  // namespace

unsigned RegionPlan::instructions() const {
    unsigned sum = 0;
    for (const Node& node : nodes) sum += node.block->count;
    return sum;
}

RegionPlan plan_region(const Cpu& cpu, Block& head, uint64_t epoch, uint32_t least_heat, bool anchored) {
    RegionPlan plan;
    std::unordered_map<uint64_t, int> known;  // by logical address: nodes
    const auto add = [&](Block& block, uint32_t entry) {
        plan.nodes.push_back({&block, entry, {}});
        plan.nodes.back().next.fill(RegionPlan::kOut);
        known[entry] = static_cast<int>(plan.nodes.size()) - 1;
    };
    add(head, cpu.psw().address);
    // What follows directly comes next, so that it can be fallen into.
    std::vector<int> open{0};
    unsigned instructions = head.count;
    while (!open.empty()) {
        const int n = open.back();
        open.pop_back();
        Block& block = *plan.nodes[static_cast<size_t>(n)].block;
        for (size_t way = std::size(block.links); way-- > 0;) {
            const Block::Link& link = block.links[way];
            if (link.epoch != epoch || link.where >> 32 != cpu.code_space() >> 32) continue;
            if (link.block->heat < least_heat && !link.block->translated) continue;
            const auto entry = static_cast<uint32_t>(link.where);
            auto it = known.find(entry);
            if (it == known.end()) {
                if (plan.nodes.size() == kMostNodes || instructions + link.block->count > kMostInstructions)
                    continue;
                instructions += link.block->count;
                add(*link.block, entry);
                it = known.find(entry);
                open.push_back(it->second);
            }
            plan.nodes[static_cast<size_t>(n)].next[way] = it->second;
        }
    }

    uint16_t based = 0;
    for (const RegionPlan::Node& node : plan.nodes) {
        for (unsigned i = 0; i < node.block->count; ++i) {
            const Slot& slot = node.block->slots[i];
            const RegisterUse use = register_use(slot.op, slot.operands);
            plan.written |= use.written;
            based |= target_registers(slot);
            for (unsigned r = 0; r < 16; ++r)
                plan.weight[r] += (use.read >> r & 1u) + (use.written >> r & 1u);
        }
    }
    if (anchored)
        for (unsigned r = 0; r < 16; ++r)
            if ((based & ~plan.written) >> r & 1) plan.anchors.push_back({r, cpu.state().gpr[r]});
    return plan;
}

bool Region::holds_again(Cpu& cpu, uint64_t now) {
    if (entry != cpu.psw().address) return false;
    for (const CodePage& page : pages)
        if (!cpu.still_leads(page.logical, page.absolute)) return false;
    space = cpu.code_space();
    epoch = now;
    return true;
}

}  // namespace simulation
