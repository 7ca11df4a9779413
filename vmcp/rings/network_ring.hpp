// A network adapter on the switch between the machines. Frames are as on Ethernet, without check sequence:
// to, from, type, up to 1500 bytes.
#pragma once

#include <deque>

#include "vmcp/rings/ring_device.hpp"
#include "vmcp/rings/ring_switch.hpp"

namespace vmcp {

class NetworkRing final : public RingDevice, private RingSwitch::Port {
  public:
    enum Queue : unsigned { receive = 0, transmit = 1 };
    static constexpr uint16_t kShortest = 14, kLongest = 1514;  // bytes of a frame
    /// So many frames wait for buffers of the driver; others are dropped.
    static constexpr size_t kMostFrames = 64;

    /// Throws std::invalid_argument where another adapter has its address.
    NetworkRing(const RingHost& host, unsigned number, const RingDescription& description, RingSwitch& net);
    ~NetworkRing() override;

    uint32_t most_bytes() const override { return 4096; }
    std::array<uint8_t, kConfiguration> configuration() const override;

  private:
    // RingSwitch::Port
    const MacAddress& address() const override { return *description().mac; }
    bool arrive(std::span<const uint8_t> frame) override;

    bool serve(Work& work, unsigned queue) override;
    void abandon() override { frames_.clear(); }
    bool serve_arrived(Work& work);
    bool serve_sent(Work& work);
    void send(Work& work, std::span<const uint8_t> frame);

    RingSwitch& net_;
    std::deque<std::vector<uint8_t>> frames_;
};

}  // namespace vmcp
