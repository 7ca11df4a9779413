// A virtual machine: what its guest believes (GuestMachine), what the control program notes about it
// (MachineNotes), and the means by which one is made of the other.
#pragma once

#include <memory>

#include "simulation/cpu/sequencer.hpp"
#include "vmcp/machine/guest_machine.hpp"
#include "vmcp/machine/machine_notes.hpp"
#include "vmcp/rings/ring_devices.hpp"
#include "vmcp/storage/shadow_tables.hpp"

namespace vmcp {

class CodeSpace;

using VmId = scheduler::Id;

struct VirtualMachine final : MachineNotes, private StorageOwner, GuestMachine {
    /// Throws std::runtime_error where it does not fit into real storage, std::invalid_argument or
    /// std::out_of_range for devices that cannot be.
    VirtualMachine(VmId id, VmOptions options, VmOutput output, uint32_t storage_limit, Pager& pager,
                   Ledger& ledger, RealInputOutput real, simulation::EventQueue& events,
                   const simulation::MachineModel& model);
    ~VirtualMachine() override;

    /// Initial CPU reset, GA22-7000 chapter 4. True if translations that the real CPUs may hold are void now.
    bool initial_reset();

    /// Whether the real CPU goes through the guest's own tables where the guest translates: with nested
    /// translation, or as a preferred machine. Otherwise it goes through a shadow of them.
    bool by_its_own_tables() const {
        return options.translation == GuestTranslation::nested || is_preferred();
    }
    /// Whether the control program executes every instruction of it by program.
    bool interpreted() const { return options.technique == Technique::interpretation; }
    /// Whether microcode could do anything for it.
    bool may_be_assisted() const { return options.technique == Technique::trap_and_emulate; }
    /// Whether the real CPU executes translated code of it now, and not what its own storage holds.
    bool translated() const {
        return code != nullptr && (!state.psw.problem_state || translates_problem_state_);
    }
    /// Whether the hardware executes it interpretively.
    bool interpretive() const {
        return assists.has(Assist::sie) && (by_its_own_tables() || !assists.has(Assist::pma));
    }
    /// While prefixing exchanges pages, real addresses are not the guest's.
    bool is_preferred() const { return assists.has(Assist::pma) && state.prefix == 0; }

    const VmId id;
    const VmOptions options;
    ShadowTables shadow;
    const std::unique_ptr<CodeSpace> code;  // null: its code is not translated
    std::unique_ptr<RingDevices> rings;     // null: it has no devices with shared rings
    /// Forgets what was made of the guest's own tables: all, or of one entry. Whether anything was. What the
    /// CPUs remember must go, too.
    bool forget_translations();
    void forget_translation(isa::TranslationFormat format, ThirdLevel page, SecondLevel page_entry);
    isa::RememberedPsws loaded_psws;  // by LPSW
    /// Does things for its guest in the place of a trap, where it can; null: nothing. Chosen before the guest
    /// starts.
    std::unique_ptr<simulation::PrivilegedAssist> assist;
    /// The same for interpretive execution.
    std::unique_ptr<simulation::PrivilegedAssist> interpretive_execution;
    bool has_microcode() const { return assist != nullptr || interpretive_execution != nullptr; }
    /// Which of the two the real CPU asks now.
    simulation::PrivilegedAssist* microcode() const {
        return interpretive_execution != nullptr && interpretive() ? interpretive_execution.get()
                                                                   : assist.get();
    }

    /// A page has lost this frame: what leads there must go. How much did.
    uint64_t frame_lost(FirstLevel frame) override;

  private:
    /// Through holes of the machine problem-state code would see the real one.
    const bool translates_problem_state_;
    void collect_reference(FirstLevel block) override;
    void key_changed(FirstLevel block) override;
    Account& storage_account() override { return account; }
    uint64_t progress() const override;
};

}  // namespace vmcp
