#include "vmcp/debug/screen_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "vmcp/debug/commands.hpp"
#include "vmcp/experiment/cpu_trace.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::debug {
namespace {

using experiment::characters;
using experiment::cut;
using experiment::duration_text;

constexpr unsigned kRegisterRows = 8;

/// A line of one half, and which of its characters are marked.
struct Line {
    std::string text;
    std::vector<std::pair<unsigned, unsigned>> bold = {};
};
using Lines = std::vector<Line>;

std::string padded(const std::string& text, unsigned width) {
    std::string line = cut(text, width);
    line.append(width - std::min<size_t>(width, characters(line)), ' ');
    return line;
}

std::string meaning(const isa::Psw& psw) {
    std::string text = psw.ec_mode ? "EC" : "BC";
    text += psw.problem_state ? ", problem" : ", supervisor";
    text += fmt::format(", key {:X}, CC {}", psw.key, psw.condition_code);
    if (psw.dat) text += ", DAT";
    if (psw.wait) text += ", wait";
    const bool io = psw.ec_mode ? psw.io_mask : psw.bc_channel_masks != 0;
    text += io && psw.external_mask ? ", I/O+ext" : io ? ", I/O" : psw.external_mask ? ", ext" : "";
    return text;
}

/// "R0  00000000  R8  00000000", changed ones with a star.
void add_registers(Lines& lines, const Registers& now, const Registers* before) {
    for (unsigned i = 0; i < kRegisterRows; ++i) {
        Line line;
        for (const unsigned r : {i, i + kRegisterRows}) {
            const bool changed = before != nullptr && before->gpr[r] != now.gpr[r];
            if (changed) line.bold.emplace_back(static_cast<unsigned>(line.text.size()), 13);
            line.text += fmt::format("R{:<2} {:08X}{}  ", r, now.gpr[r], changed ? '*' : ' ');
        }
        while (line.text.ends_with(' ')) line.text.pop_back();
        lines.push_back(std::move(line));
    }
}

void add_psw(Lines& lines, const char* what, const Registers& now, const Registers* before) {
    const bool changed = before != nullptr && isa::encode(before->psw) != isa::encode(now.psw);
    Line line{fmt::format("{} {}{}", what, experiment::psw_hex(now.psw), changed ? "*" : "")};
    if (changed) line.bold.emplace_back(0U, static_cast<unsigned>(line.text.size()));
    lines.push_back(std::move(line));
    lines.push_back({"  " + meaning(now.psw)});
}

/// The instruction that comes next, those before it as far as the source tells, and those behind.
void add_instructions(Lines& lines, const Session& session, MachineNumber machine, unsigned count,
                      unsigned width) {
    if (session.registers(machine).psw.wait) return lines.push_back({"waits for an interruption"});
    const uint32_t here = session.registers(machine).psw.address;
    std::vector<uint32_t> places;
    uint32_t before = here;
    for (unsigned back = 0; back < count / 3; ++back) {
        uint32_t found = 0;
        for (const unsigned length : {2U, 4U, 6U}) {
            const auto* const one = before >= length ? session.source(machine, before - length) : nullptr;
            if (one != nullptr && one->instruction && one->address == before - length &&
                one->length == length)
                found = length;
        }
        if (found == 0) break;
        before -= found;
        places.insert(places.begin(), before);
    }
    for (uint32_t at = here; places.size() < count;) {
        places.push_back(at);
        const auto behind = place_behind(session, machine, at);
        if (!behind) break;
        at = *behind;
    }
    for (const uint32_t place : places) {
        constexpr unsigned kWide = 70;
        Line line{fmt::format("{} {}", place == here ? '>' : ' ',
                              instruction_line(session, machine, place, width < kWide))};
        if (place == here) line.bold.emplace_back(0U, 200U);
        lines.push_back(std::move(line));
    }
}

std::vector<std::string> split_lines(const std::string& text) {
    std::vector<std::string> lines;
    size_t begin = 0;
    while (begin < text.size()) {
        const size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

std::vector<std::string> log_lines(const Session& session, size_t most, unsigned width) {
    constexpr size_t kHang = 12;
    std::vector<std::string> lines;
    const auto log = session.log();
    for (const LogEntry& entry : log.last(std::min(most, log.size()))) {
        const std::string line =
            fmt::format("{:<9} {}{}: {}", position_text(entry.position),
                        entry.by_control_program ? "  CP for " : "", session.name(entry.machine), entry.text);
        // Its columns are kept: what is wrapped is behind them.
        const std::vector<std::string> wrapped =
            characters(line) <= width ? std::vector{line} : experiment::wrap(line, width, 0, kHang);
        lines.insert(lines.end(), wrapped.begin(), wrapped.end());
    }
    return lines;
}

std::string bar(const std::string& left, const std::string& right, unsigned width) {
    const auto space = static_cast<unsigned>(width - std::min<size_t>(width, characters(right) + 1));
    return padded(' ' + left, space) + right + ' ';
}

}  // namespace

std::string key_help() {
    return "Small letters go on, capitals go back.\n"
           "  s S  right left   to the next instruction of the machine\n"
           "  o O               over what the instruction calls\n"
           "  m M  down up      to the next that happens: steps of the control program, too\n"
           "  t T               to the next trap of a virtual machine\n"
           "  i I               to the next interruption that the machine takes\n"
           "  w W               to where another virtual machine goes on\n"
           "  g G               to the next stop, or the end\n"
           "  Tab               the next machine;   r: the real machine alone\n"
           "  : Enter           a command: HELP lists them, such as  stop at LOOP,  who 420\n"
           "  PgUp PgDn         through what is shown below\n"
           "  Ctrl-C            stops a run;   q: end\n"
           "Registers that have changed since the last stop have a star. @1200.3 is a point of the\n"
           "run: 1200 instructions completed, and three things since.\n";
}

std::vector<ScreenRow> screen_rows(const Session& session, const ScreenState& state, unsigned width,
                                   unsigned height) {
    const bool native = session.machines() == 1;
    const MachineNumber guest = state.focus;
    const bool both = !native && guest != kRealMachine;
    const char* const stroke = state.plain ? "|" : "│";
    std::vector<ScreenRow> rows;
    const std::string place =
        fmt::format("{}  {}", position_text(session.position()), duration_text(session.now()));
    rows.push_back(
        {bar(state.running ? "VMCP: runs; Ctrl-C stops it" : "VMCP: " + state.headline, place, width), true});

    // The two halves.
    const Registers real = session.registers(kRealMachine);
    const Registers* const real_before = state.seen.any ? &state.seen.real : nullptr;
    constexpr unsigned kRegisterWidth = 38;
    const unsigned left_width =
        both ? (width - 3) / 2 : width - 3 - std::min(kRegisterWidth, (width - 3) / 2);
    const unsigned right_width = width - 3 - left_width;
    const unsigned lower = std::max(6U, height / 3);  // log or answer, console, and line for commands
    const unsigned upper = height - 2 - lower;
    Lines left, right;
    if (both) {
        const bool same = state.seen.any && state.seen.machine == guest;
        constexpr unsigned kNarrow = 32;
        const bool narrow = left_width < kNarrow;
        left.push_back({(narrow ? "REAL: " : "REAL MACHINE: ") +
                        (session.running() == kRealMachine ? "control program"
                                                           : "executes " + session.name(session.running()))});
        add_psw(left, narrow ? "PSW" : "real PSW   ", real, real_before);
        add_registers(left, real, real_before);
        right.push_back({"VIRTUAL MACHINE " + session.name(guest)});
        if (session.logged_on(guest)) {
            const Registers own = session.registers(guest);
            add_psw(right, narrow ? "PSW" : "virtual PSW", own, same ? &state.seen.guest : nullptr);
            add_registers(right, own, same ? &state.seen.guest : nullptr);
            const auto used = static_cast<unsigned>(right.size());
            if (upper > used + 1) add_instructions(right, session, guest, upper - used, right_width);
        } else {
            right.push_back({"is not logged on"});
        }
        const auto used = static_cast<unsigned>(left.size());
        if (upper > used && session.running() != kRealMachine)
            add_instructions(left, session, kRealMachine, std::min(upper - used, 2U), left_width);
        for (const Stop& stop : session.stops())
            left.push_back(
                {fmt::format("stop {}: {}, {}", stop.id, text_of(stop), session.name(stop.machine))});
    } else {
        left.push_back({native ? "PROGRAM" : "REAL MACHINE"});
        add_instructions(left, session, kRealMachine, upper - 1, left_width);
        right.push_back({"REAL MACHINE"});
        add_psw(right, "PSW", real, real_before);
        add_registers(right, real, real_before);
        for (const Stop& stop : session.stops())
            right.push_back({fmt::format("stop {}: {}", stop.id, text_of(stop))});
    }
    for (unsigned i = 0; i < upper; ++i) {
        const Line l = i < left.size() ? left[i] : Line{}, r = i < right.size() ? right[i] : Line{};
        ScreenRow row{padded(l.text, left_width) + ' ' + stroke + ' ' + cut(r.text, right_width)};
        for (auto [first, count] : l.bold) row.bold.emplace_back(first, std::min(count, left_width - first));
        for (auto [first, count] : r.bold) row.bold.emplace_back(left_width + 3 + first, count);
        rows.push_back(std::move(row));
    }

    // What has happened, or an answer; and the console.
    const bool answers = !state.answer.empty();
    std::vector<std::string> console = split_lines(session.console(guest));
    const unsigned console_rows = answers ? 0 : std::min<unsigned>(2, static_cast<unsigned>(console.size()));
    const unsigned space = lower - 1 - console_rows;  // the last row is the line for commands
    const std::vector<std::string> lines =
        answers ? split_lines(state.answer) : log_lines(session, 200, width);
    const size_t most = lines.size() > space ? lines.size() - space : 0;
    const size_t scrolled = std::min(state.scrolled, most);
    const size_t first = answers ? scrolled : most - scrolled;
    std::string what = answers ? "answer" : "what has happened";
    if (most > 0) what += fmt::format(" ({}-{} of {}, PgUp PgDn)", first + 1, first + space, lines.size());
    rows.push_back({bar(what, "? explains the keys", width), true});
    for (unsigned i = 0; i < space; ++i)
        rows.push_back({first + i < lines.size() ? cut(lines[first + i], width) : ""});
    for (size_t i = console.size() - console_rows; i < console.size(); ++i)
        rows.push_back({cut("console: " + console[i], width)});
    rows.push_back({cut(state.types ? "VMCP> " + state.typed : "", width)});
    return rows;
}

}  // namespace vmcp::debug
