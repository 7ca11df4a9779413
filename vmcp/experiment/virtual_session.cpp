#include "vmcp/experiment/virtual_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "isa/state.hpp"
#include "scheduler/make_policy.hpp"
#include "simulation/model/capitals.hpp"
#include "simulation/model/log.hpp"
#include "simulation/model/overloaded.hpp"
#include "vmcp/experiment/host_stopwatch.hpp"
#include "vmcp/experiment/run_observers.hpp"
#include "vmcp/experiment/seat.hpp"

namespace vmcp::experiment {
namespace {

using simulation::UnitRecordRole;

ControlProgramOptions options_of(const Scenario& scenario, uint32_t real_storage, Spool* spool) {
    scheduler::Parameters scheduling = scenario.scheduling;
    // What the working sets in queue may add up to: the page frames that there are.
    scheduling.storage_limit = (real_storage - scenario.v_equals_r()) / kPage;
    return {scenario.control_program, scheduler::make_policy(scenario.policy, scheduling), scenario.paging,
            scenario.v_equals_r(), spool};
}

/// Disks and tapes are real devices even where a machine describes them as its own; displays and adapters
/// are virtual ones.
bool is_real(const simulation::DeviceDescription& device) {
    return simulation::is_disk(device.type) || simulation::is_tape(device.type);
}

/// A line that begins with #CP is for the control program, not for the guest.
constexpr std::string_view kForControlProgram = "#CP";
bool is_command(std::string_view line) {
    constexpr size_t kLength = kForControlProgram.size();
    return simulation::capitals(line.substr(0, kLength)) == kForControlProgram &&
           (line.size() == kLength || line[kLength] == ' ');
}
std::string_view command_of(std::string_view line) { return line.substr(kForControlProgram.size()); }

void refuse_displays_that_listen(const VmDescription& what, const std::string& file) {
    for (const simulation::DeviceDescription& device : what.options.devices)
        if (device.listen != 0)
            throw GuestError(
                fmt::format("{}: virtual machine {}: display {:03X} listens for a terminal, and nobody sits "
                            "there: expected "
                            "vmcp run without --terminal, or vmcp native",
                            file, what.options.name, device.address));
}

}  // namespace

struct VirtualSession::Parts {
    Parts(const Scenario& what, RunHooks hook)
        : scenario(what),
          hooks(std::move(hook)),
          machine(what.machine, what.storage),
          spool(spool_of(what)),
          control_program(machine, options_of(what, machine.storage().size(), spool.get())),
          timeline(what.vms.size()),
          stop_watch(hooks),
          progress_watch(hooks) {
        if (hooks.stopped) control_program.observers().add(stop_watch);
        if (hooks.progress) control_program.observers().add(progress_watch);
        for (Observer* observer : hooks.observers) control_program.observers().add(*observer);
        for (LedgerObserver* observer : hooks.ledger_observers)
            control_program.ledger().observers.add(*observer);
        for (RealIoObserver* observer : hooks.io_observers)
            control_program.real_io().observers.add(*observer);
        for (simulation::InstructionObserver* observer : hooks.instruction_observers)
            machine.executor().observers.add(*observer);
        for (const RealDeviceDescription& device : scenario.real_devices)
            if (device.temporary)
                control_program.attach_temporary(device.device, device.order);
            else if (device.paging)
                control_program.attach_paging(device.device, device.order);
            else if (device.spool)
                control_program.attach_spool(device.device, device.order);
            else
                control_program.real_io().attach(device.device, device.order);
        for (const SegmentDescription& segment : scenario.segments)
            control_program.define_segment(segment.name, SecondLevel(segment.origin), segment.contents);
        if (spool != nullptr) {
            spool->place_files();
            for (const VmDescription& vm : scenario.vms) spool->enter(vm.options.name);
        }
        for (const SystemDescription& system : scenario.systems)
            control_program.define_system({system.name, system.image->storage.address,
                                           system.image->storage.bytes, system.image->saved});
        for (const VmDescription& vm : scenario.vms)
            control_program.enter_in_directory({vm.options.name, vm.options.mapped_devices});
        for (const VmDescription& vm : scenario.vms) log_on(vm);
        if (hooks.terminal && hooks.read_line) control_program.on_idle() = [this] { return ask_terminal(); };
    }

    static std::unique_ptr<Spool> spool_of(const Scenario& scenario) {
        return scenario.spool ? std::make_unique<Spool>(*scenario.spool) : nullptr;
    }

