#include "vmcp/rings/ring_storage.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace vmcp {

bool RingStorage::owns(uint32_t at, uint32_t length) const {
    if (at > storage_.size() || length > storage_.size() - at) return false;
    for (const GuestStorage::Attachment& one : storage_.attachments())
        if (at < one.segment->end().value && one.segment->origin().value < at + length) return false;
    return true;
}

template <class Do>
bool RingStorage::each_page(uint32_t at, uint32_t length, uint8_t use, Do what) {
    if (!owns(at, length)) return false;
    for (uint32_t done = 0; done < length;) {
        const uint32_t here = std::min(length - done, kPage - (at + done) % kPage);
        const auto real = storage_.try_resident(SecondLevel(at + done));
        if (!real) return false;  // the machine is about to be stopped
        storage_.real().mark_used(real->value, use);
        what(real->value, done, here);
        done += here;
    }
    return true;
}

bool RingStorage::fetch(uint32_t at, std::span<uint8_t> out) {
    return each_page(at, static_cast<uint32_t>(out.size()), simulation::kKeyReferenced,
                     [&](uint32_t real, uint32_t done, uint32_t here) {
                         std::memcpy(out.data() + done, storage_.real().at(real), here);
                     });
}

bool RingStorage::store(uint32_t at, std::span<const uint8_t> in) {
    return each_page(at, static_cast<uint32_t>(in.size()),
                     simulation::kKeyReferenced | simulation::kKeyChanged,
                     [&](uint32_t real, uint32_t done, uint32_t here) {
                         storage_.real().put(real, in.data() + done, here);
                     });
}

std::optional<uint16_t> RingStorage::fetch16(uint32_t at) {
    std::array<uint8_t, 2> bytes;
    if (!fetch(at, bytes)) return std::nullopt;
    return static_cast<uint16_t>(bytes[0] << 8 | bytes[1]);
}

bool RingStorage::store16(uint32_t at, uint16_t value) {
    const std::array<uint8_t, 2> bytes{static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
    return store(at, bytes);
}

}  // namespace vmcp
