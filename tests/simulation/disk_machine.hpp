// A machine with one count-key-data disk, for the tests of disks.
#pragma once

#include "simulation/devices/ckd_disk.hpp"
#include "tests/simulation/channel_fixture.hpp"
#include "tests/simulation/image_fixture.hpp"

namespace channel_test {

using image_test::Folder;
using image_test::track_with;
namespace images = simulation::images;

enum : uint8_t { UC = kUnitCheck, UE = kUnitException };

/// A 3330 at 150. Cylinder 0 head 1: three records with keys; cylinder 3 head 2: two without.
struct DiskMachine : Machine {
    Folder folder;
    CkdDisk& disk;

    explicit DiskMachine(const char* type = "3330", images::Access access = images::Access::write,
                         ChannelTiming timing = {})
        : Machine(timing),
          disk(
              channels.attach(0x150, std::make_unique<CkdDisk>(*images::disk_geometry(type), DiskTiming{}))) {
        const std::string path = folder / "disk";
        {
            const auto image =
                images::create_ckd(path, disk.geometry(), 5, {true, images::Compression::zlib});
            images::Track keyed(0, 1);
            for (uint8_t number = 1; number <= 3; ++number) {
                std::vector<uint8_t> record = {0, 0, 0, 1, number, 4, 0, 20};
                for (unsigned i = 0; i < 4; ++i) record.push_back(static_cast<uint8_t>(0xC0 + 2 * number));
                for (unsigned i = 0; i < 20; ++i) record.push_back(static_cast<uint8_t>(0x10 * number + i));
                keyed.format(number, record);
            }
            image->write(1, keyed);
            image->write(3 * disk.geometry().heads + 2, track_with(3, 2, {100, 0}, 0x55));
        }
        disk.mount(images::open_ckd(path, access));
        channels.test_io(0x150);  // the device end of the mounting
        seek(0, 1);
    }
    void seek(unsigned cylinder, unsigned head) {
        const uint8_t address[] = {0,
                                   0,
                                   static_cast<uint8_t>(cylinder >> 8),
                                   static_cast<uint8_t>(cylinder),
                                   0,
                                   static_cast<uint8_t>(head)};
        std::copy(std::begin(address), std::end(address), storage.bytes.begin() + 0x3000);
    }
    void argument(std::initializer_list<uint8_t> bytes, uint32_t at = 0x3010) {
        std::copy(bytes.begin(), bytes.end(), storage.bytes.begin() + at);
    }
    /// Seek to the place, then these commands.
    Csw go(std::initializer_list<Ccw> list, bool with_seek = true) {
        std::vector<Ccw> all;
        if (with_seek) all.push_back({0x07, CC, 6, 0x3000});
        all.insert(all.end(), list.begin(), list.end());
        uint32_t at = program;
        for (const Ccw& ccw : all) {
            storage.put64(at, encode(ccw));
            at += 8;
        }
        const IoResult result = start(program, 0x150);
        if (result.condition_code == 1) return result.csw;
        REQUIRE(result.condition_code == 0);
        run();
        return interruption(0x150);
    }
    std::vector<uint8_t> sense() {
        storage.put64(0x800, encode(Ccw{0x04, SLI, 24, 0x3100}));
        REQUIRE(start(0x800, 0x150).condition_code == 0);
        run();
        REQUIRE(interruption(0x150).unit_status == (CE | DE));
        return {storage.bytes.begin() + 0x3100, storage.bytes.begin() + 0x3118};
    }
    std::vector<uint8_t> at(uint32_t address, unsigned length) const {
        return {storage.bytes.begin() + address, storage.bytes.begin() + address + length};
    }
};

using Bytes = std::vector<uint8_t>;

}  // namespace channel_test