    Seat& log_on(const VmDescription& what) {
        if (!hooks.serves_displays) refuse_displays_that_listen(what, scenario.file);
        Seat& seat = seats.emplace_back(what);
        const size_t number = seats.size() - 1;
        try {
            attach(seat, number);
        } catch (...) {
            seat.typist.reset();
            if (seat.vm != nullptr) control_program.log_off(*seat.vm);
            for (const uint16_t real : seat.real_devices) control_program.real_io().detach(real);
            seats.pop_back();
            throw;
        }
        return seat;
    }

    /// A place on the real machine for a device that a guest has at `wanted`: there, if it is free.
    uint16_t free_address(uint16_t wanted) {
        for (uint32_t i = 0; i < 0x1000; ++i) {
            const auto address = static_cast<uint16_t>((wanted + 8 * i) % 0x1000 + (wanted + 8 * i) / 0x1000);
            if (machine.channels().device(address) == nullptr && address != 0) return address;
        }
        throw GuestError("the real machine has no device address left");
    }

    /// Real devices for the disks and tapes that the machine describes as its own.
    VmOptions with_real_devices(Seat& seat) {
        VmOptions options = seat.description.options;
        options.devices.clear();
        for (const simulation::DeviceDescription& device : seat.description.options.devices) {
            if (!is_real(device)) {
                options.devices.push_back(device);
                continue;
            }
            simulation::DeviceDescription real = device;
            real.address = free_address(device.address);
            control_program.real_io().attach(real);
            seat.real_devices.push_back(real.address);
            MappedDevice mapped;
            mapped.address = device.address;
            mapped.real = real.address;
            mapped.dedicated = true;
            options.mapped_devices.push_back(mapped);
        }
        return options;
    }

    void attach(Seat& seat, size_t number) {
        const VmDescription& what = seat.description;
        VmOutput output;
        output.console_line = [this, &seat, number](std::string_view line) {
            seat.outputs.console_line(control_program.now(), line);
            if (hooks.console_line) hooks.console_line(number, line);
        };
        output.console_text = [&seat](std::string_view text, bool keyed) {
            if (seat.scripted && !keyed) seat.scripted->hear(text);
        };
        output.printer = [&seat](uint16_t device, std::string_view text) {
            seat.outputs.print(device, text);
        };
        output.punch = [&seat](uint16_t device, const simulation::Card& card) {
            seat.outputs.punch(device, card);
        };
        output.full = [&seat] { return seat.outputs.full(); };
        VirtualMachine& vm = control_program.log_on(with_real_devices(seat), std::move(output));
        simulation::log().info("{} is logged on: {}K, {}", what.options.name, what.options.storage / 1024,
                               what.guest->file);
        seat.vm = &vm;
        seat.typist.emplace(vm.io.channels, *vm.io.devices.console, [&vm] {
            const unsigned channel = vm.io.console_address() >> 8;
            return (isa::enabled_channels(vm.state) & simulation::ChannelSubsystem::channel_bit(channel)) !=
                   0;
        });
        if (what.guest->loads_from_reader())
            vm.io.devices.reader->load(what.guest->deck);
        else if (!what.ipl)
            load(vm, what.guest->storage);
        if (what.guest->saved)
            for (size_t i = 0; i < what.guest->saved->keys.size(); ++i)
                vm.storage.set_key(SecondLevel(static_cast<uint32_t>(i) * simulation::kBlock),
                                   what.guest->saved->keys[i]);
        for (const StorageBytes& patch : what.patches) load(vm, patch);
        if (what.cards != nullptr) vm.io.devices.reader->load(what.cards);
        // The device end that tells of cards in the reader came before the machine did.
        vm.io.channels.test_io(first_unit(what.options.devices, UnitRecordRole::card_reader).address);
        if (SpooledUnits* const units = vm.io.spooled_units()) units->put_out_what_waits();
        if (what.operator_script.empty()) return;
        seat.scripted.emplace(seat.description.operator_script, vm.io.channels,
                              [this, &seat](const Action& action) { act(seat, action); });
        with_operator.push_back(&seat);
    }

    void load(VirtualMachine& vm, const StorageBytes& what) {
        control_program.load(vm, SecondLevel(what.address), what.bytes);
    }

