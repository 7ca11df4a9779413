#include "vmcp/virtual_machine.hpp"

#include <algorithm>
#include <cstring>

namespace vmcp {

std::string_view name_of(VmState state) {
    static constexpr std::string_view names[] = {"waiting", "ready", "running", "page-wait", "stopped"};
    return names[static_cast<unsigned>(state)];
}

std::string_view name_of(GuestTranslation translation) {
    return translation == GuestTranslation::shadow ? "shadow" : "nested";
}

std::string_view name_of(StopReason reason) {
    static constexpr std::string_view names[] = {"none", "disabled-wait", "check-stop", "storage-exhausted",
                                                 "load-failed"};
    return names[static_cast<unsigned>(reason)];
}

namespace {

bool key_allows(uint8_t storage_key, uint8_t key, bool storing) {
    if (key == 0 || storage_key >> 4 == key) return true;
    return !storing && (storage_key & simulation::kKeyFetchProtected) == 0;
}

}  // namespace

simulation::ChannelAccess GuestChannelStorage::fetch(uint32_t address, uint8_t* out, uint32_t length,
                                                     uint8_t key) {
    if (address >= size() || length > size() - address) return simulation::ChannelAccess::addressing;
    const SecondLevel at = real_of(address);
    if (!key_allows(storage_.key(at), key, false)) return simulation::ChannelAccess::protection;
    if (SharedSegment* const segment = storage_.shared(at)) on_shared_access(*segment, false);
    const auto real = storage_.try_resident(at);
    if (!real) return simulation::ChannelAccess::addressing;  // the machine is about to be stopped
    storage_.real().mark_used(real->value, simulation::kKeyReferenced);
    std::memcpy(out, storage_.real().at(real->value), length);
    return simulation::ChannelAccess::ok;
}

simulation::ChannelAccess GuestChannelStorage::store(uint32_t address, const uint8_t* in, uint32_t length,
                                                     uint8_t key) {
    if (address >= size() || length > size() - address) return simulation::ChannelAccess::addressing;
    const SecondLevel at = real_of(address);
    if (!key_allows(storage_.key(at), key, true)) return simulation::ChannelAccess::protection;
    if (SharedSegment* const segment = storage_.shared(at)) on_shared_access(*segment, true);
    const auto real = storage_.try_resident(at);
    if (!real) return simulation::ChannelAccess::addressing;
    storage_.real().mark_used(real->value, simulation::kKeyReferenced | simulation::kKeyChanged);
    storage_.real().put(real->value, in, length);
    return simulation::ChannelAccess::ok;
}

VirtualMachine::VirtualMachine(VmId vm_id, VmOptions vm_options, Pager& pager, uint32_t storage_limit,
                               simulation::EventQueue& events, const simulation::MachineModel& model,
                               std::unique_ptr<simulation::ChannelObserver> observer)
    : id(vm_id),
      options(std::move(vm_options)),
      storage(pager, vm_id, options.storage, options.storage_kind, storage_limit),
      // In the secondary-space mode two spaces are in use at once.
      shadow(pager.frames(), std::max(options.shadow_sets,
                                      model.facilities.has(isa::Facility::dual_address_space) ? 2u : 1u)),
      channel_storage(storage, state),
      channel_observer(std::move(observer)),
      channels(channel_storage, events),
      interval_timer(model.interval_timer_hz.value) {
    channels.observers.add(*channel_observer);
    state.cr = isa::initial_control_registers();
    storage.set_reserved_pages(options.reserved_pages);
    for (const auto& [first, last] : options.locked_pages)
        for (uint32_t page = first; page <= last; ++page) storage.lock(SecondLevel(page * kPage));
}

SimTime VirtualMachine::next_timer() const {
    SimTime next = simulation::kNever;
    if (!state.psw.external_mask) return next;
    if (state.cr[0] & isa::kCr0IntervalTimerMask && !state.external.interval_timer) {
        next = interval_timer.becomes_negative(storage.peek32(SecondLevel(isa::Assigned::interval_timer)));
    }
    if (state.cr[0] & isa::kCr0CpuTimerMask)
        next = std::min(next, simulation::cpu_timer_becomes_negative(state.clocks, virtual_now()));
    return next;
}

}  // namespace vmcp
