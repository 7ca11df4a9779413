#include "vmcp/experiment/native.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "simulation/devices/console_lines.hpp"
#include "simulation/devices/display_3277.hpp"
#include "simulation/model/log.hpp"
#include "simulation/model/overloaded.hpp"
#include "vmcp/experiment/console_typist.hpp"
#include "vmcp/experiment/device_outputs.hpp"
#include "vmcp/experiment/ending.hpp"
#include "vmcp/experiment/host_stopwatch.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/scripted_operator.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {
namespace {

using simulation::UnitRecordRole;

/// How long an operator with a line to enter waits for a machine that does nothing.
constexpr SimTime kPatience = 10 * simulation::kSecond;

/// After so much it is seen whether somebody wants to end the run.
constexpr uint64_t kLookInstructions = 2'000'000;
constexpr SimTime kLookTime = 600 * simulation::kSecond;

}  // namespace

struct NativeMachine::Parts final : simulation::InterruptionObserver {
    Parts(const simulation::MachineModel& model, const VmDescription& what, NativeHooks hook)
        : description(what),
          hooks(std::move(hook)),
          outputs(what),
          machine(model, what.options.storage),
          scripted(description.operator_script, machine.channels(),
                   [this](const Action& action) { act(action); }) {
        devices = simulation::attach_all(
            machine.channels(), model, what.options.devices,
            [this](const simulation::DeviceDescription& device) { return output_of(device.address); });
        if (what.ipl) {
            // Nothing is in storage before.
        } else if (what.guest->loads_from_reader())
            devices.reader->load(what.guest->deck);
        else
            load(what.guest->storage);
        for (const StorageBytes& patch : what.patches) load(patch);
        if (what.cards != nullptr) devices.reader->load(what.cards);
        // The device end that tells of cards in the reader came before the machine did.
        machine.channels().test_io(address_of(UnitRecordRole::card_reader));
        machine.observers.add(*this);
        typist.emplace(
            machine.channels(), *devices.console,
            [this, channel = address_of(UnitRecordRole::console) >> 8] { return listens(channel); });
    }

    uint16_t address_of(UnitRecordRole role) const {
        return first_unit(description.options.devices, role).address;
    }

    /// Whether a CPU would take an interruption by the channel.
    bool listens(unsigned channel) {
        for (unsigned i = 0; i < machine.cpu_count(); ++i) {
            const simulation::Cpu& cpu = machine.cpu(i);
            if (cpu.status == simulation::CpuStatus::operating &&
                (cpu.enabled_channels() & simulation::ChannelSubsystem::channel_bit(channel)) != 0)
                return true;
        }
        return false;
    }

    simulation::UnitRecordOutput output_of(uint16_t device) {
        return {[this](std::string_view text, bool keyed) {
                    lines.add(text, [this](std::string_view line) { end_line(line); });
                    if (!keyed) scripted.hear(text);
                    if (hooks.console_text) hooks.console_text(text, keyed);
                },
                [this, device](const simulation::Card& card, unsigned) { outputs.punch(device, card); },
                [this, device](std::string_view text) { outputs.print(device, text); }};
    }

    void load(const StorageBytes& bytes) {
        const auto length = static_cast<uint32_t>(bytes.bytes.size());
        if (length > machine.storage().size() || bytes.address > machine.storage().size() - length)
            throw std::runtime_error(fmt::format("{}: {} bytes at {:06X} do not fit into {} bytes of storage",
                                                 description.guest->file, length, bytes.address,
                                                 machine.storage().size()));
        if (length != 0) machine.storage().put(bytes.address, bytes.bytes.data(), length);
    }

    void end_line(std::string_view line) {
        outputs.console_line(machine.events().now(), line);
        if (hooks.console_line) hooks.console_line(line);
    }

    void interruption(const simulation::Cpu&, const isa::Interruption&) override { ++interruptions; }

    bool asked_to_end() {
        interrupted = interrupted || (hooks.interrupted && hooks.interrupted());
        return interrupted;
    }

    bool ask() {
        if (!hooks.read_line) return false;
        const std::optional<std::string> text = hooks.read_line(lines.line());
        if (asked_to_end() || !text) {
            hooks.read_line = nullptr;
            return false;
        }
        devices.console->enter(*text);
        return true;
    }