    void schedule_start(Seat& seat, SimTime begin) {
        const SimTime start = begin + seat.description.start;
        machine.events().schedule_for(seat.vm->id, start, [this, &seat] {
            if (seat.vm == nullptr) return;
            if (seat.description.ipl)
                control_program.initial_program_load(*seat.vm, *seat.description.ipl);
            else if (seat.description.guest->loads_from_reader())
                control_program.initial_program_load(
                    *seat.vm,
                    first_unit(seat.description.options.devices, UnitRecordRole::card_reader).address);
            else if (seat.description.guest->saved)
                control_program.resume(*seat.vm, *seat.description.guest->saved);
            else
                control_program.restart(*seat.vm);
            seat.started = true;
            if (seat.scripted) seat.scripted->begin(control_program.now());
        });
        for (const ConsoleInput& input : seat.description.console_input)
            machine.events().schedule_for(seat.vm->id, start + input.at, [this, &seat, &input] {
                if (seat.vm != nullptr && is_command(input.text))
                    control_program.command(*seat.vm, command_of(input.text));
                else if (alive(seat))
                    seat.vm->io.devices.console->enter(input.text);
            });
    }

    static bool alive(const Seat& seat) { return seat.vm != nullptr && seat.vm->status != VmState::stopped; }

    bool ask_terminal() {
        Seat& seat = seats[*hooks.terminal];
        if (!alive(seat) || terminal_closed) return false;
        const std::optional<std::string> line = hooks.read_line(seat.vm->io.console_text());
        terminal_closed = !line;
        if (!line) return false;
        if (is_command(*line)) {
            control_program.command(*seat.vm, command_of(*line));
            return true;
        }
        seat.vm->io.devices.console->enter(*line);
        return true;
    }

    TimelineMoment moment() {
        TimelineMoment one;
        one.at = control_program.now();
        one.idle = control_program.ledger().idle();
        one.own = control_program.ledger().own().control_program;
        one.pages_in = control_program.pager().counts().reads;
        one.pages_out = control_program.pager().counts().writes;
        one.frames_free = control_program.frames().free_frames();
        for (const Seat& seat : seats)
            if (seat.vm != nullptr)
                one.machines.push_back({seat.vm->account.guest, seat.vm->account.control_program,
                                        seat.vm->exits, seat.vm->storage.resident_pages()});
            else
                one.machines.push_back({seat.left.account.guest, seat.left.account.control_program,
                                        seat.left.exits, seat.left.resident_pages});
        for (const auto& device : control_program.real_io().devices())
            one.devices.push_back({device->counts.requests, device->counts.service});
        return one;
    }
    void look_at_time() {
        if (!hooks.timeline || control_program.now() < timeline.due()) return;
        if (timeline.moments().empty() && control_program.now() != 0) {  // what was done before it began
            TimelineMoment nothing;
            nothing.frames_free = control_program.frames().frames();
            nothing.machines.resize(seats.size());
            timeline.add(std::move(nothing));
        }
        timeline.add(moment());
    }

    /// The host's time for traps is measured in stretches, so that it costs nothing between them.
    void turn_host_timer() {
        if (control_program.now() < timer_turns) return;
        constexpr SimTime kOn = 2 * simulation::kMillisecond, kOff = 62 * simulation::kMillisecond;
        timing = !timing;
        timer_turns = control_program.now() + (timing ? kOn : kOff);
        host_timer.forget();
        if (timing)
            control_program.observers().add(host_timer);
        else
            control_program.observers().remove(host_timer);
    }

    // ---- Operators ----

    /// Somebody types at this console, or would.
    bool typed_at(const Seat& seat) const {
        return alive(seat) &&
               (seat.typist->holds_lines() ||
                (hooks.terminal && hooks.read_line && !terminal_closed && &seat == &seats[*hooks.terminal]));
    }
    bool any_typed_at() const {
        return std::any_of(seats.begin(), seats.end(), [this](const Seat& seat) { return typed_at(seat); });
    }
    /// They all look whether the program can take what they have.
    void look_at_consoles() {
        if (control_program.now() < consoles_looked_at + ConsoleTypist::kLook) return;
        consoles_looked_at = control_program.now();
        for (Seat& seat : seats) {
            if (!typed_at(seat)) continue;
            const VirtualMachine& vm = *seat.vm;
            const bool busy = vm.status != VmState::waiting && vm.waited == seat.waited;
            seat.waited = vm.waited;
            if (seat.typist->look(busy) && hooks.terminal && &seat == &seats[*hooks.terminal]) ask_terminal();
        }
    }
    bool type_all() {
        bool any = false;
        for (Seat& seat : seats)
            if (alive(seat) && seat.typist->type_all()) any = true;
        return any;
    }

