// What a debugged run looks for, moment by moment.
#include <fmt/format.h>

#include <algorithm>

#include "simulation/model/capitals.hpp"
#include "vmcp/debug/debugged_run.hpp"

namespace vmcp::debug {
namespace {

using Kind = Moment::Kind;

std::string hex_text(const std::vector<uint8_t>& bytes) {
    constexpr size_t kShown = 16;
    std::string text;
    for (size_t i = 0; i < std::min(bytes.size(), kShown); ++i) text += fmt::format("{:02X}", bytes[i]);
    return text + (bytes.size() > kShown ? "..." : "");
}

/// Whether the machine that a stop is about has this interruption: the real one has those of its guests, too.
bool is_about(const Stop& stop, const Moment& moment) {
    if (stop.machine != kRealMachine)
        return moment.kind == Kind::interruption && moment.machine == stop.machine;
    return moment.kind == Kind::trap || (moment.kind == Kind::interruption && moment.machine == kRealMachine);
}

}  // namespace

std::optional<Stopped> DebuggedRun::meets(const Moment& moment) {
    if (const auto change = changed()) return change;
    if (const auto why = meets_stop(moment)) return why;
    if (meets_kind(moment)) return Stopped{Stopped::Why::arrived, {}, ""};
    return std::nullopt;
}

/// Who goes back for one thing is told of that alone.
bool DebuggedRun::counts(const Stop& stop) const {
    return goal_.way != Goal::Way::search || stop.once ||
           std::none_of(stops_.begin(), stops_.end(), [](const Stop& other) { return other.once; });
}

std::optional<Stopped> DebuggedRun::meets_stop(const Moment& moment) {
    for (const Stop& stop : stops_)
        if (counts(stop) && meets(stop, moment))
            return Stopped{Stopped::Why::stop, stop, fmt::format("stop {}: {}", stop.id, text_of(stop))};
    return std::nullopt;
}

bool DebuggedRun::meets(const Stop& stop, const Moment& moment) {
    switch (stop.kind) {
        case Stop::Kind::address: {
            if (moment.kind != Kind::instruction) return false;
            if (stop.machine != kRealMachine && stop.machine != moment.machine) return false;
            return registers(stop.machine).psw.address == stop.address;
        }
        case Stop::Kind::change: return false;  // changed()
        case Stop::Kind::supervisor_call: {
            if (moment.interruption == nullptr || !is_about(stop, moment)) return false;
            const auto* const svc = std::get_if<isa::SupervisorCallInterruption>(moment.interruption);
            return svc != nullptr && (stop.number < 0 || svc->number == stop.number);
        }
        case Stop::Kind::program_check: {
            if (moment.interruption == nullptr || !is_about(stop, moment)) return false;
            const auto* const program = std::get_if<isa::ProgramInterruption>(moment.interruption);
            return program != nullptr && (stop.number < 0 || static_cast<int>(program->code) == stop.number);
        }
        case Stop::Kind::interruption: return moment.interruption != nullptr && is_about(stop, moment);
        case Stop::Kind::cause:
            return moment.kind == Kind::step && moment.cause && moment.cause != last_cause_ &&
                   (stop.machine == kRealMachine || stop.machine == moment.machine) &&
                   simulation::capitals(moment.cause->name()) == simulation::capitals(stop.text);
        case Stop::Kind::console:
            return moment.kind == Kind::console && stop.machine == moment.machine &&
                   moment.line.find(stop.text) != std::string_view::npos;
        case Stop::Kind::time: return last_time_ < stop.time && moment.time >= stop.time;
    }
    return false;
}

bool DebuggedRun::meets_kind(const Moment& moment) const {
    const MachineNumber machine = goal_.resume.machine;
    // The real machine is in front of whatever instruction the real CPU is in front of.
    const bool at_instruction = moment.kind == Kind::instruction &&
                                (machine == kRealMachine || (moment.machine == machine && moment.has_moved));
    switch (goal_.resume.kind) {
        case Resume::Kind::moment: return true;
        case Resume::Kind::instruction: return at_instruction;
        case Resume::Kind::over: {
            if (!at_instruction) return false;
            const auto& back = goal_.departure.returns_to;
            return goal_.resume.backward || !back || registers(machine).psw.address == *back;
        }
        case Resume::Kind::line: {
            if (!at_instruction) return false;
            const auto* const line = source(machine, registers(machine).psw.address);
            return line == nullptr ||
                   (line->line != goal_.departure.line || *line->file != goal_.departure.file);
        }
        case Resume::Kind::trap:
            return moment.kind == Kind::trap && (machine == kRealMachine || machine == moment.machine);
        case Resume::Kind::interruption: {
            if (moment.interruption == nullptr) return false;
            if (machine == kRealMachine) return moment.kind == Kind::trap || moment.machine == kRealMachine;
            return moment.kind == Kind::interruption && moment.machine == machine;
        }
        case Resume::Kind::change_over: return moment.kind == Kind::resumed && moment.changes_over;
        case Resume::Kind::stop:
        case Resume::Kind::position:
        case Resume::Kind::leave: return false;
    }
    return false;
}

// ---- Storage that is watched ----

std::vector<uint8_t> DebuggedRun::watched_bytes(const Stop& stop) const {
    std::vector<uint8_t> bytes;
    for (const auto& byte : read(stop.machine, AddressKind::real, stop.address, stop.length))
        bytes.push_back(byte.value_or(0));
    return bytes;
}

void DebuggedRun::remember_watched() {
    watched_.clear();
    for (const Stop& stop : stops_)
        if (stop.kind == Stop::Kind::change) watched_[stop.id] = watched_bytes(stop);
}

std::optional<Stopped> DebuggedRun::changed() {
    std::optional<Stopped> first;
    for (const Stop& stop : stops_) {
        if (stop.kind != Stop::Kind::change || !counts(stop)) continue;
        std::vector<uint8_t> bytes = watched_bytes(stop);
        const auto [known, is_new] = watched_.try_emplace(stop.id, bytes);
        if (is_new || known->second == bytes) continue;
        if (!first)
            first = Stopped{Stopped::Why::stop, stop,
                            fmt::format("stop {}: {}: {} becomes {}", stop.id, text_of(stop),
                                        hex_text(known->second), hex_text(bytes))};
        known->second = std::move(bytes);
    }
    return first;
}

// ---- Where it was told to go on ----

std::vector<uint8_t> DebuggedRun::instruction_text(MachineNumber machine, uint32_t address) const {
    std::vector<uint8_t> text;
    for (const auto& byte : read(machine, AddressKind::logical, address, 6)) {
        if (!byte || (!text.empty() && text.size() == isa::length_of_opcode(text[0]))) break;
        text.push_back(*byte);
    }
    if (text.empty() || text.size() < isa::length_of_opcode(text[0])) return {};
    return text;
}

Departure DebuggedRun::departure(MachineNumber machine) const {
    Departure here{.position = position_, .address = registers(machine).psw.address};
    if (const auto* const line = source(machine, here.address)) {
        here.file = *line->file;
        here.line = line->line;
    }
    const std::vector<uint8_t> text = instruction_text(machine, here.address);
    if (text.empty()) return here;
    constexpr uint8_t kBalr = 0x05, kSvc = 0x0A, kBasr = 0x0D, kBal = 0x45, kBas = 0x4D, kMask = 0x0F;
    const bool goes_nowhere = (text[0] == kBalr || text[0] == kBasr) && (text[1] & kMask) == 0;
    const bool calls = text[0] == kBalr || text[0] == kSvc || text[0] == kBasr || text[0] == kBal ||
                       text[0] == kBas || (text[0] == 0xB2 && text[1] == 0x18);  // PROGRAM CALL
    if (calls && !goes_nowhere)
        here.returns_to = (here.address + static_cast<uint32_t>(text.size())) & isa::kAddressMask;
    return here;
}

}  // namespace vmcp::debug
