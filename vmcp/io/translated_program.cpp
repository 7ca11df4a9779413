#include "vmcp/io/translated_program.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "simulation/devices/ckd_codes.hpp"
#include "simulation/devices/fba_codes.hpp"

namespace vmcp {

using simulation::Ccw;
using simulation::ChannelAccess;
using simulation::kSeek, simulation::kReadIpl, simulation::kReadData;
namespace fba = simulation::fba;

namespace {

constexpr uint32_t kAddress = 0x00FFFFFF;
constexpr uint8_t kChain = simulation::kFlagChainCommand, kSuppress = simulation::kFlagSuppressLength;
constexpr uint8_t kTransferInChannel = 0x08;

/// The channel is not to go on behind a command that is yet to go on on another piece. (What chains data
/// ends there by itself.)
void end_behind(Ccw& ccw) {
    if ((ccw.flags & simulation::kFlagChainData) != 0) return;
    ccw.flags = static_cast<uint8_t>((ccw.flags & ~kChain) | kSuppress);
}

}  // namespace

TranslatedProgram::TranslatedProgram(GuestChannelStorage& guest, const DiskExtent& extent, FrameTable& frames)
    : guest_(guest), real_(guest.storage().real()), translator_(guest, extent, frames), frames_(frames) {}

TranslatedProgram::~TranslatedProgram() { forget(); }

bool TranslatedProgram::take_area() {
    if (!has_area_) {
        const auto at = frames_.take_table(kPage, 64);
        if (!at) return false;
        area_.at = *at;
        has_area_ = true;
    }
    area_.clear();
    return true;
}

void TranslatedProgram::forget() {
    translator_.clear();
    if (std::exchange(has_area_, false)) frames_.give_back_table(area_.at, kPage);
    form_ = Form::none;
    kept_ = false;
}

void TranslatedProgram::end(bool keep) {
    told_ = {};
    if (!keep || form_ != Form::copied || positioned_ || !translator_.reusable()) return forget();
    kept_ = true;
    translator_.let_go();
    form_ = Form::none;
}

std::optional<uint64_t> TranslatedProgram::make_again(uint32_t caw, std::optional<Position> position,
                                                      uint64_t& compared) {
    const bool one_piece = translator_.extent().all == 0;
    if (!kept_ || caw != guest_caw_ || position || !one_piece) return std::nullopt;
    CcwTranslator::Renewed result = translator_.renew(static_cast<uint8_t>(caw >> 28));
    if (result.moved) {
        form_ = Form::copied;
        compared += slots_.size();
    } else {
        compared += result.compared;
        // The same program at another place: the copy will never be good again.
        if (result.stale) forget();
    }
    return result.moved;
}

bool TranslatedProgram::make(uint32_t caw, std::optional<Position> position) {
    const auto key = static_cast<uint8_t>(caw >> 28);
    const uint32_t address = caw & kAddress;
    translator_.clear();
    told_ = {};
    guest_caw_ = caw;
    positioned_ = position.has_value();
    if (!take_area()) return false;
    Problem problem = copy(address, key, position);
    if (problem == Problem::none && !(follows_changes_ && changes_itself())) {
        form_ = Form::copied;
        caw_ = uint32_t{key} << 28 | area_.at.value;
        return true;
    }
    if (problem != Problem::exhausted) {
        translator_.clear();
        problem = follow(address, key, position, std::nullopt);
    }
    if (problem != Problem::none) forget();
    return problem == Problem::none;
}

// ---- Copied ----

TranslatedProgram::Problem TranslatedProgram::copy(uint32_t address, uint8_t key,
                                                   std::optional<Position> position) {
    slots_.clear();
    links_.clear();
    starts_.clear();
    area_.clear();
    if (position) {
        const auto at = translator_.put_seek(position->cylinder, position->head, area_);
        if (!at || !put_slot(address, {kSeek, kChain | kSuppress, 6, *at}, false, true))
            return Problem::no_room;
    }
    copied_mask_ = copied_start_ = false;
    starts_.push_back(address);
    for (size_t i = 0; i < starts_.size(); ++i)
        if (!slot_of(starts_[i]))
            if (const Problem problem = copy_run(starts_[i], key); problem != Problem::none) return problem;
    // Behind a file mask a read IPL is rejected: whether it is, only whoever follows the channel knows.
    if (copied_mask_ && copied_start_) return Problem::no_room;
    for (const Link& link : links_) {
        const size_t to = *slot_of(link.target);
        if (slots_[to].chained) return Problem::no_room;
        change_slot(link.slot, {kTransferInChannel, 0, 0, area_.at.value + static_cast<uint32_t>(8 * to)});
    }
    return Problem::none;
}

/// Copies from this address on as far as the channel can come without a transfer in channel. A CCW has one
/// copy, made for one command; a program that can come to it in several ways is not copied, but followed.
TranslatedProgram::Problem TranslatedProgram::copy_run(uint32_t address, uint8_t key) {
    const DiskExtent& extent = translator_.extent();
    bool chained = false;        // the CCW is reached by data chaining
    bool may_be_passed = false;  // the one before may have the channel go on behind it
    uint8_t command = 0;
    for (;; address = (address + 8) & kAddress) {
        if (const auto there = slot_of(address)) {
            if (chained || slots_[*there].chained) return Problem::no_room;
            // A transfer in channel to where it is; to where it leads, if it is one itself.
            const auto link = std::find_if(links_.begin(), links_.end(),
                                           [&](const Link& one) { return one.slot == *there; });
            if (link != links_.end()) links_.push_back({slots_.size(), link->target});
            const uint32_t to = area_.at.value + static_cast<uint32_t>(8 * *there);
            if (!put_slot(address - 8, {kTransferInChannel, 0, 0, to}, false, true)) return Problem::no_room;
            if (!std::exchange(may_be_passed, false)) return Problem::none;
            chained = false;
            continue;
        }
        uint8_t bytes[8];
        const ChannelAccess access = guest_.fetch(address, bytes, 8, key);
        if (guest_.storage().exhausted()) return Problem::exhausted;
        if (access != ChannelAccess::ok)
            return put_slot(address, {}, access == ChannelAccess::protection) ? Problem::none
                                                                              : Problem::no_room;
        translator_.add_word(address, bytes, 8);
        Ccw ccw = simulation::decode_ccw(bytes);
        const bool passed = std::exchange(may_be_passed, false);
        if (ccw.transfers_in_channel()) {
            if (chained) return Problem::no_room;
            ++translator_.counted().control;
            const bool first = address == starts_.front() && slots_.empty();
            // Where no CCW can be, an address that is as wrong in the copy.
            const bool wrong = ccw.address % 8 != 0 || ccw.address >= guest_.size() || first;
            if (!wrong) links_.push_back({slots_.size(), ccw.address});
            if (!put_slot(address, {kTransferInChannel, 0, 0, 1})) return Problem::no_room;
            if (!wrong) starts_.push_back(ccw.address);
            if (!passed) return Problem::none;
            chained = false;
            continue;
        }
        if (is_invalid(ccw, chained)) {
            if (!put_slot(address, {ccw.command, ccw.flags, ccw.count, 0})) return Problem::no_room;
            if (!passed) return Problem::none;
            chained = false;
            continue;
        }
        if (!chained) command = ccw.command;
        const uint8_t flags = ccw.flags;
        // What depends on what came before, or is changed on its way, is not for a copy.
        if (extent.tells_size(command)) return Problem::no_room;
        if (!chained && extent.divides_blocks()) {
            if (extent.reads_start(command)) return Problem::no_room;
            if (command == fba::kDefineExtent && !extent.holds(translator_.read_argument(ccw, address, key)))
                return Problem::no_room;
        }
        if (!chained && leads_to(ccw, address, key)) return Problem::no_room;
        const uint16_t count = ccw.count;
        const bool starts = !chained && extent.reads_start(command);
        copied_start_ = copied_start_ || starts;
        copied_mask_ = copied_mask_ || (!chained && extent.sets_mask(command));
        // The channel may pass this CCW: what is behind it must be its command's own next one.
        if (passed && (starts || (flags & simulation::kFlagChainData) != 0)) return Problem::no_room;
        if (starts) {
            std::vector<Ccw> reader;
            if (const Problem problem = add_start_reader(ccw, key, reader); problem != Problem::none)
                return problem;
            const uint32_t begin = area_.at.value + static_cast<uint32_t>(8 * slots_.size());
            for (Ccw& one : reader) {
                if (one.transfers_in_channel()) one.address += begin;
                if (!put_slot(address, one, false, &one != &reader.front())) return Problem::no_room;
                if (&one != &reader.back()) slots_.back().count = count;
            }
        } else {
            const Problem problem = translator_.translate(ccw, address, command, chained, key, area_);
            if (problem != Problem::none) return problem;
            if (!put_slot(address, ccw, translator_.list_protected())) return Problem::no_room;
            slots_.back().chained = chained;
            slots_.back().count = translator_.replaced_count();
        }
        chained = (flags & simulation::kFlagChainData) != 0;
        const bool goes_on = chained || (flags & kChain) != 0;
        may_be_passed = !chained && goes_on && extent.may_skip(command);
        if (!goes_on && !passed) return Problem::none;
    }
}

bool TranslatedProgram::put_slot(uint32_t guest, const Ccw& ccw, bool unreadable, bool own) {
    if (!area_.has_room(8)) return false;
    slots_.push_back({guest & kAddress, unreadable, own});
    area_.ccws += 8;
    change_slot(slots_.size() - 1, ccw);
    return true;
}

void TranslatedProgram::change_slot(size_t slot, const Ccw& ccw) {
    uint8_t bytes[8];
    simulation::store(ccw, bytes);
    guest_.storage().real().put(area_.at.value + static_cast<uint32_t>(8 * slot), bytes, 8);
}

/// Where the copy of this CCW of the guest's is; not one of the control program's own in front of it.
std::optional<size_t> TranslatedProgram::slot_of(uint32_t guest) const {
    for (size_t i = slots_.size(); i-- > 0;)
        if (slots_[i].guest == guest && !slots_[i].own) return i;
    return std::nullopt;
}

bool TranslatedProgram::changes_itself() const {
    const auto any_in = [](const std::vector<StorageRange>& words, StorageRange input) {
        return std::any_of(words.begin(), words.end(),
                           [&](StorageRange word) { return word.overlaps(input); });
    };
    return std::any_of(translator_.inputs().begin(), translator_.inputs().end(), [&](StorageRange input) {
        return any_in(translator_.words(), input) || any_in(translator_.arguments(), input);
    });
}

/// On a minidisk the first record is not where a read IPL would go.
TranslatedProgram::Problem TranslatedProgram::add_start_reader(Ccw ccw, uint8_t key, std::vector<Ccw>& to) {
    const DiskExtent& extent = translator_.extent();
    const auto own = [&](uint8_t command, std::span<const uint8_t> bytes) {
        const auto at = translator_.put_bytes(bytes, area_);
        if (at) to.push_back({command, kChain | kSuppress, static_cast<uint16_t>(bytes.size()), *at});
        return at.has_value();
    };
    if (extent.device == DeviceClass::count_key_data) {
        // Whatever its identifier: it is the one behind record 0.
        if (!own(kSeek, extent.seek_argument(0, 0))) return Problem::no_room;
        to.push_back({simulation::kReadRecord0, kChain | kSuppress | simulation::kFlagSkip, 1, 0});
    } else {
        std::array<uint8_t, 16> extent_bytes{};
        std::array<uint8_t, 8> locate{fba::kLocateRead, 0, 0, 1};
        const auto put = [&](unsigned at, uint32_t value) {
            for (unsigned i = 0; i < 4; ++i)
                extent_bytes[at + i] = static_cast<uint8_t>(value >> (24 - 8 * i));
        };
        put(4, extent.first);
        put(12, extent.count - 1);
        if (!own(fba::kDefineExtent, extent_bytes) || !own(fba::kLocate, locate)) return Problem::no_room;
    }
    const uint8_t command = extent.device == DeviceClass::count_key_data ? kReadData : fba::kRead;
    ccw.command = command;
    to.push_back(ccw);
    const Problem problem = translator_.translate(ccw, 0, command, false, key, area_);
    if (problem == Problem::none) to.back() = ccw;
    return problem;
}

// ---- Followed ----

bool TranslatedProgram::own_are_good(Problem problem) {
    last_own_through_guest_ = problem == Problem::no_room;
    if (last_own_through_guest_) translator_.let_go();
    return problem != Problem::exhausted;
}

/// Nothing of what was followed before is in force.
void TranslatedProgram::begin_following() {
    area_.clear();
    own_.clear();
    shift_ = shift_before_ = 0;
    chained_ = list_protected_ = through_guest_ = last_own_through_guest_ = masked_ = begins_chained_ = false;
    word_offset_ = last_own_word_offset_ = 0;
    first_ccw_.reset();
    first_at_start_.reset();
    leaving_.reset();
    ends_as_.reset();
}

TranslatedProgram::Problem TranslatedProgram::follow(uint32_t address, uint8_t key,
                                                     std::optional<Position> position,
                                                     std::optional<uint8_t> mask) {
    begin_following();
    own_at_ = go_on_ = address;
    shown_ = (address + 8) & kAddress;
    masked_ = mask.has_value();
    blocks_ = {};
    uint8_t bytes[8];
    if (!masked_ && guest_.fetch(address, bytes, 8, key) == ChannelAccess::ok) {
        if (!position) first_ccw_ = encode(simulation::decode_ccw(bytes));
        const Ccw first = simulation::decode_ccw(bytes);
        if (!first.transfers_in_channel() && !is_invalid(first, false) &&
            translator_.extent().reads_start(first.command)) {
            if (const Problem problem = add_start_reader(first, key, own_); !own_are_good(problem))
                return problem;
            chained_ = (first.flags & simulation::kFlagChainData) != 0;
            command_ = own_.back().command;
            blocks_.chain.take_whole_disk(translator_.extent().size());
            go_on_ = (address + 8) & kAddress;
            position.reset();
            first_ccw_.reset();
        }
    }
    if (position) {
        const auto at = translator_.put_seek(position->cylinder, position->head, area_);
        if (!at) return Problem::no_room;
        own_.push_back({kSeek, kChain | kSuppress, 6, *at});
    }
    if (mask) {
        const auto at = translator_.put_bytes({&*mask, 1}, area_);
        if (!at) return Problem::no_room;
        own_.push_back({simulation::kSetFileMask, kChain | kSuppress, 1, *at});
    }
    for (Ccw& ccw : own_)
        if (ccw.transfers_in_channel()) ccw.address = (ccw.address + own_at_) & kAddress;
    begins_chained_ = chained_;
    first_at_start_ = first_ccw_;
    blocks_at_start_ = blocks_;
    own_data_ = area_.data;
    form_ = Form::followed;
    caw_ = uint32_t{key} << 28 | address;
    return Problem::none;
}

bool TranslatedProgram::make_rest(uint32_t caw, std::optional<uint8_t> mask) {
    const auto key = static_cast<uint8_t>(caw >> 28);
    const uint32_t address = caw & kAddress;
    translator_.clear();
    told_ = {};
    guest_caw_ = caw;
    positioned_ = true;  // the program goes on: nothing comes in front of it
    kept_ = false;
    if (!take_area()) return false;
    const Problem problem = follow(address, key, std::nullopt, mask);
    if (problem != Problem::none) forget();
    return problem == Problem::none;
}

void TranslatedProgram::begin() {
    if (form_ != Form::followed) return;
    within_own_ = !own_.empty();
    shift_ = shift_before_ = 0;
    chained_ = begins_chained_;
    first_ccw_ = first_at_start_;
    leaving_.reset();
    blocks_ = blocks_at_start_;
}

bool TranslatedProgram::make_ipl() {
    translator_.clear();
    told_ = {};
    kept_ = false;
    if (!take_area()) return false;
    begin_following();
    blocks_ = {};
    blocks_.chain.take_whole_disk(translator_.extent().size());
    blocks_at_start_ = blocks_;
    own_at_ = 0;
    go_on_ = shown_ = 8;
    const Ccw implied = {kReadIpl, kChain | kSuppress, 24, 0};
    Problem problem = Problem::none;
    if (translator_.extent().reads_start(kReadIpl)) {
        problem = add_start_reader(implied, 0, own_);
    } else {
        Ccw translated = implied;
        problem = translator_.translate(translated, 0, kReadIpl, false, 0, area_);
        own_.push_back(problem == Problem::none ? translated : implied);
    }
    if (!own_are_good(problem)) {
        forget();
        return false;
    }
    within_own_ = true;
    own_data_ = area_.data;
    form_ = Form::followed;
    caw_ = 0;
    return true;
}

ChannelAccess TranslatedProgram::fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t key) {
    if (!through_guest_) return real_.fetch(address, out, length, key);
    const ChannelAccess access = guest_.fetch(address, out, length, key);
    // The first word of a list that is begun in the middle of a block.
    if (const uint32_t offset = std::exchange(word_offset_, 0); offset != 0 && access == ChannelAccess::ok) {
        const uint32_t word = simulation::decode_idaw(out) + offset;
        for (unsigned i = 0; i < 4; ++i) out[i] = static_cast<uint8_t>(word >> (24 - 8 * i));
    }
    return access;
}

