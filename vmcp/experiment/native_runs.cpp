#include "vmcp/experiment/native_runs.hpp"

#include <utility>

#include "vmcp/experiment/bare_machine.hpp"
#include "vmcp/experiment/private_media.hpp"

namespace vmcp::experiment {

std::vector<NativeResult> run_natively(const Scenario& scenario, const std::function<bool()>& interrupted) {
    std::vector<NativeResult> results;
    for (const VmDescription& vm : scenario.vms) {
        if (vm.expectations.empty() || interrupted()) {
            results.emplace_back();
            continue;
        }
        PrivateMedia media;
        BareDisks disks;
        VmDescription bare = bare_machine(scenario, vm, disks);
        media.replace_in(bare);
        NativeHooks hooks;
        hooks.interrupted = interrupted;
        results.push_back(NativeMachine(scenario.machine, bare, std::move(hooks))
                              .run({vm.most_instructions, scenario.time_limit, kEndlessWait}));
    }
    return results;
}

}  // namespace vmcp::experiment
