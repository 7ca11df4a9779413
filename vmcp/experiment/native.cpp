#include "vmcp/experiment/native.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "vmcp/experiment/device_outputs.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/operator_display.hpp"

namespace vmcp::experiment {
namespace {

/// How long an operator with a line to enter waits for a machine that does nothing.
constexpr SimTime kPatience = 10 * simulation::kSecond;

/// Adds the host time of a scope, in seconds.
class HostStopwatch {
  public:
    explicit HostStopwatch(double& seconds) : seconds_(seconds) {}
    ~HostStopwatch() {
        seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    }
    HostStopwatch(const HostStopwatch&) = delete;
    HostStopwatch& operator=(const HostStopwatch&) = delete;

  private:
    double& seconds_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

struct NativeMachine::Parts final : simulation::InterruptionObserver {
    Parts(const simulation::MachineModel& model, const VmDescription& what, NativeHooks hook)
        : description(what), hooks(std::move(hook)), outputs(what), machine(model, what.options.storage) {
        simulation::UnitRecordOutput to;
        to.console = [this](std::string_view text, bool keyed) {
            type(text);
            if (!keyed) heard += text;
            if (hooks.console_text) hooks.console_text(text, keyed);
        };
        to.punch = punch_of(what.options.devices.punch);
        to.printer = printer_of(what.options.devices.printer);
        devices = simulation::attach_unit_record(
            machine.channels(), what.options.devices,
            simulation::UnitRecordTimings::of(model, what.options.devices), std::move(to));
        for (const simulation::DeviceDescription& device : what.options.further_devices)
            simulation::attach_device(machine.channels(), model, device,
                                      {{}, punch_of(device.address), printer_of(device.address)});
        if (what.ipl) {
            // Nothing is in storage before.
        } else if (what.guest->loads_from_reader())
            devices.reader->load(what.guest->deck);
        else
            load(what.guest->storage);
        for (const StorageBytes& patch : what.patches) load(patch);
        if (what.cards != nullptr) devices.reader->load(what.cards);
        machine.observers.add(*this);
    }

    simulation::CardPunch::Output punch_of(uint16_t device) {
        return [this, device](const simulation::Card& card, unsigned) { outputs.punch(device, card); };
    }
    simulation::Printer::Output printer_of(uint16_t device) {
        return [this, device](std::string_view text) { outputs.print(device, text); };
    }

    void load(const StorageBytes& bytes) {
        const auto length = static_cast<uint32_t>(bytes.bytes.size());
        if (length > machine.storage().size() || bytes.address > machine.storage().size() - length)
            throw std::runtime_error(fmt::format("{}: {} bytes at {:06X} do not fit into {} bytes of storage",
                                                 description.guest->file, length, bytes.address,
                                                 machine.storage().size()));
        if (length != 0) machine.storage().put(bytes.address, bytes.bytes.data(), length);
    }

    void type(std::string_view text) {
        for (const char c : text) {
            if (c == '\a') continue;
            if (c != '\n') {
                line += c;
                continue;
            }
            end_line();
        }
    }

    void end_line() {
        outputs.console_line(machine.events().now(), line);
        if (hooks.console_line) hooks.console_line(line);
        line.clear();
    }

    void interruption(const simulation::Cpu&, const isa::Interruption&) override { ++interruptions; }

    bool ask() {
        if (!hooks.read_line) return false;
        const std::optional<std::string> text = hooks.read_line(line);
        if (!text) return false;
        devices.console->enter(*text);
        return true;
    }

    /// Takes what the operator's script says; false when it has ended.
    bool operate() {
        const OperatorScript& script = description.operator_script;
        while (step < script.size()) {
            const OperatorStep& s = script[step];
            if (s.wait && s.display && !matched) {
                if (!shows(s, display_of(s, machine.channels()))) return true;
                matched = true;
            }
            if (s.wait && !matched) {
                if (heard.size() == looked_at) return true;
                looked_at = heard.size();
                std::smatch match;
                if (!std::regex_search(heard, match, s.wait->expression)) return true;
                heard = match.suffix().str();
                looked_at = 0;
                matched = true;
            }
            if (!still && machine.cpu().now() < step_began + s.pause) return true;
            if (s.display && is_inhibited(s, display_of(s, machine.channels()))) return true;
            act(s);
            ++step;
            matched = still = false;
            step_began = machine.cpu().now();
        }
        return false;
    }

    void act(const OperatorStep& s) {
        if (s.mount) simulation::mount(machine.channels(), *s.mount);
        if (s.cards) devices.reader->load(s.cards);
        if (s.ipl) machine.initial_program_load(*s.ipl);
        if (s.attention) devices.console->request();
        if (s.display)
            key(s, display_of(s, machine.channels()));
        else if (s.type)
            devices.console->enter(*s.type);
    }

    /// The message of a script that cannot go on.
    std::string stuck(const char* why) {
        const OperatorStep& s = description.operator_script[step];
        if (s.display)
            return fmt::format("{}: step {}: {}: {}", s.where, step + 1, why,
                               expectation(s, display_of(s, machine.channels())));
        constexpr size_t kShown = 600;
        const std::string said = heard.size() > kShown ? "..." + heard.substr(heard.size() - kShown) : heard;
        return fmt::format(
            "{}: step {}: {}: expected a console text that matches \"{}\"; since the step before the "
            "console said:\n{}",
            s.where, step + 1, why, s.wait ? s.wait->text : "", said);
    }

