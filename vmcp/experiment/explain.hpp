// The story of a trap: the first traps of a run told step by step, real machine beside virtual machine.
#pragma once

#include <functional>
#include <string>

#include "vmcp/observer.hpp"

namespace vmcp::experiment {

class Explainer final : public Observer {
  public:
    using Output = std::function<void(std::string_view text)>;

    /// Tells the first `traps` traps; each comes as one text of lines of at most 80 characters.
    Explainer(uint64_t traps, Output output) : wanted_(traps), output_(std::move(output)) {}

    void trapped(const VirtualMachine& vm, const Trap& trap) override;
    void reflected(const VirtualMachine& vm, const isa::Interruption& interruption) override;
    void worked(const VirtualMachine* vm, Cause cause, Step step, uint64_t times, SimTime begin,
                SimTime cost) override;
    void resumed(const VirtualMachine& vm, SimTime now) override;
    void idled(SimTime begin, SimTime end) override;
    void stopped(const VirtualMachine& vm, SimTime now) override;

  private:
    void two_columns(const std::string& real, const std::string& virtual_side);
    void heading(const std::string& text);
    void end(const std::string& how);
    void end_without_resuming();
    void tell_changes(const VirtualMachine& vm);

    uint64_t wanted_;
    Output output_;
    uint64_t told_ = 0;
    bool telling_ = false;
    const VirtualMachine* vm_ = nullptr;  // whose trap is being told
    isa::CpuState before_;                // virtual, when the trap came
    SimTime sum_ = 0;                     // control-program time of this trap
    std::string text_;
};

}  // namespace vmcp::experiment
