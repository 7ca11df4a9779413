#include "simulation/devices/fba_disk.hpp"

#include <algorithm>

#include "simulation/devices/fba_codes.hpp"
#include "simulation/images/byte_order.hpp"

namespace simulation {

using images::big16;
using images::big32;
using images::put_big16;
using images::put_big32;

namespace {

using namespace fba;
// The mask of define extent: what may be written; bits that must be zeros, among them those for the cylinder
// that only customer engineers use and for diagnostics.
constexpr uint8_t kMaskWrites = 0xC0, kMaskNoWrites = 0x40, kMaskWrong = 0x80, kMaskZeros = 0x3F;
constexpr uint8_t kFileProtected = 0x04, kWriteInhibited = 0x02;  // sense byte 1
constexpr uint8_t kEnvironmental = 0x10;                          // sense byte 2
// Sense byte 7.
constexpr uint8_t kWrongCommand = 1, kWrongSequence = 2, kShortCount = 3, kWrongData = 4, kStatistics = 0x60;

constexpr uint32_t kBlocksOfTrack = 62, kTracksOfPosition = 12, kPositions = 750;
constexpr uint32_t kBlock = images::FbaImage::kBlockSize;

}  // namespace

void FbaDisk::mount(std::unique_ptr<images::FbaImage> image) {
    if (image_ && abandon_transfer()) end_with_check(kSenseInterventionRequired, 0, 0);
    image_ = std::move(image);
    if (image_) announce_ready();
}

void FbaDisk::mount(const Medium& medium) {
    mount(nullptr);  // a file may be mounted again
    if (medium.file.empty()) return;
    const auto access = medium.read_only ? images::Access::read : images::Access::write;
    mount(medium.overlay.empty() ? images::open_fba(medium.file, access)
                                 : images::open_fba_with_overlay(medium.file, medium.overlay));
}

void FbaDisk::clear(uint32_t first_block, uint32_t count) {
    const std::vector<uint8_t> zeros(kBlock);
    for (uint32_t block = first_block; block < first_block + count; ++block) image_->write(block, zeros);
}

void FbaDisk::set_filter(std::shared_ptr<images::BlockFilter> filter, uint32_t first, uint32_t count) {
    std::erase_if(filtered_, [first](const Filtered& one) { return one.first == first; });
    if (filter) filtered_.push_back({first, count, std::move(filter)});
}

uint8_t FbaDisk::give_soon(std::vector<uint8_t> bytes) {
    after(timing().control, [this, bytes = std::move(bytes)] {
        path().give(bytes);
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

uint8_t FbaDisk::note(uint8_t sense0, uint8_t sense1, uint8_t message) {
    check(sense0);
    set_sense(1, sense1);
    set_sense(4, path().unit_address() & 7);
    // Where the arm stands, and the format with the message.
    set_sense(5, static_cast<uint8_t>(state_.position >> 8));
    set_sense(6, static_cast<uint8_t>(state_.position));
    set_sense(7, message);
    return kUnitCheck;
}

uint8_t FbaDisk::reject(uint8_t message) { return note(kSenseCommandReject, 0, message); }

void FbaDisk::end_with_check(uint8_t sense0, uint8_t sense1, uint8_t message) {
    note(sense0, sense1, message);
    present(kChannelEnd | kDeviceEnd | kUnitCheck);
}

/// Statistics of use (format 6), which are zero again after that.
uint8_t FbaDisk::give_log() {
    std::vector<uint8_t> log(kMostSense);
    log[2] = kEnvironmental;
    log[7] = kStatistics;
    put_big32(&log[8], state_.logged_blocks);
    put_big16(&log[16], std::min<uint32_t>(state_.logged_seeks, 0xFFFF));
    state_.logged_blocks = state_.logged_seeks = 0;
    return give_soon(std::move(log));
}

uint8_t FbaDisk::start(uint8_t command) {
    if (command == kNoOperation) return kChannelEnd | kDeviceEnd;
    if (command == kSenseId) return give_soon({0xFF, 0x38, 0x80, 0x01, 0x33, 0x70, 0x00});
    if (!image_) return note(kSenseInterventionRequired, 0, 0);
    // What a locate asked for is for the command that follows it at once.
    const uint8_t operation = std::exchange(state_.operation, 0);
    switch (command) {
        case kReserve:
        case kRelease:
        case kUnconditionalReserve:
            return state_.extent != State::Extent::none ? reject(kWrongSequence)
                                                        : give_soon(std::vector<uint8_t>(kMostSense));
        case kReadLog: return give_log();
        case kCharacteristics: {
            std::vector<uint8_t> c(32);
            c[0] = 0x30;  // overrunnable, burst mode
            c[1] = 0x08;  // data chaining
            c[2] = 0x21;  // direct access, fixed block
            c[3] = 0x02;  // 3370
            put_big16(&c[4], kBlock);
            put_big32(&c[6], kBlocksOfTrack);
            put_big32(&c[10], kBlocksOfTrack * kTracksOfPosition);
            put_big32(&c[14], image_->blocks());
            return give_soon(std::move(c));
        }
        case kReadIpl: return state_.extent == State::Extent::defined ? reject(kWrongSequence) : read_ipl();
        case kDefineExtent:
            return state_.extent == State::Extent::defined ? reject(kWrongSequence) : define_extent();
        case kLocate: return state_.extent == State::Extent::none ? reject(kWrongSequence) : locate();
        case kRead:
            if (operation != kLocateRead && operation != kLocateReplicated) return reject(kWrongSequence);
            return read(state_.block, state_.blocks, 0);  // the locate waited for the block
        case kWrite:
            if (operation != kLocateWrite && operation != kLocateWriteVerify) return reject(kWrongSequence);
            return write(operation == kLocateWriteVerify);
        default: return reject(kWrongCommand);
    }
}

uint8_t FbaDisk::read_ipl() {
    state_.extent = State::Extent::whole_disk;
    state_.mask = 0;
    state_.offset = state_.first = 0;
    state_.last = static_cast<uint32_t>(image_->blocks() - 1);
    return read(0, 1, reach(0));
}

uint8_t FbaDisk::define_extent() {
    after(timing().control, [this] {
        std::array<uint8_t, 16> p{};
        const uint32_t n = path().take(p);
        if (n < p.size()) return end_with_check(kSenseCommandReject, 0, kShortCount);
        state_.mask = p[0];
        state_.offset = big32(&p[4]);
        state_.first = big32(&p[8]);
        state_.last = big32(&p[12]);
        const uint64_t end = uint64_t{state_.offset} + (state_.last - state_.first);
        const bool zeros = (state_.mask & kMaskZeros) == 0 && p[1] == 0 && p[2] == 0 && p[3] == 0;
        if (!zeros || (state_.mask & kMaskWrites) == kMaskWrong || state_.last < state_.first ||
            end >= image_->blocks())
            return end_with_check(kSenseCommandReject, 0, kWrongData);
        state_.extent = State::Extent::defined;
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

/// Moves the arm; answers how long it takes until the block comes.
SimTime FbaDisk::reach(uint32_t block) {
    const uint32_t position = block / (kBlocksOfTrack * kTracksOfPosition);
    const uint32_t distance =
        position > state_.position ? position - state_.position : state_.position - position;
    state_.position = position;
    if (distance != 0) ++state_.logged_seeks;
    const SimTime seek = disk_.seek(distance, kPositions);
    const SimTime phase = (queue().now() + seek) % disk_.rotation;
    const SimTime target = disk_.rotation * (block % kBlocksOfTrack) / kBlocksOfTrack;
    return seek + (target >= phase ? target - phase : target - phase + disk_.rotation);
}

uint8_t FbaDisk::locate() {
    after(timing().control, [this] {
        std::array<uint8_t, 8> p{};
        const uint32_t n = path().take(p);
        if (n < p.size()) return end_with_check(kSenseCommandReject, 0, kShortCount);
        const uint8_t operation = p[0];
        state_.blocks = big16(&p[2]);
        const uint32_t displacement = big32(&p[4]);
        const bool writes = operation == kLocateWrite || operation == kLocateWriteVerify;
        const bool known = writes || operation == kLocateRead || operation == kLocateReplicated;
        // Data that was written several times in a row: byte 1 tells over how many blocks.
        const bool good_copies =
            operation != kLocateReplicated || (p[1] != 0 && state_.blocks != 0 && p[1] % state_.blocks == 0);
        if (!known || state_.blocks == 0 || !good_copies)
            return end_with_check(kSenseCommandReject, 0, kWrongData);
        if (writes && (state_.mask & kMaskWrites) == kMaskNoWrites)
            return end_with_check(kSenseCommandReject, 0, kWrongSequence);
        if (writes && !image_->writable()) return end_with_check(kSenseCommandReject, kWriteInhibited, 0);
        const uint32_t span = operation == kLocateReplicated ? p[1] : state_.blocks;
        if (displacement < state_.first || displacement > state_.last ||
            span - 1 > state_.last - displacement)
            return end_with_check(0, kFileProtected, 0);
        state_.operation = operation;
        state_.block = state_.offset + (displacement - state_.first);
        end_transfer_then(reach(state_.block));
    });
    return 0;
}

template <class Do>
void FbaDisk::through_filters(uint32_t block, std::span<uint8_t> bytes, Do what) {
    if (filtered_.empty()) return;
    for (; !bytes.empty(); bytes = bytes.subspan(kBlock), ++block)
        for (const Filtered& one : filtered_)
            if (block - one.first < one.count) what(*one.filter, block - one.first, bytes.first(kBlock));
}

uint8_t FbaDisk::read(uint32_t block, uint32_t blocks, SimTime wait) {
    after(wait + disk_.pass(int64_t{blocks} * kBlock), [this, block, blocks] {
        std::vector<uint8_t> bytes(kBlock);
        for (uint32_t i = 0; i < blocks; ++i) {
            image_->read(block + i, bytes);
            through_filters(block + i, bytes,
                            [](auto& filter, uint32_t n, auto passing) { filter.read(n, passing); });
            ++state_.logged_blocks;
            if (path().give(bytes) < kBlock) break;
        }
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

uint8_t FbaDisk::write(bool verify) {
    // To verify, the blocks are read in the turn after.
    const SimTime pass = disk_.pass(int64_t{state_.blocks} * kBlock);
    after(pass, [this, verify, pass] {
        std::vector<uint8_t> bytes(size_t{state_.blocks} * kBlock);
        path().take(bytes);
        through_filters(state_.block, bytes,
                        [](auto& filter, uint32_t n, auto passing) { filter.written(n, passing); });
        image_->write(state_.block, bytes);
        if (!verify) return present(kChannelEnd | kDeviceEnd);
        end_transfer_then((pass / disk_.rotation + 1) * disk_.rotation);
    });
    return 0;
}

}  // namespace simulation
