#include "vmcp/storage/guest_storage.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace vmcp {
namespace {

constexpr uint32_t kPagesPerSegment = 16;
constexpr uint32_t kPageTableBytes = kPagesPerSegment * 2;
constexpr uint8_t kUseBits = simulation::kKeyReferenced | simulation::kKeyChanged;

uint16_t entry_of(uint32_t frame) { return isa::page_table_entry(isa::TranslationFormat{}, frame); }
SecondLevel page_of(SecondLevel a) { return SecondLevel(a.value & ~(kPage - 1)); }
unsigned half_of(SecondLevel a) { return a.value / simulation::kBlock % 2; }
uint32_t half(FirstLevel frame, unsigned i) { return frame.value + i * simulation::kBlock; }

}  // namespace

std::string_view name_of(StorageKind kind) {
    static constexpr std::string_view names[] = {"V=V", "V=Resident", "V=R"};
    return names[static_cast<unsigned>(kind)];
}

GuestStorage::GuestStorage(Pager& pager, StorageOwner& owner, uint32_t id, uint32_t size, StorageKind kind,
                           uint32_t limit)
    : pager_(pager),
      real_(pager.frames().storage()),
      owner_(owner),
      id_(id),
      size_(size),
      reach_(limit),
      limit_(std::max(size, limit)),
      kind_(kind),
      pages_(limit_ / kPage) {
    const auto table = make_segment_table(limit_);
    if (!table) throw std::runtime_error("real storage has no room for another segment table");
    segment_table_ = table->at;
    cr1_ = table->cr1;
    try {
        if (kind != StorageKind::paged) map_contiguous();
    } catch (...) {
        release();
        throw;
    }
}

GuestStorage::~GuestStorage() { release(); }

std::optional<GuestStorage::SegmentTable> GuestStorage::make_segment_table(uint32_t limit) {
    const uint32_t segments = (limit + kSegment - 1) / kSegment;
    const uint32_t blocks = (segments + 15) / 16;  // a segment table comes in blocks of 16 entries
    const auto table = pager_.frames().take_table(blocks * 64, 64);
    if (!table) return std::nullopt;
    for (uint32_t i = 0; i < blocks * 16; ++i) real().put32(table->value + 4 * i, kSegmentInvalid);
    return SegmentTable{table->value, (blocks - 1) << 24 | table->value};
}

bool GuestStorage::redefine(uint32_t size) {
    const uint32_t limit = std::max(size, reach_);
    pager_.pay_by(*this);
    const auto table = make_segment_table(limit);
    if (!table) return false;
    release();
    in_transit_.clear();
    awaited_.clear();
    all_awaited_.reset();
    size_ = size;
    limit_ = limit;
    pages_.assign(limit_ / kPage, Page{});
    segment_table_ = table->at;
    cr1_ = table->cr1;
    prefix_ = resident_ = 0;
    exhausted_ = false;
    pages_ready_ = 0;
    return true;
}

/// Gives back everything that it holds of real storage and of paging devices.
void GuestStorage::release() {
    while (!attachments_.empty()) detach(*attachments_.back().segment);
    for (const Transit& transit : in_transit_) pager_.release(transit.frame);
    for (uint32_t a = 0; a < size_; a += kPage) {
        if (page(SecondLevel(a)).borrowed) continue;
        const auto frame = locate(SecondLevel(a));
        if (frame && kind_ == StorageKind::paged) pager_.release(*frame);
        if (frame && kind_ == StorageKind::resident) pager_.frames().give_back(*frame);
        pager_.release(page(SecondLevel(a)).slot);
    }
    for (uint32_t segment = 0; segment < (limit_ + kSegment - 1) / kSegment; ++segment)
        free_page_table(segment);
    pager_.frames().give_back_table(FirstLevel(segment_table_), segment_table_bytes());
    pager_.forget(*this);
}

uint32_t GuestStorage::segment_table_bytes() const { return ((cr1_ >> 24) + 1) * 64; }

