#include "simulation/devices/tape_drive.hpp"

#include <algorithm>

#include "simulation/model/machine_model.hpp"

namespace simulation {

using images::TapeImage;

namespace {

constexpr uint8_t kWrite = 0x01, kRead = 0x02, kNoOperation = 0x03, kReadBackward = 0x0C;
constexpr uint8_t kRewind = 0x07, kRewindUnload = 0x0F, kEraseGap = 0x17, kWriteMark = 0x1F;
constexpr uint8_t kBackBlock = 0x27, kBackFile = 0x2F, kForwardBlock = 0x37, kForwardFile = 0x3F;
constexpr uint8_t kDataSecurityErase = 0x97, kTrackInError = 0x1B;
constexpr uint8_t kSenseId = 0xE4, kReserve = 0xF4, kRelease = 0xD4;
constexpr uint8_t kDiagnostics[] = {0x0B, 0x4B, 0x8B};

constexpr uint8_t kWordCountZero = 0x02;  // sense byte 0: a write for which no byte came
// Sense byte 1.
constexpr uint8_t kReady = 0x40, kNotReady = 0x20, kLoadPoint = 0x08, kWriteStatus = 0x04, kProtected = 0x02;
// Sense bytes 2 to 6. The 2400 (at 800 bytes an inch) names a track that is in error; both bits: none.
constexpr uint8_t kNoTrackInError = 0x03;
constexpr uint8_t kPhaseEncoded = 0x04, kBackward = 0x02;  // byte 3
constexpr uint8_t kTapeIndicate = 0x20;                    // byte 4: behind the end-of-tape marker
constexpr uint8_t kNewSubsystem = 0xC0;                    // byte 5: this is a 3803
constexpr uint8_t kModel7 = 0x03;                          // byte 6

constexpr SimTime kGivesUp = kSecond;          // looking for a block (assumed)
constexpr SimTime kUnload = 2 * kSecond;       // (assumed)
constexpr int64_t kReel = int64_t{2400} * 12;  // inches up to the end-of-tape marker
constexpr int64_t kErasedGap = 4;              // inches (assumed)

bool mode_set(uint8_t command) {
    return (command & 7) == 3 &&
           std::find(std::begin(kDiagnostics), std::end(kDiagnostics), command) == std::end(kDiagnostics);
}

}  // namespace

TapeTiming TapeTiming::of(const MachineModel& model, std::string_view type) {
    const auto figure = [&](std::string_view name) { return model.device(type, name).value; };
    TapeTiming timing;
    timing.bytes_per_second = figure("bytes_per_second");
    timing.start = figure("start_us") * kMicrosecond;
    timing.gap = figure("gap_us") * kMicrosecond;
    timing.bytes_per_inch = figure("bytes_per_inch");
    timing.rewind_inches_per_second = figure("rewind_inches_per_second");
    return timing;
}

TapeDrive::TapeDrive(TapeModel model, TapeTiming timing)
    : Device({}, model == TapeModel::t2400 ? 6 : kMostSense), model_(model), tape_timing_(timing) {}

void TapeDrive::mount(std::unique_ptr<TapeImage> tape, bool ring) {
    if (tape_ && abandon_transfer()) present(kChannelEnd | kDeviceEnd | check(kSenseInterventionRequired));
    tape_ = std::move(tape);
    state_.ring = tape_ && ring && tape_->writable();
    state_.wrote = state_.backward = false;
    if (!tape_) return;
    tape_->rewind();
    announce_ready();
}

void TapeDrive::mount(const Medium& medium) {
    refuse_overlay(medium);
    mount(nullptr);  // a file may be mounted again
    if (medium.file.empty()) return;
    mount(std::make_unique<TapeImage>(medium.file,
                                      medium.read_only ? images::Access::read : images::Access::write));
}

bool TapeDrive::behind_marker() const {
    return static_cast<int64_t>(tape_->position()) / tape_timing_.bytes_per_inch >= kReel;
}

void TapeDrive::complete_sense(Sense& sense) const {
    const bool t3420 = model_ == TapeModel::t3420;
    if (t3420) {
        sense[5] = kNewSubsystem;
        sense[6] = kModel7;
    } else {
        sense[2] = kNoTrackInError;
    }
    sense[3] = (t3420 ? kPhaseEncoded : 0) | (state_.backward ? kBackward : 0);
    sense[1] = kNotReady;
    if (!tape_) return;
    sense[1] = kReady | (tape_->at_load_point() ? kLoadPoint : 0) | (state_.wrote ? kWriteStatus : 0) |
               (state_.ring ? 0 : kProtected);
    sense[4] = t3420 && behind_marker() ? kTapeIndicate : 0;
}

uint8_t TapeDrive::start(uint8_t command) {
    const bool erased_gap = std::exchange(state_.erased_gap, false);
    if (command == kNoOperation) return kChannelEnd | kDeviceEnd;
    if (model_ == TapeModel::t3420 && (command == kSenseId || command == kReserve || command == kRelease)) {
        static constexpr uint8_t kId[] = {0xFF, 0x38, 0x03, 0x02, 0x34, 0x20, 0x07};
        after(timing().control, [this, id = command == kSenseId] {
            path().give(id ? std::span<const uint8_t>(kId) : sense());
            present(kChannelEnd | kDeviceEnd);
        });
        return 0;
    }
    const bool writes =
        command == kWrite || command == kWriteMark || command == kEraseGap || command == kDataSecurityErase;
    const bool moves =
        command == kForwardBlock || command == kForwardFile || command == kBackBlock || command == kBackFile;
    const bool known = writes || moves || command == kRead || command == kReadBackward ||
                       command == kRewind || command == kRewindUnload || mode_set(command);
    if (!known || (command == kDataSecurityErase && (model_ == TapeModel::t2400 || !erased_gap)))
        return check(kSenseCommandReject);
    if (!tape_) return check(kSenseInterventionRequired);
    if (command == kTrackInError) {
        after(timing().control, [this] {
            uint8_t track = 0;
            path().take({&track, 1});
            present(kChannelEnd | kDeviceEnd);
        });
        return 0;
    }
    if (mode_set(command)) return kChannelEnd | kDeviceEnd;
    if (writes && !state_.ring) return check(kSenseCommandReject);
    state_.wrote = writes;
    state_.backward = command == kReadBackward || command == kBackBlock || command == kBackFile;
    if (command == kWrite) return write();
    if (command == kRead || command == kReadBackward) return read(command == kReadBackward);
    if (command == kRewind || command == kRewindUnload) return rewind(command == kRewindUnload);
    return move(command);
}

/// The unit status of a motion that found something else than a block.
uint8_t TapeDrive::failed(TapeImage::Found found, bool backward, uint8_t& status) {
    if (found == TapeImage::Found::mark) status |= kUnitException;
    if (found == TapeImage::Found::nothing) status |= check(backward ? 0 : kSenseEquipmentCheck);
    return status;
}

uint8_t TapeDrive::read(bool backward) {
    std::vector<uint8_t> block;
    const auto found = backward ? tape_->read_backward(block) : tape_->read(block);
    uint8_t status = kChannelEnd | kDeviceEnd;
    failed(found, backward, status);
    SimTime time = tape_timing_.start + tape_timing_.pass(block.size());
    if (found == TapeImage::Found::nothing) time = backward ? timing().control : kGivesUp;
    if (found == TapeImage::Found::block) ++state_.blocks_read;
    if (backward) std::reverse(block.begin(), block.end());
    after(time, [this, status, block = std::move(block)] {
        path().give(block);
        present(status);
    });
    return 0;
}

uint8_t TapeDrive::write() {
    after(tape_timing_.start, [this] {
        // The block is as long as the channel makes it.
        constexpr uint32_t kPiece = 1 << 16;
        std::vector<uint8_t> block;
        uint32_t n = kPiece;
        while (n == kPiece && block.size() + kPiece <= TapeImage::kLongestBlock) {
            block.resize(block.size() + kPiece);
            n = path().take_to_count(std::span(block).last(kPiece));
            block.resize(block.size() - kPiece + n);
        }
        uint8_t status = kChannelEnd | kDeviceEnd;
        if (block.empty()) {
            status |= check(kWordCountZero);
        } else {
            tape_->write(block);
            ++state_.blocks_written;
        }
        if (behind_marker()) status |= kUnitException;
        after(tape_timing_.pass(block.size()), [this, status] { present(status); });
    });
    return 0;
}

/// Commands that move the tape without data: channel end now, device end when it has stopped.
uint8_t TapeDrive::move(uint8_t command) {
    uint8_t status = kDeviceEnd;
    SimTime time = tape_timing_.gap;
    const uint64_t from = tape_->position();
    using Found = TapeImage::Found;
    switch (command) {
        case kForwardBlock: failed(tape_->space(), false, status); break;
        case kBackBlock: failed(tape_->space_backward(), true, status); break;
        case kForwardFile:
        case kBackFile: {
            const bool backward = command == kBackFile;
            Found found = Found::block;
            while (found == Found::block) {
                found = backward ? tape_->space_backward() : tape_->space();
                time += tape_timing_.gap;
            }
            if (found == Found::nothing) failed(found, backward, status);
            break;
        }
        case kWriteMark:
            tape_->write_mark();
            if (behind_marker()) status |= kUnitException;
            break;
        case kEraseGap:
            state_.erased_gap = true;
            if (behind_marker()) status |= kUnitException;
            time += tape_timing_.pass(static_cast<uint64_t>(kErasedGap * tape_timing_.bytes_per_inch));
            break;
        default: {  // data security erase
            tape_->erase();
            const int64_t left = kReel - static_cast<int64_t>(from) / tape_timing_.bytes_per_inch;
            time += tape_timing_.pass(
                static_cast<uint64_t>(std::max<int64_t>(left, 0) * tape_timing_.bytes_per_inch));
        }
    }
    const uint64_t to = tape_->position();
    time += tape_timing_.pass(to > from ? to - from : from - to);
    if ((status & kUnitCheck) != 0) time = command == kBackBlock ? timing().control : time + kGivesUp;
    after(time, [this, status] { present(status); });
    return kChannelEnd;
}

bool TapeDrive::rewind_by_hand() {
    if (!tape_ || busy()) return false;
    tape_->rewind();
    state_.wrote = state_.backward = false;
    present(kDeviceEnd);
    return true;
}

uint8_t TapeDrive::rewind(bool unload) {
    const int64_t inches = static_cast<int64_t>(tape_->position()) / tape_timing_.bytes_per_inch;
    const bool there = tape_->at_load_point();
    tape_->rewind();
    if (unload) {
        tape_.reset();
        after(kUnload, [this] { present(kDeviceEnd); });
        return kChannelEnd;
    }
    if (there) return kChannelEnd | kDeviceEnd;
    after(tape_timing_.gap + inches * kSecond / tape_timing_.rewind_inches_per_second,
          [this] { present(kDeviceEnd); });
    return kChannelEnd;
}

}  // namespace simulation
