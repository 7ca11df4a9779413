#include "vmcp/experiment/expectation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "vmcp/experiment/result.hpp"
#include "vmcp/experiment/scenario_values.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {
namespace {

using simulation::TomlReader;

constexpr EndingKind kExpectable[] = {
    EndingKind::disabled_wait, EndingKind::check_stop, EndingKind::instruction_limit, EndingKind::time_limit,
    EndingKind::output_limit,  EndingKind::waiting,    EndingKind::logged_off};

constexpr std::string_view kWait = "disabled-wait ";

void read_ending(TomlReader& table, Expectation& to) {
    const std::string text = table.text("ending");
    uint32_t address = 0;
    bool good = text == "well" || text == "badly" ||
                (text.starts_with(kWait) &&
                 parse_hex(std::string_view(text).substr(kWait.size()), 0xFFFFFF, address));
    for (const EndingKind kind : kExpectable) good = good || text == name_of(kind);
    if (!good) {
        std::vector<std::string_view> names;
        for (const EndingKind kind : kExpectable) names.push_back(name_of(kind));
        table.fail("ending", fmt::format("\"{}\": expected well, badly, {}, or disabled-wait with an address",
                                         text, fmt::join(names, ", ")));
    }
    to.ending = text;
}

void read_registers(TomlReader& table, Expectation& to) {
    TomlReader registers = table.table("registers");
    for (const std::string& key : registers.keys()) {
        uint32_t value = 0;
        unsigned number = 16;
        if (key.size() >= 2 && key.size() <= 3 && key[0] == 'R' &&
            key.find_first_not_of("0123456789", 1) == std::string::npos)
            number = static_cast<unsigned>(std::stoul(key.substr(1)));
        if (number > 15) registers.fail(key, fmt::format("\"{}\": expected R0 to R15", key));
        const std::string digits = registers.text(key);
        if (digits.size() > 8 || !parse_hex(digits, 0xFFFFFFFF, value))
            registers.fail(key, fmt::format("\"{}\": expected up to 8 hexadecimal digits", digits));
        to.registers[number] = value;
    }
    registers.finish();
}

uint64_t read_most(TomlReader& table, const char* key) {
    return static_cast<uint64_t>(table.integer(key, 0, std::numeric_limits<int64_t>::max()));
}

std::string hex_digits(const std::vector<uint8_t>& bytes) {
    std::string text;
    for (const uint8_t byte : bytes) text += fmt::format("{:02X}", byte);
    return text;
}

/// What a machine has left, whichever way it ran.
struct Left {
    const Ending& ending;
    const isa::CpuState& cpu;
    const GuestOutput& output;
    const std::vector<StorageBytes>& storage;  // that the expectations name
    uint64_t instructions = 0;
    std::optional<uint64_t> exits = {};
};

class Judge {
  public:
    Judge(const VmDescription& vm, const Left& left, std::vector<Judgement>& verdicts)
        : vm_(vm), left_(left), verdicts_(verdicts) {}

    void judge() {
        if (vm_.expectations.empty()) return;
        bool ending = false;
        for (const Expectation& one : vm_.expectations) {
            ending = ending || one.ending.has_value();
            judge(one);
        }
        if (!ending) judge_ending("", "well");
    }

  private:
    void add(const std::string& table, const std::string& what, std::string expected, std::string found,
             bool met) {
        verdicts_.push_back({vm_.options.name, table.empty() ? what : table + ": " + what,
                             std::move(expected), std::move(found), met});
    }

