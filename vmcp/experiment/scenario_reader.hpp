// Reads a scenario file. Which keys there are is in tables (scenario_keys.cpp), from which documents are
// made, too; what is read here is what hangs together.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "scheduler/make_policy.hpp"
#include "scheduler/plugin_policy.hpp"
#include "simulation/devices/carriage_tape_file.hpp"
#include "simulation/devices/device_address.hpp"
#include "simulation/model/toml_reader.hpp"
#include "vmcp/experiment/mapped_device_reader.hpp"
#include "vmcp/experiment/real_device_reader.hpp"
#include "vmcp/experiment/ring_reader.hpp"
#include "vmcp/experiment/scenario.hpp"
#include "vmcp/experiment/scenario_key.hpp"
#include "vmcp/experiment/scenario_values.hpp"
#include "vmcp/experiment/technique_values.hpp"

namespace vmcp::experiment::scenario_file {

using simulation::TomlReader;
using simulation::UnitRecordRole;

inline constexpr int64_t kMostMachines = 10'000;
inline constexpr size_t kLongestName = 16;

/// Evenly distributed numbers, the same everywhere: SplitMix64 (Steele, Lea and Flood, 2014).
class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}
    uint64_t next() {
        uint64_t z = state_ += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
    /// 0 .. bound inclusive.
    SimTime up_to(SimTime bound) {
        return static_cast<SimTime>(
            static_cast<unsigned __int128>(next()) * (static_cast<unsigned __int128>(bound) + 1) >> 64);
    }

  private:
    uint64_t state_;
};

/// What is being read of a [[vm]], before it becomes one machine or several.
struct VmTable {
    VmDescription vm;
    int64_t count = 0;  // 0: it is not said
    SimTime start = 0, spread = 0;
    std::string carriage_tape;  // of all its printers; empty: the standard one
};

/// The keys that say at which address the units are that every machine has.
inline constexpr std::array<std::pair<const char*, UnitRecordRole>, 4> kUnitKeys{
    {{"console", UnitRecordRole::console},
     {"reader", UnitRecordRole::card_reader},
     {"punch", UnitRecordRole::card_punch},
     {"printer", UnitRecordRole::printer}}};

class ScenarioReader;

template <class T>
using Key = ScenarioKey<T, ScenarioReader>;

class ScenarioReader {
  public:
    ScenarioReader(const std::string& file, const Overrides& overrides)
        : folder_(std::filesystem::path(file).parent_path()), overrides_(overrides) {
        scenario_.file = file;
    }

    Scenario read(TomlReader root) {
        const std::string name = std::filesystem::path(scenario_.file).stem().string();
        scenario_.title = root.text_or("title", name);
        scenario_.description = root.text_or("description", "");
        read_machine(root);
        read_control_program(root);
        read_paging(root);
        read_spool(root);
        if (root.has("segment"))
            for (TomlReader& segment : root.tables("segment")) read_segment(segment);
        if (root.has("system"))
            for (TomlReader& system : root.tables("system")) read_system(system);
        read_run(root);
        if (!root.has("vm")) root.fail("vm", "the file has no [[vm]]: expected at least one virtual machine");
        for (TomlReader& vm : root.tables("vm")) read_vm(vm);
        if (scenario_.vms.empty()) root.fail("vm", "expected at least one virtual machine");
        for (const VmDescription& vm : scenario_.vms) check_comparisons(root, vm);
        root.finish();
        return std::move(scenario_);
    }

    static std::string reference();

  private:
    using S = ScenarioReader;
    using SegmentKey = Key<SegmentDescription>;

    static const std::vector<Key<Scenario>> kFileKeys, kMachineKeys, kControlProgramKeys, kPagingKeys,
        kRunKeys;
    static const std::vector<Key<SpoolOptions>> kSpoolKeys;
    static const std::vector<Key<VmTable>> kVmKeys;
    static const std::vector<Key<simulation::DeviceDescription>> kDeviceKeys;
    static const std::vector<Key<SegmentDescription>> kSegmentKeys;
    static const std::vector<Key<SystemDescription>> kSystemKeys;

    template <class T>
    void read_keys(const std::vector<Key<T>>& keys, TomlReader& table, T& to) {
        experiment::read_keys(keys, *this, table, to);
    }