ChannelAccess TranslatedProgram::store(uint32_t address, const uint8_t* in, uint32_t length, uint8_t key) {
    std::array<uint8_t, simulation::kBlock> changed;
    if (!within_own_ && translator_.extent().tells_size(command_)) {
        std::copy_n(in, length, changed.begin());
        translator_.extent().tell_size(told_bytes_ + told_stored_, {changed.data(), length});
        told_stored_ += length;
        in = changed.data();
    }
    return through_guest_ ? guest_.store(address, in, length, key) : real_.store(address, in, length, key);
}

ChannelAccess TranslatedProgram::fetch_ccw(uint32_t address, uint8_t* out, uint8_t key) {
    if (within_own_) {
        const uint32_t index = ((address - own_at_) & kAddress) / 8;
        if (index < own_.size()) {
            through_guest_ = last_own_through_guest_ && index + 1 == own_.size();
            word_offset_ = through_guest_ ? last_own_word_offset_ : 0;
            simulation::store(own_[index], out);
            return ChannelAccess::ok;
        }
        within_own_ = false;
        shift_ = (address - go_on_) & kAddress;
    }
    return guest_ccw(address, out, key);
}

/// In the middle of a chain the channel gets CCWs of the control program's own in the place of a read IPL.
ChannelAccess TranslatedProgram::start_reader(uint32_t at, uint32_t address, const Ccw& ccw, uint8_t* out,
                                              uint8_t key) {
    own_.clear();
    const Problem problem = add_start_reader(ccw, key, own_);
    if (!own_are_good(problem) || own_.size() < 2) {
        exhausted_ = exhausted_ || problem == Problem::exhausted;
        return ChannelAccess::addressing;
    }
    for (Ccw& one : own_)
        if (one.transfers_in_channel()) one.address = (one.address + at) & kAddress;
    own_at_ = at;
    go_on_ = shown_ = (address + 8) & kAddress;
    within_own_ = true;
    command_ = own_.back().command;
    tell_followed();
    simulation::store(own_.front(), out);
    return ChannelAccess::ok;
}

