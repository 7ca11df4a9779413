// Count-key-data disks: sense information, alternate tracks, record overflow, file scan, space count, and the
// control unit that several drives share.
#include "simulation/images/byte_order.hpp"
#include "tests/simulation/disk_machine.hpp"

namespace channel_test {
namespace {

using images::put_big16;
using images::Track;

enum : uint8_t { SM = kStatusModifier, CUE = kControlUnitEnd };

/// The count area of a record.
Bytes count_of(unsigned cylinder, unsigned head, uint8_t number, uint8_t key, unsigned data) {
    Bytes count(8);
    put_big16(&count[0], cylinder);
    put_big16(&count[2], head);
    count[4] = number;
    count[5] = key;
    put_big16(&count[6], data);
    return count;
}

/// Lets tracks be other than the fixture made them.
template <class F>
void prepare(DiskMachine& m, F change) {
    m.disk.mount(nullptr);
    {
        const auto image = images::open_ckd(m.folder / "disk", images::Access::write);
        change(*image);
    }
    m.disk.mount(images::open_ckd(m.folder / "disk", images::Access::write));
    m.channels.take(0x150);
}

TEST_CASE("disk: sense information of each unit") {
    // A record that is not there, on head 1 of cylinder 3.
    for (const auto& [type, expected] :
         std::initializer_list<std::pair<const char*, Bytes>>{{"2311", {0, 0x08, 0, 0xC8, 0, 0}},
                                                              {"2314", {0, 0x08, 0, 0x40, 0, 0}},
                                                              {"3330", {0, 0x08, 0, 0, 0x38, 3, 1, 0}},
                                                              {"3340", {0, 0x08, 0x81, 0, 0x80, 3, 1, 0}},
                                                              {"3340-70", {0, 0x08, 0x82, 0, 0x80, 3, 1, 0}},
                                                              {"3350", {0, 0x08, 0, 0, 0x80, 3, 1, 0}}}) {
        const std::string named = type;  // clang 14 captures no structured bindings
        CAPTURE(named);
        DiskMachine m(type);
        m.seek(3, 1);
        m.argument({0, 3, 0, 1, 77});
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 20, 0x2000}}).unit_status ==
              (CE | DE | UC));
        const Bytes sense = m.sense();
        CHECK(Bytes(sense.begin(), sense.begin() + static_cast<ptrdiff_t>(expected.size())) == expected);
    }
    // End of cylinder, which a 2311 tells twice.
    DiskMachine m("2311");
    m.seek(3, 9);
    m.argument({0, 3, 0, 1, 77});
    CHECK(m.go({{0xB1, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 20, 0x2000}}).unit_status ==
          (CE | DE | UC));
    CHECK(m.sense()[1] == 0x20);
    CHECK(m.sense()[3] == 0xCC);
}

