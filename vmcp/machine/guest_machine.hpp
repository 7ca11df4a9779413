// What a guest believes that it owns: the registers, storage, clocks and channels of a machine. Nothing here
// says how the control program brings that about, or what it costs.
#pragma once

#include "isa/state.hpp"
#include "simulation/cpu/clock.hpp"
#include "simulation/cpu/interval_timer.hpp"
#include "vmcp/io/virtual_io.hpp"
#include "vmcp/machine/vm_options.hpp"
#include "vmcp/storage/guest_storage.hpp"

namespace vmcp {

struct GuestMachine {
    GuestMachine(uint32_t id, const VmOptions& options, VmOutput output, uint32_t storage_limit, Pager& pager,
                 StorageOwner& owner, Ledger& ledger, Account& account, RealInputOutput real,
                 simulation::EventQueue& events, const simulation::MachineModel& model);

    isa::CpuState state;  // what the real CPU would hold; its CPU timer counts virtual time
    simulation::IntervalTimer interval_timer;
    GuestStorage storage;
    simulation::EventQueue device_events;  // of its channels and devices
    std::function<void()> on_next_device_event_changed = [] {};
    VirtualIo io;

    /// When a virtual timer will next want to interrupt, in virtual time (which is `virtual_now`); kNever if
    /// none is enabled to.
    SimTime next_timer(SimTime virtual_now) const;
};

}  // namespace vmcp
