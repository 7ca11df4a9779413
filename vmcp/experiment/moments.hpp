// The moments of a run, for a reader who steps through it: before each instruction of a guest, at each
// interruption of the real machine, at each step of the control program, and when a guest goes on. Each has
// the real machine beside the virtual one, a sentence that says what happens, and the section of the
// documents that tells more of it. vmcp run --moments and the page (vmcp/web) show them.
//
// Bounded: of the instructions that a guest executes in a row only the last ones are kept, and all ends
// behind so many moments.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "simulation/executor/executor.hpp"
#include "vmcp/dispatch/observer.hpp"
#include "vmcp/experiment/scenario.hpp"

namespace vmcp::experiment {

struct MomentOptions {
    size_t most = 20'000;       // moments
    uint64_t first_trap = 1;    // what is before it is left out, but for the instructions that lead to it
    size_t most_in_a_row = 64;  // instructions between two other moments: the last ones
};

/// The section of the documents about a step: "how-a-trap-travels.md#step-3".
std::string_view document_of(Step step);

/// To be added to a run's observers, ledger observers and instruction observers.
class MomentRecorder final : public Observer, public LedgerObserver, public simulation::InstructionObserver {
  public:
    /// `scenario` must outlive it.
    MomentRecorder(const Scenario& scenario, MomentOptions options);
    ~MomentRecorder() override;

    /// Whether the run went on behind the last moment that is kept.
    bool full() const { return full_; }
    /// Instructions that it was told of, kept or not.
    uint64_t watched() const { return watched_; }
    /// A line of a machine's console is complete.
    void console_line(size_t vm, std::string_view line);
    /// All of them: what does not change from one moment to the next is left out.
    nlohmann::ordered_json to_json();

    void before(const simulation::Cpu& cpu, uint32_t address, const isa::Decoded& instruction) override;
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
    struct Moment;
    /// An instruction, no more than copied: most are never told of.
    struct Executed {
        SimTime at = 0;
        uint64_t trap = 0;
        const VirtualMachine* vm = nullptr;
        uint32_t address = 0;
        isa::Decoded instruction;
        isa::Psw real, psw;
        std::array<uint32_t, 16> gpr, cr;
    };
    /// What the virtual machine holds; `running`: the real CPU executes its instructions.
    Moment begin(std::string_view kind, const VirtualMachine* vm, SimTime at) const;
    void add(Moment moment);
    void add_instructions();
    Moment moment_of(const Executed& one) const;
    void keep(Moment moment);
    bool wanted() const { return !full_ && (options_.first_trap <= 1 || traps_ >= options_.first_trap); }
    /// The instructions before the next trap are.
    bool follows() const { return !full_ && traps_ + 1 >= options_.first_trap; }
    const VirtualMachine* machine(uint32_t id) const {
        return id < machines_.size() ? machines_[id] : nullptr;
    }
    void know(const VirtualMachine& vm);

    const Scenario& scenario_;
    const MomentOptions options_;
    std::vector<Moment> moments_;
    std::vector<Executed> row_;  // instructions, not yet among them: the last ones, in a ring
    uint64_t in_row_ = 0;        // with those that the ring has lost
    std::vector<const VirtualMachine*> machines_;  // by id, those that have not stopped
    const VirtualMachine* running_ = nullptr;
    SimTime now_ = 0;  // of the last moment that had a time
    uint64_t traps_ = 0, watched_ = 0;
    std::vector<std::pair<size_t, std::string>> console_;  // machine and line
    bool full_ = false;
};

}  // namespace vmcp::experiment
