// An entropy device: fills buffers with bytes that look random. They are none: the same seed gives the same
// bytes in every run, for a run must be reproducible. Nobody must make keys of them.
#pragma once

#include "vmcp/rings/ring_device.hpp"

namespace vmcp {

class EntropyRing final : public RingDevice {
  public:
    EntropyRing(const RingHost& host, unsigned number, const RingDescription& description)
        : RingDevice(host, number, description, 1, 0), state_(description.seed + number) {}

    uint32_t most_bytes() const override { return 4096; }
    std::array<uint8_t, kConfiguration> configuration() const override { return {}; }

  private:
    bool serve(Work& work, unsigned queue) override;
    uint8_t next_byte();

    uint64_t state_;
    uint64_t bytes_ = 0;  // of the present number, that are left
    unsigned left_ = 0;
};

}  // namespace vmcp