/// `at`: as the channel has it, which may be shifted.
ChannelAccess TranslatedProgram::guest_ccw(uint32_t at, uint8_t* out, uint8_t key) {
    const uint32_t address = (at - shift_) & kAddress;
    translator_.forget();
    list_protected_ = through_guest_ = false;
    word_offset_ = 0;
    shown_count_.reset();
    area_.data = own_data_;
    const ChannelAccess access = guest_.fetch(address, out, 8, key);
    if (access != ChannelAccess::addressing) shift_before_ = 0;
    if (access != ChannelAccess::ok) return access;
    Ccw ccw = simulation::decode_ccw(out);
    on_guest_ccw(ccw);
    // Where the arm must be was found out for the first CCW as it was at START I/O; another one that has come
    // in its place meanwhile is not carried out.
    const auto first = std::exchange(first_ccw_, std::nullopt);
    if (first && *first != encode(ccw) && translator_.extent().needs_position(ccw.command)) {
        ccw.command = DiskExtent::kNoCommand;
        ccw.flags = 0;
        simulation::store(ccw, out);
    }
    if (ccw.transfers_in_channel()) {
        ++translator_.counted().control;
        shift_before_ = std::exchange(shift_, 0);
        return access;
    }
    if (is_invalid(ccw, chained_)) return access;
    const bool chained = chained_;
    if (!chained) command_ = ccw.command;
    chained_ = (ccw.flags & simulation::kFlagChainData) != 0;
    const bool of_blocks = translator_.extent().divides_blocks();
    if (!chained)
        if (const auto cylinder = of_blocks ? note_blocks(ccw, address, key) : leads_to(ccw, address, key)) {
            leaving_ = Leaving{address, *cylinder};
            simulation::store(Ccw{simulation::kNoOperation, kSuppress, 1, 0}, out);
            return ChannelAccess::ok;
        }
    const bool out_of_order = of_blocks && blocks_.chain.state == BlockChain::Extent::defined;
    if (!chained && translator_.extent().reads_start(command_) && !out_of_order) {
        if (!masked_) return start_reader(at, address, ccw, out, key);
        ccw.command = command_ = DiskExtent::kNoCommand;  // behind a file mask it is rejected
    }
    masked_ = masked_ || translator_.extent().sets_mask(command_);
    told_bytes_ = chained ? told_bytes_ + told_count_ : 0;
    told_count_ = ccw.count;
    told_stored_ = 0;
    blocks_.ccw = ccw;
    if (blocks_.under_way && blocks_.rest.count != 0) end_behind(ccw);
    const Ccw as_it_was = {translator_.extent().allowed(ccw.command), ccw.flags, ccw.count, ccw.address};
    Problem problem = translator_.translate(ccw, address, command_, chained, key, area_);
    if (problem == Problem::no_room && translator_.extent().argument(command_) == 0) {
        translator_.let_go();
        through_guest_ = true;
        ccw = as_it_was;
        problem = Problem::none;
    }
    if (problem != Problem::none) {
        exhausted_ = exhausted_ || problem == Problem::exhausted;
        return ChannelAccess::addressing;
    }
    simulation::store(ccw, out);
    list_protected_ = translator_.list_protected();
    shown_count_ = translator_.replaced_count();
    tell_followed();
    return ChannelAccess::ok;
}