TEST_CASE("disk: what the units say of commands that they refuse") {
    struct {
        const char* type;
        Bytes mask, wrong_order, short_seek;
    } const kUnits[] = {{"2314", {0x80, 0x04}, {0x80, 0x10}, {0x81, 0x00}},
                        {"3330", {0x80, 0x00}, {0x80, 0x00}, {0x80, 0x00}}};
    for (const auto& unit : kUnits) {
        CAPTURE(unit.type);
        DiskMachine m(unit.type);
        const auto first_two = [&] {
            const Bytes sense = m.sense();
            return Bytes(sense.begin(), sense.begin() + 2);
        };
        m.argument({0x40}, 0x3020);
        m.argument({0, 0, 0, 1, 2});
        CHECK(m.go({{0x1F, CC, 1, 0x3020},
                    {0x31, CC, 5, 0x3010},
                    {0x08, 0, 0, 0x1010},
                    {0x05, SLI, 20, 0x2000}})
                  .unit_status == UC);
        CHECK(first_two() == unit.mask);
        CHECK(m.go({{0x05, SLI, 20, 0x2000}}).unit_status == UC);
        CHECK(first_two() == unit.wrong_order);
        CHECK(m.go({{0x07, SLI, 5, 0x3000}}, false).unit_status == (CE | DE | UC));
        CHECK(first_two() == unit.short_seek);
        // Diagnostic commands, and sector commands without sectors.
        for (const uint8_t command : {0x53, 0x73, 0x44, 0xC4}) {
            CHECK(m.go({{command, SLI, 1, 0x2000}}).unit_status == UC);
            CHECK(m.sense()[0] == 0x80);
        }
        // A no-operation breaks what a write depends on; data read between does not for a formatting one.
        m.argument({0, 0, 0, 1, 2});
        CHECK(m.go({{0x31, CC, 5, 0x3010},
                    {0x08, 0, 0, 0x1008},
                    {0x03, CC | SLI, 1, 0},
                    {0x05, SLI, 20, 0x2000}})
                  .unit_status == UC);
        m.argument({0, 0, 0, 1, 9, 0, 0, 1, 0}, 0x2100);
        CHECK(
            m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, CC, 20, 0x2000}, {0x1D, 0, 9, 0x2100}})
                .unit_status == (CE | DE));
        // An identifier that is high only does not let anything be written.
        m.argument({0, 0, 0, 1, 1});
        CHECK(m.go({{0x51, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x05, SLI, 20, 0x2000}}).unit_status == UC);
        // Reserve and release come before a file mask.
        m.argument({0x00}, 0x3020);
        CHECK(m.go({{0xB4, CC | SLI, 24, 0x2000}, {0x94, SLI, 24, 0x2000}}).unit_status == (CE | DE));
        CHECK(m.go({{0x1F, CC, 1, 0x3020}, {0xB4, SLI, 24, 0x2000}}).unit_status == UC);
    }
}

TEST_CASE("disk: restore does nothing, but like no-operation it breaks what a write depends on") {
    for (const char* type : {"2314", "3330", "3350"}) {
        const std::string named = type;
        CAPTURE(named);
        DiskMachine m(type);
        m.argument({0, 0, 0, 1, 2});
        m.argument({0, 0, 0, 1, 9, 0, 0, 1, 0}, 0x2100);
        for (const uint8_t write : {0x05, 0x0D, 0x1D, 0x11}) {
            CAPTURE(write);
            CHECK(m.go({{0x31, CC, 5, 0x3010},
                        {0x08, 0, 0, 0x1008},
                        {0x06, CC | SLI, 1, 0x2000},
                        {0x31, CC, 5, 0x3010},
                        {0x08, 0, 0, 0x1020},
                        {0x17, CC | SLI, 1, 0x3000},
                        {write, SLI, 9, 0x2100}})
                      .unit_status == UC);
            CHECK(m.sense()[0] == 0x80);
        }
        // The track is as it was.
        CHECK(
            m.go({{0x1A, CC, 5, 0x2000}, {0x12, CC, 8, 0x2000}, {0x12, CC, 8, 0x2008}, {0x12, 0, 8, 0x2010}})
                .unit_status == (CE | DE));
        CHECK(m.at(0x2010, 8) == count_of(0, 1, 3, 4, 20));
    }
}

TEST_CASE("disk: what may stand between a search and a formatting write") {
    const auto status = [](uint8_t search, std::initializer_list<uint8_t> between, uint8_t format) {
        DiskMachine m;
        m.argument({0, 0, 0, 1, 2});
        m.argument({0xC4, 0xC4, 0xC4, 0xC4}, 0x3020);
        m.argument({0, 0, 0, 1, 9, 0, 0, 1, 0}, 0x2100);
        m.seek(0, 1);
        uint32_t at = Machine::program;
        const auto add = [&](const Ccw& ccw) {
            m.storage.put64(at, encode(ccw));
            at += 8;
        };
        add({0x07, CC, 6, 0x3000});
        add({search, static_cast<uint8_t>(CC | SLI), 5, search == 0x31 ? 0x3010U : 0x3020U});
        add({0x08, 0, 0, 0x1008});
        for (const uint8_t command : between) {
            const bool writes = command == 0x1D;
            add({command, static_cast<uint8_t>(CC | SLI), 9, writes ? 0x2100U : 0x2000U});
        }
        add({format, SLI, 9, 0x2100});
        REQUIRE(m.start(Machine::program, 0x150).condition_code == 0);
        m.run();
        return m.interruption(0x150).unit_status;
    };
    for (const uint8_t format : {0x1D, 0x11}) {
        CAPTURE(format);
        for (const uint8_t search : {0x31, 0x29}) {
            CHECK(status(search, {}, format) == (CE | DE));
            CHECK(status(search, {0x06}, format) == (CE | DE));
            CHECK(status(search, {0x05}, format) == (CE | DE));
            CHECK(status(search, {0x1D, 0x1D}, format) == (CE | DE));
            CHECK(status(search, {0x12}, format) == UC);
            CHECK(status(search, {0x1E}, format) == UC);
            // Data that are read behind a formatting write are those of another record.
            CHECK(status(search, {0x1D, 0x06}, format) == UC);
            CHECK(status(search, {0x1D, 0x0E}, format) == UC);
        }
        // Behind a search by key the key has passed.
        CHECK(status(0x31, {0x0E}, format) == (CE | DE));
        CHECK(status(0x31, {0x0D}, format) == (CE | DE));
        CHECK(status(0x29, {0x0E}, format) == UC);
    }
}

