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
/// A block that programs have changed more often stays with the interpreter: it will be changed again.
constexpr uint32_t kMostReplaced = 8;

/// Branches to a based address, and EXECUTE: the registers that their target depends on.
uint16_t target_registers(const Slot& slot) {
    using enum isa::Op;
    const isa::Operands& o = slot.operands;
    const auto one = [](unsigned r) { return static_cast<uint16_t>(r == 0 ? 0 : 1u << r); };
    switch (slot.op) {
        case op_BC:
        case op_BAL:
        case op_BAS:
        case op_BCT:
        case op_EX: return one(o.r2) | one(o.b2);
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

namespace {

/// General registers that the region may change, for certain. Of an EXECUTE that is what its subject does.
uint16_t written_in(const RegionPlan& plan) {
    uint16_t written = 0;
    for (size_t n = 0; n < plan.nodes.size(); ++n) {
        const Block& block = *plan.nodes[n].block;
        for (unsigned i = 0; i < block.count; ++i)
            written |= register_use(block.slots[i].op, block.slots[i].operands).written;
    }
    for (const auto& [node, subject] : plan.subjects)
        written |= register_use(subject.slot.op, subject.slot.operands).written;
    return written;
}

/// Expects subjects where the region does not change what EXECUTE finds them by. It may do so by what they
/// are: then they are not to be expected.
void plan_subjects(Cpu& cpu, RegionPlan& plan, const RegionLimits& limits) {
    const auto registers_of = [&plan](size_t node) {
        return target_registers(*plan.nodes[node].block->last);
    };
    const uint16_t written = written_in(plan);
    for (size_t n = 0; n < plan.nodes.size(); ++n) {
        const Slot& last = *plan.nodes[n].block->last;
        if (last.op != isa::Op::op_EX || (registers_of(n) & written) != 0) continue;
        if (auto subject = expect_subject(cpu, last, limits.model, limits.source))
            plan.subjects.emplace(n, *subject);
    }
    const uint16_t all = written_in(plan);
    std::erase_if(plan.subjects, [&](const auto& one) { return (registers_of(one.first) & all) != 0; });
}

}  // namespace

bool may_be_translated(const Block& block) {
    return block.absolute != Block::kNowhere && block.replaced <= kMostReplaced;
}

RegionPlan plan_region(Cpu& cpu, Block& head, const RegionLimits& limits) {
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
            if (link.epoch != limits.epoch || link.where >> 32 != cpu.code_space() >> 32) continue;
            if (!may_be_translated(*link.block)) continue;
            if (link.block->heat < limits.least_heat && !link.block->translated) continue;
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

    if (limits.anchored) plan_subjects(cpu, plan, limits);
    plan.written = written_in(plan);
    uint16_t based = 0;
    const auto weigh = [&plan](const RegisterUse& use) {
        for (unsigned r = 0; r < 16; ++r) plan.weight[r] += (use.read >> r & 1u) + (use.written >> r & 1u);
    };
    for (const RegionPlan::Node& node : plan.nodes) {
        for (unsigned i = 0; i < node.block->count; ++i) {
            const Slot& slot = node.block->slots[i];
            weigh(register_use(slot.op, slot.operands));
            if (slot.op != isa::Op::op_EX) based |= target_registers(slot);
        }
    }
    for (const auto& [node, subject] : plan.subjects) {
        weigh(register_use(subject.slot.op, subject.slot.operands));
        based |= target_registers(*plan.nodes[node].block->last) | target_registers(subject.slot);
    }
    if (limits.anchored)
        for (unsigned r = 0; r < 16; ++r)
            if ((based & ~plan.written) >> r & 1) plan.anchors.push_back({r, cpu.state().gpr[r]});
    return plan;
}

void Region::rely_on(Block& block, uint32_t logical) {
    if (std::find(blocks.begin(), blocks.end(), &block) == blocks.end()) blocks.push_back(&block);
    const CodePage page{logical & ~(kBlock - 1), block.absolute & ~(kBlock - 1)};
    const auto same = [&](const CodePage& p) { return p.logical == page.logical; };
    if (std::none_of(pages.begin(), pages.end(), same)) pages.push_back(page);
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
