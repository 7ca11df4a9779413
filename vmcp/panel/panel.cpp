#include "vmcp/panel/panel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "isa/dat.hpp"
#include "isa/disassembler.hpp"
#include "simulation/devices/card_reader.hpp"
#include "simulation/devices/device_address.hpp"
#include "simulation/model/capitals.hpp"
#include "vmcp/experiment/assembled_source.hpp"
#include "vmcp/experiment/cpu_trace.hpp"
#include "vmcp/experiment/guest_image.hpp"
#include "vmcp/experiment/io_trace.hpp"
#include "vmcp/experiment/report.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/panel/storage_text.hpp"

namespace vmcp::panel {
namespace {

using experiment::counted;
using experiment::duration_text;
using simulation::capitals;
using simulation::Stop;

uint16_t device_address(const std::string& text) {
    const auto address = simulation::parse_device_address(text);
    if (!address)
        throw PanelError(fmt::format("'{}': expected a device address of three hexadecimal digits", text));
    return *address;
}

simulation::SimTime seconds(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    constexpr double kMost = 1e6;
    if (error != std::errc() || end != text.data() + text.size() || !(value > 0 && value <= kMost))
        throw PanelError(fmt::format("'{}': expected simulated seconds, up to 1,000,000", text));
    return std::max<simulation::SimTime>(
        1, static_cast<simulation::SimTime>(value * static_cast<double>(simulation::kSecond)));
}

/// Where a byte lies in absolute storage: of a real address, or of a logical one as the CPU would translate
/// it now. Leaves no trace in keys and TLB.
uint32_t locate(const simulation::Cpu& cpu, uint32_t address, bool logical, uint32_t size) {
    uint32_t real = address;
    if (logical && cpu.psw().dat) {
        const auto format = isa::TranslationFormat::of(cpu.state().cr[0]);
        if (!format) throw PanelError("the translation format in control register 0 is not valid");
        const uint32_t designation = cpu.state().cr[cpu.psw().secondary_space ? 7 : 1];
        const isa::Translation t =
            isa::translate_address(cpu, *format, designation, address, size > 16 * simulation::kMebibyte);
        if (!t.ok()) throw PanelError(fmt::format("{:06X}: {} exception", address, isa::name_of(t.problem)));
        real = t.real;
    }
    const uint32_t absolute = cpu.absolute(real);
    if (absolute >= size)
        throw PanelError(fmt::format("{:06X}: beyond {}K of storage", address, size / 1024));
    return absolute;
}

std::vector<uint8_t> bytes_at(experiment::NativeMachine& native, Range range, bool logical) {
    std::vector<uint8_t> bytes;
    simulation::Machine& machine = native.machine();
    for (uint32_t i = 0; i < range.length; ++i)
        bytes.push_back(*machine.storage().at(
            locate(machine.cpu(), range.address + i, logical, machine.storage().size())));
    return bytes;
}

}  // namespace

struct Panel::Traces {
    explicit Traces(simulation::Machine& machine, const Output& output)
        : cpu(machine, [&output](simulation::SimTime, const std::string& line) { output(line + '\n'); }) {}