void GuestStorage::free_page_table(uint32_t segment) {
    const uint32_t at = segment_table_ + segment * 4;
    if (const uint32_t entry = real().get32(at); (entry & kSegmentInvalid) == 0)
        pager_.frames().give_back_table(FirstLevel(entry & 0x00FFFFF8), kPageTableBytes);
    real().put32(at, kSegmentInvalid);
}

/// The V=R area begins at real 0; real page 0 itself is the real machine's, and what should lie there lies
/// behind the area.
void GuestStorage::map_contiguous() {
    uint32_t origin = 0;
    if (kind_ == StorageKind::resident) {
        const auto area = pager_.frames().take_contiguous(size_);
        if (!area) throw std::runtime_error("real storage has no room for a resident virtual machine");
        origin = area->value;
    }
    for (uint32_t a = 0; a < size_; a += kPage) {
        const SecondLevel at(a);
        if (!page_entry(at) && !make_page_table(at))
            throw std::runtime_error("real storage has no room for another page table");
        const uint32_t frame = kind_ == StorageKind::real && a == 0 ? size_ : origin + a;
        if (kind_ == StorageKind::real) {  // which another machine may have had before
            real().clear(frame, kPage);
            for (unsigned i : {0u, 1u}) real().set_key(half(FirstLevel(frame), i), 0);
        }
        real().put16(*page_entry(at), entry_of(frame));
        ++resident_;
        lock(at);
    }
}

bool GuestStorage::make_page_table(SecondLevel a) {
    const auto table = pager_.frames().take_table(kPageTableBytes, 8);
    if (!table) return false;
    for (uint32_t i = 0; i < kPagesPerSegment; ++i) real().put16(table->value + 2 * i, kPageInvalid);
    // Page-table length 15: all 16 entries. Pages beyond the guest's storage are never filled.
    real().put32(segment_table_ + a.value / kSegment * 4, 0xF0000000 | table->value);
    return true;
}

/// The frame has what the page had: contents, access keys in the hardware, use bits saved for the guest.
std::optional<Pager::Placed> GuestStorage::place(SecondLevel a, Work* fault) {
    if (!page_entry(a) && !make_page_table(a)) return std::nullopt;
    Page& p = page(a);
    auto placed = pager_.place(*this, page_of(a), p.slot, fault);
    if (!placed) return std::nullopt;
    for (unsigned i : {0u, 1u}) {
        real().set_key(half(placed->frame, i), p.key[i] & static_cast<uint8_t>(~kUseBits));
        p.guest_bits[i] = p.key[i] & kUseBits;
    }
    ++resident_;
    return placed;
}

bool GuestStorage::bring_in(SecondLevel a, Work* fault) {
    if (in_transit(a)) {
        const auto it = std::find_if(in_transit_.begin(), in_transit_.end(),
                                     [&](const Transit& t) { return t.page == page_of(a).value; });
        await(it->ready);
        end_transit(a);
        return true;
    }
    const auto placed = place(a, fault);
    if (!placed) return !(exhausted_ = true);
    real().put16(*page_entry(a), entry_of(placed->frame.value));
    await(placed->ready);
    return true;
}

void GuestStorage::await(const PageReady& ready) {
    if (ready.known()) {
        pages_ready_ = std::max(pages_ready_, ready.time());
        return;
    }
    awaited_.push_back({ready, ready.transfer->wait([this] { on_arrival(); })});
}

void GuestStorage::on_arrival() {
    for (const Awaited& one : awaited_)
        if (one.ready.known()) pages_ready_ = std::max(pages_ready_, one.ready.time());
    std::erase_if(awaited_, [](const Awaited& one) { return one.ready.known(); });
    if (!awaited_.empty()) return;
    if (const auto all = std::exchange(all_awaited_, nullptr)) all->end(pages_ready_);
}

PageWait GuestStorage::when_pages_arrive(std::function<void()> action) {
    if (all_awaited_ == nullptr) all_awaited_ = std::make_shared<PageTransfer>();
    return all_awaited_->wait(std::move(action));
}

