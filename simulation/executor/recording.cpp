// Running with program-event recording: one instruction at a time, each on a RecordingCpu. GA22-7000 chapter
// 4, "Program-Event Recording". Time and counts are those of Interpreter::run; only what a program
// asked to be told of its own execution is added.
#include "simulation/executor/recording_cpu.hpp"

#include "isa/semantics/all.hpp"
#include "simulation/executor/hole_cpu.hpp"
#include "simulation/executor/interpreter.hpp"
#include "simulation/executor/trapping.hpp"

namespace simulation {
namespace {

using RecordingHandler = HoleBody<RecordingCpu>;

template <isa::Op op, RecordingHandler body>
void handle(RecordingCpu& cpu, const isa::Operands& o) {
    constexpr const isa::Row& row = isa::row_of(op);
    if (traps<op>(cpu))
        return cpu.trap_privileged(isa::Decoded{op, static_cast<uint8_t>(isa::length_of(row.format)), o});
    if constexpr (row.requires_ != isa::none) isa::check_requirements<op>(cpu, o);
    body(cpu, o);
}

constexpr RecordingHandler kHandlers[] = {
#define INSTRUCTION(mnemonic, opcode, format, privilege, how, body, ...) \
    &handle<isa::Op::op_##mnemonic, &isa::semantics::body<RecordingCpu>>,
#include "isa/instruction_table.inc"
#undef INSTRUCTION
    [](RecordingCpu& cpu, const isa::Operands&) { cpu.program_check(isa::ProgramCode::operation); },
};
static_assert(sizeof(kHandlers) / sizeof(RecordingHandler) == isa::kRowCount + 1);

}  // namespace

void execute_recording(RecordingCpu& cpu, isa::Op op, const isa::Operands& operands) {
    const isa::Hole hole = cpu.model().holes.of(op);
    if (hole != isa::Hole::none && cpu.psw().problem_state)
        return hole_body_of<RecordingCpu>(op, hole)(cpu, operands);
    kHandlers[static_cast<unsigned>(op)](cpu, operands);
}

void RecordingCpu::execute_at(uint32_t target, uint8_t modifier) {
    subject_ = fetch_subject(cpu_, target, modifier);
    events_.fetched(target);
    begin_subject(cpu_, subject_, target);
    execute_recording(*this, subject_.op, subject_.operands);
}

// Whether events are recorded changes with the PSW and the control registers only, and instructions that
// change these leave. Those themselves are recorded by what the CPU held when they began.
const Exit& Interpreter::run_recording(Cpu& cpu, SimTime until, uint64_t instructions) {
    rest_ = {};  // what is left of a block is of no use here
    cpu.begin_execution(*this, until);
    Execution& execution = cpu.execution();
    for (uint64_t left = instructions; cpu.now() < until && left != 0; --left) {
        const uint32_t address = cpu.psw().address;
        const unsigned level = cpu.level();
        const isa::Psw psw = cpu.psw();
        isa::PerRecorder events(cpu.state(), address);
        RecordingCpu recording(cpu, events);
        Slot slot{};
        bool fetched = false;
        const isa::ProgramCheck* const check = cpu.attempt([&] {
            free_retired();
            slot = find(cpu).slots[0];  // a copy: the instruction may store into its own block
            fetched = true;
            events.fetched(address);
            cpu.branch((address + slot.length) & isa::kAddressMask);
            execution.ilc = slot.length / 2;
            cpu.set_relative_origin(slot.offset, slot.length);
            execute_recording(recording, slot.op, slot.operands);
        });
        if (fetched) cpu.spend(slot.price);
        if (check != nullptr) {
            subject_ = &recording.subject();
            Exit& exit = interrupted(cpu, fetched ? &slot : nullptr, address, *check);
            events.mark(*program_interruption(exit));
            return exit;
        }
        ++cpu.counters().instructions;
        // Who was executed is not who would be told: it has entered a guest, or left one.
        if (cpu.level() != level) return finish(cpu);
        const bool leaving = execution.leaving;
        if (!leaving && !events.any()) continue;
        finish(cpu);
        Exit& exit = execution.exit;
        if (!events.any()) return exit;
        if (auto* program = program_interruption(exit)) {
            events.mark(*program);
        } else if (auto* svc = std::get_if<isa::SupervisorCallInterruption>(&exit)) {
            svc->per_code = events.code();
            svc->per_address = events.address();
        } else {  // also where the instruction only wanted the owner to look at the CPU: it will
            isa::Psw same = psw;
            same.set_changing(cpu.psw());
            exit = isa::per_interruption(events.code(), events.address(), slot.length / 2u,
                                         same == cpu.psw() ? std::nullopt : cpu.psw_error());
        }
        return exit;
    }
    return execution.exit = BudgetSpent{};
}

}  // namespace simulation