    static bool operated(const Seat& seat) {
        return seat.started && seat.vm != nullptr && seat.scripted && !seat.scripted->has_ended();
    }
    /// Somebody has a script to do, or will have when his machine is started.
    bool any_operator() const {
        return std::any_of(with_operator.begin(), with_operator.end(), [](const Seat* seat) {
            return seat->vm != nullptr && seat->scripted && !seat->scripted->has_ended();
        });
    }
    /// Operators look, and who types at consoles, and it is looked who has put out too much, when it is time
    /// for that, and not whenever the run pauses: who looks on must not change what they do.
    void look_around() {
        // How often it is looked how much the machines have put out; no unit is so fast that it doubles that.
        constexpr SimTime kOutputLook = simulation::kSecond;
        constexpr SimTime kLimitLook = 10 * simulation::kMillisecond;
        const SimTime now = control_program.now();
        if (now < next_look) return;
        look(false);
        look_at_consoles();
        stop_where_full();
        SimTime beat = kOutputLook;
        if (any_operator() || any_typed_at()) beat = std::min(beat, ScriptedOperator::kLook);
        if (any_limited()) beat = std::min(beat, kLimitLook);
        next_look = now + beat;
    }
    /// All of them look; true if one did something. `still`: nothing will happen any more by itself.
    bool look(bool still) {
        bool acted = false;
        for (Seat* const one : with_operator) {
            Seat& seat = *one;
            if (!operated(seat)) continue;
            ScriptedOperator& scripted = *seat.scripted;
            const size_t before = scripted.step();
            const bool stopped = !alive(seat);
            scripted.look(control_program.now(), still || stopped);
            acted = acted || scripted.step() != before;
            if (scripted.has_ended()) {  // as a user does who has finished
                control_program.stop(*seat.vm, StopReason::logged_off);
                control_program.close_spool_files(*seat.vm);
            } else if (stopped && scripted.step() == before) {
                scripted.give_up(name_of(seat.vm->stop));
            } else {
                scripted.check_deadline(control_program.now());
            }
        }
        return acted;
    }
    /// Nothing will happen any more: who waits for something will not see it.
    void give_up() {
        for (const Seat* const seat : with_operator)
            if (operated(*seat)) seat->scripted->give_up("nothing goes on any more");
    }

    // ---- Actions ----

    Seat* find(std::string_view name) {
        // The last one: a name may be used again when its machine has been logged off.
        const auto found = std::find_if(seats.rbegin(), seats.rend(), [&](const Seat& seat) {
            return seat.description.options.name == name;
        });
        return found == seats.rend() ? nullptr : &*found;
    }

    Seat& lively(std::string_view name) {
        Seat* const seat = find(name);
        if (seat == nullptr || seat->vm == nullptr)
            throw ActionError(fmt::format("there is no virtual machine \"{}\"", name));
        return *seat;
    }

    void act(Seat& seat, const Action& action) {
        VirtualMachine& vm = *seat.vm;
        const std::string& name = seat.description.options.name;
        const bool log_off = std::holds_alternative<action::LogOff>(action);
        const bool starts = std::holds_alternative<action::LoadProgram>(action) ||
                            std::holds_alternative<action::Restart>(action);
        if (starts) control_program.states().revive(vm);
        if (!log_off && vm.status == VmState::stopped && !prepares(action))
            throw ActionError(
                fmt::format("virtual machine \"{}\" has stopped: expected it to be logged off and on", name));
        std::visit(simulation::Overloaded{
                       [&](const action::Restart&) { control_program.restart(vm); },
                       [&](const action::LoadProgram& load) {
                           control_program.initial_program_load(vm, load.device);
                       },
                       [&](const action::InterruptKey&) { control_program.interrupt_key(vm); },
                       [&](const action::Attention&) { vm.io.devices.console->request(); },
                       [&](const action::ConsoleLine& line) {
                           if (is_command(line.text))
                               control_program.command(vm, command_of(line.text));
                           else
                               seat.typist->type(line.text);
                       },
                       [&](const action::LoadCards& cards) {
                           auto& reader = cards.reader
                                              ? simulation::card_reader(vm.io.channels, *cards.reader)
                                              : *own_reader(vm, name);
                           reader.load(cards.deck);
                       },
                       [&](const action::Mount& mount) { this->mount(vm, mount.device); },
                       [&](const action::CpCommand& command) { control_program.command(vm, command.text); },
                       [&](const action::Keys& keys) {
                           throw ActionError(fmt::format("virtual machine \"{}\" has no display {:03X}", name,
                                                         keys.display));
                       },
                       [&](const action::LogOff&) { leave(seat); },
                       [&](const action::LogOn&) {},  // is none of a machine that there is
                   },
                   action);
    }

