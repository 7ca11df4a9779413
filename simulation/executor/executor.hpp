// An executor runs a CPU's program. Executors are interchangeable: every one leaves the same registers, the
// same storage, the same exits and the same simulated time, to the nanosecond.
#pragma once

#include <cstdint>
#include <string_view>

#include "simulation/cpu/cpu.hpp"
#include "simulation/cpu/exit.hpp"
#include "simulation/model/observers.hpp"

namespace simulation {

/// Is told of each instruction before it is executed.
class InstructionObserver {
  public:
    virtual ~InstructionObserver() = default;
    virtual void before(const Cpu& /*cpu*/, uint32_t /*address*/, const isa::Decoded& /*instruction*/) {}
};

/// What was translated since the start, where something is.
struct TranslationCounts {
    uint64_t regions = 0, dropped_regions = 0;
    uint64_t failed_regions = 0;  // that no code could be made of, which is an error of the translator's
    // Of the guest, each time that one was translated; and what that came to.
    uint64_t instructions = 0, guest_bytes = 0;
    uint64_t code_bytes = 0;
    uint64_t host_ns = 0;  // the host's time, of all of it
};

/// What an executor has done with code since the start.
struct ExecutorCounts {
    uint64_t decoded_blocks = 0;
    uint64_t retired_blocks = 0;     // by stores, mostly
    size_t retired_blocks_kept = 0;  // of those, whose host memory is not free yet
    TranslationCounts translated;
};

class Executor {
  public:
    virtual ~Executor() = default;
    virtual std::string_view name() const = 0;

    /// Runs until simulated time `until` is reached, `instructions` more have completed, or something else
    /// ends it; one instruction at least. The owner has seen to it that no enabled interruption is pending
    /// and that the CPU is not waiting. The answer holds until the CPU runs again.
    virtual const Exit& run(Cpu& cpu, SimTime until, uint64_t instructions = kUncounted) = 0;
    static constexpr uint64_t kUncounted = ~uint64_t{0};
    /// Whether the last run was ended by `instructions` where otherwise it would have gone on, though `until`
    /// may have been reached: time is not looked at behind every instruction.
    virtual bool is_cut_short() const = 0;

    /// Stops at an instruction address: run() answers Breakpoint in front of it. The next run() goes on from
    /// there.
    virtual void set_breakpoint(uint32_t logical_address, bool on) = 0;

    virtual ExecutorCounts counts() const = 0;

    Observers<InstructionObserver> observers;
};

}  // namespace simulation
