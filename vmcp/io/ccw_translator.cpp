#include "vmcp/io/ccw_translator.hpp"

#include <algorithm>
#include <array>

#include "simulation/devices/ckd_codes.hpp"
#include "simulation/images/byte_order.hpp"

namespace vmcp {

using simulation::Ccw;
using simulation::ChannelAccess;

namespace {

constexpr uint32_t kBlock = simulation::kBlock;
/// An indirect-data-address word that a channel does not accept: program check, when it comes to it.
constexpr uint32_t kNowhere = 0xFF000000;
constexpr uint32_t kMost24 = 0x01000000;

}  // namespace

void CcwTranslator::let_go() {
    for (const Kept& kept : locked_) {
        guest_.storage().unlock(guest_.real_of(kept.page));
        frames_.unlocked_for_io();
    }
    used_ = std::move(locked_);
    locked_.clear();
}

/// Compared are CCWs, up to the first one that has changed; the words of lists are part of their CCWs.
bool CcwTranslator::words_are_as_they_were(uint8_t key, uint64_t& compared) {
    constexpr uint32_t kCcw = 8;
    size_t at = 0;
    std::array<uint8_t, kBlock> now;
    for (const StorageRange& word : words_) {
        const uint32_t n = word.end - word.begin;
        if (n == kCcw) ++compared;
        if (guest_.fetch(word.begin, now.data(), n, key) != ChannelAccess::ok ||
            !std::equal(now.begin(), now.begin() + n, was_.begin() + static_cast<std::ptrdiff_t>(at)))
            return false;
        at += n;
    }
    return true;
}

CcwTranslator::Renewed CcwTranslator::renew(uint8_t key) {
    Renewed result;
    if (!reusable_ || !words_are_as_they_were(key, result.compared)) return result;
    GuestStorage& storage = guest_.storage();
    for (const Kept& kept : used_) {
        const SecondLevel at = guest_.real_of(kept.page);
        const auto frame = storage.locate(at);
        result.stale = !frame || frame->value != kept.frame || storage.shared(at) != nullptr;
        if (result.stale) return result;
    }
    first_cylinder_.reset();
    for (const Moved& one : moved_) {
        std::array<uint8_t, 16> bytes{};
        if (guest_.fetch(one.from, bytes.data(), one.length, key) != ChannelAccess::ok) return result;
        relocate(one.command, {bytes.data(), one.length});
        storage.real().put(one.to, bytes.data(), one.length);
    }
    for (const Kept& kept : used_) {
        if (!frames_.may_lock_for_io()) {
            let_go();
            result.stale = true;  // what it used has been forgotten
            return result;
        }
        storage.lock(guest_.real_of(kept.page));
        locked_.push_back(kept);
    }
    used_.clear();
    result.moved = moved_.size();
    return result;
}

void CcwTranslator::forget() {
    let_go();
    used_.clear();
    inputs_.clear();
    words_.clear();
    arguments_.clear();
    moved_.clear();
    was_.clear();
}

void CcwTranslator::clear() {
    forget();
    reusable_ = true;
    first_cylinder_.reset();
    counts_ = {};
    argument_left_ = 0;
    short_argument_.reset();
    replacement_.reset();
}

bool CcwTranslator::has_locked(uint32_t begin, uint32_t end) const {
    return std::any_of(locked_.begin(), locked_.end(), [&](const Kept& kept) {
        const uint32_t at = guest_.real_of(kept.page).value;
        return at < end && begin < at + kPage;
    });
}

std::optional<uint32_t> CcwTranslator::put_bytes(std::span<const uint8_t> bytes, IoArea& area) {
    const auto room = static_cast<uint32_t>((bytes.size() + 3) & ~size_t{3});
    if (!area.has_room(room)) return std::nullopt;
    area.data -= room;
    const uint32_t at = area.at.value + area.data;
    guest_.storage().real().put(at, bytes.data(), static_cast<uint32_t>(bytes.size()));
    return at;
}

void CcwTranslator::relocate(uint8_t command, std::span<uint8_t> argument) {
    extent_.relocate(command, argument);
    if (extent_.device == DeviceClass::count_key_data && !first_cylinder_)
        first_cylinder_ = simulation::images::big16(&argument[2]);
}

std::optional<uint32_t> CcwTranslator::put_seek(uint32_t cylinder, uint32_t head, IoArea& area) {
    const auto bytes = extent_.seek_argument(cylinder, head);
    ++counts_.relocated;
    return put_bytes(bytes, area);
}

// ---- One CCW ----

CcwTranslator::Problem CcwTranslator::translate(Ccw& ccw, uint32_t address, uint8_t command, bool chained,
                                                uint8_t key, IoArea& area) {
    list_protected_ = false;
    replaced_count_.reset();
    if (!chained) {
        argument_left_ = 0;
        short_argument_.reset();
    }
    if (argument_left_ != 0) {  // a further part of the argument copied before
        ++counts_.data;
        ccw.address = argument_at_;
        ccw.flags &= static_cast<uint8_t>(~simulation::kFlagIndirect);
        const uint32_t part = std::min<uint32_t>(argument_left_, ccw.count);
        argument_at_ += part;
        argument_left_ -= part;
        return Problem::none;
    }
    if (short_argument_) return part_of_short_argument(ccw, command, key, area);
    if (!chained) ccw.command = extent_.allowed(command);
    if (extent_.returns_to_start(command)) {
        ++counts_.control;
        const auto at = put_seek(0, 0, area);
        if (!at) return Problem::no_room;
        ccw.command = simulation::kSeek;
        replaced_count_ = ccw.count;
        ccw.count = 6;
        ccw.address = *at;
        // Data chaining would end the chain, for nothing is moved; the seek must not go on instead.
        const bool ends = (ccw.flags & simulation::kFlagChainData) != 0;
        ccw.flags &= simulation::kFlagProgramControlled | (ends ? 0 : simulation::kFlagChainCommand);
        ccw.flags |= simulation::kFlagSuppressLength;
        return Problem::none;
    }
    if (moves_no_data(extent_.device, command)) {
        ++counts_.control;
        ccw.flags &= static_cast<uint8_t>(~simulation::kFlagIndirect);
        return Problem::none;
    }
    if (!chained && extent_.argument(command) != 0) {
        const Problem problem = argument(ccw, address, command, key, area);
        replacement_.reset();
        return problem;
    }
    ++counts_.data;
    return data_area(ccw, command, key, area);
}

CcwTranslator::Problem CcwTranslator::translate_rest(Ccw& ccw, uint32_t done, uint8_t key, IoArea& area) {
    list_protected_ = false;
    replaced_count_.reset();
    ++counts_.data;
    const uint8_t command = ccw.command;
    ccw.command = extent_.allowed(command);
    const Problem problem = data_area(ccw, command, key, area, 0x10000, done);
    ccw.count = static_cast<uint16_t>(ccw.count - done);
    return problem;
}

/// The bytes that a CCW and those that are data-chained to it would give a device: as many as there are.
CcwTranslator::Gathered CcwTranslator::gather(Ccw ccw, uint32_t address, uint8_t key, std::span<uint8_t> out,
                                              std::vector<StorageRange>& from) {
    unsigned got = 0;
    ChannelAccess access = ChannelAccess::ok;
    const auto ended = [&]() -> Gathered { return {got, access == ChannelAccess::protection}; };
    for (;;) {
        const uint32_t wanted = std::min<uint32_t>(ccw.count, static_cast<uint32_t>(out.size()) - got);
        pieces_.clear();
        uint32_t left = wanted, at = ccw.address, list = ccw.address;
        bool listed = (ccw.flags & simulation::kFlagIndirect) != 0;
        while (left != 0) {
            if (listed) {
                uint8_t bytes[4];
                if (list % 4 != 0) return ended();
                access = guest_.fetch(list, bytes, 4, key);
                if (access != ChannelAccess::ok) return ended();
                add_word(list, bytes, 4);
                at = simulation::decode_idaw(bytes);
                const bool first = list == ccw.address;
                list += 4;
                if (at >= kMost24 || (!first && at % kBlock != 0)) return ended();
            }
            const uint32_t n = std::min(left, kBlock - at % kBlock);
            access = guest_.fetch(at, &out[got], n, key);
            if (access != ChannelAccess::ok) return ended();
            from.push_back({at, at + n});
            got += n;
            left -= n;
            at += n;
        }
        if (got == out.size() || (ccw.flags & simulation::kFlagChainData) == 0) return ended();
        address += 8;
        for (unsigned transfers = 0;; ++transfers) {
            uint8_t bytes[8];
            if (address % 8 != 0 || guest_.fetch(address, bytes, 8, key) != ChannelAccess::ok) return ended();
            ccw = simulation::decode_ccw(bytes);
            if (!ccw.transfers_in_channel()) break;
            if (transfers != 0) return ended();
            address = ccw.address;
        }
        if (ccw.count == 0 || (ccw.flags & simulation::kFlagsReserved) != 0) return ended();
    }
}

std::vector<uint8_t> CcwTranslator::read_argument(const Ccw& ccw, uint32_t address, uint8_t key) {
    std::vector<uint8_t> bytes(extent_.argument(ccw.command));
    std::vector<StorageRange> from;
    bytes.resize(gather(ccw, address, key, bytes, from).bytes);
    return bytes;
}

CcwTranslator::Problem CcwTranslator::argument(Ccw& ccw, uint32_t address, uint8_t command, uint8_t key,
                                               IoArea& area) {
    std::array<uint8_t, 16> bytes{};
    const unsigned length = extent_.argument(command);
    std::vector<StorageRange> from;
    const Gathered got = gather(ccw, address, key, {bytes.data(), length}, from);
    arguments_.insert(arguments_.end(), from.begin(), from.end());
    ++counts_.data;
    ++counts_.relocated;
    if (got.bytes < length) {
        reusable_ = false;
        short_argument_ = got;
        return part_of_short_argument(ccw, command, key, area);
    }
    if (replacement_)
        std::ranges::copy(*replacement_, bytes.begin());
    else
        relocate(command, {bytes.data(), length});
    const auto at = put_bytes({bytes.data(), length}, area);
    if (!at) return Problem::no_room;
    if (from.size() == 1)
        moved_.push_back({command, from.front().begin, length, *at});
    else
        reusable_ = false;
    ccw.address = *at;
    ccw.flags &= static_cast<uint8_t>(~simulation::kFlagIndirect);
    const uint32_t part = std::min<uint32_t>(length, ccw.count);
    argument_at_ = *at + part;
    argument_left_ = length - part;
    return Problem::none;
}

/// The device rejects an argument that is too short, or the channel finds out why. It must be too short even
/// if the guest has changed by then what was in the way.
CcwTranslator::Problem CcwTranslator::part_of_short_argument(Ccw& ccw, uint8_t command, uint8_t key,
                                                             IoArea& area) {
    const uint32_t most = short_argument_->bytes;
    const bool protection = most < ccw.count && short_argument_->protection;
    short_argument_->bytes -= std::min<uint32_t>(most, ccw.count);
    const Problem problem = data_area(ccw, command, key, area, most);
    list_protected_ = list_protected_ || protection;
    return problem;
}

// ---- Where the data lies ----

CcwTranslator::Problem CcwTranslator::data_area(Ccw& ccw, uint8_t command, uint8_t key, IoArea& area,
                                                uint32_t most, uint32_t done) {
    const bool backward = (command & 0x0F) == 0x0C;
    const bool storing = is_input(command);
    const auto without_list = static_cast<uint8_t>(~simulation::kFlagIndirect);
    if (storing && (ccw.flags & simulation::kFlagSkip) != 0) {
        ccw.flags &= without_list;
        ccw.address = 0;
        return Problem::none;
    }
    pieces_.clear();
    const bool listed = (ccw.flags & simulation::kFlagIndirect) != 0;
    if (listed && ccw.address % 4 != 0) {
        ccw.address = 1;  // as wrong there as here
        return Problem::none;
    }
    Ccw within = ccw;
    within.count = static_cast<uint16_t>(std::min<uint32_t>(ccw.count, most));
    const Problem problem =
        listed ? listed_pieces(within, backward, storing, key) : direct_pieces(within, backward, storing);
    if (problem != Problem::none) return problem;
    if (within.count < ccw.count && (pieces_.empty() || pieces_.back().real != kNowhere))
        pieces_.push_back({kNowhere, uint32_t{ccw.count} - within.count});
    drop_pieces(done);
    for (size_t i = 1; i < pieces_.size(); ++i)
        counts_.crossings += pieces_[i].real % kPage == (backward ? kPage - 1 : 0);

    bool one_piece = pieces_.front().real != kNowhere && pieces_.back().real != kNowhere;
    for (size_t i = 1; i < pieces_.size() && one_piece; ++i) {
        const Piece& before = pieces_[i - 1];
        one_piece = pieces_[i].real == (backward ? before.real - before.bytes : before.real + before.bytes);
    }
    if (one_piece) {
        ccw.flags &= without_list;
        ccw.address = pieces_.front().real;
        return Problem::none;
    }
    std::array<uint8_t, 4 * 40> list;
    for (size_t i = 0; i < pieces_.size(); ++i)
        for (unsigned b = 0; b < 4; ++b)
            list[4 * i + b] = static_cast<uint8_t>(pieces_[i].real >> (24 - 8 * b));
    const auto at = put_bytes({list.data(), 4 * pieces_.size()}, area);
    if (!at) return Problem::no_room;
    ccw.flags |= simulation::kFlagIndirect;
    ccw.address = *at;
    return Problem::none;
}

/// Takes away what lies in front, of data that go forward.
void CcwTranslator::drop_pieces(uint32_t bytes) {
    while (bytes != 0 && !pieces_.empty() && pieces_.front().real != kNowhere) {
        Piece& front = pieces_.front();
        const uint32_t n = std::min(bytes, front.bytes);
        front.real += n;
        front.bytes -= n;
        bytes -= n;
        if (front.bytes == 0) pieces_.erase(pieces_.begin());
    }
}

CcwTranslator::Problem CcwTranslator::direct_pieces(const Ccw& ccw, bool backward, bool storing) {
    uint32_t at = ccw.address, left = ccw.count;
    while (left != 0) {
        const uint32_t n = std::min(left, backward ? at % kBlock + 1 : kBlock - at % kBlock);
        if (const Problem problem = add_piece(at, n, backward, storing); problem != Problem::none)
            return problem;
        if (pieces_.back().real == kNowhere) break;
        left -= n;
        at = backward ? at - n : at + n;
    }
    return Problem::none;
}

CcwTranslator::Problem CcwTranslator::listed_pieces(const Ccw& ccw, bool backward, bool storing,
                                                    uint8_t key) {
    uint32_t list = ccw.address, left = ccw.count;
    const uint32_t continues = backward ? kBlock - 1 : 0;
    while (left != 0) {
        uint8_t bytes[4];
        const ChannelAccess access = guest_.fetch(list, bytes, 4, key);
        const uint32_t at = access == ChannelAccess::ok ? simulation::decode_idaw(bytes) : kNowhere;
        if (access == ChannelAccess::ok)
            add_word(list, bytes, 4);
        else
            reusable_ = false;
        list_protected_ = access == ChannelAccess::protection;
        list += 4;
        if (at >= kMost24 || (!pieces_.empty() && at % kBlock != continues)) {
            pieces_.push_back({kNowhere, left});
            break;
        }
        const uint32_t n = std::min(left, backward ? at % kBlock + 1 : kBlock - at % kBlock);
        if (const Problem problem = add_piece(at, n, backward, storing); problem != Problem::none)
            return problem;
        if (pieces_.back().real == kNowhere) break;
        left -= n;
    }
    return Problem::none;
}

CcwTranslator::Problem CcwTranslator::add_piece(uint32_t absolute, uint32_t bytes, bool backward,
                                                bool storing) {
    if (absolute >= guest_.size()) {
        pieces_.push_back({kNowhere, bytes});
        return Problem::none;
    }
    uint32_t real = 0;
    const Problem problem = lock(absolute, storing, real);
    if (problem != Problem::none) return problem;
    pieces_.push_back({real, bytes});
    if (storing) {
        const uint32_t begin = backward ? absolute + 1 - bytes : absolute;
        inputs_.push_back({begin, begin + bytes});
    }
    return Problem::none;
}

CcwTranslator::Problem CcwTranslator::lock(uint32_t absolute, bool storing, uint32_t& real) {
    const SecondLevel at = guest_.real_of(absolute);
    const uint32_t page = absolute & ~(kPage - 1);
    GuestStorage& storage = guest_.storage();
    const bool locked =
        std::any_of(locked_.begin(), locked_.end(), [page](const Kept& kept) { return kept.page == page; });
    if (!locked && (locked_.size() >= kMostPages || !frames_.may_lock_for_io())) return Problem::no_room;
    if (SharedSegment* const segment = storage.shared(at)) {
        reusable_ = false;
        guest_.on_shared_access(*segment, storing);
    }
    auto frame = storage.try_resident(at);
    if (!frame) {
        if (!locked) frames_.unlocked_for_io();
        return Problem::exhausted;
    }
    if (frame->value >= kMost24) {  // a channel has 24 address bits
        frame = storage.move_below_16m(at);
        guest_.on_page_moved();
    }
    real = frame->value;
    if (locked) return Problem::none;
    storage.lock(guest_.real_of(page));
    locked_.push_back({page, real & ~(kPage - 1)});
    return Problem::none;
}

}  // namespace vmcp
