#include "vmcp/dispatch/page_faults.hpp"

#include <algorithm>

#include "isa/per.hpp"
#include "vmcp/dispatch/guest_tables.hpp"

namespace vmcp {

void PageFaults::on_page_fault(Work& work, VirtualMachine& vm, SecondLevel page,
                               const isa::ProgramInterruption& fault) {
    if (present_pseudo_page_fault(work, vm, page, &work)) return;
    vm.storage.try_resident(page, &work);
    report_units_done(work, vm, fault);
}

/// A fault of the control program's own ended an instruction that the guest executes again. That will record
/// its fetching again, but not what its completed units of operation have altered (MOVE LONG): the guest is
/// told of it now, as if another interruption had come between two units. GA22-7000 chapter 4, "Program-Event
/// Recording".
void PageFaults::report_units_done(Work& work, VirtualMachine& vm, const isa::ProgramInterruption& fault) {
    constexpr uint8_t kAltered = isa::PerEvent::storage_alteration | isa::PerEvent::register_alteration;
    if (!fault.per || (fault.per_code & kAltered) == 0) return;
    reflection_.deliver(work, vm,
                        isa::per_interruption(fault.per_code, fault.per_address, fault.ilc, std::nullopt));
}

void PageFaults::reflect(Work& work, VirtualMachine& vm, isa::ProgramInterruption fault,
                         isa::ProgramCode code) {
    fault.code = code;
    if (!isa::nullifies(code))
        vm.state.psw.address = (vm.state.psw.address + 2 * fault.ilc) & isa::kAddressMask;
    work.turn_to(Cause::reflect_program);
    reflection_.deliver(work, vm, fault);
}

void PageFaults::on_shadow_fault(Work& work, VirtualMachine& vm, const isa::ProgramInterruption& fault) {
    work.step(Step::walk_guest_tables);
    const auto format = isa::TranslationFormat::of(vm.state.cr[0]);
    const bool secondary = fault.translation_address & isa::kSecondarySpaceException;
    const ThirdLevel logical(fault.translation_address & isa::kAddressMask);
    try {
        GuestTables tables(vm.storage);
        const isa::Translation t =
            isa::translate_address(tables, *format, vm.state.cr[secondary ? 7 : 1], logical.value, false);
        if (!t.ok()) return reflect(work, vm, fault, t.problem);
        const SecondLevel page(t.real);
        if (!vm.storage.valid(page)) return reflect(work, vm, fault, isa::ProgramCode::addressing);
        if (!vm.storage.locate(page) && present_pseudo_page_fault(work, vm, page, nullptr)) return;
        FirstLevel frame = vm.storage.resident(page);
        if (format->page_shift == 11 && frame.value >= 16 * simulation::kMebibyte) {
            frame = vm.storage.move_below_16m(page);
            nucleus_.machine.cpus().page_invalidated();
        }
        work.step(Step::shadow_fill);
        const PageLock lock(vm.storage, page);  // a table for the shadow may need a frame, but not this one
        vm.shadow.fill(logical, frame, SecondLevel(t.page_entry), secondary);
        report_units_done(work, vm, fault);
    } catch (RealStorageExhausted) {
        vm.storage.set_exhausted();
    }
}

bool PageFaults::present_pseudo_page_fault(Work& work, VirtualMachine& vm, SecondLevel page, Work* fault) {
    if (!Reflection::takes_pseudo_page_faults(vm)) return false;
    const auto ready = vm.storage.begin_transit(page, fault);
    if (!ready) return false;
    const uint32_t address = page.value & ~(kPage - 1);
    expect(vm, address, *ready);
    work.turn_to(Cause::pseudo_page_fault);
    isa::ProgramInterruption i;
    i.code = isa::ProgramCode::pseudo_page_fault;
    i.translation_address = address;
    reflection_.deliver(work, vm, i);
    return true;
}

void PageFaults::expect(VirtualMachine& vm, uint32_t page, const PageReady& ready) {
    simulation::EventQueue& events = nucleus_.machine.events();
    Handshaking::Arrival& arrival = vm.handshaking.under_way[page];
    events.cancel(arrival.event);  // of a page that was discarded on its way, and is wanted again
    if (ready.known()) {
        arrival.event = events.schedule_for(vm.id, std::max(ready.time(), nucleus_.now()),
                                            [this, &vm, page] { arrived(vm, page); });
        return;
    }
    arrival.wait = ready.transfer->wait([this, &vm, page, ready] {
        if (ready.time() > nucleus_.now()) return expect(vm, page, ready);
        arrived(vm, page);
    });
}

void PageFaults::arrived(VirtualMachine& vm, uint32_t page) {
    vm.handshaking.under_way.erase(page);
    if (vm.status == VmState::stopped) return;
    vm.storage.end_transit(SecondLevel(page));
    vm.handshaking.arrived.push_back(page);
    if (vm.status == VmState::waiting && !vm.asleep && Reflection::takes_pseudo_page_faults(vm))
        states_.wake(vm);
    // A guest that runs is to be interrupted; one that is ready will find it when it is dispatched.
}

}  // namespace vmcp
