// Prices of a control-program model from a control program that is executed: one in machine language, on the
// bare machine, whose functions do the steps of vmcp/ledger/step.hpp. How long each step took, and how often
// it was done.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/machine/machine.hpp"
#include "vmcp/experiment/function_profile.hpp"
#include "vmcp/experiment/symbol_table.hpp"
#include "vmcp/ledger/control_program_model.hpp"

namespace vmcp::experiment {

/// Which functions do which step; a TOML file (examples/control-program/steps.toml explains the keys).
struct StepFunctions {
    struct Entry {
        std::vector<std::string> functions, per;  // "FUNCTION" or "CALLER/FUNCTION"
        std::optional<Step> as;                   // at the price of that one
        std::optional<Step> within;               // a part of that one
        std::string absent;                       // why the program need not do it; empty: it does
    };
    std::string program;  // what the figures are of
    std::array<std::optional<Entry>, kSteps> entries;

    /// Throws simulation::TomlError, also where a step or function is named twice.
    static StepFunctions load(const std::string& path);
};

/// What the run of a control program took, step by step.
struct StepTimes {
    struct Measured {
        uint64_t times = 0;
        Spent spent;
    };
    std::array<Measured, kSteps> steps;
    Spent in_no_step;     // its start and its end
    Spent interruptions;  // the machine swapped PSWs
    Spent guests;

    /// What the control program took, with the interruptions.
    Spent control_program() const;
};

/// Observes a machine with one CPU, from before it starts: follows the calls of the program's functions.
class StepTimer final : public simulation::InstructionObserver, public simulation::InterruptionObserver {
  public:
    /// `file`: where the symbols are. Throws GuestError as SymbolTable::load, also where it lacks a function
    /// that the steps name. `machine` must outlive it.
    StepTimer(simulation::Machine& machine, const std::string& file, const StepFunctions& steps);
    ~StepTimer() override;

    void before(const simulation::Cpu& cpu, uint32_t address, const isa::Decoded& instruction) override;
    void interruption(const simulation::Cpu& cpu, const isa::Interruption& interruption) override;

    StepTimes times();

  private:
    static constexpr unsigned kNoStep = kSteps;

    /// A function under way: it ends when its caller goes on with its own stack.
    struct Frame {
        size_t function;
        uint32_t return_address, stack;
        unsigned step;
    };
    struct Named {
        std::optional<unsigned> step;      // kSteps: none
        std::vector<unsigned> counts_for;  // steps of which a call is one time
    };

    void enter(const simulation::Cpu& cpu, size_t function);
    void charge();

    simulation::Machine& machine_;
    SymbolTable symbols_;
    std::map<std::pair<size_t, size_t>, Named> by_call_;  // of caller and function; caller: any, if not found
    std::vector<Frame> frames_;
    StepTimes times_;
    Spent* running_ = nullptr;
    uint64_t instructions_ = 0;
    simulation::SimTime worked_ = 0;
};

/// A control-program model with these prices, as a TOML file; `base` has those of the steps that the program
/// does not do, or that the run did not need.
std::string calibrated_model(const StepFunctions& functions, const StepTimes& times,
                             const ControlProgramModel& base, const std::string& machine,
                             const std::string& name);

}  // namespace vmcp::experiment