    void read_machine(TomlReader& root) {
        std::optional<TomlReader> table;
        if (root.has("machine")) table = root.table("machine");
        std::string name = "s370-158";
        if (table) name = table->text_or("model", name);
        if (overrides_.machine_model)
            name = *overrides_.machine_model;
        else
            name = model_name(table, name, simulation::MachineModel::names());
        scenario_.machine = simulation::MachineModel::load(name);
        if (overrides_.machine_scale) scenario_.machine = scenario_.machine.scaled(*overrides_.machine_scale);
        if (!table) return;
        read_keys(kMachineKeys, *table, scenario_);
        if (table->has("device"))
            for (TomlReader& device : table->tables("device")) read_real_device(device);
        table->finish();
    }

    void read_real_device(TomlReader& table) {
        RealDeviceDescription one;
        read_keys(kDeviceKeys, table, one.device);
        experiment::read_keys(real_device_keys(), std::as_const(scenario_), table, one);
        check_real_device(table, one, scenario_);
        if (!one.device.file.empty()) check_file(table, "file", one.device.file, one.device.file);
        table.finish();
        scenario_.real_devices.push_back(std::move(one));
    }

    void read_control_program(TomlReader& root) {
        std::optional<TomlReader> table;
        if (root.has("control_program")) table = root.table("control_program");
        std::string name = "vm370";
        if (table) name = table->text_or("model", name);
        if (overrides_.control_program_model)
            name = *overrides_.control_program_model;
        else
            name = model_name(table, name, ControlProgramModel::names());
        scenario_.control_program = ControlProgramModel::load(name, scenario_.machine);
        if (overrides_.control_program_scale)
            scenario_.control_program = scenario_.control_program.scaled(*overrides_.control_program_scale);
        scenario_.policy = "round-robin";
        if (table) {
            read_keys(kControlProgramKeys, *table, scenario_);
            table->finish();
        }
        if (overrides_.slice_ms) scenario_.scheduling.slice = time_of_ms(*overrides_.slice_ms);
        if (overrides_.policy) scenario_.policy = *overrides_.policy;
    }

    void read_paging(TomlReader& root) {
        std::optional<TomlReader> table;
        if (root.has("paging")) table = root.table("paging");
        const bool real = std::any_of(scenario_.real_devices.begin(), scenario_.real_devices.end(),
                                      [](const RealDeviceDescription& one) { return one.paging; });
        if (!real && (!table || !table->has("devices")))
            for (const char* type : {"2305-2", "3330-1"})
                if (scenario_.machine.has_device(type)) scenario_.paging.devices.emplace_back(type);
        if (!table) return;
        read_keys(kPagingKeys, *table, scenario_);
        table->finish();
    }

    void read_spool(TomlReader& root) {
        if (root.has("spool")) {
            TomlReader table = root.table("spool");
            read_keys(kSpoolKeys, table, scenario_.spool.emplace());
            table.finish();
        }
        if (overrides_.spool) {
            if (!scenario_.spool) scenario_.spool.emplace();
            scenario_.spool->folder = *overrides_.spool;
        }
        if (scenario_.spool) return;
        for (const RealDeviceDescription& device : scenario_.real_devices)
            if (device.spool)
                root.fail("spool", fmt::format("the real device {:03X} has spool = true: expected a table "
                                               "[spool]",
                                               device.device.address));
    }

    void read_run(TomlReader& root) {
        if (root.has("run")) {
            TomlReader run = root.table("run");
            read_keys(kRunKeys, run, scenario_);
            run.finish();
        }
        if (overrides_.time_limit_ms) scenario_.time_limit = time_of_ms(*overrides_.time_limit_ms);
        if (overrides_.seed) scenario_.seed = *overrides_.seed;
        random_ = Random(scenario_.seed);
    }

    void read_segment(TomlReader& table) {
        SegmentDescription segment;
        read_keys(kSegmentKeys, table, segment);
        const auto image = read_guest(table);
        if (image->loads_from_reader()) table.fail("deck", "expected \"guest\" or \"core\"");
        segment.contents = image->storage.bytes;
        if (segment.origin == 0)
            table.fail("origin", "expected 10000 or above: a machine's page zero is its own");
        if (segment.contents.empty() || segment.contents.size() > 0x1000000 - segment.origin)
            table.fail("origin", "the segment's contents are empty, or do not end below 16M");
        table.finish();
        scenario_.segments.push_back(std::move(segment));
    }

