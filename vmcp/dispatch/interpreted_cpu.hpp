// A guest's virtual CPU as the interpreter lets problem-state instructions act on it: what their bodies ask
// beyond isa::SystemCpu, of the sequence of instructions that they are part of. All else is the virtual
// CPU's.
#pragma once

#include <array>
#include <optional>

#include "simulation/executor/forwarding_cpu.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

/// An instruction that is being interpreted, and what its body has asked for.
struct InterpretedInstruction {
    uint32_t address;       // where it lies; of EXECUTE's target: that
    unsigned ilc;           // halfwords; of EXECUTE, whose target has none of its own
    SimTime until;          // interruptible instructions make way then
    SimTime virtual_until;  // or then, in virtual time
    struct Subject {
        uint32_t address;
        uint8_t modifier;
    };
    std::optional<Subject> subject = std::nullopt;          // it is EXECUTE
    std::optional<uint8_t> supervisor_call = std::nullopt;  // of this number
    bool repeats = false;                                   // it has done a part, and comes again
};

class InterpretedCpu final : public isa::Evaluator<InterpretedCpu>,
                             public simulation::ForwardingCpu<VirtualCpu> {
  public:
    InterpretedCpu(Nucleus& nucleus, Work& work, VirtualCpu& cpu, InterpretedInstruction& instruction)
        : ForwardingCpu(cpu), nucleus_(nucleus), work_(work), instruction_(instruction) {}

    uint32_t load_address(unsigned x, unsigned b, unsigned d) const {
        const uint32_t sum = (x != 0 ? cpu_.gpr(x) : 0) + (b != 0 ? cpu_.gpr(b) : 0) + d;
        return sum & (cpu_.psw().wide_load_address ? 0x7FFFFFFF : isa::kAddressMask);
    }
    uint32_t update8(uint32_t a) {
        cpu_.probe_store(a, 1);
        return cpu_.load8(a);
    }
    /// As Cpu::move: an operand that is moved over itself goes byte by byte, and is checked as a whole
    /// before.
    void move(uint32_t to, uint32_t from, unsigned length) {
        std::array<uint8_t, 256> bytes;
        const uint32_t shift = (to - from) & isa::kAddressMask;
        const bool destructive = shift - 1 < length - 1;
        if (destructive || crosses(to, length) || crosses(from, length)) cpu_.probe_store(to, length);
        cpu_.fetch(from, bytes.data(), length);
        if (destructive)
            for (unsigned i = shift; i < length; ++i) bytes[i] = bytes[i - shift];
        cpu_.store(to, bytes.data(), length);
    }

    // ---- Sequencing ----
    uint32_t next_address() const { return cpu_.psw().address; }
    uint32_t relative_target(int32_t halfwords) const {
        return (instruction_.address + 2 * static_cast<uint32_t>(halfwords)) & isa::kAddressMask;
    }
    uint32_t link_information() const {
        return instruction_.ilc << 30 | cpu_.condition_code() << 28 | cpu_.program_mask() << 24 |
               next_address();
    }
    void supervisor_call(uint8_t number) { instruction_.supervisor_call = number; }
    void execute_at(uint32_t target, uint8_t modifier) { instruction_.subject = {target, modifier}; }
    /// A unit of operation has been done.
    void charge_units(uint32_t units) {
        constexpr auto kLong = static_cast<unsigned>(isa::CostClass::move_long);
        VirtualMachine& vm = cpu_.vm();
        const SimTime price = nucleus_.machine.model().prices[kLong].per_unit * SimTime{units};
        vm.units += units;
        vm.enter_interpreted_time(price);
        work_.step(Step::interpret_long);
        work_.execute_in_place(price);
    }
    bool interruption_due() const {
        return nucleus_.now() >= instruction_.until || cpu_.vm().virtual_now() >= instruction_.virtual_until;
    }
    void repeat_instruction() { instruction_.repeats = true; }

  private:
    static bool crosses(uint32_t a, unsigned length) {
        return a % simulation::kBlock + length > simulation::kBlock;
    }

    Nucleus& nucleus_;
    Work& work_;
    InterpretedInstruction& instruction_;
};

}  // namespace vmcp
