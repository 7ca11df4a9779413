// Storage as the channels of a virtual machine see it: its second-level storage, and only that.
#pragma once

#include <functional>

#include "isa/state.hpp"
#include "simulation/channel/channel_storage.hpp"
#include "vmcp/storage/guest_storage.hpp"

namespace vmcp {

class GuestChannelStorage final : public simulation::ChannelStorage {
  public:
    GuestChannelStorage(GuestStorage& storage, const isa::CpuState& state)
        : storage_(storage), state_(state) {}
    /// Called before an access to a shared segment.
    std::function<void(SharedSegment&, bool storing)> on_shared_access = [](SharedSegment&, bool) {};
    /// Called when a page has another frame than before: what CPUs know of translations is void.
    std::function<void()> on_page_moved = [] {};
    uint32_t size() const override { return storage_.size(); }
    simulation::ChannelAccess fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t key) override;
    simulation::ChannelAccess store(uint32_t address, const uint8_t* in, uint32_t length,
                                    uint8_t key) override;

    /// Channels use absolute addresses; the tables map real ones. The two differ by the virtual prefix.
    SecondLevel real_of(uint32_t absolute) const {
        const uint32_t page = absolute & ~(kPage - 1);
        return SecondLevel(page == 0               ? absolute | state_.prefix
                           : page == state_.prefix ? absolute % kPage
                                                   : absolute);
    }
    GuestStorage& storage() { return storage_; }

  private:
    GuestStorage& storage_;
    const isa::CpuState& state_;
};

}  // namespace vmcp