TEST_CASE("disk: index is counted anew behind data that is read, and behind no-operation") {
    // Twice to the end of the track ends with no record found, unless data were read between. Where the arm
    // stands is no data.
    for (const uint8_t between : {0x12, 0x06, 0x0E, 0x1E, 0x03}) {
        CAPTURE(between);
        DiskMachine m;
        const bool moves = between != 0x03;
        const Csw csw = m.go({{0x1A, CC, 5, 0x2000},
                              {0x1E, CC | SLI, 8, 0x2000},
                              {0x1E, CC | SLI, 8, 0x2000},
                              {0x1E, CC | SLI, 8, 0x2000},
                              {moves ? between : uint8_t{0x12}, CC | SLI, 8, 0x2000},  // index, record 1
                              {0x12, CC, 8, 0x2000},
                              {0x12, CC, 8, 0x2000},
                              {moves ? uint8_t{0x22} : between, CC | SLI, 1, 0x2100},
                              {0x12, 0, 8, 0x2000}});  // index again
        if (between == 0x12) {
            CHECK(csw.unit_status == (CE | DE | UC));
            CHECK(m.sense()[1] == 0x08);
        } else {
            CHECK(csw.unit_status == (CE | DE));
            CHECK(m.at(0x2000, 8) == count_of(0, 1, 1, 4, 20));
        }
    }
}

TEST_CASE("disk: what follows a formatting write begins with the same track, multitrack or not") {
    for (const uint8_t format : {0x1D, 0x11})
        for (const uint8_t command : {0x12, 0x92, 0x9E, 0x86}) {
            CAPTURE(format);
            CAPTURE(command);
            DiskMachine m("2314");
            m.argument({0, 0, 0, 1, 1});
            m.argument({0, 0, 0, 1, 2, 0, 0, 1, 0xAA}, 0x2100);
            CHECK(m.go({{0x31, CC, 5, 0x3010},
                        {0x08, 0, 0, 0x1008},
                        {format, CC, 9, 0x2100},
                        {command, SLI, 8, 0x2000}})
                      .unit_status == (CE | DE));
            if (command == 0x86)
                CHECK(m.at(0x2000, 2) == Bytes{0x10, 0x11});
            else
                CHECK(m.at(0x2000, 8) == count_of(0, 1, 1, 4, 20));
        }
}

/// Track 0:1 defective, 4:2 its alternate, with a record that says which it is.
void make_alternate(DiskMachine& m, bool linked = true) {
    prepare(m, [&](images::CkdImage& image) {
        const unsigned heads = image.heads();
        Track bad(0, 1);
        bad.data()[0] = images::kTrackDefective;
        Bytes record0 = count_of(4, 2, 0, 0, 8);
        record0.resize(16);
        bad.format(0, record0);
        image.write(1, bad);
        Track alternate(4, 2);
        if (linked) alternate.data()[0] = images::kTrackAlternate;
        record0 = count_of(0, 1, 0, 0, 8);
        record0.resize(16);
        alternate.format(0, record0);
        Bytes record = count_of(0, 1, 1, 0, 3);
        record.insert(record.end(), {'A', 'L', 'T'});
        alternate.format(1, record);
        image.write(4 * heads + 2, alternate);
    });
}

