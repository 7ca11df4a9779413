#include "simulation/executor/translator/host_code.hpp"

#include <algorithm>
#include <numeric>

namespace simulation {

CpuLayout::CpuLayout(Cpu& cpu) {
    const Cpu::Parts parts = cpu.parts();
    const auto of = [&](const auto& part) {
        return static_cast<int32_t>(reinterpret_cast<const uint8_t*>(&part) -
                                    reinterpret_cast<const uint8_t*>(&cpu));
    };
    gpr = of(parts.state.gpr[0]);
    fpr = of(parts.state.fpr[0]);
    condition_code = of(parts.state.psw.condition_code);
    program_mask = of(parts.state.psw.program_mask);
    address = of(parts.state.psw.address);
    time = of(parts.time);
    instructions = of(parts.instructions);
    context = of(parts.context);
    load_address_mask = of(parts.load_address_mask);
    read_tag = of(parts.accesses.read_tag);
    write_tag = of(parts.accesses.write_tag);
    block = of(parts.accesses.host);
    code_space = of(parts.code_space);
    limit = of(parts.execution.translated.limit);
    condition = of(parts.execution.translated.condition);
    first_operand = of(parts.execution.translated.first_operand);
    second_operand = of(parts.execution.translated.second_operand);
    marks = reinterpret_cast<uintptr_t>(parts.marks) -
            reinterpret_cast<uintptr_t>(parts.storage) / RealStorage::kCodeGranule;
}

PinnedRegisters::PinnedRegisters(const RegionPlan& plan) {
    at_.fill(kInMemory);
    std::array<unsigned, 16> order;
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(),
                     [&](unsigned a, unsigned b) { return plan.weight[a] > plan.weight[b]; });
    for (unsigned i = 0; i < kPool.size(); ++i)
        if (plan.weight[order[i]] != 0) at_[order[i]] = static_cast<uint8_t>(i);
}

}  // namespace simulation
