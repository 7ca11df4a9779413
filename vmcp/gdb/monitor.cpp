#include "vmcp/gdb/monitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "isa/disassembler.hpp"
#include "simulation/model/capitals.hpp"
#include "vmcp/debug/commands.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/gdb/packet.hpp"
#include "vmcp/panel/storage_text.hpp"

namespace vmcp::gdb {
namespace {

using debug::Alteration;
using debug::MachineNumber;
using debug::Session;
using debug::Stop;

/// What is expected of a command's operands.
struct WrongOperands {
    std::string expected;
};

constexpr uint32_t kMostStorage = 4096;  // bytes at once
constexpr unsigned kLongestInstruction = 6;
constexpr std::size_t kLogLines = 20;

/// The first word, which is taken away from the text.
std::string take_word(std::string_view& text) {
    const auto skip = [&] { text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size())); };
    skip();
    std::string word(text.substr(0, text.find_first_of(" \t")));
    text.remove_prefix(word.size());
    skip();
    return word;
}

class Monitor {
  public:
    Monitor(Session& session, MachineNumber machine) : s_(session), machine_(machine) {}

    std::string answer(std::string_view command) {
        const std::string word = take_word(command);
        for (const Entry& entry : kCommands)
            if (simulation::capitals(word) == simulation::capitals(entry.word))
                return (this->*entry.act)(command);
        return fmt::format("{}: no command of this monitor; expected one of:\n{}", word, help(""));
    }

  private:
    struct Entry {
        const char* word;
        const char* operands;
        const char* text;
        std::string (Monitor::*act)(std::string_view operands);
    };
    static const std::vector<Entry> kCommands;

    std::string help(std::string_view) {
        std::string text;
        for (const Entry& e : kCommands)
            text += fmt::format("  {:34} {}\n", fmt::format("{} {}", e.word, e.operands), e.text);
        return text;
    }

    std::string console(std::string_view) {
        std::string text = s_.console(machine_);
        if (!text.empty() && text.back() != '\n') text += '\n';
        return text;
    }

    std::string entry_text(const debug::LogEntry& e) const {
        return fmt::format("{:>12} {:>10}  {}{}: {}\n", debug::position_text(e.position),
                           experiment::duration_text(e.time), e.by_control_program ? "CP for " : "",
                           s_.name(e.machine), e.text);
    }

    std::string log(std::string_view operands) {
        std::size_t lines = kLogLines;
        if (!operands.empty()) lines = decimal(operands, "how many entries");
        const auto all = s_.log();
        std::string text;
        for (const auto& e : all.last(std::min(lines, all.size()))) text += entry_text(e);
        return text.empty() ? "nothing has happened yet\n" : text;
    }

    /// What the hardware did the last time it took the machine's program away from it, and what came of that.
    std::string explain(std::string_view) {
        const auto all = s_.log();
        const auto trap = std::find_if(all.rbegin(), all.rend(), [&](const debug::LogEntry& e) {
            return e.machine == machine_ && !e.by_control_program;
        });
        if (trap == all.rend()) return "nothing has happened to " + s_.name(machine_) + " yet\n";
        std::string text = trap->text;
        for (auto e = trap.base(); e != all.end(); ++e)
            if (e->machine == machine_) text += "; " + e->text;
        return fmt::format("{} at {}, instruction {}: {}\n", s_.name(machine_),
                           experiment::duration_text(trap->time), trap->position.instructions, text);
    }

    std::string display(std::string_view operands) {
        bool instructions = false;
        if (!operands.empty() && (operands.front() == 'i' || operands.front() == 'I')) {
            instructions = true;
            operands.remove_prefix(1);
        }
        const std::string expected = "an address, hexadecimal, or a label; and how many, decimal";
        const uint32_t address = place(take_word(operands), expected);
        const uint64_t count = operands.empty() ? (instructions ? 1 : 16) : decimal(operands, expected);
        const uint64_t bytes =
            std::min<uint64_t>(instructions ? count * kLongestInstruction : count, kMostStorage);
        const std::string storage = bytes_at(address, static_cast<uint32_t>(bytes));
        std::span<const uint8_t> rest(reinterpret_cast<const uint8_t*>(storage.data()), storage.size());
        if (rest.empty()) return fmt::format("{:06X}: no storage there\n", address);
        if (!instructions) return panel::storage_text(rest, address);
        std::string text;
        uint32_t at = address;
        for (uint64_t i = 0; i < count && !rest.empty(); ++i) {
            const unsigned length = isa::disassembled_length(rest);
            text += isa::disassemble_range(rest.first(length), at);
            rest = rest.subspan(length);
            at += length;
        }
        return text;
    }