    void judge(const Expectation& one) {
        if (one.console) judge_console(one.name, *one.console, true);
        if (one.console_not) judge_console(one.name, *one.console_not, false);
        if (one.printer)
            add(one.name, "printer", fmt::format("\"{}\"", *one.printer),
                fmt::format("{} printed", counted(left_.output.printer.size(), "character")),
                left_.output.printer.find(*one.printer) != std::string::npos);
        if (one.ending) judge_ending(one.name, *one.ending);
        for (const auto& [number, value] : one.registers)
            add(one.name, fmt::format("register R{}", number), fmt::format("{:08X}", value),
                fmt::format("{:08X}", left_.cpu.gpr[number]), left_.cpu.gpr[number] == value);
        for (const StorageBytes& bytes : one.storage) judge_storage(one.name, bytes);
        if (one.most_instructions)
            add(one.name, "instructions", fmt::format("at most {}", count_text(*one.most_instructions)),
                count_text(left_.instructions), left_.instructions <= *one.most_instructions);
        if (one.most_exits && left_.exits)
            add(one.name, "exits", fmt::format("at most {}", count_text(*one.most_exits)),
                count_text(*left_.exits), *left_.exits <= *one.most_exits);
    }

    void judge_console(const std::string& name, const std::string& text, bool wanted) {
        const auto& lines = left_.output.console;
        const auto line = std::find_if(lines.begin(), lines.end(), [&text](const ConsoleLine& one) {
            return one.text.find(text) != std::string::npos;
        });
        const bool there = line != lines.end();
        const std::string found = there ? fmt::format("\"{}\"", line->text)
                                  : lines.empty()
                                      ? std::string("nothing on the console")
                                      : fmt::format("not among {}, the last of which is \"{}\"",
                                                    counted(lines.size(), "line"), lines.back().text);
        add(name, wanted ? "console" : "console without", fmt::format("\"{}\"", text), found,
            there == wanted);
    }

    void judge_ending(const std::string& name, const std::string& expected) {
        const Ending& ending = left_.ending;
        bool met = false;
        if (expected == "well" || expected == "badly") {
            met = ending.well == (expected == "well");
        } else if (expected.starts_with(kWait)) {
            uint32_t address = 0;
            parse_hex(std::string_view(expected).substr(kWait.size()), 0xFFFFFF, address);
            met = ending.kind == EndingKind::disabled_wait && ending.wait_address == address;
        } else {
            met = expected == name_of(ending.kind);
        }
        std::string found = ending.text;
        if (!met && ending.at) found += fmt::format("; {}", ending.at->text());
        if (!met)
            for (const std::string& hint : ending.hints) found += fmt::format(". Hint: {}", hint);
        add(name, "ending", expected, std::move(found), met);
    }

    void judge_storage(const std::string& name, const StorageBytes& expected) {
        const auto found =
            std::find_if(left_.storage.begin(), left_.storage.end(), [&expected](const StorageBytes& one) {
                return one.address == expected.address && one.bytes.size() == expected.bytes.size();
            });
        const std::vector<uint8_t> bytes =
            found == left_.storage.end() ? std::vector<uint8_t>() : found->bytes;
        add(name, fmt::format("storage {:06X}", expected.address), hex_digits(expected.bytes),
            hex_digits(bytes), bytes == expected.bytes);
    }

