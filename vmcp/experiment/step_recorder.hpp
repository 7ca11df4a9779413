// Where trace steps come from: the bare machine, and a virtual machine under the control program. Both tell
// what the program sees, and nothing else: of a virtual machine no interruptions of the real CPU that the
// control program keeps to itself, and an instruction that had to be begun again once.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "simulation/machine/machine.hpp"
#include "vmcp/dispatch/observer.hpp"
#include "vmcp/experiment/trace_step.hpp"

namespace vmcp::experiment {

using StepOutput = std::function<void(const TraceStep&)>;

/// Where a logical address of a program in this state lies in real storage (guest: its own), without
/// disturbing anything. Empty: it is not translated to a valid address.
std::optional<uint32_t> place_of(const simulation::Cpu& cpu, const CpuPicture& state, uint32_t logical);
std::optional<uint32_t> place_of(const VirtualMachine& vm, const CpuPicture& state, uint32_t logical);

/// Whether an instruction may end in the middle, and is then executed again for the rest.
bool goes_on_where_it_was(const TraceStep& step);

/// Holds the last instruction back until it is certain that it does not come again.
class StepRecorder : public simulation::InstructionObserver {
  public:
    /// Tells of the last instruction.
    void flush();

  protected:
    explicit StepRecorder(StepOutput output) : output_(std::move(output)) {}
    /// `state`: the program's, with the PSW at the instruction.
    void instruction(const TraceStep& step);
    void interruption(const isa::CpuState& state, const isa::Interruption& interruption);
    /// The last instruction comes again, if it lies at the address.
    void take_back(uint32_t address);

  private:
    StepOutput output_;
    TraceStep last_;
    bool holds_ = false;
};

class NativeStepRecorder final : public StepRecorder, public simulation::InterruptionObserver {
  public:
    /// Looks on at CPU 0 for as long as it lives; `machine` must outlive it.
    NativeStepRecorder(simulation::Machine& machine, StepOutput output);
    ~NativeStepRecorder() override;

    void before(const simulation::Cpu& cpu, uint32_t address, const isa::Decoded& instruction) override;
    void interruption(const simulation::Cpu& cpu, const isa::Interruption& interruption) override;

  private:
    simulation::Machine& machine_;
};

/// To be added to the real machine's executor and to the control program's observers.
class GuestStepRecorder final : public StepRecorder, public Observer {
  public:
    /// `name`: of the virtual machine.
    GuestStepRecorder(std::string name, StepOutput output)
        : StepRecorder(std::move(output)), name_(std::move(name)) {}

    void before(const simulation::Cpu& cpu, uint32_t address, const isa::Decoded& instruction) override;
    void trapped(const VirtualMachine& vm, const Trap& trap) override;
    void followed(const VirtualMachine& vm, const isa::Decoded& instruction) override;
    void interpreted(const VirtualMachine& vm, const isa::Decoded& instruction,
                     const simulation::Cpu& cpu) override;
    void comes_again(const VirtualMachine& vm) override;
    void reflected(const VirtualMachine& vm, const isa::Interruption& interruption) override;
    void resumed(const VirtualMachine& vm, SimTime) override;

    /// Null until it has begun.
    const VirtualMachine* machine() const { return machine_; }

  private:
    std::string name_;
    const VirtualMachine* machine_ = nullptr;
    const VirtualMachine* running_ = nullptr;  // the real CPU executes its instructions
    bool fault_ = false;                       // its last instruction found a page missing
};

}  // namespace vmcp::experiment