    std::string psw(std::string_view) {
        const isa::Psw psw = s_.registers(machine_).psw;
        const uint64_t image = isa::encode(psw);
        return fmt::format("PSW {:08X} {:08X}: {} mode, {} state, key {}, {}{}condition code {}, at {}\n",
                           image >> 32, image & 0xFFFFFFFF, psw.ec_mode ? "EC" : "BC",
                           psw.problem_state ? "problem" : "supervisor", psw.key, psw.wait ? "waits, " : "",
                           psw.dat ? "translates, " : "", psw.condition_code, place_text(psw.address));
    }

    std::string cr(std::string_view) {
        const auto registers = s_.registers(machine_).cr;
        std::string text;
        for (unsigned i = 0; i < 16; ++i)
            text += fmt::format("{}CR{:<2} {:08X}{}", i % 4 == 0 ? "" : "  ", i, registers[i],
                                i % 4 == 3 ? "\n" : "");
        return text;
    }

    std::string fpr(std::string_view) {
        const auto registers = s_.registers(machine_).fpr;
        std::string text;
        for (unsigned i = 0; i < 4; ++i)
            text +=
                fmt::format("FPR{} {:08X} {:08X}\n", 2 * i, registers[i] >> 32, registers[i] & 0xFFFFFFFF);
        return text;
    }

    std::string where(std::string_view) {
        std::string text = fmt::format("at {}, {} of simulated time\n", debug::position_text(s_.position()),
                                       experiment::duration_text(s_.now()));
        if (s_.machines() > 1) {
            const MachineNumber running = s_.running();
            text += running == debug::kRealMachine ? "no virtual machine is running\n"
                                                   : fmt::format("running: {}\n", s_.name(running));
        }
        if (!s_.logged_on(machine_)) return text + s_.name(machine_) + " is not logged on\n";
        const uint32_t address = s_.registers(machine_).psw.address;
        text += fmt::format("{} at {}\n", s_.name(machine_), place_text(address));
        if (const auto* line = s_.source(machine_, address); line != nullptr && line->file != nullptr)
            text += fmt::format("{}:{}: {}\n", *line->file, line->line, line->text);
        return text;
    }

    std::string machines(std::string_view) {
        std::string text;
        for (MachineNumber m = 0; m < s_.machines(); ++m)
            text += fmt::format("{} {:2} {}{}\n", m == machine_ ? "*" : " ", m, s_.name(m),
                                s_.logged_on(m) ? "" : " (not logged on)");
        return text;
    }

    std::string stop(std::string_view operands) {
        const std::string expected =
            "svc [N], program [CODE], interruption, cause NAME, console TEXT or time MILLISECONDS";
        Stop stop;
        stop.machine = machine_;
        const std::string kind = simulation::capitals(take_word(operands));
        const std::string text(operands);
        if (kind == "SVC" || kind == "PROGRAM") {
            stop.kind = kind == "SVC" ? Stop::Kind::supervisor_call : Stop::Kind::program_check;
            if (!text.empty()) stop.number = static_cast<int>(decimal(text, expected));
        } else if (kind == "INTERRUPTION" && text.empty()) {
            stop.kind = Stop::Kind::interruption;
        } else if ((kind == "CAUSE" || kind == "CONSOLE") && !text.empty()) {
            stop.kind = kind == "CAUSE" ? Stop::Kind::cause : Stop::Kind::console;
            stop.text = text;
        } else if (kind == "TIME") {
            stop.kind = Stop::Kind::time;
            stop.time = static_cast<simulation::SimTime>(decimal(text, expected)) * simulation::kMillisecond;
        } else {
            throw WrongOperands{expected};
        }
        return fmt::format("stop {}\n", s_.add(std::move(stop)));
    }

