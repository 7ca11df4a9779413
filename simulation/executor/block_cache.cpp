#include "simulation/executor/block_cache.hpp"

#include <algorithm>

namespace simulation {
namespace {

/// Above this many slots (32 bytes each) everything is decoded anew: bounds host memory, changes no result.
constexpr size_t kMostCachedSlots = size_t{4} << 20;
/// What stores more at once puts other code there.
constexpr uint32_t kMostChanged = 8;  // bytes

}  // namespace

BlockCache::BlockCache(RealStorage& storage, uint64_t& epoch, BlockSource& source)
    : storage_(storage), epoch_(epoch), source_(source), pages_(storage.size() / kBlock) {
    storage.on_code_stored([this](uint32_t absolute, uint32_t length) { stored(absolute, length); });
}

BlockCache::~BlockCache() {
    storage_.on_code_stored([](uint32_t, uint32_t) {});
}

Block& BlockCache::add(uint32_t absolute, std::unique_ptr<Block> block) {
    if (slots_ > kMostCachedSlots) drop_everything();
    slots_ += block->count;
    block->absolute = absolute;
    auto& page = pages_[absolute / kBlock];
    if (page == nullptr) page = std::make_unique<CodePage>();
    mark(*page, absolute - absolute % kBlock, *block);
    Block*& first = page->at[block->begin / 2];
    block->other_variant = first;
    first = block.get();
    page->blocks.push_back(std::move(block));
    return *first;
}

/// Stores into the bytes of this block will be told.
void BlockCache::mark(CodePage& page, uint32_t base, const Block& block) {
    for (uint32_t h = block.begin / 2u; h < block.end / 2u; ++h) page.decoded.set(h);
    storage_.mark(base + block.begin, block.length(), RealStorage::kDecoded);
}

void BlockCache::retire(CodePage& page, std::unique_ptr<Block> block) {
    Block** place = &page.at[block->begin / 2];
    while (*place != block.get()) place = &(*place)->other_variant;
    *place = block->other_variant;
    block->leave_at_once();
    if (block->translated) translator_->retired(*block);
    if (block.get() == part_of_) part_->leave_at_once();
    slots_ -= block->count;
    ++retired_count_;
    retired_.push_back(std::move(block));
    epoch_ = (epoch_ | (kRetired - 1)) + 1;
}

bool BlockCache::is_retired(const Block& block) const {
    return std::any_of(retired_.begin(), retired_.end(),
                       [&](const auto& one) { return one.get() == &block; });
}

void BlockCache::stored(uint32_t absolute, uint32_t length) {
    if (length == 1 && second_byte_stored(absolute)) return;
    const uint32_t end = absolute + length;
    for (uint32_t p = absolute / kBlock; p <= (end - 1) / kBlock; ++p) {
        CodePage* const page = pages_[p].get();
        if (page == nullptr) continue;
        const uint32_t base = p * kBlock;
        const uint32_t from = std::max(absolute, base) - base, to = std::min(end, base + kBlock) - base;
        if (decode_again(*page, from, to)) continue;
        bool hit = false;
        for (uint32_t h = from / 2; h <= (to - 1) / 2 && !hit; ++h) hit = page->decoded.test(h);
        if (!hit) continue;  // data beside code
        const size_t before = page->blocks.size();
        for (auto& block : page->blocks)
            if (block->begin < to && block->end > from) retire(*page, std::move(block));
        std::erase(page->blocks, nullptr);
        // What is decoded anew will mostly be marked anew. Where nothing was retired the marks are old.
        if (page->blocks.size() != before) {
            note_change(*page, from, to);
            continue;
        }
        page->decoded.reset();
        storage_.unmark(base, kBlock, RealStorage::kDecoded);
        for (const auto& block : page->blocks) mark(*page, base, *block);
    }
}

/// The same as decode_again() where it is the usual case: the byte is the second one of the only instruction
/// that was decoded from it.
bool BlockCache::second_byte_stored(uint32_t absolute) {
    const uint32_t offset = absolute % kBlock, h = offset / 2;
    const CodePage* const page = pages_[absolute / kBlock].get();
    if ((absolute & 1) == 0 || page == nullptr || !page->changed.test(h)) return false;
    const auto reaches_here = [offset](const Block* block) {
        for (; block != nullptr; block = block->other_variant)
            if (block->end > offset) return true;
        return false;
    };
    Block* const block = page->at[h];
    if (block == nullptr || block->other_variant != nullptr || block == part_of_) return false;
    if ((h >= 1 && reaches_here(page->at[h - 1])) || (h >= 2 && reaches_here(page->at[h - 2]))) return false;
    return source_.decode_second_byte(*block);
}

/// Where all of this was changed before, there are but blocks of one instruction.
bool BlockCache::decode_again(const CodePage& page, uint32_t from, uint32_t to) const {
    if (to - from > kMostChanged) return false;
    const uint32_t first = from / 2, last = (to - 1) / 2;
    for (uint32_t h = first; h <= last; ++h)
        if (!page.changed.test(h)) return false;
    constexpr uint32_t kLongest = 3;  // halfwords of an instruction
    bool any = false;
    for (uint32_t h = first < kLongest ? 0 : first - kLongest + 1; h <= last; ++h) {
        for (Block* block = page.at[h]; block != nullptr; block = block->other_variant) {
            if (block->end <= from) continue;
            if (block == part_of_ || !source_.decode_again(*block)) return false;
            any = true;
        }
    }
    return any;
}

/// Programs that change their instructions change one at a time.
void BlockCache::note_change(CodePage& page, uint32_t from, uint32_t to) {
    if (to - from > kMostChanged) return static_cast<void>(page.changed.reset());
    for (uint32_t h = from / 2; h <= (to - 1) / 2; ++h) page.changed.set(h);
}

void BlockCache::drop_everything() {
    for (size_t p = 0; p < pages_.size(); ++p) {
        if (pages_[p] == nullptr) continue;
        for (auto& block : pages_[p]->blocks) retire(*pages_[p], std::move(block));
        pages_[p].reset();
        storage_.unmark(static_cast<uint32_t>(p) * kBlock, kBlock, RealStorage::kDecoded);
    }
}

}  // namespace simulation