// ---- Blocks in several pieces ----

/// Notes what the command, which is not chained to another one, says of blocks; answers one of the piece on
/// which it has to be carried out, in a request that begins with it.
std::optional<uint32_t> TranslatedProgram::note_blocks(const Ccw& ccw, uint32_t address, uint8_t key) {
    using Extent = BlockChain::Extent;
    const DiskExtent& extent = translator_.extent();
    BlockChain& chain = blocks_.chain;
    const Blocks rest = std::exchange(blocks_.rest, {});
    blocks_.under_way = blocks_.zeros = blocks_.chains = false;
    switch (ccw.command) {
        case fba::kRead:
        case fba::kWrite:
            blocks_.rest = rest;
            blocks_.under_way = rest.count != 0;
            break;
        case fba::kReadIpl:
        case fba::kDefineExtent: {
            if (chain.state == Extent::defined) break;  // it is rejected
            if (chain.state == Extent::whole_disk) {
                // It may follow a read IPL, but not the define extent that this has become.
                chain = {};
                return extent.base;
            }
            const auto argument = translator_.read_argument(ccw, address, key);
            if (const auto block = extent.leads_to(ccw.command, argument)) return block;
            if (ccw.command == fba::kReadIpl) {
                chain.take_whole_disk(extent.size());
            } else if (argument.size() == BlockExtent::kSize) {
                chain.state = Extent::defined;
                chain.extent = BlockExtent::of(argument);
            }
            break;
        }
        case fba::kLocate: {
            const auto blocks = chain.located(translator_.read_argument(ccw, address, key));
            if (!blocks) break;
            if (!extent.has(blocks->begin)) return blocks->begin;
            const uint32_t here = std::min(blocks->count, extent.base + extent.count - blocks->begin);
            blocks_.rest = {blocks->operation, blocks->begin + here, blocks->count - here};
            // What was written is verified when all of it has been.
            const bool plain = blocks_.rest.count != 0 && blocks->operation == fba::kLocateWriteVerify;
            translator_.replace_argument(
                chain.locate({plain ? fba::kLocateWrite : blocks->operation, blocks->begin, here}));
            break;
        }
        default: break;
    }
    return std::nullopt;
}

