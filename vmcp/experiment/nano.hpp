// Single operations of a guest, each in a loop of its own: what one costs on the bare machine, and under each
// technique. In the manner of the nanobenchmarks of Adams and Agesen (ASPLOS 2006).
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/experiment/rung.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {

struct NanoOperation {
    std::string_view name, title;
    std::string_view instructions;  // lines of assembler source
    bool translates = false;        // the guest has translation on
};
const std::vector<NanoOperation>& nano_operations();

/// What one operation takes, as a mean of many.
struct NanoCost {
    double guest_ns = 0;  // CPU time of the guest; natively all of it
    double cp_ns = 0;
    double exits = 0;
    double ns() const { return guest_ns + cp_ns; }
};

struct Nano {
    std::vector<const NanoOperation*> operations;
    std::vector<const Rung*> rungs;
    std::vector<NanoCost> native;             // by operation
    std::vector<std::vector<NanoCost>> cost;  // by operation, then rung
    bool interrupted = false;
};

struct NanoHooks {
    std::function<void(size_t done, size_t all, const std::string& what)> progress;
    std::function<bool()> interrupted;
};

/// `scenario`: whose machine and control program it is; its virtual machines are not run. Its time slice
/// should be longer than any run: one run might have one end of a slice more than another.
Nano measure_operations(const Scenario& scenario, const std::vector<const NanoOperation*>& operations,
                        const std::vector<const Rung*>& rungs, const NanoHooks& hooks = {});

std::string report(const Scenario& scenario, const Nano& nano, size_t width = kUsualWidth);
nlohmann::ordered_json to_json(const Scenario& scenario, const Nano& nano);
/// A line an operation and technique.
std::string to_csv(const Nano& nano);

}  // namespace vmcp::experiment
