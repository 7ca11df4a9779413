// The real machine: storage, CPUs, channels, clocks and the queue of what will happen. It can be run natively
// (a program owns it), or piece by piece by an owner such as a control program.
//
// Several CPUs: each has its own point in simulated time, and it is always the one furthest behind (of
// several at one point, the lowest address) that goes on, until a fixed quantum past the next one, the next
// event or its own next timer. So all of them are within a quantum of one another, every run is the same, and
// nothing happens to a device or a timer before all CPUs have reached that time. An I/O interruption goes to
// the first CPU that gets there with it enabled; channels belong to all CPUs alike. CPUs other than 0 are in
// the stopped state at first.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulation/channel/channel_subsystem.hpp"
#include "simulation/cpu/cpu.hpp"
#include "simulation/cpu/interval_timer.hpp"
#include "simulation/cpu/storage.hpp"
#include "simulation/executor/executor.hpp"
#include "simulation/machine/interruption_string.hpp"
#include "simulation/model/event_queue.hpp"
#include "simulation/model/machine_model.hpp"
#include "simulation/model/observers.hpp"

namespace simulation {

/// Why a native run ended.
enum class Stop : uint8_t {
    disabled_wait,  // a wait PSW that nothing can end
    check_stop,     // an endless string of program interruptions, of which no instruction completes
    limit,          // of instructions or simulated time
    idle,           // an enabled wait, and nothing will ever happen by itself (an operator is awaited)
    breakpoint,
    stopped,  // every CPU is in the stopped state (SIGNAL PROCESSOR put it there)
};

/// "disabled-wait", "check-stop", "limit", "idle", "breakpoint", "stopped"
std::string_view name_of(Stop stop);

struct RunLimits {
    uint64_t instructions = ~uint64_t{0};
    SimTime time = kNever;  // simulated
    /// A machine in the wait state that only a timer will wake, and not within this time, counts as idle.
    SimTime patience = kNever;
};

/// Where interruptions are reported as they are taken, when somebody wants to know.
class InterruptionObserver {
  public:
    virtual ~InterruptionObserver() = default;
    /// Before the PSW is swapped: the CPU still shows the state that is interrupted.
    virtual void interruption(const Cpu& /*cpu*/, const isa::Interruption& /*interruption*/) {}
};

class Machine final : private CpuGroup, private CpuOwner {
  public:
    /// `storage_bytes`: 0 for the model's default. Throws std::invalid_argument for what the model does not
    /// allow.
    explicit Machine(MachineModel model, uint32_t storage_bytes = 0);
    ~Machine() override;

    const MachineModel& model() const { return model_; }
    RealStorage& storage() { return storage_; }
    EventQueue& events() { return events_; }
    TodClock& tod() { return tod_; }
    ChannelSubsystem& channels() { return channels_; }
    const ChannelSubsystem& channels() const { return channels_; }
    Executor& executor() { return *executor_; }
    /// Puts another executor in the place of the present one, which that one may keep and use. Before
    /// anything runs or looks on.
    void replace_executor(const std::function<std::unique_ptr<Executor>(std::unique_ptr<Executor>)>& by) {
        executor_ = by(std::move(executor_));
    }
    Cpu& cpu(unsigned n = 0) { return *processors_.at(n).cpu; }
    /// What the first of the last interruptions without an instruction between them left behind, for a CPU
    /// that has check-stopped; null: there were none.
    const InterruptionRecord* first_of_string(unsigned n = 0) const {
        return processors_.at(n).interruptions.first();
    }
    unsigned cpu_count() const { return static_cast<unsigned>(processors_.size()); }
    /// Instructions that all CPUs have completed.
    uint64_t instructions() const;

    /// The restart key of a CPU.
    void restart(unsigned cpu = 0);
    /// Initial program loading from a device (chapter 12) to CPU 0: resets, reads, and loads the PSW at
    /// location 0. Runs the devices as long as the load takes. Throws std::runtime_error with one line if the
    /// load cannot be done.
    void initial_program_load(uint16_t device);
    /// Stores a CPU's state in the assigned locations (chapter 4, "Store Status").
    void store_status(unsigned cpu = 0);

