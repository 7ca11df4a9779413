#include "vmcp/experiment/io_ladder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "simulation/images/fba_image.hpp"
#include "simulation/model/temporary_directory.hpp"
#include "vmcp/experiment/assumptions.hpp"
#include "vmcp/experiment/bare_machine.hpp"
#include "vmcp/experiment/ending.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/run.hpp"

namespace vmcp::experiment {
namespace {

namespace images = simulation::images;

// What examples/guests/ioload.copy says of parameters and results.
constexpr uint32_t kWayWord = 0x3F0, kTimesWord = 0x3F4, kStepWord = 0x3F8, kResults = 0x400;
constexpr unsigned kResultBytes = 20;
constexpr uint32_t kStep = 37;  // from one block of the disk to the next, of 1024
constexpr std::string_view kClient = "client", kResultLine = "LOAD:", kFootprints = "io-footprint.toml",
                           kPlainest = "io-disk.toml";  // whose models all loads have

std::vector<uint8_t> word_bytes(uint32_t value) {
    return {static_cast<uint8_t>(value >> 24), static_cast<uint8_t>(value >> 16),
            static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
}

bool says(const VmDescription& vm, uint32_t address) {
    return std::any_of(vm.patches.begin(), vm.patches.end(),
                       [address](const StorageBytes& one) { return one.address == address; });
}

void say(VmDescription& vm, uint32_t address, uint32_t value) {
    if (!says(vm, address)) vm.patches.push_back({address, word_bytes(value)});
}

void forget(VmDescription& vm, uint32_t address) {
    std::erase_if(vm.patches, [address](const StorageBytes& one) { return one.address == address; });
}

/// Each disk that has space for temporary ones is an empty one of its own, dedicated to whom it is for.
void give_disks(Scenario& scenario, const simulation::TemporaryDirectory& folder) {
    for (RealDeviceDescription& real : scenario.real_devices) {
        if (!real.temporary) continue;
        const std::string file = (folder.path() / fmt::format("{:03X}", real.device.address)).string();
        for (VmDescription& vm : scenario.vms)
            for (MappedDevice& mapped : vm.options.mapped_devices) {
                if (mapped.temporary != real.device.type || mapped.dedicated) continue;
                images::create_fba(file, mapped.count,
                                   {.compressed = true, .compression = images::Compression::none});
                mapped.temporary.clear();
                mapped.dedicated = true;
                mapped.real = real.device.address;
                mapped.first = mapped.count = 0;
            }
        real.temporary = false;
        real.device.file = file;
    }
}

/// What one run has left, in all.
struct Left {
    IoFigures told;  // requests, checksum, times, lines
    SimTime guest = 0, other = 0, cp = 0, cp_for_other = 0;
    uint64_t exits = 0, interruptions = 0, copied = 0;
    double assumed = 0;
    bool interrupted = false;
};

uint32_t told_word(const std::vector<StorageBytes>& looked_at, unsigned number) {
    for (const StorageBytes& one : looked_at)
        if (one.address == kResults && one.bytes.size() >= kResultBytes) {
            uint32_t value = 0;
            for (unsigned i = 0; i < 4; ++i) value = value << 8 | one.bytes[4 * number + i];
            return value;
        }
    return 0;
}

/// The guest counts sixteenths of microseconds.
SimTime told_time(const std::vector<StorageBytes>& looked_at, unsigned number) {
    return static_cast<SimTime>(told_word(looked_at, number)) * simulation::kMicrosecond / 16;
}

void take_told(IoFigures& told, const std::vector<StorageBytes>& looked_at) {
    told.requests = told_word(looked_at, 0);
    told.checksum = told_word(looked_at, 1);
    told.mean = told.requests == 0
                    ? 0
                    : static_cast<double>(told_time(looked_at, 2)) / static_cast<double>(told.requests);
    told.worst = told_time(looked_at, 3);
    told.in_all = told_time(looked_at, 4);
}

void take_lines(IoFigures& told, const GuestOutput& output) {
    for (const ConsoleLine& line : output.console)
        if (!line.text.starts_with(kResultLine)) told.lines.push_back(line.text);
}

void require_well(const IoWay& way, bool well, const std::string& machine, const std::string& why) {
    if (!well)
        throw std::runtime_error(fmt::format("load {}, way {}: machine {} did not end well: {}", way.load,
                                             way.name, machine, why));
}

class Loads {
  public:
    Loads(unsigned requests, double scale, const IoLadderHooks& hooks)
        : requests_(requests), scale_(scale), hooks_(hooks) {}

    /// What a request costs: the difference of two runs.
    IoRun measure(const IoWay& way, const IoLoad& load) {
        IoRun result;
        result.way = &way;
        if (way.scenario.empty()) return result;
        const Left few = once(way, load, requests_, result.scenario);
        if (few.interrupted) return result;
        const Left many = once(way, load, 2 * requests_, result.scenario);
        if (many.interrupted) return result;
        result.done = true;
        IoFigures& f = result.figures;
        f = many.told;
        const auto more = static_cast<double>(many.told.requests - few.told.requests);
        const auto each = [more](auto after, auto before) {
            return (static_cast<double>(after) - static_cast<double>(before)) / more;
        };
        f.guest = each(many.guest, few.guest);
        f.other = each(many.other, few.other);
        f.cp = each(many.cp, few.cp);
        f.cp_for_other = each(many.cp_for_other, few.cp_for_other);
        f.exits = each(many.exits, few.exits);
        f.interruptions = each(many.interruptions, few.interruptions);
        f.copied = each(many.copied, few.copied) + way.copies;
        f.assumed = many.assumed;
        return result;
    }
    bool interrupted() const { return interrupted_; }

  private:
    Left once(const IoWay& way, const IoLoad& load, unsigned requests, Scenario& as_run) {
        const simulation::TemporaryDirectory folder("vmcp-io");
        Scenario scenario = hooks_.read(std::string(way.scenario));
        if (scale_ != 1) scenario.control_program = scenario.control_program.scaled(scale_);
        for (VmDescription& vm : scenario.vms) {
            if (vm.options.name == kClient) forget(vm, kWayWord);  // what it does when run by itself
            say(vm, kWayWord, way.word);
            say(vm, kTimesWord, requests * load.times);
            if (load.name == "disk") say(vm, kStepWord, kStep);
            Expectation look;
            look.storage.push_back({kResults, std::vector<uint8_t>(kResultBytes)});
            vm.expectations.push_back(std::move(look));
        }
        give_disks(scenario, folder);
        Left left = way.natively ? natively(way, scenario) : virtually(way, scenario);
        as_run = std::move(scenario);
        interrupted_ = interrupted_ || left.interrupted;
        if (left.interrupted) return left;
        const uint64_t expected = uint64_t{requests} * load.done;
        require_well(way, left.told.requests == expected, std::string(kClient),
                     fmt::format("it has done {} of {} requests", left.told.requests, expected));
        return left;
    }

    Left natively(const IoWay& way, const Scenario& scenario) {
        const auto vm = std::find_if(scenario.vms.begin(), scenario.vms.end(),
                                     [](const VmDescription& one) { return one.options.name == kClient; });
        if (vm == scenario.vms.end())
            throw std::runtime_error(fmt::format("{}: there is no machine {}", scenario.file, kClient));
        BareDisks disks;
        NativeHooks hooks;
        hooks.interrupted = hooks_.interrupted;
        const NativeResult result = NativeMachine(scenario.machine, bare_machine(scenario, *vm, disks), hooks)
                                        .run({.time = scenario.time_limit});
        Left left;
        left.interrupted = result.interrupted;
        if (result.interrupted) return left;
        require_well(way, result.stop == simulation::Stop::disabled_wait && result.cpu.psw.address == 0,
                     result.name, fmt::format("{} at {:06X}", stop_word(result), result.cpu.psw.address));
        take_told(left.told, result.looked_at);
        take_lines(left.told, result.output);
        left.guest = result.busy;
        left.interruptions = result.interruptions;
        return left;
    }

    Left virtually(const IoWay& way, Scenario& scenario) {
        // The rung sets what it has; it says nothing of which machine has how much V=R storage.
        scenario = on_rung(std::move(scenario), way.rung);
        RunHooks hooks;
        hooks.interrupted = hooks_.interrupted;
        const RunResult result = run(scenario, hooks);
        Left left;
        left.interrupted = result.interrupted;
        if (result.interrupted) return left;
        left.cp = result.control_program_time();
        left.copied = result.steps.steps[static_cast<unsigned>(Step::console_character)].count;
        for (const VmResult& vm : result.vms) {
            require_well(way, ended_well(vm), vm.name, fmt::format("at {:06X}", vm.cpu.psw.address));
            const bool client = vm.name == kClient;
            (client ? left.guest : left.other) += vm.account.guest;
            if (!client) left.cp_for_other += vm.account.control_program;
            left.exits += vm.exits;
            for (const Cause cause : {Cause::reflect_io, Cause::reflect_external, Cause::message})
                left.interruptions += vm.account.of(cause).count;
            left.interruptions += vm.io_presented;
            for (const RingResult& ring : vm.rings) left.copied += ring.counts.bytes;
            if (client) take_told(left.told, vm.looked_at);
            take_lines(left.told, vm.output);
        }
        const SimTime assumed =
            time_at_assumed_prices(scenario.machine, scenario.control_program, result.steps);
        left.assumed = left.cp == 0 ? 0 : static_cast<double>(assumed) / static_cast<double>(left.cp);
        return left;
    }

    unsigned requests_;
    double scale_;
    const IoLadderHooks& hooks_;
    bool interrupted_ = false;
};

}  // namespace

double IoFigures::per_second() const {
    return in_all == 0 ? 0
                       : static_cast<double>(requests) * static_cast<double>(simulation::kSecond) /
                             static_cast<double>(in_all);
}

double IoFigures::other_share() const {
    return in_all == 0 ? 0
                       : (other + cp_for_other) * static_cast<double>(requests) / static_cast<double>(in_all);
}

const IoRun* IoLoadRuns::find(std::string_view name) const {
    const auto at =
        std::find_if(ways.begin(), ways.end(), [name](const IoRun& one) { return one.way->name == name; });
    return at == ways.end() ? nullptr : &*at;
}

const IoRun* IoLoadRuns::native() const {
    const auto at = std::find_if(ways.begin(), ways.end(),
                                 [](const IoRun& one) { return one.way->natively && one.done; });
    return at == ways.end() ? nullptr : &*at;
}

const IoRun* IoLoadRuns::of(IoServer server) const {
    const auto at = std::find_if(ways.begin(), ways.end(), [server](const IoRun& one) {
        return one.way->server == server && one.way->stands_for_server && one.done;
    });
    return at == ways.end() ? nullptr : &*at;
}

bool IoLadder::all_same() const {
    return std::all_of(loads.begin(), loads.end(), [](const IoLoadRuns& load) {
        return std::all_of(load.ways.begin(), load.ways.end(), [](const IoRun& one) { return one.same; });
    });
}

IoLadder climb_io(const std::vector<const IoLoad*>& loads, const std::vector<const IoWay*>& ways,
                  unsigned requests, double scale, const IoLadderHooks& hooks) {
    IoLadder ladder;
    ladder.requests = requests;
    Loads runs(requests, scale, hooks);
    const auto is_of = [](const IoWay* way, const IoLoad* load) { return way->load == load->name; };
    size_t all = 1, done = 0;
    for (const IoLoad* load : loads)
        all += static_cast<size_t>(
            std::count_if(ways.begin(), ways.end(), [&](const IoWay* way) { return is_of(way, load); }));
    const auto begin = [&](const std::string& what) {
        if (hooks.progress) hooks.progress(done, all, what);
        ++done;
    };
    for (const IoLoad* load : loads) {
        IoLoadRuns of_load;
        of_load.load = load;
        for (const IoWay* way : ways) {
            if (!is_of(way, load)) continue;
            begin(fmt::format("{} {}", load->name, way->name));
            IoRun one = runs.measure(*way, *load);
            if (runs.interrupted()) {
                ladder.interrupted = true;
                break;
            }
            const auto first = std::find_if(of_load.ways.begin(), of_load.ways.end(),
                                            [](const IoRun& before) { return before.done; });
            if (one.done && first != of_load.ways.end())
                one.same = one.figures.checksum == first->figures.checksum &&
                           one.figures.lines == first->figures.lines;
            of_load.ways.push_back(std::move(one));
        }
        ladder.loads.push_back(std::move(of_load));
        if (ladder.interrupted) break;
    }
    begin("footprints");
    ladder.models = hooks.read(std::string(kPlainest));
    Scenario kinds = hooks.read(std::string(kFootprints));
    if (scale != 1)
        for (Scenario* one : {&ladder.models, &kinds})
            one->control_program = one->control_program.scaled(scale);
    ladder.footprint_model = kinds.machine.name;
    if (!ladder.interrupted) ladder.footprints = footprints_of(kinds, hooks.interrupted);
    ladder.interrupted = ladder.interrupted || (hooks.interrupted && hooks.interrupted());
    return ladder;
}

}  // namespace vmcp::experiment
