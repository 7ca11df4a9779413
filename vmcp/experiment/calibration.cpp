#include "vmcp/experiment/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "simulation/model/toml_reader.hpp"
#include "vmcp/experiment/guest_image.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/version.hpp"

namespace vmcp::experiment {
namespace {

constexpr size_t kAnyCaller = ~size_t{0};

Step step_named(simulation::TomlReader& entry, std::string_view key) {
    const std::string name = entry.text(key);
    const auto at = std::find(std::begin(kStepNames), std::end(kStepNames), name);
    if (at == std::end(kStepNames)) entry.fail(key, fmt::format("\"{}\": expected the name of a step", name));
    return static_cast<Step>(at - std::begin(kStepNames));
}

StepFunctions::Entry read_entry(simulation::TomlReader entry) {
    StepFunctions::Entry read;
    if (entry.has("as"))
        read.as = step_named(entry, "as");
    else if (entry.has("within"))
        read.within = step_named(entry, "within");
    else if (entry.has("absent"))
        read.absent = entry.text("absent");
    else {
        read.functions = entry.texts("functions");
        read.per = entry.texts("per");
    }
    entry.finish();
    return read;
}

}  // namespace

StepFunctions StepFunctions::load(const std::string& path) {
    auto root = simulation::TomlReader::load(path);
    StepFunctions read;
    read.program = root.text("program");
    auto steps = root.table("step");
    std::set<std::string> seen;
    for (unsigned i = 0; i < kSteps; ++i) {
        if (!steps.has(kStepNames[i])) continue;
        read.entries[i] = read_entry(steps.table(kStepNames[i]));
        for (const std::string& function : read.entries[i]->functions)
            if (!seen.insert(function).second)
                steps.fail(kStepNames[i], fmt::format("\"{}\": expected to be of one step only", function));
    }
    for (unsigned i = 0; i < kSteps; ++i) {
        const auto& entry = read.entries[i];
        if (!entry) continue;
        for (const auto& other : {entry->as, entry->within})
            if (other && (!read.entries[static_cast<unsigned>(*other)] ||
                          read.entries[static_cast<unsigned>(*other)]->functions.empty()))
                steps.fail(kStepNames[i], "expected a step that has functions");
    }
    steps.finish();
    root.finish();
    return read;
}

Spent StepTimes::control_program() const {
    Spent all = in_no_step;
    all += interruptions;
    for (const Measured& step : steps) all += step.spent;
    return all;
}

StepTimer::StepTimer(simulation::Machine& machine, const std::string& file, const StepFunctions& steps)
    : machine_(machine), symbols_(SymbolTable::load(file)) {
    std::map<std::string, size_t> known;
    for (size_t i = 0; i < symbols_.functions().size(); ++i) known[symbols_.functions()[i].name] = i;
    const auto place = [&](const std::string& what) -> Named& {
        const size_t slash = what.find('/');
        const auto find = [&](const std::string& name) {
            const auto found = known.find(name);
            if (found == known.end())
                throw GuestError(
                    fmt::format("{}: expected a function \"{}\", which a step names", file, name));
            return found->second;
        };
        const size_t caller = slash == std::string::npos ? kAnyCaller : find(what.substr(0, slash));
        return by_call_[{caller, find(slash == std::string::npos ? what : what.substr(slash + 1))}];
    };
    for (unsigned i = 0; i < kSteps; ++i) {
        if (!steps.entries[i]) continue;
        for (const std::string& function : steps.entries[i]->functions) place(function).step = i;
        for (const std::string& function : steps.entries[i]->per) place(function).counts_for.push_back(i);
    }
    machine_.executor().observers.add(*this);
    machine_.observers.add(*this);
}

StepTimer::~StepTimer() {
    machine_.executor().observers.remove(*this);
    machine_.observers.remove(*this);
}

void StepTimer::charge() {
    const uint64_t instructions = machine_.instructions();
    const simulation::SimTime worked = machine_.cpu().now() - machine_.waited();
    if (running_ != nullptr) *running_ += {instructions - instructions_, worked - worked_};
    instructions_ = instructions;
    worked_ = worked;
}

void StepTimer::enter(const simulation::Cpu& cpu, size_t function) {
    const size_t caller = frames_.empty() ? kAnyCaller : frames_.back().function;
    unsigned step = frames_.empty() ? kNoStep : frames_.back().step;
    auto named = by_call_.find({caller, function});
    if (named == by_call_.end()) named = by_call_.find({kAnyCaller, function});
    if (named != by_call_.end()) {
        step = named->second.step.value_or(step);
        for (const unsigned counted : named->second.counts_for) ++times_.steps[counted].times;
    }
    frames_.push_back({function, cpu.gpr(14) & isa::kAddressMask, cpu.gpr(15), step});
}

void StepTimer::before(const simulation::Cpu& cpu, uint32_t address, const isa::Decoded&) {
    charge();
    if (cpu.psw().problem_state || cpu.psw().dat) {
        running_ = &times_.guests;
        return;
    }
    while (!frames_.empty() && address == frames_.back().return_address &&
           cpu.gpr(15) == frames_.back().stack)
        frames_.pop_back();
    const auto function = symbols_.function_at(address);
    if (function && address == symbols_.functions()[*function].address) enter(cpu, *function);
    const unsigned step = frames_.empty() ? kNoStep : frames_.back().step;
    running_ = step == kNoStep ? &times_.in_no_step : &times_.steps[step].spent;
}

void StepTimer::interruption(const simulation::Cpu&, const isa::Interruption&) {
    charge();
    frames_.clear();  // what the control program did last it has finished
    if (running_ != nullptr) running_ = &times_.interruptions;
}

StepTimes StepTimer::times() {
    charge();
    return times_;
}

namespace {

/// "{ ns = 1234, source = "..." }"
std::string price(const StepFunctions& functions, const StepTimes& times, const ControlProgramModel& base,
                  unsigned step) {
    const auto line = [](simulation::SimTime ns, const std::string& source) {
        return fmt::format("{{ ns = {}, source = \"{}\" }}", ns, source);
    };
    const auto& entry = functions.entries[step];
    const auto as_base = [&](const char* why) {
        std::string source = base.sources[step];
        std::replace(source.begin(), source.end(), '"', '\'');
        return line(base.prices[step], fmt::format("assumed: {} {}, so this is the price of {} ({})",
                                                   functions.program, why, base.name, source));
    };
    if (!entry) return as_base("does not do this");
    if (entry->within)
        return line(0, fmt::format("measured: {}, {}: a part of {}", functions.program, commit(),
                                   name_of(*entry->within)));
    if (!entry->absent.empty())
        return line(
            0, fmt::format("measured: {}, {}: not done: {}", functions.program, commit(), entry->absent));
    const unsigned measured = entry->as ? static_cast<unsigned>(*entry->as) : step;
    const auto& [count, spent] = times.steps[measured];
    if (count == 0) return as_base("has not done this in the run");
    const auto per = [count = count](uint64_t whole) { return (whole + count / 2) / count; };
    return line(static_cast<simulation::SimTime>(per(static_cast<uint64_t>(spent.time))),
                fmt::format("measured: {}, {}: {:.1f} instructions each ({} in {}){}", functions.program,
                            commit(), static_cast<double>(spent.instructions) / static_cast<double>(count),
                            count_text(spent.instructions), counted(count, "time"),
                            entry->as ? fmt::format(", as {}", name_of(*entry->as)) : ""));
}

}  // namespace

std::string calibrated_model(const StepFunctions& functions, const StepTimes& times,
                             const ControlProgramModel& base, const std::string& machine,
                             const std::string& name) {
    std::string text = fmt::format(
        "# Made by vmcp calibrate from a run on the bare machine {}. Simulated times of executed steps.\n"
        "name = \"{}\"\n"
        "title = \"{}, executed and measured\"\n\n[step]\n",
        machine, name, functions.program);
    for (unsigned i = 0; i < kSteps; ++i)
        if (!is_of_host(i)) text += fmt::format("{} = {}\n", kStepNames[i], price(functions, times, base, i));
    return text;
}

}  // namespace vmcp::experiment
