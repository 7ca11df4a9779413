// The real machine: storage, CPUs, channels, clocks and the queue of what will happen. It can be run natively
// (a program owns it), or piece by piece by an owner such as a control program.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "simulation/channel_subsystem.hpp"
#include "simulation/cpu.hpp"
#include "simulation/event_queue.hpp"
#include "simulation/interpreter.hpp"
#include "simulation/interval_timer.hpp"
#include "simulation/machine_model.hpp"
#include "simulation/storage.hpp"

namespace simulation {

/// Why a native run ended.
enum class Stop : uint8_t {
    disabled_wait,  // a wait PSW that nothing can end
    check_stop,     // an endless string of program interruptions, of which no instruction completes
    limit,          // of instructions or simulated time
    idle,           // an enabled wait, and nothing will ever happen by itself (an operator is awaited)
    breakpoint,
};

/// "disabled-wait", "check-stop", "limit", "idle", "breakpoint"
std::string_view name_of(Stop stop);

/// Notices a CPU that is interrupted again and again without completing an instruction: a new PSW that itself
/// is in error, or an interruption that its own new PSW enables again. A real CPU would go on so until the
/// operator stopped it; here it counts as a check-stop.
class InterruptionString {
  public:
    static constexpr unsigned kEndless = 1000;
    /// To be told of every interruption; true when the string is endless.
    bool add(uint64_t completed_instructions) {
        length_ = completed_instructions == completed_ ? length_ + 1 : 0;
        completed_ = completed_instructions;
        return length_ >= kEndless;
    }

  private:
    uint64_t completed_ = ~uint64_t{0};
    unsigned length_ = 0;
};

struct RunLimits {
    uint64_t instructions = ~uint64_t{0};
    SimTime time = kNever;  // simulated
};

/// Where interruptions are reported as they are taken, when somebody wants to know.
class InterruptionObserver {
  public:
    virtual ~InterruptionObserver() = default;
    /// Before the PSW is swapped: the CPU still shows the state that is interrupted.
    virtual void interruption(const Cpu& cpu, const isa::Interruption& interruption) = 0;
};

class Machine {
  public:
    /// `storage_bytes`: 0 for the model's default. Throws std::invalid_argument for what the model does not
    /// allow.
    explicit Machine(MachineModel model, uint32_t storage_bytes = 0);

    const MachineModel& model() const { return model_; }
    RealStorage& storage() { return storage_; }
    EventQueue& events() { return events_; }
    TodClock& tod() { return tod_; }
    ChannelSubsystem& channels() { return channels_; }
    Interpreter& executor() { return interpreter_; }
    Cpu& cpu(unsigned n = 0) { return *cpus_.at(n); }
    unsigned cpu_count() const { return static_cast<unsigned>(cpus_.size()); }

    /// The restart key: a restart interruption of CPU 0.
    void restart();
    /// Initial program loading from a device (chapter 12): resets, reads, and loads the PSW at location 0.
    /// Runs the devices as long as the load takes. Throws std::runtime_error with one line if the load cannot
    /// be done.
    void initial_program_load(uint16_t device);
    /// Stores CPU 0's state in the assigned locations (chapter 12, "Store Status").
    void store_status();

    /// Runs as a bare machine: interruptions are taken by the program. May be called again after `limit` or
    /// `idle`.
    Stop run(const RunLimits& limits = {});

    /// Does what is due at CPU 0's time: device events and interval-timer ticks.
    void catch_up();
    /// The highest-priority enabled interruption of the CPU that is pending now, external before I/O.
    std::optional<isa::Interruption> pending_interruption(Cpu& cpu);
    /// Clears the condition that pending_interruption reported (an I/O interruption was cleared by reporting
    /// it).
    void accept(Cpu& cpu, const isa::Interruption& interruption);

    /// Off when a control program keeps location 80 for its guests instead.
    bool interval_timer_runs = true;
    InterruptionObserver* observer = nullptr;

  private:
    /// The next point in time at which something other than the running program happens.
    SimTime next_event(Cpu& cpu, bool waiting);
    /// False when the string of interruptions is endless.
    bool take(Cpu& cpu, const isa::Interruption& interruption);

    MachineModel model_;
    RealStorage storage_;
    EventQueue events_;
    TodClock tod_;
    RealChannelStorage channel_storage_;
    ChannelSubsystem channels_;
    Interpreter interpreter_;
    IntervalTimer interval_timer_;
    std::vector<std::unique_ptr<Cpu>> cpus_;
    InterruptionString interruptions_;
};

}  // namespace simulation
