#include "vmcp/io/io_mapping.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "isa/storage_key.hpp"

namespace vmcp {

using simulation::Ccw;
using simulation::kIoMayFetch, simulation::kIoMayStore;

namespace {

constexpr uint32_t kAddress = 0x00FFFFFF;
constexpr uint32_t kMost24 = 0x01000000;
constexpr uint32_t kBlock = simulation::kBlock;
constexpr uint32_t kPagesOfTable = simulation::kIoTableBytes / 4;

}  // namespace

std::string_view name_of(IoMappingStrategy strategy) {
    static constexpr std::string_view names[] = {"whole-guest", "per-program", "per-program-cached"};
    return names[static_cast<unsigned>(strategy)];
}

IoMapping::IoMapping(GuestChannelStorage& guest, FrameTable& frames, unsigned kept)
    : guest_(guest), frames_(frames), kept_(kept) {}

IoMapping::~IoMapping() {
    forget();
    for (const Table& table : tables()) frames_.give_back_table(table.at, table.bytes);
}

std::vector<IoMapping::Table> IoMapping::tables() const {
    std::vector<Table> all;
    if (directory_ == 0) return all;
    for (uint32_t i = 0; i < simulation::kIoDirectoryBytes; i += 4)
        if (const uint32_t table = guest_.storage().real().get32(directory_ + i); table != 0)
            all.push_back({FirstLevel(table), simulation::kIoTableBytes});
    all.push_back({FirstLevel(directory_), simulation::kIoDirectoryBytes});
    return all;
}

std::optional<FirstLevel> IoMapping::directory() {
    if (directory_ == 0) {
        const auto at = frames_.take_table(simulation::kIoDirectoryBytes, simulation::kIoDirectoryBytes);
        if (!at) return std::nullopt;
        directory_ = at->value;
    }
    return FirstLevel(directory_);
}

// ---- Pages ----

/// Enters the word in the table of the page, which is made if need be.
bool IoMapping::put(uint32_t page, uint32_t word) {
    simulation::RealStorage& real = guest_.storage().real();
    const uint32_t number = page / kPage, at = directory_ + number / kPagesOfTable * 4;
    uint32_t table = real.get32(at);
    if (table == 0) {
        const auto made = frames_.take_table(simulation::kIoTableBytes, simulation::kIoDirectoryBytes);
        if (!made) return false;
        table = made->value;
        real.put32(at, table);
    }
    real.put32(table + number % kPagesOfTable * 4, word);
    return true;
}

/// Whether one more page may be kept where it is; pages of former programs go for it.
bool IoMapping::may_keep() {
    while (!frames_.may_lock_for_io()) {
        const auto oldest = std::min_element(pages_.begin(), pages_.end(), [](const auto& a, const auto& b) {
            return a.second.used < b.second.used;
        });
        if (oldest == pages_.end() || oldest->second.used == program_) return false;
        unmap(oldest);
        purge();
    }
    return true;
}

IoMapping::Problem IoMapping::map(uint32_t page, uint32_t permissions) {
    GuestStorage& storage = guest_.storage();
    const SecondLevel at = guest_.real_of(page);
    const auto found = pages_.find(page);
    const bool locked = found != pages_.end() && found->second.locked;
    SharedSegment* const segment = storage.shared(at);
    if (segment != nullptr) guest_.on_shared_access(*segment, (permissions & kIoMayStore) != 0);
    const bool locks = storage.kind() == StorageKind::paged && !locked;
    if (locks && !may_keep()) return Problem::no_room;
    auto frame = storage.try_resident(at);
    if (!frame) {
        if (locks) frames_.unlocked_for_io();
        return Problem::exhausted;
    }
    if (frame->value >= kMost24 &&
        !locked) {  // tables of 2K pages can name no other: it would be moved later
        frame = storage.move_below_16m(at);
        guest_.on_page_moved();
    }
    if (!put(page, (frame->value & ~(kPage - 1)) | permissions)) {
        if (locks) frames_.unlocked_for_io();
        return Problem::no_room;
    }
    if (locks) storage.lock(at);
    Page& entry = pages_[page];
    entry.permissions = permissions;
    entry.used = program_;
    entry.locked = entry.locked || locks;
    entry.once = segment != nullptr;
    ++counts_.mapped;
    return Problem::none;
}

void IoMapping::unmap(std::map<uint32_t, Page>::iterator at) {
    put(at->first, 0);
    if (at->second.locked) {
        guest_.storage().unlock(guest_.real_of(at->first));
        frames_.unlocked_for_io();
    }
    pages_.erase(at);
    ++counts_.unmapped;
}

void IoMapping::purge() {
    for (simulation::IoZone* zone : zones_) zone->purge();
    ++counts_.purges;
}

void IoMapping::forget() {
    if (pages_.empty()) return;
    while (!pages_.empty()) unmap(pages_.begin());
    purge();
}

void IoMapping::give_up(uint32_t begin, uint32_t end) {
    bool any = false;
    for (auto it = pages_.begin(); it != pages_.end();) {
        const uint32_t at = guest_.real_of(it->first).value;
        const auto next = std::next(it);
        if (at < end && begin < at + kPage) {
            unmap(it);
            any = true;
        }
        it = next;
    }
    if (any) purge();
}

// ---- All of it ----

IoMapping::Problem IoMapping::map_whole() {
    if (!directory()) return Problem::no_room;
    if (has_whole()) return Problem::none;
    const uint32_t all = guest_.size() / kPage;
    Problem problem = guest_.storage().shares_segments() ? Problem::no_room : Problem::none;
    for (uint32_t page = 0; page < all * kPage && problem == Problem::none; page += kPage)
        if (!pages_.contains(page)) problem = map(page, kIoMayFetch | kIoMayStore);
    if (problem != Problem::none) forget();
    return problem;
}

// ---- What a program needs ----

IoMapping::Problem IoMapping::map_program(uint32_t caw, const DiskExtent& extent) {
    if (!directory()) return Problem::no_room;
    ++program_;
    in_program_ = 0;
    words_.clear();
    inputs_.clear();
    Problem problem = scan(caw, extent);
    if (problem == Problem::none)
        for (const Range& word : words_)
            for (const Range& input : inputs_)
                if (word.overlaps(input)) problem = Problem::no_room;
    if (problem != Problem::none) end_program();
    return problem;
}

void IoMapping::end_program() {
    bool any = false;
    for (auto it = pages_.begin(); it != pages_.end();) {
        const auto next = std::next(it);
        if (kept_ == 0 || it->second.once) {
            unmap(it);
            any = true;
        }
        it = next;
    }
    while (pages_.size() > kept_) {
        unmap(std::min_element(pages_.begin(), pages_.end(),
                               [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
        any = true;
    }
    if (any) purge();
}

IoMapping::Problem IoMapping::need(uint32_t begin, uint32_t end, uint32_t permission) {
    end = std::min(end, guest_.size());
    for (uint32_t page = begin & ~(kPage - 1); page < end; page += kPage) {
        uint32_t permissions = permission;
        if (const auto found = pages_.find(page); found != pages_.end()) {
            Page& entry = found->second;
            const bool first = entry.used != program_;
            if (first && ++in_program_ > kMostPages) return Problem::no_room;
            entry.used = program_;
            if ((entry.permissions & permission) != 0) {
                if (first) ++counts_.found;
                continue;
            }
            permissions |= entry.permissions;
        } else if (++in_program_ > kMostPages) {
            return Problem::no_room;
        }
        if (const Problem problem = map(page, permissions); problem != Problem::none) return problem;
    }
    return Problem::none;
}

/// Bytes of a page that is mapped, if the key allows it. No reference bit is set: the channel may not come
/// there.
bool IoMapping::look_at(uint32_t address, uint8_t* out, uint32_t bytes, uint8_t key) const {
    if (address >= guest_.size() || bytes > guest_.size() - address) return false;
    const GuestStorage& storage = guest_.storage();
    const SecondLevel at = guest_.real_of(address);
    const auto real = storage.locate(at);
    if (!real || !isa::key_allows(storage.key(at), key, false)) return false;
    std::memcpy(out, storage.real().at(real->value), bytes);
    return true;
}

/// Where the data of a CCW lie that moves some, and its list.
IoMapping::Problem IoMapping::need_data(const Ccw& ccw, uint8_t command, uint8_t key) {
    const bool storing = is_input(command), backward = (command & 0x0F) == 0x0C;
    if (storing && (ccw.flags & simulation::kFlagSkip) != 0) return Problem::none;
    const bool listed = (ccw.flags & simulation::kFlagIndirect) != 0;
    uint32_t at = ccw.address, left = ccw.count, list = ccw.address;
    if (listed && list % 4 != 0) return Problem::none;
    while (left != 0) {
        if (listed) {
            if (const Problem problem = need(list, list + 4, kIoMayFetch); problem != Problem::none)
                return problem;
            uint8_t bytes[4];
            if (!look_at(list, bytes, 4, key)) return Problem::none;
            words_.push_back({list, list + 4});
            at = simulation::decode_idaw(bytes);
            if (at >= kMost24 || (list != ccw.address && at % kBlock != (backward ? kBlock - 1 : 0)))
                return Problem::none;
            list += 4;
        }
        if (at >= guest_.size()) return Problem::none;
        const uint32_t n = std::min(left, backward ? at % kBlock + 1 : kBlock - at % kBlock);
        const uint32_t begin = backward ? at + 1 - n : at;
        const Problem problem = need(begin, begin + n, storing ? kIoMayStore : kIoMayFetch);
        if (problem != Problem::none) return problem;
        if (storing) inputs_.push_back({begin, begin + n});
        if (backward && at < n) return Problem::none;
        at = backward ? at - n : at + n;
        left -= n;
    }
    return Problem::none;
}

/// All CCWs that the channel may come to, whatever the devices answer.
IoMapping::Problem IoMapping::scan(uint32_t caw, const DiskExtent& extent) {
    constexpr unsigned kNotChained = 0x100;
    const auto key = static_cast<uint8_t>(caw >> 28);
    struct Place {
        uint32_t address;
        unsigned command;  // that data chaining carries on, or kNotChained
        bool operator<(const Place& other) const {
            return address != other.address ? address < other.address : command < other.command;
        }
    };
    std::set<Place> known;
    std::vector<Place> to_do;
    const auto add = [&](uint32_t address, unsigned command) {
        const Place place{address & kAddress, command};
        if (known.insert(place).second) to_do.push_back(place);
    };
    add(caw & kAddress, kNotChained);
    while (!to_do.empty()) {
        const auto [address, chained] = to_do.back();
        to_do.pop_back();
        if (address % 8 != 0 || address >= guest_.size()) continue;
        if (++counts_.scanned; known.size() > kMostCcws) return Problem::no_room;
        if (const Problem problem = need(address, address + 8, kIoMayFetch); problem != Problem::none)
            return problem;
        uint8_t bytes[8];
        if (!look_at(address, bytes, 8, key)) continue;
        words_.push_back({address, address + 8});
        const Ccw ccw = simulation::decode_ccw(bytes);
        if (ccw.transfers_in_channel()) {
            add(ccw.address, chained);
            continue;
        }
        if (is_invalid(ccw, chained != kNotChained)) continue;
        const auto command = static_cast<uint8_t>(chained != kNotChained ? chained : ccw.command);
        if (!moves_no_data(extent.device, command))
            if (const Problem problem = need_data(ccw, command, key); problem != Problem::none)
                return problem;
        const bool data_chained = (ccw.flags & simulation::kFlagChainData) != 0;
        if (data_chained) {
            add(address + 8, command);
        } else if ((ccw.flags & simulation::kFlagChainCommand) != 0) {
            add(address + 8, kNotChained);
            if (extent.may_skip(command)) add(address + 16, kNotChained);
        }
    }
    return guest_.storage().exhausted() ? Problem::exhausted : Problem::none;
}

}  // namespace vmcp
