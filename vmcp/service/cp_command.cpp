#include "vmcp/service/cp_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <iterator>
#include <sstream>
#include <vector>

#include "simulation/model/capitals.hpp"
#include "vmcp/service/adapter_commands.hpp"
#include "vmcp/service/configuration_commands.hpp"
#include "vmcp/service/device_commands.hpp"
#include "vmcp/service/disk_commands.hpp"
#include "vmcp/service/load_command.hpp"
#include "vmcp/service/set_command.hpp"
#include "vmcp/service/spool_commands.hpp"

namespace vmcp {
namespace {

using Words = std::vector<std::string>;

// Message numbers and texts in the manner of GC20-1808 (VM/370 System Messages).
enum ReturnCode : uint32_t {
    kDone = 0,
    kUnknownCommand = 1,
    kInvalidOption = 3,
    kInvalidOperand = 7,
    kMissing = 20,
    kNotLoggedOn = 45,
    kNotReceiving = 57
};

struct Context {
    Nucleus& nucleus;
    MachineStates& states;
    Work& work;
    VirtualMachine& vm;
    void say(std::string_view line) const { vm.io.message(work, line); }
    ReturnCode refuse(ReturnCode code, std::string_view text) const {
        say(text);
        return code;
    }
};

std::string seconds(SimTime t) {
    const int64_t hundredths = t / (10 * simulation::kMillisecond);
    return fmt::format("{:03}:{:02}.{:02}", hundredths / 6000, hundredths / 100 % 60, hundredths % 100);
}

ReturnCode query(const Context& c, const Words& words) {
    if (words.size() < 2) return c.refuse(kMissing, "DMKCQG020E USERID MISSING OR INVALID");
    const std::string& what = words[1];
    const Account& account = c.vm.account;
    if (is_word(what, "TIME", 1)) {
        const CalendarTime t = calendar_time(c.nucleus.now());
        c.say(fmt::format("TIME IS {} GMT {}", t.time, t.date));
        c.say(fmt::format("CONNECT= {} VIRTCPU= {} TOTCPU= {}", seconds(c.nucleus.now() - c.vm.started),
                          seconds(c.vm.virtual_cpu_time()),
                          seconds(account.guest + account.control_program)));
    } else if (is_word(what, "USERID", 6)) {
        c.say(c.vm.options.name);
    } else if (is_word(what, "CPUID", 5)) {
        const uint64_t real = c.nucleus.machine.model().cpu_id();
        c.say(fmt::format("CPUID = FF{:06X}{:08X}", ((real >> 32) + c.vm.id) & 0xFFFFFF, real & 0xFFFFFFFF));
    } else if (is_word(what, "NAMES", 1)) {
        std::string line;
        for (const VirtualMachine& other : c.nucleus.machines) {
            if (other.status == VmState::stopped) continue;
            if (!line.empty()) line += ", ";
            if (line.size() + other.options.name.size() > 70) {
                c.say(line);
                line.clear();
            }
            line += fmt::format("{} -{:03X}", other.options.name, other.io.console_address());
        }
        c.say(line);
    } else if (is_word(what, "STORAGE", 4)) {
        c.say(storage_text(c.vm));
    } else if (is_word(what, "SET", 3)) {
        c.say(fmt::format("MSG {}, PAGEX {}", c.vm.receives_messages ? "ON " : "OFF",
                          c.vm.handshaking.on ? "ON" : "OFF"));
        if (const std::string assists = assist_settings(c.vm); !assists.empty()) c.say(assists);
    } else {
        return c.refuse(kInvalidOption, fmt::format("DMKCQG003E INVALID OPTION - {}", what));
    }
    return kDone;
}

ReturnCode message(const Context& c, const Words& words, std::string_view text) {
    if (words.size() < 2) return c.refuse(kMissing, "DMKMSG020E USERID MISSING OR INVALID");
    VirtualMachine* const to = find_user(c.nucleus, c.vm, words[1]);
    if (to == nullptr || to->status == VmState::stopped)
        return c.refuse(kNotLoggedOn, fmt::format("DMKMSG045E {} NOT LOGGED ON", words[1]));
    // The text is everything behind the second word, as it was written.
    size_t at = 0;
    for (int word = 0; word < 2; ++word) {
        at = text.find_first_not_of(' ', at);
        at = std::min(text.find(' ', at), text.size());
    }
    const size_t rest = text.find_first_not_of(' ', at);
    if (!to->receives_messages)
        return c.refuse(kNotReceiving, fmt::format("DMKMSG057E {} NOT RECEIVING; MSG OFF", words[1]));
    // The sender pays for it: who receives it has not asked for anything.
    to->io.message(
        c.work, fmt::format("{}  * MSG FROM {}: {}", calendar_time(c.nucleus.now()).time, c.vm.options.name,
                            rest == std::string_view::npos ? "" : text.substr(rest)));
    return kDone;
}

ReturnCode sleep(const Context& c, const Words& words) {
    int64_t n = 0;
    SimTime unit = 60 * simulation::kSecond;
    if (words.size() < 2) return c.refuse(kMissing, "DMKCFM026E OPERAND MISSING OR INVALID");
    const auto [end, error] = std::from_chars(words[1].data(), words[1].data() + words[1].size(), n);
    if (words.size() > 2) {
        if (is_word(words[2], "SECONDS", 3))
            unit = simulation::kSecond;
        else if (is_word(words[2], "HOURS", 2))
            unit = 3600 * simulation::kSecond;
        else if (!is_word(words[2], "MINUTES", 3))
            return c.refuse(kInvalidOperand, fmt::format("DMKCFM007E INVALID OPERAND - {}", words[2]));
    }
    if (error != std::errc{} || end != words[1].data() + words[1].size() || n < 0 || n > 99)
        return c.refuse(kInvalidOperand, fmt::format("DMKCFM007E INVALID OPERAND - {}", words[1]));
    c.states.sleep(c.vm, n * unit);
    return kDone;
}

}  // namespace

CalendarTime calendar_time(simulation::SimTime now) {
    constexpr std::time_t k1979 = 283'996'800;  // seconds from 1970 to 1 January 1979
    const std::time_t t = k1979 + static_cast<std::time_t>(now / simulation::kSecond);
    std::tm tm{};
    gmtime_r(&t, &tm);
    return {fmt::format("{:02}/{:02}/{:02}", tm.tm_mon + 1, tm.tm_mday, tm.tm_year % 100),
            fmt::format("{:02}:{:02}:{:02}", tm.tm_hour, tm.tm_min, tm.tm_sec)};
}

uint32_t execute_cp_command(Nucleus& nucleus, MachineStates& states, Work& work, VirtualMachine& vm,
                            std::string_view command) {
    const Context c{nucleus, states, work, vm};
    work.step(Step::cp_command);
    std::istringstream in(simulation::capitals(command));
    const Words words{std::istream_iterator<std::string>(in), std::istream_iterator<std::string>()};
    if (words.empty() || words[0] == "*") return kDone;
    if (const auto done = execute_spool_command(nucleus, work, vm, words)) return *done;
    const DeviceCommand about_devices{nucleus, states, work, vm, words};
    if (const auto code = execute_configuration_command(about_devices)) return *code;
    if (const auto code = execute_adapter_command(about_devices)) return *code;
    if (const auto code = execute_disk_command(about_devices)) return *code;
    if (const auto code = execute_device_command(about_devices)) return *code;
    if (const auto code = execute_load_command(about_devices)) return *code;
    if (const auto code = execute_set_command(about_devices)) return *code;
    if (is_word(words[0], "QUERY", 1)) return query(c, words);
    if (is_word(words[0], "MESSAGE", 1) || words[0] == "MSG") return message(c, words, command);
    if (is_word(words[0], "SLEEP", 2)) return sleep(c, words);
    return c.refuse(kUnknownCommand, fmt::format("DMKCFC001E ?CP: {}", words[0]));
}

}  // namespace vmcp
