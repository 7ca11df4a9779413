// A control program on a machine of its own, for measurements.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "scheduler/make_policy.hpp"
#include "simulation/machine/machine.hpp"
#include "vmcp/control_program/control_program.hpp"

namespace bench {

struct ControlProgramHost {
    explicit ControlProgramHost(unsigned mebibytes, std::string_view policy = "round-robin",
                                simulation::SimTime slice = 50 * simulation::kMillisecond)
        : ControlProgramHost(mebibytes * simulation::kMebibyte, vmcp::PagingOptions{}, policy, slice) {}
    ControlProgramHost(uint32_t bytes, vmcp::PagingOptions paging, std::string_view policy = "round-robin",
                       simulation::SimTime slice = 50 * simulation::kMillisecond,
                       std::string_view model = "s370-158")
        : machine(simulation::MachineModel::load(model), bytes),
          cp(machine,
             {vmcp::ControlProgramModel::load("vm370", machine.model()),
              scheduler::make_policy(policy, scheduler::Parameters{.slice = slice}), std::move(paging)}) {}

    /// Logs a virtual machine on and starts it with the restart new PSW of the image.
    vmcp::VirtualMachine& start(const std::vector<uint8_t>& image, uint32_t storage = 64 * 1024) {
        vmcp::VmOptions options;
        options.name = fmt::format("vm{}", cp.virtual_machines().size());
        options.storage = storage;
        vmcp::VirtualMachine& vm = cp.log_on(std::move(options), {});
        cp.load(vm, vmcp::SecondLevel(0), image);
        cp.restart(vm);
        return vm;
    }

    simulation::Machine machine;
    vmcp::ControlProgram cp;
};

}  // namespace bench
