#include "vmcp/experiment/technique_values.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace vmcp::experiment {
namespace {

using simulation::MachineModel;
using simulation::TomlReader;

std::optional<Assist> assist_of(std::string_view name) {
    for (const Assist assist : kAssists)
        if (name == name_of(assist)) return assist;
    return std::nullopt;
}

}  // namespace

void read_storage_kind(TomlReader& table, const Scenario& so_far, VmOptions& options) {
    const std::string kind = table.text("kind");
    if (kind == name_of(StorageKind::resident))
        options.storage_kind = StorageKind::resident;
    else if (kind == name_of(StorageKind::real))
        options.storage_kind = StorageKind::real;
    else if (kind != name_of(StorageKind::paged))
        table.fail("kind", fmt::format("unknown kind \"{}\": expected V=V, V=Resident or V=R", kind));
    if (options.storage_kind == StorageKind::real && so_far.v_equals_r() != 0)
        table.fail("kind", "there is a V=R machine already: expected at most one");
}

void read_technique(TomlReader& table, VmOptions& options) {
    const std::string name = table.text("technique");
    const auto technique = parse_technique(name);
    if (!technique)
        table.fail(
            "technique",
            fmt::format("\"{}\": expected trap-and-emulate, interpretation or binary-translation", name));
    options.technique = *technique;
}

void read_translation(TomlReader& table, const MachineModel& model, VmOptions& options) {
    const std::string translation = table.text("translation");
    if (translation == name_of(GuestTranslation::nested)) {
        options.translation = GuestTranslation::nested;
        if (options.technique == Technique::interpretation)
            table.fail("translation",
                       "an interpreted machine translates by program: expected no nested translation, or "
                       "technique = \"trap-and-emulate\"");
        if (options.technique == Technique::binary_translation)
            table.fail("translation",
                       "translated code needs shadow tables: expected no nested translation, or technique = "
                       "\"trap-and-emulate\"");
        if (!model.facilities.has(isa::Facility::nested_translation))
            table.fail("translation", fmt::format("the machine model {} has no nested translation: expected "
                                                  "\"shadow\", or a model with facility nested_translation",
                                                  model.name));
    } else if (translation != name_of(GuestTranslation::shadow)) {
        table.fail("translation", fmt::format("\"{}\": expected shadow or nested", translation));
    }
}

void read_assists(TomlReader& table, const MachineModel& model, VmOptions& options) {
    for (const std::string& name : table.texts("assists")) {
        const auto assist = assist_of(name);
        if (!assist)
            table.fail("assists", fmt::format("\"{}\": expected vma, evma, vtimer, ecps, pma or sie", name));
        options.assists.add(*assist);
    }
    if (!options.assists.empty() && options.technique == Technique::binary_translation)
        table.fail("assists",
                   "translated code does by itself what an assist would: expected none, or technique = "
                   "\"trap-and-emulate\"");
    if (!options.assists.empty() && options.technique == Technique::interpretation)
        table.fail(
            "assists",
            "an interpreted machine never traps, so that no assist can help: expected none, or technique "
            "= \"trap-and-emulate\"");
    if (options.assists.has(Assist::evma) && !options.assists.has(Assist::vma))
        table.fail("assists", "\"evma\" is the expanded form of vma: expected both");
    if (options.assists.has(Assist::pma) && options.storage_kind != StorageKind::real)
        table.fail("assists",
                   "\"pma\" is for a machine at real addresses: expected kind = \"V=R\" in front of it");
    if (const auto missing = options.assists.missing_of(model.facilities))
        table.fail("assists",
                   fmt::format("\"{}\": the machine model {} has no such assist: expected a model with "
                               "facility {}, as {}",
                               name_of(*missing), model.name,
                               isa::kFacilityNames[static_cast<unsigned>(facility_of(*missing))],
                               *missing == Assist::sie ? "s370-158-interpretive" : "s370-158-assists"));
}

void read_intercepts(TomlReader& table, VmOptions& options) {
    for (const std::string& name : table.texts("intercepts")) {
        const auto* const at = std::find_if(kIntercepts.begin(), kIntercepts.end(),
                                            [&name](Intercept one) { return name == name_of(one); });
        if (at == kIntercepts.end())
            table.fail("intercepts",
                       fmt::format("\"{}\": expected masks, psw, control, keys, clocks or svc", name));
        options.intercepts.add(*at);
    }
    if (!options.assists.has(Assist::sie))
        table.fail("intercepts", "only interpretive execution can intercept: expected assists = [\"sie\"]");
}

void read_device_server(TomlReader& table, const ControlProgramModel& model, VmOptions& options) {
    const std::string server = table.text("devices");
    if (server == name_of(DeviceServer::kernel))
        options.device_server = DeviceServer::kernel;
    else if (server == name_of(DeviceServer::process))
        options.device_server = DeviceServer::process;
    else
        table.fail("devices", fmt::format("\"{}\": expected kernel or process", server));
    if (!model.host)
        table.fail("devices",
                   fmt::format("the control program {} is no task of a host: expected one that is, "
                               "as kvm or hosted",
                               model.name));
}

void read_exits_together(TomlReader& table, VmOptions& options) {
    options.exits_together = table.boolean("exits_together");
    if (options.exits_together && !options.assists.has(Assist::sie))
        table.fail("exits_together",
                   "only what comes out of interpretive execution is handled together: expected assists = "
                   "[\"sie\"] in front of it");
}

void read_wait_completion(TomlReader& table, VmOptions& options) {
    options.wait_completion = table.boolean("wait_completion");
    if (options.wait_completion && !options.assists.has(Assist::sie))
        table.fail("wait_completion",
                   "only in interpretive execution a machine waits without coming out: expected assists = "
                   "[\"sie\"] in front of it");
}

std::optional<Technique> parse_technique(std::string_view text) {
    for (const Technique technique : kTechniques)
        if (text == name_of(technique)) return technique;
    return std::nullopt;
}

std::optional<AssistSet> parse_assists(std::string_view text) {
    AssistSet set;
    if (text == "none") return set;
    while (true) {
        const size_t plus = std::min(text.find('+'), text.size());
        const auto assist = assist_of(text.substr(0, plus));
        if (!assist) return std::nullopt;
        set.add(*assist);
        if (plus == text.size()) break;
        text.remove_prefix(plus + 1);
    }
    return set.has(Assist::evma) && !set.has(Assist::vma) ? std::nullopt : std::optional(set);
}

}  // namespace vmcp::experiment
