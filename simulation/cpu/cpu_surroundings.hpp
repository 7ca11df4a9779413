// What a CPU is given by its machine: what all CPUs share, and how it reaches the others.
#pragma once

#include <cstdint>

#include "simulation/channel/channel_subsystem.hpp"
#include "simulation/cpu/clock.hpp"
#include "simulation/cpu/storage.hpp"
#include "simulation/model/event_queue.hpp"
#include "simulation/model/machine_model.hpp"

namespace simulation {

class Cpu;

/// What a CPU can do to the CPUs of its machine, itself included.
class CpuGroup {
  public:
    virtual ~CpuGroup() = default;
    /// SIGNAL PROCESSOR: the condition code; fills `status` for code 1. An order that a CPU gives itself
    /// takes effect when the instruction has ended.
    virtual unsigned signal(Cpu& sender, uint16_t target, uint8_t order, uint32_t& status) = 0;
    /// Storage keys were changed: no CPU may rely on what it knew of keys.
    virtual void keys_changed() = 0;
    /// The same of the key of one 2K block, at this absolute address.
    virtual void key_changed(uint32_t absolute) = 0;
    /// A page-table entry was invalidated (IPTE): no CPU may keep a copy of it.
    virtual void page_invalidated() = 0;
};

/// What the CPUs of one machine share.
struct CpuSurroundings {
    RealStorage& storage;
    ChannelSubsystem& channels;
    EventQueue& events;
    TodClock& tod;
    const MachineModel& model;
    /// Changes whenever a logical instruction address may lead elsewhere than before, or must be translated
    /// anew: what executors remember of it is void then.
    uint64_t& code_epoch;
    CpuGroup* group = nullptr;  // without it there is no other CPU
};

}  // namespace simulation
