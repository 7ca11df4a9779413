#include "vmcp/machine/virtual_machine.hpp"

#include <algorithm>
#include <utility>

#include "vmcp/translation/code_space.hpp"

namespace vmcp {

std::string_view name_of(VmState state) {
    static constexpr std::string_view names[] = {"waiting", "ready", "running", "page-wait", "stopped"};
    return names[static_cast<unsigned>(state)];
}

std::string_view name_of(Technique technique) {
    static constexpr std::string_view names[] = {"trap-and-emulate", "interpretation", "binary-translation"};
    return names[static_cast<unsigned>(technique)];
}

std::string_view name_of(GuestTranslation translation) {
    return translation == GuestTranslation::shadow ? "shadow" : "nested";
}

std::string_view name_of(StopReason reason) {
    static constexpr std::string_view names[] = {
        "none",       "disabled-wait", "check-stop",        "storage-exhausted",     "load-failed",
        "logged-off", "output-full",   "instruction-limit", "control-program-failed"};
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
      shadow(pager.frames(), shadow_capacity(options, model)),
      // One set more: that of the guest's storage as it lies.
      code(options.technique == Technique::binary_translation
               ? std::make_unique<CodeSpace>(pager.frames(), model, options.shadow_sets + 1)
               : nullptr),
      translates_problem_state_(model.holes.any()) {
    if (code != nullptr) storage.fetch_from_copies(true);
    account.owner = id;
    assists = options.assists;
    ledger.open(account, assists.has(Assist::ecps));
}

/// Storage goes behind the copies of its pages.
VirtualMachine::~VirtualMachine() { storage.fetch_from_copies(false); }

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
    nesting = {};
    return forget_translations() || relocated;
}

bool VirtualMachine::forget_translations() {
    const bool of_code = code != nullptr && code->tables.purge() != 0;
    return shadow.purge() != 0 || of_code;
}

void VirtualMachine::forget_translation(isa::TranslationFormat format, ThirdLevel page,
                                        SecondLevel page_entry) {
    shadow.purge_page(format, page, page_entry);
    if (code != nullptr) code->tables.purge_page(format, page, page_entry);
}

uint64_t VirtualMachine::frame_lost(FirstLevel frame) {
    const uint64_t entries = shadow.purge_frame(frame);
    return code != nullptr && code->drop(frame) ? entries + 1 : entries;
}

void VirtualMachine::collect_reference(FirstLevel block) { code->collect_reference(block); }

void VirtualMachine::key_changed(FirstLevel block) {
    if (const CodePage* const page = code->of_source(block)) code->renew_keys(*page);
}

uint64_t VirtualMachine::progress() const {
    if (status == VmState::waiting || status == VmState::stopped) return kNoProgress;
    return instructions + units;
}

}  // namespace vmcp
