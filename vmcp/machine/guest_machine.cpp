#include "vmcp/machine/guest_machine.hpp"

#include <algorithm>
#include <utility>

namespace vmcp {

GuestMachine::GuestMachine(uint32_t id, const VmOptions& options, VmOutput output, uint32_t storage_limit,
                           Pager& pager, StorageOwner& owner, Ledger& ledger, Account& account,
                           RealInputOutput real, simulation::EventQueue& events,
                           const simulation::MachineModel& model)
    : interval_timer(model.interval_timer_hz.value),
      storage(pager, owner, id, options.storage, options.storage_kind, storage_limit),
      device_events(events, [this] { on_next_device_event_changed(); }),
      io(ledger, account, device_events, storage, state, real, std::move(output)) {
    state.cr = isa::initial_control_registers();
    storage.set_reserved_pages(options.reserved_pages);
    for (const auto& [first, last] : options.locked_pages)
        for (uint32_t page = first; page <= last; ++page) storage.lock(SecondLevel(page * kPage));
    io.use_spool(options.name);
    io.attach(model, options.devices);
    io.follows_changes = options.isam;
    for (const MappedDevice& device : options.mapped_devices) io.attach(device);
}

SimTime GuestMachine::next_timer(SimTime virtual_now) const {
    SimTime next = simulation::kNever;
    if (!state.psw.external_mask) return next;
    if (state.cr[0] & isa::kCr0IntervalTimerMask && !state.external.interval_timer)
        next = interval_timer.becomes_negative(storage.peek32(SecondLevel(isa::Assigned::interval_timer)));
    if (state.cr[0] & isa::kCr0CpuTimerMask)
        next = std::min(next, simulation::cpu_timer_becomes_negative(state.clocks, virtual_now));
    return next;
}

}  // namespace vmcp
