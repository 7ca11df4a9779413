#include "vmcp/experiment/json_report.hpp"

#include <fmt/format.h>

#include <cmath>

#include "isa/ebcdic.hpp"
#include "vmcp/experiment/assumptions.hpp"
#include "vmcp/experiment/real_device_reader.hpp"
#include "vmcp/experiment/version.hpp"

namespace vmcp::experiment {
namespace {

using Json = nlohmann::ordered_json;

/// Null where there is none.
Json ratio(double numerator, double denominator) {
    if (denominator == 0) return nullptr;
    return rounded(numerator / denominator);
}

Json causes_to_json(const Account& account) {
    Json causes = Json::object();
    for (unsigned i = 0; i < Cause::kCount; ++i) {
        const LedgerEntry& entry = account.causes[i];
        if (entry.count == 0 && entry.time == 0) continue;
        causes[std::string(Cause::at(i).name())] = {{"count", entry.count}, {"cp_ns", entry.time}};
    }
    return causes;
}

Json to_json(const VirtualDeviceResult& device) {
    Json j = {{"address", fmt::format("{:03X}", device.address)},
              {"type", device.type},
              {"real", fmt::format("{:03X}", device.real)},
              {"io", name_of(device.way)},
              {"dedicated", device.dedicated},
              {"read_only", device.read_only}};
    if (!device.dedicated) {
        j["first"] = device.first;
        j["count"] = device.count;
    }
    for (const MinidiskPiece& piece : device.further)
        j["further"].push_back(
            {{"real", fmt::format("{:03X}", piece.real)}, {"first", piece.first}, {"count", piece.count}});
    j["starts"] = device.counts.starts;
    j["copied"] = device.counts.copied;
    j["followed"] = device.counts.followed;
    j["reused"] = device.counts.reused;
    j["control_ccws"] = device.counts.control_ccws;
    j["data_ccws"] = device.counts.data_ccws;
    j["page_crossings"] = device.counts.crossings;
    if (device.watched)
        j["watched"] = {{"blocks_read", device.counts.watched.read},
                        {"blocks_written", device.counts.watched.written},
                        {"enciphered", device.enciphered}};
    if (device.instead_of) j["instead_of"] = name_of(*device.instead_of);
    if (device.interpretive) j["interpretive_io"] = {{"starts", device.counts.by_machine}};
    if (!device.not_interpretive.empty()) j["not_interpretive"] = device.not_interpretive;
    if (device.mapping) {
        const IoMappingCounts& counts = device.counts.mapping;
        j["io_mapping"] = {{"strategy", name_of(*device.mapping)},
                           {"programs", device.counts.by_tables},
                           {"ccws_scanned", counts.scanned},
                           {"pages_found", counts.found},
                           {"pages_mapped", counts.mapped},
                           {"pages_unmapped", counts.unmapped},
                           {"purges", counts.purges},
                           {"refused", device.counts.refused}};
    }
    return j;
}

Json to_json(const RingResult& ring) {
    const RingCounts& counts = ring.counts;
    Json faults = Json::object();
    for (unsigned i = 1; i < kRingFaults; ++i)
        if (counts.faults[i] != 0) faults[std::string(name_of(static_cast<RingFault>(i)))] = counts.faults[i];
    return {{"type", name_of(ring.kind)},
            {"status", ring.status},
            {"fault", name_of(ring.fault)},
            {"requests", counts.requests},
            {"bytes", counts.bytes},
            {"doorbells", counts.doorbells},
            {"notifications", counts.notifications},
            {"suppressed", counts.suppressed},
            {"refused", counts.refused},
            {"faults", std::move(faults)}};
}

Json to_json(const RealDeviceResult& device) {
    Json j = {{"address", fmt::format("{:03X}", device.address)},
              {"type", device.type},
              {"order", name_of(device.order)},
              {"requests", device.counts.requests},
              {"queued", device.counts.queued},
              {"interruptions", device.counts.interruptions},
              {"queueing_ns", device.counts.queueing},
              {"service_ns", device.counts.service},
              {"channel_waits", device.channel_waits.starts + device.channel_waits.reconnections},
              {"missed_sectors", device.channel_waits.missed_sectors},
              {"channel_wait_ns", device.channel_waits.time}};
    if (device.own_use == OwnUse::spool) j["spool"] = true;
    return j;
}

/// What was asked of the assists, by cause: calls, hits, and why the control program had to do the others.
Json assists_to_json(const VmResult& vm) {
    Json of = Json::object();
    for (unsigned i = 0; i < Cause::kCount; ++i) {
        const AssistCount& count = vm.assist_counts.of[i];
        if (count.calls == 0) continue;
        Json refused = Json::object();
        for (unsigned r = 1; r < kAssistRefusals; ++r)
            if (count.refused[r] != 0) refused[std::string(kAssistRefusalNames[r])] = count.refused[r];
        of[std::string(Cause::at(i).name())] = {
            {"calls", count.calls}, {"hits", count.hits}, {"refused", std::move(refused)}};
    }
    Json on = Json::array();
    for (const Assist assist : kAssists)
        if (vm.assists.has(assist)) on.push_back(name_of(assist));
    return {{"on", std::move(on)},
            {"intercepts", vm.intercepts.text()},
            {"exits_together", vm.exits_together},
            {"exits_spared", vm.exits_spared},
            {"wait_completion", vm.wait_completion},
            {"io_interruptions", vm.io_presented},
            {"assist_ns", vm.assist_counts.time},
            {"of", std::move(of)}};
}

Json vm_to_json(const VmResult& vm) {
    const SimTime cp = vm.account.control_program;
    Json j;
    j["name"] = vm.name;
    j["guest"] = vm.file;
    j["state"] = name_of(vm.state);
    j["stop"] = name_of(vm.stop);
    j["ending"] = to_json(vm.ending);
    j["storage_bytes"] = vm.storage;
    j["resident_pages"] = vm.resident_pages;
    j["priority"] = vm.scheduling.priority;
    j["share"] = vm.scheduling.share;
    j["guest_ns"] = vm.account.guest;
    j["cp_ns"] = cp;
    j["tv_ratio"] = ratio(static_cast<double>(vm.account.guest + cp), static_cast<double>(vm.account.guest));
    j["start_ns"] = vm.start;
    j["elapsed_ns"] = vm.elapsed();
    j["wait_ns"] = vm.waited;
    j["ready_ns"] = vm.was_ready;
    j["storage_kind"] = name_of(vm.storage_kind);
    j["technique"] = name_of(vm.technique);
    j["interpreted_ns"] = vm.interpreted;
    if (vm.technique == Technique::binary_translation) {
        const TranslationCounts& n = vm.code;
        j["translated_code"] = Json{{"instructions", n.instructions},
                                    {"blocks", n.blocks},
                                    {"replaced", n.replaced},
                                    {"pages", vm.code_pages},
                                    {"sequences", n.sequences},
                                    {"out_of_line", n.out_of_line},
                                    {"calls", n.calls},
                                    {"interpreted", n.interpreted},
                                    {"invalidated", n.invalidated},
                                    {"stores", n.stores},
                                    {"checked_stores", n.checked},
                                    {"flushes", n.flushes}};
    }
    j["translation"] = name_of(vm.translation);
    j["assists"] = assists_to_json(vm);
    if (!vm.devices.empty()) {
        Json devices = Json::array();
        for (const VirtualDeviceResult& device : vm.devices) devices.push_back(to_json(device));
        j["devices"] = std::move(devices);
    }
    if (vm.io_refused != 0) {
        Json told = Json::array();
        for (const IoRefusal& one : vm.io_refusals) {
            Json entry = {{"at_ns", one.at},
                          {"device", fmt::format("{:03X}", one.device)},
                          {"what", name_of(one.what)}};
            if (one.what != IoRefusal::What::unit) {
                entry["address"] = fmt::format("{:06X}", one.address);
                entry["storing"] = one.storing;
            }
            told.push_back(std::move(entry));
        }
        j["io_refusals"] = {{"count", vm.io_refused}, {"first", std::move(told)}};
    }
    if (!vm.rings.empty()) {
        Json rings = Json::array();
        for (const RingResult& ring : vm.rings) rings.push_back(to_json(ring));
        j["rings"] = std::move(rings);
    }
    j["page_wait_ns"] = vm.page_waited;
    j["pages"] = {{"filled", vm.pages.fills},
                  {"in", vm.pages.reads},
                  {"out", vm.pages.writes},
                  {"taken", vm.pages.taken},
                  {"waits", vm.page_waits}};
    if (vm.errors.recorded != 0)
        j["error_records"] = {{"recorded", vm.errors.recorded}, {"kept", vm.errors.kept.size()}};
    j["responses"] = vm.responses;
    j["mean_response_ns"] =
        vm.responses == 0 ? Json(nullptr) : Json(vm.response_time / static_cast<SimTime>(vm.responses));
    j["instructions"] = vm.instructions;
    j["tlb_misses"] = vm.tlb_misses;
    j["table_references"] = vm.table_references;
    j["exits"] = vm.exits;
    j["causes"] = causes_to_json(vm.account);
    j["psw"] = psw_text(vm.cpu.psw);
    j["gpr"] = registers_to_json(vm.cpu.gpr);
    j["cr"] = registers_to_json(vm.cpu.cr);
    Json fpr = Json::array();
    for (const uint64_t v : vm.cpu.fpr) fpr.push_back(fmt::format("{:016X}", v));
    j["fpr"] = std::move(fpr);
    j["output"] = to_json(vm.output);
    return j;
}

Json totals_to_json(const RunResult& result) {
    const SimTime guest = result.guest_time();
    const SimTime cp = result.control_program_time();
    Json j;
    j["simulated_ns"] = result.end;
    j["guest_ns"] = guest;
    j["cp_ns"] = cp;
    j["cp_own_ns"] = result.own.control_program;
    j["idle_ns"] = result.idle;
    j["idle_for_pages_ns"] = result.idle_for_pages;
    Json devices = Json::array();
    for (const PagingDeviceResult& device : result.paging_devices)
        devices.push_back({{"type", device.type},
                           {"slots", device.slots},
                           {"slots_in_use", device.slots_in_use},
                           {"transfers", device.transfers},
                           {"busy_ns", device.busy}});
    j["paging"] = {{"frames", result.page_frames},       {"frames_free", result.page_frames_free},
                   {"filled", result.paging.fills},      {"in", result.paging.reads},
                   {"out", result.paging.writes},        {"taken", result.paging.taken},
                   {"examined", result.paging.examined}, {"devices", std::move(devices)}};
    j["tv_ratio"] = ratio(static_cast<double>(guest + cp), static_cast<double>(guest));
    j["cp_share_of_busy"] = ratio(static_cast<double>(cp), static_cast<double>(guest + cp));
    j["instructions"] = result.instructions();
    j["exits"] = result.exits;
    j["switches"] = result.switches;
    j["fairness"] = ratio(result.fairness(), 1);
    j["time_limit_reached"] = result.time_limit_reached;
    Json causes = Json::object();
    for (unsigned i = 0; i < Cause::kCount; ++i) {
        const LedgerEntry entry = result.of(Cause::at(i));
        if (entry.count == 0 && entry.time == 0) continue;
        causes[std::string(Cause::at(i).name())] = {{"count", entry.count}, {"cp_ns", entry.time}};
    }
    j["causes"] = std::move(causes);
    return j;
}

Json assumed_to_json(const Assumptions& assumptions) {
    return {{"figures", assumptions.figures}, {"assumed", assumptions.assumed}};
}

Json cards_to_json(const std::vector<simulation::Card>& cards) {
    Json list = Json::array();
    for (const simulation::Card& card : cards) list.push_back(isa::to_text(card));
    return list;
}

}  // namespace

Json rounded(double value) { return std::round(value * 1e6) / 1e6; }

std::string psw_text(const isa::Psw& psw) { return fmt::format("{:016X}", isa::encode(psw)); }

Json registers_to_json(const std::array<uint32_t, 16>& registers) {
    Json list = Json::array();
    for (const uint32_t v : registers) list.push_back(fmt::format("{:08X}", v));
    return list;
}

Json to_json(const GuestOutput& output) {
    Json console = Json::array();
    for (const ConsoleLine& line : output.console)
        console.push_back({{"at_ns", line.at}, {"text", line.text}});
    Json j = {
        {"console", std::move(console)}, {"printer", output.printer}, {"punch", cards_to_json(output.cards)}};
    for (const auto& [address, further] : output.further)
        j["devices"][fmt::format("{:03X}", address)] = {{"printer", further.printer},
                                                        {"punch", cards_to_json(further.cards)}};
    return j;
}

Json models_to_json(const Scenario& scenario) {
    Json j;
    j["machine"] = {{"name", scenario.machine.name},
                    {"title", scenario.machine.title},
                    {"scale", scenario.machine.scale},
                    {"sources", assumed_to_json(assumptions_of(scenario.machine))}};
    j["control_program"] = {{"name", scenario.control_program.name},
                            {"title", scenario.control_program.title},
                            {"scale", scenario.control_program.scale},
                            {"sources", assumed_to_json(assumptions_of(scenario.control_program))}};
    j["policy"] = {{"name", scenario.policy}, {"slice_ns", scenario.scheduling.slice}};
    return j;
}

Json maker_to_json(std::string_view command) {
    return {{"version", version()}, {"commit", commit()}, {"command", command}};
}

Json settings_to_json(const Scenario& scenario) {
    return {{"time_limit_ns", scenario.time_limit},
            {"queue_limit", scenario.scheduling.queue_limit},
            {"page_replacement", scenario.paging.replacement},
            {"paging_devices", paging_devices_of(scenario)}};
}

static Json spool_to_json(const SpoolResult& spool) {
    const SpoolCounts& counts = spool.counts;
    Json files = Json::array();
    for (const SpoolFileResult& file : spool.files)
        files.push_back({{"number", file.number},
                         {"origin", name_of(file.origin)},
                         {"queue", name_of(file.queue)},
                         {"from", file.from},
                         {"owner", file.owner},
                         {"class", std::string(1, file.spool_class)},
                         {"hold", file.hold},
                         {"copies", file.copies},
                         {"records", file.records},
                         {"pages", file.pages},
                         {"name", file.name},
                         {"type", file.type},
                         {"created_ns", file.created}});
    Json j = {{"capacity_pages", spool.capacity},
              {"pages", spool.pages},
              {"most_pages", counts.most_pages},
              {"opened", counts.opened},
              {"closed", counts.closed},
              {"purged", counts.purged},
              {"records", counts.records},
              {"put_out", counts.put_out},
              {"read", counts.read},
              {"full", counts.full},
              {"files", std::move(files)},
              {"complaints", spool.complaints}};
    if (spool.on_disk) {
        j["pages_written"] = counts.pages_written;
        j["pages_read"] = counts.pages_read;
    }
    return j;
}

Json to_json(const Scenario& scenario, const RunResult& result) {
    Json j;
    j["vmcp"] = maker_to_json("run");
    j["scenario"] = {{"file", scenario.file}, {"title", scenario.title}, {"seed", scenario.seed}};
    j["settings"] = settings_to_json(scenario);
    j["models"] = models_to_json(scenario);
    j["models"]["cp_ns_at_assumed_prices"] =
        time_at_assumed_prices(scenario.machine, scenario.control_program, result.steps);
    j["machine"] = {{"cpus", scenario.machine.cpus.value}, {"storage_bytes", result.storage}};
    j["interrupted"] = result.interrupted;
    if (!result.real_devices.empty()) {
        Json devices = Json::array();
        for (const RealDeviceResult& device : result.real_devices) devices.push_back(to_json(device));
        j["machine"]["devices"] = std::move(devices);
    }
    Json vms = Json::array();
    for (const VmResult& vm : result.vms) vms.push_back(vm_to_json(vm));
    j["vms"] = std::move(vms);
    j["control_program"] = {{"cp_ns", result.own.control_program}, {"causes", causes_to_json(result.own)}};
    j["totals"] = totals_to_json(result);
    if (result.spool) j["spool"] = spool_to_json(*result.spool);
    Json steps = Json::object();
    for (unsigned i = 0; i < kSteps; ++i) {
        const LedgerEntry& entry = result.steps.steps[i];
        if (entry.count != 0)
            steps[std::string(kStepNames[i])] = {{"count", entry.count}, {"cp_ns", entry.time}};
    }
    steps["hardware_interruption"] = {{"count", result.steps.hardware.count},
                                      {"cp_ns", result.steps.hardware.time}};
    steps["interpretive_transition"] = {{"count", result.steps.transitions.count},
                                        {"cp_ns", result.steps.transitions.time}};
    steps["executed_in_place"] = {{"count", result.steps.in_place.count},
                                  {"cp_ns", result.steps.in_place.time}};
    j["steps"] = std::move(steps);
    if (!result.timeline.empty()) j["timeline"] = to_json(result.timeline);
    j["host"] = {{"seconds", result.host.seconds},
                 {"instructions_per_second", result.host.instructions_per_second},
                 {"ns_per_trap", result.host.ns_per_trap}};
    return j;
}

}  // namespace vmcp::experiment
