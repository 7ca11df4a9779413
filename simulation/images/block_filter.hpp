// Somebody whom the blocks of a fixed-block disk go through, on their way to the disk and from it.
#pragma once

#include <cstdint>
#include <span>

namespace simulation::images {

class BlockFilter {
  public:
    virtual ~BlockFilter() = default;

    /// A block of 512 bytes, which the disk had: makes of it what the channel gets.
    virtual void read(uint32_t block, std::span<uint8_t> bytes) = 0;
    /// ... which the channel has given: makes of it what the disk gets.
    virtual void written(uint32_t block, std::span<uint8_t> bytes) = 0;
};

}  // namespace simulation::images
