// An executor that lets somebody look between instructions, as often as he likes: it runs another one piece
// by piece, and to whoever runs it that is no different. Not a nanosecond is, either.
#pragma once

#include <memory>

#include "simulation/executor/executor.hpp"

namespace simulation {

/// Who looks between instructions.
class Pauser {
  public:
    virtual ~Pauser() = default;
    /// How many instructions may complete before it wants to look again: one at least.
    virtual uint64_t allowance() = 0;
    /// The CPU is about to execute the next instruction. `goes_on`: nothing has happened since the last one
    /// but that it completed.
    virtual void before(Cpu& cpu, bool goes_on) = 0;
    /// So many more have completed. What interrupted the CPU then, if anything did, has not happened yet.
    virtual void completed(uint64_t instructions) = 0;
};

class PausingExecutor final : public Executor {
  public:
    /// `pauser` must outlive it.
    PausingExecutor(std::unique_ptr<Executor> inner, Pauser& pauser)
        : inner_(std::move(inner)), pauser_(pauser) {}

    std::string_view name() const override { return inner_->name(); }
    const Exit& run(Cpu& cpu, SimTime until, uint64_t instructions = kUncounted) override;
    bool is_cut_short() const override { return inner_->is_cut_short(); }
    void set_breakpoint(uint32_t logical_address, bool on) override {
        inner_->set_breakpoint(logical_address, on);
    }
    ExecutorCounts counts() const override { return inner_->counts(); }

  private:
    /// Those who look on here are told by the one that executes.
    struct Relay final : InstructionObserver {
        explicit Relay(PausingExecutor& owner) : executor(owner) {}
        void before(const Cpu& cpu, uint32_t address, const isa::Decoded& instruction) override {
            executor.observers.tell([&](InstructionObserver& o) { o.before(cpu, address, instruction); });
        }
        PausingExecutor& executor;
    };

    std::unique_ptr<Executor> inner_;
    Pauser& pauser_;
    Relay relay_{*this};
    bool relays_ = false;
};

}  // namespace simulation
