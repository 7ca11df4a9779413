// What the translator believes of instructions: none changes a general register that it is not known to.
#include "simulation/executor/translator/register_use.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "simulation/machine/machine.hpp"

namespace simulation {
namespace {

constexpr uint32_t kStorage = 64 << 10, kProgram = 0x4000;

TEST_CASE("what instructions are known to change includes all that they do change") {
    Machine machine(MachineModel::load("s370-158-gcc"), kStorage);
    std::mt19937 random(370);
    const auto any = [&](uint32_t below) { return static_cast<uint32_t>(random() % below); };
    for (unsigned n = 0; n < isa::kRowCount; ++n) {
        const auto op = static_cast<isa::Op>(n);
        if (isa::row_of(op).facility == isa::Facility::interpretive_execution) continue;
        for (unsigned round = 0; round < 60; ++round) {
            // Operands are mostly such that the instruction can be executed.
            isa::Decoded instruction{op, static_cast<uint8_t>(isa::length_of(isa::row_of(op).format)), {}};
            isa::Operands& o = instruction.operands;
            const uint32_t registers = round % 3 == 0 ? 1 : 2;
            o.r1 = static_cast<uint8_t>(any(16 / registers) * registers);
            o.r2 = static_cast<uint8_t>(any(16 / registers) * registers);
            o.b1 = static_cast<uint8_t>(any(16));
            o.b2 = static_cast<uint8_t>(any(16));
            o.d1 = static_cast<uint16_t>(any(512) * 8);
            o.d2 = static_cast<uint16_t>(any(512) * 8);
            o.imm = static_cast<int32_t>(any(100));
            uint8_t bytes[6];
            const unsigned length = isa::encode(instruction, bytes);
            instruction = isa::decode(bytes, machine.model().facilities);
            if (instruction.op != op) continue;  // the opcode is another instruction's with facility gcc

            std::vector<uint8_t> data(kStorage);
            for (uint8_t& byte : data) byte = static_cast<uint8_t>(any(4) == 0 ? 0x1C : random());
            machine.storage().put(0, data.data(), kStorage);
            machine.storage().put(kProgram, bytes, length);
            isa::CpuState& state = machine.cpu().registers();
            for (uint32_t& r : state.gpr) r = any(4) == 0 ? static_cast<uint32_t>(random()) : any(8000) * 8;
            const auto before = state.gpr;
            isa::Psw psw;
            psw.address = kProgram;
            machine.cpu().set_psw(psw);
            machine.run({.instructions = 1});

            const RegisterUse use = register_use(op, instruction.operands);
            if (use.may_write_any) continue;
            for (unsigned r = 0; r < 16; ++r) {
                if ((use.written >> r & 1) != 0) continue;
                CAPTURE(isa::row_of(op).mnemonic);
                CAPTURE(r);
                CHECK(machine.cpu().state().gpr[r] == before[r]);
            }
        }
    }
}

TEST_CASE("storage operands are noted as instructions name them") {
    const RegisterUse load = register_use(isa::Op::op_LH, {.r1 = 3, .r2 = 4, .b2 = 5, .d2 = 6});
    CHECK(load.read == (1U << 4 | 1U << 5));
    CHECK(load.written == 1U << 3);
    CHECK(load.operand.length == 2);
    CHECK_FALSE(load.operand.storing);
    CHECK(load.operand.index == 4);
    CHECK(load.operand.base == 5);
    CHECK(load.operand.displacement == 6);
    CHECK(register_use(isa::Op::op_OI, {.b1 = 7}).operand.storing);
    CHECK(register_use(isa::Op::op_STM, {.r1 = 14, .r2 = 12, .b2 = 13}).operand.length == 60);
    CHECK(register_use(isa::Op::op_EX, {}).may_write_any);
}

}  // namespace
}  // namespace simulation
