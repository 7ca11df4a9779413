#include "vmcp/translation/code_space.hpp"

#include <algorithm>
#include <bitset>

#include "vmcp/storage/guest_storage.hpp"

namespace vmcp {
namespace {

using simulation::kBlock;
using simulation::RealStorage;

/// The first halfword of DIAGNOSE, in the place of a replaced instruction.
constexpr uint16_t kReplacement = 0x8300;

/// Control does not go on behind it.
bool ends_block(const isa::Decoded& d) {
    constexpr unsigned kAlways = 15;
    switch (d.op) {
        case isa::Op::invalid:
        case isa::Op::op_LPSW: return true;
        case isa::Op::op_BC: return d.operands.r1 == kAlways;
        case isa::Op::op_BCR: return d.operands.r1 == kAlways && d.operands.r2 != 0;
        default: return false;
    }
}

}  // namespace

// ---- Pages ----

CodePage& CodeSpace::page_of(FirstLevel frame) {
    const FirstLevel source(frame.value & ~(kPage - 1));
    if (CodePage* const page = of_source(source)) return *page;
    if (pages_.size() >= kMostPages) drop_all();
    auto copy = frames_.take_table(kPage, kPage);
    if (!copy) {
        drop_all();
        copy = frames_.take_table(kPage, kPage);
    }
    if (!copy) throw RealStorageExhausted{};
    auto& page = pages_[source.value / kPage];
    page = std::make_unique<CodePage>(source, *copy);
    by_copy_[copy->value / kPage] = page.get();
    watch(source);
    renew_keys(*page);
    return *page;
}

void CodeSpace::renew_keys(const CodePage& page) {
    constexpr uint8_t kProtection = simulation::kKeyAccess | simulation::kKeyFetchProtected;
    if (page.is_direct()) return;
    for (const uint32_t block : {0u, kBlock}) {
        RealStorage& storage = frames_.storage();
        const uint8_t used = storage.key(page.copy.value + block) & simulation::kKeyReferenced;
        storage.set_key(page.copy.value + block,
                        (storage.key(page.source.value + block) & kProtection) | used);
    }
}

void CodeSpace::collect_reference(FirstLevel block) {
    const CodePage* const page = of_source(block);
    if (page == nullptr || page->is_direct()) return;
    RealStorage& storage = frames_.storage();
    const uint32_t copy = page->copy.value + block.value % kPage;
    const uint8_t key = storage.key(copy);
    if ((key & simulation::kKeyReferenced) == 0) return;
    storage.mark_used(block.value, simulation::kKeyReferenced);
    storage.set_key(copy, key & static_cast<uint8_t>(~simulation::kKeyReferenced));
}

void CodeSpace::execute_directly(FirstLevel frame) {
    const FirstLevel source(frame.value & ~(kPage - 1));
    drop(source);
    pages_[source.value / kPage] = std::make_unique<CodePage>(source, source);
}

bool CodeSpace::drop(FirstLevel frame) {
    const auto at = pages_.find(frame.value / kPage);
    if (at == pages_.end()) return false;
    const CodePage& page = *at->second;
    tables.purge_frame(page.copy);
    if (!page.is_direct()) {
        by_copy_.erase(page.copy.value / kPage);
        unwatch(page.source);
        // What CPUs have decoded from it goes when it is cleared.
        frames_.storage().clear(page.copy.value, kPage);
        frames_.give_back_table(page.copy, kPage);
    }
    pages_.erase(at);
    return true;
}

void CodeSpace::drop_all() {
    if (!pages_.empty()) ++counts.flushes;
    while (!pages_.empty()) drop(pages_.begin()->second->source);
}

void CodeSpace::watch(FirstLevel frame) {
    if (frames_.watchers(frame)++ == 0) frames_.storage().mark(frame.value, kPage, RealStorage::kWatched);
}

void CodeSpace::unwatch(FirstLevel frame) {
    if (--frames_.watchers(frame) == 0) frames_.storage().unmark(frame.value, kPage, RealStorage::kWatched);
}

// ---- Rewriting ----

unsigned CodeSpace::translate(CodePage& page, uint32_t offset, unsigned most) {
    std::vector<Found> block = find_block(page, offset, most);
    decide(page, block);
    for (const Found& one : block) {
        if (one.is_copied) {
            const uint8_t* const text = frames_.storage().at(page.source.value + one.offset);
            frames_.storage().put(page.copy.value + one.offset, text, one.length);
            page.add(one.offset, one.length);
        } else {
            put_replacement(page, one.offset, one.length, one.replaced);
        }
    }
    ++counts.blocks;
    counts.instructions += block.size();
    return static_cast<unsigned>(block.size());
}

/// To where control does not go on, or what is known; and a little more, if something that begins at an
/// operand halfword ends behind that.
std::vector<CodeSpace::Found> CodeSpace::find_block(const CodePage& page, uint32_t offset,
                                                    unsigned most) const {
    constexpr unsigned kMostBehind = 6;
    const uint32_t block_end = offset - offset % kBlock + kBlock;
    std::vector<Found> block;
    unsigned behind = 0;
    bool ended = false;
    uint32_t reach = offset;  // of what begins at any halfword so far
    while (offset < block_end && !page.known(offset)) {
        if (ended && (reach <= offset || ++behind > kMostBehind)) break;
        Found one;
        one.offset = offset;
        const uint32_t end = end_at(page, offset);
        one.length = std::min(end, block_end) - offset;
        // The rest of it may lie in a frame that has nothing to do with this one.
        if (end <= block_end) one.replaced.instruction = decode(page, offset);
        block.push_back(one);
        for (uint32_t at = offset; at < offset + one.length; at += 2)
            reach = std::max(reach, end_at(page, at));
        ended |= end > block_end || ends_block(one.replaced.instruction) || block.size() == most;
        offset += one.length;
    }
    return block;
}

/// From the last to the first: what is copied hangs on what lies behind it.
void CodeSpace::decide(const CodePage& page, std::vector<Found>& block) const {
    const uint32_t begin = block.front().offset, end = block.back().offset + block.back().length;
    const uint32_t block_end = begin - begin % kBlock + kBlock;
    std::bitset<kBlock / 2> copied;  // of the block's halfwords
    const auto is_copied = [&](uint32_t at) {
        if (at >= block_end) return false;
        return at >= begin && at < end ? copied[(at - begin) / 2] : page.copied(at);
    };
    /// Whether control may come to this operand halfword of an instruction that ends at `own_end`.
    const auto is_safe = [&](uint32_t at, uint32_t own_end) {
        if (page.replaced(at) != nullptr || is_sensitive(page, at)) return false;
        for (uint32_t a = own_end; a < end_at(page, at); a += 2)
            if (!is_copied(a)) return false;
        return true;
    };
    for (size_t i = block.size(); i-- > 0;) {
        Found& one = block[i];
        const uint32_t own_end = one.offset + one.length;
        if (end_at(page, one.offset) > block_end) continue;  // interpreted
        if (is_sensitive(page, one.offset)) {
            one.replaced.how = Replaced::How::simulated;
            continue;
        }
        one.is_copied = true;
        for (uint32_t at = one.offset + 2; at < own_end; at += 2) one.is_copied &= is_safe(at, own_end);
        if (one.is_copied)
            for (uint32_t at = one.offset; at < own_end; at += 2) copied.set((at - begin) / 2);
        else
            one.replaced.how = how_not_copied(one.replaced.instruction);
    }
}

/// Out of line it interrupts as if it stood where its replacement does, which is four bytes long.
Replaced::How CodeSpace::how_not_copied(const isa::Decoded& d) const {
    if (d.op == isa::Op::invalid || !model_.facilities.has(d.row().facility))
        return Replaced::How::interpreted;
    if (d.row().privilege != isa::Privilege::problem) return Replaced::How::simulated;
    const bool movable =
        d.length == kReplacementBytes && d.op != isa::Op::op_EX && !isa::is_relative(d.row().format);
    return movable ? Replaced::How::out_of_line : Replaced::How::interpreted;
}

/// Where what begins there ends.
uint32_t CodeSpace::end_at(const CodePage& page, uint32_t offset) const {
    return offset + isa::length_of_opcode(*frames_.storage().at(page.source.value + offset));
}

/// The problem state would execute it, and not rightly.
bool CodeSpace::is_sensitive(const CodePage& page, uint32_t offset) const {
    if (!has_holes_) return false;
    const uint8_t* const text = frames_.storage().at(page.source.value + offset);
    return model_.holes.of(isa::find_op(text[0], text[1], 0, model_.facilities)) != isa::Hole::none;
}

void CodeSpace::replace(CodePage& page, uint32_t offset) {
    const isa::Decoded d = decode(page, offset);
    free_way_to(page, offset);
    forget(page, {offset, offset + d.length});
    put_replacement(page, offset, d.length, {Replaced::How::simulated, d});
}

/// The first of the instructions in front of it that run into it, from whichever halfword of theirs; itself
/// if there is none.
uint32_t CodeSpace::way_to(const CodePage& page, uint32_t offset) const {
    for (uint32_t at = offset - std::min(offset % kBlock, 4u); at < offset; at += 2) {
        if (!page.copied(at) || end_at(page, at) <= offset) continue;
        while (page.continues(at)) at -= 2;
        return at;
    }
    return offset;
}

/// Those are not known any more, nor what runs into them.
void CodeSpace::free_way_to(CodePage& page, uint32_t offset) {
    for (uint32_t at = way_to(page, offset); at != offset; at = way_to(page, offset)) {
        forget(page, page.concerned({at, offset}));
        offset = at;
    }
}

void CodeSpace::put_replacement(CodePage& page, uint32_t offset, unsigned length, const Replaced& replaced) {
    const bool fits = offset % kBlock + kReplacementBytes <= kBlock && replacement_traps_;
    frames_.storage().put16(page.copy.value + offset, fits ? kReplacement : 0);
    page.add_replaced(offset, length, replaced);
    ++counts.replaced;
}

void CodeSpace::forget(CodePage& page, CodePage::Range range) {
    if (range.empty()) return;
    page.forget(range);
    frames_.storage().clear(page.copy.value + range.begin, range.end - range.begin);
}

bool CodeSpace::stored(CodePage& page, CodePage::Range changed) {
    if (page.is_direct()) return false;
    const CodePage::Range range = page.concerned(changed);
    if (range.empty()) return false;
    free_way_to(page, range.begin);
    forget(page, range);
    ++counts.invalidated;
    return true;
}

}  // namespace vmcp
