#include "vmcp/dispatch/shared_page.hpp"

namespace vmcp::shared_page {
namespace {

/// The page as it is now, if it is storage of the guest's own.
std::optional<SecondLevel> page_of(const VirtualMachine& vm) {
    if (!vm.paravirtual.page || !vm.storage.may_be_prefix(*vm.paravirtual.page)) return std::nullopt;
    return SecondLevel(*vm.paravirtual.page);
}

/// The same, brought in to be written to; empty where real storage is exhausted, too.
std::optional<uint32_t> writable(VirtualMachine& vm) {
    const auto page = page_of(vm);
    if (!page) return std::nullopt;
    const auto frame = vm.storage.try_resident(*page);
    if (!frame) return std::nullopt;
    vm.storage.real().mark_used(frame->value, simulation::kKeyReferenced | simulation::kKeyChanged);
    return frame->value;
}

uint64_t tod_units(SimTime time) { return static_cast<uint64_t>(simulation::tod_units(time)); }

}  // namespace

bool holds_back(const VirtualMachine& vm, Kind kind) {
    const auto page = page_of(vm);
    return page && (vm.storage.peek32(*page) >> 24 & kind) != 0;
}

void note_missed(Nucleus& nucleus, VirtualMachine& vm, Kind kind, Cause cause) {
    const auto page = page_of(vm);
    if (!page || (vm.storage.peek32(*page) >> 16 & kind) != 0) return;
    const auto at = writable(vm);
    if (!at) return;
    Work(nucleus.ledger, vm.account, cause).step(Step::update_shared_page);
    simulation::RealStorage& real = vm.storage.real();
    real.put32(*at, real.get32(*at) | uint32_t{kind} << 16);
}

/// By these the guest knows at any time what was spent for it: the TOD clock less `away`.
void tell_time(Nucleus& nucleus, Work& work, VirtualMachine& vm) {
    const auto at = writable(vm);
    if (!at) return;
    work.step(Step::update_shared_page);
    simulation::RealStorage& real = vm.storage.real();
    const uint64_t now = nucleus.machine.tod().read(nucleus.now());
    real.put32(*at + changes, real.get32(*at + changes) + 1);
    real.put64(*at + away, now - tod_units(vm.account.guest + vm.account.control_program));
    real.put64(*at + guest_time, tod_units(vm.account.guest));
    real.put64(*at + turn_began, now);
}

void begin(Nucleus& nucleus, Work& work, VirtualMachine& vm) {
    const auto at = writable(vm);
    if (!at) return;
    simulation::RealStorage& real = vm.storage.real();
    real.clear(*at, end_of_header);
    // Nobody else runs while a guest looks: once is enough.
    real.put32(*at + spins, 1);
    tell_time(nucleus, work, vm);
}

}  // namespace vmcp::shared_page
