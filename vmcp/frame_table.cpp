#include "vmcp/frame_table.hpp"

namespace vmcp {

FrameTable::FrameTable(simulation::RealStorage& storage, uint32_t reserved)
    : storage_(storage), low_(reserved), high_(storage.size()) {}

std::optional<FirstLevel> FrameTable::take_page() {
    uint32_t frame;
    if (!free_.empty()) {
        frame = free_.back();
        free_.pop_back();
        storage_.clear(frame, kPage);
    } else if (low_ < high_) {
        frame = high_ -= kPage;
    } else {
        return std::nullopt;
    }
    storage_.set_key(frame, 0);
    storage_.set_key(frame + simulation::kBlock, 0);
    ++pages_in_use_;
    return FirstLevel(frame);
}

std::optional<FirstLevel> FrameTable::take_low_page() {
    if (low_ >= high_ || low_ >= 16 * simulation::kMebibyte) return std::nullopt;
    const uint32_t frame = low_;
    low_ += kPage;
    storage_.set_key(frame, 0);
    storage_.set_key(frame + simulation::kBlock, 0);
    ++pages_in_use_;
    return FirstLevel(frame);
}

void FrameTable::give_back(FirstLevel frame) {
    free_.push_back(frame.value);
    --pages_in_use_;
}

std::optional<FirstLevel> FrameTable::take_table(uint32_t bytes, uint32_t alignment) {
    uint32_t at = (table_at_ + alignment - 1) / alignment * alignment;
    if (table_at_ == 0 || at + bytes > table_end_) {
        if (low_ >= high_ || low_ >= 16 * simulation::kMebibyte) return std::nullopt;
        at = low_;
        low_ += kPage;
        table_end_ = low_;
        ++table_frames_;
    }
    table_at_ = at + bytes;
    return FirstLevel(at);
}

}  // namespace vmcp
