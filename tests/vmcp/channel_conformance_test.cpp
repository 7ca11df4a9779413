// Channel programs on disks and tapes, judged by Debian's hercules: a small program starts one after the
// other and keeps condition code, status, CSW and sense; what it kept and every byte that was read must be
// the same on both machines. The programs are random, legal and illegal.
//
// What is not compared, and why:
// - Channel end and device end may come together or apart, and a command that is rejected may be so with or
//   without them: the architecture leaves that to the unit. Of the status the rest is compared.
// - A check in a rejected command may come with incorrect length or without. A write that gets fewer bytes
// than
//   it wants is an incorrect length, which hercules does not show: writes have the flag that suppresses it.
// - Sense bytes beyond the second: hercules fills in what real units say about themselves only in part.
// - The first command after a seek looks for a home address or for one identifier: where the disk stands at
//   that moment is nobody's business.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>

#include "isa/assembler/assembler.hpp"
#include "simulation/devices/ckd_disk.hpp"
#include "simulation/devices/tape_drive.hpp"
#include "simulation/machine.hpp"
#include "tests/simulation/image_fixture.hpp"
#include "vmcp/conformance/hercules.hpp"

namespace {

using namespace vmcp::conformance;
using image_test::Folder;
using simulation::Ccw;
using simulation::encode;
namespace images = simulation::images;

enum : uint8_t {
    CD = simulation::kFlagChainData,
    CC = simulation::kFlagChainCommand,
    SLI = simulation::kFlagSuppressLength,
    SKIP = simulation::kFlagSkip,
};

constexpr uint32_t kStorage = 2 << 20;
constexpr uint32_t kCases = 0x20000, kCaseSize = 0x400;  // channel program, operands at 80, data at 100
constexpr uint32_t kOperands = 0x80, kData = 0x100;
constexpr uint32_t kResults = 0x10000, kResultSize = 64;  // cc 0, status 4, CSW 8, sense 16

constexpr const char* kDriver = R"(DRIVER   CSECT
         USING DRIVER,0
         DC    X'0000000000000400'
         ORG   DRIVER+X'400'
         L     1,COUNT
         L     2,CASES
         L     3,RESULTS
         L     6,DEVICE
CASE     ST    2,72
         XC    64(8),64
         XC    SENSE,SENSE
         MVI   STATUS,0
         SIO   0(6)
         BALR  4,0
         ST    4,0(3)
         BC    8,WAIT
         BC    3,NEXT
         OC    STATUS,68
         MVC   8(8,3),64
         TM    STATUS,X'06'
         BC    7,DONE
WAIT     TIO   0(6)
         BC    2,WAIT
         BC    9,DONE
         OC    STATUS,68
         CLC   65(3),ZEROS
         BE    ENDED
         MVC   8(8,3),64
ENDED    TM    STATUS,X'04'
         BZ    WAIT
DONE     MVC   4(1,3),STATUS
         TM    STATUS,X'02'
         BZ    NEXT
         LA    5,SENSECCW
         ST    5,72
         SIO   0(6)
SENSING  TIO   0(6)
         BC    6,SENSING
         MVC   16(24,3),SENSE
NEXT     LA    2,1024(2)
         LA    3,64(3)
         BCT   1,CASE
         LPSW  STOP
         DS    0D
STOP     DC    X'000200000000DEAD'
SENSECCW CCW   4,SENSE,X'20',24
COUNT    DC    F'0'
DEVICE   DC    F'0'
CASES    DC    X'00020000'
RESULTS  DC    X'00010000'
STATUS   DC    X'00'
ZEROS    DC    XL3'0'
SENSE    DC    XL24'0'
         END   DRIVER
)";

void put(std::vector<uint8_t>& storage, uint32_t address, const std::vector<uint8_t>& bytes) {
    std::copy(bytes.begin(), bytes.end(), storage.begin() + address);
}
void put_ccw(std::vector<uint8_t>& storage, uint32_t address, const Ccw& ccw) {
    const uint64_t image = encode(ccw);
    for (unsigned i = 0; i < 8; ++i) storage[address + i] = static_cast<uint8_t>(image >> (56 - 8 * i));
}