    experiment::CpuTrace cpu;
    std::optional<experiment::IoTrace> io;
    bool instructions = false, interruptions = false, stepping = false;
};

Panel::Panel(experiment::NativeMachine& native, Output output)
    : native_(native), output_(std::move(output)), traces_(std::make_unique<Traces>(machine(), output_)) {}

Panel::~Panel() {
    for (const uint32_t address : stops_) machine().executor().set_breakpoint(address, false);
}

const std::vector<Panel::Command>& Panel::commands() {
    // In the order in which abbreviations are looked for.
    static const std::vector<Command> kCommands = {
        {"BEGIN", 1, "[ADDRESS] [FOR S]", "let the machine run: until Ctrl-C, or for S simulated seconds",
         &Panel::begin},
        {"STORE", 2, "WHERE VALUE", "alter: Gn Xn (control) Yn (floating) PSW ADDRESS, Vaddress",
         &Panel::store},
        {"STEP", 1, "[COUNT]", "execute one instruction or so many, and show them", &Panel::step},
        {"DISPLAY", 1, "WHAT ...", "G[n[-m]] X[n] Y[n] PSW, ADDRESS[.LENGTH|-LAST] of real storage,",
         &Panel::display},
        {"ADSTOP", 2, "[ADDRESS|OFF]", "stop in front of the instruction there; without it: which",
         &Panel::stop_at},
        {"TRACE", 2, "[WHAT] ON|OFF", "INSTRUCTIONS, INTERRUPTIONS, IO (all without WHAT)", &Panel::trace},
        {"IPL", 1, "CUU", "reset, and load from the device", &Panel::load},
        {"RESTART", 3, "", "the restart key", &Panel::restart},
        {"ATTN", 2, "", "the request key of the console", &Panel::attention},
        {"EXTERNAL", 3, "", "the interrupt key", &Panel::external},
        {"MOUNT", 2, "CUU [FILE [RO]]", "put a disk or tape on a unit, cards into a reader", &Panel::mount},
        {"QUERY", 1, "DEVICES|TIME", "what is attached; time and instructions so far", &Panel::query},
        {"HELP", 1, "", "this", &Panel::help},
        {"QUIT", 4, "", "end", &Panel::quit},
    };
    return kCommands;
}

std::vector<std::string> Panel::words() {
    std::vector<std::string> result;
    for (const Command& c : commands()) result.emplace_back(c.word);
    return result;
}

Panel::Next Panel::command(std::string_view line) {
    if (line.starts_with('/')) {
        act(experiment::action::ConsoleLine{std::string(line.substr(1))});
        return Next::ask;
    }
    const std::vector<std::string> words = split(line);
    if (words.empty() || words.front().starts_with('#')) return Next::ask;
    const Command& c = find_command(commands(), words.front());
    try {
        return (this->*c.act)(std::span(words).subspan(1));
    } catch (const PanelError& error) {
        throw PanelError(fmt::format("{}: {}", c.word, error.what()));
    }
}

Panel::Next Panel::help(Arguments) {
    std::string text = "The machine is stopped; nothing runs before BEGIN or STEP.\n";
    for (const Command& c : commands()) {
        text += help_line(c);
        if (c.word == "DISPLAY")
            text += fmt::format(
                "  {:<24} Vaddress.. logical storage, Iaddress[.LENGTH] instructions,\n"
                "  {:<24} Kaddress the storage key; nothing: PSW and registers\n",
                "", "");
    }
    output_(text +
            fmt::format("  {:<24} a line for the program, typed on its console\n"
                        "An ADDRESS is hexadecimal, or a symbol of the assembled program, SYMBOL+OFFSET "
                        "perhaps.\n",
                        "/TEXT"));
    return Next::ask;
}

Panel::Next Panel::begin(Arguments arguments) {
    limits_ = {};
    limits_.patience = experiment::kEndlessWait;
    if (arguments.size() >= 2 && capitals(arguments[arguments.size() - 2]) == "FOR") {
        limits_.time = cpu().now() + seconds(arguments.back());
        arguments = arguments.first(arguments.size() - 2);
    }
    if (arguments.size() > 1) throw PanelError("expected [ADDRESS] [FOR SECONDS]");
    if (!arguments.empty()) {
        isa::Psw psw = cpu().psw();
        psw.address = address(arguments.front(), isa::kAddressMask);
        cpu().load_psw(psw);
    }
    return Next::run;
}

Panel::Next Panel::step(Arguments arguments) {
    uint64_t count = 1;
    if (!arguments.empty()) {
        const std::string& text = arguments.front();
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error != std::errc{} || end != text.data() + text.size() || count == 0)
            throw PanelError(fmt::format("'{}': expected a number of instructions", text));
    }
    limits_ = {};
    limits_.instructions = count;
    limits_.patience = experiment::kEndlessWait;
    traces_->stepping = true;
    observe();
    return Next::run;
}

