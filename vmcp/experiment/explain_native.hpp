// Interruptions of a bare machine told as a story, the hardware beside the program: what the program was
// executing, which PSW the hardware stored where and which it loaded, what the program's handler finds. On a
// page of less than 80, the program's lines stand below those of the hardware, behind a stroke.
//
// What guests of the machine's own interpretive execution take is no interruption of the machine.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/machine/machine.hpp"
#include "vmcp/experiment/event_choice.hpp"
#include "vmcp/experiment/guest_image.hpp"
#include "vmcp/experiment/two_columns.hpp"

namespace vmcp::experiment {

class NativeExplainer final : public simulation::InterruptionObserver {
  public:
    using Output = std::function<void(std::string_view text)>;

    /// Looks at the machine as long as it lives; `machine` and `guest` must outlive it. Each interruption
    /// comes as one text of whole lines. `width`: columns of the page, from 60.
    NativeExplainer(simulation::Machine& machine, const GuestImage& guest, std::vector<EventChoice> choices,
                    Output output, size_t width = kUsualWidth);
    ~NativeExplainer() override;
    NativeExplainer(const NativeExplainer&) = delete;
    NativeExplainer& operator=(const NativeExplainer&) = delete;

    /// What interruptions are chosen by: their classes, and the kinds of program interruptions.
    static EventNames names();
    const EventSelection& selection() const { return selection_; }

    void interruption(const simulation::Cpu& cpu, const isa::Interruption& interruption) override;

  private:
    void tell(const simulation::Cpu& cpu, const isa::Interruption& interruption);
    void show_interrupted(const simulation::Cpu& cpu, const isa::Interruption& interruption);
    std::vector<std::string> place(const simulation::Cpu& cpu, uint32_t address, bool logical) const;

    simulation::Machine& machine_;
    const GuestImage& guest_;
    EventSelection selection_;
    Output output_;
    TwoColumns page_;
    size_t column_;             // of what stands on one side
    std::string introduction_;  // which goes before what is told first
};

}  // namespace vmcp::experiment
