#include "vmcp/io/guest_channel_storage.hpp"

#include <cstring>

#include "isa/storage_key.hpp"

namespace vmcp {

simulation::ChannelAccess GuestChannelStorage::fetch(uint32_t address, uint8_t* out, uint32_t length,
                                                     uint8_t key) {
    if (address >= size() || length > size() - address) return simulation::ChannelAccess::addressing;
    const SecondLevel at = real_of(address);
    if (!isa::key_allows(storage_.key(at), key, false)) return simulation::ChannelAccess::protection;
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
    if (!isa::key_allows(storage_.key(at), key, true)) return simulation::ChannelAccess::protection;
    if (SharedSegment* const segment = storage_.shared(at)) on_shared_access(*segment, true);
    const auto real = storage_.try_resident(at);
    if (!real) return simulation::ChannelAccess::addressing;
    storage_.real().mark_used(real->value, simulation::kKeyReferenced | simulation::kKeyChanged);
    storage_.real().put(real->value, in, length);
    return simulation::ChannelAccess::ok;
}

}  // namespace vmcp