std::optional<TranslatedProgram::Rest> TranslatedProgram::rest_behind(const simulation::Csw& seen) {
    using simulation::kProgramCheck, simulation::kProtectionCheck, simulation::kIncorrectLength;
    if (form_ != Form::followed) return std::nullopt;
    if (leaving_) {
        if ((seen.channel_status & ~simulation::kProgramControlled) != 0) return std::nullopt;
        return Rest{leaving_->cylinder, leaving_->ccw};
    }
    if (!blocks_.under_way || blocks_.rest.count == 0) return std::nullopt;
    Rest rest{blocks_.rest.begin, seen.ccw_address, Rest::First::zeros};
    if (!blocks_.zeros) {
        const bool checked = (seen.channel_status & (kProgramCheck | kProtectionCheck)) != 0;
        if (!checked && seen.count != 0) {
            rest.first = Rest::First::data;
            rest.done = blocks_.ccw.count - seen.count;
            return rest;
        }
        // The channel had no more, or had no room for more, than what lies here.
        const bool wrong_length = !checked && (blocks_.ccw.flags & kSuppress) == 0;
        blocks_.chains = !checked && !wrong_length && (blocks_.ccw.flags & kChain) != 0;
        if (wrong_length || checked) {
            ends_as_ = seen;
            ends_as_->channel_status &= static_cast<uint8_t>(~simulation::kProgramControlled);
            if (wrong_length) ends_as_->channel_status |= kIncorrectLength;
        }
        blocks_.zeros = command_ == fba::kWrite;
    }
    rest.chains = blocks_.chains;
    if (blocks_.zeros) return rest;
    blocks_.rest = {};
    blocks_.under_way = false;
    if (!rest.chains) return std::nullopt;
    return Rest{translator_.extent().base, seen.ccw_address};
}

