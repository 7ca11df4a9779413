#include "vmcp/experiment/scenario.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <set>

#include "scheduler/make_policy.hpp"
#include "simulation/model/toml_reader.hpp"

namespace vmcp::experiment {
namespace {

using simulation::TomlReader;

constexpr double kLongestMs = 1e9;  // eleven simulated days
constexpr int64_t kMostMachines = 10'000;
constexpr size_t kLongestName = 16;

SimTime time_of_ms(double ms) {
    return static_cast<SimTime>(std::llround(ms * static_cast<double>(simulation::kMillisecond)));
}

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

class ScenarioReader {
  public:
    ScenarioReader(const std::string& file, const Overrides& overrides)
        : folder_(std::filesystem::path(file).parent_path()), overrides_(overrides) {
        scenario_.file = file;
    }

    Scenario read(TomlReader root) {
        scenario_.title = root.text("title");
        scenario_.description = root.text_or("description", "");
        read_machine(root);
        read_control_program(root);
        read_paging(root);
        read_segments(root);
        read_run(root);
        if (!root.has("vm")) root.fail("vm", "the file has no [[vm]]: expected at least one virtual machine");
        for (TomlReader& vm : root.tables("vm")) read_vm(vm);
        if (scenario_.vms.empty()) root.fail("vm", "expected at least one virtual machine");
        root.finish();
        return std::move(scenario_);
    }

  private:
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
        if (table->has("storage")) {
            scenario_.storage = storage_size(*table, "storage");
            const auto most = scenario_.machine.max_storage_bytes.value;
            if (scenario_.storage > most)
                table->fail("storage", fmt::format("the machine model {} takes at most {}K of storage",
                                                   scenario_.machine.name, most / 1024));
        }
        table->finish();
    }

    void read_control_program(TomlReader& root) {
        std::optional<TomlReader> table;
        if (root.has("control_program")) table = root.table("control_program");
        std::string name = "vm370", policy = "round-robin";
        if (table) name = table->text_or("model", name);
        if (overrides_.control_program_model)
            name = *overrides_.control_program_model;
        else
            name = model_name(table, name, ControlProgramModel::names());
        scenario_.control_program = ControlProgramModel::load(name, scenario_.machine);
        if (overrides_.control_program_scale)
            scenario_.control_program = scenario_.control_program.scaled(*overrides_.control_program_scale);
        if (table) {
            policy = table->text_or("policy", policy);
            const auto names = scheduler::policy_names();
            if (std::find(names.begin(), names.end(), policy) == names.end())
                table->fail("policy", fmt::format("unknown dispatching policy \"{}\": expected one of {}",
                                                  policy, fmt::join(names, ", ")));
            if (table->has("slice_ms"))
                scenario_.scheduling.slice = time_of_ms(table->number("slice_ms", 0.001, kLongestMs));
            table->finish();
        }
        if (overrides_.slice_ms) scenario_.scheduling.slice = time_of_ms(*overrides_.slice_ms);
        scenario_.policy = overrides_.policy.value_or(policy);
    }

    void read_run(TomlReader& root) {
        if (root.has("run")) {
            TomlReader run = root.table("run");
            if (run.has("time_limit_ms"))
                scenario_.time_limit = time_of_ms(run.number("time_limit_ms", 0.001, kLongestMs));
            scenario_.seed =
                static_cast<uint64_t>(run.integer_or("seed", 0, std::numeric_limits<int64_t>::max(), 0));
            run.finish();
        }
        if (overrides_.time_limit_ms) scenario_.time_limit = time_of_ms(*overrides_.time_limit_ms);
        if (overrides_.seed) scenario_.seed = *overrides_.seed;
        random_ = Random(scenario_.seed);
    }

