#include "vmcp/dispatch/guest_context.hpp"

namespace vmcp {

bool GuestContext::choose_shadow(VirtualMachine& vm) {
    if (!vm.state.psw.dat || vm.options.translation == GuestTranslation::nested) return true;
    try {
        const auto format = *isa::TranslationFormat::of(vm.state.cr[0]);
        bool reused = vm.shadow.activate(format, vm.state.cr[1]).reused;
        if (vm.state.psw.secondary_space) reused |= vm.shadow.activate(format, vm.state.cr[7], true).reused;
        if (!reused) return true;
    } catch (RealStorageExhausted) {
        vm.storage.set_exhausted();
        return false;
    }
    // Tables that shadowed another address space keep their real address, by which the TLB knows them: what it holds of
    // them must go.
    Work(nucleus_.ledger, vm.account, Cause::shadow_purge).step(Step::shadow_purge);
    nucleus_.machine.cpus().page_invalidated();
    return true;
}

void GuestContext::load(VirtualMachine& vm) {
    simulation::Cpu& cpu = processor_.cpu;
    const isa::CpuState& guest = vm.state;
    cpu.registers().gpr = guest.gpr;
    cpu.registers().fpr = guest.fpr;
    const uint32_t low_address_protection = guest.cr[0] & isa::kCr0LowAddressProtection;
    if ((cpu.cr(0) ^ low_address_protection) & isa::kCr0LowAddressProtection) cpu.flush_access();
    // Second-level addresses go through the tables of its storage, third-level ones through a shadow of its own tables,
    // or with nested translation through its own tables and then those of its storage.
    ShadowTables::Designation tables{GuestStorage::kCr0Format, vm.storage.cr1()};
    const bool secondary = guest.psw.dat && guest.psw.secondary_space;
    const bool nested = guest.psw.dat && vm.options.translation == GuestTranslation::nested;
    cpu.set_host_table(nested ? vm.storage.cr1() : 0);
    if (nested) {
        tables = {guest.cr[0] & (isa::kCr0PageSizeMask | isa::kCr0SegmentSizeMask), guest.cr[1]};
        cpu.set_cr(7, guest.cr[7]);
    } else if (guest.psw.dat) {
        const auto format = *isa::TranslationFormat::of(guest.cr[0]);
        tables = vm.shadow.activate(format, guest.cr[1]);
        if (secondary) cpu.set_cr(7, vm.shadow.activate(format, guest.cr[7], true).cr1);
    }
    cpu.set_cr(0, tables.cr0_format | low_address_protection | isa::kCr0ClockComparatorMask);
    cpu.set_cr(1, tables.cr1);
    cpu.set_cr(8, guest.cr[8]);
    // Program-event recording: the guest's logical addresses are the real CPU's too.
    for (unsigned r = 9; r <= 11; ++r) cpu.set_cr(r, guest.cr[r]);
    isa::Psw psw = guest.psw;
    psw.ec_mode = true;
    psw.dat = psw.io_mask = psw.external_mask = psw.machine_check_mask = true;
    psw.bc_channel_masks = 0;
    psw.wait = false;
    psw.secondary_space = secondary;
    psw.problem_state = true;
    cpu.set_psw(psw);
}

simulation::Exit GuestContext::run(VirtualMachine& vm, SimTime until) {
    simulation::Cpu& cpu = processor_.cpu;
    load(vm);
    const SimTime begin = cpu.now();
    const simulation::CpuCounters before = cpu.counters();
    simulation::Exit exit = nucleus_.machine.executor().run(cpu, until);
    const simulation::CpuCounters& after = cpu.counters();
    vm.account.guest += cpu.now() - begin;
    vm.instructions += after.instructions - before.instructions;
    vm.units += after.units - before.units;
    vm.tlb_misses += after.tlb_misses - before.tlb_misses;
    vm.table_references += after.table_references - before.table_references;
    vm.state.gpr = cpu.state().gpr;
    vm.state.fpr = cpu.state().fpr;
    nucleus_.observers.tell([&](Observer& o) { o.guest_ran(vm, begin, cpu.now()); });
    return exit;
}

}  // namespace vmcp