bool TranslatedProgram::make_rest(const Rest& rest) {
    const auto key = static_cast<uint8_t>(guest_caw_ >> 28);
    translator_.clear();
    positioned_ = true;  // as above
    kept_ = false;
    if (!take_area()) return false;
    const Problem problem = follow_rest(rest, key);
    told_ = translator_.counts();
    if (problem != Problem::none) forget();
    return problem == Problem::none;
}

/// In front of the rest comes what the guest's chain had said before of the extent, and of the blocks.
TranslatedProgram::Problem TranslatedProgram::follow_rest(const Rest& rest, uint8_t key) {
    const auto ends_as = ends_as_;
    begin_following();
    ends_as_ = ends_as;
    own_at_ = go_on_ = rest.ccw;
    shown_ = rest.first == Rest::First::nothing ? (rest.ccw + 8) & kAddress : rest.ccw;
    const DiskExtent& extent = translator_.extent();
    const auto add = [&](uint8_t command, std::span<const uint8_t> argument) {
        const auto at = translator_.put_bytes(argument, area_);
        if (at) own_.push_back({command, kChain | kSuppress, static_cast<uint16_t>(argument.size()), *at});
        ++translator_.counted().relocated;
        return at.has_value();
    };
    if (blocks_.chain.state != BlockChain::Extent::none) {
        const auto here = blocks_.chain.extent.part(extent.base, extent.count, extent.first);
        if (here && !add(fba::kDefineExtent, here->argument())) return Problem::no_room;
    }
    if (rest.first != Rest::First::nothing) {
        Blocks& left = blocks_.rest;
        Blocks here = left;
        here.count = std::min(left.count, extent.base + extent.count - left.begin);
        left.begin += here.count;
        left.count -= here.count;
        const bool more = left.count != 0;
        if (more && here.operation == fba::kLocateWriteVerify) here.operation = fba::kLocateWrite;
        if (!add(fba::kLocate, blocks_.chain.locate(here))) return Problem::no_room;
        if (const Problem problem = add_rest(rest, key, more); problem != Problem::none) return problem;
    }
    blocks_at_start_ = blocks_;
    own_data_ = area_.data;
    form_ = Form::followed;
    caw_ = uint32_t{key} << 28 | rest.ccw;
    return Problem::none;
}

