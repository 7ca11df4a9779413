#include "vmcp/rings/virtqueue.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "simulation/images/byte_order.hpp"

namespace vmcp {

namespace images = simulation::images;

// ---- Where it lies ----

namespace {

struct Part {
    uint32_t at, size;
    bool overlaps(const Part& other) const { return at < other.at + other.size && other.at < at + size; }
};

/// A chain's data are moved by pieces of this length at most: what one MVC moves.
constexpr uint32_t kCopied = 256;
constexpr uint32_t copies(uint32_t length) { return (length + kCopied - 1) / kCopied; }

}  // namespace

RingRefusal Virtqueue::configure(const QueuePlace& place, uint16_t most_entries) {
    if (place.size == 0 || place.size > most_entries || !std::has_single_bit(place.size))
        return RingRefusal::size;
    constexpr uint32_t kOfTable = 16, kOfAvailable = 2, kOfUsed = 4;  // alignment
    if (place.descriptors % kOfTable != 0 || place.available % kOfAvailable != 0 || place.used % kOfUsed != 0)
        return RingRefusal::place;
    const Part table{place.descriptors, kDescriptorSize * place.size};
    const Part available{place.available, available_size(place.size)};
    const Part used{place.used, used_size(place.size)};
    for (const Part& part : {table, available, used})
        if (!storage_.owns(part.at, part.size)) return RingRefusal::address;
    if (table.overlaps(available) || table.overlaps(used) || available.overlaps(used))
        return RingRefusal::place;
    forget();
    place_ = place;
    return RingRefusal::none;
}

void Virtqueue::forget() {
    place_ = {};
    next_ = used_index_ = told_index_ = 0;
    doorbell_off_ = false;
}

// ---- Taking ----

std::optional<Virtqueue::Descriptor> Virtqueue::descriptor(uint16_t number) {
    std::array<uint8_t, kDescriptorSize> bytes;
    if (!storage_.fetch(place_.descriptors + kDescriptorSize * number, bytes)) return std::nullopt;
    return Descriptor{images::big32(&bytes[0]), images::big32(&bytes[DescriptorPlace::address]),
                      images::big32(&bytes[DescriptorPlace::length]),
                      images::big16(&bytes[DescriptorPlace::flags]),
                      images::big16(&bytes[DescriptorPlace::next])};
}

RingFault Virtqueue::walk(Work& work, RingChain& chain, uint32_t most_bytes) {
    uint16_t number = chain.head;
    for (uint16_t taken = 0;; ++taken) {
        if (number >= place_.size) return RingFault::descriptor;
        if (taken == place_.size) return RingFault::loop;
        work.step(Step::ring_descriptor);
        const auto one = descriptor(number);
        if (!one || one->upper != 0) return RingFault::address;
        constexpr uint16_t kKnown = descriptor_next | descriptor_write;
        if ((one->flags & ~kKnown) != 0) return RingFault::flags;
        const uint32_t before = chain.readable_bytes + chain.writable_bytes;
        if (one->length == 0 || one->length > most_bytes - before) return RingFault::length;
        if (!storage_.owns(one->address, one->length)) return RingFault::address;
        if ((one->flags & descriptor_write) != 0) {
            chain.writable.push_back({one->address, one->length});
            chain.writable_bytes += one->length;
        } else {
            if (!chain.writable.empty()) return RingFault::direction;
            chain.readable.push_back({one->address, one->length});
            chain.readable_bytes += one->length;
        }
        if ((one->flags & descriptor_next) == 0) return RingFault::none;
        number = one->next;
    }
}

Virtqueue::Taken Virtqueue::take(Work& work, uint32_t most_bytes) {
    const auto index = storage_.fetch16(place_.available + 2);
    if (!index) return RingFault::address;
    const auto waiting = static_cast<uint16_t>(*index - next_);
    if (waiting == 0) return Nothing{};
    if (waiting > place_.size) return RingFault::index;
    const auto head = storage_.fetch16(place_.available + kRingEntries + 2 * (next_ % place_.size));
    if (!head) return RingFault::address;
    RingChain chain;
    chain.head = *head;
    if (const RingFault fault = walk(work, chain, most_bytes); fault != RingFault::none) return fault;
    ++next_;
    return chain;
}

// ---- Giving back ----

std::optional<RingFault> Virtqueue::give_back(Work& work, uint16_t head, uint32_t written) {
    work.step(Step::ring_used);
    std::array<uint8_t, kUsedEntry> entry{};
    images::put_big32(&entry[0], head);
    images::put_big32(&entry[4], written);
    const uint32_t at = place_.used + kRingEntries + kUsedEntry * (used_index_ % place_.size);
    if (!storage_.store(at, entry)) return RingFault::address;
    ++used_index_;
    if (!storage_.store16(place_.used + 2, used_index_)) return RingFault::address;
    return std::nullopt;
}

std::optional<bool> Virtqueue::driver_wants_to_know() {
    const uint16_t before = told_index_;
    if (used_index_ == before) return false;
    told_index_ = used_index_;
    if (event_index_) {
        const auto event = storage_.fetch16(place_.available + kRingEntries + 2 * place_.size);
        if (!event) return std::nullopt;
        return passes_event(*event, used_index_, before);
    }
    const auto flags = storage_.fetch16(place_.available);
    if (!flags) return std::nullopt;
    return (*flags & kNoInterruption) == 0;
}

std::optional<RingFault> Virtqueue::ask_for_doorbell(bool wanted) {
    if (event_index_) {
        // Not wanted: the index that the driver has passed already stays there.
        const uint32_t at = place_.used + kRingEntries + kUsedEntry * place_.size;
        if (wanted && !storage_.store16(at, next_)) return RingFault::address;
        return std::nullopt;
    }
    if (doorbell_off_ != wanted) return std::nullopt;
    doorbell_off_ = !wanted;
    if (!storage_.store16(place_.used, wanted ? 0 : kNoDoorbell)) return RingFault::address;
    return std::nullopt;
}

// ---- Data ----

template <class Do>
bool Virtqueue::each_piece(Work& work, const std::vector<RingChain::Piece>& pieces, uint32_t skip,
                           uint32_t length, Do what) {
    uint32_t done = 0;
    for (const RingChain::Piece& piece : pieces) {
        if (done == length) break;
        if (skip >= piece.length) {
            skip -= piece.length;
            continue;
        }
        const uint32_t here = std::min(length - done, piece.length - skip);
        work.step(Step::ring_copy, copies(here));
        if (!what(piece.address + skip, done, here)) return false;
        done += here;
        skip = 0;
    }
    return true;
}

bool Virtqueue::fetch(Work& work, const RingChain& chain, uint32_t skip, std::span<uint8_t> out) {
    return each_piece(work, chain.readable, skip, static_cast<uint32_t>(out.size()),
                      [&](uint32_t at, uint32_t done, uint32_t here) {
                          return storage_.fetch(at, out.subspan(done, here));
                      });
}

bool Virtqueue::store(Work& work, const RingChain& chain, uint32_t skip, std::span<const uint8_t> in) {
    return each_piece(work, chain.writable, skip, static_cast<uint32_t>(in.size()),
                      [&](uint32_t at, uint32_t done, uint32_t here) {
                          return storage_.store(at, in.subspan(done, here));
                      });
}

}  // namespace vmcp
