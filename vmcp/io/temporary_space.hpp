// Space for temporary disks: real disks of the control program's, of which a machine gets some cylinders or
// blocks until it detaches them or logs off. Nobody finds there what somebody else has left.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "vmcp/io/real_io.hpp"

namespace vmcp {

class TemporarySpace {
  public:
    /// What somebody has. Gives it back, cleared, when it goes; the space must outlive it.
    class Lease {
      public:
        Lease(TemporarySpace& space, RealDevice& device, uint32_t first, uint32_t count)
            : device(device), first(first), count(count), space_(&space) {}
        Lease(Lease&& other) noexcept
            : device(other.device),
              first(other.first),
              count(other.count),
              space_(std::exchange(other.space_, nullptr)) {}
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (space_ != nullptr) space_->give_back(*this);
        }
        RealDevice& device;
        const uint32_t first, count;  // cylinders or blocks

      private:
        TemporarySpace* space_;
    };

    /// Makes all of a disk such space: it gets a pack that is in memory. Throws std::invalid_argument for
    /// another device than a disk.
    void add(RealDevice& device);
    bool has(const RealDevice& device) const;
    /// The first place that is large enough on the first disk of this type. Empty: there is none.
    std::optional<Lease> take(std::string_view type, uint32_t count);
    /// Cylinders or blocks that are free on all disks of the type together.
    uint64_t free(std::string_view type) const;

  private:
    struct Hole {
        uint32_t first, count;
    };
    struct Disk {
        RealDevice* device;
        std::vector<Hole> holes;  // ascending, never touching
    };
    void give_back(const Lease& lease);

    std::vector<Disk> disks_;
};

}  // namespace vmcp
