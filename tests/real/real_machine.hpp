// What the tests with real software share: where it lies, a folder for scratch disks and tapes, and native
// runs with an operator's script. Each run says what it took.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <regex>
#include <string>
#include <vector>

#include "simulation/images/ckd_image.hpp"
#include "simulation/images/tape_image.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/run.hpp"

namespace vmcp::test {

inline std::string shared_guests() {
    const char* folder = std::getenv("VMCP_SHARED");
    const std::filesystem::path base = folder != nullptr ? folder : VMCP_SOURCE_DIR "/../shared";
    return (base / "guests").string();
}

/// Whether all of these files are below that folder; where one is not the test case is told as skipped.
inline bool present(std::initializer_list<const char*> files) {
    for (const char* file : files) {
        const std::string path = shared_guests() + "/" + file;
        if (std::filesystem::exists(path)) continue;
        MESSAGE("skipped: ", path, " is not here");
        return false;
    }
    return true;
}

class RealRun {
  public:
    explicit RealRun(const char* storage_model = "s370-158")
        : model_(simulation::MachineModel::load(storage_model)) {}

    std::string path(const std::string& name) const { return folder_ / name; }

    void device(uint16_t address, const char* type, std::string file, bool read_only = false,
                std::string overlay = "") {
        simulation::DeviceDescription device;
        device.address = address;
        device.type = type;
        device.file = std::move(file);
        device.overlay = std::move(overlay);
        device.read_only = read_only;
        devices_.push_back(std::move(device));
    }

    /// Cards that lie in the reader at first.
    void cards(std::string file) { cards_ = std::move(file); }

    /// Loads from a device and does the script (TOML text; paths in it are absolute).
    experiment::NativeResult run(const char* what, uint16_t ipl, uint32_t storage,
                                 const std::string& script) {
        tests::put(path("script.toml"), script);
        experiment::VmDescription vm;
        vm.options.storage = storage;
        first_unit(vm.options.devices, simulation::UnitRecordRole::console).address = 0x01F;
        vm.options.devices.insert(vm.options.devices.end(), devices_.begin(), devices_.end());
        if (!cards_.empty())
            vm.cards = std::make_shared<const simulation::Deck>(experiment::read_cards(cards_));
        vm.ipl = ipl;
        vm.guest = std::make_shared<const experiment::GuestImage>();
        vm.operator_script = experiment::read_operator_script(path("script.toml"));
        experiment::NativeMachine machine(model_, vm);
        experiment::NativeResult result = machine.run({});
        MESSAGE(fmt::format("{}: {} instructions, {:.1f} s of simulated time, {:.1f} s of host time", what,
                            result.instructions, static_cast<double>(result.elapsed) / 1e9,
                            result.host_seconds));
        return result;
    }

