// Devices by description: which medium goes where, and addresses as people write them.
#include "simulation/devices/device_configuration.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "simulation/devices/device_address.hpp"
#include "simulation/images/tape_image.hpp"
#include "tests/simulation/channel_fixture.hpp"
#include "tests/temporary_folder.hpp"

using namespace channel_test;

namespace {

// The machine of the channel tests has a device of its own at 00E.
DeviceList units_and(const DeviceList& further) {
    DeviceList all = standard_units();
    first_unit(all, UnitRecordRole::printer).address = 0x00B;
    all.insert(all.end(), further.begin(), further.end());
    return all;
}

/// What attaching or mounting was refused with; empty if it was not.
template <class F>
std::string refusal(F act) {
    try {
        act();
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "";
}

DeviceDescription described(uint16_t address, const std::string& type, const std::string& file = "") {
    DeviceDescription what;
    what.address = address;
    what.type = type;
    what.file = file;
    return what;
}

}  // namespace

TEST_CASE("a device that takes no medium, or not this one, says so in one line") {
    const MachineModel model = MachineModel::load("s370-158");
    Machine m;
    attach_all(m.channels, model,
               units_and({described(0x180, "3420"), described(0x0C0, "3277"), described(0x150, "2311")}),
               [](const DeviceDescription&) { return UnitRecordOutput{}; });
    const auto mounting = [&](DeviceDescription what) { return refusal([&] { mount(m.channels, what); }); };
    CHECK(mounting(described(0x00B, "", "x")) == "device 00B: a 1403: expected a disk, tape or card reader");
    CHECK(mounting(described(0x0C0, "", "x")) == "device 0C0: a 3277: expected a disk, tape or card reader");
    CHECK(mounting(described(0x00B, "")) == "device 00B: a 1403: expected a disk, tape or card reader");
    CHECK(mounting(described(0x190, "", "x")) ==
          "device 190: there is none: expected a disk, tape or card reader");
    for (const uint16_t address : {0x180, 0x00C}) {
        DeviceDescription overlaid = described(address, "", "x");
        overlaid.overlay = "y";
        CHECK(mounting(overlaid) == fmt::format("device {:03X}: only disks have overlays", address));
    }
    CHECK(mounting(described(0x150, "")).empty());  // takes off what is there
    CHECK_THROWS_AS(mount(m.channels, described(0x150, "", "/nowhere/disk")), images::ImageError);
    flush_devices(m.channels);
}

TEST_CASE("a mount that fails leaves the drive empty, and one that goes well makes it ready") {
    const tests::TemporaryFolder folder;
    images::TapeImage::create(folder / "tape", images::Compression::none);
    const MachineModel model = MachineModel::load("s370-158");
    Machine m;
    attach(m.channels, model, described(0x180, "3420", folder / "tape"));
    CHECK_FALSE(m.channels.pending());  // what was mounted before the machine was there tells nothing
    mount(m.channels, described(0x180, ""));
    mount(m.channels, described(0x180, "", folder / "tape"));
    CHECK(m.channels.pending() == 0x180);
}

TEST_CASE("standard units and further ones work at the pace that is asked for") {
    const MachineModel model = MachineModel::load("s370-158");
    const auto devices = units_and({described(0x01C, "2540R"), described(0x01D, "3211")});
    const auto no_output = [](const DeviceDescription&) { return UnitRecordOutput{}; };
    Machine own, spooled;
    const UnitRecordDevices known = attach_all(own.channels, model, devices, no_output);
    CHECK(known.console == own.channels.device(0x009));
    CHECK(known.reader == own.channels.device(0x00C));
    const DeviceTiming fast{.cycle = 7, .transfer = 7};
    attach_all(spooled.channels, model, devices, no_output, fast);
    const auto cycle = [](const Machine& m, uint16_t address) {
        return m.channels.device(address)->timing().cycle;
    };
    CHECK(cycle(own, 0x01C) == timing_of(model, "2540", UnitRecordRole::card_reader).cycle);
    CHECK(cycle(own, 0x00B) == timing_of(model, "1403", UnitRecordRole::printer).cycle);
    for (const uint16_t address : {0x00C, 0x00D, 0x00B, 0x01C, 0x01D}) CHECK(cycle(spooled, address) == 7);
    // A console is a typewriter in any case.
    CHECK(spooled.channels.device(0x009)->timing().character ==
          own.channels.device(0x009)->timing().character);

    Machine two;
    CHECK(refusal([&] {
              attach_all(two.channels, model, units_and({described(0x01F, "1052")}), no_output);
          }) == "01F 1052: a machine has one console");
}

TEST_CASE("device addresses: up to three hexadecimal digits and nothing else") {
    CHECK(parse_device_address("00C") == 0x00C);
    CHECK(parse_device_address("1a0") == 0x1A0);
    CHECK(parse_device_address("FFF") == 0xFFF);
    CHECK(parse_device_address("9") == 0x009);
    for (const char* text : {"", "1000", "10000C", "0x9", "-1", " 9", "9 ", "15X", "18,"})
        CHECK_FALSE(parse_device_address(text));
}
