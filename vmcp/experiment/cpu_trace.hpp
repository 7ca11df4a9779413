// A trace of instructions and interruptions, a line each:
//
//      0.000123456 s  000200  5810C010     L     1,X'10'(0,12)       @000410  R1=0000002A
//      0.000124000 s  program interruption, code 0001: operation; old PSW ..., new PSW ...
//
// An instruction's line says which registers, control registers and condition code it changed, and where its
// storage operands are: logical addresses, as the instruction forms them.
#pragma once

#include <functional>
#include <string>

#include "simulation/machine/machine.hpp"

namespace vmcp::experiment {

class CpuTrace final : public simulation::InstructionObserver, public simulation::InterruptionObserver {
  public:
    /// `at`: the simulated time that the line is of.
    using Output = std::function<void(simulation::SimTime at, const std::string& line)>;

    /// `machine` must outlive it. It observes nothing before watch().
    CpuTrace(simulation::Machine& machine, Output output);
    ~CpuTrace() override;

    /// What it traces from now on.
    void watch(bool instructions, bool interruptions);

    void before(const simulation::Cpu& cpu, uint32_t address, const isa::Decoded& instruction) override;
    void interruption(const simulation::Cpu& cpu, const isa::Interruption& interruption) override;
    /// Writes the line of the last instruction, which has ended.
    void flush();
    /// Writes it as far as it is known, because something is to stand below it that the instruction may have
    /// caused before its end. What it changes afterwards is told on a line of its own.
    void flush_so_far();

  private:
    std::string begin_line(const simulation::Cpu& cpu) const;

    simulation::Machine& machine_;
    Output output_;
    bool instructions_ = false, interruptions_ = false;
    std::string line_;                      // of the instruction under way; empty: none
    size_t place_length_ = 0;               // of what it begins with: time and address
    bool begun_ = false;                    // a line of that instruction stands already
    simulation::SimTime began_ = 0;         // when it began
    const simulation::Cpu* cpu_ = nullptr;  // that executes it
    isa::CpuState before_;
};

/// "00000000 00000200"
std::string psw_hex(const isa::Psw& psw);

}  // namespace vmcp::experiment
