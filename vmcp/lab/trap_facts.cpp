#include "vmcp/lab/trap_facts.hpp"

#include <fmt/format.h>

#include "vmcp/experiment/interruption_text.hpp"

namespace vmcp::lab {
namespace {

std::string digits(uint64_t psw) { return fmt::format("{:016X}", psw); }

std::string state_of(const isa::Psw& psw) { return psw.problem_state ? "problem" : "supervisor"; }

/// "LPSW", "SVC", "program 0005"; of other interruptions "".
std::string what_trapped(const Trap& trap) {
    if (std::holds_alternative<isa::SupervisorCallInterruption>(trap.interruption)) return "SVC";
    if (trap.instruction) return std::string(trap.instruction->row().mnemonic);
    if (const auto* program = std::get_if<isa::ProgramInterruption>(&trap.interruption))
        return fmt::format("program {:04X}", static_cast<unsigned>(program->code));
    return "";
}

unsigned code_of(const isa::Interruption& interruption) {
    if (const auto* program = std::get_if<isa::ProgramInterruption>(&interruption))
        return static_cast<unsigned>(program->code);
    if (const auto* call = std::get_if<isa::SupervisorCallInterruption>(&interruption)) return call->number;
    return 0;
}

uint64_t doubleword(const VirtualMachine& vm, uint32_t address) {
    return uint64_t{vm.storage.peek32(SecondLevel(address))} << 32 |
           vm.storage.peek32(SecondLevel(address + 4));
}

}  // namespace

std::vector<std::string_view> fact_names() {
    return {"interruption-code",  "real-old-location",  "real-new-location", "real-old-psw",
            "real-state",         "virtual-psw",        "virtual-state",     "handling",
            "guest-old-location", "guest-new-location", "guest-old-psw",     "virtual-psw-after",
            "virtual-state-after"};
}

TrapRecorder::TrapRecorder(std::string machine, const std::vector<Question>& questions)
    : machine_(std::move(machine)) {
    for (const Question& one : questions) traps_[{one.instruction, one.nth}];
}

const Facts* TrapRecorder::of(const Question& question) const {
    const auto found = traps_.find({question.instruction, question.nth});
    return found == traps_.end() || found->second.empty() ? nullptr : &found->second;
}

void TrapRecorder::trapped(const VirtualMachine& vm, const Trap& trap) {
    conclude();
    if (vm.options.name != machine_) return;
    const std::string what = what_trapped(trap);
    const auto found = traps_.find({what, ++counts_[what]});
    if (found == traps_.end()) return;
    vm_ = &vm;
    now_ = &found->second;
    const experiment::PswPlaces places = experiment::psw_places(trap.interruption);
    *now_ = {{"interruption-code", fmt::format("{:X}", code_of(trap.interruption))},
             {"real-old-location", fmt::format("{:X}", places.old_psw)},
             {"real-new-location", fmt::format("{:X}", places.new_psw)},
             {"real-old-psw", digits(isa::encode(trap.real_old_psw))},
             {"real-state", state_of(trap.real_old_psw)},
             {"virtual-psw", digits(isa::encode(vm.state.psw))},
             {"virtual-state", state_of(vm.state.psw)},
             {"handling", "simulated"}};
}

/// The first interruption that comes of a trap is the trap itself, handed on, if it is of the kind that
/// programs cause; others had been pending, or came of the simulation.
void TrapRecorder::reflected(const VirtualMachine& vm, const isa::Interruption& interruption) {
    if (now_ == nullptr || &vm != vm_ || now_->contains("guest-old-location")) return;
    const experiment::PswPlaces places = experiment::psw_places(interruption);
    (*now_)["guest-old-location"] = fmt::format("{:X}", places.old_psw);
    (*now_)["guest-new-location"] = fmt::format("{:X}", places.new_psw);
    if (std::holds_alternative<isa::ProgramInterruption>(interruption) ||
        std::holds_alternative<isa::SupervisorCallInterruption>(interruption))
        (*now_)["handling"] = "reflected";
}

void TrapRecorder::conclude() {
    if (now_ == nullptr) return;
    (*now_)["virtual-psw-after"] = digits(isa::encode(vm_->state.psw));
    (*now_)["virtual-state-after"] = state_of(vm_->state.psw);
    if (const auto place = now_->find("guest-old-location"); place != now_->end())
        (*now_)["guest-old-psw"] = digits(doubleword(*vm_, std::stoul(place->second, nullptr, 16)));
    now_ = nullptr;
}

void TrapRecorder::resumed(const VirtualMachine&, SimTime) { conclude(); }
void TrapRecorder::idled(SimTime, SimTime) { conclude(); }
void TrapRecorder::stopped(const VirtualMachine&, SimTime) { conclude(); }

}  // namespace vmcp::lab
