// Translating channels: tables in real storage by which a channel translates and checks every access of a
// channel program. No System/370 had them; what is here is as plain as such a thing can be. A zone is what
// one such table gives: its pages, and the units that may be started with it.
//
// A zone designates a directory of 16 words on a boundary of 64 bytes, one for each mebibyte of the zone's
// 16. A word is zero (nothing is mapped there), or the address of a table of 256 words on a boundary of 64
// bytes, one for each page of 4096 bytes. A table's word is zero or
//
//   bits 0-19   the page frame's address, without its last twelve bits
//   bit  30     the channel may store into it
//   bit  31     the channel may fetch from it
//
// An access for which there is no entry is refused as an invalid address is (program check), one that its
// entry does not allow as protected storage is. Storage keys are checked behind that.
//
// The channel remembers entries that it has used (64 of a unit), until it is told to forget them: an entry
// that is taken out of a table without that may still be used. Before it refuses an access it looks again.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <set>

#include "simulation/cpu/storage.hpp"

namespace simulation {

inline constexpr uint32_t kIoPage = 4096;
inline constexpr uint32_t kIoDirectoryBytes = 64, kIoTableBytes = 1024;
inline constexpr uint32_t kIoMayFetch = 1, kIoMayStore = 2;

/// An access that a translating channel has refused.
struct RefusedAccess {
    enum class Why : uint8_t { not_mapped, not_permitted } why;
    uint32_t address;
    bool storing;
};

/// A zone, as the storage that a channel sees when it works for a unit.
class IoZone final : public ChannelStorage {
  public:
    /// `directory`: its real address.
    IoZone(RealStorage& storage, uint32_t directory)
        : storage_(storage), behind_(storage), directory_(directory) {}

    uint32_t size() const override { return kMebibyte * kIoDirectoryBytes / 4; }
    ChannelAccess fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t key) override;
    ChannelAccess store(uint32_t address, const uint8_t* in, uint32_t length, uint8_t key) override;
    bool permits_unit(uint16_t address) const override { return units.contains(address); }

    /// What it remembers of the tables is forgotten.
    void purge();

    /// The units that it may be used with.
    std::set<uint16_t> units;
    /// Called when an access has been refused that no entry allows.
    std::function<void(const RefusedAccess&)> on_refused = [](const RefusedAccess&) {};

    /// How often the tables were looked into, for what it remembered did not help.
    uint64_t walks() const { return walks_; }

  private:
    struct Entry {
        uint32_t page = ~uint32_t{0}, word = 0;
    };
    uint32_t look_up(uint32_t page, uint32_t needed);
    struct Place {
        ChannelAccess access;
        uint32_t real;
    };
    /// Where the byte lies, where an entry allows the access.
    Place translate(uint32_t address, bool storing);

    RealStorage& storage_;
    RealChannelStorage behind_;
    uint32_t directory_;
    std::array<Entry, 64> remembered_;
    uint64_t walks_ = 0;
};

}  // namespace simulation
