// The engine of the page: one function that takes a request as JSON and answers with JSON. Files are those of
// the page's own file system, into which it has put the examples.
//
//   {"do": "about"}
//   {"do": "assemble", "file": F}
//   {"do": "run", "file": F, "overrides": {...}}
//   {"do": "moments", "file": F, "overrides": {...}, "first_trap": N, "most": N}
//   {"do": "labs", "language": "en"}
//   {"do": "lab", "number": N, "files": {NAME: TEXT}, "language": "en"}: the verdict of vmcp lab check N
//
// Every answer is an object; what could not be done is {"error": TEXT}. `overrides` has the options of
// vmcp run: policy, slice_ms, cp_scale, machine_scale, model, cp_model, seed, time_limit_ms, and `assists`, a
// list.
#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "isa/assembler/assembler.hpp"
#include "scheduler/make_policy.hpp"
#include "simulation/model/temporary_directory.hpp"
#include "vmcp/experiment/ending.hpp"
#include "vmcp/experiment/guest_image.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/moments.hpp"
#include "vmcp/experiment/report.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/experiment/run_html.hpp"
#include "vmcp/experiment/version.hpp"
#include "vmcp/lab/catalogue.hpp"
#include "vmcp/lab/judge.hpp"
#include "vmcp/lab/workbench.hpp"

extern "C" {
const char* vmcp_do(const char* request);
void bz_internal_error(int code);
}

/// bzip2, compiled without standard I/O, leaves this to its user.
void bz_internal_error(int) { std::abort(); }

