#include "vmcp/experiment/explain.hpp"

#include <fmt/format.h>

#include <sstream>
#include <vector>

#include "isa/disassembler.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {
namespace {

constexpr unsigned kColumn = 38;
constexpr size_t kTextWidth = 66;  // behind the price of a step

/// Lines of at most `width` characters, broken between words.
std::vector<std::string> wrapped(const std::string& text, size_t width) {
    std::vector<std::string> lines;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (lines.empty() || lines.back().size() + 1 + word.size() > width)
            lines.push_back(word);
        else
            lines.back() += " " + word;
    }
    return lines;
}

std::string psw_text(const isa::Psw& psw) {
    const uint64_t image = isa::encode(psw);
    return fmt::format("{:08X} {:08X}", image >> 32, image & 0xFFFFFFFF);
}

std::string state_text(const isa::Psw& psw) {
    return fmt::format("{} state, key {}, CC {}", psw.problem_state ? "problem" : "supervisor", psw.key,
                       psw.condition_code);
}

std::string mode_text(const isa::Psw& psw) {
    return fmt::format("{} mode{}", psw.ec_mode ? "EC" : "BC", psw.dat ? ", translation on" : "");
}

/// What the guest did that trapped.
std::string deed(const Trap& trap) {
    if (trap.instruction) return isa::disassemble(*trap.instruction);
    if (const auto* svc = std::get_if<isa::SupervisorCallInterruption>(&trap.exit))
        return fmt::format("SVC   {}", svc->number);
    if (const auto* program = std::get_if<isa::ProgramInterruption>(&trap.exit)) {
        if (isa::nullifies(program->code))
            return fmt::format("touches page {:06X}", program->translation_address);
        return std::string(isa::name_of(program->code)) + " exception";
    }
    return "runs until the clock interrupts";
}

struct Class {
    std::string name;
    unsigned code;
    uint32_t old_psw, new_psw;
};

Class class_of_real(const isa::Interruption& i) {
    using isa::Assigned;
    if (const auto* program = std::get_if<isa::ProgramInterruption>(&i))
        return {"program interruption", static_cast<unsigned>(program->code), Assigned::program_old,
                Assigned::program_new};
    if (const auto* svc = std::get_if<isa::SupervisorCallInterruption>(&i))
        return {"supervisor-call interruption", svc->number, Assigned::supervisor_call_old,
                Assigned::supervisor_call_new};
    if (const auto* external = std::get_if<isa::ExternalInterruption>(&i))
        return {"external interruption", static_cast<unsigned>(external->code), Assigned::external_old,
                Assigned::external_new};
    if (const auto* io = std::get_if<isa::IoInterruption>(&i))
        return {"I/O interruption", io->device, Assigned::io_old, Assigned::io_new};
    if (std::holds_alternative<isa::RestartInterruption>(i))
        return {"restart", 0, Assigned::restart_old, Assigned::restart_new};
    return {"machine-check interruption", 0, Assigned::machine_check_old, Assigned::machine_check_new};
}

}  // namespace

void Explainer::two_columns(const std::string& real, const std::string& virtual_side) {
    text_ += fmt::format("  {:<{}}│ {}\n", cut(real, kColumn), kColumn, cut(virtual_side, kColumn));
}

void Explainer::heading(const std::string& text) { text_ += "  " + text + "\n"; }

