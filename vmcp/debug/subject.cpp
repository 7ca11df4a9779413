#include "vmcp/debug/subject.hpp"

#include "simulation/devices/console_lines.hpp"
#include "simulation/model/capitals.hpp"
#include "vmcp/experiment/ending.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/program_ending.hpp"
#include "vmcp/experiment/step_recorder.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/virtual_session.hpp"

namespace vmcp::debug {
namespace {

constexpr size_t kWidth = 78;

class NativeSubject final : public Subject {
  public:
    NativeSubject(const simulation::MachineModel& model, const experiment::VmDescription& vm,
                  const simulation::RunLimits& limits)
        : limits_(limits), native_(model, vm, hooks()) {}

    simulation::Machine& machine() override { return native_.machine(); }
    ControlProgram* control_program() override { return nullptr; }
    unsigned machines() const override { return 1; }
    std::string name(MachineNumber) const override { return "real machine"; }
    const experiment::GuestImage* guest(MachineNumber) const override {
        return native_.description().guest.get();
    }
    std::string run() override {
        native_.start();
        const experiment::NativeResult result = native_.conclude(native_.operate(limits_));
        return experiment::ending_text(result.ending, kWidth);
    }
    void act(MachineNumber, const experiment::Action& action) override {
        native_.act(native_.description().options.name, action);
    }
    std::string console_line(MachineNumber) const override { return lines_.line(); }

  private:
    experiment::NativeHooks hooks() {
        experiment::NativeHooks hooks;
        hooks.console_text = [this](std::string_view text, bool) {
            lines_.add(text, [this](std::string_view line) { on_console_line(kRealMachine, line); });
        };
        return hooks;
    }

    simulation::RunLimits limits_;
    simulation::ConsoleLines lines_;
    experiment::NativeMachine native_;
};

class ScenarioSubject final : public Subject {
  public:
    explicit ScenarioSubject(const experiment::Scenario& scenario)
        : scenario_(scenario), session_(scenario, hooks()) {}

    simulation::Machine& machine() override { return session_.control_program().machine(); }
    ControlProgram* control_program() override { return &session_.control_program(); }
    unsigned machines() const override { return 1 + static_cast<unsigned>(scenario_.vms.size()); }
    std::string name(MachineNumber machine) const override {
        return machine == kRealMachine ? "real machine" : scenario_.vms.at(machine - 1).options.name;
    }
    const experiment::GuestImage* guest(MachineNumber machine) const override {
        return machine == kRealMachine ? nullptr : scenario_.vms.at(machine - 1).guest.get();
    }
    std::string run() override {
        session_.start();
        session_.advance(simulation::kNever);
        session_.finish();
        const experiment::RunResult result = session_.result();
        std::string text;
        for (const experiment::VmResult& vm : result.vms) {
            text += vm.name + ": ";
            text += experiment::ending_text(vm.ending, kWidth);
        }
        return text;
    }
    void act(MachineNumber machine, const experiment::Action& action) override {
        session_.act(name(machine), action);
    }
    std::string console_line(MachineNumber machine) const override {
        const VirtualMachine* const vm =
            const_cast<ScenarioSubject*>(this)->virtual_machine(machine);  // the table has no other way in
        return vm == nullptr ? "" : vm->io.console_text();
    }

  private:
    experiment::RunHooks hooks() {
        experiment::RunHooks hooks;
        hooks.console_line = [this](size_t vm, std::string_view line) {
            on_console_line(static_cast<MachineNumber>(vm + 1), line);
        };
        return hooks;
    }

    const experiment::Scenario& scenario_;
    experiment::VirtualSession session_;
};

}  // namespace

std::unique_ptr<Subject> native_subject(const simulation::MachineModel& model,
                                        const experiment::VmDescription& vm,
                                        const simulation::RunLimits& limits) {
    return std::make_unique<NativeSubject>(model, vm, limits);
}

std::unique_ptr<Subject> scenario_subject(const experiment::Scenario& scenario) {
    return std::make_unique<ScenarioSubject>(scenario);
}

const VirtualMachine* Subject::virtual_machine(MachineNumber machine) {
    ControlProgram* const cp = control_program();
    return cp == nullptr || machine == kRealMachine ? nullptr : cp->find(name(machine));
}

MachineNumber Subject::number_of(const std::string& of) const {
    if (numbers_.empty())
        for (MachineNumber i = 1; i < machines(); ++i) numbers_.emplace(name(i), i);
    const auto known = numbers_.find(of);
    return known != numbers_.end() ? known->second : kRealMachine;
}

Registers registers_of(const simulation::Cpu& cpu) {
    const isa::CpuState& state = cpu.state();
    return {state.gpr, state.cr, state.fpr, cpu.psw()};
}

Registers registers_of(const VirtualMachine& vm, const simulation::Cpu* executing) {
    if (executing == nullptr) return {vm.state.gpr, vm.state.cr, vm.state.fpr, vm.state.psw};
    isa::Psw psw = vm.state.psw;  // the mode is the guest's own, the rest what the real CPU holds for it
    psw.set_changing(executing->psw());
    psw.address = executing->psw().address;
    return {executing->state().gpr, vm.state.cr, executing->state().fpr, psw};
}

std::optional<uint8_t> byte_of(simulation::Machine& machine, const simulation::Cpu& cpu, AddressKind kind,
                               uint32_t address) {
    std::optional<uint32_t> place;
    if (kind == AddressKind::logical) {
        const experiment::CpuPicture picture{cpu.state().gpr, cpu.state().fpr, cpu.state().cr,
                                             isa::encode(cpu.psw())};
        place = experiment::place_of(cpu, picture, address);
    } else if (cpu.real_address_valid(address)) {
        place = cpu.absolute(address);
    }
    if (!place || *place >= machine.storage().size()) return std::nullopt;
    return *machine.storage().at(*place);
}

std::optional<uint8_t> byte_of(const VirtualMachine& vm, const Registers& registers, AddressKind kind,
                               uint32_t address) {
    std::optional<uint32_t> place = address;
    if (kind == AddressKind::logical)
        place = experiment::place_of(
            vm, {registers.gpr, registers.fpr, registers.cr, isa::encode(registers.psw)}, address);
    if (!place) return std::nullopt;
    // Prefixing exchanges page zero with another one.
    const uint32_t page = *place & ~(kPage - 1), prefix = vm.state.prefix;
    const uint32_t at = page == 0 ? *place | prefix : page == prefix ? *place & (kPage - 1) : *place;
    const SecondLevel word(at & ~3u);
    if (!vm.storage.valid(SecondLevel(at))) return std::nullopt;
    return static_cast<uint8_t>(vm.storage.peek32(word) >> (24 - 8 * (at & 3)));
}

}  // namespace vmcp::debug
