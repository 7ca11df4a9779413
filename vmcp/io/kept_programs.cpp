#include "vmcp/io/kept_programs.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace vmcp {

// ---- Of the whole machine ----

SpareCopies::SpareCopies(FrameTable& frames) : frames_(frames) {
    frames_.give_up_spare = [this] { return give_up(); };
}

size_t SpareCopies::count() const {
    return std::accumulate(
        devices_.begin(), devices_.end(), size_t{0},
        [](size_t sum, const KeptPrograms* device) { return sum + device->programs_.size() - 1; });
}

bool SpareCopies::may_add() {
    if (frames_.free_frames() <= kLeaves) return false;
    return count() < most() || (most() != 0 && give_up());
}

bool SpareCopies::give_up() {
    KeptPrograms* oldest = nullptr;
    for (KeptPrograms* device : devices_)
        if (!device->looking_ &&
            (oldest == nullptr || device->programs_.back().used < oldest->programs_.back().used))
            oldest = device;
    if (oldest == nullptr) return false;
    oldest->programs_.pop_back();
    if (oldest->programs_.size() == 1) std::erase(devices_, oldest);
    return true;
}

// ---- Of a device ----

KeptPrograms::KeptPrograms(SpareCopies& all, unsigned most, Make make)
    : all_(all), most_(most), make_(std::move(make)) {
    programs_.push_back({make_(), ++all_.clock_});
}

KeptPrograms::~KeptPrograms() { std::erase(all_.devices_, this); }

void KeptPrograms::make_current(size_t index) {
    const auto at = programs_.begin() + static_cast<std::ptrdiff_t>(index);
    std::rotate(programs_.begin(), at, at + 1);
    programs_.front().used = ++all_.clock_;
}

KeptPrograms::Found KeptPrograms::find(uint32_t caw, std::optional<TranslatedProgram::Position> position) {
    Found found;
    looking_ = true;
    for (size_t i = 0; i < programs_.size() && !found.moved; ++i) {
        found.moved = programs_[i].program->make_again(caw, position, found.compared);
        if (found.moved) make_current(i);
    }
    looking_ = false;
    return found;
}

void KeptPrograms::choose_free() {
    const auto empty = std::ranges::find_if(programs_, [](const Entry& one) { return !one.program->kept(); });
    if (empty != programs_.end()) return make_current(static_cast<size_t>(empty - programs_.begin()));
    // One that has gone for it may have been one of these.
    if (programs_.size() < most_ && all_.may_add()) {
        programs_.push_back({make_(), 0});
        if (programs_.size() == 2) all_.devices_.push_back(this);
    }
    make_current(programs_.size() - 1);
}

void KeptPrograms::forget() {
    std::erase(all_.devices_, this);
    programs_.resize(1);
    if (current().kept()) current().end(false);
}

}  // namespace vmcp
