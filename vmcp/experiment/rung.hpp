// The rungs of the ladder: what hardware did for the control program, year by year. A rung is how every guest
// of a scenario is run: what the machine has, which control program, by which techniques.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/experiment/scenario.hpp"

namespace vmcp::experiment {

/// A figure that somebody has published, and what it is to be compared with here.
struct Published {
    enum class Of : uint8_t {
        overhead,  // control-program time to what the guests take natively
        cp_time,   // control-program time to that on another rung
        tio,       // of TIO, which asks a device and moves nothing, CP time to that of one on another rung
    };
    Of of{};
    std::string_view than;  // the other rung; empty for an overhead
    double low = 0, high = 0;
    std::string_view source;
    bool of_io = false;  // it is told of guests that do I/O: only those that have devices of the real machine
};

struct Rung {
    std::string name = {}, year = {}, title = {};
    std::string_view machine = {};  // the model whose facilities the machine has beside its own; empty: none
    std::string_view control_program = {};  // model; empty: the scenario's
    Technique technique = Technique::trap_and_emulate;
    AssistSet assists = {};
    StorageKind kind = StorageKind::paged;
    GuestTranslation translation = GuestTranslation::shadow;
    std::optional<WayOfIo> io = {};                  // of dedicated devices; empty: as the scenario has it
    std::optional<InterceptSet> intercepts = {};     // with sie; empty: as the scenario has it
    std::optional<bool> exits_together = {};         // with sie; empty: as the scenario has it
    std::optional<bool> wait_completion = {};        // with sie; empty: as the scenario has it
    bool interpretive_io = false;                    // of dedicated devices, with sie
    std::optional<DeviceServer> device_server = {};  // with a host; empty: as its model says
    std::optional<Published> published = {};
    std::string policy = {};  // of dispatching; empty: the scenario's
};

/// From the ground upwards.
const std::vector<Rung>& rungs();
/// Null if there is none.
const Rung* rung_called(std::string_view name);

/// What may be varied, with the values that it may have: "technique", "translation", "assists", "exits",
/// "storage-kind", "io", "policy".
struct Varied {
    std::string what;
    std::vector<std::string> values;
};
/// Reads "translation=shadow,nested". Throws std::invalid_argument with one line.
Varied parse_varied(std::string_view text);
/// Every combination, as rungs of their own. Throws std::invalid_argument with one line where values do not
/// go together.
std::vector<Rung> combinations(const std::vector<Varied>& varied);

/// The scenario with every machine as the rung has it. Its machine keeps the timing that it has.
Scenario on_rung(Scenario scenario, const Rung& rung);

}  // namespace vmcp::experiment
