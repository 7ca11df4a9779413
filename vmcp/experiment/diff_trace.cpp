#include "vmcp/experiment/diff_trace.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "vmcp/experiment/aligned_comparison.hpp"
#include "vmcp/experiment/bare_machine.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/private_media.hpp"
#include "vmcp/experiment/step_recorder.hpp"
#include "vmcp/experiment/traced_guest.hpp"

namespace vmcp::experiment {
namespace {

/// Systems that look whether they run under VM/370 (OS/VS1 does, in its first instructions) go another way
/// there. The bare machine says of itself what the virtual one does, VirtualCpu::cpu_id, so that they go the
/// same way on both sides.
simulation::MachineModel with_identity_of_guest(simulation::MachineModel model, size_t vm) {
    model.cpu_version.value = 0xFF;
    model.cpu_serial.value = (static_cast<uint32_t>(model.cpu_serial.value) + vm) & 0x00FFFFFF;
    return model;
}

class NativeSide final : public StepSource {
  public:
    NativeSide(const Scenario& scenario, size_t vm)
        : description_(bare_machine(scenario, scenario.vms[vm], disks_)) {
        media_.replace_in(description_);
        machine_.emplace(with_identity_of_guest(scenario.machine, vm), description_);
        recorder_.emplace(machine_->machine(), [this](const TraceStep& step) {
            ++came_;
            stream.add(step);
        });
        limit_ = scenario.time_limit;
    }

    bool go_on() override {
        if (!started_) {
            started_ = true;
            machine_->start();
            limit_ += machine_->now();
        }
        came_ = 0;
        const SimTime until = std::min(pieces_.next(machine_->now()), limit_);
        const Progress progress = machine_->advance(until);
        pieces_.came(came_);
        if (progress == Progress::time && machine_->now() < limit_) return true;
        recorder_->flush();
        return false;
    }
    bool ended_by_program() const override {
        return isa::is_disabled_wait(machine_->machine().cpu().state());
    }

    StepStream stream{*this};

  private:
    BareDisks disks_;
    PrivateMedia media_;
    VmDescription description_;
    mutable std::optional<NativeMachine> machine_;
    std::optional<NativeStepRecorder> recorder_;  // ends before its machine
    Pieces pieces_;
    SimTime limit_ = 0;
    size_t came_ = 0;
    bool started_ = false;
};

class GuestSide final : public StepSource {
  public:
    GuestSide(const Scenario& scenario, size_t vm)
        : guest_(scenario, vm, [this](const TraceStep& step) { stream.add(step); }) {}

    bool go_on() override { return guest_.go_on(); }
    bool ended_by_program() const override { return guest_.ended_by_program(); }

    StepStream stream{*this};

  private:
    TracedGuest guest_;
};

}  // namespace

StreamComparison diff_trace(const Scenario& scenario, size_t vm, uint64_t instructions,
                            const std::function<bool()>& interrupted) {
    NativeSide native(scenario, vm);
    GuestSide guest(scenario, vm);
    return compare_streams(native.stream, guest.stream, instructions, interrupted);
}

StreamComparison diff_trace_aligned(const Scenario& scenario, size_t vm, uint64_t instructions,
                                    const std::function<bool()>& interrupted) {
    BareDisks disks;
    PrivateMedia media;
    VmDescription description = bare_machine(scenario, scenario.vms[vm], disks);
    media.replace_in(description);
    NativeMachine bare(with_identity_of_guest(scenario.machine, vm), description);
    GuestSteps guest(scenario, vm);
    return compare_aligned(bare, guest, instructions, interrupted);
}

}  // namespace vmcp::experiment