    void read_vm(TomlReader& table) {
        VmDescription vm;
        vm.options.name = table.text("name");
        check_name(table, vm.options.name);
        const int64_t count = table.integer_or("count", 1, kMostMachines, 1);
        vm.options.storage = storage_size(table, "storage");
        if (table.has("ipl"))
            read_ipl(table, vm);
        else
            vm.guest = read_guest(table);
        if (!vm.guest->loads_from_reader() &&
            (vm.guest->storage.address > vm.options.storage ||
             vm.guest->storage.bytes.size() > vm.options.storage - vm.guest->storage.address))
            table.fail(
                "storage",
                fmt::format("the guest's {} bytes at {:06X} do not fit into {} bytes of storage",
                            vm.guest->storage.bytes.size(), vm.guest->storage.address, vm.options.storage));
        if (table.has("patch")) read_patches(table, vm);
        vm.options.scheduling.priority = static_cast<int>(table.integer_or("priority", 1, 99, 50));
        vm.options.scheduling.share = static_cast<uint32_t>(table.integer_or("share", 1, 1'000'000, 100));
        read_storage_options(table, vm);
        read_devices(table, vm.options.devices);
        if (table.has("device")) read_further_devices(table, vm, count > 1);
        if (table.has("operator")) {
            const std::string path = beside(table.text("operator"));
            check_file(table, "operator", path, path);
            vm.operator_script = read_operator_script(path);
        }
        if (table.has("cards")) {
            if (vm.cards != nullptr)
                table.fail("cards", "there are cards in the reader already, its \"file\"");
            vm.cards = cards(table);
        }
        if (table.has("console_input")) read_console_input(table, vm);
        const SimTime start = time_of_ms(table.number_or("start_ms", 0, kLongestMs, 0));
        const SimTime spread = time_of_ms(table.number_or("start_spread_ms", 0, kLongestMs, 0));
        table.finish();

        if (vm.options.storage_kind == StorageKind::real && count > 1)
            table.fail("count", "expected at most one V=R machine");
        const size_t digits = std::to_string(count).size();
        for (int64_t i = 1; i <= count; ++i) {
            VmDescription one = vm;
            if (table.has("count")) one.options.name += fmt::format("{:0{}}", i, digits);
            if (one.options.name.size() > kLongestName)
                table.fail("name", fmt::format("\"{}\": expected at most {} characters with the number",
                                               one.options.name, kLongestName));
            if (!names_.insert(one.options.name).second)
                table.fail("name",
                           fmt::format("there is a virtual machine \"{}\" already", one.options.name));
            if (scenario_.vms.size() == static_cast<size_t>(kMostMachines))
                table.fail("count", fmt::format("expected at most {} virtual machines", kMostMachines));
            one.start = start + random_.up_to(spread);
            scenario_.vms.push_back(std::move(one));
        }
    }

    void read_paging(TomlReader& root) {
        PagingOptions& paging = scenario_.paging;
        std::optional<TomlReader> table;
        if (root.has("paging")) table = root.table("paging");
        if (!table || !table->has("devices")) {
            for (const char* type : {"2305-2", "3330-1"})
                if (scenario_.machine.has_device(type)) paging.devices.emplace_back(type);
        } else {
            for (const std::string& type : table->texts("devices")) {
                try {
                    PagingDevice(scenario_.machine, type);
                } catch (const std::exception& reason) {
                    table->fail("devices",
                                fmt::format("\"{}\" cannot be a paging device: {}", type, reason.what()));
                }
                paging.devices.push_back(type);
            }
        }
        if (!table) return;
        paging.replacement = table->text_or("replacement", paging.replacement);
        const auto names = page_replacement_names();
        if (std::find(names.begin(), names.end(), paging.replacement) == names.end())
            table->fail("replacement", fmt::format("unknown page replacement \"{}\": expected one of {}",
                                                   paging.replacement, fmt::join(names, ", ")));
        table->finish();
    }

    void read_segments(TomlReader& root) {
        if (!root.has("segment")) return;
        for (TomlReader& table : root.tables("segment")) {
            SegmentDescription segment;
            segment.name = table.text("name");
            const bool good =
                !segment.name.empty() && segment.name.size() <= 8 &&
                std::all_of(segment.name.begin(), segment.name.end(), [](unsigned char c) {
                    return std::isupper(c) || std::isdigit(c) || c == '$' || c == '#' || c == '@';
                });
            if (!good)
                table.fail("name",
                           fmt::format("\"{}\": expected 1 to 8 capital letters or digits", segment.name));
            for (const SegmentDescription& other : scenario_.segments)
                if (other.name == segment.name)
                    table.fail("name", fmt::format("there is a segment \"{}\" already", segment.name));
            const std::string origin = table.text("origin");
            if (!parse_hex(origin, 0xFF0000, segment.origin) || segment.origin % SharedSegment::kUnit != 0)
                table.fail("origin",
                           fmt::format("\"{}\": expected a hexadecimal multiple of 10000 (64K)", origin));
            const auto image = read_guest(table);
            if (image->loads_from_reader()) table.fail("deck", "expected \"guest\" or \"core\"");
            segment.contents = image->storage.bytes;
            if (segment.contents.empty() || segment.contents.size() > 0x1000000 - segment.origin)
                table.fail("origin", "the segment's contents are empty, or do not end below 16M");
            table.finish();
            scenario_.segments.push_back(std::move(segment));
        }
    }

