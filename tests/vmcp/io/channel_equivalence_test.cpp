// What a guest's channel programs do to its disks and tapes, to its storage and to what it is told, beside
// what they do on a machine of its own with the same device. VMCP_OPERATIONS: how many programs of each kind.
#include <doctest/doctest.h>

#include <cstdlib>

#include "simulation/devices/ckd_codes.hpp"
#include "tests/vmcp/io/channel_twins.hpp"

namespace vmcp::test {
namespace {

using conformance::Random;
using What = TwinAction::What;

/// Blocks; where one begins, block 0 of a minidisk passes the head when that of a whole disk does.
constexpr uint32_t k3370Cylinder = 12 * 62;

const std::vector<TwinKind>& kinds() {
    static constexpr auto kResident = StorageKind::resident, kReal = StorageKind::real;
    static constexpr auto kTranslation = WayOfIo::translation, kFast = WayOfIo::fast,
                          kDirect = WayOfIo::direct, kThrough = WayOfIo::translating_channel;
    static constexpr auto kByProgram = IoMappingStrategy::per_program,
                          kCached = IoMappingStrategy::per_program_cached;
    static const std::vector<TwinKind> all = {
        {.name = "3330 dedicated"},
        {.name = "3330 dedicated, fast", .way = kFast},
        {.name = "3330 dedicated, V=R, direct", .storage = kReal, .way = kDirect},
        {.name = "3330 dedicated, V=R", .storage = kReal, .way = kTranslation},
        {.name = "3330 dedicated, V=Resident, direct", .storage = kResident, .way = kDirect},
        {.name = "3330 dedicated, V=Resident, fast", .storage = kResident, .way = kFast},
        {.name = "3330 dedicated, translating channel", .way = kThrough},
        {.name = "3330 dedicated, V=R, translating channel", .storage = kReal, .way = kThrough},
        {.name = "3330 dedicated, V=Resident, direct, started by the machine",
         .storage = kResident,
         .way = kDirect,
         .by_machine = true},
        {.name = "3330 dedicated, translating channel, started by the machine",
         .way = kThrough,
         .by_machine = true},
        {.name = "3370 dedicated, translating channel, started by the machine",
         .type = "3370",
         .way = kThrough,
         .by_machine = true},
        {.name = "3420 dedicated, V=Resident, direct, started by the machine",
         .type = "3420",
         .storage = kResident,
         .way = kDirect,
         .by_machine = true},
        {.name = "3330 dedicated, mapped by program", .way = kThrough, .mapping = kByProgram},
        {.name = "3330 dedicated, mapped by program, paged out",
         .way = kThrough,
         .paging = true,
         .mapping = kByProgram},
        {.name = "3330 dedicated, V=Resident, mapped by program, cached",
         .storage = kResident,
         .way = kThrough,
         .mapping = kCached},
        {.name = "3330 dedicated, mapped by program, cached, paged out",
         .way = kThrough,
         .paging = true,
         .mapping = kCached},
        {.name = "3330 dedicated, paged out", .paging = true},
        {.name = "3330 dedicated, fast, paged out", .way = kFast, .paging = true},
        {.name = "3330 dedicated, translating channel, paged out", .way = kThrough, .paging = true},
        {.name = "3330 dedicated, pages on a real disk", .paging = true, .volume = 0x2B0},
        {.name = "3330 dedicated, fast, pages on a real disk", .way = kFast, .paging = true, .volume = 0x2B0},
        {.name = "3330 minidisk", .first = 4, .count = 3},
        {.name = "3330 minidisk at the beginning", .first = 0, .count = 5},
        {.name = "3330 minidisk, fast", .way = kFast, .first = 4, .count = 3},
        {.name = "3330 minidisk, paged out", .first = 4, .count = 3, .paging = true},
        {.name = "3330 minidisk, pages on a disk of its control unit",
         .first = 4,
         .count = 3,
         .paging = true,
         .volume = 0x151},
        {.name = "3330 minidisk, beside others", .first = 4, .count = 3, .shared = true},
        {.name = "3330 minidisk, fast, beside others", .way = kFast, .first = 4, .count = 3, .shared = true},
        {.name = "3330 dedicated, fast, in rotation", .way = kFast, .rotation = 4},
        {.name = "3330 dedicated, fast, more in rotation than are kept",
         .way = kFast,
         .rotation = 3,
         .kept = 2},
        {.name = "3330 minidisk, fast, in rotation, paged out",
         .way = kFast,
         .first = 4,
         .count = 3,
         .paging = true,
         .rotation = 3},
        {.name = "3330 minidisk, fast, in rotation, beside others",
         .way = kFast,
         .first = 4,
         .count = 3,
         .shared = true,
         .rotation = 4},
        {.name = "3370 minidisk, fast, in rotation",
         .type = "3370",
         .way = kFast,
         .first = k3370Cylinder,
         .count = 80,
         .rotation = 4},
        {.name = "3420 dedicated, fast, in rotation", .type = "3420", .way = kFast, .rotation = 4},
        {.name = "3350 dedicated", .type = "3350"},
        {.name = "3350 minidisk", .type = "3350", .first = 2, .count = 4},
        {.name = "2314 dedicated", .type = "2314"},
        {.name = "2314 minidisk, fast", .type = "2314", .way = kFast, .first = 7, .count = 3},
        {.name = "3370 dedicated", .type = "3370"},
        {.name = "3370 dedicated, V=R, direct", .type = "3370", .storage = kReal, .way = kDirect},
        {.name = "3370 dedicated, translating channel", .type = "3370", .way = kThrough},
        {.name = "3370 minidisk", .type = "3370", .first = k3370Cylinder, .count = 80},
        {.name = "3370 minidisk, fast", .type = "3370", .way = kFast, .first = k3370Cylinder, .count = 80},
        {.name = "3370 minidisk, paged out",
         .type = "3370",
         .first = k3370Cylinder,
         .count = 80,
         .paging = true},
        {.name = "3370 minidisk, beside others",
         .type = "3370",
         .first = k3370Cylinder,
         .count = 80,
         .shared = true},
        {.name = "3370 minidisk in two pieces",
         .type = "3370",
         .first = k3370Cylinder,
         .count = 80,
         .pieces = {33, 47}},
        {.name = "3370 minidisk in small pieces",
         .type = "3370",
         .first = 3,
         .count = 12,
         .pieces = {3, 1, 2, 6}},
        {.name = "3370 minidisk in three pieces, paged out",
         .type = "3370",
         .first = k3370Cylinder,
         .count = 30,
         .paging = true,
         .pieces = {10, 11, 9}},
        {.name = "3420 dedicated", .type = "3420"},
        {.name = "3420 dedicated, fast", .type = "3420", .way = kFast},
        {.name = "3420 dedicated, V=Resident, direct", .type = "3420", .storage = kResident, .way = kDirect},
        {.name = "3420 dedicated, translating channel", .type = "3420", .way = kThrough},
        {.name = "3420 dedicated, mapped by program", .type = "3420", .way = kThrough, .mapping = kByProgram},
        {.name = "3370 dedicated, mapped by program, cached",
         .type = "3370",
         .way = kThrough,
         .mapping = kCached},
        {.name = "3420 dedicated, paged out", .type = "3420", .paging = true},
    };
    return all;
}

/// Instructions at odd moments, in one program of five.
std::vector<TwinAction> random_actions(Random& random, const TwinKind& kind, bool formats, bool& enabled) {
    std::vector<TwinAction> actions;
    enabled = !random.chance(12);
    if (!kind.pieces.empty()) {  // a request more for each piece takes time that a whole disk does not
        enabled = true;
        return actions;
    }
    if (random.chance(20)) {
        static constexpr What kWhats[] = {What::test_io,     What::test_io,      What::halt_io,
                                          What::halt_device, What::test_channel, What::clear_io,
                                          What::start_io};
        for (unsigned n = 1 + random.below(3); n > 0; --n)
            actions.push_back({random.pick(kWhats), SimTime(random.below(1u << (10 + random.below(18))))});
    }
    // What would wait for pages or for the control unit does not begin at the same moment.
    if (kind.paging || kind.minidisk())
        std::erase_if(actions, [](const TwinAction& one) { return one.what == What::start_io; });
    // A control unit that erases is not free natively, and is waited for by the control program.
    if (kind.minidisk() && formats)
        std::erase_if(actions, [](const TwinAction& one) { return one.what == What::test_io; });
    if (!enabled) actions.push_back({What::enable, SimTime(random.below(50'000'000))});
    std::ranges::sort(actions, {}, &TwinAction::after);
    return actions;
}

void change_a_little(Twins& twins, const RandomProgram& program, Random& random) {
    switch (random.below(8)) {
        case 0: {
            // Behind a minidisk that others are beside the native disk has cylinders, too.
            const auto value = uint8_t(random.below(4));
            const bool there = !twins.kind().shared || value < twins.kind().count;
            twins.put(program.arguments + random.below(64), {there ? value : uint8_t(0)});
            break;
        }
        case 1: twins.put(program.ccws[random.below(uint32_t(program.ccws.size()))].first + 6, {0, 5}); break;
        case 2: twins.put(program.ccws[random.below(uint32_t(program.ccws.size()))].first + 4, {0x20}); break;
        case 3:
            twins.put(program.lists + 4 * random.below(8) + 2, {uint8_t(0x40 + random.below(100))});
            break;
        case 4: twins.set_prefix(random.chance(50) ? 0 : 0x5000); break;
        default: break;
    }
}

/// The arm of a minidisk and that of a small disk are then at the same place, and sense information is gone.
std::string go_to_the_beginning(Twins& twins) {
    if (twins.kind().kind() != ProgramKind::count_key_data)
        twins.put(0x800, {0xE4, 0, 0x09, 0x40, 0x20, 0, 0, 7});
    else
        twins.put(0x800, {0x07, 0, 0x09, 0x40, 0x20, 0, 0, 6});
    twins.put(0x940, Bytes(8));
    return twins.difference(0x800);
}

/// SENSE, and what differs.
std::string ask_for_sense(Twins& twins) {
    constexpr uint32_t kSense = 0x900;
    twins.put(0x800, {0x04, 0, kSense >> 8, 0, 0x20, 0, 0, 24});
    std::string found = twins.difference(0x800);
    if (!found.empty()) return found;
    if (!twins.kind().minidisk()) return twins.storage_difference();
    // Bytes 5 and 6 tell where the arm really is.
    twins.put(kSense + 5, {0, 0});
    found = twins.storage_difference();
    if (!found.empty()) return found;
    found = go_to_the_beginning(twins);
    return twins.kind().shared ? "" : found;  // the arm may have a way to go
}

/// What differs, with the program; empty: nothing does.
std::string run(const TwinKind& kind, unsigned programs) {
    const simulation::TemporaryDirectory folder("vmcp-twins");
    Twins twins(kind, folder.path());
    const ProgramShape shape{kind.kind(), twins.places(), kTwinStorage, kind.minidisk()};
    unsigned unusual = 0, runs = 0;
    go_to_the_beginning(twins);
    const auto difference = [&](uint32_t caw, const std::vector<TwinAction>& actions, bool enabled) {
        ++runs;
        std::string found = twins.difference(caw, actions, enabled);
        unusual += twins.unusual();
        return found.empty() ? twins.storage_difference() : found;
    };
    std::vector<RandomProgram> turns;  // the programs that take turns
    for (unsigned n = 0; n < programs; ++n) {
        Random random(9, n);
        if (turns.size() < kind.rotation)
            turns.push_back(random_channel_program(random, shape));
        else if (random.chance(kind.rotation == 1 ? 100 : 10))
            turns[n % kind.rotation] = random_channel_program(random, shape);
        const RandomProgram& program = turns[n % kind.rotation];
        const auto told = [&](const std::string& found) {
            return fmt::format("program {}: {}\n{}", n, found, program.text());
        };
        twins.put(program);
        const uint8_t first = program.ccws.front().second.command;
        const bool seeks = first == simulation::kSeek || first == simulation::kSeekCylinder ||
                           first == simulation::kRecalibrate;
        const bool formats = std::ranges::any_of(program.ccws, [](const auto& one) {
            return (one.second.command & 0x03) == 1 && one.second.command != simulation::kWriteData &&
                   one.second.command != simulation::kWriteKeyData;
        });
        // A seek, or a seek and two reads, in their place: what comes just then finds another moment.
        const bool takes_longer = kind.minidisk() && kind.kind() == ProgramKind::count_key_data &&
                                  std::ranges::any_of(program.ccws, [](const auto& one) {
                                      return one.second.command == simulation::kRecalibrate ||
                                             one.second.command == simulation::kReadIpl;
                                  });
        for (unsigned again = kind.rotation > 1 ? 1 : 1 + random.below(3); again > 0; --again) {
            twins.let_others(random, seeks);
            twins.take_pages(random);
            if (kind.paging) twins.rest();  // control unit end does not come while a program waits for pages
            bool enabled = true;
            auto actions = random_actions(random, kind, formats, enabled);
            if (takes_longer) {
                actions.clear();
                enabled = true;
            }
            std::string found = difference(program.caw, actions, enabled);
            twins.let_others(random, false);
            if (found.empty() && twins.checked() && (kind.minidisk() || random.chance(80)))
                found = ask_for_sense(twins);
            if (!found.empty()) return told(found);
            if (kind.shared) go_to_the_beginning(twins);
            change_a_little(twins, program, random);
        }
        if (n % 100 == 99 || n + 1 == programs)
            if (const std::string found = twins.medium_difference(); !found.empty()) return told(found);
    }
    const RelayCounts& counts = twins.counts();
    CHECK(twins.spare_copies() < kind.kept);
    if (kind.rotation > 1) {
        // Pages that moved, and an arm that others have moved, make copies useless.
        if (!kind.paging && !kind.shared && kind.kept >= kind.rotation) CHECK(counts.reused > runs / 4);
        return {};
    }
    // Neither all of them good nor all of them wrong.
    CHECK(unusual > runs / 10);
    CHECK(unusual < runs - runs / 10);
    const bool translated = kind.way == WayOfIo::translation || kind.way == WayOfIo::fast;
    if (!kind.pieces.empty()) {
        CHECK(counts.copied > runs / 20);
        CHECK(counts.followed > runs / 12);
        return {};
    }
    CHECK((counts.copied > runs / 4) == translated);
    CHECK((counts.reused > runs / 20) == (kind.way == WayOfIo::fast));
    return {};
}

TEST_CASE("a guest's channel programs do what they do on a machine of its own") {
    const char* const wanted = std::getenv("VMCP_OPERATIONS");
    const unsigned programs = wanted != nullptr ? static_cast<unsigned>(std::atol(wanted)) : 150;
    for (const TwinKind& kind : kinds()) {
        CAPTURE(kind.name);
        CHECK(run(kind, programs) == "");
    }
}

}  // namespace
}  // namespace vmcp::test
