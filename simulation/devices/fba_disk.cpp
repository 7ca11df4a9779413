#include "simulation/devices/fba_disk.hpp"

#include "simulation/images/byte_order.hpp"

namespace simulation {

using images::big16;
using images::put_big16;

namespace {

constexpr uint8_t kReadIpl = 0x02, kNoOperation = 0x03, kWrite = 0x41, kRead = 0x42, kLocate = 0x43;
constexpr uint8_t kDefineExtent = 0x63, kCharacteristics = 0x64, kRelease = 0x94, kReadLog = 0xA4;
constexpr uint8_t kReserve = 0xB4, kSenseId = 0xE4;
// The operation of a locate.
constexpr uint8_t kLocateWrite = 1, kLocateReplicated = 2, kLocateWriteVerify = 5, kLocateRead = 6;
// The mask of define extent.
constexpr uint8_t kMaskWrites = 0xC0, kMaskNoWrites = 0x40, kMaskWrong = 0x80;
constexpr uint8_t kFileProtected = 0x04, kWriteInhibited = 0x02;  // sense byte 1

constexpr uint32_t kBlocksOfTrack = 62, kTracksOfPosition = 12, kPositions = 750;
constexpr uint32_t kBlock = images::FbaImage::kBlockSize;

uint32_t big32(const uint8_t* p) { return uint32_t{big16(p)} << 16 | big16(p + 2); }
void put_big32(uint8_t* p, uint32_t value) {
    put_big16(p, value >> 16);
    put_big16(p + 2, value & 0xFFFF);
}

}  // namespace

void FbaDisk::mount(std::unique_ptr<images::FbaImage> image) {
    image_ = std::move(image);
    if (image_ && connected() && !busy()) present(kDeviceEnd);
}

uint8_t FbaDisk::give_soon(std::vector<uint8_t> bytes) {
    after(timing().control, [this, bytes = std::move(bytes)] {
        path().give(bytes);
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

void FbaDisk::end_with_check(uint8_t sense0, uint8_t sense1) {
    check(sense0);
    set_sense(1, sense1);
    present(kChannelEnd | kDeviceEnd | kUnitCheck);
}

uint8_t FbaDisk::start(uint8_t command) {
    const bool first = std::exchange(first_command_, false);
    if (command == kNoOperation) return kChannelEnd | kDeviceEnd;
    if (command == kSenseId) return give_soon({0xFF, 0x38, 0x80, 0x01, 0x33, 0x70, 0x00});
    if (!image_) return check(kSenseInterventionRequired);
    switch (command) {
        case kReserve:
        case kRelease:
        case kReadLog: return give_soon(std::vector<uint8_t>(kMostSense));
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
        case kReadIpl: return first ? read(0, 1, reach(0)) : check(kSenseCommandReject);
        case kDefineExtent: return extent_ ? check(kSenseCommandReject) : define_extent();
        case kLocate: return extent_ ? locate() : check(kSenseCommandReject);
        case kRead: {
            const uint8_t operation = std::exchange(operation_, 0);
            if (operation != kLocateRead && operation != kLocateReplicated) return check(kSenseCommandReject);
            return read(block_, blocks_, 0);  // the locate waited for the block
        }
        case kWrite: {
            const uint8_t operation = std::exchange(operation_, 0);
            if (operation != kLocateWrite && operation != kLocateWriteVerify)
                return check(kSenseCommandReject);
            return write();
        }
        default: return check(kSenseCommandReject);
    }
}

uint8_t FbaDisk::define_extent() {
    after(timing().control, [this] {
        std::array<uint8_t, 16> p{};
        const uint32_t n = path().take(p);
        mask_ = p[0];
        offset_ = big32(&p[4]);
        first_ = big32(&p[8]);
        last_ = big32(&p[12]);
        const uint64_t end = uint64_t{offset_} + (last_ - first_);
        if (n < p.size() || (mask_ & kMaskWrites) == kMaskWrong || last_ < first_ || end >= image_->blocks())
            return end_with_check(kSenseCommandReject, 0);
        extent_ = true;
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

/// Moves the arm; answers how long it takes until the block comes.
SimTime FbaDisk::reach(uint32_t block) {
    const uint32_t position = block / (kBlocksOfTrack * kTracksOfPosition);
    const uint32_t distance = position > position_ ? position - position_ : position_ - position;
    position_ = position;
    const SimTime seek = disk_.seek(distance, kPositions);
    const SimTime phase = (queue().now() + seek) % disk_.rotation;
    const SimTime target = disk_.rotation * (block % kBlocksOfTrack) / kBlocksOfTrack;
    return seek + (target >= phase ? target - phase : target - phase + disk_.rotation);
}

uint8_t FbaDisk::locate() {
    after(timing().control, [this] {
        std::array<uint8_t, 8> p{};
        const uint32_t n = path().take(p);
        const uint8_t operation = p[0] & 0x0F;
        blocks_ = big16(&p[2]);
        const uint32_t displacement = big32(&p[4]);
        const bool writes = operation == kLocateWrite || operation == kLocateWriteVerify;
        const bool known = writes || operation == kLocateRead || operation == kLocateReplicated;
        if (n < p.size() || !known || blocks_ == 0) return end_with_check(kSenseCommandReject, 0);
        if (writes && (mask_ & kMaskWrites) == kMaskNoWrites) return end_with_check(kSenseCommandReject, 0);
        if (writes && !image_->writable()) return end_with_check(kSenseCommandReject, kWriteInhibited);
        if (displacement < first_ || displacement > last_ || blocks_ - 1 > last_ - displacement)
            return end_with_check(0, kFileProtected);
        operation_ = operation;
        block_ = offset_ + (displacement - first_);
        end_transfer_then(reach(block_));
    });
    return 0;
}

uint8_t FbaDisk::read(uint32_t block, uint32_t blocks, SimTime wait) {
    after(wait + disk_.pass(int64_t{blocks} * kBlock), [this, block, blocks] {
        std::vector<uint8_t> bytes(kBlock);
        for (uint32_t i = 0; i < blocks; ++i) {
            image_->read(block + i, bytes);
            if (path().give(bytes) < kBlock) break;
        }
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

uint8_t FbaDisk::write() {
    after(disk_.pass(int64_t{blocks_} * kBlock), [this] {
        for (uint32_t i = 0; i < blocks_; ++i) {
            std::vector<uint8_t> bytes(kBlock);
            const uint32_t n = path().take(bytes);
            if (n != 0) image_->write(block_ + i, bytes);
            if (n < kBlock) break;
        }
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

}  // namespace simulation
