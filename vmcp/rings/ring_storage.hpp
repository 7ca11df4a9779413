// A guest's storage as devices with shared rings see it: by real addresses, and what is the machine's own
// only. Named segments are not, for others may see them. Storage keys are not asked: the driver is the
// supervisor.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "vmcp/storage/guest_storage.hpp"

namespace vmcp {

class RingStorage {
  public:
    explicit RingStorage(GuestStorage& storage) : storage_(storage) {}

    /// Whether all of these bytes are the machine's own.
    bool owns(uint32_t at, uint32_t length) const;
    // Each is false, or empty, where some byte is not the machine's own, or real storage is exhausted;
    // nothing beyond that byte's page is touched then.
    bool fetch(uint32_t at, std::span<uint8_t> out);
    bool store(uint32_t at, std::span<const uint8_t> in);
    std::optional<uint16_t> fetch16(uint32_t at);
    bool store16(uint32_t at, uint16_t value);

  private:
    template <class Do>
    bool each_page(uint32_t at, uint32_t length, uint8_t use, Do what);

    GuestStorage& storage_;
};

}  // namespace vmcp
