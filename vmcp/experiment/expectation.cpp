#include "vmcp/experiment/expectation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "vmcp/experiment/result.hpp"
#include "vmcp/experiment/scenario_values.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {
namespace {

using simulation::TomlReader;

constexpr EndingKind kExpectable[] = {EndingKind::disabled_wait,     EndingKind::check_stop,
                                      EndingKind::instruction_limit, EndingKind::time_limit,
                                      EndingKind::output_limit,      EndingKind::waiting,
                                      EndingKind::logged_off,        EndingKind::control_program_failed};

constexpr std::string_view kWait = "disabled-wait ";

std::optional<Cause> cause_named(std::string_view name) {
    for (unsigned i = 0; i < Cause::kCount; ++i)
        if (Cause::at(i).name() == name) return Cause::at(i);
    return std::nullopt;
}

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

void read_counts(TomlReader& table, const char* key, std::map<std::string, uint64_t>& to) {
    TomlReader counts = table.table(key);
    for (const std::string& cause : counts.keys()) {
        if (!cause_named(cause))
            counts.fail(cause, fmt::format("\"{}\": expected a cause, such as SIO or reflect_io", cause));
        to[cause] = read_most(counts, cause.c_str());
    }
    counts.finish();
}

constexpr double kMostMs = 1e9;

void read_pace(TomlReader& table, Expectation& to) {
    TomlReader keys = table.table("pace");
    Pace pace;
    pace.text = keys.text("text");
    pace.times = static_cast<uint64_t>(keys.integer_or("times", 2, 1'000'000, 2));
    pace.ms = keys.number("ms", 0, kMostMs);
    pace.within_ms = keys.number("within_ms", 0, kMostMs);
    keys.finish();
    to.pace = pace;
}

uint32_t read_word_address(TomlReader& table, const char* key, const VmDescription& vm) {
    const std::string text = table.text(key);
    uint32_t address = 0;
    if (!parse_hex(text, 0xFFFFFF, address) || address + 4 > vm.options.storage)
        table.fail(key, fmt::format("\"{}\": expected the hexadecimal address of a word of storage", text));
    return address;
}

void read_told(TomlReader& table, const VmDescription& vm, Expectation& to) {
    TomlReader keys = table.table("told");
    ToldTimes told;
    if (keys.has("guest_us")) told.guest = read_word_address(keys, "guest_us", vm);
    if (keys.has("elapsed_us")) told.elapsed = read_word_address(keys, "elapsed_us", vm);
    told.within_percent = keys.number_or("within_percent", 0, 100, told.within_percent);
    keys.finish();
    to.told = told;
}

void read_against(TomlReader& table, Expectation& to) {
    TomlReader keys = table.table("against");
    Against against;
    against.machine = keys.text("machine");
    if (keys.has("exits")) against.exits = keys.number("exits", 0, kMostMs);
    if (keys.has("control_program")) against.control_program = keys.number("control_program", 0, kMostMs);
    against.same_console = keys.boolean_or("same_console", false);
    keys.finish();
    to.against = against;
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
    SimTime guest = 0, elapsed = 0;
    const VmResult* under_control_program = nullptr;  // null: natively
    const RunResult* run = nullptr;
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
        if (one.console_lines) judge_lines(one.name, *one.console_lines);
        if (one.pace) judge_pace(one.name, *one.pace);
        if (one.told) judge_told(one.name, *one.told);
        if (left_.under_control_program == nullptr) return;
        const uint64_t exits = left_.under_control_program->exits;
        if (one.most_exits)
            add(one.name, "exits", fmt::format("at most {}", count_text(*one.most_exits)), count_text(exits),
                exits <= *one.most_exits);
        for (const auto& [cause, count] : one.at_least) judge_count(one.name, cause, count, true);
        for (const auto& [cause, count] : one.at_most) judge_count(one.name, cause, count, false);
        if (one.against) judge_against(one.name, *one.against);
    }