    static simulation::CardReader* own_reader(VirtualMachine& vm, const std::string& name) {
        if (vm.io.devices.reader == nullptr)
            throw ActionError(fmt::format("virtual machine \"{}\" has no card reader any more", name));
        return vm.io.devices.reader;
    }

    static void mount(VirtualMachine& vm, const simulation::DeviceDescription& what) {
        const RelayedSubchannel* const relay = vm.io.relayed(what.address);
        if (relay == nullptr) return simulation::mount(vm.io.channels, what);
        if (!relay->what().dedicated)
            throw std::invalid_argument(
                fmt::format("device {:03X}: a minidisk is not taken off its disk", what.address));
        relay->what().device->device.mount(what.medium());
    }

    /// Cards and tapes may be put in place while the machine is stopped, and commands entered.
    static bool prepares(const Action& action) {
        return std::holds_alternative<action::CpCommand>(action) ||
               std::holds_alternative<action::LoadCards>(action) ||
               std::holds_alternative<action::Mount>(action);
    }

    void leave(Seat& seat) {
        control_program.stop(*seat.vm, StopReason::logged_off);
        control_program.close_spool_files(*seat.vm);
        seat.left = result_of(seat);
        simulation::log().info("{} is logged off at {} ns", seat.description.options.name,
                               control_program.now());
        seat.typist.reset();
        control_program.log_off(*seat.vm);
        seat.vm = nullptr;
        for (const uint16_t real : std::exchange(seat.real_devices, {})) {
            machine.channels().device(real)->flush();
            control_program.real_io().detach(real);
        }
    }

    /// One machine that puts out or goes on without end is no reason to end the others.
    void stop_where_full() {
        for (Seat& seat : seats) {
            if (seat.vm == nullptr || seat.vm->status == VmState::stopped) continue;
            if (seat.vm->instructions >= seat.description.most_instructions) {
                control_program.stop(*seat.vm, StopReason::instruction_limit);
                continue;
            }
            if (!seat.outputs.full()) continue;
            simulation::log().warn("{} is stopped: it has put out {} bytes, as much as a run holds",
                                   seat.description.options.name, seat.description.most_output);
            control_program.stop(*seat.vm, StopReason::output_full);
        }
    }

    bool any_limited() const {
        return std::any_of(seats.begin(), seats.end(), [](const Seat& seat) {
            return seat.vm != nullptr && seat.description.most_instructions != ~uint64_t{0};
        });
    }

    // ---- The end ----

    void finish() {
        for (Seat& seat : seats)
            if (seat.vm != nullptr) {
                seat.vm->io.end_console_line();
                control_program.close_spool_files(*seat.vm);
            }
        for (Seat& seat : seats) seat.outputs.finish();
        simulation::flush_devices(machine.channels());
        if (spool != nullptr) spool->throw_failure();
    }

    VmResult result_of(Seat& seat) {
        return experiment::result_of(
            seat, {control_program.now(), end, interrupted, scenario.time_limit, machine.model()});
    }

    const Scenario& scenario;
    const RunHooks hooks;
    simulation::Machine machine;
    std::unique_ptr<Spool> spool;  // null: there is none
    ControlProgram control_program;
    std::deque<Seat> seats;  // never moved: machines write to them
    std::vector<Seat*> with_operator;
    SimTime end = 0;
    bool terminal_closed = false;
    bool interrupted = false;
    double host_seconds = 0;  // going on
    HostTrapTimer host_timer;
    Timeline timeline;
    bool timing = false;
    SimTime consoles_looked_at = 0;
    SimTime next_look = 0;
    SimTime timer_turns = 0;  // when it is put on or taken off next
    StopWatch stop_watch;
    ProgressWatch progress_watch;
};

VirtualSession::VirtualSession(const Scenario& scenario, RunHooks hooks)
    : parts_(std::make_unique<Parts>(scenario, std::move(hooks))) {}

VirtualSession::~VirtualSession() {
    try {
        finish();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): nobody is left to be told
    }
}

