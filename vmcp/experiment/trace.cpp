#include "vmcp/experiment/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "vmcp/experiment/interruption_text.hpp"

namespace vmcp::experiment {
namespace {

constexpr unsigned kControlProgramRow = 0;  // a virtual machine's row is its id + 1
constexpr unsigned kRealIo = 2;             // the process whose rows are the real devices

unsigned row_of(const VirtualMachine& vm) { return vm.id + 1; }
unsigned row_of(const Account& account) {
    return account.owner != Account::kNobody ? account.owner + 1 : kControlProgramRow;
}

/// Microseconds, exact.
std::string microseconds(SimTime t) { return fmt::format("{}.{:03}", t / 1000, t % 1000); }

std::string json_text(std::string_view text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

TraceWriter::TraceWriter(const std::string& file, const std::string& title,
                         const std::vector<std::string>& names, uint64_t most)
    : file_(file), names_(names), most_(most) {
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
    for (const std::string& json : std::exchange(behind_group_, {})) event(json);
}

void TraceWriter::guest_ran(const VirtualMachine& vm, SimTime begin, SimTime end) {
    close();
    if (end > begin) slice(row_of(vm), "guest", "guest", begin, end);
}

void TraceWriter::trapped(const VirtualMachine&, const Trap& trap) {
    open(row_of(trap.payer), Cause::dispatch, true,
         trap.instruction ? std::string(trap.instruction->row().mnemonic)
                          : interruption_name(trap.interruption));
    add("PSW swap", 1, trap.time, trap.taken);
}

void TraceWriter::worked(const Account& account, Cause cause, Step step, uint64_t times, SimTime begin,
                         SimTime cost) {
    if (cost == 0) return;
    // What follows without a gap belongs to the same trap, or to the same cause.
    const bool goes_on = !group_.slices.empty() && group_.row == row_of(account) && group_.end == begin &&
                         (group_.is_trap || group_.cause == cause);
    if (!goes_on) open(row_of(account), cause, false, cause.text());
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

// ---- Real devices: a row for each, how many work on a channel, and how many requests wait for a device ----

void TraceWriter::queued(const RealDevice& device, SimTime now, size_t waiting) {
    RealDeviceRow& row = row_for(device);
    row.was_waited_for = true;
    count(fmt::format("waiting for {:03X}", device.address), "requests", waiting, now);
}

void TraceWriter::began(const RealDevice& device, const Account& payer, SimTime now, size_t waiting) {
    RealDeviceRow& row = row_for(device);
    row.works = true;
    real_io_event(fmt::format(
        R"({{"ph":"B","pid":{},"tid":{},"name":{},"cat":"request","ts":{}}})", kRealIo, device.address,
        json_text(payer.owner < names_.size() ? names_[payer.owner] : "control program"), microseconds(now)));
    count_working(device, now);
    if (row.was_waited_for) queued(device, now, waiting);
}

void TraceWriter::ended(const RealDevice& device, SimTime now) {
    row_for(device).works = false;
    real_io_event(fmt::format(R"({{"ph":"E","pid":{},"tid":{},"cat":"request","ts":{}}})", kRealIo,
                              device.address, microseconds(now)));
    count_working(device, now);
}

/// In the machine's row.
void TraceWriter::refused(const Account& of, const IoRefusal& refusal) {
    const std::string where =
        refusal.what == IoRefusal::What::unit
            ? std::string()
            : fmt::format(R"(,"address":"{:06X}","storing":{})", refusal.address, refusal.storing);
    real_io_event(fmt::format(
        R"({{"ph":"i","s":"t","pid":1,"tid":{},"name":"I/O refused: {}","cat":"refusal","ts":{},"args":{{"device":"{:03X}"{}}}}})",
        row_of(of), name_of(refusal.what), microseconds(refusal.at), refusal.device, where));
}

TraceWriter::RealDeviceRow& TraceWriter::row_for(const RealDevice& device) {
    if (real_devices_.empty())
        event(fmt::format(R"({{"ph":"M","pid":{},"name":"process_name","args":{{"name":"real I/O"}}}})",
                          kRealIo));
    const auto [row, is_new] = real_devices_.try_emplace(device.address);
    if (is_new)
        event(fmt::format(
            R"({{"ph":"M","pid":{},"tid":{},"name":"thread_name","args":{{"name":"device {:03X} {}"}}}})",
            kRealIo, device.address, device.address, device.device.type()));
    return row->second;
}

void TraceWriter::count_working(const RealDevice& device, SimTime now) {
    const auto channel = [](uint16_t address) { return address >> 8; };
    const auto working = std::count_if(real_devices_.begin(), real_devices_.end(), [&](const auto& other) {
        return channel(other.first) == channel(device.address) && other.second.works;
    });
    count(fmt::format("channel {:X}", channel(device.address)), "devices at work",
          static_cast<uint64_t>(working), now);
}

void TraceWriter::count(const std::string& name, std::string_view of, uint64_t number, SimTime now) {
    real_io_event(fmt::format(R"({{"ph":"C","pid":{},"name":{},"ts":{},"args":{{"{}":{}}}}})", kRealIo,
                              json_text(name), microseconds(now), of, number));
}

/// Behind the work that is going on, for that began earlier.
void TraceWriter::real_io_event(std::string json) {
    if (group_.slices.empty())
        event(json);
    else
        behind_group_.push_back(std::move(json));
}

}  // namespace vmcp::experiment
