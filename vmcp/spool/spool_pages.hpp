// How records lie in the pages of the spool.
#pragma once

#include <cstdint>

#include "vmcp/spool/spool_records.hpp"

namespace vmcp {

/// A page is one buffer of a file: 4096 bytes, of which the links to the pages before and behind take 16
/// (assumed), and each record 8 for its channel command (assumed) beside its data. No record goes on in
/// another page.
inline constexpr uint32_t kSpoolPageLinks = 16;
inline constexpr uint32_t kSpoolPageRoom = 4096 - kSpoolPageLinks;
inline constexpr uint32_t kSpoolRecordOverhead = 8;
/// The longest record: the character-set buffer of a 3211.
inline constexpr uint32_t kLongestSpoolRecord = 512 + kSpoolRecordOverhead;

/// Fills pages with one record after the other.
struct SpoolPages {
    uint32_t pages = 0, left = 0;
    /// Whether it takes another page.
    bool add(size_t data) {
        const auto size = static_cast<uint32_t>(data) + kSpoolRecordOverhead;
        const bool another = size > left;
        if (another) {
            ++pages;
            left = kSpoolPageRoom;
        }
        left -= size;
        return another;
    }
};

inline uint32_t spool_pages(const SpoolRecords& records) {
    SpoolPages pages;
    for (const SpoolRecord& record : records) pages.add(record.data.size());
    return pages.pages;
}

}  // namespace vmcp