    void judge_lines(const std::string& name, const std::vector<std::string>& expected) {
        const auto& lines = left_.output.console;
        size_t same = 0;
        while (same < expected.size() && same < lines.size() && lines[same].text == expected[same]) ++same;
        const bool met = same == expected.size() && same == lines.size();
        const std::string wanted = same < expected.size()
                                       ? fmt::format("line {}: \"{}\"", same + 1, expected[same])
                                       : fmt::format("{} and no more", counted(expected.size(), "line"));
        add(name, "console lines", wanted,
            same < lines.size() ? fmt::format("\"{}\"", lines[same].text) : counted(lines.size(), "line"),
            met);
    }

    void judge_count(const std::string& name, const std::string& cause, uint64_t expected, bool least) {
        const uint64_t found = left_.under_control_program->account.causes[cause_named(cause)->index()].count;
        add(name, cause, fmt::format("{} {}", least ? "at least" : "at most", count_text(expected)),
            count_text(found), least ? found >= expected : found <= expected);
    }

    void judge_pace(const std::string& name, const Pace& pace) {
        std::vector<SimTime> at;
        for (const ConsoleLine& line : left_.output.console)
            if (line.text.find(pace.text) != std::string::npos) at.push_back(line.at);
        const auto expected = [&pace] {
            return fmt::format("{}, {} apart, within {}", counted(pace.times, "line"),
                               duration_text(time_of_ms(pace.ms)), duration_text(time_of_ms(pace.within_ms)));
        };
        if (at.size() != pace.times)
            return add(name, fmt::format("pace of \"{}\"", pace.text), expected(), counted(at.size(), "line"),
                       false);
        SimTime worst = time_of_ms(pace.ms);
        for (size_t i = 1; i < at.size(); ++i)
            if (off(at[i] - at[i - 1], pace.ms) > off(worst, pace.ms)) worst = at[i] - at[i - 1];
        const SimTime whole = at.back() - at.front();
        const double whole_ms = pace.ms * static_cast<double>(pace.times - 1);
        const bool even = off(worst, pace.ms) <= pace.within_ms;
        add(name, fmt::format("pace of \"{}\"", pace.text), expected(),
            even ? fmt::format("{} from the first to the last", duration_text(whole))
                 : fmt::format("two that are {} apart", duration_text(worst)),
            even && off(whole, whole_ms) <= pace.within_ms);
    }

    /// How many milliseconds a time is off.
    static double off(SimTime found, double expected_ms) {
        return std::abs(static_cast<double>(found) / static_cast<double>(simulation::kMillisecond) -
                        expected_ms);
    }

    void judge_told(const std::string& name, const ToldTimes& told) {
        const auto judge = [&](const char* what, std::optional<uint32_t> at, SimTime really) {
            if (!at) return;
            const double us = static_cast<double>(word_at(*at)),
                         expected =
                             static_cast<double>(really) / static_cast<double>(simulation::kMicrosecond);
            add(name, what, fmt::format("{:.0f} us, within {} %", expected, told.within_percent),
                fmt::format("{:.0f} us", us),
                std::abs(us - expected) <= expected * told.within_percent / 100);
        };
        judge("guest time", told.guest, left_.guest);
        judge("elapsed time", told.elapsed, left_.elapsed);
    }

