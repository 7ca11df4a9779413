#include "vmcp/debug/watcher.hpp"

#include <fmt/format.h>

#include "isa/disassembler.hpp"
#include "vmcp/experiment/cpu_trace.hpp"
#include "vmcp/experiment/interruption_text.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/io/relayed_subchannel.hpp"

namespace vmcp::debug {

using experiment::duration_text;
using experiment::interruption_text;
using experiment::psw_hex;
using Kind = Moment::Kind;

namespace {

/// "an I/O interruption from device 009", "a supervisor call"
std::string with_article(const isa::Interruption& interruption) {
    const std::string text = interruption_text(interruption);
    const bool vowel = std::string_view("AEIOaeio").find(text.front()) != std::string_view::npos;
    return (vowel ? "an " : "a ") + text;
}

}  // namespace

Watcher::Watcher(Subject& subject, Sink sink)
    : subject_(subject), sink_(std::move(sink)), cpu_(&subject.machine().cpu()) {}

Watcher::~Watcher() { remove(); }

void Watcher::add() {
    if (added_) return;
    added_ = true;
    ControlProgram* const cp = subject_.control_program();
    if (cp == nullptr) return subject_.machine().observers.add(*this);
    cp->observers().add(*this);
    cp->ledger().observers.add(*this);
}

void Watcher::remove() {
    if (!added_) return;
    added_ = false;
    ControlProgram* const cp = subject_.control_program();
    if (cp == nullptr) return subject_.machine().observers.remove(*this);
    cp->observers().remove(*this);
    cp->ledger().observers.remove(*this);
}

void Watcher::watch(bool on) {
    watching_ = on;
    // Interpreted instructions come within a moment, where the lists must stay as they are.
    if (on || on_interpreted)
        add();
    else
        remove();
}

Moment Watcher::instruction(bool goes_on) {
    Moment moment{.kind = Kind::instruction, .machine = executing(), .time = cpu_->now()};
    moment.has_moved = goes_on || !comes_again_;
    comes_again_ = false;
    return moment;
}

void Watcher::interruption(const simulation::Cpu& cpu, const isa::Interruption& interruption) {
    cpu_ = &cpu;
    Moment moment{.kind = Kind::interruption, .time = cpu.now(), .interruption = &interruption};
    moment.text = [&] {
        const uint32_t new_psw = cpu.absolute(experiment::psw_places(interruption).new_psw);
        return fmt::format("{}; old PSW {}, new PSW {}", interruption_text(interruption), psw_hex(cpu.psw()),
                           psw_hex(isa::decode_psw(subject_.machine().storage().get64(new_psw))));
    };
    tell(std::move(moment));
}

void Watcher::guest_ran(const VirtualMachine&, SimTime, SimTime) { executing_ = nullptr; }

void Watcher::trapped(const VirtualMachine& vm, const Trap& trap) {
    const auto* const program = std::get_if<isa::ProgramInterruption>(&trap.interruption);
    comes_again_ = program != nullptr && isa::nullifies(program->code);
    Moment moment{
        .kind = Kind::trap, .machine = number(vm), .time = trap.time, .interruption = &trap.interruption};
    moment.text = [&] {
        std::string text = trap.intercepted
                               ? "the hardware comes out of interpretive execution"
                               : "the real machine takes a " + interruption_text(trap.interruption);
        if (trap.instruction) text += fmt::format(" ({})", isa::disassemble(*trap.instruction));
        if (comes_again_) text += fmt::format(" at {:06X}", program->translation_address);
        return text + fmt::format("; real old PSW {}", psw_hex(trap.real_old_psw));
    };
    tell(std::move(moment));
}

void Watcher::followed(const VirtualMachine& vm, const isa::Decoded& instruction) {
    Moment moment{.machine = number(vm), .time = cpu_->now()};
    moment.text = [&] {
        return fmt::format("the next would come out, too: {:06X} {}", vm.state.psw.address,
                           isa::disassemble(instruction));
    };
    tell(std::move(moment));
}

void Watcher::interpreted(const VirtualMachine& vm, const isa::Decoded& instruction,
                          const simulation::Cpu& cpu) {
    cpu_ = &cpu;
    if (on_interpreted) on_interpreted(vm);
    Moment moment{.kind = Kind::instruction, .machine = number(vm), .time = cpu.now()};
    moment.has_moved = true;
    moment.text = [&] {
        return fmt::format("the control program interprets {:06X} {}", vm.state.psw.address,
                           isa::disassemble(instruction));
    };
    tell(std::move(moment));
}

void Watcher::reflected(const VirtualMachine& vm, const isa::Interruption& interruption) {
    comes_again_ = false;
    Moment moment{.kind = Kind::interruption,
                  .machine = number(vm),
                  .time = cpu_->now(),
                  .interruption = &interruption};
    moment.text = [&] {
        return fmt::format("is given {}; virtual old PSW {}", with_article(interruption),
                           psw_hex(vm.state.psw));
    };
    tell(std::move(moment));
}

void Watcher::resumed(const VirtualMachine& vm, SimTime at) {
    const MachineNumber who = number(vm);
    Moment moment{.kind = Kind::resumed, .machine = who, .time = at};
    moment.changes_over = last_resumed_ != who;
    last_resumed_ = who;
    moment.text = [&] { return fmt::format("goes on; virtual PSW {}", psw_hex(vm.state.psw)); };
    tell(std::move(moment));
}

void Watcher::translated(const VirtualMachine& vm, const RelayedSubchannel& device) {
    Moment moment{.machine = number(vm), .time = cpu_->now()};
    moment.text = [&] {
        return fmt::format("its channel program for {:03X} is ready for the real channel: {} CCWs",
                           device.address(), device.program().pairs().size());
    };
    tell(std::move(moment));
}

void Watcher::idled(SimTime begin, SimTime end) {
    Moment moment{.time = end};
    moment.text = [begin, end] {
        return fmt::format("the real CPU has waited {}", duration_text(end - begin));
    };
    tell(std::move(moment));
}

void Watcher::stopped(const VirtualMachine& vm, SimTime at) {
    Moment moment{.machine = number(vm), .time = at};
    moment.text = [&] { return fmt::format("is stopped: {}", name_of(vm.stop)); };
    tell(std::move(moment));
}

void Watcher::worked(const Account& account, Cause cause, Step step, uint64_t times, SimTime begin,
                     SimTime cost) {
    ControlProgram* const cp = subject_.control_program();
    const VirtualMachine* const vm =
        account.owner != Account::kNobody ? cp->virtual_machines().find(account.owner) : nullptr;
    Moment moment{.kind = Kind::step,
                  .machine = vm != nullptr ? number(*vm) : kRealMachine,
                  .time = begin,
                  .cause = cause};
    moment.text = [step, times, cost] {
        std::string text(text_of(step));
        if (times != 1) text += fmt::format(" ({} times)", times);
        return text + fmt::format(": {}", duration_text(cost));
    };
    tell(std::move(moment));
}

}  // namespace vmcp::debug
