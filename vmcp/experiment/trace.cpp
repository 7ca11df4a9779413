#include "vmcp/experiment/trace.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "vmcp/experiment/interruption_text.hpp"

namespace vmcp::experiment {
namespace {

constexpr unsigned kControlProgramRow = 0;  // a virtual machine's row is its id + 1

unsigned row_of(const VirtualMachine& vm) { return vm.id + 1; }

/// Microseconds, exact.
std::string microseconds(SimTime t) { return fmt::format("{}.{:03}", t / 1000, t % 1000); }

std::string json_text(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

TraceWriter::TraceWriter(const std::string& file, const std::string& title,
                         const std::vector<std::string>& names, uint64_t most)
    : file_(file), most_(most) {
    file_.write(
        fmt::format("{{\"displayTimeUnit\":\"ns\",\"otherData\":{{\"time\":\"simulated\",\"scenario\":{}}},"
                    "\"traceEvents\":[",
                    json_text(title)));
    event(
        fmt::format(R"({{"ph":"M","pid":1,"name":"process_name","args":{{"name":{}}}}})", json_text(title)));
    const auto row = [this](size_t number, std::string_view name) {
        event(fmt::format(R"({{"ph":"M","pid":1,"tid":{},"name":"thread_name","args":{{"name":{}}}}})",
                          number, json_text(name)));
        event(fmt::format(
            R"({{"ph":"M","pid":1,"tid":{0},"name":"thread_sort_index","args":{{"sort_index":{0}}}}})",
            number));
    };
    row(kControlProgramRow, "control program");
    for (size_t i = 0; i < names.size(); ++i) row(i + 1, names[i]);
}

TraceWriter::~TraceWriter() = default;

void TraceWriter::finish(bool interrupted) {
    close();
    file_.write(fmt::format("\n]{}{}}}\n", interrupted ? ",\"interrupted\":true" : "",
                            full_ ? ",\"truncated\":true" : ""));
    file_.finish();
}

void TraceWriter::event(const std::string& json) {
    full_ = full_ || file_.size() >= most_;
    if (full_) return;
    file_.write(first_ ? "\n" : ",\n");
    file_.write(json);
    first_ = false;
}

void TraceWriter::slice(unsigned row, std::string_view name, std::string_view category, SimTime begin,
                        SimTime end, uint64_t times) {
    event(fmt::format(R"({{"ph":"X","pid":1,"tid":{},"name":{},"cat":"{}","ts":{},"dur":{}{}}})", row,
                      json_text(name), category, microseconds(begin), microseconds(end - begin),
                      times == 1 ? "" : fmt::format(R"(,"args":{{"times":{}}})", times)));
}

void TraceWriter::open(unsigned row, Cause cause, bool is_trap, std::string name) {
    close();
    group_.row = row;
    group_.cause = cause;
    group_.is_trap = is_trap;
    group_.name = std::move(name);
}

void TraceWriter::add(std::string_view name, uint64_t times, SimTime begin, SimTime end) {
    if (group_.slices.empty()) group_.begin = begin;
    group_.end = end;
    group_.slices.push_back({name, times, begin, end});
}

void TraceWriter::close() {
    if (group_.slices.empty()) return;
    slice(group_.row, group_.name, group_.is_trap ? "trap" : "work", group_.begin, group_.end);
    for (const Slice& s : group_.slices) slice(group_.row, s.name, "step", s.begin, s.end, s.times);
    group_.slices.clear();
}

void TraceWriter::guest_ran(const VirtualMachine& vm, SimTime begin, SimTime end) {
    close();
    if (end > begin) slice(row_of(vm), "guest", "guest", begin, end);
}

void TraceWriter::trapped(const VirtualMachine& vm, const Trap& trap) {
    open(row_of(vm), Cause::dispatch, true,
         trap.instruction ? std::string(trap.instruction->row().mnemonic)
                          : interruption_name(trap.interruption));
    add("PSW swap", 1, trap.time, trap.taken);
}

void TraceWriter::worked(const Account& account, Cause cause, Step step, uint64_t times, SimTime begin,
                         SimTime cost) {
    if (cost == 0) return;
    const unsigned row = account.owner != Account::kNobody ? account.owner + 1 : kControlProgramRow;
    // What follows without a gap belongs to the same trap, or to the same cause.
    const bool goes_on = !group_.slices.empty() && group_.row == row && group_.end == begin &&
                         (group_.is_trap || group_.cause == cause);
    if (!goes_on) open(row, cause, false, cause.text());
    add(name_of(step), times, begin, begin + cost);
}

void TraceWriter::idled(SimTime begin, SimTime end) {
    close();
    slice(kControlProgramRow, "idle", "idle", begin, end);
}

void TraceWriter::stopped(const VirtualMachine& vm, SimTime at) {
    close();
    event(fmt::format(R"({{"ph":"i","s":"t","pid":1,"tid":{},"name":{},"cat":"stop","ts":{}}})", row_of(vm),
                      json_text(fmt::format("stopped: {}", name_of(vm.stop))), microseconds(at)));
}

}  // namespace vmcp::experiment
