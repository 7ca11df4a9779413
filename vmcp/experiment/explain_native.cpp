#include "vmcp/experiment/explain_native.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "isa/dat.hpp"
#include "isa/disassembler.hpp"
#include "simulation/channel/channel_words.hpp"
#include "vmcp/experiment/assembled_source.hpp"
#include "vmcp/experiment/cpu_trace.hpp"
#include "vmcp/experiment/interruption_text.hpp"
#include "vmcp/experiment/io_trace.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {
namespace {

using isa::Assigned;

/// The classes in the order of the variant, then program codes.
constexpr std::array<const char*, 6> kClassWords = {"program", "svc",           "external",
                                                    "io",      "machine_check", "restart"};
constexpr unsigned kCodes = 0x81;

/// "privileged_operation"; empty where the code means nothing.
std::string word_of_code(unsigned code) {
    std::string word(isa::name_of(static_cast<isa::ProgramCode>(code)));
    for (char& c : word)
        if (c == ' ' || c == '-') c = '_';
    return word;
}

/// What the hardware would store, without storing it. The PSW that it would load is that of `cpu`.
struct StoredBy {
    struct Place {
        uint32_t address;
        unsigned bytes;
        uint64_t value;
    };
    const simulation::Cpu& cpu;
    std::vector<Place> places = {};

    uint64_t fetch_assigned64(uint32_t address) const { return cpu.fetch_assigned64(address); }
    void store_assigned16(uint32_t address, uint16_t value) { places.push_back({address, 2, value}); }
    void store_assigned32(uint32_t address, uint32_t value) { places.push_back({address, 4, value}); }
    void store_assigned64(uint32_t address, uint64_t value) { places.push_back({address, 8, value}); }
};

const char* meaning_of_place(uint32_t address) {
    switch (address) {
        case Assigned::csw: return "CSW";
        case Assigned::external_cpu_address: return "the CPU it comes from";
        case Assigned::external_code: return "interruption code";
        case Assigned::supervisor_call_identification:
        case Assigned::program_identification: return "ILC and interruption code";
        case Assigned::translation_address: return "translation-exception address";
        case Assigned::monitor_class: return "monitor class";
        case Assigned::monitor_code: return "monitor code";
        case Assigned::per_code: return "PER code";
        case Assigned::per_address: return "PER address";
        case Assigned::io_address: return "device address";
        case Assigned::machine_check_code: return "machine-check code";
        default: return "old PSW";
    }
}

/// Where the instruction is that an interruption is about.
uint32_t address_of_cause(const isa::Psw& psw, const isa::Interruption& interruption) {
    unsigned behind = 0;
    if (const auto* call = std::get_if<isa::SupervisorCallInterruption>(&interruption)) behind = call->ilc;
    if (const auto* program = std::get_if<isa::ProgramInterruption>(&interruption))
        if (program->only_per || !isa::nullifies(program->code)) behind = program->ilc;
    return (psw.address - 2 * behind) & isa::kAddressMask;
}

/// Where a byte that the program can address lies; none where the translation would not find it.
std::optional<uint32_t> absolute_of(const simulation::Cpu& cpu, const isa::Psw& psw, uint32_t address,
                                    uint32_t size) {
    uint32_t real = address & isa::kAddressMask;
    if (psw.dat) {
        const auto format = isa::TranslationFormat::of(cpu.state().cr[0]);
        if (!format) return std::nullopt;
        const isa::Translation t =
            isa::translate_address(cpu, *format, cpu.state().cr[psw.secondary_space ? 7 : 1], real,
                                   size > 16 * simulation::kMebibyte);
        if (!t.ok()) return std::nullopt;
        real = t.real;
    }
    const uint32_t absolute = cpu.absolute(real);
    if (absolute >= size) return std::nullopt;
    return absolute;
}

std::string without_blanks(std::string_view line) {
    std::string text;
    for (const char c : line.substr(0, 71))
        if (c != ' ' || (!text.empty() && text.back() != ' ')) text += c;
    while (text.ends_with(' ')) text.pop_back();
    return text;
}

/// Whether the CPU will wait with that PSW, and for nothing.
bool ends(const simulation::Cpu& cpu, const isa::Psw& psw) {
    isa::CpuState state = cpu.state();
    state.psw = psw;
    return isa::is_disabled_wait(state);
}

const char* what_happened(const isa::Interruption& interruption) {
    const auto* program = std::get_if<isa::ProgramInterruption>(&interruption);
    if (program != nullptr)
        return program->only_per || isa::completes(program->code)
                   ? "The program executes an instruction that interrupts it:"
                   : "The program comes to an instruction that the CPU cannot complete:";
    if (std::holds_alternative<isa::SupervisorCallInterruption>(interruption))
        return "The program calls its supervisor:";
    return "The program is interrupted before:";
}

}  // namespace

