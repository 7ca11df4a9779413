// The real CPU as a guest needs it: problem state, EC mode, translation through the guest's tables,
// everything enabled; the guest's key, condition code and masks. GA22-7000 chapter 4.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

#include "vmcp/dispatch/nucleus.hpp"
#include "vmcp/dispatch/processor.hpp"

namespace vmcp {

class GuestContext {
  public:
    GuestContext(Nucleus& nucleus, Processor& processor)
        : nucleus_(nucleus),
          processor_(processor),
          instructions_(processor.cpu.counters().instructions),
          units_(processor.cpu.counters().units) {}

    /// Makes the shadow of the address space that the guest is in the active one. False where real storage
    /// has no room for its tables; the machine is exhausted then.
    bool choose_shadow(VirtualMachine& vm) {
        return !vm.state.psw.dat || vm.by_its_own_tables() || activate_shadow(vm);
    }
    /// The same for the tables of translated code, where the guest is to be executed from there.
    bool choose_code(VirtualMachine& vm) { return !vm.translated() || activate_code(vm); }
    /// Runs the guest until something interrupts the real CPU, at `until` at the latest. The answer holds
    /// until the CPU runs again.
    [[gnu::always_inline]] const simulation::Exit& run(VirtualMachine& vm, SimTime until);
    /// The same for a guest whose code is translated.
    const simulation::Exit& run_translated(VirtualMachine& vm, SimTime until);
    /// The guest stands in front of an instruction of interpretive execution: the hardware executes it, and
    /// the guests that it enters, until `until` at the latest. Right behind run(). Empty: the guest goes on;
    /// else what interrupted the real CPU.
    std::optional<isa::ProgramInterruption> run_guests(VirtualMachine& vm, SimTime until);
    /// The real CPU must be loaded anew, whoever comes next: a machine has gone, and its id may be given
    /// again.
    void forget() { loaded_.vm = Processor::kNobody; }

  private:
    /// What the real CPU's control registers and PSW were made from, for the guest that it was loaded for
    /// last: most traps change nothing of it.
    struct Context {
        VmId vm = Processor::kNobody;
        uint64_t psw = 0;  // mode bits of the guest's
        uint32_t cr0 = 0;  // bits of the guest's
        std::array<uint32_t, 4> cr8_11{};
        ShadowTables::Designation primary{}, secondary{};  // with DAT
        uint64_t serial = 0;                               // Cpu::context_serial()
    };
    static constexpr uint32_t kCr0 =
        isa::kCr0LowAddressProtection | isa::kCr0PageSizeMask | isa::kCr0SegmentSizeMask;
    /// What of the guest's PSW the context depends on. The masks, which guests change most, are not among it,
    /// nor are they read with it: a load longer than the store before it has to wait for that.
    static uint64_t mode_bits(const isa::Psw& psw) {
        static_assert(offsetof(isa::Psw, key) == 0 && offsetof(isa::Psw, secondary_space) == 3);
        uint32_t key_per_dat_and_space;
        std::memcpy(&key_per_dat_and_space, &psw, sizeof key_per_dat_and_space);
        return key_per_dat_and_space | uint64_t{psw.wide_load_address} << 32;
    }
    bool still_holds(const VirtualMachine& vm) const {
        const isa::CpuState& guest = vm.state;
        return loaded_.vm == vm.id && loaded_.psw == mode_bits(guest.psw) &&
               ((loaded_.cr0 ^ guest.cr[0]) & kCr0) == 0 &&
               std::memcmp(loaded_.cr8_11.data(), &guest.cr[8], sizeof loaded_.cr8_11) == 0 &&
               loaded_.serial == processor_.cpu.context_serial() &&
               (!guest.psw.dat || (loaded_.primary == tables(vm, 0) && loaded_.secondary == tables(vm, 1)));
    }
    /// Where the real CPU finds the tables of a guest that translates: a shadow, or the guest's own.
    ShadowTables::Designation tables(const VirtualMachine& vm, unsigned space) const {
        if (!vm.by_its_own_tables()) return shadow_[space];
        return {vm.state.cr[0] & (isa::kCr0PageSizeMask | isa::kCr0SegmentSizeMask),
                vm.state.cr[space == 0 ? 1 : 7]};
    }
    void load(VirtualMachine& vm);
    [[gnu::cold]] void change_context(VirtualMachine& vm);
    [[gnu::noinline]] void begin_microcode(const VirtualMachine& vm);
    bool activate_shadow(VirtualMachine& vm);
    [[gnu::cold]] bool activate_code(VirtualMachine& vm);
    bool activated(VirtualMachine& vm, bool reused);

    Nucleus& nucleus_;
    Processor& processor_;
    std::array<ShadowTables::Designation, 2> shadow_{};  // of the primary and the secondary space
    ShadowTables::Designation code_{};                   // of translated code
    std::optional<ShadowTables::Designation>
        loaded_code_;  // that the real CPU fetches from, of a guest that has it
    Context loaded_;
    isa::Psw psw_;  // the real CPU's under that context, and its image
    uint64_t image_ = 0;
    uint64_t instructions_, units_;  // as the real CPU had counted them when it was last interrupted
};

inline void GuestContext::load(VirtualMachine& vm) {
    simulation::Cpu& cpu = processor_.cpu;
    cpu.registers().gpr = vm.state.gpr;
    cpu.registers().fpr = vm.state.fpr;
    if (!still_holds(vm)) change_context(vm);
    if (vm.has_microcode()) [[unlikely]]
        begin_microcode(vm);
    cpu.resume(psw_, image_, vm.state.psw);
}

inline const simulation::Exit& GuestContext::run(VirtualMachine& vm, SimTime until) {
    simulation::Cpu& cpu = processor_.cpu;
    load(vm);
    const SimTime begin = vm.ran_until = cpu.now();
    const simulation::Exit& exit = nucleus_.machine.executor().run(cpu, until);
    vm.enter_guest_time(cpu.now());
    vm.instructions +=
        cpu.counters().instructions - std::exchange(instructions_, cpu.counters().instructions);
    if (cpu.counters().units != units_) [[unlikely]]
        vm.units += cpu.counters().units - std::exchange(units_, cpu.counters().units);
    vm.state.gpr = cpu.state().gpr;
    vm.state.fpr = cpu.state().fpr;
    nucleus_.observers.tell([&](Observer& o) { o.guest_ran(vm, begin, cpu.now()); });
    return exit;
}

}  // namespace vmcp