/// Of a symbol of the program, with "+OFFSET" perhaps; none where that begins with no symbol.
std::optional<uint32_t> Panel::symbol(std::string_view text) const {
    const experiment::GuestImage* guest = native_.description().guest.get();
    if (guest == nullptr || guest->source == nullptr) return std::nullopt;
    const size_t plus = text.find('+');
    const auto* const found = guest->source->symbol(text.substr(0, plus));
    if (found == nullptr) return std::nullopt;
    const uint32_t offset =
        plus == std::string_view::npos ? 0 : hex(text.substr(plus + 1), 0x3FFFFFF, "a hexadecimal offset");
    return found->value + offset;
}

/// A name that could be a number is the symbol, if there is one.
uint32_t Panel::address(std::string_view text, uint32_t most) const {
    if (const auto value = symbol(text)) {
        if (*value > most) throw PanelError(fmt::format("'{}': expected an address up to {:X}", text, most));
        return *value;
    }
    return hex(text, most, "a hexadecimal address or a symbol of the program");
}

/// The letter that an operand of DISPLAY or STORE begins with, where that says of what it is; blank: it is an
/// address. Registers and the PSW go before symbols, and these before everything else.
char Panel::kind_of(std::string_view what) const {
    constexpr std::string_view kRegisters = "GXY", kPsw = "PSW", kKinds = "IKVP";
    const char first = what.front();
    const bool digits = what.substr(1).find_first_not_of("0123456789-") == std::string_view::npos;
    if ((kRegisters.find(first) != std::string_view::npos && digits) || kPsw.starts_with(what)) return first;
    if (symbol(what.substr(0, what.find_first_of(".-")))) return ' ';
    if (kRegisters.find(first) != std::string_view::npos || kKinds.find(first) != std::string_view::npos)
        return first;
    return ' ';
}

void Panel::flush_trace() { traces_->cpu.flush_so_far(); }

void Panel::stopped(Stop stop) {
    traces_->cpu.flush();
    const bool stepping = std::exchange(traces_->stepping, false);
    observe();
    switch (stop) {
        case Stop::limit:
            if (!stepping) output_("Stopped: the time is over.\n");
            break;
        case Stop::breakpoint: output_("Stopped at an address stop.\n"); break;
        case Stop::disabled_wait:
            output_("Disabled wait: nothing but a load or restart will end it.\n");
            break;
        case Stop::check_stop: output_("Check-stop: an endless string of interruptions.\n"); break;
        case Stop::idle: output_("Waiting: nothing will happen before the operator acts.\n"); break;
        case Stop::stopped: output_("Every CPU is in the stopped state.\n"); break;
    }
    show_place();
}

void Panel::stopped_by_operator() {
    traces_->cpu.flush();
    traces_->stepping = false;
    observe();
    output_("Stopped by the operator.\n");
    show_place();
}

/// The PSW, and the instruction that comes next.
void Panel::show_place() {
    const isa::Psw& psw = cpu().psw();
    output_(psw_text(psw));
    if (psw.wait) return;
    try {
        std::vector<uint8_t> bytes = bytes_at(native_, {psw.address, 2}, true);
        const unsigned length = isa::length_of_opcode(bytes[0]);
        if (length > 2) bytes = bytes_at(native_, {psw.address, length}, true);
        output_(isa::disassemble_range(bytes, psw.address));
    } catch (const PanelError&) {
        // It cannot be fetched, which the machine will find out.
    }
}

