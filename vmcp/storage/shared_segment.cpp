#include "vmcp/storage/shared_segment.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "isa/dat.hpp"

namespace vmcp {

SharedSegment::SharedSegment(FrameTable& frames, std::string name, SecondLevel origin,
                             const std::vector<uint8_t>& contents)
    : frames_(frames), name_(std::move(name)), origin_(origin), contents_(contents) {
    contents_.resize((contents_.size() + kUnit - 1) / kUnit * kUnit);
    const auto area = frames_.take_contiguous(static_cast<uint32_t>(contents_.size()));
    const auto no_room = [&] {
        return std::runtime_error(fmt::format("real storage has no room for the segment {}", name_));
    };
    if (!area) throw no_room();
    simulation::RealStorage& storage = frames_.storage();
    storage.put(area->value, contents_.data(), static_cast<uint32_t>(contents_.size()));
    constexpr uint32_t kEntries = kUnit / kPage;
    for (uint32_t at = 0; at < contents_.size(); at += kPage) {
        pages_.emplace_back(area->value + at);
        if (at % kUnit == 0) {
            const auto table = frames_.take_table(kEntries * 2, 8);
            if (!table) throw no_room();
            tables_.push_back(table->value);
        }
        storage.put16(tables_.back() + at % kUnit / kPage * 2,
                      isa::page_table_entry(isa::TranslationFormat{}, area->value + at));
    }
}

bool SharedSegment::changed() const {
    const simulation::RealStorage& storage = frames_.storage();
    for (const FirstLevel frame : pages_)
        if ((storage.key(frame.value) | storage.key(frame.value + simulation::kBlock)) &
            simulation::kKeyChanged)
            return true;
    return false;
}

void SharedSegment::restore() {
    simulation::RealStorage& storage = frames_.storage();
    for (size_t i = 0; i < pages_.size(); ++i) {
        const uint32_t frame = pages_[i].value;
        if (((storage.key(frame) | storage.key(frame + simulation::kBlock)) & simulation::kKeyChanged) == 0)
            continue;
        storage.put(frame, contents_.data() + i * kPage, kPage);
        for (const uint32_t half : {frame, frame + simulation::kBlock})
            storage.set_key(half, storage.key(half) & static_cast<uint8_t>(~simulation::kKeyChanged));
    }
}

}  // namespace vmcp