EventNames NativeExplainer::names() {
    EventNames names{.event = "interruption"};
    std::vector<std::string> kinds;
    for (const char* word : kClassWords) names.causes.emplace_back(word);
    for (unsigned code = 0; code < kCodes; ++code) {
        std::string word = code == 0 ? "" : word_of_code(code);
        names.causes.push_back(word.empty() || word == "unknown" ? fmt::format("{:04X}?", code) : word);
        if (!names.causes.back().ends_with('?')) kinds.push_back(names.causes.back());
    }
    names.causes_text =
        fmt::format("a kind of interruption ({}; {})", fmt::join(kClassWords, ", "), fmt::join(kinds, ", "));
    return names;
}

NativeExplainer::NativeExplainer(simulation::Machine& machine, const GuestImage& guest,
                                 std::vector<EventChoice> choices, Output output, size_t width)
    : machine_(machine),
      guest_(guest),
      selection_(std::move(choices)),
      output_(std::move(output)),
      page_(width),
      column_(page_.column()) {
    page_.title(title_of(selection_.choices(), "interruption"));
    page_.prose(fmt::format(
        "{} the hardware. {} the program, which owns the machine. Addresses of storage are real "
        "unless they are logical ones of the program; times are simulated.",
        page_.side_by_side() ? "Left:" : "Plain:", page_.side_by_side() ? "Right:" : "Behind a stroke:"));
    introduction_ = page_.take();
    machine_.observers.add(*this);
}

NativeExplainer::~NativeExplainer() { machine_.observers.remove(*this); }

void NativeExplainer::interruption(const simulation::Cpu& cpu, const isa::Interruption& interruption) {
    if (cpu.guest() != nullptr || !selection_.open()) return;
    if (!selection_.begin(0, cpu.now())) return;
    selection_.add_cause(static_cast<unsigned>(interruption.index()));
    if (const auto* program = std::get_if<isa::ProgramInterruption>(&interruption)) {
        const auto code = static_cast<unsigned>(program->code);
        if (!program->only_per && code < kCodes)
            selection_.add_cause(static_cast<unsigned>(kClassWords.size()) + code);
        if (program->per)
            selection_.add_cause(static_cast<unsigned>(kClassWords.size()) +
                                 static_cast<unsigned>(isa::ProgramCode::per_event));
    }
    if (selection_.end()) tell(cpu, interruption);
}

/// The instruction at an address, and its line where the program was assembled here.
std::vector<std::string> NativeExplainer::place(const simulation::Cpu& cpu, uint32_t address,
                                                bool logical) const {
    isa::Psw psw = cpu.psw();
    psw.dat = psw.dat && logical;
    std::vector<uint8_t> bytes;
    for (uint32_t i = 0; i < 6; ++i) {
        const auto at = absolute_of(cpu, psw, address + i, machine_.storage().size());
        if (!at) break;
        bytes.push_back(*machine_.storage().at(*at));
    }
    std::vector<std::string> lines{
        fmt::format("{:06X}  {}", address, isa::disassemble(bytes, machine_.model().facilities))};
    while (lines.front().ends_with(' ')) lines.front().pop_back();
    // Where addresses are translated, those of the source are others.
    const auto* line = guest_.source != nullptr && !psw.dat ? guest_.source->at(address) : nullptr;
    if (line != nullptr && line->file != nullptr)
        append(lines, wrap(fmt::format("{}:{}: {}", *line->file, line->line, without_blanks(line->text)),
                           column_, 2, 4));
    return lines;
}