SimTime VirtualSession::now() const { return parts_->control_program.now(); }
void VirtualSession::finish() { parts_->finish(); }

/// The clock of the scenario begins when everything is in place.
void VirtualSession::start() {
    const SimTime begin = now();
    for (Seat& seat : parts_->seats) parts_->schedule_start(seat, begin);
    parts_->end = begin + parts_->scenario.time_limit;
    simulation::log().info("{}: started, {} machines, limit {} ns", parts_->scenario.file,
                           parts_->seats.size(), parts_->end);
}

Progress VirtualSession::advance(SimTime until) {
    const HostStopwatch watch(parts_->host_seconds);
    while (true) {
        if (parts_->hooks.interrupted && parts_->hooks.interrupted()) {
            parts_->interrupted = true;
            return Progress::ended;
        }
        parts_->look_around();
        parts_->turn_host_timer();
        parts_->look_at_time();
        SimTime pause = std::min({until, parts_->next_look, parts_->timer_turns});
        if (parts_->hooks.timeline) pause = std::min(pause, parts_->timeline.due());
        switch (parts_->control_program.run(parts_->end, pause)) {
            case DispatchEnd::paused:
                if (now() >= until) return Progress::time;
                break;
            case DispatchEnd::time: return Progress::ended;
            case DispatchEnd::idle:
                if (parts_->type_all() || parts_->look(true)) {
                    parts_->next_look = now();
                    break;
                }
                parts_->give_up();
                return Progress::idle;
            case DispatchEnd::all_stopped:
                if (parts_->look(true)) {
                    parts_->next_look = now();
                    break;
                }
                return Progress::ended;
        }
    }
}

void VirtualSession::act(std::string_view machine, const Action& action) {
    const auto* const log_on = std::get_if<action::LogOn>(&action);
    // Whoever acts is soon looked after.
    parts_->next_look = std::min(parts_->next_look, now() + ScriptedOperator::kLook);
    if (log_on == nullptr) return parts_->act(parts_->lively(machine), action);
    const Seat* const there = parts_->find(log_on->machine.options.name);
    if (there != nullptr && there->vm != nullptr)
        throw ActionError(
            fmt::format("there is a virtual machine \"{}\" already", log_on->machine.options.name));
    parts_->schedule_start(parts_->log_on(log_on->machine), now());
}

RunResult VirtualSession::result() {
    Parts& parts = *parts_;
    ControlProgram& cp = parts.control_program;
    RunResult result;
    result.own = cp.ledger().own();
    result.steps = cp.ledger().totals();
    result.idle = cp.ledger().idle();
    result.idle_for_pages = cp.ledger().idle_for_pages();
    result.paging = cp.pager().counts();
    for (const auto& device : cp.pager().devices())
        result.paging_devices.push_back({device->type(), device->slots(), device->slots_in_use(),
                                         device->transfers(), device->busy_time()});
    for (const auto& device : cp.real_io().devices())
        result.real_devices.push_back({device->address, std::string(device->device.type()), device->order,
                                       device->own_use, device->counts, device->device.channel_waits()});
    if (parts.spool != nullptr) {
        SpoolResult& spool = result.spool.emplace();
        spool.counts = parts.spool->counts();
        spool.complaints = parts.spool->complaints();
        spool.capacity = parts.spool->capacity();
        spool.on_disk = parts.spool->volumes().any();
        spool.pages = parts.spool->pages_in_use();
        for (const SpoolFile& file : parts.spool->files())
            spool.files.push_back({file.number, file.origin, file.queue, file.from, file.owner,
                                   file.spool_class, file.hold, file.copies, file.lines(), file.pages,
                                   file.name, file.type, file.created});
    }
    result.page_frames = cp.frames().frames();
    result.page_frames_free = cp.frames().free_frames();
    result.end = cp.now();
    result.time_limit_reached = result.end >= parts.end;
    result.interrupted = parts.interrupted;
    result.switches = cp.switches();
    result.exits = cp.traps();
    result.storage = parts.machine.storage().size();
    for (Seat& seat : parts.seats) result.vms.push_back(parts.result_of(seat));
    if (parts.hooks.timeline) {
        result.timeline = parts.timeline.moments();
        result.timeline.push_back(parts.moment());
    }
    result.host.seconds = parts.host_seconds;
    result.host.instructions_per_second =
        parts.host_seconds > 0 ? static_cast<double>(result.instructions()) / parts.host_seconds : 0;
    result.host.ns_per_trap = parts.host_timer.ns_per_trap();
    return result;
}

