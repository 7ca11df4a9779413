// Runs a guest alone on the bare machine: the baseline that every overhead is measured against. The guest
// finds the same devices at the same addresses as under the control program, with the timings of the machine
// model, and gets the same console input.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "vmcp/experiment/result.hpp"
#include "vmcp/experiment/session.hpp"

namespace vmcp::experiment {

/// Who waits longer than that for nothing but a timer will never end (RunLimits::patience).
inline constexpr simulation::SimTime kEndlessWait = 12 * 3600 * simulation::kSecond;

struct NativeHooks {
    std::function<void(std::string_view line)> console_line;
    /// The same as it appears on the paper, typed by the program or (`keyed`) by the operator.
    std::function<void(std::string_view text, bool keyed)> console_text;
    /// Asked for a line of console input when the program cannot go on without one (nothing else will happen,
    /// or it does nothing but look for it), with what the guest has typed on the present line. Nothing: no
    /// more lines.
    std::function<std::optional<std::string>(std::string_view prompt)> read_line;
    /// Called now and then with the simulated time reached.
    std::function<void(simulation::SimTime now)> progress;
    /// Asked now and then; the run ends in order when the answer is yes.
    std::function<bool()> interrupted;
};

class NativeMachine final : public Session {
  public:
    /// `description.start` is not looked at: the machine begins at once. Throws std::runtime_error or
    /// std::invalid_argument where the guest does not fit.
    NativeMachine(const simulation::MachineModel& model, const VmDescription& description,
                  NativeHooks hooks = {});
    ~NativeMachine() override;

    /// Starts the guest and runs it until it ends, nothing will ever happen again, or a limit is reached.
    /// With an operator's script it ends with the script; and where more is put out than a run holds
    /// (NativeResult::output_full). Throws std::runtime_error where initial program
    /// loading fails, OperatorError where the script does not go as written, images::ImageError.
    NativeResult run(const simulation::RunLimits& limits);

    /// Where the machine has put out more than a run holds: the message about it. Such a run ends, with
    /// Stop::limit, and does not go on. Else empty.
    const std::string& output_full() const;

    // ---- Piece by piece, for somebody who sits before the machine ----

    /// Loads and starts the guest, as run() does. Throws as run().
    void start() override;
    Progress advance(SimTime until) override;
    void act(std::string_view machine, const Action& action) override;
    SimTime now() const override;
    void finish() override;
    /// What lies between start and conclude in run(): up to the end of the script, or until the console input
    /// has been entered and nothing will ever happen again.
    simulation::Stop operate(const simulation::RunLimits& limits);
    /// Lets the machine run; `limits` are of this piece, except its time. An operator's script goes on
    /// meanwhile, but its end is not the end. Throws as operate.
    simulation::Stop advance(const simulation::RunLimits& limits);
    /// Ends the run: saves what disks hold of their last track. Throws as run().
    NativeResult conclude(simulation::Stop stop);

    /// For who runs machine() himself: the operator does what his script says next, if it is time but for
    /// pauses, and types what he has to type, whether the program listens or not. Throws as operate.
    void attend();

    simulation::Machine& machine();
    simulation::UnitRecordDevices& devices();
    const VmDescription& description() const;

  private:
    /// `first`: what the number of instructions is counted from. `to_the_end`: it ends with the script.
    simulation::Stop go(const simulation::RunLimits& limits, uint64_t first, bool to_the_end);
    simulation::Stop go_on(const simulation::RunLimits& limits, uint64_t first, bool to_the_end);
    simulation::Stop run_piecewise(const simulation::RunLimits& limits);

    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// A stretch of storage, for a dump.
using Dump = std::pair<uint32_t, std::vector<uint8_t>>;

/// How it ended, in a word: "disabled-wait", "limit", "output-full", "interrupted", ...
std::string_view stop_word(const NativeResult& result);

/// `vmcp`, `models`, `machine`, `stop` (or "interrupted"), `interrupted`, `psw`, `gpr`, `cr`, `fpr`,
/// `instructions`, `simulated_ns`, `busy_ns`, `host`, `storage`, `output`; with displays, `displays`: what
/// stands on their screens.
nlohmann::ordered_json to_json(const simulation::MachineModel& model, const NativeResult& result,
                               const std::vector<Dump>& dumps = {});

}  // namespace vmcp::experiment
