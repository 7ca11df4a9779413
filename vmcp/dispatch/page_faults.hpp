// Page faults of guests: bringing in what has no frame, filling shadow tables, and VM handshaking.
//
// A machine that needs a page which lies on a paging device is in *page wait* until it has come; others run
// meanwhile. With VM handshaking the guest is told instead (program-interruption code X'14') and may go on
// with another of its tasks; it is told again when the page is there. GC20-1821 (OS in a Virtual Machine).
// Who decides which pages stay, and copies them, is the pager (vmcp/storage/pager.hpp).
#pragma once

#include "vmcp/dispatch/reflection.hpp"

namespace vmcp {

/// Whom a program interruption concerns that stopped the real CPU while it ran a guest.
enum class Concern : uint8_t {
    guest,    // itself
    shadow,   // the tables that stand for its own
    storage,  // the control program, which has to bring in a page of its storage
    beyond,   // itself: it went beyond its storage, an addressing exception on its own machine
};
inline Concern concern_of(const VirtualMachine& vm, const isa::ProgramInterruption& i) {
    const bool translation =
        i.code == isa::ProgramCode::segment_translation || i.code == isa::ProgramCode::page_translation;
    if (!translation) return Concern::guest;
    if (vm.state.psw.dat && !i.by_host_tables)
        return vm.by_its_own_tables() ? Concern::guest : Concern::shadow;
    return vm.storage.valid(SecondLevel(i.translation_address)) ? Concern::storage : Concern::beyond;
}
/// What a guest is told that went beyond. It does not execute the instruction again.
inline isa::ProgramInterruption addressing_exception(VirtualMachine& vm, isa::ProgramInterruption i) {
    i.code = isa::ProgramCode::addressing;
    vm.state.psw.address = (vm.state.psw.address + 2 * i.ilc) & isa::kAddressMask;
    return i;
}

class PageFaults {
  public:
    PageFaults(Nucleus& nucleus, MachineStates& states, Reflection& reflection)
        : nucleus_(nucleus), states_(states), reflection_(reflection) {}

    /// The guest touched a page of its storage that has no frame. The instruction was nullified: it is
    /// executed again.
    void on_page_fault(Work& work, VirtualMachine& vm, SecondLevel page,
                       const isa::ProgramInterruption& fault);
    /// The real CPU found no entry in the shadow. If the guest's own tables have the page, the shadow gets it
    /// and the guest executes the instruction again; if not, the exception is the guest's.
    void on_shadow_fault(Work& work, VirtualMachine& vm, const isa::ProgramInterruption& fault);

  private:
    /// Tells the guest that it would have to wait for a page. False where it is not to be told, or need not
    /// wait.
    bool present_pseudo_page_fault(Work& work, VirtualMachine& vm, SecondLevel page, Work* fault);
    /// Lets the page, of which the guest has been told, arrive when it is ready.
    void expect(VirtualMachine& vm, uint32_t page, const PageReady& ready);
    void arrived(VirtualMachine& vm, uint32_t page);
    void report_units_done(Work& work, VirtualMachine& vm, const isa::ProgramInterruption& fault);
    void reflect(Work& work, VirtualMachine& vm, isa::ProgramInterruption fault, isa::ProgramCode code);

    Nucleus& nucleus_;
    MachineStates& states_;
    Reflection& reflection_;
};

}  // namespace vmcp