std::vector<std::string> VirtualSession::other_ways() const {
    std::vector<std::string> lines;
    for (const Seat& seat : parts_->seats)
        for (const RelayedSubchannel* one : seat.vm->io.all_relayed()) {
            const RelayedDevice& what = one->what();
            if (what.instead_of)
                lines.push_back(
                    fmt::format("{} {:03X}: {} instead of {}, for the machine model {} has no "
                                "translating channels",
                                seat.vm->options.name, one->address(), name_of(what.way),
                                name_of(*what.instead_of), parts_->machine.model().name));
            if (!what.not_interpretive.empty())
                lines.push_back(fmt::format("{} {:03X}: the control program starts it, for {} ({})",
                                            seat.vm->options.name, one->address(), what.not_interpretive,
                                            parts_->machine.model().name));
        }
    return lines;
}

const std::vector<std::string>& VirtualSession::complaints() const {
    static const std::vector<std::string> kNone;
    return parts_->spool == nullptr ? kNone : parts_->spool->complaints();
}

std::vector<uint8_t> VirtualSession::saved(std::string_view machine, uint32_t from, uint32_t length) {
    const VirtualMachine& vm = *parts_->lively(machine).vm;
    if (length == 0 || length % kPage != 0 || from % kPage != 0 || from > vm.storage.size() ||
        length > vm.storage.size() - from || length / kPage > kMostSavedPages)
        throw ActionError(
            fmt::format("{:X} bytes from {:06X} on: expected whole pages of the {}K of \"{}\", at most {}",
                        length, from, vm.storage.size() / 1024, machine, kMostSavedPages));
    SavedState state;
    state.psw = vm.state.psw;
    state.gpr = vm.state.gpr;
    state.fpr = vm.state.fpr;
    state.cr = vm.state.cr;
    std::vector<uint8_t> pages;
    for (uint32_t at = from; at < from + length; at += 4) {
        if (at % simulation::kBlock == 0) state.keys.push_back(vm.storage.key(SecondLevel(at)));
        const uint32_t word = vm.storage.peek32(SecondLevel(at));
        for (int shift = 24; shift >= 0; shift -= 8) pages.push_back(static_cast<uint8_t>(word >> shift));
    }
    return saved_bytes(state, pages);
}

simulation::Display3277& VirtualSession::display(std::string_view machine, uint16_t address) {
    auto* const display =
        dynamic_cast<simulation::Display3277*>(parts_->lively(machine).vm->io.channels.device(address));
    if (display == nullptr)
        throw ActionError(fmt::format("virtual machine \"{}\" has no display {:03X}", machine, address));
    return *display;
}

ControlProgram& VirtualSession::control_program() { return parts_->control_program; }

SimTime VirtualSession::idle() const { return parts_->control_program.ledger().idle(); }

std::vector<ChannelSource> VirtualSession::channels() {
    Parts& parts = *parts_;
    std::vector<ChannelSource> all{channels_of(parts.machine)};
    all.back().name = "(real)";
    all.back().apart = [&io = parts.control_program.real_io()](uint16_t address) {
        const RealDevice* const device = io.find(address);
        return device != nullptr && device->own_use != OwnUse::none;
    };
    for (Seat& seat : parts.seats) {
        if (seat.vm == nullptr) continue;
        VirtualMachine& vm = *seat.vm;
        all.push_back({vm.io.channels, [this] { return now(); },
                       [&vm](uint32_t address, uint8_t* out, uint32_t length) {
                           for (uint32_t i = 0; i < length; ++i) {
                               const SecondLevel at(address + i);
                               if (!vm.storage.valid(at)) return false;
                               out[i] = static_cast<uint8_t>(vm.storage.peek32(SecondLevel(at.value & ~3u)) >>
                                                             (24 - 8 * (at.value & 3)));
                           }
                           return true;
                       },
                       [&vm](uint16_t address) -> const simulation::Device* {
                           const RelayedSubchannel* const relay = vm.io.relayed(address);
                           return relay != nullptr ? &relay->what().device->device
                                                   : vm.io.channels.device(address);
                       },
                       vm.options.name});
    }
    return all;
}

}  // namespace vmcp::experiment
