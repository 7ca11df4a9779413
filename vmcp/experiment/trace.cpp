#include "vmcp/experiment/trace.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "isa/disassembler.hpp"

namespace vmcp::experiment {
namespace {

constexpr int kProcess = 1;
constexpr uint64_t kControlProgramRow = 0;

uint64_t row_of(VmId id) { return id + uint64_t{1}; }

/// Microseconds with nanoseconds behind the point.
std::string microseconds(SimTime t) { return fmt::format("{}.{:03}", t / 1000, t % 1000); }

std::string json_string(std::string_view text) { return nlohmann::json(text).dump(); }

std::string name_of_trap(const Trap& trap) {
    if (trap.instruction) return std::string(trap.instruction->row().mnemonic);
    if (const auto* svc = std::get_if<isa::SupervisorCallInterruption>(&trap.exit))
        return fmt::format("SVC {}", svc->number);
    if (const auto* program = std::get_if<isa::ProgramInterruption>(&trap.exit))
        return std::string(isa::name_of(program->code));
    return "timer";
}

}  // namespace

TraceWriter::TraceWriter(const std::string& file, const std::vector<std::string>& names)
    : name_(file), file_(std::fopen(file.c_str(), "wb")) {
    if (file_ == nullptr)
        throw std::runtime_error(fmt::format("{}: cannot be written: {}", file, std::strerror(errno)));
    fmt::print(file_.get(),
               "{{\"displayTimeUnit\":\"ns\",\"otherData\":{{\"time\":\"simulated\"}},\"traceEvents\":[");
    event(fmt::format(R"({{"ph":"M","pid":{},"name":"process_name","args":{{"name":"the real machine"}}}})",
                      kProcess));
    const auto name_row = [this](uint64_t row, std::string_view name) {
        event(fmt::format(R"({{"ph":"M","pid":{},"tid":{},"name":"thread_name","args":{{"name":{}}}}})",
                          kProcess, row, json_string(name)));
        event(fmt::format(
            R"({{"ph":"M","pid":{},"tid":{},"name":"thread_sort_index","args":{{"sort_index":{}}}}})",
            kProcess, row, row));
    };
    name_row(kControlProgramRow, "control program");
    for (size_t i = 0; i < names.size(); ++i) name_row(row_of(static_cast<VmId>(i)), names[i]);
}

TraceWriter::~TraceWriter() = default;

void TraceWriter::event(std::string_view text) {
    fmt::print(file_.get(), "{}{}", first_ ? "\n" : ",\n", text);
    first_ = false;
}

void TraceWriter::slice(uint64_t row, std::string_view name, std::string_view category, SimTime begin,
                        SimTime duration, std::string_view arguments) {
    if (duration == 0) return;
    event(fmt::format(R"({{"ph":"X","pid":{},"tid":{},"name":{},"cat":"{}","ts":{},"dur":{}{}{}}})", kProcess,
                      row, json_string(name), category, microseconds(begin), microseconds(duration),
                      arguments.empty() ? "" : ",\"args\":", arguments));
}

void TraceWriter::guest_ran(const VirtualMachine& vm, SimTime begin, SimTime end) {
    slice(row_of(vm.id), "guest", "guest", begin, end - begin);
}

void TraceWriter::trapped(const VirtualMachine& vm, const Trap& trap) {
    event(fmt::format(
        R"({{"ph":"i","s":"t","pid":{},"tid":{},"name":{},"cat":"trap","ts":{},"args":{{"psw":"{:016X}"}}}})",
        kProcess, row_of(vm.id), json_string(name_of_trap(trap)), microseconds(trap.time),
        isa::encode(trap.real_old_psw)));
    slice(row_of(vm.id), "PSW swap", "hardware", trap.time, trap.taken - trap.time);
}

void TraceWriter::worked(const VirtualMachine* vm, Cause cause, Step step, uint64_t times, SimTime begin,
                         SimTime cost) {
    slice(vm != nullptr ? row_of(vm->id) : kControlProgramRow, name_of(step), "control program", begin, cost,
          fmt::format(R"({{"cause":{},"times":{}}})", json_string(cause.name()), times));
}

void TraceWriter::idled(SimTime begin, SimTime end) {
    slice(kControlProgramRow, "idle", "idle", begin, end - begin);
}

void TraceWriter::stopped(const VirtualMachine& vm, SimTime now) {
    event(fmt::format(R"({{"ph":"i","s":"t","pid":{},"tid":{},"name":{},"cat":"stop","ts":{}}})", kProcess,
                      row_of(vm.id), json_string(fmt::format("stopped: {}", name_of(vm.stop))),
                      microseconds(now)));
}

void TraceWriter::close() {
    fmt::print(file_.get(), "\n]}}\n");
    const bool bad = std::ferror(file_.get()) != 0;
    if (std::fclose(file_.release()) != 0 || bad)
        throw std::runtime_error(fmt::format("{}: cannot be written completely", name_));
}

}  // namespace vmcp::experiment
