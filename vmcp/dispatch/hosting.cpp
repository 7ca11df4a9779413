#include "vmcp/dispatch/hosting.hpp"

#include <utility>

namespace vmcp {
namespace {

using isa::Op;

/// Instructions that reach a virtual device, and not only its channel.
constexpr Cause kDeviceInstructions[] = {Cause::simulated(Op::op_SIO),   Cause::simulated(Op::op_SIOF),
                                         Cause::simulated(Op::op_TIO),   Cause::simulated(Op::op_HIO),
                                         Cause::simulated(Op::op_CLRIO), Cause::simulated(Op::op_HDV)};

/// What a control program cannot do without the host whose storage, clock and real devices they are.
constexpr Cause kHosts[] = {Cause::timer, Cause::page_fill, Cause::page_in, Cause::page_out, Cause::real_io};

template <class Causes>
uint64_t counted(const Account& account, const Causes& causes) {
    uint64_t sum = 0;
    for (const Cause cause : causes) sum += account.of(cause).count;
    return sum;
}

/// How much has come since; the note is brought up to date.
uint64_t since(uint64_t& noted, uint64_t now) { return now - std::exchange(noted, now); }

}  // namespace

void Hosting::let_go(Work& work, VirtualMachine& vm) const {
    if (!nucleus_.host) return;
    HostingNotes& notes = vm.hosting;
    const Account& account = vm.account;
    const uint64_t devices = since(notes.devices, counted(account, kDeviceInstructions)),
                   interruptions = since(notes.interruptions, account.of(Cause::reflect_io).count),
                   turns = since(notes.turns, account.of(Cause::dispatch).count),
                   others = since(notes.others, counted(account, kHosts));
    Work own = Work::continued(nucleus_.ledger, vm.account, work.cause());
    if (turns != 0) own.step(Step::host_schedule, turns);
    if (notes.in_process) {
        if (devices != 0) own.step(Step::return_to_process, devices);
        // Back from each of them, and from a device that has something to tell.
        if (devices + interruptions != 0) own.step(Step::host_call, devices + interruptions);
    }
    if (nucleus_.host->switches == WorldSwitch::at_exits || devices + interruptions + turns + others != 0)
        work.step(Step::world_switch);
}

}  // namespace vmcp