void Explainer::trapped(const VirtualMachine& vm, const Trap& trap) {
    if (telling_) end_without_resuming();
    if (told_ == wanted_) return;
    telling_ = true;
    ++told_;
    vm_ = &vm;
    before_ = vm.state;
    sum_ = trap.taken - trap.time;
    const Class real = class_of_real(trap.interruption);
    text_ += fmt::format("Trap {} · virtual machine {} · at {}\n", told_, vm.options.name,
                         duration_text(trap.time));
    two_columns("the real machine", "what the guest believes");
    text_ += "  " + [] {
        std::string rule;
        for (unsigned i = 0; i < kColumn; ++i) rule += "─";
        return rule + "┼" + rule + "\n";
    }();
    two_columns(state_text(trap.real_old_psw), state_text(vm.state.psw));
    two_columns(mode_text(trap.real_old_psw), mode_text(vm.state.psw));
    two_columns("", "the guest: " + deed(trap));
    two_columns(fmt::format("{}, code {:04X}", real.name, real.code), "");
    if (const auto* program = std::get_if<isa::ProgramInterruption>(&trap.interruption))
        two_columns(fmt::format("  ({})", isa::name_of(program->code)), "");
    two_columns(fmt::format("  old PSW -> {:03X}: {}", real.old_psw, psw_text(trap.real_old_psw)), "");
    two_columns(fmt::format("  new PSW <- {:03X}: the control program", real.new_psw), "");
    heading("the control program");
    text_ += fmt::format("  {:>10}  the hardware swaps PSWs\n", duration_text(sum_));
}

void Explainer::worked(const VirtualMachine* vm, Cause, Step step, uint64_t times, SimTime, SimTime cost) {
    if (!telling_ || vm == nullptr || vm != vm_) return;
    sum_ += cost;
    const std::string how_often = times > 1 ? fmt::format(" ({} times)", times) : "";
    std::string price = duration_text(cost);
    for (const std::string& line : wrapped(std::string(text_of(step)) + how_often, kTextWidth)) {
        text_ += fmt::format("  {:>10}  {}\n", price, line);
        price.clear();
    }
}

void Explainer::reflected(const VirtualMachine& vm, const isa::Interruption& interruption) {
    if (!telling_ || &vm != vm_) return;
    const Class c = class_of_real(interruption);
    text_ += fmt::format("  {:>10}  in its page zero: old PSW -> {:03X}, new PSW <- {:03X}, code {:04X}\n",
                         "", c.old_psw, c.new_psw, c.code);
}

void Explainer::tell_changes(const VirtualMachine& vm) {
    heading("what the guest sees afterwards");
    const isa::Psw& psw = vm.state.psw;
    text_ += fmt::format("    PSW {}   {}, {}\n", psw_text(psw), mode_text(psw), state_text(psw));
    std::string registers;
    for (unsigned r = 0; r < 16; ++r)
        if (vm.state.gpr[r] != before_.gpr[r])
            registers += fmt::format("    R{} {:08X}, was {:08X}\n", r, vm.state.gpr[r], before_.gpr[r]);
    for (unsigned r = 0; r < 16; ++r)
        if (vm.state.cr[r] != before_.cr[r])
            registers += fmt::format("    CR{} {:08X}, was {:08X}\n", r, vm.state.cr[r], before_.cr[r]);
    text_ += registers.empty() ? "    all its registers as they were\n" : registers;
}

void Explainer::end(const std::string& how) {
    text_ += fmt::format("  {} of control-program time{}{}\n\n", duration_text(sum_), how.empty() ? "" : "; ",
                         how);
    telling_ = false;
    output_(text_);
    text_.clear();
}

void Explainer::end_without_resuming() {
    tell_changes(*vm_);
    const bool waits = vm_->status == VmState::waiting;
    end(fmt::format("{} {}", vm_->options.name,
                    waits ? "waits for an interruption" : "lets others run first"));
}

void Explainer::resumed(const VirtualMachine& vm, SimTime) {
    if (!telling_) return;
    if (&vm != vm_) return end_without_resuming();
    tell_changes(vm);
    end(fmt::format("{} goes on at {:06X}", vm.options.name, vm.state.psw.address));
}

void Explainer::idled(SimTime, SimTime) {
    if (telling_) end_without_resuming();
}

void Explainer::stopped(const VirtualMachine& vm, SimTime) {
    if (telling_ && &vm == vm_) {
        tell_changes(vm);
        end(fmt::format("{} is stopped: {}", vm.options.name, name_of(vm.stop)));
    }
}

}  // namespace vmcp::experiment
