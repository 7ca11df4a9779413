// The control program's part in demand paging: what page faults and page moves cost, who waits, and what must
// be forgotten when a frame changes hands. vmcp/pager.hpp decides and copies.
//
// A machine that needs a page which lies on a paging device is in *page wait* until it has come; others run
// meanwhile. With VM handshaking the guest is told instead (program-interruption code X'14') and may go on
// with another of its tasks; it is told again when the page is there. GC20-1821 (OS in a Virtual Machine).
#include <fmt/format.h>

#include <algorithm>

#include "vmcp/control_program.hpp"

namespace vmcp {

/// The guest touched a page that has no frame. The instruction was nullified: it is executed again.
void ControlProgram::on_page_fault(VirtualMachine& vm, SecondLevel page,
                                   const isa::ProgramInterruption& fault) {
    if (present_pseudo_page_fault(vm, page)) return;
    vm.storage.try_resident(page);
    report_units_done(vm, fault);
}

// ---- Page wait ----

void ControlProgram::begin_page_wait(VirtualMachine& vm) {
    settle_turn(vm);
    set_status(vm, VmState::page_wait);
    ++vm.page_waits;
    ++waiting_for_pages_;
    options_.policy->block(vm.id, now(), scheduler::Wait::io);
    vm.page_arrival = machine_.events().schedule(vm.pages_ready, [this, &vm] {
        vm.page_arrival = 0;
        end_page_wait(vm);
    });
}

void ControlProgram::end_page_wait(VirtualMachine& vm) {
    --waiting_for_pages_;
    set_status(vm, VmState::ready);
    options_.policy->ready(vm.id, now());
    if (running_ != nullptr && options_.policy->preempts(vm.id, running_->id, now() - turn_began_))
        preempt_ = true;
}

// ---- Handshaking ----

bool ControlProgram::takes_pseudo_page_faults(const VirtualMachine& vm) {
    return vm.handshaking.on && vm.state.psw.ec_mode && vm.state.psw.io_mask;
}

/// Tells the guest that it would have to wait for a page. False where it is not to be told, or need not wait.
bool ControlProgram::present_pseudo_page_fault(VirtualMachine& vm, SecondLevel page) {
    if (!takes_pseudo_page_faults(vm)) return false;
    const auto ready = vm.storage.begin_transit(page);
    if (!ready) return false;
    const uint32_t address = page.value & ~(kPage - 1);
    machine_.events().schedule(std::max(*ready, now()), [this, &vm, address] {
        if (vm.status == VmState::stopped) return;
        vm.storage.end_transit(SecondLevel(address));
        vm.handshaking.arrived.push_back(address);
        if (vm.status == VmState::waiting && !vm.asleep && takes_pseudo_page_faults(vm)) wake(vm);
        // A guest that runs is to be interrupted; one that is ready will find it when it is dispatched.
    });
    cause_ = Cause::pseudo_page_fault;
    count(vm, cause_);
    isa::ProgramInterruption fault;
    fault.code = isa::ProgramCode::pseudo_page_fault;
    fault.translation_address = address;
    deliver(vm, fault);
    return true;
}

void ControlProgram::present_page_arrival(VirtualMachine& vm) {
    constexpr uint32_t kCompleted = 0x80000000;
    isa::ProgramInterruption arrival;
    arrival.code = isa::ProgramCode::pseudo_page_fault;
    arrival.translation_address = vm.handshaking.arrived.front() | kCompleted;
    vm.handshaking.arrived.pop_front();
    cause_ = Cause::pseudo_page_fault;
    count(vm, cause_);
    deliver(vm, arrival);
}

// ---- Pages given up, segments shared ----

void ControlProgram::release_pages(VirtualMachine& vm, SecondLevel first, SecondLevel last) {
    bool forget = false;
    for (uint32_t a = first.value; a <= last.value; a += kPage) {
        const auto frame = vm.storage.discard(SecondLevel(a));
        if (!frame) continue;
        vm.shadow.purge_frame(*frame);
        forget = true;
    }
    if (forget) machine_.cpu().purge_tlb();
}

void ControlProgram::forget_mappings(VirtualMachine& vm) {
    vm.shadow.purge();
    machine_.cpu().purge_tlb();
}

void ControlProgram::unshare(VirtualMachine& vm, SharedSegment& segment) {
    count(vm, Cause::shared_segment);
    pager_.pay_by(vm.storage);
    const bool done = vm.storage.unshare(segment);
    segment.restore();  // even where there was no room for a copy: the others keep what they had
    forget_mappings(vm);
    if (done)
        console_message(
            vm, fmt::format("DMKVMA181E SHARED SYSTEM {} REPLACED WITH NON-SHARED COPY", segment.name()));
}

/// A channel program gets at a shared segment, perhaps during the turn of a machine that has stored into it.
void ControlProgram::on_channel_access(VirtualMachine& vm, SharedSegment& segment, bool storing) {
    if (running_ != nullptr && running_->storage.shared(segment.origin()) == &segment && segment.changed())
        unshare(*running_, segment);
    if (storing && vm.storage.shared(segment.origin()) == &segment) unshare(vm, segment);
}

/// At the end of a turn, before anybody else can see what the machine may have stored.
void ControlProgram::check_shared_segments(VirtualMachine& vm) {
    if (vm.storage.attachments().empty() || vm.status == VmState::stopped) {
        for (const GuestStorage::Attachment& attachment : vm.storage.attachments())
            if (attachment.shared) attachment.segment->restore();
        return;
    }
    for (size_t i = 0; i < vm.storage.attachments().size(); ++i) {
        const GuestStorage::Attachment attachment = vm.storage.attachments()[i];
        if (!attachment.shared) continue;
        cause_ = Cause::shared_segment;
        charge(&vm, cause_, Step::check_shared_page, attachment.segment->pages());
        if (attachment.segment->changed()) unshare(vm, *attachment.segment);
    }
}

// ---- What the pager tells ----

void ControlProgram::page_filled(GuestStorage& storage) {
    VirtualMachine& vm = machine_of(storage);
    ++vm.pages.fills;
    if (cause_ != Cause::page_fill) count(vm, Cause::page_fill);
    charge(&vm, Cause::page_fill, Step::fill_page);
}

void ControlProgram::page_read(GuestStorage& storage) {
    VirtualMachine& vm = machine_of(storage);
    ++vm.pages.reads;
    if (cause_ != Cause::page_in) count(vm, Cause::page_in);
    charge(&vm, Cause::page_in, Step::page_in);
}

void ControlProgram::page_written(GuestStorage& payer, GuestStorage& owner) {
    ++machine_of(owner).pages.writes;
    charge(&machine_of(payer), Cause::page_out, Step::page_out);
}

void ControlProgram::page_taken(GuestStorage& payer, GuestStorage& owner, FirstLevel frame) {
    VirtualMachine& vm = machine_of(owner);
    ++vm.pages.taken;
    count(machine_of(payer), Cause::page_out);
    if (vm.shadow.purge_frame(frame) != 0) charge(&machine_of(payer), Cause::page_out, Step::shadow_purge);
}

void ControlProgram::frames_examined(GuestStorage& payer, uint64_t frames) {
    if (frames == 0) return;
    charge(&machine_of(payer), Cause::page_out, Step::examine_frame, frames);
    machine_.cpu().purge_tlb();
}

void ControlProgram::page_awaited(GuestStorage& storage, SimTime ready) {
    VirtualMachine& vm = machine_of(storage);
    vm.pages_ready = std::max(vm.pages_ready, ready);
}

uint64_t ControlProgram::progress(const GuestStorage& storage) {
    const VirtualMachine& vm = machine_of(storage);
    return vm.status == VmState::waiting || vm.status == VmState::stopped ? kNoProgress : vm.instructions;
}

}  // namespace vmcp