    void read_system(TomlReader& table) {
        SystemDescription system;
        read_keys(kSystemKeys, table, system);
        system.image = read_guest(table);
        if (system.image->loads_from_reader())
            table.fail("deck", "expected \"saved\", \"guest\" or \"core\"");
        table.finish();
        scenario_.systems.push_back(std::move(system));
    }

    /// What an expectation compares a machine with is there.
    void check_comparisons(const TomlReader& root, const VmDescription& vm) const {
        for (const Expectation& one : vm.expectations) {
            const auto named = [&one](const VmDescription& other) {
                return other.options.name == one.against->machine;
            };
            if (one.against && std::none_of(scenario_.vms.begin(), scenario_.vms.end(), named))
                root.fail("vm", fmt::format("against = \"{}\": expected another machine of the scenario",
                                            one.against->machine));
        }
    }

    void read_vm(TomlReader& table) {
        VmTable one;
        VmDescription& vm = one.vm;
        read_keys(kVmKeys, table, one);
        if (!vm.guest) vm.guest = read_guest(table);
        check_guest_fits(table, vm);
        fail_on_same_address(table, vm.options.devices);
        if (table.has("device")) read_devices(table, one);
        if (table.has("ring"))
            for (TomlReader& ring : table.tables("ring"))
                vm.options.rings.push_back(read_ring(ring, vm.options, one.count > 1));
        if (table.has("expect"))
            for (TomlReader& entry : table.tables("expect")) {
                Expectation expectation;
                experiment::read_keys(expectation_keys(), std::as_const(vm), entry, expectation);
                entry.finish();
                vm.expectations.push_back(std::move(expectation));
            }
        use_carriage_tape(vm.options.devices, one.carriage_tape);
        table.finish();
        add_machines(table, one);
    }

    void check_guest_fits(const TomlReader& table, const VmDescription& vm) {
        const StorageBytes& image = vm.guest->storage;
        if (vm.guest->loads_from_reader() ||
            (image.address <= vm.options.storage && image.bytes.size() <= vm.options.storage - image.address))
            return;
        table.fail("storage",
                   fmt::format("the guest's {} bytes at {:06X} do not fit into {} bytes of storage",
                               image.bytes.size(), image.address, vm.options.storage));
    }

    /// One machine, or `count` of them.
    void add_machines(const TomlReader& table, const VmTable& what) {
        const int64_t count = std::max<int64_t>(what.count, 1);
        if (what.vm.options.storage_kind == StorageKind::real && count > 1)
            table.fail("count", "expected at most one V=R machine");
        const size_t digits = std::to_string(count).size();
        for (int64_t i = 1; i <= count; ++i) {
            VmDescription one = what.vm;
            std::string& name = one.options.name;
            if (what.count != 0) name += fmt::format("{:0{}}", i, digits);
            if (name.size() > kLongestName)
                table.fail("name", fmt::format("\"{}\": expected at most {} characters with the number", name,
                                               kLongestName));
            if (!names_.insert(name).second)
                table.fail("name", fmt::format("there is a virtual machine \"{}\" already", name));
            if (scenario_.vms.size() == static_cast<size_t>(kMostMachines))
                table.fail("count", fmt::format("expected at most {} virtual machines", kMostMachines));
            for (RingDescription& ring : one.options.rings) ring.seed = entropy_seed(scenario_.seed, name);
            one.start = what.start + random_.up_to(what.spread);
            scenario_.vms.push_back(std::move(one));
        }
    }

    static void fail_on_same_address(const TomlReader& table, const simulation::DeviceList& units) {
        std::set<uint16_t> used;
        for (const auto& [key, role] : kUnitKeys)
            if (const uint16_t address = first_unit(units, role).address; !used.insert(address).second)
                table.fail(key, fmt::format("two devices have the address {:03X}", address));
    }

    template <class Names>
    static void check_choice(const TomlReader& table, const char* key, const char* what,
                             const std::string& value, const Names& names) {
        if (std::find(names.begin(), names.end(), value) == names.end())
            table.fail(key, fmt::format("unknown {} \"{}\": expected one of {}", what, value,
                                        fmt::join(names, ", ")));
    }

