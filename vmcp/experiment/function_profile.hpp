// Where a program on the bare machine spends its instructions and its time: by function of its own, and,
// where it is a control program, by the programs that it runs.
//
// What runs in supervisor state with translation off is the program itself, and its functions are known by
// the symbols; everything else is a program that it runs. Where it has a pointer `loaded` to a block that
// begins with a name of eight characters in EBCDIC (examples/control-program), that tells which; else the
// segment table does.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "simulation/machine/machine.hpp"
#include "vmcp/experiment/symbol_table.hpp"

namespace vmcp::experiment {

/// Instructions completed, and simulated time in which the CPU was at work.
struct Spent {
    uint64_t instructions = 0;
    simulation::SimTime time = 0;  // ns

    Spent& operator+=(const Spent& more) {
        instructions += more.instructions;
        time += more.time;
        return *this;
    }
};

struct FunctionProfile {
    struct Function {
        std::string name;
        uint64_t calls = 0;  // how often its first instruction was executed
        Spent spent;
    };
    struct Program {
        std::string name;
        Spent own;     // what it did itself
        Spent served;  // what the functions did while it was loaded
    };
    std::string file;                 // of the symbols
    std::vector<Function> functions;  // the largest number of instructions first
    Spent elsewhere;                  // of the program itself, where it has no function
    Spent interruptions;              // the machine swapped PSWs
    std::vector<Program> programs;    // by name

    Spent total() const;
};

/// Observes a machine with one CPU from its construction on, which must be before the machine starts.
class FunctionProfiler final : public simulation::InstructionObserver,
                               public simulation::InterruptionObserver {
  public:
    /// `file`: where the symbols are. Throws GuestError as SymbolTable::load, std::invalid_argument where the
    /// machine has several CPUs. `machine` must outlive it.
    FunctionProfiler(simulation::Machine& machine, const std::string& file);
    ~FunctionProfiler() override;

    void before(const simulation::Cpu& cpu, uint32_t address, const isa::Decoded& instruction) override;
    void interruption(const simulation::Cpu& cpu, const isa::Interruption& interruption) override;

    /// What it has seen until now.
    FunctionProfile profile();

  private:
    void charge();
    FunctionProfile::Program& program(const std::string& name);
    /// Of the program that is loaded; empty where none is, or nobody says.
    const std::string& loaded_name();

    simulation::Machine& machine_;
    SymbolTable symbols_;
    std::string file_;
    std::vector<FunctionProfile::Function> functions_;  // as in symbols_
    Spent elsewhere_, interruptions_;
    std::map<std::string, FunctionProfile::Program> programs_;
    // What the time from here on is charged to; null: to nothing.
    Spent* running_ = nullptr;
    Spent* served_ = nullptr;
    uint32_t block_ = 0;  // that `loaded` points to
    std::string name_;    // in it
    uint64_t instructions_ = 0;
    simulation::SimTime worked_ = 0;
};

/// Tables for people. Counts and simulated times.
std::string profile_text(const FunctionProfile& profile, size_t width);

/// `file`, `functions` ({name, calls, instructions, busy_ns}), `elsewhere`, `interruptions`, `programs`.
nlohmann::ordered_json to_json(const FunctionProfile& profile);

}  // namespace vmcp::experiment
