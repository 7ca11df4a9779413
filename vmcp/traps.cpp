// The trap path: from an interruption of the real CPU to what the guest shall see.
#include "isa/per.hpp"
#include "vmcp/control_program.hpp"
#include "vmcp/virtual_cpu.hpp"

namespace vmcp {
namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

/// Where the hardware has stored the old PSW of an interruption of this class.
constexpr uint32_t old_psw_of(const isa::Interruption& i) {
    constexpr uint32_t kPlaces[] = {isa::Assigned::program_old,       isa::Assigned::supervisor_call_old,
                                    isa::Assigned::external_old,      isa::Assigned::io_old,
                                    isa::Assigned::machine_check_old, isa::Assigned::restart_old};
    return kPlaces[i.index()];
}

}  // namespace

void ControlProgram::on_trap(VirtualMachine& vm, const simulation::Exit& exit) {
    ++traps_;
    const auto by_timer = [&] {
        take(vm, Cause::timer, isa::ExternalInterruption{isa::ExternalCode::clock_comparator}, exit);
        charge(&vm, Cause::timer, Step::timer_interruption);
    };
    std::visit(
        Overloaded{
            [&](const isa::ProgramInterruption& i) { on_program(vm, i, exit); },
            [&](const simulation::PrivilegedOperation& p) { on_privileged(vm, p, exit); },
            [&](const isa::SupervisorCallInterruption& i) {
                take(vm, Cause::reflect_supervisor_call, i, exit);
                deliver(vm, i);
                if (i.per_code == 0) return;
                // Program events of the SUPERVISOR CALL interrupt the real CPU again, in front of the control
                // program's first instruction, and then the guest's in front of its handler's.
                const isa::Psw guest = vm.state.psw;
                take(vm, Cause::reflect_program,
                     isa::per_interruption(i.per_code, i.per_address, i.ilc, std::nullopt), exit);
                vm.state.psw = guest;
                deliver(vm, isa::per_interruption(i.per_code, i.per_address, i.ilc, psw_error(vm)));
            },
            [&](const simulation::BudgetSpent&) { by_timer(); },
            [&](const simulation::Attention&) { by_timer(); },  // an interruptible instruction made way
            [&](const simulation::Breakpoint&) { by_timer(); },
        },
        exit);
    update_virtual_timers(vm);
}

/// The hardware's part, and the way in: the real PSWs are swapped, and the guest's instruction address,
/// condition code and program mask are found in the real old PSW.
void ControlProgram::take(VirtualMachine& vm, Cause cause, const isa::Interruption& real,
                          const simulation::Exit& exit, std::optional<isa::Decoded> instruction) {
    cause_ = cause;
    count(vm, cause);
    simulation::Cpu& cpu = machine_.cpu();
    const SimTime before = now();
    cpu.take(real);
    const isa::Psw old = isa::decode_psw(machine_.storage().get64(old_psw_of(real)));
    vm.state.psw.address = old.address;
    vm.state.psw.condition_code = old.condition_code;
    vm.state.psw.program_mask = old.program_mask;
    if (observer != nullptr) observer->trapped(vm, Trap{exit, real, old, before, now(), instruction});
    const SimTime swap = now() - before;
    vm.account.control_program += swap;
    vm.account.causes[cause.index()].time += swap;
    ++totals_.hardware.count;
    totals_.hardware.time += swap;
    charge(&vm, cause, Step::enter_from_trap);
}

/// What the guest must not execute in the real problem state. Where its own state allows it, it is simulated;
/// a semi-privileged instruction in any state, for the real CPU knows nothing of the guest's authority.
void ControlProgram::on_privileged(VirtualMachine& vm, const simulation::PrivilegedOperation& p,
                                   const simulation::Exit& exit) {
    const bool simulated =
        !vm.state.psw.problem_state || (p.instruction.row().privilege == isa::Privilege::semi &&
                                        machine_.model().facilities.has(isa::Facility::dual_address_space));
    if (!simulated) {
        take(vm, Cause::reflect_program, p.interruption, exit);
        return deliver(vm, p.interruption);
    }
    take(vm, Cause::simulated(p.instruction.op), p.interruption, exit, p.instruction);
    simulate(vm, p.instruction, p.interruption);
}

