#include "vmcp/experiment/io_footprint.hpp"

#include <fmt/format.h>

#include "vmcp/experiment/run.hpp"

namespace vmcp::experiment {
namespace {

constexpr unsigned kFewMachines = 2, kManyMachines = 130;
constexpr double kPageBytes = 4096, kMegabyte = 1024 * 1024;

struct Held {
    double frames = 0, pages = 0;  // not free; of them, pages of machines
};

Held held_by(const Scenario& scenario, const VmDescription& vm, unsigned machines,
             const std::function<bool()>& interrupted) {
    Scenario many = scenario;
    many.vms.clear();
    for (unsigned i = 0; i < machines; ++i) {
        many.vms.push_back(vm);
        many.vms.back().options.name = fmt::format("G{}", i);
    }
    RunHooks hooks;
    hooks.interrupted = interrupted;
    const RunResult result = run(many, hooks);
    Held held;
    held.frames = static_cast<double>(result.page_frames) - static_cast<double>(result.page_frames_free);
    for (const VmResult& one : result.vms) held.pages += one.resident_pages;
    return held;
}

double in_megabyte(double bytes) { return bytes == 0 ? 0 : kMegabyte / bytes; }

}  // namespace

double Footprint::guests_in_megabyte() const { return in_megabyte(pages + tables); }
double Footprint::kept_in_megabyte() const { return in_megabyte(tables); }

std::vector<Footprint> footprints_of(const Scenario& scenario, const std::function<bool()>& interrupted) {
    std::vector<Footprint> all;
    for (const VmDescription& vm : scenario.vms) {
        const Held few = held_by(scenario, vm, kFewMachines, interrupted);
        const Held many = held_by(scenario, vm, kManyMachines, interrupted);
        if (interrupted && interrupted()) return all;
        constexpr double kMore = kManyMachines - kFewMachines;
        const double frames = (many.frames - few.frames) / kMore, pages = (many.pages - few.pages) / kMore;
        all.push_back({vm.options.name, vm.options.storage, pages * kPageBytes, (frames - pages) * kPageBytes,
                       (few.frames - frames * kFewMachines) * kPageBytes});
    }
    return all;
}

}  // namespace vmcp::experiment