    /// How it runs as a virtual machine.
    struct AsGuest {
        const char* real_storage = "8M";
        const char* more = "";     // keys of its [[vm]], as lines
        const char* io = "";       // the way of I/O of its devices; empty: the usual one
        const char* mapping = "";  // of translating channels; empty: the usual one
        const char* model = "s370-158";
        const char* device = "";  // keys of its devices, as lines
    };
    /// The same as a virtual machine under the control program.
    experiment::RunResult run_as_guest(const char* what, uint16_t ipl, uint32_t storage,
                                       const std::string& script, const AsGuest& how) {
        tests::put(path("script.toml"), script);
        std::string real, own;
        for (const simulation::DeviceDescription& device : devices_) {
            const bool unit = simulation::unit_record_role(device.type).has_value();
            std::string lines = fmt::format("type = \"{}\"\n", device.type);
            if (!device.file.empty()) lines += fmt::format("file = \"{}\"\n", device.file);
            if (!device.overlay.empty()) lines += fmt::format("overlay = \"{}\"\n", device.overlay);
            if (device.read_only) lines += "read_only = true\n";
            if (unit) {
                own += fmt::format("[[vm.device]]\naddress = \"{:03X}\"\n{}", device.address, lines);
                continue;
            }
            real += fmt::format("[[machine.device]]\naddress = \"{:03X}\"\n{}", device.address, lines);
            own +=
                fmt::format("[[vm.device]]\naddress = \"{0:03X}\"\ndedicate = \"{0:03X}\"\n", device.address);
            if (*how.io != '\0') own += fmt::format("io = \"{}\"\n", how.io);
            if (*how.mapping != '\0') own += fmt::format("io_mapping = \"{}\"\n", how.mapping);
            own += how.device;
        }
        std::string text = fmt::format(
            "[machine]\nmodel = \"{}\"\nstorage = \"{}\"\n{}[run]\ntime_limit_ms = 1e8\n"
            "[[vm]]\nname = \"GUEST\"\nstorage = \"{}K\"\nconsole = \"01F\"\nipl = \"{:03X}\"\n"
            "operator = \"script.toml\"\n{}\n",
            how.model, how.real_storage, real, storage / 1024, ipl, how.more);
        if (!cards_.empty()) text += fmt::format("cards = \"{}\"\n", cards_);
        const experiment::Scenario scenario = experiment::parse_scenario(text + own, path("guest.toml"));
        experiment::RunResult result = experiment::run(scenario);
        MESSAGE(fmt::format(
            "{}: {} instructions, {:.1f} s of simulated time, {:.1f} s of host time, T/V {:.2f}", what,
            result.instructions(), static_cast<double>(result.end) / 1e9, result.host.seconds,
            static_cast<double>(result.guest_time() + result.control_program_time()) /
                static_cast<double>(result.guest_time())));
        return result;
    }

    /// What stands on the console; of guests, the first one's. Times of day are masked, if asked for.
    static std::string console_of(const experiment::RunResult& result) {
        std::string text;
        for (const auto& line : result.vms.front().output.console) text += line.text + "\n";
        return text;
    }

    static std::string console_of(const experiment::NativeResult& result) {
        std::string text;
        for (const auto& line : result.output.console) text += line.text + "\n";
        return text;
    }

  private:
    simulation::MachineModel model_;
    tests::TemporaryFolder folder_;
    std::vector<simulation::DeviceDescription> devices_;
    std::string cards_;
};

/// What a system says and prints without times of day: a guest takes longer.
inline std::string masked(const std::string& text) {
    static const std::regex time(
        "[0-9]{2}[.:][0-9]{2}[.:][0-9]{2}|(^|\n)[0-9]{6} |[.]T[0-9]{6}[.]| [0-9]{2}[.][0-9]{2} "
        "[0-9]{2}/[0-9]{2}/[0-9]{2}");
    return std::regex_replace(text, time, "?");
}

struct GuestWay {
    const char* what;
    RealRun::AsGuest how;
};

/// Runs a system natively, and as a guest in each way: console and paper are the same but for times of day.
/// `prepare` attaches its disks and tapes, fresh for each run.
inline void same_as_natively(uint16_t ipl, uint32_t storage, const std::string& script,
                             const std::function<void(RealRun&)>& prepare,
                             std::initializer_list<GuestWay> ways) {
    RealRun native;
    prepare(native);
    const auto expected = native.run("natively", ipl, storage, script);
    for (const GuestWay& way : ways) {
        CAPTURE(std::string(way.what));
        RealRun guest;
        prepare(guest);
        const auto result = guest.run_as_guest(way.what, ipl, storage, script, way.how);
        CHECK(masked(RealRun::console_of(result)) == masked(RealRun::console_of(expected)));
        CHECK(masked(result.vms.front().output.printer) == masked(expected.output.printer));
    }
}

/// A step of a script that waits for a text and types a line.
inline std::string answer(const std::string& wait, const std::string& type, int limit = 600) {
    return fmt::format("[[step]]\nwait = '''{}'''\ntype = \"\"\"{}\"\"\"\nlimit_s = {}\n", wait, type, limit);
}
inline std::string wait_for(const std::string& text, int limit = 600) {
    return fmt::format("[[step]]\nwait = '''{}'''\nlimit_s = {}\n", text, limit);
}
inline std::string attention(int pause) {
    return fmt::format("[[step]]\npause_s = {}\nattention = true\n", pause);
}

inline bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace vmcp::test
