// Turns what observers are told into moments. Watching can be put on and off, between instructions; what is
// told of consoles comes always.
#pragma once

#include <functional>
#include <string>

#include "simulation/machine/machine.hpp"
#include "vmcp/debug/moment.hpp"
#include "vmcp/debug/subject.hpp"
#include "vmcp/dispatch/observer.hpp"

namespace vmcp::debug {

class Watcher final : public simulation::InterruptionObserver, public Observer, public LedgerObserver {
  public:
    using Sink = std::function<void(Moment&&)>;

    /// Both must outlive it.
    Watcher(Subject& subject, Sink sink);
    ~Watcher() override;

    /// Not from within a moment, except of an instruction that is executed.
    void watch(bool on);
    /// The control program has begun to interpret an instruction of a virtual machine: comes always, before
    /// the moment. Set where there are such machines.
    std::function<void(const VirtualMachine&)> on_interpreted;

    /// An executor is about to execute an instruction. `goes_on`: right behind another one.
    void at_instruction(const simulation::Cpu& cpu, bool goes_on) {
        cpu_ = &cpu;
        if (goes_on) return;
        ControlProgram* const cp = subject_.control_program();
        executing_ = cp != nullptr ? cp->running() : nullptr;
    }
    /// That as a moment, which is told by whoever wants it.
    Moment instruction(bool goes_on);
    /// Whose registers the real CPU holds; 0: the control program's, or there is none.
    MachineNumber executing() const { return executing_ != nullptr ? number(*executing_) : kRealMachine; }
    /// The run has ended.
    void rest() { executing_ = nullptr; }
    const simulation::Cpu& cpu() const { return *cpu_; }

    void interruption(const simulation::Cpu& cpu, const isa::Interruption& interruption) override;
    void guest_ran(const VirtualMachine& vm, SimTime begin, SimTime end) override;
    void trapped(const VirtualMachine& vm, const Trap& trap) override;
    void followed(const VirtualMachine& vm, const isa::Decoded& instruction) override;
    void interpreted(const VirtualMachine& vm, const isa::Decoded& instruction,
                     const simulation::Cpu& cpu) override;
    void reflected(const VirtualMachine& vm, const isa::Interruption& interruption) override;
    void resumed(const VirtualMachine& vm, SimTime at) override;
    void translated(const VirtualMachine& vm, const RelayedSubchannel& device) override;
    void idled(SimTime begin, SimTime end) override;
    void stopped(const VirtualMachine& vm, SimTime at) override;
    void worked(const Account& account, Cause cause, Step step, uint64_t times, SimTime begin,
                SimTime cost) override;

  private:
    MachineNumber number(const VirtualMachine& vm) const { return subject_.number_of(vm.options.name); }
    void add();
    void remove();
    void tell(Moment&& moment) {
        if (watching_) sink_(std::move(moment));
    }

    Subject& subject_;
    Sink sink_;
    bool watching_ = false, added_ = false;
    const simulation::Cpu* cpu_;
    const VirtualMachine* executing_ = nullptr;
    MachineNumber last_resumed_ = kRealMachine;
    bool comes_again_ = false;  // the trapped instruction has not been executed, and nothing has happened
};

}  // namespace vmcp::debug