    void act(const Action& action) {
        const auto refuse = [](const char* what) {
            throw ActionError(fmt::format("{} are for virtual machines, and this one is real", what));
        };
        std::visit(
            simulation::Overloaded{
                [&](const action::Restart&) { machine.restart(); },
                [&](const action::LoadProgram& load) { machine.initial_program_load(load.device); },
                [&](const action::InterruptKey&) { machine.cpu().external().interrupt_key = true; },
                [&](const action::Attention&) { devices.console->request(); },
                [&](const action::ConsoleLine& what) { typist->type(what.text); },
                [&](const action::LoadCards& cards) {
                    auto& reader = cards.reader ? simulation::card_reader(machine.channels(), *cards.reader)
                                                : *devices.reader;
                    reader.load(cards.deck);
                },
                [&](const action::Mount& mount) { simulation::mount(machine.channels(), mount.device); },
                [&](const action::Keys& keys) { press(keys); },
                [&](const action::CpCommand&) { refuse("CP commands"); },
                [&](const action::LogOn&) { refuse("logging on and off"); },
                [&](const action::LogOff&) { refuse("logging on and off"); },
            },
            action);
    }

    void press(const action::Keys& keys) {
        auto* const display = dynamic_cast<simulation::Display3277*>(machine.channels().device(keys.display));
        if (display == nullptr)
            throw ActionError(
                fmt::format("device {:03X}: expected a display of the configuration", keys.display));
        simulation::DisplayKeyboard& keyboard = display->keyboard();
        if ((keys.text && !keyboard.type(*keys.text)) || (!keys.key.empty() && !keyboard.press(keys.key)))
            throw ActionError(
                fmt::format("device {:03X}: expected its keyboard not to be inhibited", keys.display));
    }

    EndingKind kind_of_ending(const NativeResult& result) const {
        using simulation::Stop;
        if (result.interrupted) return EndingKind::interrupted;
        switch (result.stop) {
            case Stop::disabled_wait: return EndingKind::disabled_wait;
            case Stop::check_stop: return EndingKind::check_stop;
            case Stop::idle: return EndingKind::waiting;
            case Stop::limit:
                return !result.output_full.empty()    ? EndingKind::output_limit
                       : result.elapsed < limits.time ? EndingKind::instruction_limit
                                                      : EndingKind::time_limit;
            default: return EndingKind::stopped;
        }
    }

    Ending explain(const NativeResult& result) {
        EndState state{.cpu = result.cpu, .model = machine.model()};
        state.kind = kind_of_ending(result);
        state.well = ended_well(result);
        state.limit = state.kind == EndingKind::time_limit ? duration_text(limits.time) + " of simulated time"
                      : state.kind == EndingKind::instruction_limit
                          ? counted(limits.instructions, "instruction")
                          : result.output_full;
        state.storage = machine.storage().size();
        state.byte = [this](uint32_t real) { return *machine.storage().at(machine.cpu().absolute(real)); };
        state.guest = description.guest.get();
        state.patches = &description.patches;
        state.first = machine.first_of_string();
        state.pending_device = machine.channels().pending();
        state.reads_console = devices.console->read_waiting();
        return explain_ending(state);
    }

    /// Ends the files.
    void finish() {
        try {
            simulation::flush_devices(machine.channels());
            if (!lines.line().empty()) lines.end([this](std::string_view line) { end_line(line); });
        } catch (const OutputFull& full) {
            output_full = full.what();
        }
        outputs.finish();
    }

    const VmDescription description;
    NativeHooks hooks;
    DeviceOutputs outputs;
    simulation::ConsoleLines lines;
    uint64_t interruptions = 0;
    bool interrupted = false;
    std::string output_full;       // what is said of it
    simulation::RunLimits limits;  // the last ones
    SimTime loading = 0;           // the time of the first load: the CPU does nothing meanwhile
    double host_seconds = 0;       // running
    simulation::Machine machine;
    simulation::UnitRecordDevices devices;
    ScriptedOperator scripted;
    std::optional<ConsoleTypist> typist;
};

NativeMachine::NativeMachine(const simulation::MachineModel& model, const VmDescription& description,
                             NativeHooks hooks)
    : parts_(std::make_unique<Parts>(model, description, std::move(hooks))) {}

NativeMachine::~NativeMachine() {
    try {
        finish();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): nobody is left to be told
    }
}

SimTime NativeMachine::now() const { return parts_->machine.cpu().now(); }
void NativeMachine::finish() { parts_->finish(); }

void NativeMachine::act(std::string_view machine, const Action& action) {
    if (machine != parts_->description.options.name)
        throw ActionError(fmt::format("there is no machine \"{}\"", machine));
    parts_->act(action);
}

Progress NativeMachine::advance(SimTime until) {
    switch (operate({.time = until, .patience = kEndlessWait})) {
        case simulation::Stop::limit: return parts_->output_full.empty() ? Progress::time : Progress::ended;
        case simulation::Stop::idle:
            return parts_->description.operator_script.empty() ? Progress::idle : Progress::ended;
        default: return Progress::ended;
    }
}

