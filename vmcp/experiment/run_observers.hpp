// Those who look on at a run for its caller: the host's time for traps, machines that stop, how far it has
// come.
#pragma once

#include <chrono>

#include "vmcp/dispatch/observer.hpp"
#include "vmcp/experiment/run.hpp"

namespace vmcp::experiment {

using HostClock = std::chrono::steady_clock;

/// Measures host time from a guest's interruption until a guest goes on, for one trap in kEvery: reading the
/// host's clock costs more than many a trap.
class HostTrapTimer final : public Observer {
  public:
    static constexpr uint64_t kEvery = 16;
    void guest_ran(const VirtualMachine&, SimTime, SimTime) override {
        running_ = ++traps_ % kEvery == 0;
        if (running_) begin_ = HostClock::now();
    }
    void resumed(const VirtualMachine&, SimTime) override {
        if (!running_) return;
        sum_ += std::chrono::duration<double, std::nano>(HostClock::now() - begin_).count();
        ++samples_;
        running_ = false;
    }
    void idled(SimTime, SimTime) override { running_ = false; }
    /// It has not looked on for a while.
    void forget() { running_ = false; }
    double ns_per_trap() const { return samples_ == 0 ? 0 : sum_ / static_cast<double>(samples_); }

  private:
    HostClock::time_point begin_;
    double sum_ = 0;
    uint64_t traps_ = 0, samples_ = 0;
    bool running_ = false;
};

class StopWatch final : public Observer {
  public:
    explicit StopWatch(const RunHooks& hooks) : hooks_(hooks) {}
    void stopped(const VirtualMachine& vm, SimTime) override { hooks_.stopped(vm.id, vm); }

  private:
    const RunHooks& hooks_;
};

/// Looking on, and not an event: an event would interrupt a guest.
class ProgressWatch final : public Observer {
  public:
    static constexpr uint64_t kEvery = 4096;
    explicit ProgressWatch(const RunHooks& hooks) : hooks_(hooks) {}
    void guest_ran(const VirtualMachine&, SimTime, SimTime end) override { tell(end); }
    void interpreted(const VirtualMachine&, const isa::Decoded&, const simulation::Cpu& cpu) override {
        tell(cpu.now());
    }

  private:
    void tell(SimTime now) {
        if (++turns_ % kEvery == 0) hooks_.progress(now);
    }
    const RunHooks& hooks_;
    uint64_t turns_ = 0;
};

}  // namespace vmcp::experiment
