#include "vmcp/audit/audit.hpp"

#include <algorithm>

#include "vmcp/audit/stage.hpp"

namespace vmcp::audit {
namespace {

/// Rows of which the machine decodes none: another row has their opcode there.
bool can_be_reached(isa::Op op, const isa::FacilitySet& facilities) {
    if (!facilities.has(isa::row_of(op).facility)) return false;
    isa::Decoded d;
    d.op = op;
    std::array<uint8_t, 6> text{};
    isa::encode(d, text.data());
    return isa::decode(text.data(), facilities).op == op;
}

bool has_changed(const Outcome& after) {
    return after.end == Outcome::End::completed ||
           (after.end == Outcome::End::program && isa::completes(static_cast<isa::ProgramCode>(after.code)));
}

/// The control program has to bring a page in before the instruction can be executed.
bool is_memory_trap(const Outcome& after) {
    return after.end == Outcome::End::program &&
           (after.code == static_cast<uint16_t>(isa::ProgramCode::segment_translation) ||
            after.code == static_cast<uint16_t>(isa::ProgramCode::page_translation));
}

class Experiment {
  public:
    Experiment(Stage& stage, isa::Op op) : stage_(stage) { result_.op = op; }

    void execute(const GuestState& guest) {
        ++result_.states;
        const Stage::Run supervisor = stage_.run(guest, {});
        if (has_changed(supervisor.after) || supervisor.after.end == Outcome::End::supervisor_call)
            ++result_.completed;
        look_at(guest, supervisor, {});

        Holding withheld;
        withheld.authority = false;
        const Stage::Run without = stage_.run(guest, withheld);
        withheld.problem_state = true;
        const Stage::Run problem = stage_.run(guest, withheld);
        if (problem.after.end == Outcome::End::refused) {
            ++result_.refused;
        } else {
            look_at(guest, problem, withheld);
            std::optional<Difference> d = visible_difference(without.after, problem.after);
            if (!d) d = control_difference(without.after, problem.after);
            note(Kind::mode, d, true);
        }
        if (isa::row_of(result_.op).privilege != isa::Privilege::semi) return;
        withheld.authority = true;
        if (stage_.run(guest, withheld).after.end != Outcome::End::refused) ++result_.with_authority;
    }

    const InstructionAudit& result() const { return result_; }

  private:
    /// What it changes, and whether it does the same where the guest is held in another way.
    void look_at(const GuestState& guest, const Stage::Run& run, Holding holding) {
        if (has_changed(run.after))
            note(Kind::control, control_difference(run.before, run.after), holding.problem_state);
        static constexpr std::pair<Held, Kind> kOther[] = {
            {Held::relocated, Kind::location}, {Held::elsewhere, Kind::machine}, {Held::later, Kind::time}};
        for (const auto& [held, kind] : kOther) {
            if (is_settled(kind, holding.problem_state)) continue;
            holding.held = held;
            const Outcome other = stage_.run(guest, holding).after;
            if (held == Held::relocated && is_memory_trap(other)) continue;
            note(kind, visible_difference(run.after, other), holding.problem_state);
        }
    }
    bool is_settled(Kind kind, bool problem) const {
        const Finding& finding = result_.of(kind);
        return finding.found && (finding.in_problem_state || !problem);
    }
    /// Examples of the problem state are the better ones: they show what becomes of a guest.
    void note(Kind kind, std::optional<Difference> difference, bool problem) {
        if (!difference || is_settled(kind, problem)) return;
        result_.findings[static_cast<unsigned>(kind)] = {true, problem, *std::move(difference)};
    }

    Stage& stage_;
    InstructionAudit result_;
};

}  // namespace

bool AuditReport::virtualizable() const {
    return !interrupted && std::none_of(instructions.begin(), instructions.end(),
                                        [](const InstructionAudit& one) { return one.hole(); });
}

AuditReport audit(const simulation::MachineModel& model, const AuditOptions& options) {
    std::vector<isa::Op> ops;
    for (unsigned i = 0; i < isa::kRowCount; ++i)
        if (can_be_reached(static_cast<isa::Op>(i), model.facilities)) ops.push_back(static_cast<isa::Op>(i));
    Stage stage(model);
    AuditReport report;
    for (const isa::Op op : ops) {
        if (options.interrupted && options.interrupted()) {
            report.interrupted = true;
            break;
        }
        Experiment experiment(stage, op);
        for (unsigned n = 0; n < options.states; ++n)
            experiment.execute(random_state(op, model.facilities, options.seed, n));
        report.instructions.push_back(experiment.result());
        if (options.progress) options.progress(report.instructions.size(), ops.size());
    }
    return report;
}

}  // namespace vmcp::audit