    void judge_against(const std::string& name, const Against& against) {
        const auto& vms = left_.run->vms;
        const auto other = std::find_if(
            vms.begin(), vms.end(), [&against](const VmResult& one) { return one.name == against.machine; });
        if (other == vms.end()) return;  // it is there: the scenario was read
        const VmResult& own = *left_.under_control_program;
        const auto part = [&](const char* what, std::optional<double> most, double is, double was) {
            if (!most) return;
            add(name, fmt::format("{} against {}", what, other->name),
                fmt::format("at most {}", share_text(*most, 1)), share_text(is, was), is <= *most * was);
        };
        part("exits", against.exits, static_cast<double>(own.exits), static_cast<double>(other->exits));
        part("control-program time", against.control_program,
             static_cast<double>(own.account.control_program),
             static_cast<double>(other->account.control_program));
        if (against.same_console) {
            std::vector<std::string> lines;
            for (const ConsoleLine& line : other->output.console) lines.push_back(line.text);
            judge_lines(name, lines);
        }
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

    const StorageBytes* looked_at(uint32_t address, size_t length) const {
        const auto found = std::find_if(
            left_.storage.begin(), left_.storage.end(),
            [&](const StorageBytes& one) { return one.address == address && one.bytes.size() == length; });
        return found == left_.storage.end() ? nullptr : &*found;
    }

    uint32_t word_at(uint32_t address) const {
        uint32_t word = 0;
        if (const StorageBytes* const found = looked_at(address, 4))
            for (const uint8_t byte : found->bytes) word = word << 8 | byte;
        return word;
    }

    void judge_storage(const std::string& name, const StorageBytes& expected) {
        const StorageBytes* const found = looked_at(expected.address, expected.bytes.size());
        const std::vector<uint8_t> bytes = found == nullptr ? std::vector<uint8_t>() : found->bytes;
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
        {"console_lines", "[\"ONE\", \"TWO\"]", "all lines on its console",
         [](V&, TomlReader& t, Expectation& e) { e.console_lines = t.texts("console_lines"); }},
        {"at_least", "{ reflect_io = 2 }",
         "how often the control program works for a cause (names as in JSON)",
         [](V&, TomlReader& t, Expectation& e) { read_counts(t, "at_least", e.at_least); }},
        {"at_most", "{ TIO = 0 }", "likewise",
         [](V&, TomlReader& t, Expectation& e) { read_counts(t, "at_most", e.at_most); }},
        {"pace", "{ text = \"TICK\", times = 5, ms = 1000, within_ms = 20 }",
         "so many lines with the text, so far apart (simulated time)",
         [](V&, TomlReader& t, Expectation& e) { read_pace(t, e); }},
        {"told", "{ guest_us = \"500\", elapsed_us = \"504\", within_percent = 2 }",
         "words where it says how many microseconds of CPU time it had, and went by",
         [](V& vm, TomlReader& t, Expectation& e) { read_told(t, vm, e); }},
        {"against", "{ machine = \"a\", exits = 0.1, control_program = 0.3, same_console = true }",
         "at most these parts of what that machine took",
         [](V&, TomlReader& t, Expectation& e) { read_against(t, e); }},
    };
    return kKeys;
}

std::vector<StorageBytes> Expectation::looks_at() const {
    std::vector<StorageBytes> all = storage;
    if (told)
        for (const auto& word : {told->guest, told->elapsed})
            if (word) all.push_back({*word, std::vector<uint8_t>(4)});
    return all;
}

std::vector<Judgement> judge(const Scenario& scenario, const RunResult& result) {
    std::vector<Judgement> verdicts;
    for (size_t i = 0; i < scenario.vms.size() && i < result.vms.size(); ++i) {
        const VmResult& vm = result.vms[i];
        const Left left{vm.ending,        vm.cpu,       vm.output, vm.looked_at, vm.instructions,
                        vm.account.guest, vm.elapsed(), &vm,       &result};
        Judge(scenario.vms[i], left, verdicts).judge();
    }
    return verdicts;
}

std::vector<Judgement> judge(const Scenario& scenario, const std::vector<NativeResult>& natively) {
    std::vector<Judgement> verdicts;
    for (size_t i = 0; i < scenario.vms.size() && i < natively.size(); ++i) {
        const NativeResult& one = natively[i];
        const Left left{one.ending,       one.cpu,  one.output, one.looked_at,
                        one.instructions, one.busy, one.elapsed};
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
