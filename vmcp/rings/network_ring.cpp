#include "vmcp/rings/network_ring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "simulation/images/byte_order.hpp"

namespace vmcp {

NetworkRing::NetworkRing(const RingHost& host, unsigned number, const RingDescription& description,
                         RingSwitch& net)
    : RingDevice(host, number, description, 2, kNetworkMac), net_(net) {
    if (net_.join(*this)) return;
    const MacAddress& mac = address();
    throw std::invalid_argument(
        fmt::format("ring {}: another adapter has the address {:02X}", number, fmt::join(mac, ":")));
}

NetworkRing::~NetworkRing() { net_.leave(*this); }

std::array<uint8_t, RingDevice::kConfiguration> NetworkRing::configuration() const {
    std::array<uint8_t, kConfiguration> bytes{};
    std::copy(address().begin(), address().end(), bytes.begin());
    simulation::images::put_big16(&bytes[6], kLongest);
    return bytes;
}

bool NetworkRing::serve(Work& work, unsigned queue) {
    return queue == receive ? serve_arrived(work) : serve_sent(work);
}

/// Who sends is at work now. What comes of it is done, and paid for, by this machine.
bool NetworkRing::arrive(std::span<const uint8_t> frame) {
    if (!live() || frames_.size() == kMostFrames) return false;
    frames_.emplace_back(frame.begin(), frame.end());
    go_on_later(receive);
    return true;
}

/// A frame for each buffer. One that is too short for it is given back without anything in it.
bool NetworkRing::serve_arrived(Work& work) {
    for (unsigned done = 0; done < kAtOnce; ++done) {
        if (frames_.empty()) return false;
        const auto chain = take_room(work, receive);
        if (!chain) return false;
        const std::vector<uint8_t> frame = std::move(frames_.front());
        frames_.pop_front();
        const bool fits = frame.size() <= chain->writable_bytes;
        if (fits && !fill(work, receive, *chain, frame)) return false;
        if (!fits) ++mutable_counts().refused;
        if (!give_back(work, receive, *chain, fits ? static_cast<uint32_t>(frame.size()) : 0)) return false;
    }
    return true;
}

bool NetworkRing::serve_sent(Work& work) {
    for (unsigned done = 0; done < kAtOnce; ++done) {
        const auto sent = take_sent(work, transmit);
        if (!sent) return false;
        send(work, sent->bytes);
        if (!give_back(work, transmit, sent->chain, 0)) return false;
    }
    return true;
}

/// A frame that says it comes from somebody else is dropped, as are those that nobody takes.
void NetworkRing::send(Work& work, std::span<const uint8_t> frame) {
    constexpr size_t kFrom = 6;
    const bool good = frame.size() >= kShortest && frame.size() <= kLongest &&
                      std::equal(address().begin(), address().end(), frame.begin() + kFrom);
    const RingSwitch::Passed passed = good ? net_.pass(*this, frame) : RingSwitch::Passed{};
    work.step(Step::ring_frame, std::max(passed.tried, 1u));
    mutable_counts().bytes += frame.size();
    if (passed.taken == 0) ++mutable_counts().refused;
}

}  // namespace vmcp