/// Storage with the driver and `count` cases for a device.
class Programs {
  public:
    Programs(unsigned count, uint16_t device) : count_(count), storage_(kCases + count * kCaseSize) {
        const auto assembled = isa::assembler::assemble(kDriver, "driver.asm");
        for (const auto& d : assembled.diagnostics) FAIL_CHECK(isa::assembler::to_string(d));
        for (const auto& piece : assembled.text) put(storage_, piece.address, piece.bytes);
        put(storage_, assembled.find("COUNT")->value, {0, 0, uint8_t(count >> 8), uint8_t(count)});
        put(storage_, assembled.find("DEVICE")->value, {0, 0, uint8_t(device >> 8), uint8_t(device)});
    }
    unsigned count() const { return count_; }
    uint32_t at(unsigned n) const { return kCases + n * kCaseSize; }
    void ccw(unsigned n, unsigned index, const Ccw& ccw) { put_ccw(storage_, at(n) + 8 * index, ccw); }
    void operand(unsigned n, uint32_t offset, const std::vector<uint8_t>& bytes) {
        put(storage_, at(n) + kOperands + offset, bytes);
    }
    void fill(unsigned n, std::mt19937& random) {
        for (uint32_t i = kData; i < kCaseSize; ++i) storage_[at(n) + i] = static_cast<uint8_t>(random());
    }
    const std::vector<uint8_t>& storage() const { return storage_; }
    bool reads_backward(unsigned n) const {
        bool found = false;
        for (uint32_t a = at(n); a < at(n) + kOperands; a += 8) found |= storage_[a] == 0x0C;
        return found;
    }
    bool chains_data(unsigned n) const {
        bool found = false;
        for (uint32_t a = at(n) + 4; a < at(n) + kOperands; a += 8) found |= (storage_[a] & 0x80) != 0;
        return found;
    }

    std::string text(unsigned n) const {
        std::string text;
        for (uint32_t a = at(n); a < at(n) + kOperands; a += 8) {
            if (storage_[a] == 0) break;
            for (unsigned i = 0; i < 8; ++i)
                text += fmt::format("{:02X}{}", storage_[a + i], i == 3 ? " " : "");
            text += '\n';
        }
        text += "operands ";
        for (uint32_t a = at(n) + kOperands; a < at(n) + kOperands + 32; ++a)
            text += fmt::format("{:02X}", storage_[a]);
        return text;
    }

  private:
    unsigned count_;
    std::vector<uint8_t> storage_;
};

/// What a machine made of the cases: results and all the cases' storage.
using Bytes = std::vector<uint8_t>;