    void read_paging_devices(TomlReader& table) {
        for (const std::string& type : table.texts("devices")) {
            try {
                PagingDevice(scenario_.machine, type);
            } catch (const std::exception& reason) {
                table.fail("devices",
                           fmt::format("\"{}\" cannot be a paging device: {}", type, reason.what()));
            }
            scenario_.paging.devices.push_back(type);
        }
    }

    /// Of a segment or system, of which there are `others`.
    template <class Named>
    static std::string short_name(TomlReader& table, const char* kind, const std::vector<Named>& others) {
        std::string name = table.text("name");
        const bool good =
            !name.empty() && name.size() <= 8 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
                return std::isupper(c) || std::isdigit(c) || c == '$' || c == '#' || c == '@';
            });
        if (!good) table.fail("name", fmt::format("\"{}\": expected 1 to 8 capital letters or digits", name));
        for (const Named& other : others)
            if (other.name == name)
                table.fail("name", fmt::format("there is a {} \"{}\" already", kind, name));
        return name;
    }

    static uint32_t pages_of(const VmOptions& options) { return options.storage / kPage; }

    static void check_name(const TomlReader& table, const std::string& name) {
        const bool good = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
            return std::isalnum(c) || c == '-' || c == '_';
        });
        if (!good || name.size() > kLongestName)
            table.fail("name",
                       fmt::format("\"{}\": expected 1 to {} letters, digits, - or _", name, kLongestName));
    }

    /// Assembled or read once, however many virtual machines use it.
    std::shared_ptr<const GuestImage> read_guest(TomlReader& table) {
        constexpr const char* kKeys[] = {"guest", "core", "deck", "saved"};
        const char* found = nullptr;
        for (const char* key : kKeys) {
            if (!table.has(key)) continue;
            if (found != nullptr)
                table.fail(key, fmt::format("\"{}\" beside \"{}\": expected one of them", key, found));
            found = key;
        }
        if (found == nullptr)
            table.fail("guest",
                       "the virtual machine has nothing to run: expected \"guest\" (assembler "
                       "source), \"core\", \"deck\" or \"ipl\" (a device)");
        const std::string path = beside(table.text(found));
        auto& image = images_[std::pair(std::string(found), path)];
        if (image == nullptr) {
            check_file(table, found, path.substr(0, path.rfind('@')), path);
            // What is wrong in a source is told with the line of the source.
            image = found[0] == 'g' ? assemble_guest(path) : named(table, found, [&] {
                return found[0] == 'c'   ? core_guest(path)
                       : found[0] == 's' ? saved_guest(path)
                                         : deck_guest(path);
            });
        }
        return image;
    }

    simulation::SharedDeck cards(TomlReader& table) {
        const std::string path = beside(table.text("cards"));
        auto& deck = decks_[path];
        if (deck == nullptr) {
            check_file(table, "cards", path, path);
            deck = named(table, "cards",
                         [&] { return std::make_shared<const simulation::Deck>(read_cards(path)); });
        }
        return deck;
    }

    /// ipl = "150": from a disk or tape; ipl = "CMS": a saved system, as if it were the guest.
    void read_ipl(TomlReader& table, VmDescription& vm) const {
        const std::string text = table.text("ipl");
        for (const SystemDescription& system : scenario_.systems)
            if (system.name == text) {
                vm.guest = system.image;
                return;
            }
        vm.ipl = read_device_address(table, "ipl");
        GuestImage none;
        none.file = fmt::format("device {:03X}", *vm.ipl);
        vm.guest = std::make_shared<const GuestImage>(std::move(none));
    }

    /// couple = "0E0", or "OTHER 0E0": that of a machine that is described before.
    void read_couple(TomlReader& table, simulation::DeviceDescription& device) const {
        const std::string text = table.text("couple");
        const size_t space = text.rfind(' ');
        if (space == std::string::npos) {
            device.couple = read_device_address(table, "couple");
            return;
        }
        device.couple = simulation::parse_device_address(std::string_view(text).substr(space + 1));
        device.couple_machine = text.substr(0, space);
        bool free = false;
        for (const VmDescription& vm : scenario_.vms)
            for (const simulation::DeviceDescription& other : vm.options.devices) {
                const bool meant = device.couple && vm.options.name == device.couple_machine &&
                                   other.address == *device.couple && other.type == "CTCA";
                free |= meant && !other.couple;
                if (other.couple && other.couple == device.couple &&
                    (other.couple_machine.empty() ? vm.options.name : other.couple_machine) ==
                        device.couple_machine)
                    table.fail("couple", fmt::format("\"{}\": device {:03X} of {} is coupled with it already",
                                                     text, other.address, vm.options.name));
            }
        if (!free)
            table.fail("couple",
                       fmt::format("\"{}\": expected a channel-to-channel adapter that is not coupled, of a "
                                   "machine that is described before",
                                   text));
    }

    /// What concerns nothing but the options.
    template <void (*kRead)(TomlReader&, VmOptions&)>
    static void read_vm_options(S&, TomlReader& table, VmTable& to) {
        kRead(table, to.vm.options);
    }

    template <UnitRecordRole kRole>
    static void read_unit_address(S&, TomlReader& table, VmTable& to) {
        for (const auto& [key, role] : kUnitKeys)
            if (role == kRole)
                first_unit(to.vm.options.devices, role).address = read_device_address(table, key);
    }

    void read_devices(TomlReader& table, VmTable& to) {
        VmDescription& vm = to.vm;
        const simulation::DeviceList by_keys = vm.options.devices;
        for (TomlReader& entry : table.tables("device")) {
            if (const auto mapped = read_mapped_device(entry, scenario_)) {
                if (mapped->dedicated && to.count > 1)
                    entry.fail("dedicate", "several machines cannot have one device: expected no \"count\"");
                entry.finish();
                vm.options.mapped_devices.push_back(*mapped);
                continue;
            }
            simulation::DeviceDescription device;
            read_keys(kDeviceKeys, entry, device);
            const auto role = simulation::unit_record_role(device.type);
            const bool writes = role == UnitRecordRole::card_punch || role == UnitRecordRole::printer;
            if (!device.file.empty() && !writes) check_file(entry, "file", device.file, device.file);
            if (!device.file.empty() && writes && to.count > 1)
                entry.fail("file", "several machines cannot write one file: expected no \"count\"");
            if (!device.couple_machine.empty() && to.count > 1)
                entry.fail("couple", "several machines cannot have one partner: expected no \"count\"");
            if (device.listen != 0 && to.count > 1)
                entry.fail("listen", "several machines cannot have one port: expected no \"count\"");
            entry.finish();
            try {
                add_device(vm, std::move(device));
            } catch (const std::invalid_argument& error) {
                entry.fail("address", error.what());
            }
        }
        for (const auto& [key, role] : kUnitKeys)
            if (const uint16_t is = first_unit(vm.options.devices, role).address;
                table.has(key) && first_unit(by_keys, role).address != is)
                table.fail(key, fmt::format("a [[vm.device]] of this kind has the address {:03X}", is));
    }

    /// A built-in model's name, or the path of a file beside the scenario.
    std::string model_name(const std::optional<TomlReader>& table, const std::string& name,
                           const std::vector<std::string>& known) const {
        if (name.ends_with(".toml")) {
            std::string path = beside(name);
            if (table) check_file(*table, "model", path, path);
            return path;
        }
        if (table && std::find(known.begin(), known.end(), name) == known.end())
            table->fail("model", fmt::format("unknown model \"{}\": expected one of {}, or a path that ends "
                                             "in .toml",
                                             name, fmt::join(known, ", ")));
        return name;
    }

    std::string beside(const std::string& path) const { return (folder_ / path).lexically_normal().string(); }

    static void check_file(const TomlReader& table, std::string_view key, const std::string& path,
                           const std::string& whole) {
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(path, ignored) &&
            !std::filesystem::is_regular_file(whole, ignored))
            table.fail(key, fmt::format("there is no file {}", path));
    }

    /// A file that cannot be used is told at the place that names it.
    template <class Read>
    static auto named(const TomlReader& table, std::string_view key, Read read) -> decltype(read()) {
        try {
            return read();
        } catch (const GuestError& error) {
            table.fail(key, error.what());
        }
    }

    std::filesystem::path folder_;
    const Overrides& overrides_;
    Scenario scenario_;
    Random random_{0};
    std::set<std::string> names_;
    std::map<std::pair<std::string, std::string>, std::shared_ptr<const GuestImage>> images_;
    std::map<std::string, simulation::SharedDeck> decks_;
};

}  // namespace vmcp::experiment::scenario_file
