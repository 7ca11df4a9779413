#include "vmcp/conformance/simulated_machine.hpp"

#include <fmt/format.h>
#include <time.h>

#include <stdexcept>

#include "isa/psw.hpp"
#include "simulation/machine/machine.hpp"
#include "vmcp/conformance/child_process.hpp"

namespace vmcp::conformance {
namespace {

/// Host CPU time of the calling thread, in seconds.
double thread_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

SimulatedMachine::SimulatedMachine(std::string model) : model_(std::move(model)) {}

std::string SimulatedMachine::name() const { return fmt::format("vmcp, model {}", model_); }

Outcome SimulatedMachine::run(const RunRequest& request) {
    simulation::MachineModel model = simulation::MachineModel::load(model_);
    if (request.architecture == Architecture::esa390) model.facilities.install(isa::Facility::gcc);
    simulation::Machine machine(std::move(model), request.storage_size);
    const std::vector<uint8_t>& core = request.core.bytes;
    if (request.core.address > machine.storage().size() ||
        core.size() > machine.storage().size() - request.core.address)
        throw std::runtime_error(
            fmt::format("the core image of {} bytes at {:06X} does not fit into {} bytes", core.size(),
                        request.core.address, machine.storage().size()));
    if (!core.empty())
        machine.storage().put(request.core.address, core.data(), static_cast<uint32_t>(core.size()));
    machine.restart();

    Outcome outcome;
    const double cpu_before = thread_seconds();
    const double before = host_seconds_now();
    // In portions, so that the host's clock is looked at now and then.
    constexpr uint64_t kPortion = 20'000'000;
    simulation::Stop stop = simulation::Stop::limit;
    do stop = machine.run({kPortion, simulation::kNever});
    while (stop == simulation::Stop::limit && host_seconds_now() - before < request.host_seconds_limit);
    outcome.host_seconds = host_seconds_now() - before;
    outcome.cpu_seconds = thread_seconds() - cpu_before;
    outcome.stop = stop == simulation::Stop::disabled_wait ? Stop::disabled_wait
                   : stop == simulation::Stop::check_stop  ? Stop::check_stop
                                                           : Stop::limit;

    const isa::CpuState& state = machine.cpu().state();
    outcome.psw = isa::encode(state.psw);
    outcome.gpr = state.gpr;
    outcome.cr = state.cr;
    outcome.fpr = state.fpr;
    outcome.instructions = machine.cpu().counters().instructions;
    for (const StorageRange& range : request.dumps) {
        const uint8_t* bytes = machine.storage().at(range.address);
        outcome.storage.push_back({range.address, {bytes, bytes + range.length}});
    }
    return outcome;
}

}  // namespace vmcp::conformance
