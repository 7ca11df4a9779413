// Holes of a machine model: what System/370 makes privileged and the problem state executes all the same.
#include <doctest/doctest.h>

#include "simulation/model/toml_reader.hpp"
#include "tests/simulation/one_instruction.hpp"

namespace simulation::test {
namespace {

MachineModel with_hole(const char* mnemonic, isa::Hole hole) {
    MachineModel model = MachineModel::load("unit");
    model.holes.set(isa::find_mnemonic(mnemonic), hole);
    return model;
}

std::string message_of(const std::string& holes) {
    const std::string text =
        "name = \"x\"\ntitle = \"x\"\nextends = \"s370-158\"\n[holes]\n" + holes + "source = \"assumed\"\n";
    try {
        MachineModel::parse(text, "m.toml");
    } catch (const TomlError& error) {
        return error.what();
    }
    return "no error";
}

struct InProblemState : OneInstruction {
    InProblemState(const char* mnemonic, isa::Hole hole) : OneInstruction(with_hole(mnemonic, hole)) {
        psw.problem_state = true;
    }
};

TEST_CASE("holes are read, and only privileged instructions have any") {
    const MachineModel model = MachineModel::load("s370-holes");
    CHECK(model.holes.of(isa::Op::op_STIDP) == isa::Hole::unprivileged);
    CHECK(model.holes.of(isa::Op::op_STNSM) == isa::Hole::ignored);
    CHECK(model.holes.of(isa::Op::op_LPSW) == isa::Hole::none);
    CHECK_FALSE(MachineModel::load("s370-158").holes.any());
    CHECK(message_of("ignored = [\"AR\"]\n").find("\"AR\": expected the mnemonic of a privileged") !=
          std::string::npos);
    CHECK(message_of("ignored = [\"SSM\"]\nunprivileged = [\"SSM\"]\n")
              .find("expected each instruction once") != std::string::npos);
    CHECK(message_of("open = [\"SSM\"]\n").find("unknown key") != std::string::npos);
}

TEST_CASE("an unprivileged instruction does in the problem state what it does in the supervisor state") {
    InProblemState one("STIDP", isa::Hole::unprivileged);
    one.good("STIDP X'200'");
    CHECK(one.storage().get64(0x200) == one.machine.model().cpu_id());
    one.refused("STIDP X'201'", isa::ProgramCode::specification);
    one.refused("STAP X'200'", isa::ProgramCode::privileged_operation);

    InProblemState psw("LPSW", isa::Hole::unprivileged);
    psw.storage().put64(0x200, 0x0000000000000300);
    psw.good("LPSW X'200'");
    CHECK_FALSE(psw.cpu().psw().problem_state);
}

TEST_CASE("a semi-privileged one needs no authority through a hole") {
    InProblemState one("SPKA", isa::Hole::unprivileged);
    one.good("SPKA X'50'");
    CHECK(one.cpu().psw().key == 5);
    InProblemState ignored("SPKA", isa::Hole::ignored);
    ignored.good("SPKA X'50'");
    CHECK(ignored.cpu().psw().key == 0);
}

TEST_CASE("an ignored instruction changes what is the program's own, and nothing else") {
    InProblemState one("STNSM", isa::Hole::ignored);
    one.psw.external_mask = true;
    one.psw.bc_channel_masks = 0xFE;
    one.good("STNSM X'200',X'00'");
    CHECK(one.storage().at(0x200)[0] == 0xFF);
    CHECK(one.cpu().psw().external_mask);
    CHECK(one.cpu().psw().bc_channel_masks == 0xFE);
    one.psw.problem_state = false;
    one.good("STNSM X'200',X'00'");
    CHECK_FALSE(one.cpu().psw().external_mask);

    InProblemState psw("LPSW", isa::Hole::ignored);
    psw.storage().put64(0x200, 0xFFF0000037000300);  // BC mode, condition code 3, program mask 7
    psw.good("LPSW X'200'");
    CHECK(psw.cpu().psw().problem_state);
    CHECK(psw.cpu().psw().key == 0);
    CHECK(psw.cc() == 3);
    CHECK(psw.cpu().psw().program_mask == 7);
    CHECK(psw.cpu().psw().address == 0x300);
}

TEST_CASE("a hole is one for EXECUTE and with program-event recording, too") {
    InProblemState one("SSM", isa::Hole::ignored);
    one.psw.external_mask = true;
    const uint8_t ssm[] = {0x80, 0x00, 0x02, 0x00};
    one.storage().put(0x300, ssm, sizeof ssm);
    for (int times = 0; times < 3; ++times) {
        one.good("EX 0,X'300'");
        CHECK(one.cpu().psw().external_mask);
    }
    one.psw.problem_state = false;
    one.good("EX 0,X'300'");
    CHECK_FALSE(one.cpu().psw().external_mask);

    one.psw = {};
    one.psw.address = OneInstruction::kCode;
    one.psw.ec_mode = one.psw.per = one.psw.problem_state = one.psw.external_mask = true;
    one.good("SSM X'200'");
    CHECK(one.cpu().psw().external_mask);
    one.refused("LPSW X'200'", isa::ProgramCode::privileged_operation);
}

}  // namespace
}  // namespace simulation::test