    /// Runs as a bare machine: interruptions are taken by the program. May be called again after `limit` or
    /// `idle`.
    Stop run(const RunLimits& limits = {});

    /// Simulated time that `run` has let CPUs pass in the wait state, ns; of all of them.
    SimTime waited() const { return waited_; }

    /// Does what is due at CPU 0's time: device events and interval-timer ticks.
    void catch_up() {
        if (interval_timer_runs) return catch_up(processors_.front());
        events_.run_until(processors_.front().cpu->now());
    }
    /// The highest-priority enabled interruption of the CPU that is pending now, external before I/O.
    std::optional<isa::Interruption> pending_interruption(Cpu& cpu);
    /// Clears the condition that pending_interruption reported (an I/O interruption was cleared by reporting
    /// it).
    void accept(Cpu& cpu, const isa::Interruption& interruption);

    /// Of a control program that is no program of the machine: its guest, whose state is in the CPU at level
    /// 1, stands in front of an instruction of interpretive execution. Executes that, and the guests that it
    /// enters, until the guest itself is the one inside, or `until`. What it runs into itself, or what its
    /// storage lacks, is the answer; it has not executed the instruction then.
    std::optional<isa::ProgramInterruption> run_guests(Cpu& cpu, SimTime until);

    /// What concerns all of its CPUs.
    CpuGroup& cpus() { return *this; }

    /// Off when a control program keeps location 80 for its guests instead.
    bool interval_timer_runs = true;
    Observers<InterruptionObserver> observers;

  private:
    struct Processor {
        std::unique_ptr<Cpu> cpu;
        IntervalTimer interval_timer;
        InterruptionString interruptions;
        bool dormant = false;  // in a wait that only another CPU or the operator can end
        bool quiet = false;    // waits, and nothing has happened since it was found so
        std::optional<isa::SignalOrder> order = {};  // that it gave itself
    };
    /// Who goes on, and how far; null: nobody can.
    struct Turn {
        Processor* processor = nullptr;
        SimTime horizon = kNever;
    };
    Turn next_turn();
    Stop halted() const;
    /// What a waiting CPU must not go beyond: others might send it something by then.
    SimTime wait_bound(const Processor& waiting);

    void catch_up(Processor& p);
    /// The next point in time at which something other than the running program happens.
    SimTime next_event(Processor& p, bool waiting);
    /// Between instructions of a guest: what its description or its own state has for it, or that it comes
    /// out. False: it goes on.
    bool interrupt_guest(Processor& p, bool machine_is_interrupted);
    /// False when it could not be taken (its guest came out), or the string of interruptions is endless: the
    /// CPU has check-stopped, or its guest has come out.
    bool take(Processor& p, const isa::Interruption& interruption);
    /// Takes what the CPU itself has recognised, if it is alone: mostly it goes on at once.
    bool goes_on(Cpu& cpu) override;
    void check_stop(Processor& p);
    void restart(Processor& p);
    void store_status(Cpu& c);
    /// What concerns the machine's own state is not to find a guest's.
    static void end_interpretive_execution(Cpu& c);
    /// Whether an interruption of the machine's own is pending that the host of the CPU's guest lets through.
    bool host_is_interrupted(const Cpu& c) const;

    unsigned signal(Cpu& sender, uint16_t target, uint8_t order, uint32_t& status) override;
    void obey(Processor& p, isa::SignalOrder order, const Cpu& sender);
    void start(Processor& p, SimTime when);
    void keys_changed() override;
    void key_changed(uint32_t absolute) override;
    void page_invalidated() override;

    MachineModel model_;
    RealStorage storage_;
    EventQueue events_;
    TodClock tod_;
    RealChannelStorage channel_storage_;
    ChannelSubsystem channels_;
    uint64_t code_epoch_ = 0;
    std::unique_ptr<Executor> executor_;
    std::vector<Processor> processors_;
    SimTime waited_ = 0;
    SimTime time_limit_ = kNever;  // of the present run
};

}  // namespace simulation