    void read_storage_options(TomlReader& table, VmDescription& vm) {
        const std::string kind = table.text_or("kind", "V=V");
        if (kind == name_of(StorageKind::resident))
            vm.options.storage_kind = StorageKind::resident;
        else if (kind == name_of(StorageKind::real))
            vm.options.storage_kind = StorageKind::real;
        else if (kind != name_of(StorageKind::paged))
            table.fail("kind", fmt::format("unknown kind \"{}\": expected V=V, V=Resident or V=R", kind));
        if (vm.options.storage_kind == StorageKind::real && scenario_.v_equals_r() != 0)
            table.fail("kind", "there is a V=R machine already: expected at most one");
        vm.options.classes = table.text_or("classes", vm.options.classes);
        if (vm.options.classes.empty() ||
            vm.options.classes.find_first_not_of("ABCDEFGH") != std::string::npos)
            table.fail("classes", fmt::format("\"{}\": expected letters from A to H", vm.options.classes));
        const auto pages = static_cast<int64_t>(vm.options.storage / kPage);
        vm.options.reserved_pages = static_cast<uint32_t>(table.integer_or("reserved_pages", 0, pages, 0));
        const std::string translation = table.text_or("translation", "shadow");
        if (translation == name_of(GuestTranslation::nested)) {
            vm.options.translation = GuestTranslation::nested;
            if (!scenario_.machine.facilities.has(isa::Facility::nested_translation))
                table.fail("translation",
                           fmt::format("the machine model {} has no nested translation: expected "
                                       "\"shadow\", or a model with facility nested_translation",
                                       scenario_.machine.name));
        } else if (translation != name_of(GuestTranslation::shadow)) {
            table.fail("translation", fmt::format("\"{}\": expected shadow or nested", translation));
        }
        vm.options.shadow_sets = static_cast<unsigned>(table.integer_or("shadow_sets", 1, 16, 4));
        if (!table.has("locked_pages")) return;
        for (const std::string& text : table.texts("locked_pages")) {
            const size_t dash = text.find('-');
            uint32_t first = 0, last = 0;
            const std::string_view all(text);
            if (!parse_hex(all.substr(0, dash), 0xFFF, first) ||
                !parse_hex(dash == std::string::npos ? all : all.substr(dash + 1), 0xFFF, last) ||
                last < first || last >= pages)
                table.fail(
                    "locked_pages",
                    fmt::format("\"{}\": expected hexadecimal page numbers below {:X}, such as \"0-3\"", text,
                                pages));
            vm.options.locked_pages.emplace_back(first, last);
        }
    }

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
        constexpr const char* kKeys[] = {"guest", "core", "deck"};
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
            image = found[0] == 'g'   ? assemble_guest(path)
                    : found[0] == 'c' ? core_guest(path)
                                      : deck_guest(path);
        }
        return image;
    }

    simulation::SharedDeck cards(TomlReader& table) {
        const std::string path = beside(table.text("cards"));
        auto& deck = decks_[path];
        if (deck == nullptr) {
            check_file(table, "cards", path, path);
            deck = std::make_shared<const simulation::Deck>(read_cards(path));
        }
        return deck;
    }

    static void read_patches(TomlReader& table, VmDescription& vm) {
        TomlReader patch = table.table("patch");
        for (const std::string& key : patch.keys()) {
            StorageBytes bytes;
            if (!parse_hex(key, 0xFFFFFF, bytes.address))
                patch.fail(key, fmt::format("\"{}\": expected a hexadecimal storage address", key));
            const std::string digits = patch.text(key);
            for (size_t i = 0; i + 1 < digits.size(); i += 2) {
                uint32_t byte = 0;
                if (!parse_hex(std::string_view(digits).substr(i, 2), 0xFF, byte)) break;
                bytes.bytes.push_back(static_cast<uint8_t>(byte));
            }
            if (bytes.bytes.empty() || 2 * bytes.bytes.size() != digits.size())
                patch.fail(key, fmt::format("\"{}\": expected pairs of hexadecimal digits", digits));
            if (bytes.bytes.size() > vm.options.storage ||
                bytes.address > vm.options.storage - bytes.bytes.size())
                patch.fail(key, fmt::format("the patch at {} lies beyond {} bytes of storage", key,
                                            vm.options.storage));
            vm.patches.push_back(std::move(bytes));
        }
        patch.finish();
    }

    static uint16_t device_address(TomlReader& table, const char* key) {
        uint32_t value = 0;
        const std::string text = table.text(key);
        if (!parse_hex(text, 0xFFF, value))
            table.fail(key, fmt::format("\"{}\": expected a device address of three hexadecimal digits, such "
                                        "as \"01F\"",
                                        text));
        return static_cast<uint16_t>(value);
    }

    /// ipl = "150": from a disk or tape.
    static void read_ipl(TomlReader& table, VmDescription& vm) {
        vm.ipl = device_address(table, "ipl");
        GuestImage none;
        none.file = fmt::format("device {:03X}", *vm.ipl);
        vm.guest = std::make_shared<const GuestImage>(std::move(none));
    }

    void read_further_devices(TomlReader& table, VmDescription& vm, bool several) {
        const simulation::UnitRecordConfiguration said = vm.options.devices;
        for (TomlReader& entry : table.tables("device")) {
            simulation::DeviceDescription device;
            device.address = device_address(entry, "address");
            device.type = entry.text("type");
            if (!simulation::is_device_type(device.type))
                entry.fail("type", fmt::format("unknown device type \"{}\": expected one of {}", device.type,
                                               simulation::device_types()));
            device.file = entry.text_or("file", "");
            const auto role = simulation::unit_record_role(device.type);
            const bool writes =
                role == simulation::UnitRecordRole::card_punch || role == simulation::UnitRecordRole::printer;
            if (!device.file.empty()) {
                device.file = beside(device.file);
                if (!writes) check_file(entry, "file", device.file, device.file);
                if (writes && several)
                    entry.fail("file", "several machines cannot write one file: expected no \"count\"");
            }
            device.overlay = entry.text_or("overlay", "");
            if (!device.overlay.empty()) device.overlay = beside(device.overlay);
            device.read_only = entry.boolean_or("read_only", false);
            if (entry.has("couple")) device.couple = device_address(entry, "couple");
            device.listen = static_cast<uint16_t>(entry.integer_or("listen", 1, 0xFFFF, 0));
            entry.finish();
            try {
                add_device(vm, std::move(device));
            } catch (const std::invalid_argument& error) {
                entry.fail("address", error.what());
            }
        }
        const auto agree = [&](const char* key, uint16_t key_said, uint16_t is) {
            if (table.has(key) && key_said != is)
                table.fail(key, fmt::format("a [[vm.device]] of this kind has the address {:03X}", is));
        };
        agree("console", said.console, vm.options.devices.console);
        agree("reader", said.reader, vm.options.devices.reader);
        agree("punch", said.punch, vm.options.devices.punch);
        agree("printer", said.printer, vm.options.devices.printer);
    }

    static void read_devices(TomlReader& table, simulation::UnitRecordConfiguration& devices) {
        std::set<uint16_t> used;
        const auto read = [&](const char* key, uint16_t& address) {
            if (table.has(key)) address = device_address(table, key);
            if (!used.insert(address).second)
                table.fail(key, fmt::format("two devices have the address {:03X}", address));
        };
        read("console", devices.console);
        read("reader", devices.reader);
        read("punch", devices.punch);
        read("printer", devices.printer);
    }

    static void read_console_input(TomlReader& table, VmDescription& vm) {
        for (TomlReader& line : table.tables("console_input")) {
            ConsoleInput input;
            input.at = time_of_ms(line.number("at_ms", 0, kLongestMs));
            input.text = line.text("text");
            if (!vm.console_input.empty() && input.at < vm.console_input.back().at)
                line.fail("at_ms", "the lines of console_input must be in the order of time");
            line.finish();
            vm.console_input.push_back(std::move(input));
        }
    }

    /// A multiple of 4096 bytes up to 16M: "256K", "1M", "65536".
    static uint32_t storage_size(TomlReader& table, const char* key) {
        const std::string text = table.text(key);
        uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
        const uint64_t factor = unit.empty() ? 1 : unit == "K" ? 1024 : unit == "M" ? 1024 * 1024 : 0;
        if (error != std::errc{} || factor == 0 || value == 0 || value > (uint64_t{64} << 20) ||
            value * factor > (uint64_t{64} << 20) || value * factor % 4096 != 0)
            table.fail(
                key,
                fmt::format("\"{}\": expected a size such as \"256K\" or \"1M\", a multiple of 4K", text));
        return static_cast<uint32_t>(value * factor);
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

    std::filesystem::path folder_;
    const Overrides& overrides_;
    Scenario scenario_;
    Random random_{0};
    std::set<std::string> names_;
    std::map<std::pair<std::string, std::string>, std::shared_ptr<const GuestImage>> images_;
    std::map<std::string, simulation::SharedDeck> decks_;
};

}  // namespace

uint32_t Scenario::v_equals_r() const {
    for (const VmDescription& vm : vms)
        if (vm.options.storage_kind == StorageKind::real) return vm.options.storage;
    return 0;
}

Scenario read_scenario(const std::string& path, const Overrides& overrides) {
    return parse_scenario(simulation::read_text_file(path), path, overrides);
}

Scenario parse_scenario(std::string_view text, const std::string& file, const Overrides& overrides) {
    return ScenarioReader(file, overrides).read(TomlReader::parse(text, file));
}

}  // namespace vmcp::experiment
