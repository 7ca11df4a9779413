// A control program on a machine of its own, for measurements.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "scheduler/make_policy.hpp"
#include "simulation/machine/machine.hpp"
#include "vmcp/control_program/control_program.hpp"

namespace bench {

struct ControlProgramHost {
    explicit ControlProgramHost(unsigned mebibytes, std::string_view policy = "round-robin",
                                simulation::SimTime slice = 50 * simulation::kMillisecond)
        : machine(simulation::MachineModel::load("s370-158"), mebibytes * simulation::kMebibyte),
          cp(machine, {vmcp::ControlProgramModel::load("vm370", machine.model()),
                       scheduler::make_policy(policy, scheduler::Parameters{.slice = slice})}) {}

    /// Logs a virtual machine with 64K of storage on and starts it with the restart new PSW of the image.
    vmcp::VirtualMachine& start(const std::vector<uint8_t>& image) {
        vmcp::VmOptions options;
        options.name = fmt::format("vm{}", cp.virtual_machines().size());
        options.storage = 64 * 1024;
        vmcp::VirtualMachine& vm = cp.log_on(std::move(options), {});
        cp.load(vm, vmcp::SecondLevel(0), image);
        cp.restart(vm);
        return vm;
    }

    simulation::Machine machine;
    vmcp::ControlProgram cp;
};

}  // namespace bench