TEST_CASE("disk: the 3330 and 3350 go to an alternate track by themselves") {
    for (const char* type : {"3330", "3350"}) {
        CAPTURE(type);
        DiskMachine m(type);
        make_alternate(m);
        m.argument({0, 0, 0, 1, 1});
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 3, 0x2000}}).unit_status ==
              (CE | DE));
        CHECK(m.text(0x2000, 3) == "ALT");
        m.storage.bytes[0x2000] = 'B';
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x05, 0, 3, 0x2000}}).unit_status ==
              (CE | DE));
        // Home address and record 0 are those of the defective track.
        CHECK(m.go({{0x1A, CC, 5, 0x2010}, {0x16, 0, 16, 0x2020}}).unit_status == (CE | DE));
        CHECK(m.at(0x2010, 5) == Bytes{images::kTrackDefective, 0, 0, 0, 1});
        CHECK(m.at(0x2020, 5) == Bytes{0, 4, 0, 2, 0});
        // Multitrack comes from there to the next head of the cylinder.
        m.argument({0, 0, 0, 2, 0});
        CHECK(m.go({{0xB1, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, SLI, 8, 0x2000}}).unit_status ==
              (CE | DE));
        m.disk.mount(nullptr);
        const auto image = images::open_ckd(m.folder / "disk", images::Access::read);
        const Track alternate = image->read(4 * image->heads() + 2);
        CHECK(alternate.content(alternate.records()[1])[0] == 'B');
        CHECK(alternate.flags() == images::kTrackAlternate);
    }
    DiskMachine m;
    make_alternate(m, false);  // a track that does not know that it is an alternate
    m.argument({0, 0, 0, 1, 1});
    CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 3, 0x2000}}).unit_status ==
          (CE | DE | UC));
    CHECK(m.sense()[0] == 0x02);
}

TEST_CASE("disk: the other units tell that a track is defective, or that they would leave an alternate") {
    for (const char* type : {"2311", "2314", "3340"}) {
        CAPTURE(type);
        DiskMachine m(type);
        make_alternate(m);
        m.argument({0, 0, 0, 1, 1});
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 3, 0x2000}}).unit_status ==
              (CE | DE | UC));
        CHECK(m.sense()[0] == 0x02);
        CHECK(m.go({{0x39, CC, 4, 0x3010}, {0x08, 0, 0, 0x1008}, {0x16, 0, 16, 0x2020}}).unit_status ==
              (CE | DE));
        CHECK(m.at(0x2020, 5) == Bytes{0, 4, 0, 2, 0});
        m.seek(4, 2);
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 3, 0x2000}}).unit_status ==
              (CE | DE));
        CHECK(m.text(0x2000, 3) == "ALT");
        m.argument({0, 0, 0, 1, 2});
        CHECK(m.go({{0xB1, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 3, 0x2000}}).unit_status ==
              (CE | DE | UC));
        CHECK(m.sense()[0] == 0x02);
    }
}

TEST_CASE("disk: a program flags a track, and a good one can be used again") {
    DiskMachine m;
    m.seek(2, 2);
    m.argument({0xC0}, 0x3020);
    m.argument({0x02, 0, 2, 0, 2}, 0x3030);
    m.argument({0, 4, 0, 9, 0, 0, 0, 8}, 0x3040);
    CHECK(m.go({{0x1F, CC, 1, 0x3020}, {0x19, CC, 5, 0x3030}, {0x15, 0, 16, 0x3040}}).unit_status ==
          (CE | DE));
    CHECK(m.go({{0x1A, 0, 5, 0x2000}}).unit_status == (CE | DE));
    CHECK(m.at(0x2000, 5) == Bytes{2, 0, 2, 0, 2});
    m.argument({0, 2, 0, 2, 1});
    CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 3, 0x2000}}).unit_status ==
          (CE | DE | UC));
    CHECK(m.sense()[0] == 0x02);  // 4:9 is not an alternate
    // Without the mask nothing of this is allowed.
    m.argument({0x00}, 0x3020);
    CHECK(m.go({{0x1F, CC, 1, 0x3020}, {0x19, CC, 5, 0x3030}, {0x15, 0, 16, 0x3040}}).unit_status == UC);
}

