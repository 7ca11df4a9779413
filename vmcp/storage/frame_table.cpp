#include "vmcp/storage/frame_table.hpp"

#include <algorithm>
#include <utility>

namespace vmcp {
namespace {
constexpr uint32_t kBelow16m = 16 * simulation::kMebibyte;
}

FrameTable::FrameTable(simulation::RealStorage& storage, uint32_t reserved)
    : storage_(storage),
      reserved_(reserved),
      low_(std::min(reserved, storage.size())),
      high_(storage.size()),
      table_bytes_(storage.size() / kPage),
      entries_(storage.size() / kPage),
      watchers_(storage.size() / kPage) {}

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
        storage_.clear(low_ - kPage, kPage);  // a channel without bounds may have been there
        return low_ - kPage;
    }
    do {
        const auto it = std::find_if(free_.begin(), free_.end(), [](uint32_t f) { return f < kBelow16m; });
        if (it == free_.end()) continue;
        const uint32_t frame = *it;
        free_.erase(it);
        storage_.clear(frame, kPage);
        // Channels run what lies in tables, under the keys of guests.
        for (const uint32_t block : {frame, frame + simulation::kBlock}) storage_.set_key(block, 0);
        return frame;
    } while (give_up_spare() || on_shortage());
    return std::nullopt;
}

std::optional<FirstLevel> FrameTable::take_low_page() {
    const auto frame = frame_for_tables();
    if (!frame) return std::nullopt;
    prepare(*frame);
    return FirstLevel(*frame);
}

std::optional<FirstLevel> FrameTable::take_contiguous(uint32_t bytes) {
    if (low_ <= high_ && bytes <= high_ - low_) {
        const uint32_t at = low_;
        low_ += bytes;
        for (uint32_t frame = at; frame < low_; frame += kPage) prepare(frame);
        return FirstLevel(at);
    }
    // Frames that were given back may lie side by side.
    std::vector<uint32_t> free(free_.begin(), free_.end());
    std::sort(free.begin(), free.end());
    const uint32_t wanted = bytes / kPage;
    uint32_t run = 0;
    for (size_t i = 0; i < free.size(); ++i) {
        run = i != 0 && free[i] == free[i - 1] + kPage ? run + 1 : 1;
        if (run < wanted) continue;
        const uint32_t at = free[i] - (wanted - 1) * kPage;
        std::erase_if(free_, [=](uint32_t frame) { return frame >= at && frame < at + bytes; });
        storage_.clear(at, bytes);
        for (uint32_t frame = at; frame < at + bytes; frame += kPage) prepare(frame);
        return FirstLevel(at);
    }
    return std::nullopt;
}

void FrameTable::give_back(FirstLevel frame, PageReady usable) {
    entries_[frame.value / kPage] = Frame{.usable = std::move(usable)};
    free_.push_back(frame.value);
    --pages_in_use_;
}

std::optional<FirstLevel> FrameTable::take_table(uint32_t bytes, uint32_t alignment) {
    if (auto& free = free_tables_[bytes]; !free.empty()) {
        const uint32_t at = free.back();
        free.pop_back();
        storage_.clear(at, bytes);
        table_bytes_[at / kPage] += static_cast<uint16_t>(bytes);
        return FirstLevel(at);
    }
    uint32_t at = (table_at_ + alignment - 1) / alignment * alignment;
    if (table_at_ == 0 || at + bytes > table_end_) {
        const auto frame = frame_for_tables();
        if (!frame) return std::nullopt;
        at = *frame;
        table_end_ = at + kPage;
        ++table_frames_;
    }
    table_at_ = at + bytes;
    table_bytes_[at / kPage] += static_cast<uint16_t>(bytes);
    return FirstLevel(at);
}

/// A frame of which no table is left becomes a page frame again.
void FrameTable::give_back_table(FirstLevel table, uint32_t bytes) {
    const uint32_t frame = table.value / kPage * kPage;
    free_tables_[bytes].push_back(table.value);
    table_bytes_[frame / kPage] -= static_cast<uint16_t>(bytes);
    if (table_bytes_[frame / kPage] != 0) return;
    for (auto& [size, tables] : free_tables_)
        std::erase_if(tables, [frame](uint32_t at) { return at / kPage * kPage == frame; });
    if (table_end_ == frame + kPage) table_at_ = table_end_ = 0;
    --table_frames_;
    entries_[frame / kPage] = Frame{};
    free_.push_back(frame);
}

}  // namespace vmcp
