// Tapes and disks, compared with the judge's. Both machines begin each batch with the same medium, and what
// they leave behind is compared block by block and record by record.
#include <fmt/format.h>

#include <algorithm>

#include "simulation/devices/ckd_disk.hpp"
#include "simulation/devices/tape_drive.hpp"
#include "vmcp/conformance/channels/channel_unit.hpp"
#include "vmcp/conformance/channels/random_channel_program.hpp"

namespace vmcp::conformance {

using namespace channel_layout;
using namespace simulation;
using Bytes = std::vector<uint8_t>;

namespace {

Bytes random_bytes(Random& random, size_t size) {
    Bytes bytes(size);
    for (uint8_t& b : bytes) b = random.byte();
    return bytes;
}

// ---- Tape
// ---------------------------------------------------------------------------------------------------

class TapeUnit final : public ChannelUnit {
  public:
    /// "3420", or "3420-protected": without a write ring.
    explicit TapeUnit(std::string_view name) : ring_(name == "3420") {}
    uint16_t address() const override { return 0x180; }

    void prepare(const std::filesystem::path& folder, unsigned, Random& random) override {
        here_ = folder / "here.aws";
        there_ = folder / "there.aws";
        const auto tape = images::TapeImage::create(here_.string(), images::Compression::none);
        for (unsigned i = 0; i < 40; ++i) {
            if (random.chance(20))
                tape->write_mark();
            else
                tape->write(random_bytes(random, 18 + random.below(60)));
        }
        std::filesystem::copy_file(here_, there_);
    }

    void make_case(ChannelPrograms& programs, unsigned n, uint64_t number, Random& random) override {
        programs.put(n, kData, random_bytes(random, kDataEnd - kData));
        // Both stand at the same block, whatever the case before has done.
        const unsigned blocks = random.below(7);
        for (unsigned i = 0; i <= blocks; ++i)
            programs.preamble(
                n, i,
                {static_cast<uint8_t>(i == 0 ? 0x07 : 0x37),
                 static_cast<uint8_t>(kFlagSuppressLength | (i < blocks ? kFlagChainCommand : 0)), 1,
                 programs.at(n)});
        if (number < 256 && usable(static_cast<uint8_t>(number)))
            return make_single_command(programs, n, static_cast<uint8_t>(number), 40);
        static constexpr uint8_t kCommands[] = {0x02, 0x02, 0x02, 0x02, 0x0C, 0x0C, 0x37,
                                                0x37, 0x27, 0x3F, 0x2F, 0x07, 0x03, 0xC3,
                                                0xCB, 0xD3, 0x04, 0x01, 0x01, 0x1F, 0x17};
        static constexpr uint16_t kCounts[] = {18, 30, 40, 60, 80};
        make_random_program(programs, n, random,
                            {.commands = kCommands,
                             .counts = kCounts,
                             .odd_percent = 5,
                             .usable = &usable_in_program,
                             .backward = true});
    }

    std::unique_ptr<Device> device() override {
        auto drive = std::make_unique<TapeDrive>(TapeModel::t3420, TapeTiming{});
        drive->mount(std::make_unique<images::TapeImage>(here_.string(), images::Access::write), ring_);
        return drive;
    }
    void dismount(Device& device) override { dynamic_cast<TapeDrive&>(device).mount(nullptr); }
    std::string judge_device() const override {
        return fmt::format("0180 3420 {}{}", there_.string(), ring_ ? "" : " noring");
    }

    std::string media_difference() override {
        images::TapeImage ours(here_.string(), images::Access::read),
            theirs(there_.string(), images::Access::read);
        for (unsigned block = 0;; ++block) {
            Bytes one, other;
            const auto found = ours.read(one);
            const auto found_there = theirs.read(other);
            if (found != found_there || one != other)
                return fmt::format("block {} of the tape: here {}, judge {}", block, text(found, one),
                                   text(found_there, other));
            if (found == images::TapeImage::Found::nothing) return {};
        }
    }

  private:
    /// Nobody is there to load the tape again.
    static bool usable(uint8_t command) { return command != 0x0F; }
    /// What the judge does not know would leave the tapes at different places.
    static bool usable_in_program(uint8_t command) {
        static constexpr uint8_t kUnknown[] = {0x1B, 0x43, 0x5B, 0x83, 0x9B, 0xDB,
                                               0xE3, 0xF3, 0xFB, 0xD4, 0xE4, 0xF4};
        return usable(command) &&
               std::find(std::begin(kUnknown), std::end(kUnknown), command) == std::end(kUnknown);
    }
    static std::string text(images::TapeImage::Found found, const Bytes& block) {
        if (found == images::TapeImage::Found::mark) return "a tape mark";
        if (found == images::TapeImage::Found::nothing) return "nothing";
        return fmt::format("{} bytes", block.size());
    }

