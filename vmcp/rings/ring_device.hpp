// A device with shared rings: its life as VIRTIO 1.x (2.1, 3.1) has it, and the rings of its queues. What it
// does with a request is its kind's. docs/rings.md has what a driver sees of it.
//
// Whatever a doorbell asks for is done in portions: kAtOnce chains in the instruction itself, the rest in
// events of the machine's devices (vmcp/dispatch/device_work.hpp), so that a machine pays with its own time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "simulation/model/event_queue.hpp"
#include "vmcp/rings/ring_description.hpp"
#include "vmcp/rings/virtqueue.hpp"

namespace vmcp {

struct RingCounts {
    uint64_t requests = 0;  // chains that were returned
    uint64_t bytes = 0;     // moved, in both directions
    uint64_t doorbells = 0;
    uint64_t notifications = 0;  // of used rings
    uint64_t suppressed = 0;     // that the driver did not want
    uint64_t refused = 0;        // requests that ended with an error, frames that were dropped
    std::array<uint64_t, kRingFaults> faults{};  // by RingFault

    bool operator==(const RingCounts&) const = default;
};

/// What all devices of a machine stand on. All must outlive them.
struct RingHost {
    Ledger& ledger;
    Account& account;
    GuestStorage& storage;
    simulation::EventQueue& events;  // of the machine's devices
    /// Tells the guest: `number` is that of the device; `of_rings`: it has used something, otherwise it needs
    /// a reset.
    std::function<void(Work&, unsigned number, bool of_rings)> tell;
    /// A driver of the control program's own has failed, and the control program with it.
    std::function<void()> fail;
};

class RingDevice {
  public:
    static constexpr unsigned kAtOnce = 16;

    RingDevice(const RingHost& host, unsigned number, const RingDescription& description, unsigned queues,
               uint32_t features);
    virtual ~RingDevice();
    RingDevice(const RingDevice&) = delete;
    RingDevice& operator=(const RingDevice&) = delete;

    RingKind kind() const { return description_.kind; }
    unsigned number() const { return number_; }
    unsigned queues() const { return static_cast<unsigned>(queues_.size()); }
    uint16_t most_entries() const { return description_.queue_size; }
    uint32_t offered() const { return offered_; }
    uint32_t accepted() const { return accepted_; }
    uint8_t status() const { return status_; }
    /// Why it needs a reset.
    RingFault fault() const { return fault_; }
    /// Whether its driver drives it.
    bool live() const {
        return (status_ & (ring_driver_ok | ring_needs_reset | ring_failed)) == ring_driver_ok;
    }
    const RingCounts& counts() const { return counts_; }

    /// The most bytes of a chain.
    virtual uint32_t most_bytes() const = 0;
    static constexpr uint32_t kConfiguration = 32;
    /// What is special to the device.
    virtual std::array<uint8_t, kConfiguration> configuration() const = 0;

    // ---- Of its driver ----
    RingRefusal set_status(uint8_t status);
    RingRefusal accept(uint32_t features);
    RingRefusal set_queue(unsigned queue, const QueuePlace& place);
    /// False: it is not driven, and nothing is done. `queue` is one of its queues.
    bool doorbell(Work& work, unsigned queue);
    /// Everything that it was doing is forgotten; it is as it was when the machine was logged on.
    void reset();

  protected:
    /// Does what chains of the queue ask for, at most kAtOnce of them; true: there may be more.
    virtual bool serve(Work& work, unsigned queue) = 0;
    /// Whether it could take another chain now, of those that come by a doorbell.
    virtual bool takes_more(unsigned /*queue*/) const { return true; }
    /// It must forget all that is under way: nothing comes of it any more.
    virtual void abandon() {}
    virtual void became_live() {}

    const RingHost& host() const { return host_; }
    const RingDescription& description() const { return description_; }
    Virtqueue& queue(unsigned n) { return queues_[n]; }
    RingCounts& mutable_counts() { return counts_; }
    /// The next chain; empty: there is none, or it was a fault.
    std::optional<RingChain> take(Work& work, unsigned queue);
    /// The next one where drivers give bytes alone, with all of them; another one is a fault.
    struct Sent {
        RingChain chain;
        std::vector<uint8_t> bytes;
    };
    std::optional<Sent> take_sent(Work& work, unsigned queue);
    /// The next one where drivers give room alone.
    std::optional<RingChain> take_room(Work& work, unsigned queue);
    /// Puts these into its room, and counts them. False: that was a fault.
    bool fill(Work& work, unsigned queue, const RingChain& chain, std::span<const uint8_t> bytes);
    /// Returns it. The driver is told at the end of the portion, by settle. False: that was a fault.
    bool give_back(Work& work, unsigned queue, const RingChain& chain, uint32_t written);
    void fail(Work& work, RingFault fault);
    /// Serves a portion, asks for doorbells, tells the driver what it wants to know.
    void run(Work& work, unsigned queue);
    /// Tells the driver of what was returned, where it wants to know.
    void settle(Work& work, unsigned queue);
    /// Serves the queue soon, in an event of the machine's devices.
    void go_on_later(unsigned queue);

  private:
    void stop_work();

    RingHost host_;
    const unsigned number_;
    const RingDescription description_;
    const uint32_t offered_;
    uint32_t accepted_ = 0;
    uint8_t status_ = 0;
    RingFault fault_ = RingFault::none;
    std::vector<Virtqueue> queues_;
    std::vector<simulation::EventQueue::Handle> later_;  // by queue; 0: nothing is left to be done
    RingCounts counts_;
};

}  // namespace vmcp