void NativeExplainer::show_interrupted(const simulation::Cpu& cpu, const isa::Interruption& interruption) {
    const isa::Psw& psw = cpu.psw();
    std::vector<std::string> left, right;
    if (std::holds_alternative<isa::RestartInterruption>(interruption)) {
        left = wrap("The restart key is pressed, or another CPU orders it.", column_);
    } else if (psw.wait) {
        left = wrap("The program waits.", column_);
        right = {fmt::format("{:06X}  goes on here afterwards", psw.address)};
    } else {
        left = wrap(what_happened(interruption), column_);
        right = place(cpu, address_of_cause(psw, interruption), true);
    }
    if (const auto* program = std::get_if<isa::ProgramInterruption>(&interruption);
        program != nullptr && !program->only_per && isa::nullifies(program->code))
        append(right, wrap(fmt::format("touches {:06X}", program->translation_address & isa::kAddressMask),
                           column_, 8));
    page_.both(left, right);
    page_.row("", "");
    right = {fmt::format("PSW  {}", psw_hex(psw))};
    append(right, wrap(psw_meaning(psw), column_, 2));
    page_.both({}, right);
    page_.row("", "");
}

void NativeExplainer::tell(const simulation::Cpu& cpu, const isa::Interruption& interruption) {
    page_.blank();
    page_.prose(fmt::format("Interruption {}{}: {}, at {}", selection_.number(),
                            machine_.cpu_count() > 1 ? fmt::format(", CPU {}", cpu.cpu_address()) : "",
                            interruption_name(interruption), duration_text(cpu.now())));
    page_.rule("┬");
    page_.row("HARDWARE", "PROGRAM");
    page_.rule("┼");
    show_interrupted(cpu, interruption);

    StoredBy stored{cpu};
    const isa::Psw loaded = isa::decode_psw(isa::store_interruption(cpu.psw(), stored, interruption));
    page_.row("The hardware:", "The handler finds:");
    page_.both(wrap(interruption_text(interruption), column_, 2), {});
    for (const StoredBy::Place& place : stored.places) {
        const std::string value =
            place.bytes == 8 ? fmt::format("{:08X} {:08X}", place.value >> 32, place.value & 0xFFFFFFFF)
                             : fmt::format("{:0{}X}", place.value, 2 * place.bytes);
        const std::string meaning = meaning_of_place(place.address);
        std::vector<std::string> finds{fmt::format("  {:06X}  {}", place.address, value)};
        if (place.address == Assigned::csw) {
            const auto* io = std::get_if<isa::IoInterruption>(&interruption);
            const auto unit = static_cast<uint8_t>(io->csw >> 24),
                       channel = static_cast<uint8_t>(io->csw >> 16);
            append(finds,
                   wrap(fmt::format("{}; CCW address {:06X}, {} left", status_text(unit, channel),
                                    io->csw >> 32 & isa::kAddressMask, counted(io->csw & 0xFFFF, "byte")),
                        column_, 10));
        } else if (meaning == "old PSW" && !cpu.psw().ec_mode) {
            finds.push_back(fmt::format("          with the code {:04X} in it", place.value >> 32 & 0xFFFF));
        }
        page_.both({fmt::format("  stores {} at {:06X}", meaning == "old PSW" ? "that PSW" : meaning.c_str(),
                                place.address)},
                   finds);
    }
    const uint32_t from = psw_places(interruption).new_psw;
    std::vector<std::string> goes_on{fmt::format("  {:06X}  {}", from, psw_hex(loaded))};
    append(goes_on, wrap(psw_meaning(loaded), column_, 10));
    page_.both({fmt::format("  loads the PSW at {:06X}", from)}, goes_on);
    page_.row("", "");
    if (loaded.wait)
        page_.both({}, wrap(ends(cpu, loaded) ? "That PSW is a disabled wait: the program ends here."
                                              : "The program waits for an interruption.",
                            column_));
    else
        page_.both(wrap("The program goes on:", column_), place(cpu, loaded.address, loaded.dat));
    page_.rule("┴");
    page_.prose(fmt::format("That takes the hardware {} of simulated time.",
                            duration_text(machine_.model().interruption_ns.value)));
    output_(std::exchange(introduction_, {}) + page_.take());
}

}  // namespace vmcp::experiment