void ControlProgram::on_program(VirtualMachine& vm, const isa::ProgramInterruption& i,
                                const simulation::Exit& exit) {
    switch (i.code) {
        case isa::ProgramCode::segment_translation:
        case isa::ProgramCode::page_translation:
            if (vm.state.psw.dat && !i.by_host_tables) {
                if (vm.options.translation == GuestTranslation::nested) break;  // of its own tables
                take(vm, Cause::shadow_fill, i, exit);
                return on_shadow_fault(vm, i);
            }
            if (const SecondLevel page(i.translation_address); vm.storage.valid(page)) {
                take(vm, vm.storage.slot(page).exists() ? Cause::page_in : Cause::page_fill, i, exit);
                return on_page_fault(vm, page, i);
            }
            {  // beyond the guest's storage: what would be an addressing exception on its own machine
                take(vm, Cause::reflect_program, i, exit);
                isa::ProgramInterruption addressing = i;
                addressing.code = isa::ProgramCode::addressing;
                vm.state.psw.address = (vm.state.psw.address + 2 * i.ilc) & isa::kAddressMask;
                return deliver(vm, addressing);
            }
        default: break;
    }
    take(vm, Cause::reflect_program, i, exit);
    deliver(vm, i);
}

/// A fault of the control program's own ended an instruction that the guest executes again. That will record
/// its fetching again, but not what its completed units of operation have altered (MOVE LONG): the guest is
/// told of it now, as if another interruption had come between two units. GA22-7000 chapter 4, "Program-Event
/// Recording".
void ControlProgram::report_units_done(VirtualMachine& vm, const isa::ProgramInterruption& fault) {
    constexpr uint8_t kAltered = isa::PerEvent::storage_alteration | isa::PerEvent::register_alteration;
    if (!fault.per || (fault.per_code & kAltered) == 0) return;
    deliver(vm, isa::per_interruption(fault.per_code, fault.per_address, fault.ilc, std::nullopt));
}

/// The real CPU found no entry in the shadow. If the guest's own tables have the page, the shadow gets it and
/// the guest executes the instruction again; if not, the exception is the guest's.
void ControlProgram::on_shadow_fault(VirtualMachine& vm, const isa::ProgramInterruption& fault) {
    charge(&vm, cause_, Step::shadow_fill);
    const auto reflect = [&](isa::ProgramCode code) {
        isa::ProgramInterruption i = fault;
        i.code = code;
        if (!isa::nullifies(code))
            vm.state.psw.address = (vm.state.psw.address + 2 * i.ilc) & isa::kAddressMask;
        cause_ = Cause::reflect_program;
        count(vm, cause_);
        deliver(vm, i);
    };
    const auto format = isa::TranslationFormat::of(vm.state.cr[0]);
    const bool secondary = fault.translation_address & isa::kSecondarySpaceException;
    const ThirdLevel logical(fault.translation_address & isa::kAddressMask);
    try {
        VirtualCpu cpu(*this, vm, fault.ilc);
        const isa::Translation t = isa::translate_address(cpu, *format, vm.state.cr[secondary ? 7 : 1],
                                                          logical.value, cpu.extended_real());
        if (!t.ok()) return reflect(t.problem);
        if (!vm.storage.valid(SecondLevel(t.real))) return reflect(isa::ProgramCode::addressing);
        const SecondLevel page(t.real);
        if (!vm.storage.locate(page) && present_pseudo_page_fault(vm, page)) return;
        FirstLevel frame = vm.storage.resident(page);
        if (format->page_shift == 11 && frame.value >= 16 * simulation::kMebibyte) {
            frame = vm.storage.move_below_16m(SecondLevel(t.real));
            machine_.cpu().purge_tlb();
        }
        const PageLock lock(vm.storage, page);  // a table for the shadow may need a frame, but not this one
        vm.shadow.fill(logical, frame, SecondLevel(t.page_entry), secondary);
        report_units_done(vm, fault);
    } catch (RealStorageExhausted) {
        vm.storage.set_exhausted();
    }
}

void ControlProgram::purge_shadow(VirtualMachine& vm) {
    if (vm.options.translation == GuestTranslation::nested) return machine_.cpu().purge_tlb();
    if (vm.shadow.purge() == 0) return;
    count(vm, Cause::shadow_purge);
    charge(&vm, Cause::shadow_purge, Step::shadow_purge);
    machine_.cpu().purge_tlb();
}

