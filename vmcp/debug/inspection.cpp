// What a session shows of its machines, and what is altered by hand.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "simulation/model/capitals.hpp"
#include "simulation/model/overloaded.hpp"
#include "vmcp/debug/debugged_run.hpp"
#include "vmcp/experiment/assembled_source.hpp"
#include "vmcp/experiment/step_recorder.hpp"

namespace vmcp::debug {
namespace {

constexpr size_t kMostLogged = 20'000;

}  // namespace

void to_json(nlohmann::json& json, const Alteration& a) {
    json = {{"what", static_cast<int>(a.what)},
            {"machine", a.machine},
            {"number", a.number},
            {"value", a.value},
            {"at", a.at},
            {"bytes", a.bytes},
            {"text", a.text}};
}

void from_json(const nlohmann::json& json, Alteration& a) {
    a.what = static_cast<Alteration::What>(json.at("what").get<int>());
    json.at("machine").get_to(a.machine);
    json.at("number").get_to(a.number);
    json.at("value").get_to(a.value);
    json.at("at").get_to(a.at);
    json.at("bytes").get_to(a.bytes);
    json.at("text").get_to(a.text);
}

std::optional<MachineNumber> DebuggedRun::find(std::string_view wanted) const {
    for (MachineNumber i = 0; i < machines(); ++i)
        if (simulation::capitals(name(i)) == simulation::capitals(wanted)) return i;
    if (simulation::capitals(wanted) == "REAL") return kRealMachine;
    return std::nullopt;
}

bool DebuggedRun::logged_on(MachineNumber machine) const {
    return machine == kRealMachine || subject_.virtual_machine(machine) != nullptr;
}

Registers DebuggedRun::registers(MachineNumber machine) const {
    if (machine == kRealMachine) return registers_of(watcher_.cpu());
    const VirtualMachine* const vm = subject_.virtual_machine(machine);
    if (vm == nullptr) return {};
    return registers_of(*vm, watcher_.executing() == machine ? &watcher_.cpu() : nullptr);
}

std::vector<std::optional<uint8_t>> DebuggedRun::read(MachineNumber machine, AddressKind kind,
                                                      uint32_t address, uint32_t count) const {
    std::vector<std::optional<uint8_t>> bytes(count);
    const VirtualMachine* const vm = subject_.virtual_machine(machine);
    if (machine != kRealMachine && vm == nullptr) return bytes;
    const Registers registers = this->registers(machine);
    for (uint32_t i = 0; i < count; ++i)
        bytes[i] = vm == nullptr ? byte_of(subject_.machine(), watcher_.cpu(), kind, address + i)
                                 : byte_of(*vm, registers, kind, address + i);
    return bytes;
}

std::string DebuggedRun::console(MachineNumber machine) const {
    const auto known = consoles_.find(machine);
    return (known == consoles_.end() ? "" : known->second) + subject_.console_line(machine);
}

// ---- Source and symbols ----

const experiment::AssembledSource* DebuggedRun::source_of(MachineNumber machine) const {
    const experiment::GuestImage* const guest = subject_.guest(machine);
    return guest == nullptr ? nullptr : guest->source.get();
}

const isa::assembler::PlacedStatement* DebuggedRun::source(MachineNumber machine, uint32_t address) const {
    const experiment::AssembledSource* const source = source_of(machine);
    return source == nullptr ? nullptr : source->at(address);
}

std::optional<uint32_t> DebuggedRun::symbol(MachineNumber machine, std::string_view name) const {
    const experiment::AssembledSource* const source = source_of(machine);
    const auto* const symbol = source != nullptr ? source->symbol(name) : nullptr;
    return symbol != nullptr ? std::optional(symbol->value) : std::nullopt;
}

/// By the nearest symbol of the program before it, within a page.
std::string DebuggedRun::place_name(MachineNumber machine, uint32_t address) const {
    const experiment::AssembledSource* const source = source_of(machine);
    if (source == nullptr || source->at(address) == nullptr) return {};
    const isa::assembler::SymbolInfo* best = nullptr;
    for (const isa::assembler::SymbolInfo& symbol : source->symbols) {
        if (symbol.absolute || symbol.section.empty() || symbol.value > address) continue;
        if (address - symbol.value >= kPage) continue;
        if (best == nullptr || symbol.value > best->value) best = &symbol;
    }
    if (best == nullptr) return {};
    return best->value == address ? best->name : fmt::format("{}+{:X}", best->name, address - best->value);
}

// ---- Stops ----

unsigned DebuggedRun::add(Stop stop) {
    if (stop.machine >= machines()) throw DebugError("expected one of the machines of this run");
    stop.id = next_stop_++;
    stops_.push_back(std::move(stop));
    return stops_.back().id;
}

bool DebuggedRun::remove(unsigned id) {
    return std::erase_if(stops_, [id](const Stop& stop) { return stop.id == id; }) != 0;
}

// ---- The log ----

void DebuggedRun::log(const Moment& moment) {
    if (!moment.text) return;
    if (log_.size() >= kMostLogged) log_.erase(log_.begin(), log_.begin() + kMostLogged / 2);
    const bool by_control_program = moment.kind == Moment::Kind::step || moment.kind == Moment::Kind::resumed;
    log_.push_back({moment.position, moment.time, moment.machine, moment.text(), by_control_program});
}

// ---- Alterations ----

void DebuggedRun::alter(Alteration alteration) {
    if (ended_) throw DebugError("the run has ended: expected it to be gone back first");
    apply(alteration);
    const auto behind = std::find_if(alterations_.begin(), alterations_.end(),
                                     [this](const auto& one) { return one.first > position_; });
    alterations_.insert(behind, {position_, std::move(alteration)});
}

void DebuggedRun::apply_due() {
    for (const auto& [where, alteration] : alterations_)
        if (where == position_) apply(alteration);
}

void DebuggedRun::apply(const Alteration& a) {
    using What = Alteration::What;
    // Devices are told between instructions of the program, not within what is going on now.
    const auto act = [this, machine = a.machine](experiment::Action action) {
        subject_.machine().events().schedule(
            now(), [this, machine, action = std::move(action)] { subject_.act(machine, action); });
    };
    if (a.what == What::console_line) return act(experiment::action::ConsoleLine{a.text});
    if (a.what == What::attention) return act(experiment::action::Attention{});
    if (a.what == What::external) return act(experiment::action::InterruptKey{});

    auto& cpu = const_cast<simulation::Cpu&>(watcher_.cpu());  // of the subject's machine, which is ours
    auto* const vm = const_cast<VirtualMachine*>(subject_.virtual_machine(a.machine));
    const bool in_cpu = a.machine == kRealMachine || watcher_.executing() == a.machine;
    if (a.machine != kRealMachine && vm == nullptr)
        throw DebugError(fmt::format("{} is not logged on", name(a.machine)));
    isa::CpuState& state = in_cpu ? cpu.registers() : vm->state;
    switch (a.what) {
        case What::gpr: state.gpr.at(a.number) = static_cast<uint32_t>(a.value); break;
        case What::fpr: state.fpr.at(a.number / 2) = a.value; break;
        case What::address:
            if (in_cpu)
                cpu.branch(static_cast<uint32_t>(a.value));
            else
                state.psw.address = static_cast<uint32_t>(a.value);
            break;
        case What::cr:
        case What::psw:
            if (a.machine != kRealMachine || subject_.control_program() != nullptr)
                throw DebugError("control registers and the PSW can be altered in a native run only");
            if (a.what == What::psw) {
                cpu.load_psw(isa::decode_psw(a.value));
            } else {
                cpu.set_cr(a.number, static_cast<uint32_t>(a.value));
                cpu.control_registers_changed();
            }
            break;
        default: {                         // storage
            std::vector<uint32_t> places;  // all are found before any is altered
            const Registers r = registers(a.machine);
            const experiment::CpuPicture picture{r.gpr, r.fpr, r.cr, isa::encode(r.psw)};
            for (uint32_t i = 0; i < a.bytes.size(); ++i) {
                std::optional<uint32_t> place;
                if (vm == nullptr) {
                    place = experiment::place_of(cpu, picture, a.at + i);
                } else if (const auto own = experiment::place_of(*vm, picture, a.at + i)) {
                    const auto frame = vm->storage.locate(SecondLevel(*own));
                    if (frame) place = frame->value;
                }
                if (!place || *place >= subject_.machine().storage().size())
                    throw DebugError(
                        fmt::format("{:06X}: expected storage that is there, in a page that has "
                                    "a frame",
                                    a.at + i));
                places.push_back(*place);
            }
            for (size_t i = 0; i < places.size(); ++i)
                subject_.machine().storage().put(places[i], &a.bytes[i], 1);
        }
    }
}

}  // namespace vmcp::debug
