#include "vmcp/experiment/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "scheduler/make_policy.hpp"
#include "vmcp/experiment/device_outputs.hpp"

namespace vmcp::experiment {
namespace {

using HostClock = std::chrono::steady_clock;

/// Measures host time from a guest's interruption until a guest goes on, for one trap in kEvery: reading the
/// host's clock costs more than many a trap.
class HostTrapTimer final : public Observer {
  public:
    static constexpr uint64_t kEvery = 16;
    void guest_ran(const VirtualMachine&, SimTime, SimTime) override {
        running_ = ++traps_ % kEvery == 0;
        if (running_) begin_ = HostClock::now();
    }
    void resumed(const VirtualMachine&, SimTime) override {
        if (!running_) return;
        sum_ += std::chrono::duration<double, std::nano>(HostClock::now() - begin_).count();
        ++samples_;
        running_ = false;
    }
    void idled(SimTime, SimTime) override { running_ = false; }
    double ns_per_trap() const { return samples_ == 0 ? 0 : sum_ / static_cast<double>(samples_); }

  private:
    HostClock::time_point begin_;
    double sum_ = 0;
    uint64_t traps_ = 0, samples_ = 0;
    bool running_ = false;
};

class StopWatch final : public Observer {
  public:
    explicit StopWatch(const RunHooks& hooks) : hooks_(hooks) {}
    void stopped(const VirtualMachine& vm, SimTime) override { hooks_.stopped(vm.id, vm); }

  private:
    const RunHooks& hooks_;
};

/// Looking on, and not an event: an event would interrupt a guest.
class ProgressWatch final : public Observer {
  public:
    static constexpr uint64_t kEvery = 4096;
    explicit ProgressWatch(const RunHooks& hooks) : hooks_(hooks) {}
    void guest_ran(const VirtualMachine&, SimTime, SimTime end) override {
        if (++turns_ % kEvery == 0) hooks_.progress(end);
    }

  private:
    const RunHooks& hooks_;
    uint64_t turns_ = 0;
};

ControlProgramOptions options_of(const Scenario& scenario, uint32_t real_storage) {
    scheduler::Parameters scheduling = scenario.scheduling;
    // What the working sets in queue may add up to: the page frames that there are.
    scheduling.storage_limit = (real_storage - scenario.v_equals_r()) / kPage;
    return {scenario.control_program, scheduler::make_policy(scenario.policy, scheduling), scenario.paging,
            scenario.v_equals_r()};
}

/// One run: the machine, its control program, and what the guests write.
class Run {
  public:
    Run(const Scenario& scenario, const RunHooks& hooks)
        : scenario_(scenario),
          hooks_(hooks),
          machine_(scenario.machine, scenario.storage),
          control_program_(machine_, options_of(scenario, machine_.storage().size())),
          outputs_(scenario.vms.begin(), scenario.vms.end()),
          stop_watch_(hooks),
          progress_watch_(hooks) {
        control_program_.observers().add(host_timer_);
        if (hooks.stopped) control_program_.observers().add(stop_watch_);
        if (hooks.progress) control_program_.observers().add(progress_watch_);
        for (Observer* observer : hooks.observers) control_program_.observers().add(*observer);
        for (LedgerObserver* observer : hooks.ledger_observers)
            control_program_.ledger().observers.add(*observer);
        for (const SegmentDescription& segment : scenario.segments)
            control_program_.define_segment(segment.name, SecondLevel(segment.origin), segment.contents);
        for (size_t i = 0; i < scenario.vms.size(); ++i) log_on(i);
        // The clock of the scenario begins when everything is in place.
        const SimTime begin = control_program_.now();
        for (size_t i = 0; i < scenario.vms.size(); ++i) schedule_start(i, begin);
        end_ = begin + scenario.time_limit;
        if (hooks.terminal && hooks.read_line) control_program_.on_idle() = [this] { return ask_terminal(); };
    }

    RunResult run() {
        const auto begin = HostClock::now();
        control_program_.run(end_);
        const double seconds = std::chrono::duration<double>(HostClock::now() - begin).count();
        return result(seconds);
    }

  private:
    VirtualMachine& vm(size_t i) { return control_program_.virtual_machines()[i]; }

    void log_on(size_t i) {
        const VmDescription& description = scenario_.vms[i];
        for (const simulation::DeviceDescription& device : description.options.further_devices)
            if (!simulation::unit_record_role(device.type))
                throw GuestError(
                    fmt::format("{}: virtual machine {} has device {:03X}, a {}: expected a native run (vmcp "
                                "native), virtual machines have only unit-record devices so far",
                                scenario_.file, description.options.name, device.address, device.type));
        if (description.ipl)
            throw GuestError(
                fmt::format("{}: virtual machine {} is to be loaded from {:03X}: expected a native run (vmcp "
                            "native), virtual machines are loaded from \"guest\", \"core\" or \"deck\"",
                            scenario_.file, description.options.name, *description.ipl));
        VmOutput output;
        output.console_line = [this, i](std::string_view line) {
            outputs_[i].console_line(control_program_.now(), line);
            if (hooks_.console_line) hooks_.console_line(i, line);
        };
        output.printer = [this, i](uint16_t device, std::string_view text) {
            outputs_[i].print(device, text);
        };
        output.punch = [this, i](uint16_t device, const simulation::Card& card) {
            outputs_[i].punch(device, card);
        };
        VirtualMachine& machine = control_program_.log_on(description.options, std::move(output));
        const GuestImage& guest = *description.guest;
        if (guest.loads_from_reader())
            machine.io.devices.reader->load(guest.deck);
        else
            load(machine, guest.storage);
        for (const StorageBytes& patch : description.patches) load(machine, patch);
        if (description.cards != nullptr) machine.io.devices.reader->load(description.cards);
    }

