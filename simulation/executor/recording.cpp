// Running with program-event recording: one instruction at a time, each on a RecordingCpu. GA22-7000 chapter
// 4, "Program-Event Recording". Time and counts are those of Interpreter::run; only what a program asked to
// be told of its own execution is added.
#include "simulation/executor/recording_cpu.hpp"

#include "isa/requirement_check.hpp"
#include "isa/semantics/all.hpp"
#include "simulation/executor/interpreter.hpp"

namespace simulation {
namespace {

template <isa::Op op, RecordingHandler body>
void handle(RecordingCpu& cpu, const isa::Operands& o) {
    constexpr const isa::Row& row = isa::row_of(op);
    if (isa::is_privileged_here<op>(cpu)) return cpu.trap_privileged();
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

RecordingHandler recording_handler_of(isa::Op op) { return kHandlers[static_cast<unsigned>(op)]; }

void RecordingCpu::execute_at(uint32_t target, uint8_t modifier) {
    isa::Decoded subject = cpu_.fetch_subject(target, modifier);
    events_.fetched(target);
    cpu_.begin_subject(subject, target);
    recording_handler_of(subject.op)(*this, subject.operands);
}

// Whether events are recorded changes with the PSW and the control registers only, and instructions that
// change these leave. Those themselves are recorded by what the CPU held when they began.
Exit Interpreter::run_recording(Cpu& cpu, SimTime until, uint64_t instructions) {
    cpu.until_ = until;
    cpu.leaving_ = false;
    for (uint64_t left = instructions; cpu.time_ < until && left != 0; --left) {
        const uint32_t address = cpu.state_.psw.address;
        isa::PerRecorder events(cpu.state_, address);
        Slot slot{};
        bool fetched = false;
        try {
            if (!retired_.empty()) forget_retired();
            slot = find(cpu).slots[0];  // a copy: the instruction may store into its own block
            fetched = true;
            events.fetched(address);
            cpu.state_.psw.address = (address + slot.length) & isa::kAddressMask;
            cpu.ilc_ = slot.length / 2;
            cpu.set_relative_origin(slot.offset, slot.length);
            RecordingCpu recording(cpu, events);
            recording_handler_of(slot.op)(recording, slot.operands);
            cpu.time_ += slot.price;
            ++cpu.counters_.instructions;
            const bool leaving = cpu.leaving_;
            if (!leaving && !events.any()) continue;
            Exit exit = leaving ? finish(cpu) : BudgetSpent{};
            if (!events.any()) return exit;
            if (auto* program = std::get_if<isa::ProgramInterruption>(&exit)) {
                events.mark(*program);
            } else if (auto* svc = std::get_if<isa::SupervisorCallInterruption>(&exit)) {
                svc->per_code = events.code();
                svc->per_address = events.address();
            } else {  // also where the instruction only wanted the owner to look at the CPU: it will
                exit =
                    isa::per_interruption(events.code(), events.address(), slot.length / 2u, cpu.psw_error());
            }
            return exit;
        } catch (const isa::ProgramCheck& check) {
            if (fetched) cpu.time_ += slot.price;
            auto exit = interrupted(cpu, fetched ? &slot : nullptr, address, slot.length, check);
            events.mark(std::get<isa::ProgramInterruption>(exit));
            return exit;
        }
    }
    return BudgetSpent{};
}

}  // namespace simulation
