// Real storage as a channel sees it that is given a guest's program with neither translation nor bounds. It
// shows what those are for, and is for tests: a guest reaches the storage of every other one. Only the
// control program's own storage is out of its reach, for there would be nothing to be seen behind that.
#pragma once

#include "vmcp/storage/frame_table.hpp"
#include "vmcp/storage/guest_storage.hpp"

namespace vmcp {

class UntranslatedStorage final : public simulation::ChannelStorage {
  public:
    UntranslatedStorage(GuestStorage& guest, FrameTable& frames)
        : guest_(guest), frames_(frames), real_(frames.storage()) {}
    uint32_t size() const override { return real_.size(); }
    simulation::ChannelAccess fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t key) override {
        const auto access = check(address, length);
        return access == simulation::ChannelAccess::ok ? real_.fetch(address, out, length, key) : access;
    }
    simulation::ChannelAccess store(uint32_t address, const uint8_t* in, uint32_t length,
                                    uint8_t key) override {
        const auto access = check(address, length);
        return access == simulation::ChannelAccess::ok ? real_.store(address, in, length, key) : access;
    }

  private:
    simulation::ChannelAccess check(uint32_t address, uint32_t length) const {
        if (address >= size() || length > size() - address) return simulation::ChannelAccess::addressing;
        const bool v_equals_r =
            guest_.kind() == StorageKind::real && address >= kPage && address < guest_.size();
        return !v_equals_r && frames_.is_control_programs(FirstLevel(address))
                   ? simulation::ChannelAccess::protection
                   : simulation::ChannelAccess::ok;
    }

    GuestStorage& guest_;
    FrameTable& frames_;
    simulation::RealChannelStorage real_;
};

}  // namespace vmcp