namespace vmcp::experiment {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
void read_override(const Json& from, const char* key, std::optional<T>& to) {
    if (from.contains(key) && !from[key].is_null()) to = from[key].get<T>();
}

Scenario scenario_of(const Json& request) {
    const Json given = request.value("overrides", Json::object());
    Overrides overrides;
    read_override(given, "model", overrides.machine_model);
    read_override(given, "cp_model", overrides.control_program_model);
    read_override(given, "policy", overrides.policy);
    read_override(given, "slice_ms", overrides.slice_ms);
    read_override(given, "cp_scale", overrides.control_program_scale);
    read_override(given, "machine_scale", overrides.machine_scale);
    read_override(given, "seed", overrides.seed);
    read_override(given, "time_limit_ms", overrides.time_limit_ms);
    Scenario scenario = read_scenario(request.at("file").get<std::string>(), overrides);
    if (!given.contains("assists") || given["assists"].is_null()) return scenario;
    AssistSet assists;
    for (const Json& name : given["assists"])
        for (const Assist assist : kAssists)
            if (name_of(assist) == name.get<std::string>()) assists.add(assist);
    if (const auto missing = assists.missing_of(scenario.machine.facilities))
        throw GuestError(
            fmt::format("machine model {} has no assist {}", scenario.machine.name, name_of(*missing)));
    for (VmDescription& vm : scenario.vms) vm.options.assists = assists;
    return scenario;
}

Json about() {
    Json policies = Json::array();
    for (const auto name : scheduler::policy_names()) policies.push_back(name);
    return {{"version", version()},
            {"commit", commit()},
            {"policies", std::move(policies)},
            {"models", simulation::MachineModel::names()},
            {"cp_models", ControlProgramModel::names()},
            {"words", words_to_json()}};
}

std::string_view name_of(isa::assembler::Severity severity) {
    constexpr std::string_view names[] = {"note", "warning", "error"};
    return names[static_cast<unsigned>(severity)];
}

Json assemble(const Json& request) {
    const std::string file = request.at("file");
    const std::vector<uint8_t> source = read_bytes(file);
    isa::assembler::Options options;
    options.built_in = built_in_members();
    const isa::assembler::Result result = isa::assembler::assemble(
        {reinterpret_cast<const char*>(source.data()), source.size()}, file, options);
    Json diagnostics = Json::array();
    for (const isa::assembler::Diagnostic& one : result.diagnostics)
        diagnostics.push_back({{"file", one.file},
                               {"line", one.line},
                               {"column", one.column},
                               {"severity", name_of(one.severity)},
                               {"message", one.message}});
    return {{"ok", result.ok}, {"diagnostics", std::move(diagnostics)}, {"listing", result.listing}};
}

Json run_it(const Json& request) {
    const Scenario scenario = scenario_of(request);
    RunHooks hooks;
    hooks.timeline = true;
    const RunResult result = run_on_copies(scenario, hooks);
    return {{"result", to_json(scenario, result)},
            {"well", ended_well(result)},
            {"report", report(scenario, result, {.width = request.value("width", kUsualWidth)})}};
}

/// Watched one by one: nobody waits longer for moments than for these.
constexpr uint64_t kMostWatched = 10'000'000;

/// The run ends where there are moments enough.
Json moments_of(const Json& request) {
    const Scenario scenario = scenario_of(request);
    MomentOptions options;
    options.first_trap = request.value("first_trap", options.first_trap);
    options.most = request.value("most", options.most);
    MomentRecorder recorder(scenario, options);
    RunHooks hooks;
    hooks.observers.push_back(&recorder);
    hooks.ledger_observers.push_back(&recorder);
    hooks.instruction_observers.push_back(&recorder);
    hooks.console_line = [&](size_t vm, std::string_view line) { recorder.console_line(vm, line); };
    const auto enough = [&] { return recorder.full() || recorder.watched() > kMostWatched; };
    hooks.interrupted = enough;
    run_on_copies(scenario, hooks);
    Json moments = recorder.to_json();
    moments["truncated"] = enough();
    return moments;
}

lab::Language language_of(const Json& request) {
    return request.value("language", "en") == "ja" ? lab::Language::japanese : lab::Language::english;
}

Json labs(const Json& request) {
    const lab::Language language = language_of(request);
    Json list = Json::array();
    for (const lab::Lab& one : lab::labs_in()) {
        Json hints = Json::array(), files = Json::object();
        for (const lab::Text& hint : one.hints) hints.push_back(hint.in(language));
        for (const auto& [place, text] : one.files) files[place] = text;
        bool in_a_page = true;
        for (const lab::Check& check : one.checks)
            in_a_page = in_a_page && check.kind != lab::CheckKind::command;
        list.push_back({{"number", one.number},
                        {"title", one.title.in(language)},
                        {"summary", one.summary.in(language)},
                        {"hand_in", one.hand_in},
                        {"hints", std::move(hints)},
                        {"in_a_page", in_a_page},
                        {"files", std::move(files)}});
    }
    return {{"labs", std::move(list)}};
}

Json verdict_of(const Json& request) {
    const lab::Language language = language_of(request);
    const unsigned number = request.at("number");
    for (const lab::Lab& one : lab::labs_in()) {
        if (one.number != number) continue;
        const simulation::TemporaryDirectory folder("vmcp-handed-in");
        for (const auto& [name, text] : request.at("files").items())
            lab::write_lab_file(folder.path() / std::filesystem::path(name).filename(),
                                text.get<std::string>());
        const lab::Verdict verdict = lab::judge(one, folder.path(), language);
        return {{"verdict", to_json(verdict)}, {"report", report(verdict, language, kUsualWidth)}};
    }
    throw GuestError(fmt::format("there is no lab {}", number));
}

Json answer(const Json& request) {
    const std::string what = request.at("do");
    if (what == "about") return about();
    if (what == "assemble") return assemble(request);
    if (what == "run") return run_it(request);
    if (what == "moments") return moments_of(request);
    if (what == "labs") return labs(request);
    if (what == "lab") return verdict_of(request);
    throw GuestError(fmt::format("\"{}\": expected about, assemble, run, moments, labs or lab", what));
}

}  // namespace
}  // namespace vmcp::experiment

/// The answer holds until the next request.
const char* vmcp_do(const char* request) {
    static std::string text;
    nlohmann::ordered_json answer;
    try {
        answer = vmcp::experiment::answer(nlohmann::ordered_json::parse(request));
    } catch (const std::exception& error) {
        answer = {{"error", error.what()}};
    }
    // A guest may type whatever bytes it likes.
    text = answer.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    return text.c_str();
}
