// Host time of a turn with many virtual machines, and host memory of idle ones.
#pragma once

#include <string>
#include <vector>

namespace bench {

struct SwitchCost {
    std::string policy;
    unsigned virtual_machines = 0;
    double ns = 0;  // host CPU time of one turn, all included
};

/// Every virtual machine loops; each turn is of another one and lasts for about 20 guest instructions. A
/// turn: pick, switch, load the guest, run it, take the timer interruption, charge, requeue. `repeats` (odd):
/// of which the median is taken.
std::vector<SwitchCost> measure_switches(int repeats);

struct IdleMemory {
    unsigned virtual_machines = 0;
    double bytes = 0;  // resident host memory a virtual machine
};

/// Virtual machines that have run some instructions and wait. Each number is measured in a process of its
/// own.
std::vector<IdleMemory> measure_idle_memory();

/// What such a process does: prints resident bytes a virtual machine. The program calls itself with this
/// option.
inline constexpr const char* kIdleMemoryOption = "--idle-memory";
void print_idle_memory(unsigned virtual_machines);

}  // namespace bench
