#include "vmcp/experiment/program_ending.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "isa/disassembler.hpp"
#include "vmcp/experiment/ending_hints.hpp"
#include "vmcp/experiment/interruption_text.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {
namespace {

using isa::Assigned;
using isa::InterruptionClass;

struct Places {
    InterruptionClass of;
    uint32_t old_psw, new_psw, code, length;  // code: of EC mode; length: of the instruction, 0: none
};

// In the order in which they are most probably what ended a program.
constexpr std::array<Places, 5> kClasses{
    {{InterruptionClass::program, Assigned::program_old, Assigned::program_new,
      Assigned::program_identification + 2, Assigned::program_identification + 1},
     {InterruptionClass::supervisor_call, Assigned::supervisor_call_old, Assigned::supervisor_call_new,
      Assigned::supervisor_call_identification + 2, Assigned::supervisor_call_identification + 1},
     {InterruptionClass::external, Assigned::external_old, Assigned::external_new, Assigned::external_code,
      0},
     {InterruptionClass::io, Assigned::io_old, Assigned::io_new, Assigned::io_address + 2, 0},
     {InterruptionClass::machine_check, Assigned::machine_check_old, Assigned::machine_check_new, 0, 0}}};

uint64_t number(const std::function<uint8_t(uint32_t)>& byte, uint32_t at, unsigned length) {
    uint64_t value = 0;
    for (unsigned i = 0; i < length; ++i) value = value << 8 | byte(at + i);
    return value;
}

EndingInterruption interruption_at(const Places& places, const std::function<uint8_t(uint32_t)>& byte) {
    EndingInterruption i;
    i.of = places.of;
    i.old_psw = number(byte, places.old_psw, 8);
    const isa::Psw old = isa::decode_psw(i.old_psw);
    const bool has_length = places.length != 0;
    if (old.ec_mode) {
        if (places.code != 0) i.code = static_cast<uint16_t>(number(byte, places.code, 2));
        if (has_length) i.ilc = byte(places.length) >> 1 & 3;
    } else {
        i.code = static_cast<uint16_t>(i.old_psw >> 32);
        if (has_length) i.ilc = static_cast<unsigned>(i.old_psw >> 30) & 3;
    }
    if (places.of == InterruptionClass::program && (i.code & 0x7F) != 0) i.code &= 0x7F;
    const bool nullified =
        places.of == InterruptionClass::program && isa::nullifies(static_cast<isa::ProgramCode>(i.code));
    i.address = (old.address - (nullified ? 0 : 2 * i.ilc)) & isa::kAddressMask;
    return i;
}

/// The interruption whose new PSW the PSW is, perhaps with an instruction behind it that was not completed.
std::optional<EndingInterruption> loaded_by(const isa::Psw& psw, unsigned most_behind,
                                            const std::function<uint8_t(uint32_t)>& byte) {
    for (const Places& places : kClasses) {
        isa::Psw loaded = isa::decode_psw(number(byte, places.new_psw, 8));
        const uint32_t behind = (psw.address - loaded.address) & isa::kAddressMask;
        loaded.address = psw.address;
        loaded.condition_code = psw.condition_code;
        if (behind > most_behind || loaded != psw || number(byte, places.old_psw, 8) == 0) continue;
        return interruption_at(places, byte);
    }
    return std::nullopt;
}

std::string psw_words(uint64_t psw) { return fmt::format("{:08X} {:08X}", psw >> 32, psw & 0xFFFFFFFF); }

/// A line of source with its blanks made single.
std::string squeezed(std::string_view line) {
    std::string text;
    for (const char c : line.substr(0, std::min<size_t>(line.size(), 71)))
        if ((c != ' ' && c != '\t') || (!text.empty() && text.back() != ' ')) text += c == '\t' ? ' ' : c;
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

class Explanation {
  public:
    explicit Explanation(const EndState& state) : state_(state), program_(state) {}

    Ending write() {
        ending_.kind = state_.kind;
        ending_.well = state_.well;
        switch (state_.kind) {
            case EndingKind::disabled_wait: disabled_wait(); break;
            case EndingKind::check_stop: check_stop(); break;
            case EndingKind::instruction_limit:
            case EndingKind::time_limit:
            case EndingKind::output_limit: limit(); break;
            case EndingKind::waiting:
                ending_.text = state_.reads_console
                                   ? "it waits for a line at its console"
                                   : "it waits for an interruption, and nothing goes on that could cause one";
                break;
            case EndingKind::interrupted:
                ending_.text = "somebody ended the run";
                at_next();
                break;
            case EndingKind::stopped: ending_.text = "the CPU is in the stopped state"; break;
            case EndingKind::no_storage: ending_.text = "real storage has no page frame left for it"; break;
            case EndingKind::load_failed: ending_.text = "initial program loading failed"; break;
            case EndingKind::logged_off: ending_.text = "it was logged off"; break;
            case EndingKind::control_program_failed:
                ending_.text =
                    "a driver in the control program has failed, and the control program with it: all "
                    "machines have stopped, whether they used the device or not. Of a driver in a service "
                    "machine only that machine would have";
                break;
            case EndingKind::none: ending_.text = "it has not ended"; break;
        }
        if (hints_wanted()) ending_.hints = ending_hints(program_, ending_);
        return std::move(ending_);
    }

  private:
    bool hints_wanted() const {
        return !ending_.well || (state_.kind == EndingKind::waiting && !state_.reads_console);
    }

    void at_next() { ending_.at = program_.place(state_.cpu.psw.address); }

    void take(const EndingInterruption& i) {
        ending_.interruption = i;
        // Where addresses are translated, what is there is not known.
        ending_.at = isa::decode_psw(i.old_psw).dat ? EndingPlace{i.address, "", "", 0, ""}
                                                    : program_.place(i.address);
    }

    void disabled_wait() {
        const uint32_t address = state_.cpu.psw.address;
        ending_.wait_address = address;
        if (state_.well) {
            ending_.text = fmt::format("disabled wait {:06X}", address);
            return;
        }
        if (const auto i = loaded_by(state_.cpu.psw, 0, state_.byte)) {
            take(*i);
            ending_.text = fmt::format("disabled wait {:06X}, the new PSW of a {}", address, i->text());
            return;
        }
        ending_.text = fmt::format("disabled wait {:06X}, which the program loaded{}", address, wait_psw());
        // The program may have looked at an interruption first.
        const EndingInterruption last = interruption_at(kClasses[0], state_.byte);
        if (last.old_psw != 0 && last.code != 0 && last.code <= 0x40 && !was_loaded(Assigned::program_old))
            take(last);
    }

    /// Where the program has the PSW, if that is to be found in its source.
    std::string wait_psw() const {
        const AssembledSource* const source = program_.source();
        if (source == nullptr) return "";
        for (const auto& statement : source->statements) {
            if (statement.instruction || statement.length < 8) continue;
            for (uint32_t at = (statement.address + 7) & ~7U; at + 8 <= statement.address + statement.length;
                 at += 8)
                if (at >= 0x80 && isa::decode_psw(program_.doubleword(at)) == state_.cpu.psw)
                    return fmt::format(" from {:06X} ({})", at, program_.name_of_place(at));
        }
        return "";
    }

    bool was_loaded(uint32_t address) const {
        for (uint32_t i = 0; i < 8; ++i)
            if (program_.loaded(address + i).value_or(0) != program_.byte(address + i)) return false;
        return true;
    }

    void check_stop() {
        const auto now = interruption_at(kClasses[0], state_.byte);
        const auto recorded = [this](uint32_t at) { return state_.first->byte(at); };
        std::optional<EndingInterruption> first;
        if (state_.first != nullptr) first = loaded_by(state_.first->psw, 6, recorded);
        take(first.value_or(now));
        const uint64_t loaded = number(state_.byte, new_psw_of(ending_.interruption->of), 8);
        ending_.text = fmt::format("check-stop: a {} at {:06X} loads the new PSW {}, which cannot go on ({})",
                                   ending_.interruption->text(), ending_.interruption->address,
                                   psw_words(loaded), now.text());
    }

    static uint32_t new_psw_of(InterruptionClass of) {
        const auto found =
            std::find_if(kClasses.begin(), kClasses.end(), [of](const Places& one) { return one.of == of; });
        return found->new_psw;
    }

    void limit() {
        if (!state_.cpu.psw.dat) at_next();
        ending_.text = fmt::format("it was ended at the limit of {}", state_.limit);
        if (state_.cpu.psw.wait) ending_.text += ", in the wait state";
    }

    const EndState& state_;
    EndedProgram program_;
    Ending ending_;
};

}  // namespace

std::string_view name_of(EndingKind kind) {
    static constexpr std::string_view kNames[] = {"none",
                                                  "disabled-wait",
                                                  "check-stop",
                                                  "instruction-limit",
                                                  "time-limit",
                                                  "output-limit",
                                                  "waiting",
                                                  "interrupted",
                                                  "stopped",
                                                  "no-storage",
                                                  "load-failed",
                                                  "logged-off",
                                                  "control-program-failed"};
    return kNames[static_cast<unsigned>(kind)];
}

std::string EndingPlace::text() const {
    if (file.empty()) return fmt::format("{:06X}{}{}", address, instruction.empty() ? "" : ": ", instruction);
    return fmt::format("{}:{}: {}", file, line, squeezed(source));
}

std::string EndingInterruption::text() const {
    switch (of) {
        case InterruptionClass::program:
            return interruption_text(isa::ProgramInterruption{.code = static_cast<isa::ProgramCode>(code)});
        case InterruptionClass::supervisor_call:
            return interruption_text(isa::SupervisorCallInterruption{.number = static_cast<uint8_t>(code)});
        case InterruptionClass::external:
            return interruption_text(isa::ExternalInterruption{.code = static_cast<isa::ExternalCode>(code)});
        case InterruptionClass::io: return interruption_text(isa::IoInterruption{.device = code});
        case InterruptionClass::machine_check: return "machine-check interruption";
        case InterruptionClass::restart: return "restart interruption";
    }
    return "";
}

std::vector<uint8_t> EndedProgram::bytes(uint32_t address, uint32_t length) const {
    std::vector<uint8_t> all;
    for (uint32_t i = 0; i < length; ++i) all.push_back(byte(address + i));
    return all;
}

uint64_t EndedProgram::doubleword(uint32_t address) const {
    return number([this](uint32_t at) { return byte(at); }, address, 8);
}

std::optional<uint8_t> EndedProgram::loaded(uint32_t address) const {
    const auto in = [address](const StorageBytes& piece) -> std::optional<uint8_t> {
        if (address < piece.address || address - piece.address >= piece.bytes.size()) return std::nullopt;
        return piece.bytes[address - piece.address];
    };
    if (state_.patches != nullptr)
        for (auto patch = state_.patches->rbegin(); patch != state_.patches->rend(); ++patch)
            if (const auto found = in(*patch)) return found;
    return state_.guest == nullptr ? std::nullopt : in(state_.guest->storage);
}

isa::Decoded EndedProgram::instruction(uint32_t address) const {
    const std::vector<uint8_t> text = bytes(address, 6);
    const isa::Decoded of370 = isa::decode(text.data());
    return of370.op != isa::Op::invalid ? of370 : isa::decode(text.data(), isa::FacilitySet::with_gcc());
}

EndingPlace EndedProgram::place(uint32_t address) const {
    EndingPlace place;
    place.address = address;
    if (address + 2 <= state_.storage) {
        const isa::Decoded d = instruction(address);
        place.instruction =
            d.op == isa::Op::invalid ? isa::disassemble(bytes(address, 2)) : isa::disassemble(d);
        place.instruction = squeezed(place.instruction);
    }
    const auto* s = statement(address);
    // What lies between statements belongs to the one that it aligns.
    for (uint32_t skipped = 2; s == nullptr && skipped < 8; skipped += 2) s = statement(address + skipped);
    if (s != nullptr && s->file != nullptr) {
        place.file = *s->file;
        place.line = s->line;
        place.source = s->text;
    }
    return place;
}

std::string EndedProgram::name_of_place(uint32_t address) const {
    const auto* const s = statement(address);
    if (s == nullptr || s->file == nullptr) return fmt::format("{:06X}", address);
    return fmt::format("{}:{}", *s->file, s->line);
}

Ending explain_ending(const EndState& state) { return Explanation(state).write(); }

std::string ending_text(const Ending& ending, size_t width) {
    TextPage page(width);
    const auto line = [&page](std::string_view heading, const std::string& text) {
        page.line(fmt::format("  {}: {}", heading, text), 2);
    };
    line("Why", ending.text);
    if (ending.at) line(ending.interruption ? "At" : "It was at", ending.at->text());
    if (ending.interruption)
        line("Old PSW",
             fmt::format("{}{}", psw_words(ending.interruption->old_psw),
                         ending.at && !ending.at->instruction.empty()
                             ? fmt::format("; at {:06X} is {}", ending.at->address, ending.at->instruction)
                             : ""));
    for (const std::string& hint : ending.hints) line("Hint", hint);
    return page.take();
}

nlohmann::ordered_json to_json(const Ending& ending) {
    nlohmann::ordered_json j = {{"kind", name_of(ending.kind)}, {"well", ending.well}, {"text", ending.text}};
    if (ending.wait_address) j["wait_address"] = fmt::format("{:06X}", *ending.wait_address);
    if (ending.interruption) {
        const EndingInterruption& i = *ending.interruption;
        j["interruption"] = {{"class", isa::name_of(i.of)},
                             {"code", fmt::format("{:04X}", i.code)},
                             {"text", i.text()},
                             {"old_psw", fmt::format("{:016X}", i.old_psw)}};
    }
    if (ending.at) {
        nlohmann::ordered_json at = {{"address", fmt::format("{:06X}", ending.at->address)}};
        if (!ending.at->instruction.empty()) at["instruction"] = ending.at->instruction;
        if (!ending.at->file.empty()) {
            at["file"] = ending.at->file;
            at["line"] = ending.at->line;
            at["source"] = ending.at->source;
        }
        j["at"] = std::move(at);
    }
    if (!ending.hints.empty()) j["hints"] = ending.hints;
    return j;
}

}  // namespace vmcp::experiment