/// A record of three segments, of 10, 20 and 5 bytes of data, written with the commands for it.
void write_segments(DiskMachine& m, unsigned head) {
    unsigned data = 0;
    for (const unsigned length : {10u, 20u, 5u}) {
        const uint8_t key = data == 0 ? 2 : 0;
        Bytes record = count_of(2, head, 1, key, length);
        if (key != 0) record.insert(record.end(), {'K', 'Y'});
        for (unsigned i = 0; i < length; ++i) record.push_back(static_cast<uint8_t>(++data));
        std::copy(record.begin(), record.end(), m.storage.bytes.begin() + 0x2100);
        m.seek(2, head);
        m.argument({0, 2, 0, static_cast<uint8_t>(head), 0});
        const uint8_t command = length == 5 ? 0x1D : 0x01;
        REQUIRE(m.go({{0x31, CC, 5, 0x3010},
                      {0x08, 0, 0, 0x1008},
                      {command, 0, static_cast<uint16_t>(record.size()), 0x2100}})
                    .unit_status == (CE | DE));
        ++head;
    }
}

TEST_CASE("disk: a record that overflows is read and written as one") {
    for (const char* type : {"2311", "2314", "3330", "3340", "3350"}) {
        CAPTURE(type);
        DiskMachine m(type);
        write_segments(m, 3);
        m.seek(2, 3);
        m.argument({0, 2, 0, 3, 1});
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x0E, 0, 37, 0x2000}}).unit_status ==
              (CE | DE));
        CHECK(m.text(0x2000, 2) == "KY");
        for (unsigned i = 0; i < 35; ++i) CHECK(m.storage.bytes[0x2002 + i] == i + 1);
        // The count area does not show it.
        CHECK(m.go({{0x1A, CC, 5, 0x2050}, {0x12, 0, 8, 0x2060}}).unit_status == (CE | DE));
        CHECK(m.at(0x2060, 8) == count_of(2, 3, 1, 2, 10));
        for (unsigned i = 0; i < 35; ++i) m.storage.bytes[0x2000 + i] = static_cast<uint8_t>(0x80 + i);
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x05, 0, 35, 0x2000}}).unit_status ==
              (CE | DE));
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 35, 0x2100}}).unit_status ==
              (CE | DE));
        CHECK(m.at(0x2100, 35) == m.at(0x2000, 35));
        m.seek(2, 5);
        m.argument({0, 2, 0, 5, 1});
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 5, 0x2100}}).unit_status ==
              (CE | DE));
        CHECK(m.at(0x2100, 5) == Bytes{0x9E, 0x9F, 0xA0, 0xA1, 0xA2});
    }
}

TEST_CASE("disk: a record whose other segments cannot be reached") {
    for (const auto& [type, byte] : {std::pair{"2314", 5}, {"3330", 3}}) {
        const std::string named = type;  // clang 14 captures no structured bindings
        CAPTURE(named);
        DiskMachine m(type);
        const unsigned last = m.disk.geometry().heads - 1u;
        // The last head of the cylinder.
        prepare(m, [&](images::CkdImage& image) {
            Track track = image_test::track_with(2, last, {10}, 0x11);
            track.set_overflow(track.records()[1]);
            image.write(2 * image.heads() + last, track);
        });
        m.seek(2, last);
        m.argument({0, 2, 0, static_cast<uint8_t>(last), 1});
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, SLI, 20, 0x2000}}).unit_status ==
              (CE | DE | UC));
        CHECK(m.sense()[1] == 0x21);
        CHECK(m.sense()[static_cast<size_t>(byte)] == 0x06);
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x05, SLI, 20, 0x2000}}).unit_status ==
              (CE | DE | UC));
        CHECK(m.sense()[static_cast<size_t>(byte)] == 0x05);
        // A file mask that holds the heads.
        write_segments(m, 3);
        m.seek(2, 3);
        m.argument({0, 2, 0, 3, 1});
        m.argument({0x18}, 0x3020);
        CHECK(m.go({{0x1F, CC, 1, 0x3020},
                    {0x31, CC, 5, 0x3010},
                    {0x08, 0, 0, 0x1010},
                    {0x06, SLI, 35, 0x2000}})
                  .unit_status == (CE | DE | UC));
        CHECK(m.sense()[1] == 0x05);
    }
}

