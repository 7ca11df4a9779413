#include "vmcp/rings/ring_devices.hpp"

#include <array>

#include "vmcp/rings/block_ring.hpp"
#include "vmcp/rings/console_ring.hpp"
#include "vmcp/rings/entropy_ring.hpp"
#include "vmcp/rings/network_ring.hpp"

namespace vmcp {
namespace {

/// A locally administered address: nobody's own.
MacAddress made_address(uint32_t machine, unsigned number) {
    return {0x02,
            0x37,
            static_cast<uint8_t>(machine >> 16),
            static_cast<uint8_t>(machine >> 8),
            static_cast<uint8_t>(machine),
            static_cast<uint8_t>(number)};
}

}  // namespace

RingDevices::RingDevices(uint32_t machine, const std::vector<RingDescription>& descriptions, Ledger& ledger,
                         Account& account, GuestStorage& storage, simulation::EventQueue& events,
                         VirtualIo& io, RealIo& real, RingSwitch& net)
    : storage_(storage), io_(io) {
    const RingHost host{ledger,
                        account,
                        storage,
                        events,
                        [this](Work& work, unsigned number, bool of_rings) { tell(work, number, of_rings); },
                        [this] { on_driver_failure(); }};
    for (RingDescription one : descriptions) {
        const unsigned number = size();
        if (!one.mac) one.mac = made_address(machine, number);
        switch (one.kind) {
            case RingKind::network:
                devices_.push_back(std::make_unique<NetworkRing>(host, number, one, net));
                break;
            case RingKind::block:
                devices_.push_back(std::make_unique<BlockRing>(host, number, one, io, real));
                break;
            case RingKind::console:
                devices_.push_back(std::make_unique<ConsoleRing>(host, number, one, io));
                break;
            case RingKind::entropy:
                devices_.push_back(std::make_unique<EntropyRing>(host, number, one));
                break;
        }
    }
    io_.on_leaving = [this](uint16_t disk) {
        for (const auto& device : devices_)
            if (auto* const block = dynamic_cast<BlockRing*>(device.get())) block->disk_leaves(disk);
    };
}

RingDevices::~RingDevices() {
    io_.on_leaving = [](uint16_t) {};
}

RingRefusal RingDevices::set_indicators(std::optional<uint32_t> at) {
    if (at && *at % kIndicatorSize != 0) return RingRefusal::place;
    if (at && !storage_.owns(*at, kIndicatorSize)) return RingRefusal::address;
    indicators_ = at;
    return RingRefusal::none;
}

void RingDevices::reset() {
    for (const auto& device : devices_) device->reset();
    indicators_.reset();
    signals_ = false;
}

/// Where the indicators have come to lie in something that is not the machine's own, it does without.
void RingDevices::tell(Work& work, unsigned number, bool of_rings) {
    work.step(Step::ring_signal);
    if (indicators_) {
        const uint32_t at = *indicators_ + (of_rings ? 0 : 4) + number / 8;
        std::array<uint8_t, 1> byte;
        if (storage_.fetch(at, byte)) {
            byte[0] |= static_cast<uint8_t>(0x80 >> number % 8);
            storage_.store(at, byte);
        }
    }
    if (signals_) return;
    signals_ = true;
    on_signal();
}

}  // namespace vmcp
