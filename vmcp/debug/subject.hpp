// What is debugged: a native program, or a scenario under the control program; and what can be looked at in
// it without disturbing it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "simulation/cpu/cpu.hpp"
#include "vmcp/control_program/control_program.hpp"
#include "vmcp/debug/session.hpp"
#include "vmcp/experiment/action.hpp"
#include "vmcp/experiment/scenario.hpp"
#include "vmcp/machine/virtual_machine.hpp"
#include "vmcp/storage/address.hpp"

namespace vmcp::debug {

class Subject {
  public:
    /// A line of a machine's console is complete.
    using ConsoleLine = std::function<void(MachineNumber machine, std::string_view line)>;

    virtual ~Subject() = default;
    virtual simulation::Machine& machine() = 0;
    /// Null natively.
    virtual ControlProgram* control_program() = 0;
    virtual unsigned machines() const = 0;
    virtual std::string name(MachineNumber machine) const = 0;
    /// What a machine started from; null for the real one of a scenario.
    virtual const experiment::GuestImage* guest(MachineNumber machine) const = 0;
    /// Loads everything and runs until the end; how that came, in whole lines. Throws what a run throws.
    virtual std::string run() = 0;
    virtual void act(MachineNumber machine, const experiment::Action& action) = 0;
    /// What stands on the present line of a console.
    virtual std::string console_line(MachineNumber machine) const = 0;

    /// Null: it is not logged on, or the machine is the real one.
    const VirtualMachine* virtual_machine(MachineNumber machine);
    MachineNumber number_of(const std::string& name) const;

    ConsoleLine on_console_line;

  private:
    mutable std::unordered_map<std::string, MachineNumber>
        numbers_;  // by names, of virtual machines; made once
};

/// `limits`: the program's; it ends as a run does.
std::unique_ptr<Subject> native_subject(const simulation::MachineModel& model,
                                        const experiment::VmDescription& vm,
                                        const simulation::RunLimits& limits);
/// The scenario must outlive it.
std::unique_ptr<Subject> scenario_subject(const experiment::Scenario& scenario);

/// The registers of a virtual machine; `executing`: the real CPU that holds them, null where the control
/// program does.
Registers registers_of(const VirtualMachine& vm, const simulation::Cpu* executing);
Registers registers_of(const simulation::Cpu& cpu);

/// A byte of storage; empty: there is none.
std::optional<uint8_t> byte_of(simulation::Machine& machine, const simulation::Cpu& cpu, AddressKind kind,
                               uint32_t address);
std::optional<uint8_t> byte_of(const VirtualMachine& vm, const Registers& registers, AddressKind kind,
                               uint32_t address);

}  // namespace vmcp::debug