TEST_CASE("disk: file scan compares key and data, but not where the argument says so") {
    DiskMachine m("2314");
    // Record n of track 0:1: a key of four bytes C0+2n and data 10n, 10n+1, ...
    const auto scan = [&](uint8_t command, Bytes argument) {
        std::copy(argument.begin(), argument.end(), m.storage.bytes.begin() + 0x3040);
        return m
            .go({{0x1A, CC, 5, 0x2000},
                 {command, CC | SLI, static_cast<uint16_t>(argument.size()), 0x3040},
                 {0x08, 0, 0, 0x1010},
                 {0x12, SLI, 8, 0x2010}})
            .unit_status;
    };
    CHECK(scan(0x2D, {0xC4, 0xC4, 0xC4, 0xC4, 0x20, 0x21}) == (CE | DE));
    CHECK(m.storage.bytes[0x2014] == 3);  // the count that comes next
    CHECK(scan(0x2D, {0xFF, 0xFF, 0xFF, 0xFF, 0x20, 0xFF, 0x22}) == (CE | DE));
    CHECK(m.storage.bytes[0x2014] == 3);
    CHECK(scan(0x4D, {0xFF, 0xFF, 0xFF, 0xFF, 0x10}) == (CE | DE));
    CHECK(m.storage.bytes[0x2014] == 3);
    CHECK(scan(0x6D, {0xFF, 0xFF, 0xFF, 0xFF, 0x10}) == (CE | DE));
    CHECK(m.storage.bytes[0x2014] == 2);
    CHECK(scan(0x2D, {0xFF, 0xFF, 0xFF, 0xFF, 0x21}) == (CE | DE | UC));
    CHECK(m.sense()[1] == 0x08);
    // Over the segments of a record that overflows.
    write_segments(m, 3);
    m.seek(2, 3);
    Bytes whole = {'K', 'Y'};
    for (uint8_t i = 1; i <= 35; ++i) whole.push_back(i);
    CHECK(scan(0xAD, whole) == (CE | DE));
    whole.back() = 36;
    CHECK(scan(0x2D, whole) == (CE | DE | UC));
    // The larger units do not have it.
    DiskMachine large;
    CHECK(large.go({{0x2D, SLI, 4, 0x3040}}).unit_status == UC);
    CHECK(large.sense()[0] == 0x80);
}

TEST_CASE("disk: space count goes over a count area and takes its lengths from the program") {
    DiskMachine m;
    m.argument({4, 0, 20}, 0x3040);
    CHECK(m.go({{0x1A, CC, 5, 0x2000}, {0x0F, CC, 3, 0x3040}, {0x06, 0, 20, 0x2010}}).unit_status ==
          (CE | DE));
    CHECK(m.storage.bytes[0x2010] == 0x10);
    CHECK(m.go({{0x1A, CC, 5, 0x2000}, {0x0F, CC, 3, 0x3040}, {0x0F, CC, 3, 0x3040}, {0x0E, 0, 24, 0x2010}})
              .unit_status == (CE | DE));
    CHECK(m.storage.bytes[0x2014] == 0x20);
    m.argument({0, 0, 24}, 0x3040);
    CHECK(m.go({{0x1A, CC, 5, 0x2000}, {0x0F, CC, 3, 0x3040}, {0x06, SLI, 20, 0x2010}}).unit_status ==
          (CE | DE | UC));
    CHECK(m.sense()[0] == 0x08);
    CHECK(m.go({{0x1A, CC, 5, 0x2000}, {0x0F, CC, 3, 0x3040}, {0x05, SLI, 20, 0x2010}}).unit_status == UC);
}

