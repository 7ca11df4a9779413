#include "vmcp/experiment/diff_trace.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "vmcp/experiment/bare_machine.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/private_media.hpp"
#include "vmcp/experiment/step_recorder.hpp"
#include "vmcp/experiment/virtual_session.hpp"

namespace vmcp::experiment {
namespace {

/// Lets a session go on by a piece of simulated time, which is fitted to how much comes in it.
class Pieces {
  public:
    SimTime next(SimTime now) const { return now + piece_; }
    void came(size_t steps) {
        constexpr size_t kFew = 2'000, kMany = 20'000;
        if (steps < kFew) piece_ = std::min<SimTime>(2 * piece_, 10 * simulation::kSecond);
        if (steps > kMany) piece_ = std::max<SimTime>(piece_ / 4, 1000);
    }

  private:
    SimTime piece_ = 100'000;
};

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
        : scenario_(scenario),
          vm_(vm),
          recorder_(scenario.vms[vm].options.name, [this](const TraceStep& step) {
              ++came_;
              stream.add(step);
          }) {
        media_.replace_in(scenario_);
        RunHooks hooks;
        hooks.observers.push_back(&recorder_);
        hooks.instruction_observers.push_back(&recorder_);
        hooks.stopped = [this](size_t id, const VirtualMachine& machine) {
            if (id != vm_) return;
            stopped_ = true;
            by_program_ = machine.stop == StopReason::disabled_wait || machine.stop == StopReason::check_stop;
        };
        session_.emplace(scenario_, std::move(hooks));
    }

    bool go_on() override {
        if (!started_) {
            started_ = true;
            session_->start();
        }
        came_ = 0;
        const Progress progress = session_->advance(pieces_.next(session_->now()));
        pieces_.came(came_);
        if (progress == Progress::time && !stopped_) return true;
        recorder_.flush();
        return false;
    }
    bool ended_by_program() const override { return by_program_; }

    StepStream stream{*this};

  private:
    PrivateMedia media_;
    Scenario scenario_;  // the session looks at it
    size_t vm_;
    GuestStepRecorder recorder_;
    std::optional<VirtualSession> session_;
    Pieces pieces_;
    size_t came_ = 0;
    bool started_ = false, stopped_ = false, by_program_ = false;
};

}  // namespace

StreamComparison diff_trace(const Scenario& scenario, size_t vm, uint64_t instructions,
                            const std::function<bool()>& interrupted) {
    NativeSide native(scenario, vm);
    GuestSide guest(scenario, vm);
    return compare_streams(native.stream, guest.stream, instructions, interrupted);
}

}  // namespace vmcp::experiment
