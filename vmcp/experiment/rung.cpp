#include "vmcp/experiment/rung.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "scheduler/make_policy.hpp"
#include "vmcp/experiment/technique_values.hpp"

namespace vmcp::experiment {
namespace {

constexpr std::string_view kAssists158 = "s370-158-assists", kInterpretive158 = "s370-158-interpretive";

}  // namespace

// Years: when the machine or program that had it first was delivered or announced, as far as it is known.
const std::vector<Rung>& rungs() {
    using enum Assist;
    using enum Published::Of;
    static const AssistSet microcode = {vma, evma, vtimer, ecps};
    static const InterceptSet masks_and_clocks = [] {
        InterceptSet set;
        for (const auto one : {Intercept::masks, Intercept::psw, Intercept::control, Intercept::clocks})
            set.add(one);
        return set;
    }();
    static const std::vector<Rung> all = {
        {.name = "interpretation",
         .year = "1965",
         .title = "every instruction by program, the scenario's control program (an emulator)",
         .technique = Technique::interpretation},
        {.name = "cp67",
         .year = "1967",
         .title = "software only, CP-67 as it came",
         .control_program = "cp67",
         .published =
             Published{overhead, "", 1.66, 1.66,
                       "L. Wheeler, an OS/360 MFT job stream on CP-67: 534 s of control-program time for "
                       "322 s"}},
        {.name = "cp67-short",
         .year = "1970",
         .title = "software only, its paths rewritten",
         .control_program = "cp67-short",
         .published =
             Published{overhead, "", 0.35, 0.35, "L. Wheeler, the same job stream: 113 s for 322 s"}},
        {.name = "software", .year = "1972", .title = "software only, the scenario's control program"},
        {.name = "vma",
         .year = "1974",
         .title = "virtual-machine assist",
         .machine = kAssists158,
         .assists = {vma},
         .published =
             Published{cp_time, "software", 0.40, 0.65,
                       "Recalled, low confidence (MacKinnon 1979): 35 to 60 % less control-program time "
                       "for VS guests"}},
        {.name = "evma",
         .year = "1978",
         .title = "expanded assist and interval-timer assist",
         .machine = kAssists158,
         .assists = {vma, evma, vtimer}},
        {.name = "fast-io",
         .year = "1981",
         .title = "the same, V=Resident, channel programs translated once (fast I/O simulation)",
         .machine = kAssists158,
         .assists = {vma, evma, vtimer},
         .kind = StorageKind::resident,
         .io = WayOfIo::fast,
         .published =
             Published{cp_time, "evma", 0.50, 0.60,
                       "Hino, Umeno and others (Hitachi, IPSJ 1981): fast I/O simulation takes 40 to "
                       "50 % of the overhead away, most of which is I/O simulation",
                       true}},
        {.name = "direct-io",
         .year = "1987",
         .title = "the same, channel programs as they are (direct I/O)",
         .machine = kAssists158,
         .assists = {vma, evma, vtimer},
         .kind = StorageKind::resident,
         .io = WayOfIo::direct},
        {.name = "ecps-1to1",
         .year = "1976",
         .title = "evma with control-program assist, horizontal microcode",
         .machine = "s370-158-horizontal",
         .assists = microcode,
         .published = Published{cp_time, "evma", 0.95, 1.05,
                                "L. Wheeler: one for one on the 168 and 3033, nothing gained"}},
        {.name = "ecps",
         .year = "1976",
         .title = "evma with control-program assist, vertical microcode",
         .machine = kAssists158,
         .assists = microcode,
         .published =
             Published{cp_time, "evma", 1 / 4.4, 1 / 2.8,
                       "L. Wheeler: 79.55 % of the kernel's time ten times as fast, 3.5 times in all"}},
        {.name = "v=r",
         .year = "1972",
         .title = "the same as ecps, the guest at real addresses",
         .machine = kAssists158,
         .assists = microcode,
         .kind = StorageKind::real},
        {.name = "preferred",
         .year = "1982",
         .title = "the same as v=r, by its own tables without shadow tables (PMA)",
         .machine = kAssists158,
         .assists = {vma, evma, vtimer, ecps, pma},
         .kind = StorageKind::real},
        {.name = "nested",
         .year = "2008",
         .title = "the same as ecps, address translation by hardware",
         .machine = kAssists158,
         .assists = microcode,
         .translation = GuestTranslation::nested},
        {.name = "interpretive",
         .year = "1983",
         .title = "interpretive execution (SIE), no assists, translation by hardware",
         .machine = kInterpretive158,
         .assists = {sie},
         .translation = GuestTranslation::nested},
        {.name = "interpretive-shadow",
         .year = "2005",
         .title = "interpretive execution, but shadow tables: no translation by hardware (VT-x as it came)",
         .machine = kInterpretive158,
         .assists = {sie}},
        {.name = "intercepting",
         .year = "2005",
         .title = "the same, masks, PSWs, control registers and clocks come out (the first VT-x)",
         .machine = kInterpretive158,
         .assists = {sie},
         .translation = GuestTranslation::nested,
         .intercepts = masks_and_clocks},
        {.name = "together",
         .year = "2012",
         .title = "the same as intercepting, exits that follow one another handled together",
         .machine = kInterpretive158,
         .assists = {sie},
         .translation = GuestTranslation::nested,
         .intercepts = masks_and_clocks,
         .exits_together = true},
        {.name = "binary-translation",
         .year = "1998",
         .title = "supervisor-state code rewritten, no help of the hardware (VMware)",
         .technique = Technique::binary_translation},
        {.name = "hosted",
         .year = "1999",
         .title = "software only, a task beside its host's kernel, devices in a process (VMware Workstation)",
         .control_program = "hosted",
         .device_server = DeviceServer::process},
        {.name = "kvm",
         .year = "2007",
         .title = "interpretive, in the kernel of its host, devices in the kernel (KVM)",
         .machine = kInterpretive158,
         .control_program = "kvm",
         .assists = {sie},
         .translation = GuestTranslation::nested,
         .device_server = DeviceServer::kernel},
        {.name = "kvm-process",
         .year = "2007",
         .title = "the same, devices in a user process (KVM with QEMU)",
         .machine = kInterpretive158,
         .control_program = "kvm",
         .assists = {sie},
         .translation = GuestTranslation::nested,
         .device_server = DeviceServer::process,
         .published = Published{tio, "kvm", 2.5, 2.8,
                                "Kvm-unit-tests, commit \"Defer TR reload after VM exit\": a read from a "
                                "device in QEMU 6,209 to 6,856 cycles, in the kernel 2,339 to 2,435"}},
        {.name = "vms",
         .year = "1979",
         .title = "Hitachi VMS: vma, V=Resident, fast I/O simulation",
         .machine = kAssists158,
         .control_program = "vms",
         .assists = {vma},
         .kind = StorageKind::resident,
         .io = WayOfIo::fast},
        {.name = "avm",
         .year = "1982",
         .title = "Fujitsu AVM/EF: taken to be a preferred machine (PMA) with direct I/O",
         .machine = kAssists158,
         .control_program = "avm",
         .assists = {vma, evma, vtimer, pma},
         .kind = StorageKind::real,
         .io = WayOfIo::direct,
         .published = Published{overhead, "", 0.05, 0.15,
                                "Fujitsu AVM/EF, 1982 (IPSJ Computer Museum): 5 to 15 % more CPU time than "
                                "alone, its channels dedicated"}},
        {.name = "vms-es",
         .year = "1985",
         .title = "Hitachi VMS/ES: machine architecture for guests (as interpretive), V=Resident, direct I/O "
                  "whose starts and interruptions do not come out",
         .machine = "s370-158-interpretive-io",
         .control_program = "vms-es",
         .assists = {sie},
         .kind = StorageKind::resident,
         .translation = GuestTranslation::nested,
         .io = WayOfIo::direct,
         .interpretive_io = true,
         .published = Published{overhead, "", 0, 0.11,
                                "Umeno and Tanaka (Hitachi, IEEE Trans. Computers 1987): more than 90 % of "
                                "native speed, its interruptions direct, too",
                                true}},
    };
    return all;
}

const Rung* rung_called(std::string_view name) {
    const auto at =
        std::find_if(rungs().begin(), rungs().end(), [name](const Rung& r) { return r.name == name; });
    return at == rungs().end() ? nullptr : &*at;
}

namespace {

/// Sets the one thing. False: the value is none.
bool set(Rung& rung, const std::string& what, const std::string& value) {
    if (what == "technique") {
        const auto technique = parse_technique(value);
        if (!technique) return false;
        rung.technique = *technique;
    } else if (what == "translation") {
        if (value != "shadow" && value != "nested") return false;
        rung.translation = value == "nested" ? GuestTranslation::nested : GuestTranslation::shadow;
    } else if (what == "assists") {
        const auto assists = parse_assists(value);
        if (!assists) return false;
        rung.assists = *assists;
    } else if (what == "exits") {
        if (value != "apart" && value != "together") return false;
        rung.exits_together = value == "together";
    } else if (what == "io") {
        for (const WayOfIo way :
             {WayOfIo::translation, WayOfIo::fast, WayOfIo::direct, WayOfIo::translating_channel})
            if (value == name_of(way)) {
                rung.io = way;
                return true;
            }
        return false;
    } else if (what == "storage-kind") {
        for (const StorageKind kind : {StorageKind::paged, StorageKind::resident, StorageKind::real})
            if (value == name_of(kind)) {
                rung.kind = kind;
                return true;
            }
        return false;
    } else {
        if (!scheduler::is_policy(value)) return false;
        rung.policy = value;
    }
    return true;
}

std::string expected_of(std::string_view what) {
    if (what == "technique") return "trap-and-emulate, interpretation or binary-translation";
    if (what == "translation") return "shadow or nested";
    if (what == "assists") return "none, or some of vma, evma, vtimer, ecps, pma and sie with + between them";
    if (what == "exits") return "apart or together";
    if (what == "io") return "ccw-translation, fast, direct or translating-channel";
    if (what == "storage-kind") return "V=V, V=Resident or V=R";
    return fmt::format("one of {}, or a file whose name ends with .so",
                       fmt::join(scheduler::policy_names(), ", "));
}

}  // namespace

Varied parse_varied(std::string_view text) {
    const size_t equals = std::min(text.find('='), text.size());
    Varied varied{std::string(text.substr(0, equals)), {}};
    constexpr std::string_view kKnown[] = {"technique",    "translation", "assists", "exits",
                                           "storage-kind", "io",          "policy"};
    if (std::find(std::begin(kKnown), std::end(kKnown), varied.what) == std::end(kKnown))
        throw std::invalid_argument(
            fmt::format("\"{}\" cannot be varied: expected {}", varied.what, fmt::join(kKnown, ", ")));
    std::string_view rest = text.substr(std::min(equals + 1, text.size()));
    while (true) {
        const size_t comma = std::min(rest.find(','), rest.size());
        std::string value(rest.substr(0, comma));
        if (Rung scratch; !set(scratch, varied.what, value))
            throw std::invalid_argument(fmt::format("{} cannot be \"{}\": expected {}", varied.what, value,
                                                    expected_of(varied.what)));
        varied.values.push_back(std::move(value));
        if (comma == rest.size()) return varied;
        rest.remove_prefix(comma + 1);
    }
}

std::vector<Rung> combinations(const std::vector<Varied>& varied) {
    std::vector<Rung> all(1);
    for (const Varied& one : varied) {
        std::vector<Rung> more;
        for (const Rung& rung : all)
            for (const std::string& value : one.values) {
                Rung next = rung;
                set(next, one.what, value);
                next.name += (next.name.empty() ? "" : " ") + value;
                more.push_back(std::move(next));
            }
        all = std::move(more);
    }
    for (const Rung& rung : all)
        if (rung.technique != Technique::trap_and_emulate &&
            (!rung.assists.empty() || rung.translation == GuestTranslation::nested))
            throw std::invalid_argument(fmt::format(
                "the machines of \"{}\" cannot be {}: expected assists=none and "
                "translation=shadow with technique={}",
                rung.name, rung.technique == Technique::interpretation ? "interpreted" : "translated",
                name_of(rung.technique)));
    for (const Rung& rung : all)
        if (rung.exits_together && !rung.assists.has(Assist::sie))
            throw std::invalid_argument(fmt::format(
                "exits of \"{}\" cannot be handled together: expected assists=sie with exits", rung.name));
    return all;
}

Scenario on_rung(Scenario scenario, const Rung& rung) {
    simulation::MachineModel& machine = scenario.machine;
    // What assists cost on a machine that has them is its own figure; how much faster paths are is the
    // rung's.
    const bool own = machine.facilities.has(isa::Facility::virtual_machine_assist);
    const bool own_sie = machine.facilities.has(isa::Facility::interpretive_execution);
    const auto install = [&machine, own, own_sie](std::string_view name) {
        const auto model = simulation::MachineModel::load(name);
        for (unsigned f = 0; f < std::size(isa::kFacilityNames); ++f)
            if (const auto facility = static_cast<isa::Facility>(f);
                model.facilities.has(facility) && f > static_cast<unsigned>(isa::Facility::gcc))
                machine.facilities.install(facility);
        if (model.facilities.has(isa::Facility::interpretive_execution) && !own_sie)
            machine.interpretive =
                machine.scale == 1 ? model.interpretive : model.scaled(machine.scale).interpretive;
        else if (model.facilities.has(isa::Facility::interpretive_io) &&
                 machine.interpretive.io_ns.source.empty())
            machine.interpretive.io_ns = machine.scale == 1 ? model.interpretive.io_ns
                                                            : model.scaled(machine.scale).interpretive.io_ns;
        if (!model.facilities.has(isa::Facility::virtual_machine_assist)) return;
        if (!own) machine.assist = machine.scale == 1 ? model.assist : model.scaled(machine.scale).assist;
        machine.assist.path_percent = model.assist.path_percent;
    };
    if (!rung.machine.empty()) install(rung.machine);
    while (const auto missing = rung.assists.missing_of(machine.facilities))
        install(*missing == Assist::sie ? kInterpretive158 : kAssists158);
    if (rung.translation == GuestTranslation::nested) install("s370-158-nested");
    if (!rung.policy.empty()) scenario.policy = rung.policy;
    if (!rung.control_program.empty()) {
        const double scale = scenario.control_program.scale;
        scenario.control_program = ControlProgramModel::load(rung.control_program, machine);
        if (scale != 1) scenario.control_program = scenario.control_program.scaled(scale);
    }
    scenario.control_program.assist_by(machine);
    for (VmDescription& vm : scenario.vms) {
        vm.options.technique = rung.technique;
        vm.options.assists = rung.assists;
        vm.options.intercepts = rung.intercepts.value_or(vm.options.intercepts);
        vm.options.exits_together = rung.exits_together.value_or(vm.options.exits_together);
        vm.options.wait_completion = rung.wait_completion.value_or(vm.options.wait_completion);
        if (!rung.assists.has(Assist::sie)) {
            vm.options.intercepts = {};
            vm.options.exits_together = vm.options.wait_completion = false;
        }
        vm.options.device_server = {};
        if (scenario.control_program.host) vm.options.device_server = rung.device_server;
        vm.options.storage_kind = rung.kind;
        vm.options.translation = rung.translation;
        for (MappedDevice& device : vm.options.mapped_devices) {
            if (!device.dedicated) continue;
            if (rung.io) {
                device.way = *rung.io;
                device.interpretive = false;
            }
            if (rung.interpretive_io) device.interpretive = true;
        }
    }
    return scenario;
}

}  // namespace vmcp::experiment
