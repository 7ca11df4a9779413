// READ DIRECT and WRITE DIRECT: nothing is connected to the lines, so zeros come in and what goes out is not
// seen. GA22-7000 chapter 10.
#include "tests/simulation/one_instruction.hpp"

namespace simulation::test {
namespace {

using isa::ProgramCode;

constexpr uint32_t kOperand = 0x8123;

TEST_CASE("READ DIRECT stores a byte, WRITE DIRECT fetches one; neither changes anything else") {
    OneInstruction one;
    one.set_gpr(2, kOperand - 3);
    one.storage().at(kOperand)[0] = 0x5A;
    one.psw.condition_code = 2;
    one.good("WRD 3(2),X'34'");
    CHECK(one.storage().at(kOperand)[0] == 0x5A);
    one.good("RDD 3(2),X'12'");
    CHECK(one.storage().at(kOperand)[0] == 0);
    CHECK(one.cc() == 2);
}

TEST_CASE("they are privileged, and their operand may be protected") {
    OneInstruction one;
    one.set_gpr(2, kOperand);
    one.psw.problem_state = true;
    one.refused("RDD 0(2),1", ProgramCode::privileged_operation);
    one.refused("WRD 0(2),1", ProgramCode::privileged_operation);
    one.psw.problem_state = false;
    one.psw.key = 1;
    one.set_key(OneInstruction::kCode, 0x10);
    one.set_key(kOperand, 0x20);  // fetches are allowed
    one.good("WRD 0(2),1");
    one.refused("RDD 0(2),1", ProgramCode::protection);
    one.set_key(kOperand, 0x28);  // and now they are not
    one.refused("WRD 0(2),1", ProgramCode::protection);
    one.set_gpr(2, kMebibyte);
    one.refused("RDD 0(2),1", ProgramCode::addressing);
}

TEST_CASE("a machine without direct control does not know them") {
    MachineModel model = MachineModel::load("unit");
    model.facilities.remove(isa::Facility::direct_control);
    OneInstruction one(model);
    one.refused("RDD 0(2),1", ProgramCode::operation);
    one.refused("WRD 0(2),1", ProgramCode::operation);
}

TEST_CASE("with the facility gcc the opcodes 84 and 85 are relative branches") {
    OneInstruction one(MachineModel::load("s370-158-gcc"));
    one.psw.problem_state = true;
    one.good("DC X'84460000'");  // BRXH 4,6,*
    one.good("DC X'85460000'");
}

}  // namespace
}  // namespace simulation::test
