#include "vmcp/spool/spool_records.hpp"

namespace vmcp {

void SpoolRecords::append(uint8_t command, std::span<const uint8_t> data) {
    bytes_.push_back(command);
    bytes_.push_back(static_cast<uint8_t>(data.size() >> 8));
    bytes_.push_back(static_cast<uint8_t>(data.size()));
    bytes_.insert(bytes_.end(), data.begin(), data.end());
    ++count_;
}

std::optional<SpoolRecords> SpoolRecords::of(std::vector<uint8_t> bytes) {
    SpoolRecords records;
    for (size_t at = 0; at < bytes.size(); ++records.count_) {
        if (bytes.size() - at < kPrefix) return std::nullopt;
        const size_t length = size_t{bytes[at + 1]} << 8 | bytes[at + 2];
        if (bytes.size() - at - kPrefix < length) return std::nullopt;
        at += kPrefix + length;
    }
    records.bytes_ = std::move(bytes);
    return records;
}

}  // namespace vmcp
