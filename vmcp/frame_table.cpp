#include "vmcp/frame_table.hpp"

#include <algorithm>

namespace vmcp {
namespace {
constexpr uint32_t kBelow16m = 16 * simulation::kMebibyte;
}

FrameTable::FrameTable(simulation::RealStorage& storage, uint32_t reserved)
    : storage_(storage),
      low_(std::min(reserved, storage.size())),
      high_(storage.size()),
      entries_(storage.size() / kPage) {}

void FrameTable::prepare(uint32_t frame) {
    storage_.set_key(frame, 0);
    storage_.set_key(frame + simulation::kBlock, 0);
    ++pages_in_use_;
}

std::optional<FirstLevel> FrameTable::take_page() {
    uint32_t frame;
    if (low_ < high_ && free_.empty()) {
        frame = high_ -= kPage;
    } else if (!free_.empty()) {
        frame = free_.front();
        free_.pop_front();
        storage_.clear(frame, kPage);
    } else {
        return std::nullopt;
    }
    prepare(frame);
    return FirstLevel(frame);
}

std::optional<uint32_t> FrameTable::frame_for_tables() {
    if (low_ < high_ && low_ < kBelow16m) {
        low_ += kPage;
        return low_ - kPage;
    }
    do {
        const auto it = std::find_if(free_.begin(), free_.end(), [](uint32_t f) { return f < kBelow16m; });
        if (it == free_.end()) continue;
        const uint32_t frame = *it;
        free_.erase(it);
        storage_.clear(frame, kPage);
        return frame;
    } while (on_shortage());
    return std::nullopt;
}

std::optional<FirstLevel> FrameTable::take_low_page() {
    const auto frame = frame_for_tables();
    if (!frame) return std::nullopt;
    prepare(*frame);
    return FirstLevel(*frame);
}

std::optional<FirstLevel> FrameTable::take_contiguous(uint32_t bytes) {
    if (low_ > high_ || bytes > high_ - low_) return std::nullopt;
    const uint32_t at = low_;
    low_ += bytes;
    for (uint32_t frame = at; frame < low_; frame += kPage) prepare(frame);
    return FirstLevel(at);
}

void FrameTable::give_back(FirstLevel frame, simulation::SimTime usable) {
    entries_[frame.value / kPage] = Frame{.usable = usable};
    free_.push_back(frame.value);
    --pages_in_use_;
}

std::optional<FirstLevel> FrameTable::take_table(uint32_t bytes, uint32_t alignment) {
    uint32_t at = (table_at_ + alignment - 1) / alignment * alignment;
    if (table_at_ == 0 || at + bytes > table_end_) {
        const auto frame = frame_for_tables();
        if (!frame) return std::nullopt;
        at = *frame;
        table_end_ = at + kPage;
        ++table_frames_;
    }
    table_at_ = at + bytes;
    return FirstLevel(at);
}

}  // namespace vmcp