std::optional<PageReady> GuestStorage::begin_transit(SecondLevel a, Work* fault) {
    if (!slot(a).exists() || in_transit(a) || locate(a)) return std::nullopt;
    const auto placed = place(a, fault);
    if (!placed) return std::nullopt;
    lock(a);
    in_transit_.push_back({page_of(a).value, placed->frame, placed->ready});
    return placed->ready;
}

void GuestStorage::end_transit(SecondLevel a) {
    const auto it = std::find_if(in_transit_.begin(), in_transit_.end(),
                                 [&](const Transit& t) { return t.page == page_of(a).value; });
    if (it == in_transit_.end()) return;  // it was needed and taken at once
    real().put16(*page_entry(a), entry_of(it->frame.value));
    in_transit_.erase(it);
    unlock(a);
}

bool GuestStorage::in_transit(SecondLevel a) const {
    return std::any_of(in_transit_.begin(), in_transit_.end(),
                       [&](const Transit& t) { return t.page == page_of(a).value; });
}

FirstLevel GuestStorage::move_below_16m(SecondLevel a) {
    const SecondLevel at = page_of(a);
    if (SharedSegment* const segment = shared(at); segment != nullptr && !unshare(*segment))
        throw RealStorageExhausted{};
    resident(at);
    const PageLock lock(*this, at);
    const auto to = pager_.place_low(*this, at);
    if (!to) throw RealStorageExhausted{};
    const FirstLevel from = *locate(at);
    real().put(to->value, real().at(from.value), kPage);
    for (unsigned i : {0u, 1u}) real().set_key(half(*to, i), real().key(half(from, i)));
    real().put16(*page_entry(at), entry_of(to->value));
    pager_.release(from);
    return FirstLevel(to->value | a.value % kPage);
}

// ---- Keys ----

uint8_t GuestStorage::key(SecondLevel a) const {
    const Page& p = page(a);
    const unsigned i = half_of(a);
    if (const auto real_address = locate(a)) {
        if (has_copies_) owner_.collect_reference(*real_address);
        return real().key(real_address->value) | p.guest_bits[i];
    }
    if (in_transit(a)) {
        for (const Transit& t : in_transit_)
            if (t.page == page_of(a).value) return real().key(half(t.frame, i)) | p.guest_bits[i];
    }
    return p.key[i];
}

void GuestStorage::set_key(SecondLevel a, uint8_t key) {
    if (shared(a)) return;  // it is not the machine's: see SharedSegments::unshare
    Page& p = page(a);
    if (p.borrowed) return;
    const unsigned i = half_of(a);
    const auto real_address = locate(a);
    if (!real_address && in_transit(a)) bring_in(a);
    if (const auto there = locate(a)) {
        if (has_copies_) owner_.collect_reference(*there);
        p.cp_bits[i] |= real().key(there->value) & kUseBits;
        p.guest_bits[i] = 0;
        real().set_key(there->value, key);
        if (has_copies_) owner_.key_changed(*there);
    } else {
        p.key[i] = key;
    }
}

void GuestStorage::lend_keys() {
    for (uint32_t a = 0; a < size_; a += kPage) {
        const auto frame = locate(SecondLevel(a));
        Page& p = page(SecondLevel(a));
        if (!frame || p.borrowed) continue;
        for (unsigned i : {0u, 1u}) {
            real().mark_used(half(*frame, i), std::exchange(p.guest_bits[i], uint8_t{0}));
            p.cp_bits[i] = kUseBits;
        }
    }
}

bool GuestStorage::changed(SecondLevel a) const {
    const Page& p = page(a);
    const FirstLevel frame = *locate(page_of(a));
    return ((real().key(half(frame, 0)) | real().key(half(frame, 1)) | p.cp_bits[0] | p.cp_bits[1]) &
            simulation::kKeyChanged) != 0;
}

