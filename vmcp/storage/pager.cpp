#include "vmcp/storage/pager.hpp"

#include <algorithm>
#include <stdexcept>

#include "vmcp/storage/guest_storage.hpp"

namespace vmcp {

Pager::Pager(FrameTable& frames, Ledger& ledger, simulation::CpuGroup& cpus,
             std::unique_ptr<PageReplacement> replacement, std::vector<std::unique_ptr<PagingDevice>> devices)
    : frames_(frames),
      ledger_(ledger),
      cpus_(cpus),
      replacement_(std::move(replacement)),
      devices_(std::move(devices)) {
    frames_.on_shortage = [this] { return payer_ != nullptr && take_away(1, *payer_) != 0; };
}

void Pager::add(std::unique_ptr<PagingDevice> device) {
    for (const auto& other : devices_)
        if (other->slots_in_use() != 0)
            throw std::logic_error("a paging device must be there before pages are written out");
    devices_.insert(devices_.begin() + static_cast<std::ptrdiff_t>(added_++), std::move(device));
}

std::optional<Pager::Placed> Pager::place(GuestStorage& storage, SecondLevel page, PageSlot slot,
                                          Work* fault) {
    payer_ = &storage;
    while (frames_.free_frames() < kLowWater && frames_.give_up_spare()) continue;
    if (frames_.free_frames() < kLowWater) take_away(kBatch, storage);
    const auto frame = frames_.take_page();
    if (!frame) return std::nullopt;
    PageReady ready = frames_.frame(*frame).usable;
    assign(*frame, storage, page);
    const auto charge = [&](Cause cause, Step step) {
        if (fault != nullptr)
            fault->step(step);
        else
            Work(ledger_, storage.account(), cause).step(step);
    };
    if (slot.exists()) {
        frames_.storage().put(frame->value, device(slot).contents(slot.slot).data(), kPage);
        ++counts_.reads;
        ++storage.counts().reads;
        charge(Cause::page_in, Step::page_in);
        ready = device(slot).move({slot.slot, false, storage, ledger_.now(), ready});
    } else {
        ++counts_.fills;
        ++storage.counts().fills;
        charge(Cause::page_fill, Step::fill_page);
    }
    frames_.frame(*frame).usable.transfer = ready.transfer;
    return Placed{*frame, ready};
}

std::optional<FirstLevel> Pager::place_low(GuestStorage& storage, SecondLevel page) {
    payer_ = &storage;
    const auto frame = frames_.take_low_page();
    if (frame) assign(*frame, storage, page);
    return frame;
}

void Pager::assign(FirstLevel frame, GuestStorage& storage, SecondLevel page) {
    frames_.frame(frame) = Frame{&storage, page.value, storage.progress()};
    replacement_->arrived(frame.value / kPage);
}

void Pager::release(FirstLevel frame) {
    replacement_->left(frame.value / kPage);
    frames_.give_back(frame, frames_.frame(frame).usable);
}

void Pager::release(PageSlot slot) {
    if (slot.exists()) device(slot).release(slot.slot);
}

uint32_t Pager::peek32(PageSlot slot, uint32_t offset) const {
    if (!slot.exists()) return 0;
    const PagingDevice::Contents& page = device(slot).contents(slot.slot);
    return uint32_t{page[offset]} << 24 | uint32_t{page[offset + 1]} << 16 | uint32_t{page[offset + 2]} << 8 |
           page[offset + 3];
}

std::optional<PageSlot> Pager::new_slot() {
    for (uint32_t d = 0; d < devices_.size(); ++d)
        if (const auto slot = devices_[d]->allocate()) return PageSlot{d, *slot};
    return std::nullopt;
}

// ---- Taking frames away ----

bool Pager::may_be_taken(uint32_t number) {
    const Frame& frame = frames_.frame(number);
    GuestStorage& owner = *frame.owner;
    const SecondLevel page(frame.page);
    ++counts_.examined;
    if (owner.locked(page) || owner.resident_pages() <= owner.reserved_pages()) return false;
    if (!owner.slot(page).exists() && owner.changed(page) &&
        std::none_of(devices_.begin(), devices_.end(),
                     [](const auto& d) { return d->slots_in_use() < d->slots(); }))
        return false;
    if (frame.stamp == StorageOwner::kNoProgress || frame.stamp != owner.progress()) return true;
    return last_resort_ && &owner != payer_;
}

bool Pager::test_and_reset_reference(uint32_t number) {
    const Frame& frame = frames_.frame(number);
    return frame.owner->test_and_reset_reference(SecondLevel(frame.page));
}

uint32_t Pager::take_away(uint32_t want, GuestStorage& payer) {
    if (devices_.empty()) return 0;
    payer_ = &payer;
    const uint64_t examined = counts_.examined;
    uint32_t taken = 0;
    replacement_->begin_choosing(*this);
    for (; taken < want; ++taken) {
        const auto frame = replacement_->choose(*this);
        if (!frame) break;
        take_away_one(*frame, payer);
    }
    if (taken == 0 && frames_.free_frames() == 0) {
        last_resort_ = true;
        // Of the machine that logged on last, so that at least the others go on.
        std::optional<uint32_t> choice;
        for (uint32_t f = 0; f < frames_.frames(); ++f) {
            if (frames_.frame(f).owner == nullptr || !may_be_taken(f)) continue;
            if (!choice || frames_.frame(f).owner->id() > frames_.frame(*choice).owner->id()) choice = f;
        }
        if (choice) {
            take_away_one(*choice, payer);
            ++taken;
        }
        last_resort_ = false;
    }
    if (counts_.examined != examined) {
        ledger_.charge(payer.account(), Cause::page_out, Step::examine_frame, counts_.examined - examined);
        cpus_.page_invalidated();
    }
    return taken;
}

void Pager::take_away_one(uint32_t number, GuestStorage& payer) {
    const FirstLevel at(number * kPage);
    const Frame frame = frames_.frame(number);
    GuestStorage& owner = *frame.owner;
    const SecondLevel page(frame.page);
    PageSlot slot = owner.slot(page);
    PageReady usable = frame.usable;
    Work work(ledger_, payer.account(), Cause::page_out);
    work.step(Step::take_frame);
    if (owner.changed(page)) {
        if (!slot.exists()) slot = *new_slot();
        std::copy_n(frames_.storage().at(at.value), kPage, device(slot).contents(slot.slot).data());
        ++counts_.writes;
        ++owner.counts().writes;
        work.step(Step::page_out);
        usable = device(slot).move({slot.slot, true, payer, ledger_.now(), usable});
    }
    ++counts_.taken;
    ++owner.counts().taken;
    owner.take_away(page, slot);
    if (owner.frame_lost(at) != 0) work.step(Step::shadow_purge);
    replacement_->left(number);
    frames_.give_back(at, usable);
}

}  // namespace vmcp