TEST_CASE("disk: the buffered log tells the use since it was read") {
    DiskMachine m("3350");
    m.seek(3, 2);
    CHECK(m.go({{0x1A, CC, 5, 0x2000}, {0x06, 0, 100, 0x2000}}).unit_status == (CE | DE));
    CHECK(m.go({{0xA4, 0, 24, 0x2000}}, false).unit_status == (CE | DE));
    CHECK(m.at(0x2000, 12) == Bytes{0, 0, 0x10, 0, 0, 0, 0, 0x60, 0, 0, 0, 100});
    CHECK(m.at(0x2010, 2) == Bytes{0, 1});
    CHECK(m.go({{0xA4, 0, 24, 0x2000}}, false).unit_status == (CE | DE));
    CHECK(m.storage.bytes[0x200B] == 0);
    DiskMachine small("2314");
    CHECK(small.go({{0xA4, 0, 6, 0x2000}}, false).unit_status == UC);
}

// ---- The control unit -------------------------------------------------------------------------------------

/// A second drive at 151, with the same pack.
struct StringMachine : DiskMachine {
    CkdDisk& other;

    explicit StringMachine(uint16_t address = 0x151)
        : other(channels.attach(address,
                                std::make_unique<CkdDisk>(*images::disk_geometry("3330"), DiskTiming{}))) {
        images::create_ckd(folder / "other", disk.geometry(), 5, {true, images::Compression::zlib});
        other.mount(images::open_ckd(folder / "other", images::Access::write));
        channels.test_io(address);
    }
    void put(uint32_t at, std::initializer_list<Ccw> list) { ccws(list, at); }
};

TEST_CASE("disk: while one drive of a string transfers, the control unit is busy for another") {
    StringMachine m;
    m.put(0x1000, {{0x1A, 0, 5, 0x2000}});
    m.put(0x1100, {{0x1A, 0, 5, 0x2010}});
    REQUIRE(m.start(0x1000, 0x150).condition_code == 0);
    const IoResult refused = m.start(0x1100, 0x151);
    CHECK(refused.condition_code == 1);
    CHECK(refused.csw.unit_status == (SM | kBusy));
    CHECK(m.channels.test_io(0x151).csw.unit_status == (SM | kBusy));
    m.run();
    CHECK(m.interruption(0x150).unit_status == (CE | DE));
    CHECK(m.interruption(0x151).unit_status == CUE);
    CHECK_FALSE(m.channels.take(0x151));
    REQUIRE(m.start(0x1100, 0x151).condition_code == 0);
    m.run();
    CHECK(m.interruption(0x151).unit_status == (CE | DE));
    // On another string nothing waits.
    StringMachine apart(0x158);
    apart.put(0x1000, {{0x1A, 0, 5, 0x2000}});
    REQUIRE(apart.start(0x1000, 0x150).condition_code == 0);
    CHECK(apart.start(0x1000, 0x158).condition_code == 0);
}

TEST_CASE("disk: arms move at the same time, and the one that is second waits for the control unit") {
    StringMachine m;
    m.seek(4, 1);
    // Read a whole track on 151 while the arm of 150 arrives.
    m.put(0x1000, {{0x07, CC, 6, 0x3000}, {0x1A, 0, 5, 0x2000}});
    m.put(0x1100,
          {{0x1A, CC, 5, 0x2010}, {0x1A, CC, 5, 0x2010}, {0x1A, CC, 5, 0x2010}, {0x1A, 0, 5, 0x2010}});
    REQUIRE(m.start(0x1000, 0x150).condition_code == 0);
    m.run(kMillisecond);
    REQUIRE(m.start(0x1100, 0x151).condition_code == 0);
    const SimTime seek = DiskTiming{}.seek(4, 404);
    m.run(seek + kMillisecond);
    CHECK(m.channels.working(0x150));
    CHECK(m.channels.working(0x151));
    while (m.channels.working(0x151)) m.queue.run_until(m.queue.next());
    CHECK(m.channels.working(0x150));
    m.run();
    CHECK(m.interruption(0x150).unit_status == (CE | DE));
    CHECK(m.at(0x2000, 5) == Bytes{0, 0, 4, 0, 1});
    CHECK(m.interruption(0x151).unit_status == (CE | DE));
    CHECK(m.queue.empty());
}

