#include "vmcp/dispatch/guest_context.hpp"
#include "vmcp/translation/code_space.hpp"

namespace vmcp {

bool GuestContext::activate_shadow(VirtualMachine& vm) {
    bool reused = false;
    try {
        const auto format = *isa::TranslationFormat::of(vm.state.cr[0]);
        shadow_[0] = vm.shadow.activate(format, vm.state.cr[1]);
        reused = shadow_[0].reused;
        if (vm.state.psw.secondary_space) {
            shadow_[1] = vm.shadow.activate(format, vm.state.cr[7], true);
            reused |= shadow_[1].reused;
        }
    } catch (RealStorageExhausted) {
        vm.storage.set_exhausted();
        return false;
    }
    return activated(vm, reused);
}

/// Where the guest does not translate its code lies at the addresses of its storage.
bool GuestContext::activate_code(VirtualMachine& vm) {
    constexpr uint32_t kUntranslated = 0xFFFFFFFF;  // no designation
    const bool dat = vm.state.psw.dat;
    try {
        code_ = vm.code->tables.activate(
            dat ? *isa::TranslationFormat::of(vm.state.cr[0]) : isa::TranslationFormat{},
            dat ? vm.state.cr[1] : kUntranslated);
    } catch (RealStorageExhausted) {
        vm.storage.set_exhausted();
        return false;
    }
    return activated(vm, code_.reused);
}

bool GuestContext::activated(VirtualMachine& vm, bool reused) {
    if (!reused) return true;
    // Tables that shadowed another address space keep their real address, by which the TLB knows them: what
    // it holds of them must go.
    Work(nucleus_.ledger, vm.account, Cause::shadow_purge).steps(Step::shadow_purge, Step::find_pending);
    nucleus_.machine.cpus().page_invalidated();
    return true;
}

const simulation::Exit& GuestContext::run_translated(VirtualMachine& vm, SimTime until) {
    const auto code = vm.translated() ? std::optional(code_) : std::nullopt;
    if (code != loaded_code_) forget();
    loaded_code_ = code;
    return run(vm, until);
}

/// Second-level addresses go through the tables of the guest's storage, third-level ones through a shadow of
/// its own tables, or with nested translation through its own tables and then those of its storage.
void GuestContext::change_context(VirtualMachine& vm) {
    simulation::Cpu& cpu = processor_.cpu;
    const isa::CpuState& guest = vm.state;
    const bool dat = guest.psw.dat;
    const uint32_t low_address_protection = guest.cr[0] & isa::kCr0LowAddressProtection;
    const ShadowTables::Designation primary =
        dat ? tables(vm, 0) : ShadowTables::Designation{GuestStorage::kCr0Format, vm.storage.cr1()};
    cpu.set_preferred(
        dat && vm.is_preferred()
            ? simulation::Cpu::Preferred{vm.storage.size(), vm.storage.locate(SecondLevel(0))->value}
            : simulation::Cpu::Preferred{});
    cpu.set_host_table(dat && vm.options.translation == GuestTranslation::nested ? vm.storage.cr1() : 0);
    cpu.set_cr(0, primary.cr0_format | low_address_protection | isa::kCr0ClockComparatorMask);
    cpu.set_cr(1, primary.cr1);
    if (dat) cpu.set_cr(7, tables(vm, 1).cr1);
    const bool apart = vm.translated();
    if (apart) [[unlikely]] {  // instructions from the one space, operands from the guest's present one
        cpu.set_cr(7, dat && guest.psw.secondary_space ? tables(vm, 1).cr1 : primary.cr1);
        cpu.set_cr(1, code_.cr1);
    }
    // Monitoring and program-event recording: the guest's logical addresses are the real CPU's too.
    for (unsigned r = 8; r <= 11; ++r) cpu.set_cr(r, guest.cr[r]);
    psw_ = guest.psw;
    psw_.ec_mode = true;
    psw_.dat = psw_.io_mask = psw_.external_mask = psw_.machine_check_mask = true;
    psw_.bc_channel_masks = 0;
    psw_.wait = false;
    psw_.secondary_space = apart || (dat && guest.psw.secondary_space);
    psw_.problem_state = true;
    image_ = isa::encode(psw_);
    cpu.set_assist(vm.microcode());
    cpu.set_cr(6, 0);
    cpu.set_psw(psw_);
    cpu.settle_context();
    loaded_ = {vm.id,
               mode_bits(guest.psw),
               guest.cr[0],
               {guest.cr[8], guest.cr[9], guest.cr[10], guest.cr[11]},
               tables(vm, 0),
               tables(vm, 1),
               cpu.context_serial()};
}

std::optional<isa::ProgramInterruption> GuestContext::run_guests(VirtualMachine& vm, SimTime until) {
    simulation::Cpu& cpu = processor_.cpu;
    simulation::InterpretiveExecution& levels = cpu.interpretive_execution();
    const SimTime begin = vm.ran_until = cpu.now();
    vm.storage.lend_keys();
    simulation::InterpretiveExecution::Outermost guest{vm.storage.cr1(), vm.storage.size(),
                                                       vm.nesting.current, vm.state};
    guest.state.prefix = 0;  // the tables of its storage have exchanged the pages
    // Its CPU timer counts virtual time, which goes on as real time does while it runs.
    simulation::set_cpu_timer(guest.state.clocks, simulation::cpu_timer(vm.state.clocks, vm.virtual_now()),
                              begin);
    levels.put(guest);
    const auto answer = nucleus_.machine.run_guests(cpu, until);
    levels.take_back(guest);
    vm.nesting.current = guest.current;
    vm.state.psw.set_changing(guest.state.psw);
    cpu.set_changing(guest.state.psw);
    cpu.registers().gpr = guest.state.gpr;
    vm.enter_guest_time(cpu.now());
    vm.instructions +=
        cpu.counters().instructions - std::exchange(instructions_, cpu.counters().instructions);
    vm.units += cpu.counters().units - std::exchange(units_, cpu.counters().units);
    vm.state.gpr = guest.state.gpr;
    nucleus_.observers.tell([&](Observer& o) { o.guest_ran(vm, begin, cpu.now()); });
    return answer;
}

void GuestContext::begin_microcode(const VirtualMachine& vm) {
    simulation::PrivilegedAssist* const microcode = vm.microcode();
    processor_.cpu.set_assist(microcode);
    if (microcode != nullptr) processor_.cpu.set_cr(6, microcode->begin());
}

}  // namespace vmcp
