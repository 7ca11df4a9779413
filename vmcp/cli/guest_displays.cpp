#include "vmcp/cli/guest_displays.hpp"

#include <fmt/format.h>

#include <chrono>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/experiment/scenario.hpp"

namespace vmcp::cli {
namespace {

using experiment::Progress;
using simulation::SimTime;

/// After so much simulated time it is seen what the terminals do.
constexpr SimTime kLook = 20 * simulation::kMillisecond;
/// So long it is waited for them at once where nothing will happen by itself: Ctrl-C must be noticed.
constexpr std::chrono::milliseconds kPatience{100};

}  // namespace

void serve_displays(const experiment::Scenario& scenario, experiment::VirtualSession& session,
                    terminal::DisplayTerminals& terminals) {
    for (const experiment::VmDescription& vm : scenario.vms)
        for (const simulation::DeviceDescription& device : vm.options.devices) {
            if (device.listen == 0) continue;
            try {
                terminals.serve(session.display(vm.options.name, device.address), device.listen);
            } catch (const std::runtime_error& error) {
                throw InputError(fmt::format("{}: virtual machine {}: display {:03X}: {}", scenario.file,
                                             vm.options.name, device.address, error.what()));
            }
            print_error(
                "{}: display {:03X}: a terminal may connect: x3270 127.0.0.1:{}; Ctrl-C ends the run\n",
                vm.options.name, device.address, device.listen);
        }
}

void run_attended(experiment::VirtualSession& session, terminal::DisplayTerminals& terminals) {
    while (true) {
        const SimTime began = session.now(), idle = session.idle();
        const Progress progress = session.advance(began + kLook);
        if (progress == Progress::ended) return;
        const SimTime passed = session.now() - began;
        const bool only_waited = session.idle() - idle == passed;
        const auto patience = progress == Progress::idle ? kPatience
                              : only_waited ? std::chrono::milliseconds(passed / simulation::kMillisecond)
                                            : std::chrono::milliseconds(0);
        terminals.wait(std::min(patience, kPatience));
    }
}

}  // namespace vmcp::cli