    std::string stops(std::string_view) {
        std::string text;
        for (const Stop& stop : s_.stops()) text += fmt::format("{:3} {}\n", stop.id, debug::text_of(stop));
        return text.empty() ? "no stops\n" : text;
    }

    std::string clear(std::string_view operands) {
        const uint64_t id = decimal(operands, "the number of a stop");
        if (!s_.remove(static_cast<unsigned>(id))) return fmt::format("there is no stop {}\n", id);
        return fmt::format("stop {} is gone\n", id);
    }

    std::string type(std::string_view operands) {
        Alteration line;
        line.what = Alteration::What::console_line;
        line.machine = machine_;
        line.text = operands;
        s_.alter(std::move(line));
        return "";
    }

    std::string attention(std::string_view) { return press(Alteration::What::attention); }
    std::string external(std::string_view) { return press(Alteration::What::external); }
    std::string press(Alteration::What key) {
        Alteration alteration;
        alteration.what = key;
        alteration.machine = machine_;
        s_.alter(std::move(alteration));
        return "";
    }

    static uint64_t decimal(std::string_view text, const std::string& expected) {
        uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size() || value > 1'000'000'000)
            throw WrongOperands{expected};
        return value;
    }
    uint32_t place(const std::string& word, const std::string& expected) const {
        if (const auto label = s_.symbol(machine_, word)) return *label & isa::kAddressMask;
        const std::string_view digits = std::string_view(word).substr(word.starts_with("0x") ? 2 : 0);
        const auto address = number_of_hex(digits);
        if (!address || *address > isa::kAddressMask) throw WrongOperands{expected};
        return static_cast<uint32_t>(*address);
    }
    std::string bytes_at(uint32_t address, uint32_t count) const {
        std::string bytes;
        for (const auto& byte : s_.read(machine_, debug::AddressKind::logical, address, count)) {
            if (!byte) break;
            bytes.push_back(static_cast<char>(*byte));
        }
        return bytes;
    }
    std::string place_text(uint32_t address) const {
        const std::string name = s_.place_name(machine_, address);
        return name.empty() ? fmt::format("{:06X}", address) : fmt::format("{:06X} {}", address, name);
    }

    Session& s_;
    MachineNumber machine_;
};

const std::vector<Monitor::Entry> Monitor::kCommands = {
    {"help", "", "this list", &Monitor::help},
    {"console", "", "everything that the machine's console shows", &Monitor::console},
    {"log", "[N]", "the last N things that have happened", &Monitor::log},
    {"explain", "", "the last thing that happened to the machine, and what came of it", &Monitor::explain},
    {"where", "", "position, simulated time, and where the machine's program is", &Monitor::where},
    {"display", "[i] ADDRESS [N]", "N bytes of storage; with i, N instructions", &Monitor::display},
    {"psw", "", "the PSW, as it is", &Monitor::psw},
    {"cr", "", "control registers", &Monitor::cr},
    {"fpr", "", "floating-point registers, hexadecimal", &Monitor::fpr},
    {"machines", "", "the real machine and the virtual ones", &Monitor::machines},
    {"stop", "svc|program|interruption|cause|...", "stops that gdb has no command for", &Monitor::stop},
    {"stops", "", "all stops, those of gdb among them", &Monitor::stops},
    {"clear", "N", "takes a stop away", &Monitor::clear},
    {"type", "LINE", "types a line at the console", &Monitor::type},
    {"attention", "", "presses the console's attention key", &Monitor::attention},
    {"external", "", "presses the interrupt key", &Monitor::external},
};

}  // namespace

std::string monitor(Session& session, MachineNumber machine, std::string_view command) {
    std::string_view rest = command;
    const std::string word = take_word(rest);
    try {
        return Monitor(session, machine).answer(word.empty() ? "help" : command);
    } catch (const WrongOperands& wrong) {
        return fmt::format("{}: expected {}\n", word, wrong.expected);
    } catch (const debug::DebugError& error) {
        return fmt::format("{}\n", error.what());
    }
}

}  // namespace vmcp::gdb
