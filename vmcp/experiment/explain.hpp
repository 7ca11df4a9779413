// Traps of a run told as a story, the real machine beside the virtual machine: what the guest
// executed, what the hardware did, what the control program did step by step and what each step cost, what
// the guest finds afterwards. Two columns side by side; on a page of less than 80, the virtual machine's
// lines below those of the real one, behind a stroke.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "simulation/model/machine_model.hpp"
#include "vmcp/dispatch/observer.hpp"
#include "vmcp/experiment/event_choice.hpp"
#include "vmcp/experiment/two_columns.hpp"

namespace vmcp::experiment {

class Explainer final : public Observer, public LedgerObserver {
  public:
    using Output = std::function<void(std::string_view text)>;

    /// Tells traps of all virtual machines; each comes as one text of whole lines when it has ended. `model`,
    /// which must outlive this, prices what an instruction costs natively. `names`: of the virtual machines,
    /// by their ids. `width`: columns of the page, from 60.
    Explainer(std::vector<EventChoice> choices, const simulation::MachineModel& model,
              std::vector<std::string> names, Output output, size_t width = kUsualWidth);

    /// What traps are chosen by: `machines` by their ids, causes of the ledger by theirs.
    static EventNames names_of(const std::vector<std::string>& machines);
    const EventSelection& selection() const { return selection_; }

    void guest_ran(const VirtualMachine& vm, SimTime begin, SimTime end) override;
    void trapped(const VirtualMachine& vm, const Trap& trap) override;
    void followed(const VirtualMachine& vm, const isa::Decoded& instruction) override;
    void reflected(const VirtualMachine& vm, const isa::Interruption& interruption) override;
    void worked(const Account& account, Cause cause, Step step, uint64_t times, SimTime begin,
                SimTime cost) override;
    void translated(const VirtualMachine& vm, const RelayedSubchannel& device) override;
    void resumed(const VirtualMachine& vm, SimTime at) override;
    void idled(SimTime begin, SimTime end) override;
    void stopped(const VirtualMachine& vm, SimTime at) override;

  private:
    void flush_step(const std::vector<std::string>& beside = {});
    void show_instruction(const VirtualMachine& vm, const Trap& trap);
    void tell();
    void end(const VirtualMachine* next, std::string_view how);
    std::vector<std::string> changes(const isa::CpuState& now) const;

    EventSelection selection_;
    const simulation::MachineModel& model_;
    std::vector<std::string> names_;
    Output output_;
    TwoColumns page_;
    size_t column_;                       // of what stands on one side
    std::string introduction_;            // which goes before what is told first
    SimTime ran_ = 0;                     // of the guest, just before
    const VirtualMachine* vm_ = nullptr;  // whose trap is being told
    isa::CpuState before_;
    SimTime spent_ = 0;              // on it, for its virtual machine
    std::optional<SimTime> native_;  // what the instruction costs natively
    bool page_told_ = false;         // further first touches of pages are only mentioned
    bool page_ends_ = false;         // the present trap is one
    bool after_brief_ = false;
    bool brief_ = false;  // the present trap is only mentioned
    std::string brief_text_;
    std::vector<std::string> step_;  // lines of the last step, not yet written
};

}  // namespace vmcp::experiment
