// A disk whose data the control program looks at on their way: each block goes through a buffer of its own,
// and may be enciphered there. The guest notices nothing of it. What BitVisor does with one device while all
// others are passed through (T. Shinagawa et al., VEE 2009).
//
// The blocks pass when the disk reads or writes them. What the control program's work for them costs is
// charged with the request that they belong to, when that is over (assumed: a real one would have to be
// through before the disk begins to write).
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "simulation/images/block_filter.hpp"

namespace vmcp {

struct WatchCounts {
    uint64_t read = 0, written = 0;  // blocks
    uint64_t all() const { return read + written; }
};

class DiskWatch final : public simulation::images::BlockFilter {
  public:
    /// `key`: simulation/images/block_cipher.hpp; empty: nothing is enciphered. Throws std::invalid_argument.
    explicit DiskWatch(const std::string& key);

    bool enciphers() const { return cipher_ != nullptr; }
    /// Since this was asked last.
    WatchCounts take_counts() { return std::exchange(counts_, {}); }

    void read(uint32_t block, std::span<uint8_t> bytes) override;
    void written(uint32_t block, std::span<uint8_t> bytes) override;

  private:
    std::unique_ptr<simulation::images::BlockFilter> cipher_;
    WatchCounts counts_;
};

}  // namespace vmcp