void ControlProgram::purge_shadow_page(VirtualMachine& vm, isa::TranslationFormat format, ThirdLevel page,
                                       SecondLevel entry) {
    vm.shadow.purge_page(format, page, entry);
    machine_.cpu().purge_tlb();
}

// ---- Presenting interruptions to the guest ----

void ControlProgram::deliver(VirtualMachine& vm, const isa::Interruption& interruption) {
    charge(&vm, cause_, Step::reflect_interruption);
    if (observer != nullptr) observer->reflected(vm, interruption);
    try {
        VirtualCpu cpu(*this, vm, 0);
        cpu.load_psw(isa::decode_psw(isa::store_interruption(vm.state, cpu, interruption)));
    } catch (RealStorageExhausted) {
        return;  // page zero could not be had: the turn ends with a stop
    }
    if (vm.interruptions.add(vm.instructions)) stop(vm, StopReason::check_stop);
}

std::optional<isa::ProgramInterruption> ControlProgram::psw_error(const VirtualMachine& vm) const {
    if (!isa::has_format_error(vm.state.psw, machine_.model().facilities)) return std::nullopt;
    isa::ProgramInterruption i;
    i.code = isa::ProgramCode::specification;
    i.ilc = vm.state.early_ilc;
    return i;
}

std::optional<isa::ExternalInterruption> ControlProgram::external_pending(const VirtualMachine& vm) {
    if (!vm.state.psw.external_mask) return std::nullopt;
    return isa::highest_external(
        vm.state, {.comparator = machine_.tod().read(now()) > vm.state.clocks.comparator,
                   .timer = simulation::is_cpu_timer_negative(vm.state.clocks, vm.virtual_now())});
}

void ControlProgram::deliver_pending(VirtualMachine& vm) {
    while (vm.status != VmState::stopped && !vm.storage.exhausted() && !vm.asleep) {
        if (const auto error = psw_error(vm)) {
            cause_ = Cause::reflect_program;
            count(vm, cause_);
            deliver(vm, *error);
        } else if (vm.state.psw.dat && !vm.state.psw.wait && !isa::TranslationFormat::of(vm.state.cr[0])) {
            // No instruction can be fetched with an invalid translation format.
            isa::ProgramInterruption i;
            i.code = isa::ProgramCode::translation_specification;
            i.ilc = 1;
            vm.state.psw.address = (vm.state.psw.address + 2) & isa::kAddressMask;
            cause_ = Cause::reflect_program;
            count(vm, cause_);
            deliver(vm, i);
        } else if (const auto external = external_pending(vm)) {
            cause_ = Cause::reflect_external;
            count(vm, cause_);
            isa::accept(vm.state.external, *external);
            deliver(vm, *external);
        } else if (!vm.handshaking.arrived.empty() && takes_pseudo_page_faults(vm)) {
            present_page_arrival(vm);
        } else if (const auto device = vm.channels.has_pending()
                                           ? vm.channels.pending(isa::enabled_channels(vm.state))
                                           : std::nullopt) {
            const auto io = vm.channels.take(*device);
            if (!io) return;
            cause_ = Cause::reflect_io;
            count(vm, cause_);
            deliver(vm, isa::IoInterruption{io->address, encode(io->csw)});
        } else {
            return;
        }
    }
}

void ControlProgram::update_virtual_timers(VirtualMachine& vm) {
    const SecondLevel location(isa::Assigned::interval_timer);
    // A page zero that has been taken away need not be brought in before the timer has something to tell.
    if (!vm.storage.locate(location) &&
        vm.interval_timer.becomes_negative(vm.storage.peek32(location)) > vm.virtual_now())
        return;
    const int64_t ticks = vm.interval_timer.take_ticks(vm.virtual_now());
    if (ticks == 0 || vm.status == VmState::stopped) return;
    const auto at = vm.storage.try_resident(location);
    if (!at) return;
    count(vm, Cause::virtual_timer);
    charge(&vm, Cause::virtual_timer, Step::timer_update);
    simulation::RealStorage& real = machine_.storage();
    real.put32(at->value, simulation::IntervalTimer::count_down(real.get32(at->value), ticks,
                                                                vm.state.external.interval_timer));
    vm.storage.note_change(location);
}

}  // namespace vmcp