    bool ring_;
    std::filesystem::path here_, there_;
};

// ---- Disk
// ---------------------------------------------------------------------------------------------------

class DiskUnit final : public ChannelUnit {
  public:
    explicit DiskUnit(std::string_view type) : type_(type) {}
    uint16_t address() const override { return 0x150; }

    void prepare(const std::filesystem::path& folder, unsigned, Random& random) override {
        here_ = folder / "here";
        there_ = folder / "there";
        const auto image = images::create_ckd(here_.string(), geometry(), kCylinders, {});
        for (unsigned cylinder = 0; cylinder < kCylinders; ++cylinder)
            for (unsigned head = 0; head < kHeads; ++head) {
                images::Track track(cylinder, head);
                const unsigned records = head == 3 ? 0 : 2 + random.below(5);
                for (uint8_t number = 1; number <= records; ++number) {
                    const uint8_t key = random.chance(50) ? 0 : 4;
                    const auto length = static_cast<uint8_t>(random.chance(20) ? 0 : 1 + random.below(60));
                    Bytes record = {0, uint8_t(cylinder), 0, uint8_t(head), number, key, 0, length};
                    for (unsigned i = 0; i < key; ++i) record.push_back(static_cast<uint8_t>(number + 0xC0));
                    for (unsigned i = 0; i < length; ++i) record.push_back(random.byte());
                    track.format(number, record);
                }
                image->write(cylinder * geometry().heads + head, track);
            }
        std::filesystem::copy_file(here_, there_);
    }

    void make_case(ChannelPrograms& programs, unsigned n, uint64_t number, Random& random) override;

    std::unique_ptr<Device> device() override {
        auto disk = std::make_unique<CkdDisk>(geometry(), DiskTiming{});
        disk->mount(images::open_ckd(here_.string(), images::Access::write));
        return disk;
    }
    void dismount(Device& device) override { dynamic_cast<CkdDisk&>(device).mount(nullptr); }
    std::string judge_device() const override { return fmt::format("0150 {} {}", type_, there_.string()); }

    std::string media_difference() override {
        const auto ours = images::open_ckd(here_.string(), images::Access::read);
        const auto theirs = images::open_ckd(there_.string(), images::Access::read);
        std::string text;
        for (uint32_t track = 0; track < ours->tracks(); ++track) {
            const images::Track one = ours->read(track), other = theirs->read(track);
            if (contents(one) == contents(other)) continue;
            text += fmt::format("{}cylinder {}, head {}: here {}, judge {}", text.empty() ? "" : "; ",
                                track / geometry().heads, track % geometry().heads, describe(one),
                                describe(other));
        }
        return text;
    }

  private:
    static constexpr unsigned kCylinders = 3, kHeads = 4;

    const images::DiskGeometry& geometry() const { return *images::disk_geometry(type_); }

    /// Home address and records, without what lies behind the last one.
    static Bytes contents(const images::Track& track) {
        const auto bytes = track.bytes();
        const uint32_t end = track.records().empty() ? 5 : track.records().back().end();
        return {bytes.begin(), bytes.begin() + end};
    }
    static std::string describe(const images::Track& track) {
        std::string text;
        for (const images::Record& record : track.records()) {
            const auto count = track.count(record);
            text += fmt::format(" {}:{}+{}", count[4], record.key_length, record.data_length);
        }
        return text;
    }

