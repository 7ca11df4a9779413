#include "vmcp/debug/commands.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>

#include "isa/disassembler.hpp"
#include "simulation/model/capitals.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/ledger/cause.hpp"
#include "vmcp/panel/storage_text.hpp"

namespace vmcp::debug {
namespace {

using experiment::count_text;
using experiment::duration_text;
using simulation::capitals;

constexpr uint32_t kMostReal = 0x3FFFFFF;

uint64_t count_of(const std::string& text) {
    uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || end != text.data() + text.size() || count == 0)
        throw DebugError(fmt::format("'{}': expected a number of times", text));
    return count;
}

std::string joined(std::span<const std::string> words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::vector<uint8_t> bytes_of(const Session& session, MachineNumber machine, AddressKind kind,
                              panel::Range range) {
    std::vector<uint8_t> bytes;
    for (const auto& byte : session.read(machine, kind, range.address, range.length)) {
        if (!byte)
            throw DebugError(fmt::format("{:06X}: expected storage of {}", range.address + bytes.size(),
                                         session.name(machine)));
        bytes.push_back(*byte);
    }
    return bytes;
}

}  // namespace

std::string position_text(Position position) {
    if (position.event == Position::kEnd) return fmt::format("@{} (end)", position.instructions);
    return position.event == 0 ? fmt::format("@{}", position.instructions)
                               : fmt::format("@{}.{}", position.instructions, position.event);
}

uint32_t instruction_length(const Session& session, MachineNumber machine, uint32_t address) {
    const auto first = session.read(machine, AddressKind::logical, address, 1);
    return first[0] ? isa::length_of_opcode(*first[0]) : 0;
}

std::optional<uint32_t> place_behind(const Session& session, MachineNumber machine, uint32_t address) {
    const auto* const source = session.source(machine, address);
    if (source != nullptr && !source->instruction) return source->address + source->length;
    const uint32_t length = instruction_length(session, machine, address);
    return length == 0 ? std::nullopt : std::optional(address + length);
}

std::string instruction_line(const Session& session, MachineNumber machine, uint32_t address, bool brief) {
    std::string code;
    std::vector<uint8_t> bytes;
    for (const auto& byte : session.read(machine, AddressKind::logical, address,
                                         instruction_length(session, machine, address))) {
        if (!byte) break;
        bytes.push_back(*byte);
        code += fmt::format("{:02X}", *byte);
    }
    if (bytes.empty() || bytes.size() < isa::length_of_opcode(bytes[0]))
        return fmt::format("{:06X}  (cannot be fetched)", address);
    const std::string begin =
        brief ? fmt::format("{:06X} ", address) : fmt::format("{:06X}  {:<12}  ", address, code);
    const auto* const source = session.source(machine, address);
    if (source == nullptr)
        return begin + (brief ? " " : "") + isa::disassemble(bytes, isa::FacilitySet::with_gcc());
    if (brief)
        return begin + fmt::format("{:>4} {}", source->line, fmt::join(panel::split(source->text), " "));
    const size_t slash = source->file->find_last_of('/');
    return begin + fmt::format("{}:{}  {}", source->file->substr(slash == std::string::npos ? 0 : slash + 1),
                               source->line, source->text);
}

const std::vector<Commands::Command>& Commands::commands() {
    // In the order in which abbreviations are looked for.
    static const std::vector<Command> kCommands = {
        {"STEP", 1, "[COUNT]", "to the next instruction of the machine", &Commands::step},
        {"OVER", 1, "", "the same, behind what the instruction calls", &Commands::over},
        {"LINE", 2, "", "to another line of the source", &Commands::source_line},
        {"MOMENT", 2, "[COUNT]", "to the next that happens: steps of the control program, too",
         &Commands::moment},
        {"TRAP", 2, "[COUNT]", "to the next trap of a virtual machine", &Commands::trap},
        {"INTERRUPTION", 3, "[COUNT]", "to the next interruption that the machine takes",
         &Commands::interruption},
        {"SWITCH", 2, "[COUNT]", "to where another virtual machine goes on", &Commands::change_over},
        {"GO", 1, "", "to the next stop, or the end", &Commands::go},
        {"BEGIN", 3, "", "the same", &Commands::go},
        {"UNTIL", 1, "ADDRESS", "to the instruction there", &Commands::until},
        {"TO", 2, "@POSITION", "to a point of the run, such as @1200 or @1200.3", &Commands::go_to},
        {"BACK", 1, "[any of these]", "the same, backwards: BACK, BACK TRAP, BACK GO ...", &Commands::back},
        {"WHO", 3, "ADDRESS[.LENGTH]", "back to what wrote there last", &Commands::who},
        {"STOP", 3, "[WHAT]", "AT ADDRESS, CHANGE ADDRESS[.LENGTH], SVC [N], PROGRAM [CODE], INTERRUPTION,",
         &Commands::stop},
        {"ADSTOP", 2, "[ADDRESS|OFF]", "STOP AT", &Commands::ad_stop},
        {"MACHINE", 2, "[NAME]", "the machine that commands are about: REAL, or a virtual one",
         &Commands::machine},
        {"WHERE", 1, "", "where the run stands", &Commands::where},
        {"DISPLAY", 1, "WHAT ...", "G[n[-m]] X[n] Y[n] PSW, ADDRESS[.LENGTH|-LAST], Raddress (real),",
         &Commands::display},
        {"STORE", 2, "WHERE VALUE", "alter: Gn Xn Yn PSW (native runs), P (address), ADDRESS",
         &Commands::store},
        {"LIST", 1, "[ADDRESS]", "instructions around there, with their source", &Commands::list},
        {"LOG", 3, "[COUNT]", "what has happened last", &Commands::log},
        {"CONSOLE", 1, "[COUNT]", "the last lines of the machine's console", &Commands::console},
        {"QUERY", 1, "", "machines, time, stops", &Commands::query},
        {"ATTN", 2, "", "the request key of the console", &Commands::attention},
        {"EXTERNAL", 3, "", "the interrupt key", &Commands::external},
        {"HELP", 1, "", "this", &Commands::help},
        {"QUIT", 4, "", "end", &Commands::quit},
    };
    return kCommands;
}

Commands::Answer Commands::command(Session& session, std::string_view line) {
    backward_ = false;
    repeated_.reset();
    if (line.starts_with('/')) {
        Alteration typed;
        typed.what = Alteration::What::console_line;
        typed.machine = focus_;
        typed.text = line.substr(1);
        session.alter(std::move(typed));
        return {};
    }
    const std::vector<std::string> words = panel::split(line);
    if (words.empty() || words.front().starts_with('#')) return {};
    const Command& c = panel::find_command(commands(), words.front());
    try {
        return (this->*c.act)(session, std::span(words).subspan(1));
    } catch (const panel::PanelError& error) {
        throw DebugError(fmt::format("{}: {}", c.word, error.what()));
    }
}

nlohmann::json Commands::save() const {
    nlohmann::json json{{"focus", focus_}, {"left", left_}};
    if (repeated_)
        json["repeated"] = {static_cast<int>(repeated_->kind), repeated_->backward, repeated_->machine};
    return json;
}

void Commands::restore(const nlohmann::json& json) {
    json.at("focus").get_to(focus_);
    json.at("left").get_to(left_);
    repeated_.reset();
    if (!json.contains("repeated")) return;
    const auto& r = json.at("repeated");
    repeated_ = {
        static_cast<Resume::Kind>(r.at(0).get<int>()), r.at(1).get<bool>(), r.at(2).get<MachineNumber>(), {}};
}

// ---- Going on ----

Commands::Answer Commands::resume(Resume::Kind kind, Arguments arguments) {
    Resume resume{kind, backward_, focus_, {}};
    left_ = 0;
    if (!arguments.empty()) left_ = count_of(arguments.front()) - 1;
    if (left_ != 0) repeated_ = resume;
    return {"", resume};
}

Commands::Answer Commands::back(Session& session, Arguments arguments) {
    backward_ = true;
    const bool word = !arguments.empty() && std::isdigit(static_cast<unsigned char>(arguments[0][0])) == 0;
    if (!word) return step(session, arguments);
    const Command& c = panel::find_command(commands(), arguments.front());
    const Answer answer = (this->*c.act)(session, arguments.subspan(1));
    if (!answer.resume) throw DebugError(fmt::format("{}: goes neither on nor back", c.word));
    return answer;
}

Commands::Answer Commands::step(Session&, Arguments a) { return resume(Resume::Kind::instruction, a); }
Commands::Answer Commands::over(Session&, Arguments a) { return resume(Resume::Kind::over, a); }
Commands::Answer Commands::source_line(Session&, Arguments a) { return resume(Resume::Kind::line, a); }
Commands::Answer Commands::moment(Session&, Arguments a) { return resume(Resume::Kind::moment, a); }
Commands::Answer Commands::trap(Session&, Arguments a) { return resume(Resume::Kind::trap, a); }
Commands::Answer Commands::interruption(Session&, Arguments a) {
    return resume(Resume::Kind::interruption, a);
}
Commands::Answer Commands::change_over(Session&, Arguments a) { return resume(Resume::Kind::change_over, a); }
Commands::Answer Commands::go(Session&, Arguments) { return resume(Resume::Kind::stop, {}); }
Commands::Answer Commands::quit(Session&, Arguments) {
    return {"", Resume{Resume::Kind::leave, false, 0, {}}};
}

Commands::Answer Commands::until(Session& session, Arguments arguments) {
    if (arguments.size() != 1) throw DebugError("UNTIL: expected an address or a symbol");
    Stop stop;
    stop.machine = focus_;
    stop.address = address(session, arguments.front());
    stop.text = arguments.front();
    stop.once = true;
    session.add(stop);
    return resume(Resume::Kind::stop, {});
}

Commands::Answer Commands::go_to(Session&, Arguments arguments) {
    Resume resume{Resume::Kind::position, false, focus_, {}};
    const std::string text = arguments.empty() ? "" : arguments.front();
    const char* const end = text.data() + text.size();
    bool good = text.size() > 1 && text[0] == '@';
    if (good) {
        auto [at, error] = std::from_chars(text.data() + 1, end, resume.position.instructions);
        good = error == std::errc{};
        if (good && at != end && *at == '.') {
            const auto event = std::from_chars(at + 1, end, resume.position.event);
            good = event.ec == std::errc{};
            at = event.ptr;
        }
        good = good && at == end;
    }
    if (!good) throw DebugError(fmt::format("TO: '{}': expected a position such as @1200 or @1200.3", text));
    return {"", resume};
}

Commands::Answer Commands::who(Session& session, Arguments arguments) {
    if (arguments.size() != 1) throw DebugError("WHO: expected an address or a symbol, perhaps with .LENGTH");
    const std::vector<std::string> change{"CHANGE", arguments.front(), "ONCE"};
    stop(session, change);
    return {"", Resume{Resume::Kind::stop, true, focus_, {}}};
}

// ---- Stops ----

Commands::Answer Commands::ad_stop(Session& session, Arguments arguments) {
    if (arguments.empty() || capitals(arguments.front()) == "OFF") return stop(session, arguments);
    const std::vector<std::string> at{"AT", arguments.front()};
    return stop(session, at);
}

Commands::Answer Commands::stop(Session& session, Arguments arguments) {
    if (arguments.empty()) {
        std::string text;
        for (const Stop& one : session.stops())
            text += fmt::format("stop {}: {}, {}\n", one.id, text_of(one), session.name(one.machine));
        return {text.empty() ? "No stops.\n" : text};
    }
    const std::string word = capitals(arguments.front());
    const auto is = [&word](std::string_view whole) { return whole.starts_with(word); };
    const Arguments rest = arguments.subspan(1);
    const auto number = [&](int base, const char* expected) {
        if (rest.empty()) return -1;
        int value = 0;
        const auto [end, error] =
            std::from_chars(rest[0].data(), rest[0].data() + rest[0].size(), value, base);
        if (error != std::errc{} || end != rest[0].data() + rest[0].size() || value < 0)
            throw DebugError(fmt::format("STOP: '{}': expected {}", rest[0], expected));
        return value;
    };
    if (is("OFF")) {
        if (rest.empty()) {
            while (!session.stops().empty()) session.remove(session.stops().front().id);
            return {"No stops.\n"};
        }
        if (!session.remove(static_cast<unsigned>(number(10, "the number of a stop"))))
            throw DebugError(fmt::format("STOP OFF: '{}': expected the number of a stop", rest[0]));
        return {};
    }
    Stop stop;
    stop.machine = focus_;
    if (is("AT") && rest.size() == 1) {
        stop.address = address(session, rest[0]);
        if (session.symbol(focus_, rest[0])) stop.text = rest[0];
    } else if (is("CHANGE") && !rest.empty()) {
        stop.kind = Stop::Kind::change;
        stop.once = rest.size() > 1;  // WHO
        const size_t dot = rest[0].find('.');
        stop.address = address(session, rest[0].substr(0, dot));
        if (dot != std::string::npos)
            stop.length = panel::hex(rest[0].substr(dot + 1), 0x1000, "a length of 1 to 1000 (hexadecimal)");
        if (stop.length == 0) throw DebugError("STOP CHANGE: expected a length of 1 to 1000 (hexadecimal)");
    } else if (is("SVC")) {
        stop.kind = Stop::Kind::supervisor_call;
        stop.number = number(10, "a number of 0 to 255");
    } else if (is("PROGRAM")) {
        stop.kind = Stop::Kind::program_check;
        stop.number = number(16, "a hexadecimal interruption code");
    } else if (is("INTERRUPTION")) {
        stop.kind = Stop::Kind::interruption;
    } else if (is("CAUSE") && rest.size() == 1) {
        stop.kind = Stop::Kind::cause;
        stop.text = rest[0];
        bool known = false;
        for (unsigned i = 0; i < Cause::kCount && !known; ++i)
            known = capitals(Cause::at(i).name()) == capitals(rest[0]);
        if (!known)
            throw DebugError(fmt::format(
                "STOP CAUSE: '{}': expected a cause of the report, such as LPSW or page_fill", rest[0]));
    } else if (is("CONSOLE") && !rest.empty()) {
        stop.kind = Stop::Kind::console;
        stop.text = joined(rest);
    } else if (is("TIME") && rest.size() == 1) {
        stop.kind = Stop::Kind::time;
        stop.machine = kRealMachine;
        const auto time = experiment::parse_duration(rest[0]);
        if (!time)
            throw DebugError(fmt::format("STOP TIME: '{}': expected a time such as 20ms or 1.5s", rest[0]));
        stop.time = *time;
    } else {
        throw DebugError(
            "STOP: expected AT ADDRESS, CHANGE ADDRESS[.LENGTH], SVC [N], PROGRAM [CODE], INTERRUPTION, "
            "CAUSE "
            "NAME, CONSOLE TEXT, TIME T, OFF [N], or nothing");
    }
    const unsigned id = session.add(stop);
    return {fmt::format("stop {}: {}, {}\n", id, text_of(stop), session.name(stop.machine))};
}

// ---- Looking ----

uint32_t Commands::address(Session& session, std::string_view text) const {
    const size_t plus = text.find('+');
    const std::string_view name = text.substr(0, plus);
    // A name that could be a number is the symbol, if there is one.
    if (const auto symbol = session.symbol(focus_, name)) {
        const uint32_t offset = plus == std::string_view::npos
                                    ? 0
                                    : panel::hex(text.substr(plus + 1), kMostReal, "a hexadecimal offset");
        return *symbol + offset;
    }
    return panel::hex(text, kMostReal, "a hexadecimal address or a symbol of the program");
}

Commands::Answer Commands::machine(Session& session, Arguments arguments) {
    if (!arguments.empty()) {
        const auto machine = session.find(joined(arguments));
        if (!machine)
            throw DebugError(fmt::format("MACHINE: '{}': expected REAL or the name of a virtual machine",
                                         joined(arguments)));
        focus_ = *machine;
    }
    return {fmt::format("{}\n", session.name(focus_))};
}

Commands::Answer Commands::where(Session& session, Arguments) {
    const Registers r = session.registers(focus_);
    std::string text = fmt::format("{} at {}, {}", session.name(focus_), position_text(session.position()),
                                   duration_text(session.now()));
    if (session.machines() > 1)
        text += session.running() == kRealMachine
                    ? "; the control program works"
                    : fmt::format("; the real CPU executes {}", session.name(session.running()));
    text += '\n' + panel::psw_text(r.psw);
    if (!session.logged_on(focus_)) return {text + "It is not logged on.\n"};
    if (!r.psw.wait) {
        const std::string place = session.place_name(focus_, r.psw.address);
        if (!place.empty()) text += place + ":\n";
        text += instruction_line(session, focus_, r.psw.address) + '\n';
    }
    return {text};
}

Commands::Answer Commands::stopped(Session& session, const Stopped& why) {
    if (why.why == Stopped::Why::arrived && repeated_ && left_ != 0) {
        --left_;
        return {"", repeated_};
    }
    repeated_.reset();
    std::string text;
    switch (why.why) {
        case Stopped::Why::begin:
        case Stopped::Why::arrived: break;
        case Stopped::Why::no_history: text = "This is where the run begins: nothing lies before.\n"; break;
        case Stopped::Why::interrupted: text = "Stopped by Ctrl-C.\n"; break;
        case Stopped::Why::stop: text = why.text + '\n'; break;
        case Stopped::Why::ended: text = "The run has ended; BACK leads into it.\n" + why.text + '\n'; break;
    }
    // What happened here, where that is not but an instruction.
    if (!session.log().empty() && session.log().back().position == session.position())
        text +=
            fmt::format("{}: {}\n", session.name(session.log().back().machine), session.log().back().text);
    return {text + where(session, {}).text};
}

Commands::Answer Commands::display(Session& session, Arguments arguments) {
    const Registers r = session.registers(focus_);
    if (arguments.empty()) return {panel::psw_text(r.psw) + panel::words_text('G', r.gpr, 0, 15)};
    std::string text;
    for (const std::string& operand : arguments) {
        const std::string what = capitals(operand);
        const std::string_view rest = std::string_view(what).substr(1);
        const bool symbol = session.symbol(focus_, what.substr(0, what.find_first_of("+.-"))).has_value();
        const char kind = symbol ? ' ' : what.front();
        switch (kind) {
            case 'G':
            case 'X': {
                const auto [first, last] = panel::registers(rest, 15);
                text += panel::words_text(kind, kind == 'G' ? r.gpr : r.cr, first, last);
                break;
            }
            case 'Y': {
                const auto [first, last] = panel::registers(rest, 6);
                for (unsigned n = first + first % 2; n <= last; n += 2)
                    text += fmt::format("Y{:<3} {:016X}\n", n, r.fpr[n / 2]);
                break;
            }
            case 'P': text += panel::psw_text(r.psw); break;
            case 'I': text += display_instructions(session, rest); break;
            default: text += display_storage(session, operand);
        }
    }
    return {text};
}

std::string Commands::display_storage(Session& session, std::string_view operand) const {
    const bool symbol = session.symbol(focus_, operand.substr(0, operand.find_first_of("+.-"))).has_value();
    const bool real = !symbol && (operand.front() == 'R' || operand.front() == 'r');
    const bool logical = !symbol && (operand.front() == 'V' || operand.front() == 'v');
    const std::string_view text = operand.substr(real || logical ? 1 : 0);
    panel::Range range{};
    constexpr uint32_t kLine = 16;
    const size_t mark = text.find_first_of(".-");
    const uint32_t begin = address(session, text.substr(0, mark));
    range = panel::range_of(
        fmt::format("{:X}{}", begin, mark == std::string_view::npos ? "" : text.substr(mark)), kLine);
    const auto kind = real ? AddressKind::real : AddressKind::logical;
    return panel::storage_text(bytes_of(session, focus_, kind, range), range.address);
}

std::string Commands::display_instructions(Session& session, std::string_view operand) const {
    constexpr uint32_t kLength = 32;
    panel::Range range{session.registers(focus_).psw.address, kLength};
    if (!operand.empty()) range = panel::range_of(operand, kLength);
    std::string text;
    for (uint32_t at = range.address; at < range.address + range.length;) {
        text += instruction_line(session, focus_, at) + '\n';
        const auto behind = place_behind(session, focus_, at);
        if (!behind) break;
        at = *behind;
    }
    return text;
}

Commands::Answer Commands::list(Session& session, Arguments arguments) {
    const std::string at = arguments.empty() ? "" : fmt::format("{:X}", address(session, arguments.front()));
    return {display_instructions(session, at)};
}

Commands::Answer Commands::log(Session& session, Arguments arguments) {
    const size_t count = arguments.empty() ? 20 : count_of(arguments.front());
    const auto all = session.log();
    std::string text;
    for (const LogEntry& entry : all.last(std::min<size_t>(count, all.size())))
        text +=
            fmt::format("{:<10} {:>12}  {}{}: {}\n", position_text(entry.position), duration_text(entry.time),
                        entry.by_control_program ? "  for " : "", session.name(entry.machine), entry.text);
    return {text.empty() ? "Nothing but instructions, as far as was looked.\n" : text};
}

Commands::Answer Commands::console(Session& session, Arguments arguments) {
    const size_t count = arguments.empty() ? 20 : count_of(arguments.front());
    std::string text = session.console(focus_);
    if (text.empty()) return {"Nothing yet.\n"};
    if (!text.ends_with('\n')) text += '\n';
    size_t begin = text.size();
    for (size_t i = 0; i <= count && begin != std::string::npos; ++i)
        begin = begin == 0 ? std::string::npos : text.rfind('\n', begin - 1);
    return {begin == std::string::npos ? text : text.substr(begin + 1)};
}

Commands::Answer Commands::query(Session& session, Arguments) {
    std::string text = fmt::format("{}, {} of simulated time\n", position_text(session.position()),
                                   duration_text(session.now()));
    for (MachineNumber i = 0; i < session.machines(); ++i)
        text += fmt::format("{} {}{}{}\n", i == focus_ ? '*' : ' ', session.name(i),
                            session.logged_on(i) ? "" : ": not logged on",
                            i != kRealMachine && i == session.running() ? ": on the real CPU" : "");
    return {text + stop(session, {}).text};
}

// ---- Altering ----

Commands::Answer Commands::store(Session& session, Arguments arguments) {
    if (arguments.size() < 2) throw DebugError("STORE: expected what to alter, and a value");
    const std::string what = capitals(arguments.front());
    const Arguments values = arguments.subspan(1);
    const std::string_view rest = std::string_view(what).substr(1);
    const bool symbol = session.symbol(focus_, what.substr(0, what.find('+'))).has_value();
    Alteration a;
    a.machine = focus_;
    const char kind = symbol ? ' ' : what.front();
    if (kind == 'G' || kind == 'X') {
        a.what = kind == 'G' ? Alteration::What::gpr : Alteration::What::cr;
        a.number = panel::registers(rest.empty() ? "?" : rest, 15).first;
        a.value = panel::hex32(values);
    } else if (kind == 'Y') {
        a.what = Alteration::What::fpr;
        a.number = panel::registers(rest.empty() ? "?" : rest, 6).first;
        if (a.number % 2 != 0) throw DebugError("STORE: expected floating-point register 0, 2, 4 or 6");
        a.value = panel::hex64(values);
    } else if (what == "PSW") {
        a.what = Alteration::What::psw;
        a.value = panel::hex64(values);
    } else if (what == "P") {
        a.what = Alteration::What::address;
        a.value = address(session, values.front());
    } else {
        a.what = Alteration::What::storage;
        a.at = address(session, kind == 'V' ? std::string(rest) : arguments.front());
        a.bytes = panel::hex_bytes(values);
    }
    session.alter(std::move(a));
    return {};
}

Commands::Answer Commands::attention(Session& session, Arguments) {
    Alteration a;
    a.what = Alteration::What::attention;
    a.machine = focus_;
    session.alter(std::move(a));
    return {};
}

Commands::Answer Commands::external(Session& session, Arguments) {
    Alteration a;
    a.what = Alteration::What::external;
    a.machine = focus_;
    session.alter(std::move(a));
    return {};
}

Commands::Answer Commands::help(Session&, Arguments) {
    std::string text = "The run stands still. Letters in capitals suffice.\n";
    for (const Command& c : commands()) {
        text += panel::help_line(c);
        if (c.word == "STOP")
            text += fmt::format("  {:<24} CAUSE NAME, CONSOLE TEXT, TIME T, OFF [N]; nothing: which\n", "");
        if (c.word == "DISPLAY") text += fmt::format("  {:<24} Iaddress; nothing: PSW and registers\n", "");
    }
    return {text + fmt::format("  {:<24} a line for the program, typed on its console\n", "/TEXT")};
}

}  // namespace vmcp::debug