void NativeMachine::attend() {
    if (!parts_->description.operator_script.empty()) parts_->scripted.look(now(), true);
    parts_->typist->type_all();
}

const std::string& NativeMachine::output_full() const { return parts_->output_full; }

simulation::Machine& NativeMachine::machine() { return parts_->machine; }

simulation::UnitRecordDevices& NativeMachine::devices() { return parts_->devices; }

const VmDescription& NativeMachine::description() const { return parts_->description; }

NativeResult NativeMachine::run(const simulation::RunLimits& limits) {
    {
        const HostStopwatch watch(parts_->host_seconds);
        start();
    }
    return conclude(operate(limits));
}

simulation::Stop NativeMachine::operate(const simulation::RunLimits& limits) {
    const HostStopwatch watch(parts_->host_seconds);
    return go(limits, 0, true);
}

void NativeMachine::start() {
    simulation::Machine& machine = parts_->machine;
    for (const ConsoleInput& input : parts_->description.console_input)
        machine.events().schedule(input.at, [this, &input] { parts_->devices.console->enter(input.text); });
    if (parts_->description.ipl)
        machine.initial_program_load(*parts_->description.ipl);
    else if (parts_->description.guest->loads_from_reader())
        machine.initial_program_load(parts_->address_of(UnitRecordRole::card_reader));
    else
        machine.restart();
    parts_->loading = machine.cpu().now();
    parts_->scripted.begin(parts_->loading);
    simulation::log().info("native machine: {}K, started from {} at {} ns", machine.storage().size() / 1024,
                           parts_->description.guest->file, parts_->loading);
}

simulation::Stop NativeMachine::advance(const simulation::RunLimits& limits) {
    const HostStopwatch watch(parts_->host_seconds);
    return go(limits, parts_->machine.instructions(), false);
}

NativeResult NativeMachine::conclude(simulation::Stop stop) {
    simulation::Machine& machine = parts_->machine;
    finish();
    NativeResult result;
    result.stop = stop;
    result.interrupted = parts_->interrupted;
    result.output_full = parts_->output_full;
    if (!result.output_full.empty()) result.stop = simulation::Stop::limit;
    result.host_seconds = parts_->host_seconds;
    result.name = parts_->description.options.name;
    result.cpu = machine.cpu().state();
    result.instructions = machine.instructions();
    result.elapsed = machine.cpu().now();
    for (unsigned i = 0; i < machine.cpu_count(); ++i) {
        const simulation::Cpu& cpu = machine.cpu(i);
        result.busy += cpu.now();
        result.tlb_misses += cpu.counters().tlb_misses;
        result.table_references += cpu.counters().table_references;
    }
    result.busy -= machine.waited() + parts_->loading;
    result.interruptions = parts_->interruptions;
    result.ending = parts_->explain(result);
    for (const Expectation& expectation : parts_->description.expectations)
        for (StorageBytes bytes : expectation.looks_at()) {
            for (uint32_t i = 0; i < bytes.bytes.size(); ++i)
                bytes.bytes[i] = *machine.storage().at(machine.cpu().absolute(bytes.address + i));
            result.looked_at.push_back(std::move(bytes));
        }
    result.storage = machine.storage().size();
    for (const uint16_t address : machine.channels().addresses())
        if (const auto* display = dynamic_cast<simulation::Display3277*>(machine.channels().device(address)))
            result.displays.emplace(address, display->buffer().text());
    result.output = parts_->outputs.output();
    return result;
}

simulation::Stop NativeMachine::run_piecewise(const simulation::RunLimits& limits) {
    simulation::Machine& machine = parts_->machine;
    const NativeHooks& hooks = parts_->hooks;
    if (!hooks.interrupted && !hooks.progress) return machine.run(limits);
    const uint64_t first = machine.instructions();
    while (true) {
        if (parts_->asked_to_end()) return simulation::Stop::limit;
        if (hooks.progress) hooks.progress(machine.cpu().now());
        const uint64_t done = machine.instructions() - first;
        simulation::RunLimits piece = limits;
        piece.instructions =
            std::min(limits.instructions - std::min(limits.instructions, done), kLookInstructions);
        piece.time = std::min(limits.time, machine.cpu().now() + kLookTime);
        const simulation::Stop stop = machine.run(piece);
        const bool whole =
            machine.instructions() - first >= limits.instructions || machine.cpu().now() >= limits.time;
        if (stop != simulation::Stop::limit || whole) return stop;
    }
}

