#include "vmcp/experiment/step_recorder.hpp"

#include "isa/dat.hpp"

namespace vmcp::experiment {
namespace {

CpuPicture picture_of(const isa::CpuState& state, const isa::Psw& psw) {
    return {state.gpr, state.fpr, state.cr, isa::encode(psw)};
}

/// What EXECUTE executes, if its subject can be seen without disturbing anything. `locate`: where a logical
/// address lies, for `byte`.
template <class Locate, class Byte>
isa::Decoded subject_of(const isa::Decoded& execute, const std::array<uint32_t, 16>& gpr,
                        isa::FacilitySet facilities, Locate&& locate, Byte&& byte) {
    const isa::Operands& o = execute.operands;
    const auto part = [&gpr](unsigned r) { return r != 0 ? gpr[r] : 0; };
    const uint32_t target = (part(o.b2) + part(o.r2) + o.d2) & isa::kAddressMask;
    std::array<uint8_t, 6> text{};
    for (unsigned i = 0; i < text.size() && (i < 2 || i < isa::length_of_opcode(text[0])); ++i) {
        const std::optional<uint32_t> at = locate((target + i) & isa::kAddressMask);
        if (!at) return execute;
        text[i] = byte(*at);
    }
    if (o.r1 != 0) text[1] |= static_cast<uint8_t>(gpr[o.r1]);
    return isa::decode(text.data(), facilities);
}

/// As translate_address does it, for a program that translates or does not.
template <class Tables>
std::optional<uint32_t> real_address(Tables&& tables, const isa::CpuState& state, const isa::Psw& psw,
                                     uint32_t logical, bool extended) {
    if (!psw.dat) return logical;
    const auto format = isa::TranslationFormat::of(state.cr[0]);
    if (!format) return std::nullopt;
    const isa::Translation t =
        isa::translate_address(tables, *format, state.cr[psw.secondary_space ? 7 : 1], logical, extended);
    return t.ok() ? std::optional(t.real) : std::nullopt;
}

/// A guest's tables, looked at without touching its pages.
struct SeenTables {
    const GuestStorage& storage;
    std::optional<uint32_t> fetch_table32(uint32_t at) const {
        if (!storage.valid(SecondLevel(at + 3))) return std::nullopt;
        return storage.peek32(SecondLevel(at));
    }
    std::optional<uint16_t> fetch_table16(uint32_t at) const {
        if (!storage.valid(SecondLevel(at + 1))) return std::nullopt;
        return static_cast<uint16_t>(storage.peek32(SecondLevel(at & ~3u)) >> (at & 2 ? 0 : 16));
    }
};

TraceStep begin(uint32_t address, const isa::Decoded& instruction) {
    TraceStep step;
    step.address = address;
    step.instruction = step.subject = instruction;
    return step;
}

/// The same for a guest's EXECUTE.
isa::Decoded subject_in(const VirtualMachine& vm, const isa::Psw& psw, const TraceStep& execute,
                        isa::FacilitySet facilities) {
    return subject_of(
        execute.instruction, execute.cpu.gpr, facilities,
        [&](uint32_t logical) -> std::optional<uint32_t> {
            const auto real = real_address(SeenTables{vm.storage}, vm.state, psw, logical, false);
            if (!real || !vm.storage.valid(SecondLevel(*real))) return std::nullopt;
            return real;
        },
        [&](uint32_t at) {
            return static_cast<uint8_t>(vm.storage.peek32(SecondLevel(at & ~3u)) >> (24 - 8 * (at & 3)));
        });
}

isa::CpuState state_of(const CpuPicture& picture) {
    isa::CpuState state;
    state.cr = picture.cr;
    state.psw = isa::decode_psw(picture.psw);
    return state;
}

}  // namespace

std::optional<uint32_t> place_of(const simulation::Cpu& cpu, const CpuPicture& picture, uint32_t logical) {
    const isa::CpuState state = state_of(picture);
    const auto real = real_address(cpu, state, state.psw, logical, cpu.extended_real());
    if (!real || !cpu.real_address_valid(*real)) return std::nullopt;
    return cpu.absolute(*real);
}

std::optional<uint32_t> place_of(const VirtualMachine& vm, const CpuPicture& picture, uint32_t logical) {
    const isa::CpuState state = state_of(picture);
    const auto real = real_address(SeenTables{vm.storage}, state, state.psw, logical, false);
    if (!real || !vm.storage.valid(SecondLevel(*real))) return std::nullopt;
    return real;
}

bool goes_on_where_it_was(const TraceStep& step) {
    return step.subject.op != isa::Op::invalid && step.subject.row().cost == isa::CostClass::move_long;
}

void StepRecorder::flush() {
    if (holds_) output_(last_);
    holds_ = false;
}

void StepRecorder::instruction(const TraceStep& step) {
    // Long moves and comparisons are interrupted and go on: that is one execution.
    if (holds_ && last_.address == step.address && goes_on_where_it_was(step)) return;
    flush();
    last_ = step;
    holds_ = true;
}

void StepRecorder::interruption(const isa::CpuState& state, const isa::Interruption& interruption) {
    flush();
    TraceStep step;
    step.kind = TraceStep::Kind::interruption;
    step.interruption = interruption;
    step.address = state.psw.address;
    step.cpu = picture_of(state, state.psw);
    output_(step);
}

void StepRecorder::take_back(uint32_t address) {
    // What goes on may have done a part by then: it began with the first one.
    if (holds_ && last_.address == address && !goes_on_where_it_was(last_)) holds_ = false;
}

NativeStepRecorder::NativeStepRecorder(simulation::Machine& machine, StepOutput output)
    : StepRecorder(std::move(output)), machine_(machine) {
    machine.executor().observers.add(*this);
    machine.observers.add(*this);
}

NativeStepRecorder::~NativeStepRecorder() {
    machine_.executor().observers.remove(*this);
    machine_.observers.remove(*this);
}

void NativeStepRecorder::before(const simulation::Cpu& cpu, uint32_t address,
                                const isa::Decoded& instruction) {
    if (cpu.cpu_address() != 0) return;
    TraceStep step = begin(address, instruction);
    step.cpu = picture_of(cpu.state(), cpu.psw());
    if (instruction.op == isa::Op::op_EX)
        step.subject = subject_of(
            instruction, step.cpu.gpr, cpu.facilities(),
            [&](uint32_t logical) -> std::optional<uint32_t> {
                const auto real = real_address(cpu, cpu.state(), cpu.psw(), logical, cpu.extended_real());
                if (!real || !cpu.real_address_valid(*real)) return std::nullopt;
                return cpu.absolute(*real);
            },
            [&](uint32_t absolute) { return *machine_.storage().at(absolute); });
    StepRecorder::instruction(step);
}

void NativeStepRecorder::interruption(const simulation::Cpu& cpu, const isa::Interruption& interruption) {
    if (cpu.cpu_address() == 0) StepRecorder::interruption(cpu.state(), interruption);
}

void GuestStepRecorder::before(const simulation::Cpu& cpu, uint32_t address,
                               const isa::Decoded& instruction) {
    if (running_ == nullptr) return;
    const VirtualMachine& vm = *running_;
    isa::Psw psw = vm.state.psw;  // the mode is the guest's own, the rest what the real CPU holds for it
    psw.set_changing(cpu.psw());
    psw.address = address;
    TraceStep step = begin(address, instruction);
    step.cpu = {cpu.state().gpr, cpu.state().fpr, vm.state.cr, isa::encode(psw)};
    if (instruction.op == isa::Op::op_EX) step.subject = subject_in(vm, psw, step, cpu.facilities());
    StepRecorder::instruction(step);
}

void GuestStepRecorder::trapped(const VirtualMachine& vm, const Trap& trap) {
    if (vm.options.name != name_) return;
    const auto* program = program_interruption(trap.exit);
    fault_ = program != nullptr && (program->code == isa::ProgramCode::page_translation ||
                                    program->code == isa::ProgramCode::segment_translation);
}

void GuestStepRecorder::followed(const VirtualMachine& vm, const isa::Decoded& instruction) {
    if (vm.options.name != name_) return;
    TraceStep step = begin(vm.state.psw.address, instruction);
    step.cpu = picture_of(vm.state, vm.state.psw);
    StepRecorder::instruction(step);
}

void GuestStepRecorder::interpreted(const VirtualMachine& vm, const isa::Decoded& instruction,
                                    const simulation::Cpu& cpu) {
    if (vm.options.name != name_) return;
    machine_ = &vm;
    TraceStep step = begin(vm.state.psw.address, instruction);
    step.cpu = picture_of(vm.state, vm.state.psw);
    if (instruction.op == isa::Op::op_EX) step.subject = subject_in(vm, vm.state.psw, step, cpu.facilities());
    StepRecorder::instruction(step);
}

void GuestStepRecorder::comes_again(const VirtualMachine& vm) {
    if (vm.options.name == name_) take_back(vm.state.psw.address);
}

void GuestStepRecorder::reflected(const VirtualMachine& vm, const isa::Interruption& interruption) {
    if (vm.options.name != name_) return;
    machine_ = &vm;
    // An asynchronous one before the control program has let it begin the instruction again.
    if (fault_ && isa::class_of(interruption) != isa::InterruptionClass::program)
        take_back(vm.state.psw.address);
    fault_ = false;
    StepRecorder::interruption(vm.state, interruption);
}

void GuestStepRecorder::resumed(const VirtualMachine& vm, SimTime) {
    running_ = vm.options.name == name_ ? &vm : nullptr;
    if (running_ == nullptr) return;
    machine_ = &vm;
    if (fault_) take_back(vm.state.psw.address);
    fault_ = false;
}

}  // namespace vmcp::experiment
