#include "vmcp/machine/virtual_machine.hpp"

#include <algorithm>
#include <utility>

namespace vmcp {

std::string_view name_of(VmState state) {
    static constexpr std::string_view names[] = {"waiting", "ready", "running", "page-wait", "stopped"};
    return names[static_cast<unsigned>(state)];
}

std::string_view name_of(Technique technique) {
    return technique == Technique::interpretation ? "interpretation" : "trap-and-emulate";
}

std::string_view name_of(GuestTranslation translation) {
    return translation == GuestTranslation::shadow ? "shadow" : "nested";
}

std::string_view name_of(StopReason reason) {
    static constexpr std::string_view names[] = {
        "none",        "disabled-wait", "check-stop",  "storage-exhausted",
        "load-failed", "logged-off",    "output-full", "instruction-limit"};
    return names[static_cast<unsigned>(reason)];
}

namespace {

/// In the secondary-space mode two spaces are in use at once.
unsigned shadow_capacity(const VmOptions& options, const simulation::MachineModel& model) {
    return std::max(options.shadow_sets, model.facilities.has(isa::Facility::dual_address_space) ? 2u : 1u);
}

}  // namespace

VirtualMachine::VirtualMachine(VmId vm_id, VmOptions vm_options, VmOutput output, uint32_t storage_limit,
                               Pager& pager, Ledger& ledger, RealInputOutput real,
                               simulation::EventQueue& events, const simulation::MachineModel& model)
    : GuestMachine(vm_id, vm_options, std::move(output), storage_limit, pager, *this, ledger, account, real,
                   events, model),
      id(vm_id),
      options(std::move(vm_options)),
      shadow(pager.frames(), shadow_capacity(options, model)) {
    account.owner = id;
    assists = options.assists;
    ledger.open(account, assists.has(Assist::ecps));
}

VirtualMachine::~VirtualMachine() = default;

bool VirtualMachine::initial_reset() {
    const bool relocated = state.prefix != 0;
    if (relocated) storage.change_prefix(0);
    state.psw = {};
    state.cr = isa::initial_control_registers();
    state.prefix = 0;
    state.clocks.comparator = 0;
    simulation::set_cpu_timer(state.clocks, 0, virtual_now());
    state.external = {};
    state.early_ilc = 0;
    return shadow.purge() != 0 || relocated;
}

uint64_t VirtualMachine::progress() const {
    if (status == VmState::waiting || status == VmState::stopped) return kNoProgress;
    return instructions + units;
}

}  // namespace vmcp
