// Random channel programs that a program of the guest's own starts, one after the other (what `vmcp conform
// --channel` runs, channel_programs.hpp): natively and as a guest, so by START I/O, TEST I/O and what they
// store at location 64, on disks, tapes and unit-record devices. VMCP_OPERATIONS: how many for each device.
#include <doctest/doctest.h>

#include <cstdlib>

#include "simulation/devices/device_configuration.hpp"
#include "simulation/model/temporary_directory.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "vmcp/conformance/channels/channel_unit.hpp"

namespace vmcp::test {
namespace {

using namespace conformance;
using namespace conformance::channel_layout;

/// How the guest has a disk or tape.
struct Setting {
    std::string_view name;
    StorageKind storage = StorageKind::paged;
    WayOfIo way = WayOfIo::translation;
    bool minidisk = false;
};
constexpr Setting kSettings[] = {
    {"dedicated"},
    {"dedicated, fast", StorageKind::paged, WayOfIo::fast},
    {"dedicated, V=R, direct", StorageKind::real, WayOfIo::direct},
    {"dedicated, V=Resident, direct", StorageKind::resident, WayOfIo::direct},
    {"dedicated, translating channel", StorageKind::paged, WayOfIo::translating_channel},
    {"full-pack minidisk", StorageKind::paged, WayOfIo::translation, true},
};

bool is_real(std::string_view unit) {
    return unit == "3420" || unit == "2314" || unit == "3330" || unit == "3350";
}

using Dump = std::vector<uint8_t>;

simulation::DeviceDescription described(const ChannelUnit& unit, std::string_view type,
                                        const std::filesystem::path& file) {
    simulation::DeviceDescription device;
    device.address = unit.address();
    device.type = type;
    device.file = file.string();
    return device;
}

Dump run_natively(const ChannelPrograms& programs, ChannelUnit& unit, std::string_view type,
                  const std::filesystem::path& file) {
    simulation::Machine machine(simulation::MachineModel::load("s370-158"), kStorage);
    machine.storage().put(0, programs.storage().data(), static_cast<uint32_t>(programs.storage().size()));
    if (is_real(type))
        simulation::attach(machine.channels(), machine.model(), described(unit, type, file));
    else
        machine.channels().attach(unit.address(), unit.device());
    machine.restart();
    REQUIRE(machine.run({.instructions = 200'000'000}) == simulation::Stop::disabled_wait);
    simulation::flush_devices(machine.channels());
    const uint8_t* from = machine.storage().at(kResults);
    return {from, from + programs.dump_size()};
}

Dump run_as_guest(const ChannelPrograms& programs, ChannelUnit& unit, std::string_view type,
                  const std::filesystem::path& file, const Setting& setting) {
    Host host(8 * simulation::kMebibyte, "round-robin", "s370-158-translating", 10 * simulation::kMillisecond,
              {}, setting.storage == StorageKind::real ? kStorage : 0);
    VmOptions options;
    options.name = "guest";
    options.storage = kStorage;
    options.storage_kind = setting.storage;
    if (is_real(type)) {
        host.cp.real_io().attach(described(unit, type, file));
        MappedDevice mapped;
        mapped.address = mapped.real = unit.address();
        mapped.dedicated = !setting.minidisk;
        mapped.count = setting.minidisk ? 3 : 0;  // as many as the image has
        mapped.way = setting.way;
        options.mapped_devices = {mapped};
    }
    VirtualMachine& vm = host.log_on(std::move(options));
    if (!is_real(type)) {
        vm.io.detach(unit.address());
        vm.io.channels.attach(unit.address(), unit.device());
    }
    host.cp.load(vm, SecondLevel(0), programs.storage());
    host.cp.restart(vm);
    host.cp.run(3600 * simulation::kSecond);
    REQUIRE(vm.stop == StopReason::disabled_wait);
    simulation::flush_devices(host.machine.channels());
    Dump dump;
    for (uint32_t at = kResults; at < kResults + programs.dump_size(); at += 4) {
        const uint32_t word = vm.storage.peek32(SecondLevel(at));
        for (const int shift : {24, 16, 8, 0}) dump.push_back(static_cast<uint8_t>(word >> shift));
    }
    return dump;
}

std::string text_of(const ChannelResult& r) {
    // Busy depends on when TEST I/O was executed.
    const unsigned unit_status = r.unit_status & ~unsigned{simulation::kBusy};
    std::string text = fmt::format("condition code {}, status {:02X}{:02X}, CCW {:06X}, count {}, sense",
                                   r.condition_code, unit_status, r.channel_status, r.ccw_address, r.count);
    for (unsigned i = 0; i < 8; ++i) text += fmt::format(" {:02X}", r.sense[i]);
    return text + ", output " + r.output;
}

/// What differs in a batch of cases; empty: nothing.
std::string difference(const ChannelUnitKind& kind, const Setting& setting, unsigned cases, uint64_t number) {
    const simulation::TemporaryDirectory folder("vmcp-devices"), other_folder("vmcp-devices");
    const auto unit = kind.make(kind.name), other = kind.make(kind.name);
    Random random(5, number), again(5, number);
    unit->prepare(folder.path(), cases, random);
    other->prepare(other_folder.path(), cases, again);
    ChannelPrograms programs(cases, unit->address());
    for (unsigned n = 0; n < cases; ++n) unit->make_case(programs, n, number + n, random);
    const std::string_view end = kind.name == "3420" ? ".aws" : "";
    const Dump native = run_natively(programs, *unit, kind.name, folder.path() / fmt::format("here{}", end));
    const Dump guest =
        run_as_guest(programs, *other, kind.name, folder.path() / fmt::format("there{}", end), setting);
    std::vector<ChannelResult> here, there, none(cases), none_there(cases);
    for (unsigned n = 0; n < cases; ++n) {
        here.push_back(programs.result(native, n));
        there.push_back(programs.result(guest, n));
    }
    unit->collect(here, none);
    other->collect(there, none_there);
    for (unsigned n = 0; n < cases; ++n) {
        const std::string one = text_of(here[n]), two = text_of(there[n]);
        if (one != two || here[n].storage != there[n].storage)
            return fmt::format("case {}:\n{}\nnatively {}\nas a guest {}{}", number + n, programs.text(n),
                               one, two, here[n].storage != there[n].storage ? "\nstorage differs" : "");
    }
    return is_real(kind.name) ? unit->media_difference() : "";
}

TEST_CASE("a guest's own program finds what it finds natively, on every kind of device") {
    constexpr unsigned kBatch = 50;
    const char* const wanted = std::getenv("VMCP_OPERATIONS");
    const unsigned cases = wanted != nullptr ? static_cast<unsigned>(std::atol(wanted)) : kBatch;
    for (const ChannelUnitKind& kind : channel_units()) {
        if (kind.name == "3420-protected") continue;  // is described otherwise
        for (const Setting& setting : kSettings) {
            const bool first = &setting == &kSettings[0];
            if (is_real(kind.name) ? setting.minidisk && kind.name == "3420" : !first) continue;
            CAPTURE(kind.name);
            CAPTURE(setting.name);
            for (unsigned number = 0; number < cases; number += kBatch)
                CHECK(difference(kind, setting, std::min(kBatch, cases - number), number + 256) == "");
        }
    }
}

}  // namespace
}  // namespace vmcp::test
