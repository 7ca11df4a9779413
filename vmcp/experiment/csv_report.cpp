#include "vmcp/experiment/csv_report.hpp"

#include <fmt/format.h>

#include "vmcp/experiment/version.hpp"

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

std::string settings_columns() {
    return "vmcp_version,vmcp_commit,machine_model,machine_scale,cp_model,cp_scale,policy,slice_ns,seed,"
           "time_limit_ns,page_replacement,translation,assists";
}

std::string settings_fields(const Scenario& scenario, const VmResult* vm) {
    return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}", version(), commit(),
                       csv_field(scenario.machine.name), scenario.machine.scale,
                       csv_field(scenario.control_program.name), scenario.control_program.scale,
                       scenario.policy, scenario.scheduling.slice, scenario.seed, scenario.time_limit,
                       scenario.paging.replacement, vm != nullptr ? name_of(vm->translation) : "",
                       vm != nullptr ? vm->assists.text() : "");
}

std::string to_csv(const Scenario& scenario, const RunResult& result) {
    // All causes, whatever happened: tables of different runs have the same columns.
    std::vector<Cause> causes;
    for (unsigned i = 0; i < Cause::kCount; ++i) causes.push_back(Cause::at(i));
    std::string csv =
        "name,guest,state,stop,storage_bytes,priority,share,guest_ns,cp_ns,tv_ratio,elapsed_ns,wait_ns,"
        "ready_ns,page_wait_ns,pages_filled,pages_in,pages_out,responses,mean_response_ns,instructions,exits";
    for (const Cause cause : causes) csv += fmt::format(",{0}_count,{0}_cp_ns", cause.name());
    csv += ',' + settings_columns() + '\n';
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
        csv += ',' + settings_fields(scenario, &vm) + '\n';
    }
    return csv;
}

}  // namespace vmcp::experiment
