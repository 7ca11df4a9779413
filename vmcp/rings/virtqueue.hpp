// A split virtqueue as its device sees it. Everything in it lies in the guest's storage and may change at any
// moment: each value is fetched once, checked and used as it was then, and what a chain leads to is copied
// out of the table before anything is done with it. What cannot be is a fault, behind which the device needs
// a reset; no call does more than one chain of at most kMostRingEntries descriptors.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "vmcp/ledger/ledger.hpp"
#include "vmcp/rings/ring_layout.hpp"
#include "vmcp/rings/ring_storage.hpp"

namespace vmcp {

/// Where a driver has put a queue: real addresses.
struct QueuePlace {
    uint16_t size = 0;
    uint32_t descriptors = 0, available = 0, used = 0;
};

/// A chain of descriptors, taken out of the table.
struct RingChain {
    struct Piece {
        uint32_t address, length;
    };
    uint16_t head = 0;
    std::vector<Piece> readable, writable;  // by the device
    uint32_t readable_bytes = 0, writable_bytes = 0;
};

class Virtqueue {
  public:
    explicit Virtqueue(RingStorage storage) : storage_(storage) {}

    /// Takes what a driver says of it.
    RingRefusal configure(const QueuePlace& place, uint16_t most_entries);
    void forget();
    bool configured() const { return place_.size != 0; }
    const QueuePlace& place() const { return place_; }
    void use_event_index(bool uses) { event_index_ = uses; }

    struct Nothing {};
    using Taken = std::variant<Nothing, RingChain, RingFault>;
    /// The next chain that the driver has made available, of at most so many bytes.
    Taken take(Work& work, uint32_t most_bytes);
    /// Returns a chain, with how many bytes were written to its buffers. Empty: done.
    std::optional<RingFault> give_back(Work& work, uint16_t head, uint32_t written);
    /// Whether the driver wants to be told of what was returned since this was asked last; empty: its ring is
    /// not storage of its own any more. Nothing was returned: false.
    std::optional<bool> driver_wants_to_know();
    /// Whether anything was returned since then.
    bool returned_any() const { return used_index_ != told_index_; }
    /// Lets the driver know whether it need ring. `wanted`: as soon as it makes something available.
    std::optional<RingFault> ask_for_doorbell(bool wanted);

    // Bytes of a chain, from `skip` on; as many as there are. False: some are not the machine's own.
    bool fetch(Work& work, const RingChain& chain, uint32_t skip, std::span<uint8_t> out);
    bool store(Work& work, const RingChain& chain, uint32_t skip, std::span<const uint8_t> in);

  private:
    struct Descriptor {
        uint32_t upper, address, length;
        uint16_t flags, next;
    };
    std::optional<Descriptor> descriptor(uint16_t number);
    RingFault walk(Work& work, RingChain& chain, uint32_t most_bytes);
    template <class Do>
    bool each_piece(Work& work, const std::vector<RingChain::Piece>& pieces, uint32_t skip, uint32_t length,
                    Do what);

    RingStorage storage_;
    QueuePlace place_;
    bool event_index_ = false;
    uint16_t next_ = 0;        // available index of the next chain to take
    uint16_t used_index_ = 0;  // as it stands in the used ring
    uint16_t told_index_ = 0;  // at which it was last asked whether the driver wants to know
    bool doorbell_off_ = false;
};

}  // namespace vmcp