    const VmDescription& vm_;
    const Left& left_;
    std::vector<Judgement>& verdicts_;
};

std::string escaped(std::string_view text) {
    std::string xml;
    for (const char c : text) {
        switch (c) {
            case '&': xml += "&amp;"; break;
            case '<': xml += "&lt;"; break;
            case '>': xml += "&gt;"; break;
            case '"': xml += "&quot;"; break;
            default: xml += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return xml;
}

}  // namespace

const std::vector<ScenarioKey<Expectation, const VmDescription>>& expectation_keys() {
    using V = const VmDescription;
    static const std::vector<ScenarioKey<Expectation, V>> kKeys = {
        {"name", "\"sums up\"", "for who reads the verdict; optional",
         [](V&, TomlReader& t, Expectation& e) { e.name = t.text("name"); }},
        {"console", "\"TOTAL 42\"", "a part of a line on its console",
         [](V&, TomlReader& t, Expectation& e) { e.console = t.text("console"); }},
        {"console_not", "\"ERROR\"", "no line may have it",
         [](V&, TomlReader& t, Expectation& e) { e.console_not = t.text("console_not"); }},
        {"printer", "\"TOTAL\"", "a part of what it prints",
         [](V&, TomlReader& t, Expectation& e) { e.printer = t.text("printer"); }},
        {"ending", "\"well\"",
         "well (so without it), badly, disabled-wait, \"disabled-wait 000BAD\", check-stop, waiting, "
         "time-limit, ...",
         [](V&, TomlReader& t, Expectation& e) { read_ending(t, e); }},
        {"registers", "{ R3 = \"2A\" }", "in the end, hexadecimal",
         [](V&, TomlReader& t, Expectation& e) { read_registers(t, e); }},
        {"storage", "{ \"500\" = \"C1C2\" }", "likewise: address = bytes",
         [](V& vm, TomlReader& t, Expectation& e) {
             e.storage = read_storage_bytes(t, "storage", vm.options.storage);
         }},
        {"most_instructions", "10000", "that it may execute",
         [](V&, TomlReader& t, Expectation& e) { e.most_instructions = read_most(t, "most_instructions"); }},
        {"most_exits", "100", "to the control program",
         [](V&, TomlReader& t, Expectation& e) { e.most_exits = read_most(t, "most_exits"); }},
    };
    return kKeys;
}

std::vector<Judgement> judge(const Scenario& scenario, const RunResult& result) {
    std::vector<Judgement> verdicts;
    for (size_t i = 0; i < scenario.vms.size() && i < result.vms.size(); ++i) {
        const VmResult& vm = result.vms[i];
        const Left left{vm.ending, vm.cpu, vm.output, vm.looked_at, vm.instructions, vm.exits};
        Judge(scenario.vms[i], left, verdicts).judge();
    }
    return verdicts;
}

std::vector<Judgement> judge(const Scenario& scenario, const std::vector<NativeResult>& natively) {
    std::vector<Judgement> verdicts;
    for (size_t i = 0; i < scenario.vms.size() && i < natively.size(); ++i) {
        const NativeResult& one = natively[i];
        const Left left{one.ending, one.cpu, one.output, one.looked_at, one.instructions};
        Judge(scenario.vms[i], left, verdicts).judge();
    }
    return verdicts;
}

bool all_met(const std::vector<Judgement>& verdicts) {
    return std::all_of(verdicts.begin(), verdicts.end(), [](const Judgement& one) { return one.met; });
}

std::string report(const std::vector<Judgement>& verdicts, size_t width) {
    TextPage page(width);
    size_t met = 0;
    for (const Judgement& one : verdicts) {
        met += one.met;
        page.line(
            fmt::format("{}  {}: {}: {}", one.met ? "ok    " : "NOT OK", one.machine, one.name, one.expected),
            8);
        if (!one.met) page.line(fmt::format("        found: {}", one.found), 2);
    }
    page.line(fmt::format("{} of {} as expected", met, counted(verdicts.size(), "item")));
    return page.take();
}

std::string to_junit(const std::string& suite, const std::vector<Judgement>& verdicts) {
    const auto failures =
        std::count_if(verdicts.begin(), verdicts.end(), [](const Judgement& one) { return !one.met; });
    std::string xml = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n",
        escaped(suite), verdicts.size(), failures);
    for (const Judgement& one : verdicts) {
        xml += fmt::format("  <testcase classname=\"{}\" name=\"{}: {}\"", escaped(one.machine),
                           escaped(one.name), escaped(one.expected));
        xml += one.met ? "/>\n"
                       : fmt::format(">\n    <failure message=\"expected {}, found {}\"/>\n  </testcase>\n",
                                     escaped(one.expected), escaped(one.found));
    }
    return xml + "</testsuite>\n";
}

}  // namespace vmcp::experiment