    std::string type_;
    std::filesystem::path here_, there_;
};

/// Seek, perhaps a file mask, orientation, and then whatever comes.
void DiskUnit::make_case(ChannelPrograms& p, unsigned n, uint64_t, Random& random) {
    constexpr uint8_t kChain = kFlagChainCommand, kSli = kFlagSuppressLength, kChainData = kFlagChainData,
                      kSkip = kFlagSkip;
    constexpr uint32_t kScratch = 0x600;
    const uint32_t base = p.at(n), operands = base + kOperands;
    const auto cylinder = static_cast<uint8_t>(random.below(kCylinders)),
               head = static_cast<uint8_t>(random.below(kHeads));
    const auto record = static_cast<uint8_t>(random.below(6));
    const auto key = static_cast<uint8_t>(0xC0 + random.below(7));
    p.put(n, kData, random_bytes(random, kDataEnd - kData));
    p.put(n, kOperands, Bytes{0, 0, 0, cylinder, 0, head});        // seek
    p.put(n, kOperands + 8, Bytes{0, cylinder, 0, head, record});  // identifier, home address
    p.put(n, kOperands + 16, Bytes{key, key, key, key});
    static constexpr uint8_t kMasks[] = {0x00, 0x40, 0x80, 0xC0, 0xD8, 0x18, 0xC8, 0xD0};
    p.put(n, kOperands + 24, Bytes{random.pick(kMasks)});
    p.put(n, kOperands + 32,
          Bytes{0, cylinder, 0, head, uint8_t(record + 1), uint8_t(random.below(2) * 4), 0,
                uint8_t(random.below(70))});
    unsigned i = 0;
    const auto add = [&](uint8_t command, uint32_t address, unsigned count, uint8_t flags) {
        p.ccw(n, i++, {command, flags, static_cast<uint16_t>(count), address});
    };
    const auto search = [&](uint8_t command, uint32_t address, unsigned count) {
        add(command, address, count, kChain);
        add(0x08, base + 8 * (i - 1), 0, 0);
    };
    add(0x07, operands, 6, kChain);
    if (random.chance(33)) add(0x1F, operands + 24, 1, kChain);
    switch (random.below(3)) {
        case 0: add(0x1A, base + kScratch, 5, kChain | kSli); break;
        case 1: search(0x39, operands + 8, 4); break;
        default: search(0x31, operands + 8, 5); add(0x06, base + kScratch + 0x20, 1, kChain | kSli);
    }
    uint32_t data = base + kData;
    const unsigned commands = 1 + random.below(4);
    for (unsigned k = 0; k < commands; ++k) {
        constexpr unsigned kMostOfStep = 4, kRoom = kProgramEnd / 8;
        if (i + 2 * kMostOfStep > kRoom) {
            add(0x03, data, 1, kSli);
            return;
        }
        const uint8_t chain = k + 1 < commands ? kChain : 0;
        const uint8_t sli = random.chance(25) ? 0 : kSli;
        const uint8_t mt = random.chance(17) ? 0x80 : 0;
        const auto count = static_cast<uint16_t>(1 + random.below(80));
        static constexpr uint8_t kReads[] = {0x06, 0x0E, 0x12, 0x1E, 0x16, 0x1A};
        static constexpr uint8_t kWrites[] = {0x05, 0x0D, 0x1D, 0x11};
        static constexpr uint8_t kOdd[] = {0x03, 0x13, 0x17, 0x0B, 0x1B, 0x35, 0x3D, 0xFF, 0x02, 0x15, 0x85};
        // Record 0 right behind a home address is on the same track, multitrack or not; hercules goes on.
        const uint8_t kind = random.pick(kReads);
        const auto read = static_cast<uint8_t>(kind == 0x16 ? kind : kind | mt);
        switch (random.below(8)) {
            case 0:
            case 1:
            case 2:
                if (random.chance(12) && count > 4) {
                    add(read, data, count - 3, kChainData);
                    add(0x00, data + count, 3, chain | sli);
                } else {
                    add(read, data, count,
                        static_cast<uint8_t>(chain | sli | (random.chance(10) ? kSkip : 0)));
                }
                break;
            case 3:
            case 4:
                search(static_cast<uint8_t>(0x31 | mt), operands + 8, 5);
                if (random.chance(50)) {
                    const uint8_t write = random.pick(kWrites);
                    const bool format = write == 0x1D || write == 0x11;
                    add(write, format ? operands + 32 : data, format ? 8 + random.below(70) : count,
                        chain | kSli);
                } else {
                    add(0x06, data, count, chain | sli);
                }
                break;
            case 5:
                search(static_cast<uint8_t>((random.chance(50) ? 0x29 : 0x69) | mt), operands + 16, 4);
                add(0x06, data, count, chain | sli);
                break;
            // At least a whole count area: hercules takes every record 0 for the track descriptor.
            case 6: add(random.pick(kWrites), operands + 32, 8 + count, chain | kSli); break;
            default: {
                const uint8_t odd = random.pick(kOdd);
                // After a motion the disk stands anywhere.
                if (odd == 0x13 || odd == 0x0B || odd == 0x1B || odd == 0x02) {
                    add(odd, operands, 6, kSli);
                    return;
                }
                add(odd, operands, 6, chain | kSli);
            }
        }
        data += 0x60;
    }
}

template <class Unit>
std::unique_ptr<ChannelUnit> make(std::string_view name) {
    return std::make_unique<Unit>(name);
}

}  // namespace

std::vector<ChannelUnitKind> storage_units() {
    return {{"3420", &make<TapeUnit>},
            {"3420-protected", &make<TapeUnit>},
            {"2314", &make<DiskUnit>},
            {"3330", &make<DiskUnit>},
            {"3350", &make<DiskUnit>}};
}

}  // namespace vmcp::conformance