/// The read or write itself. `more`: it is yet to go on on a further piece.
TranslatedProgram::Problem TranslatedProgram::add_rest(const Rest& rest, uint8_t key, bool more) {
    if (rest.first == Rest::First::zeros) {
        // A disk writes zeros where the channel gives nothing; one byte has to be there.
        const uint8_t zero = 0;
        const auto at = translator_.put_bytes({&zero, 1}, area_);
        if (!at) return Problem::no_room;
        const uint8_t chain = rest.chains && !more ? kChain : uint8_t{0};
        own_.push_back({fba::kWrite, static_cast<uint8_t>(chain | kSuppress), 1, *at});
        return Problem::none;
    }
    Ccw ccw = blocks_.ccw;
    ccw.command = command_;
    ccw.flags &= static_cast<uint8_t>(~simulation::kFlagProgramControlled);  // it has been told of
    chained_ = begins_chained_ = (ccw.flags & simulation::kFlagChainData) != 0;
    if (more) end_behind(ccw);
    Ccw translated = ccw;
    const Problem problem = translator_.translate_rest(translated, rest.done, key, area_);
    if (!own_are_good(problem)) return problem;
    list_protected_ = translator_.list_protected();
    if (problem == Problem::no_room)
        go_through_guest(ccw, rest.done, key);
    else
        ccw = translated;
    own_.push_back(ccw);
    return Problem::none;
}

