// Is this machine virtualizable? Popek and Goldberg, "Formal Requirements for Virtualizable Third Generation
// Architectures", CACM 17(7), July 1974: it is if each sensitive instruction is privileged. Which ones are
// sensitive, and which privileged, is found by experiment. docs/virtualizable.md.
#pragma once

#include <functional>
#include <vector>

#include "isa/instruction.hpp"
#include "simulation/model/machine_model.hpp"
#include "vmcp/audit/outcome.hpp"

namespace vmcp::audit {

/// What an instruction can be sensitive to; time stands outside of the theorem.
enum class Kind : uint8_t {
    control,   // it changes control state: masks, keys, control registers, clocks, what devices do
    mode,      // it does something else in the problem state than in the supervisor state
    location,  // what it does depends on where the guest's storage lies, or whether it is there
    machine,   // what it does depends on other state of the real machine, or tells which machine that is
    time,      // what it does depends on when it is executed
};
inline constexpr unsigned kKinds = 5;

struct Finding {
    bool found = false;
    bool in_problem_state = false;  // the example is
    Difference example;
};

struct InstructionAudit {
    isa::Op op = isa::Op::invalid;
    unsigned states = 0;     // in which it was executed
    unsigned completed = 0;  // of these in the supervisor state
    unsigned refused = 0;    // ... in the problem state
    unsigned with_authority =
        0;  // not refused in the problem state with the authority of the control registers
    Finding findings[kKinds];

    const Finding& of(Kind kind) const { return findings[static_cast<unsigned>(kind)]; }
    bool privileged() const { return refused == states; }
    bool sensitive() const {
        return of(Kind::control).found || of(Kind::mode).found || of(Kind::location).found ||
               of(Kind::machine).found;
    }
    bool hole() const { return sensitive() && !privileged(); }
};

struct AuditOptions {
    unsigned states = 32;  // of each instruction, at least 1
    uint64_t seed = 1;
    /// Told how many instructions are done, of how many.
    std::function<void(size_t done, size_t all)> progress;
    /// Asked between instructions: whether to end early. The report has what was done.
    std::function<bool()> interrupted;
};

struct AuditReport {
    std::vector<InstructionAudit> instructions;  // in the order of the instruction table
    bool interrupted = false;

    /// Never of a part of the instructions.
    bool virtualizable() const;
};

/// Executes every instruction that the model has.
AuditReport audit(const simulation::MachineModel& model, const AuditOptions& options);

}  // namespace vmcp::audit