simulation::Stop NativeMachine::go(const simulation::RunLimits& limits, uint64_t first, bool to_the_end) {
    if (!parts_->output_full.empty()) return simulation::Stop::limit;
    parts_->limits = limits;
    try {
        return go_on(limits, first, to_the_end);
    } catch (const OutputFull& full) {
        parts_->output_full = full.what();
        return simulation::Stop::limit;
    }
}

/// Whoever operates the machine looks at it now and then.
simulation::Stop NativeMachine::go_on(const simulation::RunLimits& limits, uint64_t first, bool to_the_end) {
    using simulation::Stop;
    simulation::Machine& machine = parts_->machine;
    ScriptedOperator& scripted = parts_->scripted;
    ConsoleTypist& typist = *parts_->typist;
    const bool by_script = !parts_->description.operator_script.empty();
    for (;;) {
        const SimTime now = machine.cpu().now();
        const uint64_t done = machine.instructions() - first;
        simulation::RunLimits left = limits;
        left.instructions = limits.instructions - std::min(limits.instructions, done);
        left.patience = std::min(limits.patience, kEndlessWait);
        if (by_script) scripted.look(now, false);
        const bool operated = by_script && !scripted.has_ended();
        if (by_script && !operated && to_the_end) return Stop::idle;
        if (operated) {
            scripted.check_deadline(now);
            left.time = std::min(left.time, scripted.deadline());
        } else if (parts_->hooks.read_line) {
            // A program that waits for its operator may let the interval timer run on meanwhile.
            left.patience = std::min(left.patience, kPatience);
        }
        if (operated || typist.holds_lines() || parts_->hooks.read_line)
            left.time = std::min(left.time, now + ConsoleTypist::kLook);
        const SimTime waited = machine.waited();
        const Stop stop = run_piecewise(left);
        if (parts_->interrupted) return stop;
        if (stop == Stop::limit && machine.cpu().now() >= left.time && left.time != limits.time) {
            const bool asks = typist.look(machine.waited() == waited);
            if (asks && !operated) parts_->ask();
            continue;
        }
        // The machine has come to its end: what the console has said by now must do.
        if (stop == Stop::idle && typist.type_all()) continue;
        if (operated) {
            const size_t before = scripted.step();
            scripted.look(machine.cpu().now(), stop != Stop::limit);
            if (scripted.has_ended() && to_the_end) return stop;
            if (scripted.step() != before) continue;
            if (stop == Stop::limit || stop == Stop::breakpoint || !to_the_end) return stop;
            scripted.give_up(name_of(stop));
        }
        if (stop != Stop::idle || !parts_->ask()) return stop;
    }
}

std::string_view stop_word(const NativeResult& result) {
    return result.interrupted            ? "interrupted"
           : !result.output_full.empty() ? name_of(StopReason::output_full)
                                         : name_of(result.stop);
}

nlohmann::ordered_json to_json(const simulation::MachineModel& model, const NativeResult& result,
                               const std::vector<Dump>& dumps) {
    nlohmann::ordered_json j;
    j["vmcp"] = maker_to_json("native");
    if (!result.name.empty()) j["name"] = result.name;
    j["models"] = {{"machine", {{"name", model.name}, {"title", model.title}, {"scale", model.scale}}}};
    j["machine"] = {{"cpus", model.cpus.value}, {"storage_bytes", result.storage}};
    j["stop"] = stop_word(result);
    j["interrupted"] = result.interrupted;
    j["ending"] = to_json(result.ending);
    j["psw"] = psw_text(result.cpu.psw);
    j["gpr"] = registers_to_json(result.cpu.gpr);
    j["cr"] = registers_to_json(result.cpu.cr);
    auto fpr = nlohmann::ordered_json::array();
    for (const uint64_t v : result.cpu.fpr) fpr.push_back(fmt::format("{:016X}", v));
    j["fpr"] = std::move(fpr);
    j["instructions"] = result.instructions;
    j["interruptions"] = result.interruptions;
    j["tlb_misses"] = result.tlb_misses;
    j["table_references"] = result.table_references;
    j["simulated_ns"] = result.elapsed;
    j["busy_ns"] = result.busy;
    auto storage = nlohmann::ordered_json::object();
    for (const auto& [address, bytes] : dumps) {
        std::string hex;
        for (const uint8_t byte : bytes) fmt::format_to(std::back_inserter(hex), "{:02X}", byte);
        storage[fmt::format("{:06X}", address)] = std::move(hex);
    }
    j["storage"] = std::move(storage);
    j["output"] = to_json(result.output);
    for (const auto& [address, text] : result.displays) j["displays"][fmt::format("{:03X}", address)] = text;
    j["host"] = {{"seconds", result.host_seconds}};
    return j;
}

}  // namespace vmcp::experiment