Panel::Next Panel::display(Arguments arguments) {
    const isa::CpuState& s = cpu().state();
    if (arguments.empty()) {
        output_(psw_text(s.psw) + words_text('G', s.gpr, 0, 15));
        return Next::ask;
    }
    for (size_t i = 0; i < arguments.size(); ++i) {
        const std::string what = capitals(arguments[i]);
        const std::string_view rest = std::string_view(what).substr(1);
        switch (kind_of(what)) {
            case 'G': {
                const auto [first, last] = registers(rest, 15);
                output_(words_text('G', s.gpr, first, last));
                break;
            }
            case 'X': {
                const auto [first, last] = registers(rest, 15);
                output_(words_text('X', s.cr, first, last));
                break;
            }
            case 'Y': {
                const auto [first, last] = registers(rest, 6);
                for (unsigned r = first + first % 2; r <= last; r += 2)
                    output_(fmt::format("Y{:<3} {:016X}\n", r, s.fpr[r / 2]));
                break;
            }
            case 'P': output_(psw_text(s.psw)); break;
            case 'I': display_instructions(rest, arguments.subspan(i + 1)); return Next::ask;
            case 'K': {
                const uint32_t at = locate(cpu(), address(rest), false, machine().storage().size());
                const uint8_t key = machine().storage().key(at);
                output_(fmt::format("{:06X}  key {:X}{}{}{}\n", at & ~2047u, key >> 4,
                                    key & 8 ? ", fetch-protected" : "", key & 4 ? ", referenced" : "",
                                    key & 2 ? ", changed" : ""));
                break;
            }
            case 'V': display_storage(rest, true); break;
            default: display_storage(what, false);
        }
    }
    return Next::ask;
}

void Panel::display_storage(std::string_view operand, bool logical) {
    const Range range = range_of(operand, 16, [this](std::string_view text) { return address(text); });
    output_(storage_text(bytes_at(native_, range, logical), range.address));
}

void Panel::display_instructions(std::string_view operand, Arguments more) {
    if (!more.empty()) throw PanelError(fmt::format("'{}': expected nothing behind I", more.front()));
    constexpr uint32_t kLength = 32;
    const Range range =
        operand.empty() ? Range{cpu().psw().address, kLength}
                        : range_of(operand, kLength, [this](std::string_view text) { return address(text); });
    const std::vector<uint8_t> bytes = bytes_at(native_, range, true);
    // Whole instructions: the last one may go beyond the range.
    size_t length = 0;
    while (length < bytes.size()) length += isa::length_of_opcode(bytes[length]);
    output_(isa::disassemble_range(bytes_at(native_, {range.address, static_cast<uint32_t>(length)}, true),
                                   range.address));
}

Panel::Next Panel::store(Arguments arguments) {
    if (arguments.size() < 2) throw PanelError("expected what to alter, and a value");
    const std::string what = capitals(arguments.front());
    const Arguments values = arguments.subspan(1);
    const std::string_view rest = std::string_view(what).substr(1);
    const char kind = kind_of(what);
    switch (kind) {
        case 'G': cpu().set_gpr(registers(rest.empty() ? "?" : rest, 15).first, hex32(values)); break;
        case 'X':
            cpu().set_cr(registers(rest.empty() ? "?" : rest, 15).first, hex32(values));
            cpu().control_registers_changed();
            break;
        case 'Y': {
            const unsigned r = registers(rest.empty() ? "?" : rest, 6).first;
            if (r % 2 != 0) throw PanelError("expected floating-point register 0, 2, 4 or 6");
            cpu().set_fpr(r, hex64(values));
            break;
        }
        case 'P': cpu().load_psw(isa::decode_psw(hex64(values))); break;
        default: {
            const bool logical = kind == 'V';
            const std::vector<uint8_t> bytes = hex_bytes(values);
            const std::string_view where = logical ? rest : std::string_view(what);
            const auto known = symbol(where);
            const uint32_t begin =
                known ? *known
                      : hex(where, 0x3FFFFFF,
                            "G, X, Y and a number, PSW, a hexadecimal address or a symbol of the program");
            std::vector<uint32_t> places;  // all are found before any is altered
            for (uint32_t i = 0; i < bytes.size(); ++i)
                places.push_back(locate(cpu(), begin + i, logical, machine().storage().size()));
            for (size_t i = 0; i < bytes.size(); ++i) machine().storage().put(places[i], &bytes[i], 1);
        }
    }
    return Next::ask;
}

Panel::Next Panel::stop_at(Arguments arguments) {
    if (arguments.empty()) {
        std::string text;
        for (const uint32_t address : stops_) text += fmt::format(" {:06X}", address);
        output_(text.empty() ? "No address stops.\n" : fmt::format("Address stops:{}\n", text));
    } else if (capitals(arguments.front()) == "OFF") {
        for (const uint32_t address : stops_) machine().executor().set_breakpoint(address, false);
        stops_.clear();
    } else {
        const uint32_t at = address(arguments.front(), isa::kAddressMask);
        machine().executor().set_breakpoint(at, true);
        stops_.insert(at);
    }
    return Next::ask;
}

