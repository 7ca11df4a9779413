// What the audit finds: nothing on a System/370, and exactly the holes that matter on variants of it. Which
// ones matter is known here by what the instructions are, not by what the audit says.
#include "vmcp/audit/audit.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>
#include <string>

#include "vmcp/conformance/random.hpp"

namespace vmcp::test {
namespace {

using audit::AuditReport;
using audit::InstructionAudit;
using audit::Kind;
using isa::Hole;
using isa::Op;
using simulation::MachineModel;

/// What a guest may do without harm on this machine: nothing is connected to the direct-control lines,
/// DIAGNOSE has no function, and the PSW key of a guest is the real one.
bool is_harmless(Op op) {
    return op == Op::op_RDD || op == Op::op_WRD || op == Op::op_DIAG || op == Op::op_IPK;
}

/// What the control program keeps from working in either state, by control registers: it traps as before.
bool is_kept_off(Op op) {
    for (const Op one :
         {Op::op_MVCP, Op::op_MVCS, Op::op_PC, Op::op_PT, Op::op_SAC, Op::op_SSAR, Op::op_LASP})
        if (op == one) return true;
    return false;
}

AuditReport audited(const MachineModel& model, unsigned states = 16) {
    audit::AuditOptions options;
    options.states = states;
    return audit::audit(model, options);
}

std::set<std::string> holes_of(const AuditReport& report) {
    std::set<std::string> holes;
    for (const InstructionAudit& one : report.instructions)
        if (one.hole()) holes.emplace(isa::row_of(one.op).mnemonic);
    return holes;
}

const InstructionAudit& of(const AuditReport& report, Op op) {
    for (const InstructionAudit& one : report.instructions)
        if (one.op == op) return one;
    FAIL("not audited: ", std::string(isa::row_of(op).mnemonic));
    return report.instructions.front();
}

std::vector<Op> privileged_instructions(const MachineModel& model) {
    std::vector<Op> ops;
    for (unsigned i = 0; i < isa::kRowCount; ++i)
        if (isa::kRows[i].privilege != isa::Privilege::problem &&
            model.facilities.has(isa::kRows[i].facility))
            ops.push_back(static_cast<Op>(i));
    return ops;
}

/// Compares what the audit finds with the holes that were made.
void check_variant(const MachineModel& model) {
    std::set<std::string> expected;
    std::string made;
    for (const Op op : privileged_instructions(model)) {
        if (model.holes.of(op) == Hole::none) continue;
        made +=
            fmt::format(" {}{}", isa::row_of(op).mnemonic, model.holes.of(op) == Hole::ignored ? "-" : "");
        if (!is_harmless(op) && !is_kept_off(op)) expected.emplace(isa::row_of(op).mnemonic);
    }
    CAPTURE(made);
    const AuditReport report = audited(model);
    CHECK(fmt::format("{}", fmt::join(holes_of(report), " ")) == fmt::format("{}", fmt::join(expected, " ")));
    CHECK(report.virtualizable() == expected.empty());
}

TEST_CASE("every machine model without holes is virtualizable, and every instruction of it is looked at") {
    for (const std::string& name : MachineModel::names()) {
        const MachineModel model = MachineModel::load(name);
        if (model.holes.any()) continue;
        CAPTURE(name);
        const AuditReport report = audited(model);
        CHECK(report.virtualizable());
        CHECK(report.instructions.size() > 180);
        for (const InstructionAudit& one : report.instructions) {
            CAPTURE(isa::row_of(one.op).mnemonic);
            const isa::Row& row = isa::row_of(one.op);
            // Random programs have no state descriptions; and these tell of the machine, or are a guest's.
            const bool interpretive = row.facility == isa::Facility::interpretive_execution;
            if (one.op != Op::op_DIAG && !interpretive) CHECK(one.completed > 0);
            // It is refused whatever the state, or never.
            CHECK((one.privileged() || one.refused == 0));
            CHECK(one.privileged() == (row.privilege != isa::Privilege::problem));
            CHECK((one.sensitive() || !one.privileged() || interpretive || is_harmless(one.op) ||
                   one.op == Op::op_MVCK));
        }
    }
}

TEST_CASE("what an instruction is sensitive to") {
    const AuditReport report = audited(MachineModel::load("unit"));
    CHECK(of(report, Op::op_LPSW).of(Kind::control).found);
    CHECK_FALSE(of(report, Op::op_LPSW).of(Kind::machine).found);
    CHECK(of(report, Op::op_PTLB).of(Kind::control).found);
    CHECK(of(report, Op::op_SIO).of(Kind::control).found);
    CHECK(of(report, Op::op_LRA).of(Kind::location).found);
    CHECK_FALSE(of(report, Op::op_LRA).of(Kind::control).found);
    CHECK(of(report, Op::op_TPROT).of(Kind::location).found);
    CHECK(of(report, Op::op_STIDP).of(Kind::machine).found);
    CHECK_FALSE(of(report, Op::op_STIDP).of(Kind::location).found);
    CHECK(of(report, Op::op_STPT).of(Kind::time).found);
    CHECK(of(report, Op::op_STCK).of(Kind::time).found);
    CHECK_FALSE(of(report, Op::op_STCK).sensitive());
    for (const Op op : {Op::op_SPM, Op::op_BALR, Op::op_SVC, Op::op_MC, Op::op_MVCL, Op::op_EX, Op::op_CS})
        CHECK_FALSE(of(report, op).sensitive());
    CHECK(of(report, Op::op_PC).with_authority > 0);
    CHECK(of(report, Op::op_LASP).with_authority == 0);
}

TEST_CASE("s370-holes has the holes that it says, and the problem state is what they show") {
    const AuditReport report = audited(MachineModel::load("s370-holes"));
    CHECK(holes_of(report) == std::set<std::string>{"SSM", "STIDP", "STNSM", "STOSM"});
    CHECK(of(report, Op::op_STNSM).of(Kind::mode).found);
    CHECK(of(report, Op::op_STNSM).of(Kind::mode).example.what == "system mask");
    CHECK_FALSE(of(report, Op::op_STIDP).of(Kind::mode).found);
    CHECK(of(report, Op::op_STIDP).of(Kind::machine).in_problem_state);
}

TEST_CASE("all privileged instructions made holes: those that matter are found, and no other") {
    for (const char* name : {"s370-158", "unit"})
        for (const Hole hole : {Hole::unprivileged, Hole::ignored}) {
            MachineModel model = MachineModel::load(name);
            for (const Op op : privileged_instructions(model)) {
                // What another key opens to MVCK is storage of the guest, natively as well.
                if (op != Op::op_MVCK) model.holes.set(op, hole);
            }
            CAPTURE(name);
            CAPTURE(static_cast<int>(hole));
            check_variant(model);
        }
}

TEST_CASE("random variants of the table: exactly their holes are found") {
    for (uint64_t variant = 0; variant < 8; ++variant) {
        CAPTURE(variant);
        conformance::Random random(370, variant);
        MachineModel model = MachineModel::load("s370-158-keys");
        const std::vector<Op> ops = privileged_instructions(model);
        for (uint32_t n = random.below(6); n > 0; --n)
            model.holes.set(ops[random.below(static_cast<uint32_t>(ops.size()))],
                            random.chance(50) ? Hole::ignored : Hole::unprivileged);
        check_variant(model);
    }
}

TEST_CASE("one seed, one report") {
    const auto text = [](uint64_t seed) {
        audit::AuditOptions options;
        options.states = 3;
        options.seed = seed;
        std::string all;
        for (const InstructionAudit& one : audit::audit(MachineModel::load("s370-158"), options).instructions)
            for (const audit::Finding& finding : one.findings)
                all += finding.example.what + finding.example.first + finding.example.second + ";";
        return all;
    };
    CHECK(text(1) == text(1));
    CHECK(text(1) != text(2));
}

}  // namespace
}  // namespace vmcp::test