template <class Attach>
Bytes run_here(const Programs& programs, Attach attach) {
    simulation::Machine machine(simulation::MachineModel::load("unit"), kStorage);
    machine.storage().put(0, programs.storage().data(), static_cast<uint32_t>(programs.storage().size()));
    attach(machine);
    machine.restart();
    CHECK(machine.run({.instructions = 1'000'000'000}) == simulation::Stop::disabled_wait);
    const uint8_t* from = machine.storage().at(kResults);
    return {from, from + (programs.storage().size() - kResults)};
}

Bytes run_there(Hercules& judge, const Programs& programs, const std::string& device) {
    RunRequest request;
    request.core.bytes = programs.storage();
    request.storage_size = kStorage;
    request.dumps = {{kResults, static_cast<uint32_t>(programs.storage().size() - kResults)}};
    request.devices = {device};
    const Outcome outcome = judge.run(request);
    CHECK(outcome.stop == Stop::disabled_wait);
    return outcome.storage.at(0).bytes;
}

std::string result_text(const Bytes& b, unsigned n) {
    const uint8_t* r = &b[n * kResultSize];
    std::string text = fmt::format("cc {} status {:02X} CSW ", r[0] >> 4 & 3, r[4]);
    for (unsigned i = 8; i < 16; ++i) text += fmt::format("{:02X}", r[i]);
    text += " sense ";
    for (unsigned i = 16; i < 24; ++i) text += fmt::format("{:02X}", r[i]);
    return text;
}

/// The parts of a result that must agree.
struct Comparable {
    uint8_t status, channel_status, sense0, sense1;
    uint32_t ccw_address;
    uint16_t count;
    bool operator==(const Comparable&) const = default;
};

bool at_once(const Bytes& b, unsigned n) { return (b[n * kResultSize] >> 4 & 3) == 1; }

/// `whole`: neither machine ended the program at START I/O, where only the status is stored.
Comparable comparable(const Bytes& b, unsigned n, bool whole, uint8_t sense1_ignored) {
    const uint8_t* r = &b[n * kResultSize];
    Comparable c{};
    c.status = r[4] & 0x43;  // status modifier, unit check, unit exception
    const bool check = (r[4] & 0x02) != 0;
    c.sense0 = check ? r[16] : 0;
    c.sense1 = check ? r[17] & ~sense1_ignored : 0;
    // A multitrack search that began in the middle of a track: whichever of the two comes first.
    if ((c.sense1 & 0x28) != 0) c.sense1 |= 0x28;
    c.channel_status = check ? r[13] & ~0x40 : r[13];
    if (!whole) return c;
    c.ccw_address = uint32_t{r[9]} << 16 | r[10] << 8 | r[11];
    // Hercules does not write the key of a record without data.
    if (!check && (r[4] & 0x01) == 0) c.count = static_cast<uint16_t>(r[14] << 8 | r[15]);
    return c;
}

unsigned compare(const Programs& programs, const Bytes& here, const Bytes& there,
                 uint8_t sense1_ignored = 0) {
    unsigned differences = 0;
    REQUIRE(here.size() == there.size());
    for (unsigned n = 0; n < programs.count(); ++n) {
        const uint32_t at = programs.at(n) - kResults;
        const bool data = std::equal(&here[at + kData], &here[at] + kCaseSize, &there[at + kData]);
        // In hercules data chaining stops where a record of length zero is read, and a tape mark that is read
        // backward gives bytes of the block before.
        if ((programs.chains_data(n) || programs.reads_backward(n)) &&
            (here[n * kResultSize + 4] & 0x01) != 0)
            continue;
        const bool whole = !at_once(here, n) && !at_once(there, n);
        if (comparable(here, n, whole, sense1_ignored) == comparable(there, n, whole, sense1_ignored) && data)
            continue;
        if (++differences > 6) continue;
        std::string bytes;
        for (uint32_t i = kData; i < kCaseSize && !data; ++i)
            if (here[at + i] != there[at + i])
                bytes += fmt::format(" {:03X}:{:02X}/{:02X}", i, here[at + i], there[at + i]);
        MESSAGE(fmt::format("case {} at {:06X}\n{}\nhere  {}\nthere {}\ndata{}", n, programs.at(n),
                            programs.text(n), result_text(here, n), result_text(there, n),
                            bytes.substr(0, 300)));
    }
    return differences;
}

// ---- Disk -------------------------------------------------------------------------------------------------

constexpr unsigned kCylinders = 3;

void make_disk(const std::string& path, const char* type) {
    const auto& g = *images::disk_geometry(type);
    const auto image = images::create_ckd(path, g, kCylinders, {});
    std::mt19937 random(4);
    for (unsigned cylinder = 0; cylinder < kCylinders; ++cylinder)
        for (unsigned head = 0; head < 4; ++head) {
            images::Track track(cylinder, head);
            const unsigned records = head == 3 ? 0 : 2 + random() % 5;
            for (uint8_t number = 1; number <= records; ++number) {
                const uint8_t key = random() % 2 == 0 ? 0 : 4;
                const auto length = static_cast<uint8_t>(random() % 5 == 0 ? 0 : 1 + random() % 60);
                Bytes record = {0, uint8_t(cylinder), 0, uint8_t(head), number, key, 0, length};
                for (unsigned i = 0; i < key; ++i) record.push_back(static_cast<uint8_t>(number + 0xC0));
                for (unsigned i = 0; i < length; ++i) record.push_back(static_cast<uint8_t>(random()));
                track.format(number, record);
            }
            image->write(cylinder * g.heads + head, track);
        }
}

/// One random program: seek, perhaps a file mask, orientation, and then whatever comes.
void disk_case(Programs& p, unsigned n, std::mt19937& random) {
    const uint32_t base = p.at(n), operands = base + kOperands;
    const auto cylinder = static_cast<uint8_t>(random() % kCylinders),
               head = static_cast<uint8_t>(random() % 4);
    const auto record = static_cast<uint8_t>(random() % 6);
    const auto key = static_cast<uint8_t>(0xC0 + random() % 7);
    p.fill(n, random);
    p.operand(n, 0, {0, 0, 0, cylinder, 0, head});    // seek
    p.operand(n, 8, {0, cylinder, 0, head, record});  // identifier, home address
    p.operand(n, 16, {key, key, key, key});           // key
    static constexpr uint8_t kMasks[] = {0x00, 0x40, 0x80, 0xC0, 0xD8, 0x18, 0xC8, 0xD0};
    p.operand(n, 24, {kMasks[random() % 8]});
    p.operand(
        n, 32,
        {0, cylinder, 0, head, uint8_t(record + 1), uint8_t(random() % 2 * 4), 0, uint8_t(random() % 70)});
    unsigned i = 0;
    const auto add = [&](uint8_t command, uint32_t address, unsigned count, uint8_t flags) {
        p.ccw(n, i++, {command, flags, static_cast<uint16_t>(count), address});
    };
    const auto search = [&](uint8_t command, uint32_t address, unsigned count) {
        add(command, address, count, CC);
        add(0x08, base + 8 * (i - 1), 0, 0);
    };
    add(0x07, operands, 6, CC);
    if (random() % 3 == 0) add(0x1F, operands + 24, 1, CC);
    switch (random() % 3) {
        case 0: add(0x1A, base + 0x3F8, 5, CC | SLI); break;
        case 1: search(0x39, operands + 9 - 1, 4); break;
        default: search(0x31, operands + 8, 5); add(0x06, base + 0x3C0, 1, CC | SLI);
    }
    uint32_t data = base + kData;
    const unsigned commands = 1 + random() % 4;
    for (unsigned k = 0; k < commands; ++k) {
        constexpr unsigned kMostOfStep = 4, kRoom = kOperands / 8;
        if (i + 2 * kMostOfStep > kRoom) {
            add(0x03, data, 1, SLI);
            return;
        }
        const uint8_t chain = k + 1 < commands ? CC : 0;
        const uint8_t sli = random() % 4 == 0 ? 0 : SLI;
        const uint8_t mt = random() % 6 == 0 ? 0x80 : 0;
        const auto count = static_cast<uint16_t>(1 + random() % 80);
        static constexpr uint8_t kReads[] = {0x06, 0x0E, 0x12, 0x1E, 0x16, 0x1A};
        static constexpr uint8_t kWrites[] = {0x05, 0x0D, 0x1D, 0x11};
        static constexpr uint8_t kOdd[] = {0x03, 0x13, 0x17, 0x0B, 0x1B, 0x35, 0x3D, 0xFF, 0x02, 0x15, 0x85};
        // Record 0 right behind a home address is on the same track, multitrack or not; hercules goes on.
        const uint8_t kind = kReads[random() % 6];
        const auto read = static_cast<uint8_t>(kind == 0x16 ? kind : kind | mt);
        switch (random() % 8) {
            case 0:
            case 1:
            case 2:
                if (random() % 8 == 0 && count > 4) {
                    add(read, data, count - 3, CD);
                    add(0x00, data + count, 3, chain | sli);
                } else {
                    add(read, data, count,
                        static_cast<uint8_t>(chain | sli | (random() % 10 == 0 ? SKIP : 0)));
                }
                break;
            case 3:
            case 4:
                search(static_cast<uint8_t>(0x31 | mt), operands + 8, 5);
                if (random() % 2 == 0) {
                    const uint8_t write = kWrites[random() % 4];
                    const bool format = write == 0x1D || write == 0x11;
                    add(write, format ? operands + 32 : data, format ? 8 + random() % 70 : count,
                        chain | SLI);
                } else {
                    add(0x06, data, count, chain | sli);
                }
                break;
            case 5:
                search(static_cast<uint8_t>((random() % 2 == 0 ? 0x29 : 0x69) | mt), operands + 16, 4);
                add(0x06, data, count, chain | sli);
                break;
            // At least a whole count area: hercules takes every record 0 for the track descriptor.
            case 6: add(kWrites[random() % 4], operands + 32, 8 + count, chain | SLI); break;
            default: {
                const uint8_t odd = kOdd[random() % sizeof kOdd];
                // After a motion the disk stands anywhere.
                if (odd == 0x13 || odd == 0x0B || odd == 0x1B || odd == 0x02) {
                    add(odd, operands, 6, SLI);
                    return;
                }
                add(odd, operands, 6, chain | SLI);
            }
        }
        data += 0x60;
    }
}

TEST_CASE("disk channel programs give what hercules gives") {
    const auto program = Hercules::find();
    if (!program) {
        MESSAGE("skipped: " << Hercules::missing_message());
        return;
    }
    Hercules judge(*program);
    constexpr unsigned count = 600;
    const char* seed = std::getenv("VMCP_CHANNEL_SEED");
    for (const char* type : {"3330", "2314", "3350"}) {
        CAPTURE(type);
        const Folder folder;
        make_disk(folder / "here", type);
        std::filesystem::copy_file(folder / "here", folder / "there");
        Programs programs(count, 0x150);
        std::mt19937 random(seed != nullptr ? std::atoi(seed) : 11);
        for (unsigned n = 0; n < count; ++n) disk_case(programs, n, random);
        const Bytes here = run_here(programs, [&](simulation::Machine& machine) {
            auto disk =
                std::make_unique<simulation::CkdDisk>(*images::disk_geometry(type), simulation::DiskTiming{});
            disk->mount(images::open_ckd(folder / "here", images::Access::write));
            machine.channels().attach(0x150, std::move(disk));
        });
        const Bytes there = run_there(judge, programs, fmt::format("0150 {} {}", type, folder / "there"));
        // The 2314's bit for an invalid sequence, which hercules does not set.
        const uint8_t ignored = type == std::string("2314") ? 0x10 : 0;
        CHECK(compare(programs, here, there, ignored) == 0);
    }
}

// ---- Tape -------------------------------------------------------------------------------------------------

void make_tape(const std::string& path) {
    const auto tape = images::TapeImage::create(path, images::Compression::none);
    std::mt19937 random(5);
    for (unsigned i = 0; i < 40; ++i) {
        Bytes block(18 + random() % 60);
        for (uint8_t& b : block) b = static_cast<uint8_t>(random());
        if (random() % 5 == 0)
            tape->write_mark();
        else
            tape->write(block);
    }
}

void tape_case(Programs& p, unsigned n, std::mt19937& random) {
    p.fill(n, random);
    uint32_t data = p.at(n) + kData;
    const unsigned commands = 1 + random() % 4;
    unsigned i = 0;
    if (n % 8 == 0) p.ccw(n, i++, {0x07, CC | SLI, 1, data});
    for (unsigned k = 0; k < commands; ++k) {
        const uint8_t chain = k + 1 < commands ? CC : 0;
        static constexpr uint8_t kCommands[] = {0x02, 0x02, 0x02, 0x02, 0x0C, 0x0C, 0x37, 0x37, 0x27,
                                                0x3F, 0x2F, 0x07, 0x03, 0xC3, 0x01, 0x01, 0x1F, 0x17};
        const uint8_t command = kCommands[random() % sizeof kCommands];
        const bool moves_data = command == 0x02 || command == 0x0C || command == 0x01;
        const auto count = static_cast<uint16_t>(18 + random() % 60);
        const uint8_t sli = !moves_data || random() % 2 == 0 ? SLI : 0;
        p.ccw(n, i++,
              {command, static_cast<uint8_t>(chain | sli), count, command == 0x0C ? data + count - 1 : data});
        data += 0x60;
    }
}

TEST_CASE("tape channel programs give what hercules gives") {
    const auto program = Hercules::find();
    if (!program) {
        MESSAGE("skipped: " << Hercules::missing_message());
        return;
    }
    Hercules judge(*program);
    constexpr unsigned count = 200;
    const char* seed = std::getenv("VMCP_CHANNEL_SEED");
    for (const char* access : {"", " noring"}) {
        CAPTURE(access);
        const Folder folder;
        make_tape(folder / "here.aws");
        std::filesystem::copy_file(folder / "here.aws", folder / "there.aws");
        Programs programs(count, 0x180);
        std::mt19937 random(seed != nullptr ? std::atoi(seed) : 12);
        for (unsigned n = 0; n < count; ++n) tape_case(programs, n, random);
        const Bytes here = run_here(programs, [&](simulation::Machine& machine) {
            auto tape = std::make_unique<simulation::TapeDrive>(simulation::TapeModel::t3420,
                                                                simulation::TapeTiming{});
            tape->mount(std::make_unique<images::TapeImage>(folder / "here.aws", images::Access::write),
                        *access == 0);
            machine.channels().attach(0x180, std::move(tape));
        });
        const Bytes there =
            run_there(judge, programs, fmt::format("0180 3420 {}{}", folder / "there.aws", access));
        CHECK(compare(programs, here, there) == 0);
        // The tapes that both leave behind are the same.
        images::TapeImage ours(folder / "here.aws", images::Access::read),
            theirs(folder / "there.aws", images::Access::read);
        for (;;) {
            Bytes block, other;
            const auto found = ours.read(block);
            CHECK(theirs.read(other) == found);
            CHECK(block == other);
            if (found == images::TapeImage::Found::nothing) break;
        }
    }
}

}  // namespace
