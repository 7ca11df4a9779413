// `vmcp ladder io` for other programs: JSON and CSV.
#include <fmt/format.h>

#include "vmcp/experiment/csv_report.hpp"
#include "vmcp/experiment/io_ladder.hpp"
#include "vmcp/experiment/json_report.hpp"

namespace vmcp::experiment {
namespace {

nlohmann::ordered_json figures_to_json(const IoLoadRuns& load, const IoRun& one) {
    const IoFigures& f = one.figures;
    nlohmann::ordered_json j = {{"requests", f.requests},
                                {"checksum", fmt::format("{:08X}", f.checksum)},
                                {"in_all_ns", f.in_all},
                                {"requests_a_second", rounded(f.per_second())},
                                {"mean_latency_ns", rounded(f.mean)},
                                {"worst_latency_ns", f.worst},
                                {"guest_ns", rounded(f.guest)},
                                {"cp_ns", rounded(f.cp)},
                                {"other_guest_ns", rounded(f.other)},
                                {"other_cp_ns", rounded(f.cp_for_other)},
                                {"cpu_ns", rounded(f.cpu())},
                                {"other_share", rounded(f.other_share())},
                                {"exits", rounded(f.exits)},
                                {"interruptions", rounded(f.interruptions)},
                                {"copied_bytes", rounded(f.copied)},
                                {"assumed_share", rounded(f.assumed)}};
    if (const IoRun* const native = load.native()) {
        j["of_bare_metal"] = rounded(f.per_second() / native->figures.per_second());
        j["cpu_to_native"] = rounded(f.cpu() / native->figures.cpu());
    }
    return j;
}

}  // namespace

nlohmann::ordered_json to_json(const IoLadder& ladder) {
    using Json = nlohmann::ordered_json;
    Json j;
    j["vmcp"] = maker_to_json("ladder io");
    j["settings"] = settings_to_json(ladder.models);
    j["models"] = models_to_json(ladder.models);
    j["interrupted"] = ladder.interrupted;
    j["requests"] = ladder.requests;
    j["loads"] = Json::array();
    for (const IoLoadRuns& load : ladder.loads) {
        Json ways = Json::array();
        for (const IoRun& one : load.ways) {
            const IoWay& way = *one.way;
            Json row = {{"name", way.name}, {"title", way.title},   {"server", name_of(way.server)},
                        {"harm", way.harm}, {"source", way.source}, {"done", one.done}};
            if (one.done) {
                row["same"] = one.same;
                row["plainest"] = way.stands_for_server;
                row["request"] = figures_to_json(load, one);
            } else {
                row["missing"] = way.missing;
            }
            ways.push_back(std::move(row));
        }
        j["loads"].push_back({{"name", load.load->name},
                              {"title", load.load->title},
                              {"bytes", load.load->bytes},
                              {"ways", std::move(ways)}});
    }
    j["published"] = Json::array();
    for (const PublishedIo& one : {kDriverDomain, kDirectAssignment})
        j["published"].push_back({{"what", one.what},
                                  {"low", rounded(one.low)},
                                  {"high", rounded(one.high)},
                                  {"source", one.source}});
    j["footprint_model"] = ladder.footprint_model;
    j["footprints"] = Json::array();
    for (const Footprint& one : ladder.footprints)
        j["footprints"].push_back({{"name", one.name},
                                   {"storage", one.storage},
                                   {"touched_bytes", rounded(one.pages)},
                                   {"kept_bytes", rounded(one.tables)},
                                   {"control_program_bytes", rounded(one.control_program)},
                                   {"machines_in_megabyte", rounded(one.guests_in_megabyte())},
                                   {"kept_in_megabyte", rounded(one.kept_in_megabyte())}});
    return j;
}

nlohmann::ordered_json io_band_to_json(const std::vector<ScaledIoLadder>& ladders) {
    auto all = nlohmann::ordered_json::array();
    for (const ScaledIoLadder& one : ladders) {
        auto loads = nlohmann::ordered_json::object();
        for (const IoLoadRuns& load : one.ladder.loads) {
            auto ways = nlohmann::ordered_json::object();
            for (const IoRun& run : load.ways)
                if (run.done) ways[std::string(run.way->name)] = rounded(run.figures.cpu());
            loads[std::string(load.load->name)] = std::move(ways);
        }
        all.push_back({{"scale", one.scale}, {"cpu_ns", std::move(loads)}});
    }
    return all;
}

std::string to_csv(const IoLadder& ladder) {
    std::string csv =
        "load,way,server,done,same,requests,checksum,requests_a_second,mean_latency_ns,worst_latency_ns,"
        "guest_ns,cp_ns,other_guest_ns,other_cp_ns,exits,interruptions,copied_bytes,assumed_share,harm," +
        settings_columns() + '\n';
    for (const IoLoadRuns& load : ladder.loads)
        for (const IoRun& one : load.ways) {
            const IoFigures& f = one.figures;
            csv += fmt::format("{},{},{},{},", load.load->name, one.way->name, name_of(one.way->server),
                               one.done);
            csv += one.done
                       ? fmt::format(
                             "{},{},{:08X},{:.6f},{:.3f},{},{:.3f},{:.3f},{:.3f},{:.3f},{:.6f},"
                             "{:.6f},{:.3f},{:.6f}",
                             one.same, f.requests, f.checksum, f.per_second(), f.mean, f.worst, f.guest, f.cp,
                             f.other, f.cp_for_other, f.exits, f.interruptions, f.copied, f.assumed)
                       : std::string(13, ',');
            csv += fmt::format(",{},{}\n", csv_field(std::string(one.way->harm)),
                               settings_fields(one.done ? one.scenario : ladder.models, nullptr));
        }
    return csv;
}

}  // namespace vmcp::experiment
