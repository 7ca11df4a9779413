// An instruction mix: how often each cost class occurs in a typical program. It turns a machine model into
// the one number that machines were sold by, millions of instructions a second.
//
// The frequencies are those that Liba Svobodova measured on System/370 (Computer System Performance
// Measurement: Instruction Set Processor Level and Microcode Level, Stanford Electronics Laboratories,
// technical report 66, June 1974), with the operand lengths that the s370-perf project
// (github.com/wfjm/s370-perf) assumes for them: 10 bytes for MVC, CLC, XC, TR and TRT, 6 registers for LM and
// STM, half of the branches taken.
#pragma once

#include "isa/cost_class.hpp"
#include "simulation/model/machine_model.hpp"

namespace simulation {

struct MixEntry {
    isa::CostClass cost_class;
    int weight;      // occurrences in 10,000 instructions
    unsigned units;  // bytes or registers of a typical occurrence
};

inline constexpr MixEntry kSvobodovaMix[] = {
    {isa::CostClass::branch, 2924, 0},
    {isa::CostClass::load_op, 1759, 0},
    {isa::CostClass::register_op, 1421, 0},
    {isa::CostClass::immediate, 1408, 0},
    {isa::CostClass::store_op, 592, 0},
    {isa::CostClass::move_bytes, 418, 10},
    {isa::CostClass::logic_bytes, 379, 10},
    {isa::CostClass::branch_count, 284, 0},
    {isa::CostClass::load_multiple, 220, 6},
    {isa::CostClass::shift, 163, 0},
    {isa::CostClass::store_multiple, 132, 6},
    {isa::CostClass::execute, 76, 0},
    {isa::CostClass::float_load, 45, 0},
    {isa::CostClass::divide, 38, 0},
    {isa::CostClass::translate_bytes, 27, 10},
    {isa::CostClass::multiply, 23, 0},
    {isa::CostClass::convert, 14, 0},
    {isa::CostClass::decimal_add, 4, 6},
    {isa::CostClass::pack, 4, 5},
    {isa::CostClass::float_add, 3, 0},
};

/// What the weights count: the 76 subject instructions of EX are timed (as TM) but not counted; 1.4 % of the
/// measured instructions were too rare to be listed.
inline constexpr int kSvobodovaInstructions = 9858;

/// The average time of an instruction of the mix, in ns, rounded to the nearest.
inline SimTime average_instruction_ns(const MachineModel& model) {
    SimTime sum = 0;
    for (const auto& entry : kSvobodovaMix) sum += entry.weight * model.cost(entry.cost_class, entry.units);
    return (sum + kSvobodovaInstructions / 2) / kSvobodovaInstructions;
}

}  // namespace simulation
