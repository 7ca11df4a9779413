#include "vmcp/experiment/csv_report.hpp"

#include <fmt/format.h>

namespace vmcp::experiment {

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string to_csv(const RunResult& result) {
    std::vector<Cause> causes;
    for (unsigned i = 0; i < Cause::kCount; ++i) {
        const LedgerEntry entry = result.of(Cause::at(i));
        if (entry.count != 0 || entry.time != 0) causes.push_back(Cause::at(i));
    }
    std::string csv =
        "name,guest,state,stop,storage_bytes,priority,share,guest_ns,cp_ns,tv_ratio,elapsed_ns,wait_ns,"
        "ready_ns,page_wait_ns,pages_filled,pages_in,pages_out,responses,mean_response_ns,instructions,exits";
    for (const Cause cause : causes) csv += fmt::format(",{0}_count,{0}_cp_ns", cause.name());
    csv += '\n';
    for (const VmResult& vm : result.vms) {
        const Account& a = vm.account;
        csv += fmt::format(
            "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}", csv_field(vm.name),
            csv_field(vm.file), name_of(vm.state), name_of(vm.stop), vm.storage, vm.scheduling.priority,
            vm.scheduling.share, a.guest, a.control_program,
            a.guest == 0 ? ""
                         : fmt::format("{:.6f}", static_cast<double>(a.guest + a.control_program) /
                                                     static_cast<double>(a.guest)),
            vm.elapsed(), vm.waited, vm.was_ready, vm.page_waited, vm.pages.fills, vm.pages.reads,
            vm.pages.writes, vm.responses,
            vm.responses == 0 ? "" : fmt::format("{}", vm.response_time / static_cast<SimTime>(vm.responses)),
            vm.instructions, vm.exits);
        for (const Cause cause : causes) csv += fmt::format(",{},{}", a.of(cause).count, a.of(cause).time);
        csv += '\n';
    }
    return csv;
}

}  // namespace vmcp::experiment