bool GuestStorage::test_and_reset_reference(SecondLevel a) {
    Page& p = page(a);
    const auto frame = locate(page_of(a));
    if (!frame) return true;  // under way: as good as referenced
    uint8_t seen = 0;
    for (unsigned i : {0u, 1u}) {
        if (has_copies_) owner_.collect_reference(FirstLevel(half(*frame, i)));
        const uint8_t key = real().key(half(*frame, i));
        seen |= key | p.cp_bits[i];
        p.guest_bits[i] |= key & simulation::kKeyReferenced;
        p.cp_bits[i] &= static_cast<uint8_t>(~simulation::kKeyReferenced);
        real().set_key(half(*frame, i), key & static_cast<uint8_t>(~simulation::kKeyReferenced));
    }
    return (seen & simulation::kKeyReferenced) != 0;
}

uint32_t GuestStorage::peek32(SecondLevel a) const {
    const auto at = locate(a);
    if (at) return real().get32(at->value);
    for (const Transit& t : in_transit_)
        if (t.page == page_of(a).value) return real().get32(t.frame.value | a.value % kPage);
    return pager_.peek32(slot(a), a.value % kPage);
}

// ---- Losing frames ----

void GuestStorage::take_away(SecondLevel a, PageSlot slot) {
    Page& p = page(a);
    const FirstLevel frame = *locate(page_of(a));
    for (unsigned i : {0u, 1u}) {
        if (has_copies_) owner_.collect_reference(FirstLevel(half(frame, i)));
        p.key[i] = real().key(half(frame, i)) | p.guest_bits[i];
    }
    p.guest_bits = p.cp_bits = {};
    p.slot = slot;
    real().put16(*page_entry(a), kPageInvalid);
    --resident_;
}

std::optional<FirstLevel> GuestStorage::discard(SecondLevel a) {
    if (shared(a) || page(a).borrowed) return std::nullopt;
    if (in_transit(a)) bring_in(a);
    const auto frame = locate(page_of(a));
    if (frame && locked(a)) {
        real().clear(frame->value, kPage);
        return std::nullopt;
    }
    const PageSlot slot = page(a).slot;
    if (frame) {
        take_away(a, PageSlot{});
        pager_.release(*frame);
    }
    pager_.release(slot);
    page(a).slot = PageSlot{};
    return frame;
}

// ---- Named segments ----

bool GuestStorage::may_be_replaced(const SharedSegment& segment) const {
    if (segment.end().value > limit_) return false;
    if (kind_ != StorageKind::paged && segment.origin().value < size_)
        return false;  // its storage is one piece
    // The prefix area is exchanged with page 0: neither can be given to anybody else.
    if (prefix_ != 0 && segment.contains(SecondLevel(prefix_))) return false;
    for (uint32_t a = segment.origin().value; a < segment.end().value; a += kPage)
        if (page(SecondLevel(a)).locks > (in_transit(SecondLevel(a)) ? 1 : 0)) return false;
    return true;
}

bool GuestStorage::attach(SharedSegment& segment) {
    if (!may_be_replaced(segment)) return false;
    for (size_t i = attachments_.size(); i-- > 0;)
        if (attachments_[i].segment->overlaps(segment)) detach(*attachments_[i].segment);
    for (uint32_t a = segment.origin().value; a < segment.end().value; a += kPage) discard(SecondLevel(a));
    for (uint32_t n = 0; n * kSegment < segment.size(); ++n) {
        const uint32_t number = segment.origin().value / kSegment + n;
        free_page_table(number);
        real().put32(segment_table_ + number * 4, 0xF0000000 | segment.page_table(n));
    }
    attachments_.push_back({&segment, true});
    return true;
}

void GuestStorage::detach(const SharedSegment& segment) {
    const auto it = std::find_if(attachments_.begin(), attachments_.end(),
                                 [&](const Attachment& a) { return a.segment == &segment; });
    if (it == attachments_.end()) return;
    if (it->shared) it->segment->restore();  // what this machine may have stored goes with it
    if (!it->shared)
        for (uint32_t a = segment.origin().value; a < segment.end().value; a += kPage)
            discard(SecondLevel(a));
    // What lies there within the machine's own storage gets new tables when it is touched.
    for (uint32_t n = 0; n * kSegment < segment.size(); ++n) {
        const uint32_t number = segment.origin().value / kSegment + n;
        if (it->shared)
            real().put32(segment_table_ + number * 4, kSegmentInvalid);
        else
            free_page_table(number);
    }
    attachments_.erase(it);
}

