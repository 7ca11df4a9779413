#include "vmcp/experiment/scenario.hpp"

#include "vmcp/experiment/scenario_reader.hpp"

namespace vmcp::experiment {

uint32_t Scenario::v_equals_r() const {
    for (const VmDescription& vm : vms)
        if (vm.options.storage_kind == StorageKind::real) return vm.options.storage;
    return 0;
}

std::string scenario_reference() { return scenario_file::ScenarioReader::reference(); }

Scenario read_scenario(const std::string& path, const Overrides& overrides) {
    return parse_scenario(simulation::read_text_file(path), path, overrides);
}

Scenario parse_scenario(std::string_view text, const std::string& file, const Overrides& overrides) {
    return scenario_file::ScenarioReader(file, overrides).read(simulation::TomlReader::parse(text, file));
}

}  // namespace vmcp::experiment
