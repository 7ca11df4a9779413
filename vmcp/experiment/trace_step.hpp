// One step of an architectural trace: what a program can see of its CPU at an instruction or interruption.
#pragma once

#include <array>
#include <cstdint>

#include "isa/instruction.hpp"
#include "isa/interruption.hpp"

namespace vmcp::experiment {

/// What the registers hold.
struct CpuPicture {
    std::array<uint32_t, 16> gpr{};
    std::array<uint64_t, 4> fpr{};
    std::array<uint32_t, 16> cr{};
    uint64_t psw = 0;  // its image; a BC-mode one without interruption and length code

    bool operator==(const CpuPicture&) const = default;
};

struct TraceStep {
    enum class Kind : uint8_t {
        instruction,   // one that was begun
        interruption,  // that the program was given
        loop,          // what stands before goes on: StepStream
    };
    Kind kind = Kind::instruction;
    /// Of EXECUTE `subject` is what was executed, if it could be seen; else the instruction itself.
    isa::Decoded instruction, subject;
    uint32_t address = 0;            // of the instruction
    isa::Interruption interruption;  // that the CPU took
    unsigned period = 0;             // of a loop: how many steps it has
    uint64_t times = 0;              // how many times more they came, with equal registers
    CpuPicture cpu;                  // before the instruction; what was interrupted

    bool is(Kind what) const { return kind == what; }
};

/// Whether the interruption comes when a device, a clock or an operator wants it to.
inline bool is_asynchronous(const TraceStep& step) {
    if (!step.is(TraceStep::Kind::interruption)) return false;
    const auto what = isa::class_of(step.interruption);
    return what != isa::InterruptionClass::program && what != isa::InterruptionClass::supervisor_call;
}

/// The same instruction at the same place, or the same interruption (of I/O: by the same device).
bool same_place(const TraceStep& a, const TraceStep& b);

/// For finding steps again: equal where same_place is.
uint64_t place_hash(const TraceStep& step);

}  // namespace vmcp::experiment