/// Makes it begin behind the bytes that have been moved, where not all of its pages can be kept.
void TranslatedProgram::go_through_guest(Ccw& ccw, uint32_t done, uint8_t key) {
    ccw.command = translator_.extent().allowed(ccw.command);
    ccw.count = static_cast<uint16_t>(ccw.count - done);
    if ((ccw.flags & simulation::kFlagIndirect) == 0) {
        ccw.address += done;
        return;
    }
    uint8_t word[4] = {};
    guest_.fetch(ccw.address, word, 4, key);
    const uint32_t in_first = simulation::kBlock - simulation::decode_idaw(word) % simulation::kBlock;
    last_own_word_offset_ = done;
    if (done < in_first) return;
    ccw.address += 4 + 4 * ((done - in_first) / simulation::kBlock);
    last_own_word_offset_ = (done - in_first) % simulation::kBlock;
}

// ---- Costs ----

void TranslatedProgram::tell_followed() {
    const CcwTranslator::Counts& all = translator_.counts();
    on_followed({all.control - told_.control, all.data - told_.data, all.crossings - told_.crossings,
                 all.relocated - told_.relocated});
    told_ = all;
}

// ---- Afterwards ----

simulation::Csw TranslatedProgram::untranslate(simulation::Csw csw) const {
    if (form_ == Form::followed) {
        csw.ccw_address = within_own_ ? shown_ : (csw.ccw_address - shift_ - shift_before_) & kAddress;
        if (!within_own_ && shown_count_) csw.count = *shown_count_;
        if (ends_as_) {
            csw.ccw_address = ends_as_->ccw_address;
            csw.count = ends_as_->count;
            csw.channel_status = static_cast<uint8_t>((csw.channel_status & simulation::kProgramControlled) |
                                                      ends_as_->channel_status);
        }
        if (list_protected_ && (csw.channel_status & simulation::kProgramCheck) != 0)
            csw.channel_status ^= simulation::kProgramCheck | simulation::kProtectionCheck;
        return csw;
    }
    if (form_ != Form::copied) return csw;
    const uint32_t slot = (csw.ccw_address - area_.at.value) / 8;
    if (slot == 0 || slot > slots_.size()) return csw;
    const Slot& last = slots_[slot - 1];
    csw.ccw_address = (last.guest + 8) & kAddress;
    if (last.count) csw.count = *last.count;
    if (last.unreadable && (csw.channel_status & simulation::kProgramCheck) != 0)
        csw.channel_status ^= simulation::kProgramCheck | simulation::kProtectionCheck;
    return csw;
}

std::vector<TranslatedProgram::Pair> TranslatedProgram::pairs() const {
    std::vector<Pair> all;
    if (form_ != Form::copied) return all;
    simulation::RealStorage& real = guest_.storage().real();
    for (size_t i = 0; i < slots_.size(); ++i) {
        Pair pair;
        pair.guest_address = slots_[i].guest;
        pair.own = slots_[i].own;
        pair.real_address = area_.at.value + static_cast<uint32_t>(8 * i);
        const auto ccw_at = [&](uint32_t at) { return simulation::decode_ccw(real.get64(at)); };
        pair.real = ccw_at(pair.real_address);
        if (const auto at = guest_.storage().locate(guest_.real_of(pair.guest_address)))
            pair.guest = ccw_at(at->value);
        all.push_back(pair);
    }
    return all;
}

}  // namespace vmcp
