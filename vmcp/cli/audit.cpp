// vmcp audit: whether the instructions of a machine let a control program give it to guests.
#include "vmcp/audit/audit.hpp"

#include <fmt/format.h>

#include <memory>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::cli {
namespace {

using audit::AuditReport;
using audit::Finding;
using audit::InstructionAudit;
using audit::Kind;
using simulation::MachineModel;
using AuditJson = nlohmann::ordered_json;

constexpr std::string_view kKindNames[] = {"control", "mode", "location", "machine", "time"};
/// What the two sides of an example are.
constexpr std::string_view kSides[][2] = {{"before", "after"},
                                          {"supervisor state", "problem state"},
                                          {"in place", "relocated"},
                                          {"here", "elsewhere"},
                                          {"now", "later"}};
static_assert(std::size(kKindNames) == audit::kKinds && std::size(kSides) == audit::kKinds);

struct AuditCommand {
    std::string machine = "s370-158", json;
    audit::AuditOptions run;
};

std::string_view mnemonic_of(const InstructionAudit& one) { return isa::row_of(one.op).mnemonic; }

std::string problem_state_text(const InstructionAudit& one) {
    if (one.privileged()) return one.with_authority != 0 ? "refused*" : "refused";
    return one.refused == 0 ? "EXECUTED" : "SOMETIMES";
}

/// A letter for each kind, in a place of its own.
std::string kinds_text(const InstructionAudit& one) {
    constexpr std::string_view kLetters = "CPLMT";
    std::string text;
    for (unsigned kind = 0; kind < audit::kKinds; ++kind) {
        text += one.findings[kind].found ? kLetters[kind] : '-';
        text += ' ';
    }
    return text;
}

/// The kind whose example is shown: what is rarest tells most.
Kind shown_kind(const InstructionAudit& one) {
    for (const Kind kind : {Kind::mode, Kind::control, Kind::location, Kind::machine, Kind::time})
        if (one.of(kind).found) return kind;
    return Kind::time;
}

std::string example_text(const InstructionAudit& one, Kind kind) {
    const audit::Difference& d = one.of(kind).example;
    const auto& sides = kSides[static_cast<unsigned>(kind)];
    if (kind == Kind::control) return fmt::format("{}: {} -> {}", d.what, d.first, d.second);
    return fmt::format("{}: {} {}, {} {}", d.what, d.first, sides[0], d.second, sides[1]);
}

template <class Choice>
std::vector<std::string> mnemonics(const AuditReport& report, Choice choice) {
    std::vector<std::string> names;
    for (const InstructionAudit& one : report.instructions)
        if (choice(one)) names.emplace_back(mnemonic_of(one));
    return names;
}

void show_table(experiment::TextPage& page, const AuditReport& report) {
    page.line("       in problem  sensitive");
    page.line("       state       to         for example");
    for (const InstructionAudit& one : report.instructions) {
        if (!one.sensitive()) continue;
        page.line(fmt::format("{:<6} {:<11} {} {}", mnemonic_of(one), problem_state_text(one),
                              kinds_text(one), example_text(one, shown_kind(one))),
                  30);
    }
    page.blank();
    page.line(
        "Sensitive to: C it changes control state; P it does something else in the problem state; L what "
        "it does depends on where the guest's storage lies; M on other state of the real machine; T on "
        "the time.");
    if (!mnemonics(report, [](const InstructionAudit& one) { return one.with_authority != 0; }).empty())
        page.line("* Semi-privileged: refused as long as control registers give no authority.");
}

void show_verdict(experiment::TextPage& page, const AuditReport& report) {
    const auto holes = mnemonics(report, [](const InstructionAudit& one) { return one.hole(); });
    const size_t sensitive =
        mnemonics(report, [](const InstructionAudit& one) { return one.sensitive(); }).size();
    if (report.interrupted && holes.empty())
        return page.line(fmt::format("Interrupted after {}: no verdict.",
                                     experiment::counted(report.instructions.size(), "instruction")));
    if (holes.empty()) {
        page.line(fmt::format("Virtualizable: each of the {} is privileged (Popek and Goldberg, theorem 1).",
                              experiment::counted(sensitive, "sensitive instruction")));
        return;
    }
    page.line(fmt::format("NOT virtualizable: of {}, {} {} not privileged: {}",
                          experiment::counted(sensitive, "sensitive instruction"), holes.size(),
                          holes.size() == 1 ? "is" : "are", fmt::join(holes, " ")));
    for (const InstructionAudit& one : report.instructions)
        if (one.hole())
            page.line(fmt::format("  {:<6} {}", mnemonic_of(one), example_text(one, shown_kind(one))), 9);
}

void show(experiment::TextPage& page, const MachineModel& model, const AuditCommand& command,
          const AuditReport& report) {
    page.line(fmt::format("{}: {}", model.name, model.title), 2);
    page.line(fmt::format(
        "{}, each executed in {} (seed {}), alone and in pairs of states that differ in one thing",
        experiment::counted(report.instructions.size(), "instruction"),
        experiment::counted(command.run.states, "random state"), command.run.seed));
    page.blank();
    show_table(page, report);
    page.blank();
    const auto listed = [&](std::string about, const std::vector<std::string>& names) {
        if (!names.empty()) page.items(std::move(about), names);
    };
    const auto innocuous = mnemonics(report, [](const InstructionAudit& one) {
        return !one.sensitive() && !one.privileged() && !one.of(Kind::time).found;
    });
    page.line(fmt::format("Innocuous, {}: the same in either state, in any place, on any such machine.",
                          experiment::counted(innocuous.size(), "instruction")));
    listed(
        "Privileged without need, as far as can be seen here:",
        mnemonics(report, [](const InstructionAudit& one) { return !one.sensitive() && one.privileged(); }));
    listed("Tell the time to anybody, outside of the theorem:",
           mnemonics(report, [](const InstructionAudit& one) {
               return !one.privileged() && one.of(Kind::time).found;
           }));
    listed("Never completed, so that little can be said of them:",
           mnemonics(report, [](const InstructionAudit& one) { return one.completed == 0; }));
    page.blank();
    show_verdict(page, report);
}

AuditJson to_json(const MachineModel& model, const AuditCommand& command, const AuditReport& report) {
    AuditJson list = AuditJson::array();
    for (const InstructionAudit& one : report.instructions) {
        AuditJson findings = AuditJson::object();
        for (unsigned kind = 0; kind < audit::kKinds; ++kind) {
            const Finding& finding = one.findings[kind];
            if (!finding.found) continue;
            findings[kKindNames[kind]] = {{"what", finding.example.what},
                                          {std::string(kSides[kind][0]), finding.example.first},
                                          {std::string(kSides[kind][1]), finding.example.second},
                                          {"in_problem_state", finding.in_problem_state}};
        }
        list.push_back({{"mnemonic", mnemonic_of(one)},
                        {"states", one.states},
                        {"completed_in_supervisor_state", one.completed},
                        {"refused_in_problem_state", one.refused},
                        {"executed_with_authority", one.with_authority},
                        {"privileged", one.privileged()},
                        {"sensitive", one.sensitive()},
                        {"hole", one.hole()},
                        {"sensitive_to", std::move(findings)}});
    }
    return {{"vmcp", experiment::maker_to_json("audit")},
            {"machine_model", {{"name", model.name}, {"title", model.title}}},
            {"states", command.run.states},
            {"seed", command.run.seed},
            {"interrupted", report.interrupted},
            {"virtualizable", report.virtualizable()},
            {"holes", mnemonics(report, [](const InstructionAudit& one) { return one.hole(); })},
            {"instructions", std::move(list)}};
}

void run_audit(AuditCommand& command) {
    check_outputs({{"--json", command.json}}, {command.machine});
    const MachineModel model = MachineModel::load(command.machine);
    const EndingSignals signals;
    command.run.interrupted = &EndingSignals::asked;
    const bool progress = progress_wanted();
    if (progress)
        command.run.progress = [](size_t done, size_t all) {
            show_progress(static_cast<double>(done) / static_cast<double>(all),
                          fmt::format("{} of {}", done, experiment::counted(all, "instruction")));
        };
    const AuditReport report = audit::audit(model, command.run);
    if (progress) clear_progress();
    if (!command.json.empty()) write_json(command.json, to_json(model, command, report), false);
    if (command.json != "-") {
        experiment::TextPage page(report_width(stdout));
        show(page, model, command, report);
        put(stdout, for_reader(stdout, page.take()));
    }
    if (report.interrupted) throw CLI::RuntimeError(kInterrupted);
    if (!report.virtualizable()) throw CLI::RuntimeError(kInputAtFault);
}

}  // namespace

void add_audit(CLI::App& app) {
    auto command = std::make_shared<AuditCommand>();
    CLI::App* sub = app.add_subcommand(
        "audit", "Is this machine virtualizable? Which instructions are sensitive, and which privileged");
    sub->add_option("--machine,--model", command->machine, "Machine model")
        ->type_name("MODEL")
        ->capture_default_str();
    sub->add_option("--states", command->run.states, "Random states of each instruction")
        ->check(whole_number(1, 1'000'000))
        ->capture_default_str();
    sub->add_option("--seed", command->run.seed, "Other seeds give other states")
        ->check(whole_number(0, ~uint64_t{0}))
        ->capture_default_str();
    sub->add_option("--json", command->json, "Write the result as JSON to a file, or - for standard output")
        ->type_name("FILE");
    sub->footer(
        "Examples:\n"
        "  vmcp audit\n"
        "  vmcp audit --machine s370-holes");
    set_machine_command(*sub, [command] { run_audit(*command); });
}

}  // namespace vmcp::cli
