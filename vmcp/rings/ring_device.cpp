#include "vmcp/rings/ring_device.hpp"

namespace vmcp {

RingDevice::RingDevice(const RingHost& host, unsigned number, const RingDescription& description,
                       unsigned queues, uint32_t features)
    : host_(host),
      number_(number),
      description_(description),
      offered_(features | kRingEventIndex),
      queues_(queues, Virtqueue(RingStorage(host.storage))),
      later_(queues, 0) {}

RingDevice::~RingDevice() { stop_work(); }

// ---- Its life ----

void RingDevice::stop_work() {
    for (auto& event : later_) {
        host_.events.cancel(event);
        event = 0;
    }
}

void RingDevice::reset() {
    stop_work();
    abandon();
    for (Virtqueue& one : queues_) one.forget();
    status_ = 0;
    accepted_ = 0;
    fault_ = RingFault::none;
}

RingRefusal RingDevice::set_status(uint8_t status) {
    if (status == 0) {
        reset();
        return RingRefusal::none;
    }
    constexpr uint8_t kOfDriver =
        ring_acknowledge | ring_driver | ring_driver_ok | ring_features_ok | ring_failed;
    const uint8_t had = status_ & kOfDriver;
    if ((status & ~(kOfDriver | ring_needs_reset)) != 0 || (status & had) != had) return RingRefusal::number;
    // Each step needs the one before.
    constexpr std::array<uint8_t, 4> kSteps{ring_acknowledge, ring_driver, ring_features_ok, ring_driver_ok};
    for (unsigned i = 1; i < kSteps.size(); ++i)
        if ((status & kSteps[i]) != 0 && (status & kSteps[i - 1]) == 0) return RingRefusal::order;
    const bool was_live = live();
    if ((status & ring_driver_ok & ~had) != 0)
        for (Virtqueue& one : queues_)
            if (!one.configured()) return RingRefusal::order;
    status_ = static_cast<uint8_t>((status & kOfDriver) | (status_ & ring_needs_reset));
    if (live() && !was_live) became_live();
    if (!live() && was_live) {
        stop_work();
        abandon();
    }
    return RingRefusal::none;
}

RingRefusal RingDevice::accept(uint32_t features) {
    if ((status_ & ring_driver) == 0 || (status_ & ring_features_ok) != 0) return RingRefusal::order;
    if ((features & ~offered_) != 0) return RingRefusal::features;
    accepted_ = features;
    return RingRefusal::none;
}

RingRefusal RingDevice::set_queue(unsigned number, const QueuePlace& place) {
    if (number >= queues_.size()) return RingRefusal::number;
    if ((status_ & (ring_features_ok | ring_driver_ok)) != ring_features_ok) return RingRefusal::order;
    const RingRefusal refusal = queues_[number].configure(place, description_.queue_size);
    if (refusal == RingRefusal::none) queues_[number].use_event_index((accepted_ & kRingEventIndex) != 0);
    return refusal;
}

void RingDevice::fail(Work& work, RingFault fault) {
    ++counts_.faults[static_cast<unsigned>(fault)];
    fault_ = fault;
    status_ |= ring_needs_reset;
    stop_work();
    abandon();
    host_.tell(work, number_, false);
}

// ---- Its work ----

bool RingDevice::doorbell(Work& work, unsigned queue) {
    ++counts_.doorbells;
    work.step(Step::ring_doorbell);
    if (!live()) return false;
    // What is left to be done is done in its turn, however often it rings.
    if (later_[queue] == 0) run(work, queue);
    return true;
}

void RingDevice::run(Work& work, unsigned queue) {
    const bool more = serve(work, queue);
    if (!live()) return;
    if (more) go_on_later(queue);
    if (const auto fault = queues_[queue].ask_for_doorbell(!more && takes_more(queue)))
        return fail(work, *fault);
    settle(work, queue);
}

void RingDevice::go_on_later(unsigned queue) {
    if (later_[queue] != 0) return;
    later_[queue] = host_.events.schedule(host_.ledger.now(), [this, queue] {
        later_[queue] = 0;
        Work work(host_.ledger, host_.account, Cause::rings);
        run(work, queue);
    });
}

void RingDevice::settle(Work& work, unsigned queue) {
    if (!queues_[queue].returned_any()) return;
    const auto wanted = queues_[queue].driver_wants_to_know();
    if (!wanted) return fail(work, RingFault::address);
    if (!*wanted) {
        ++counts_.suppressed;
        return;
    }
    ++counts_.notifications;
    host_.tell(work, number_, true);
}

std::optional<RingChain> RingDevice::take(Work& work, unsigned queue) {
    auto taken = queues_[queue].take(work, most_bytes());
    if (const RingFault* const fault = std::get_if<RingFault>(&taken)) fail(work, *fault);
    if (RingChain* const chain = std::get_if<RingChain>(&taken)) return std::move(*chain);
    return std::nullopt;
}

std::optional<RingDevice::Sent> RingDevice::take_sent(Work& work, unsigned queue) {
    auto chain = take(work, queue);
    if (!chain) return std::nullopt;
    Sent sent{std::move(*chain), {}};
    if (!sent.chain.writable.empty()) {
        fail(work, RingFault::request);
        return std::nullopt;
    }
    sent.bytes.resize(sent.chain.readable_bytes);
    if (!queues_[queue].fetch(work, sent.chain, 0, sent.bytes)) {
        fail(work, RingFault::address);
        return std::nullopt;
    }
    return sent;
}

std::optional<RingChain> RingDevice::take_room(Work& work, unsigned queue) {
    auto chain = take(work, queue);
    if (chain && !chain->readable.empty()) {
        fail(work, RingFault::request);
        return std::nullopt;
    }
    return chain;
}

bool RingDevice::fill(Work& work, unsigned queue, const RingChain& chain, std::span<const uint8_t> bytes) {
    if (!queues_[queue].store(work, chain, 0, bytes)) {
        fail(work, RingFault::address);
        return false;
    }
    counts_.bytes += bytes.size();
    return true;
}

bool RingDevice::give_back(Work& work, unsigned queue, const RingChain& chain, uint32_t written) {
    if (const auto fault = queues_[queue].give_back(work, chain.head, written)) {
        fail(work, *fault);
        return false;
    }
    ++counts_.requests;
    return true;
}

}  // namespace vmcp