    void load(VirtualMachine& machine, const StorageBytes& what) {
        control_program_.load(machine, SecondLevel(what.address), what.bytes);
    }

    void schedule_start(size_t i, SimTime begin) {
        const VmDescription& description = scenario_.vms[i];
        machine_.events().schedule(begin + description.start, [this, i] {
            const VmDescription& what = scenario_.vms[i];
            if (what.guest->loads_from_reader())
                control_program_.initial_program_load(vm(i), what.options.devices.reader);
            else
                control_program_.restart(vm(i));
            started_[i] = true;
        });
        for (const ConsoleInput& input : description.console_input)
            machine_.events().schedule(begin + description.start + input.at, [this, i, &input] {
                if (vm(i).status != VmState::stopped) vm(i).io.devices.console->enter(input.text);
            });
    }

    bool ask_terminal() {
        VirtualMachine& machine = vm(*hooks_.terminal);
        if (machine.status == VmState::stopped || terminal_closed_) return false;
        const std::optional<std::string> line = hooks_.read_line(machine.io.console_text());
        terminal_closed_ = !line;
        if (!line) return false;
        machine.io.devices.console->enter(*line);
        return true;
    }

    RunResult result(double seconds) {
        RunResult result;
        const Ledger& ledger = control_program_.ledger();
        result.own = ledger.own();
        result.steps = ledger.totals();
        result.idle = ledger.idle();
        result.idle_for_pages = ledger.idle_for_pages();
        result.paging = control_program_.pager().counts();
        for (const PagingDevice& device : control_program_.pager().devices())
            result.paging_devices.push_back({device.type(), device.slots(), device.slots_in_use(),
                                             device.transfers(), device.busy_time()});
        result.page_frames = control_program_.frames().frames();
        result.page_frames_free = control_program_.frames().free_frames();
        result.end = control_program_.now();
        result.time_limit_reached = result.end >= end_;
        result.switches = control_program_.switches();
        result.traps = control_program_.traps();
        result.storage = machine_.storage().size();
        for (size_t i = 0; i < scenario_.vms.size(); ++i) {
            const VirtualMachine& machine = vm(i);
            if (!machine.io.console_text().empty())
                outputs_[i].console_line(result.end, machine.io.console_text());
            VmResult& one = result.vms.emplace_back();
            one.name = machine.options.name;
            one.file = scenario_.vms[i].guest->file;
            one.storage = machine.options.storage;
            one.resident_pages = machine.storage.resident_pages();
            one.scheduling = machine.options.scheduling;
            one.state = machine.status;
            one.stop = machine.stop;
            one.started = started_[i];
            one.console_read_waiting = machine.io.devices.console->read_waiting();
            one.cpu = machine.state;
            one.account = machine.account;
            one.instructions = machine.instructions;
            one.tlb_misses = machine.tlb_misses;
            one.table_references = machine.table_references;
            one.start = machine.started;
            one.end = machine.status == VmState::stopped ? machine.ended : result.end;
            const SimTime since = result.end - machine.since;
            one.waited = machine.waited + (machine.status == VmState::waiting ? since : 0);
            one.page_waited = machine.page_waited + (machine.status == VmState::page_wait ? since : 0);
            one.page_waits = machine.page_waits;
            one.pages = machine.storage.counts();
            one.storage_kind = machine.options.storage_kind;
            one.was_ready = machine.was_ready + (machine.status == VmState::ready ? since : 0);
            one.responses = machine.responses;
            one.response_time = machine.response_time;
            outputs_[i].finish();
            one.output = outputs_[i].output();
        }
        result.host.seconds = seconds;
        result.host.instructions_per_second =
            seconds > 0 ? static_cast<double>(result.instructions()) / seconds : 0;
        result.host.ns_per_trap = host_timer_.ns_per_trap();
        return result;
    }

    const Scenario& scenario_;
    const RunHooks& hooks_;
    simulation::Machine machine_;
    ControlProgram control_program_;
    std::vector<DeviceOutputs> outputs_;
    std::vector<char> started_ = std::vector<char>(outputs_.size());
    SimTime end_ = 0;
    bool terminal_closed_ = false;
    HostTrapTimer host_timer_;
    StopWatch stop_watch_;
    ProgressWatch progress_watch_;
};

}  // namespace

RunResult run(const Scenario& scenario, const RunHooks& hooks) { return Run(scenario, hooks).run(); }

}  // namespace vmcp::experiment