Panel::Next Panel::trace(Arguments arguments) {
    const auto is = [](const std::string& word, std::string_view whole, size_t least) {
        return word.size() >= least && whole.starts_with(word);
    };
    bool instructions = true, interruptions = true, io = true;
    if (arguments.size() == 2) {
        const std::string what = capitals(arguments.front());
        instructions = is(what, "INSTRUCTIONS", 3);
        interruptions = is(what, "INTERRUPTIONS", 3);
        io = what == "IO";
        if (!instructions && !interruptions && !io)
            throw PanelError(
                fmt::format("'{}': expected INSTRUCTIONS, INTERRUPTIONS or IO", arguments.front()));
    }
    const std::string state = arguments.empty() ? "" : capitals(arguments.back());
    if ((state != "ON" && state != "OFF") || arguments.size() > 2)
        throw PanelError("expected ON or OFF, with INSTRUCTIONS, INTERRUPTIONS or IO before it, or nothing");
    const bool on = state == "ON";
    if (instructions) traces_->instructions = on;
    if (interruptions) traces_->interruptions = on;
    if (io && on)
        traces_->io.emplace(machine(), [this](simulation::SimTime, const std::string& line) {
            flush_trace();
            output_(line + '\n');
        });
    else if (io)
        traces_->io.reset();
    observe();
    return Next::ask;
}

void Panel::observe() {
    const bool instructions = traces_->instructions || traces_->stepping;
    const bool interruptions = traces_->interruptions || traces_->stepping;
    traces_->cpu.watch(instructions, interruptions);
}

Panel::Next Panel::load(Arguments arguments) {
    if (arguments.size() != 1) throw PanelError("expected a device address of three hexadecimal digits");
    act(experiment::action::LoadProgram{device_address(arguments.front())});
    show_place();
    return Next::ask;
}

Panel::Next Panel::restart(Arguments) {
    act(experiment::action::Restart{});
    show_place();
    return Next::ask;
}

Panel::Next Panel::attention(Arguments) {
    act(experiment::action::Attention{});
    return Next::ask;
}

Panel::Next Panel::external(Arguments) {
    act(experiment::action::InterruptKey{});
    return Next::ask;
}

Panel::Next Panel::mount(Arguments arguments) {
    if (arguments.empty() || arguments.size() > 3) throw PanelError("expected CUU [FILE [RO]]");
    simulation::DeviceDescription what;
    what.address = device_address(arguments.front());
    if (arguments.size() > 1) what.file = arguments[1];
    if (arguments.size() > 2) {
        if (capitals(arguments[2]) != "RO") throw PanelError(fmt::format("'{}': expected RO", arguments[2]));
        what.read_only = true;
    }
    act(experiment::action::Mount{what});
    return Next::ask;
}

Panel::Next Panel::query(Arguments arguments) {
    const std::string what = arguments.empty() ? "" : capitals(arguments.front());
    if (what.starts_with('D')) {
        for (const uint16_t address : machine().channels().addresses()) {
            simulation::Device* device = machine().channels().device(address);
            std::string line = fmt::format("{:03X}  {:<8}", address, device->type());
            if (const auto* reader = dynamic_cast<simulation::CardReader*>(device))
                line += ' ' + counted(reader->cards_left(), "card");
            if (machine().channels().working(address)) line += " a channel program runs";
            line.erase(line.find_last_not_of(' ') + 1);
            output_(line + '\n');
        }
    } else if (what.starts_with('T')) {
        output_(fmt::format("{} of simulated time, {}\n", duration_text(cpu().now()),
                            counted(machine().instructions(), "instruction")));
    } else {
        throw PanelError("expected DEVICES or TIME");
    }
    return Next::ask;
}

Panel::Next Panel::quit(Arguments) { return Next::leave; }

}  // namespace vmcp::panel