bool GuestStorage::unshare(SharedSegment& segment) {
    for (Attachment& attachment : attachments_)
        if (attachment.segment == &segment) attachment.shared = false;
    // From here on the machine has a place of its own, with no more in it than there is room for.
    for (uint32_t n = 0; n * kSegment < segment.size(); ++n)
        real().put32(segment_table_ + (segment.origin().value / kSegment + n) * 4, kSegmentInvalid);
    for (uint32_t n = 0; n * kSegment < segment.size(); ++n)
        if (!make_page_table(SecondLevel(segment.origin().value + n * kSegment))) return !(exhausted_ = true);
    for (uint32_t i = 0; i < segment.pages(); ++i) {
        const SecondLevel a(segment.origin().value + i * kPage);
        const FirstLevel from = segment.frame(i);
        const auto placed = place(a, nullptr);
        if (!placed) return !(exhausted_ = true);
        if (!placed->ready.known()) await(placed->ready);
        real().put(placed->frame.value, real().at(from.value), kPage);
        for (unsigned k : {0u, 1u}) real().set_key(half(placed->frame, k), real().key(half(from, k)));
        note_change(a);
        real().put16(*page_entry(a), entry_of(placed->frame.value));
    }
    segment.restore();
    return true;
}

// ---- Pages that two machines hold ----

bool GuestStorage::may_be_lent(SecondLevel a) const {
    return kind_ == StorageKind::paged && a.value % kPage == 0 && a.value != 0 && may_be_prefix(a.value) &&
           (prefix_ == 0 || a.value != prefix_);
}

FirstLevel GuestStorage::lend(SecondLevel a) {
    // What either does with 2K pages or channel programs must not want to move it.
    FirstLevel frame = resident(a);
    if (frame.value >= 0x1000000) frame = move_below_16m(a);
    lock(a);
    page(a).lent = true;
    return frame;
}

void GuestStorage::end_loan(SecondLevel a) {
    page(a).lent = false;
    unlock(a);
}

GuestStorage::Borrowed GuestStorage::borrow(SecondLevel a, FirstLevel frame) {
    if (!page_entry(a) && !make_page_table(a)) return {false, std::nullopt};
    const auto lost = discard(a);
    page(a).borrowed = true;
    lock(a);  // no segment takes its place
    real().put16(*page_entry(a), entry_of(frame.value));
    return {true, lost};
}

FirstLevel GuestStorage::end_borrowing(SecondLevel a) {
    const FirstLevel frame = *locate(a);
    real().put16(*page_entry(a), kPageInvalid);
    page(a).borrowed = false;
    unlock(a);
    return frame;
}

// ---- Prefixing ----

void GuestStorage::exchange(uint32_t page_a, uint32_t page_b) {
    if (page_a == page_b) return;
    const SecondLevel a(page_a), b(page_b);
    try_resident(a);
    {
        const PageLock lock(*this, a);
        try_resident(b);
    }
    const auto at_a = page_entry(a), at_b = page_entry(b);
    if (!at_a || !at_b) return;  // exhausted: the machine does not go on
    const uint16_t entry_a = real().get16(*at_a), entry_b = real().get16(*at_b);
    real().put16(*at_a, entry_b);
    real().put16(*at_b, entry_a);
    std::swap(page(a), page(b));
    if (kind_ != StorageKind::paged) return;
    for (const SecondLevel moved : {a, b})
        if (const auto frame = locate(moved)) pager_.rename(*frame, moved);
}

void GuestStorage::change_prefix(uint32_t prefix) {
    exchange(0, prefix_);
    prefix_ = 0;
    exchange(0, prefix);
    prefix_ = prefix;
}

}  // namespace vmcp