TEST_CASE("disk: a sector that passes while the control unit is busy comes again a turn later") {
    const SimTime turn = DiskTiming{}.rotation;
    for (const bool busy : {false, true}) {
        StringMachine m;
        m.argument({64}, 0x3040);
        m.put(0x1000, {{0x23, CC, 1, 0x3040}, {0x03, SLI, 1, 0}});
        m.put(0x1100, {{0x1A, CC, 5, 0x2010}, {0x1A, 0, 5, 0x2010}});
        m.run(turn - m.queue.now() % turn);
        const SimTime begin = m.queue.now();
        REQUIRE(m.start(0x1000, 0x150).condition_code == 0);
        m.run(kMillisecond);
        if (busy) REQUIRE(m.start(0x1100, 0x151).condition_code == 0);
        while (m.channels.working(0x150)) m.queue.run_until(m.queue.next());
        const SimTime took = m.queue.now() - begin;
        if (!busy) CHECK(took < turn);
        if (busy) CHECK(took > 2 * turn);
        CHECK(took % turn > turn / 2);
        CHECK(took % turn < turn / 2 + kMillisecond);
    }
}

TEST_CASE("disk: a formatting write keeps the control unit busy until index") {
    const SimTime turn = DiskTiming{}.rotation;
    StringMachine m;
    m.seek(2, 3);
    m.argument({0, 2, 0, 3, 0});
    m.argument({0, 2, 0, 3, 1, 0, 0, 10}, 0x2100);
    CHECK(m.go({}, false).channel_status == kProgramCheck);
    m.put(0x1000,
          {{0x07, CC, 6, 0x3000}, {0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x1D, 0, 18, 0x2100}});
    REQUIRE(m.start(0x1000, 0x150).condition_code == 0);
    while (m.channels.working(0x150)) m.queue.run_until(m.queue.next());
    CHECK(m.interruption(0x150).unit_status == (CE | DE));
    m.put(0x1100, {{0x03, SLI, 1, 0}});
    for (const uint16_t address : {0x150, 0x151})
        CHECK(m.start(0x1100, address).csw.unit_status == (SM | kBusy));
    // One control unit end, at index, for the drive that asked first.
    CHECK(m.queue.next() % turn == 0);
    m.queue.run_until(m.queue.next());
    CHECK(m.interruption(0x150).unit_status == CUE);
    CHECK_FALSE(m.channels.take(0x151));
    CHECK(m.start(0x1100, 0x151).csw.unit_status == (CE | DE));
    CHECK(m.queue.empty());
    // Chained to a command that does not format, that one waits; to one that does, nothing is lost.
    m.argument({0, 2, 0, 3, 2, 0, 0, 10}, 0x2120);
    m.argument({0, 2, 0, 3, 1});
    m.put(0x1000,
          {{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1000}, {0x1D, CC, 18, 0x2120}, {0x1A, 0, 5, 0x2000}});
    const SimTime begin = m.queue.now();
    REQUIRE(m.start(0x1000, 0x150).condition_code == 0);
    while (m.channels.working(0x150)) m.queue.run_until(m.queue.next());
    CHECK(m.interruption(0x150).unit_status == (CE | DE));
    CHECK(m.queue.now() - begin > turn);
    CHECK(m.start(0x1100, 0x151).csw.unit_status == (CE | DE));
}

TEST_CASE("disk: a reset frees the control unit") {
    StringMachine m;
    m.put(0x1000, {{0x1A, 0, 5, 0x2000}});
    REQUIRE(m.start(0x1000, 0x150).condition_code == 0);
    CHECK(m.start(0x1000, 0x151).condition_code == 1);
    m.channels.reset();
    CHECK(m.start(0x1000, 0x151).condition_code == 0);
    m.run();
    CHECK(m.interruption(0x151).unit_status == (CE | DE));
    // So does taking the drive away.
    REQUIRE(m.start(0x1000, 0x150).condition_code == 0);
    m.channels.detach(0x150);
    CHECK(m.start(0x1000, 0x151).condition_code == 0);
    m.run();
    CHECK(m.interruption(0x151).unit_status == (CE | DE));
}

}  // namespace
}  // namespace channel_test