    const VmDescription description;
    NativeHooks hooks;
    DeviceOutputs outputs;
    std::string line;
    std::string heard;       // typed by the program since the operator's last step
    size_t looked_at = 0;    // how much of it matched nothing
    size_t step = 0;         // of the operator's script
    bool matched = false;    // the text that the step waits for has come
    bool still = false;      // nothing goes on any more: no use to pause
    SimTime step_began = 0;  // when the step before was done
    uint64_t interruptions = 0;
    SimTime loading = 0;      // the time of the first load: the CPU does nothing meanwhile
    double host_seconds = 0;  // running
    simulation::Machine machine;
    simulation::UnitRecordDevices devices;
};

NativeMachine::NativeMachine(const simulation::MachineModel& model, const VmDescription& description,
                             NativeHooks hooks)
    : parts_(std::make_unique<Parts>(model, description, std::move(hooks))) {}

NativeMachine::~NativeMachine() = default;

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
    return parts_->description.operator_script.empty() ? run_alone(limits) : run_operated(limits);
}

void NativeMachine::start() {
    simulation::Machine& machine = parts_->machine;
    for (const ConsoleInput& input : parts_->description.console_input)
        machine.events().schedule(input.at, [this, &input] { parts_->devices.console->enter(input.text); });
    if (parts_->description.ipl)
        machine.initial_program_load(*parts_->description.ipl);
    else if (parts_->description.guest->loads_from_reader())
        machine.initial_program_load(parts_->description.options.devices.reader);
    else
        machine.restart();
    parts_->loading = machine.cpu().now();
}

simulation::Stop NativeMachine::advance(const simulation::RunLimits& limits) {
    const HostStopwatch watch(parts_->host_seconds);
    return parts_->machine.run(limits);
}

NativeResult NativeMachine::conclude(simulation::Stop stop) {
    simulation::Machine& machine = parts_->machine;
    simulation::flush_devices(machine.channels());
    parts_->outputs.finish();
    if (!parts_->line.empty()) parts_->end_line();
    NativeResult result;
    result.stop = stop;
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
    result.storage = machine.storage().size();
    for (const uint16_t address : machine.channels().addresses())
        if (const auto* display = dynamic_cast<simulation::Display3277*>(machine.channels().device(address)))
            result.displays.emplace(address, display->buffer().text());
    result.output = parts_->outputs.output();
    return result;
}

simulation::Stop NativeMachine::run_alone(const simulation::RunLimits& limits) {
    simulation::Machine& machine = parts_->machine;
    simulation::RunLimits left = limits;
    // A program that waits for its operator may let the interval timer run on meanwhile.
    left.patience = parts_->hooks.read_line ? kPatience : kEndlessWait;
    simulation::Stop stop;
    do {
        left.instructions = limits.instructions - std::min(limits.instructions, machine.instructions());
        stop = machine.run(left);
    } while (stop == simulation::Stop::idle && parts_->ask());
    return stop;
}

/// The operator looks at the console now and then.
simulation::Stop NativeMachine::run_operated(const simulation::RunLimits& limits) {
    using simulation::Stop;
    constexpr SimTime kLook = 100 * simulation::kMillisecond;
    simulation::Machine& machine = parts_->machine;
    const OperatorScript& script = parts_->description.operator_script;
    parts_->step_began = machine.cpu().now();
    for (;;) {
        if (!parts_->operate()) return Stop::idle;
        const SimTime now = machine.cpu().now();
        const SimTime deadline = parts_->step_began + script[parts_->step].limit;
        if (now >= deadline)
            throw OperatorError(parts_->stuck(
                fmt::format("nothing for {} s", script[parts_->step].limit / simulation::kSecond).c_str()));
        simulation::RunLimits left = limits;
        left.instructions = limits.instructions - std::min(limits.instructions, machine.instructions());
        left.time = std::min({limits.time, deadline, now + kLook});
        left.patience = kEndlessWait;
        const Stop stop = machine.run(left);
        if (stop == Stop::limit && machine.cpu().now() >= left.time && left.time != limits.time) continue;
        // The machine has come to its end: what the console has said by now must do.
        const size_t before = parts_->step;
        parts_->still = stop != Stop::limit;
        if (!parts_->operate()) return stop;
        if (parts_->step != before) continue;
        if (stop == Stop::limit || stop == Stop::breakpoint) return stop;
        throw OperatorError(parts_->stuck(std::string(name_of(stop)).c_str()));
    }
}

nlohmann::ordered_json to_json(const simulation::MachineModel& model, const NativeResult& result,
                               const std::vector<Dump>& dumps) {
    nlohmann::ordered_json j;
    if (!result.name.empty()) j["name"] = result.name;
    j["model"] = model.name;
    j["stop"] = name_of(result.stop);
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
    j["host_seconds"] = result.host_seconds;
    auto storage = nlohmann::ordered_json::object();
    for (const auto& [address, bytes] : dumps) {
        std::string hex;
        for (const uint8_t byte : bytes) fmt::format_to(std::back_inserter(hex), "{:02X}", byte);
        storage[fmt::format("{:06X}", address)] = std::move(hex);
    }
    j["storage"] = std::move(storage);
    j["output"] = to_json(result.output);
    for (const auto& [address, text] : result.displays) j["displays"][fmt::format("{:03X}", address)] = text;
    return j;
}

}  // namespace vmcp::experiment
