// Simulating a privileged instruction of a guest on its virtual CPU.
#pragma once

#include <array>

#include "isa/holes.hpp"
#include "isa/per.hpp"
#include "vmcp/dispatch/reflection.hpp"
#include "vmcp/dispatch/shared_segments.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

/// What the control program does before the body of an instruction, beyond trapping and decoding.
enum class Before : uint8_t {
    step,              // the step that its simulation is
    operand_and_step,  // it reaches for an operand in storage, too
    operand_and_each,  // the same, with a step for each of its control registers
    io_step,           // it is decoded as an I/O instruction
    io,                // so, and the body charges, for the step hangs on the device
};

/// How an instruction is simulated: the checks that its row demands and its body, and the step of
/// control-program work that this is.
struct Simulation {
    void (*execute)(VirtualCpu&, const isa::Operands&) = nullptr;
    Step step{};
    Before before{};
};
/// By isa::Op; empty for instructions that no control program has to simulate.
extern const std::array<Simulation, isa::kRowCount> kSimulations;

/// Whether it is the guest's own state that lets the instruction be executed, privileged or semi-privileged.
/// A semi-privileged one checks by itself what the problem state may.
inline bool may_execute(const VirtualMachine& vm, const isa::Decoded& instruction,
                        const isa::FacilitySet& facilities) {
    return !vm.state.psw.problem_state || (instruction.row().privilege == isa::Privilege::semi &&
                                           facilities.has(isa::Facility::dual_address_space));
}

class PrivilegedOperations {
  public:
    PrivilegedOperations(Nucleus& nucleus, SharedSegments& segments, Reflection& reflection)
        : nucleus_(nucleus), segments_(segments), reflection_(reflection) {}

    /// `trap`: the real CPU's privileged-operation interruption. The guest gets what its instruction runs
    /// into.
    [[gnu::always_inline]] void simulate(Work& work, VirtualMachine& vm, const isa::Decoded& instruction,
                                         const isa::ProgramInterruption& trap) {
        const Simulation& simulation = kSimulations[static_cast<unsigned>(instruction.op)];
        if (simulation.before == Before::operand_and_step) [[likely]] {
            work.steps(Step::enter_from_trap, Step::fetch_and_decode, Step::fetch_operand, simulation.step);
        } else if (simulation.before != Before::io || !vm.io.found_by_assist) [[likely]] {
            // Otherwise an assist has come as far as to the body.
            work.step(Step::enter_from_trap);
            // The path of an I/O instruction has its own decoding.
            if (simulation.before < Before::io_step) work.step(Step::fetch_and_decode);
            charge(work, simulation, instruction.operands);
        }
        perform(work, vm, simulation, instruction, trap);
    }
    /// The same for one that has not trapped: the control program has found it behind the one before, fetched
    /// and decoded.
    void simulate_following(Work& work, VirtualMachine& vm, const isa::Decoded& instruction) {
        isa::ProgramInterruption trap;
        trap.ilc = instruction.length / 2u;
        simulate_decoded(work, vm, instruction, trap);
    }
    /// The same for one of whose fetching something is known: `trap` has its length, which is that of EXECUTE
    /// if it is one's target, and what of it has been recorded. `hole`: through which the guest, in the
    /// problem state, executes it on its machine.
    void simulate_decoded(Work& work, VirtualMachine& vm, const isa::Decoded& instruction,
                          const isa::ProgramInterruption& trap, isa::Hole hole = isa::Hole::none);

    /// IUCV, which is no instruction of the table: the real CPU has recognized an operation exception.
    void communicate(Work& work, VirtualMachine& vm, const isa::Operands& operands,
                     const isa::ProgramInterruption& trap);

  private:
    [[gnu::always_inline]] void perform(Work& work, VirtualMachine& vm, const Simulation& simulation,
                                        const isa::Decoded& instruction,
                                        const isa::ProgramInterruption& trap) {
        // Virtual devices live in the same time as everything else.
        nucleus_.machine.events().run_until(nucleus_.now());
        VirtualCpu cpu(nucleus_, segments_, vm, &work, trap.ilc);
        if (isa::records_events(vm.state)) [[unlikely]]
            return simulate_recording(cpu, simulation, instruction, trap);
        try {
            simulation.execute(cpu, instruction.operands);
            ++vm.instructions;
        } catch (const isa::ProgramCheck& check) {
            refuse(work, vm, check, trap.ilc, nullptr);
        } catch (RealStorageExhausted) {
            // The turn ends with a stop.
        }
    }
    /// What is to be done beyond trapping, fetching and decoding, and before the body.
    static void charge(Work& work, const Simulation& simulation, const isa::Operands& operands);
    void simulate_recording(VirtualCpu& cpu, const Simulation& simulation, const isa::Decoded& instruction,
                            const isa::ProgramInterruption& trap);
    void refuse(Work& work, VirtualMachine& vm, const isa::ProgramCheck& check, unsigned ilc,
                const isa::PerRecorder* events);

    Nucleus& nucleus_;
    SharedSegments& segments_;
    Reflection& reflection_;
};

}  // namespace vmcp
