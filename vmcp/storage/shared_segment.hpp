// A named segment: pages that many virtual machines hold in common, one copy in real storage. The control
// program keeps them under a name; a guest asks for them with DIAGNOSE X'64'. GC20-1807, "Discontiguous Saved
// Segments".
//
// System/370 cannot protect a page against one machine and not against another in the same key, so a store
// into a shared page is found afterwards: before another machine is dispatched the control program looks at
// the change bits. If one is set, the machine that ran gets copies of its own and a message, and the shared
// page gets back what it had, so that nobody else ever sees the difference. VM/370 did likewise.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vmcp/storage/address.hpp"
#include "vmcp/storage/frame_table.hpp"

namespace vmcp {

class SharedSegment {
  public:
    static constexpr uint32_t kUnit = 0x10000;  // segments begin and end at multiples of 64K

    /// `contents` lie at `origin`, a multiple of 64K; the rest of the last 64K is zeroes. Throws
    /// std::runtime_error if real storage has no room.
    SharedSegment(FrameTable& frames, std::string name, SecondLevel origin,
                  const std::vector<uint8_t>& contents);
    SharedSegment(const SharedSegment&) = delete;
    SharedSegment& operator=(const SharedSegment&) = delete;

    const std::string& name() const { return name_; }
    SecondLevel origin() const { return origin_; }
    uint32_t size() const { return static_cast<uint32_t>(pages_.size()) * kPage; }
    SecondLevel end() const { return SecondLevel(origin_.value + size()); }
    bool contains(SecondLevel a) const { return a >= origin_ && a < end(); }
    bool overlaps(const SharedSegment& other) const {
        return origin() < other.end() && other.origin() < end();
    }

    /// Real address of the page table for the 64K at `origin + 64K * n`.
    uint32_t page_table(uint32_t n) const { return tables_[n]; }
    uint32_t pages() const { return static_cast<uint32_t>(pages_.size()); }
    FirstLevel frame(uint32_t page) const { return pages_[page]; }

    /// Whether a page was changed since it was last restored.
    bool changed() const;
    /// Gives every changed page its contents back.
    void restore();

  private:
    FrameTable& frames_;
    std::string name_;
    SecondLevel origin_;
    std::vector<FirstLevel> pages_;
    std::vector<uint32_t> tables_;
    std::vector<uint8_t> contents_;
};

}  // namespace vmcp
