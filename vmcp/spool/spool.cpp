#include "vmcp/spool/spool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "simulation/model/capitals.hpp"
#include "simulation/model/log.hpp"
#include "vmcp/spool/spool_pages.hpp"

namespace vmcp {

using simulation::capitals;

Spool::Spool(SpoolOptions options) : options_(std::move(options)) {
    if (options_.folder.empty()) return;
    folder_ = std::make_unique<SpoolFolder>(options_.folder, SpoolFolder::Use::change);
    SpoolFolder::Contents contents = folder_->read();
    complaints_ = std::move(contents.complaints);
    next_ = contents.next;
    barred_ = std::move(contents.barred);
    for (SpoolFile& file : contents.files) {
        file.pages = spool_pages(file.records);
        used_ += file.pages;
        enter(file.owner);
        files_.push_back(std::move(file));
    }
    counts_.most_pages = used_;
    simulation::log().info("{}: {} spool files, {} pages", options_.folder, files_.size(), used_);
}

Spool::~Spool() = default;

// ---- Room ----

uint32_t Spool::capacity() const {
    return volumes_.any() ? std::min(options_.capacity, volumes_.pages()) : options_.capacity;
}

void Spool::place_files() {
    if (!volumes_.any()) return;
    if (used_ > volumes_.pages())
        throw SpoolError(fmt::format("{}: {} pages of spool files, but the spool volumes have room for {}",
                                     options_.folder, used_, volumes_.pages()));
    // Nothing has been written to them in this run: such a page is empty, as the disk is.
    for (SpoolFile& file : files_)
        while (file.places.size() < file.pages) file.places.push_back(volumes_.keep({}));
}

// ---- Users ----

void Spool::enter(const std::string& name) { names_.try_emplace(capitals(name), name); }

std::optional<std::string> Spool::known(std::string_view name) const {
    const auto found = names_.find(capitals(name));
    if (found == names_.end()) return std::nullopt;
    return found->second;
}

void Spool::log_on(const std::string& name, SpoolUser& user) {
    enter(name);
    users_[name] = &user;
}

void Spool::log_off(const std::string& name) { users_.erase(name); }

SpoolUser* Spool::user(std::string_view name) const {
    const auto found = users_.find(name);
    return found == users_.end() ? nullptr : found->second;
}

// ---- Files that are being written ----

void Spool::take_page() {
    ++used_;
    counts_.most_pages = std::max(counts_.most_pages, used_);
}

bool Spool::reserve(OpenSpoolFile& open) {
    if (!open.counted) {
        if (!has_room()) {
            refused_ = true;
            return false;
        }
        open.counted = true;
        ++open_;
    }
    if (open.promised || open.left >= kLongestSpoolRecord) return true;
    if (used_ >= capacity()) {
        refused_ = true;
        return false;
    }
    take_page();
    open.promised = true;
    return true;
}

bool Spool::append(OpenSpoolFile& open, uint8_t command, std::span<const uint8_t> data) {
    if (!open.counted && !reserve(open)) return false;
    SpoolPages pages{open.file.pages, open.left};
    if (pages.add(data.size()) && !std::exchange(open.promised, false)) {
        if (used_ >= capacity()) return false;
        take_page();
    }
    if (pages.pages != open.file.pages) end_page(open);
    if (open.file.records.empty()) ++counts_.opened;
    open.file.pages = pages.pages;
    open.left = pages.left;
    open.file.records.append(command, data);
    if (!is_setup(open.file.origin, command)) ++counts_.records;
    return true;
}

void Spool::give_back(OpenSpoolFile& open) {
    if (std::exchange(open.promised, false)) --used_;
    if (std::exchange(open.counted, false)) --open_;
}

void Spool::end_page(OpenSpoolFile& open) {
    const std::span<const uint8_t> page = std::span(open.file.records.bytes()).subspan(open.page_begin);
    if (!volumes_.any() || page.empty()) return;
    open.file.places.push_back(volumes_.keep(page));
    open.page_begin += page.size();
}

SpoolFile& Spool::close(OpenSpoolFile&& open) {
    give_back(open);
    SpoolFile& file = files_.emplace_back(std::move(open.file));
    file.number = next_number();
    ++counts_.closed;
    keep([&](SpoolFolder& folder) { folder.put(file); });
    keep_index();
    tell_of_room();
    return file;
}

void Spool::discard(OpenSpoolFile& open) {
    give_back(open);
    used_ -= open.file.pages;
    volumes_.release(open.file.places);
    if (!open.file.records.empty()) ++counts_.purged;
    open = {};
    tell_of_room();
}

// ---- Files that wait ----

unsigned Spool::next_number() {
    // The file that wants it is in the list already, without one: there is a free number.
    while (find(next_) != nullptr || std::find(barred_.begin(), barred_.end(), next_) != barred_.end())
        next_ = next_ % kMostSpoolNumber + 1;
    return std::exchange(next_, next_ % kMostSpoolNumber + 1);
}

std::vector<SpoolFile*> Spool::queue_of(std::string_view owner, SpoolQueue queue) {
    std::vector<SpoolFile*> found;
    for (SpoolFile& file : files_)
        if (file.queue == queue && file.owner == owner) found.push_back(&file);
    return found;
}

SpoolFile* Spool::find(unsigned number) {
    const auto found =
        std::find_if(files_.begin(), files_.end(), [&](const SpoolFile& f) { return f.number == number; });
    return found == files_.end() ? nullptr : &*found;
}

void Spool::changed(SpoolFile& file) {
    keep([&](SpoolFolder& folder) { folder.put(file); });
}

void Spool::transfer(SpoolFile& file, const std::string& owner, SpoolQueue queue) {
    const auto at =
        std::find_if(files_.begin(), files_.end(), [&](const SpoolFile& f) { return &f == &file; });
    files_.splice(files_.end(), files_, at);
    file.owner = owner;
    file.queue = queue;
    changed(file);
    keep_index();
}

void Spool::offer(SpoolFile& file, Work& work) {
    if (SpoolUser* const owner = user(file.owner)) owner->file_arrived(file, work);
}

void Spool::order(const std::vector<SpoolFile*>& first) {
    if (first.empty()) return;
    const auto in_queue = [&](const SpoolFile& f) {
        return f.owner == first.front()->owner && f.queue == first.front()->queue;
    };
    auto place = std::find_if(files_.begin(), files_.end(), in_queue);
    for (const SpoolFile* wanted : first) {
        const auto at = std::find_if(place, files_.end(), [&](const SpoolFile& f) { return &f == wanted; });
        if (at == place)
            ++place;
        else
            files_.splice(place, files_, at);
    }
    keep_index();
}

void Spool::purge(SpoolFile& file) {
    const unsigned number = file.number;
    used_ -= file.pages;
    volumes_.release(file.places);
    ++counts_.purged;
    std::erase_if(files_, [&](const SpoolFile& f) { return &f == &file; });
    keep([&](SpoolFolder& folder) { folder.remove(number); });
    keep_index();
    tell_of_room();
}

void Spool::tell_of_room() {
    if (!refused_ || !has_room()) return;
    refused_ = false;
    for (const auto& [name, user] : users_) user->room_again();
}

// ---- The folder ----

/// Whoever closes a file may be in the middle of a simulation: what fails is told at its end.
template <class Action>
void Spool::keep(Action action) {
    if (folder_ == nullptr || failure_) return;
    try {
        action(*folder_);
    } catch (const SpoolError& error) {
        failure_ = error.what();
        simulation::log().error("{}", error.what());
    }
}

void Spool::keep_index() {
    keep([this](SpoolFolder& folder) {
        std::vector<unsigned> numbers;
        for (const SpoolFile& file : files_) numbers.push_back(file.number);
        if (std::is_sorted(numbers.begin(), numbers.end())) numbers.clear();
        folder.put_index(next_, numbers);
    });
}

void Spool::throw_failure() {
    if (!failure_) return;
    const std::string why = *failure_;
    failure_.reset();
    folder_.reset();
    throw SpoolError(why);
}

}  // namespace vmcp
