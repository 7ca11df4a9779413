// One instruction at a time on a bare machine, for tests of what exactly it does and what stops it.
#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "isa/assembler/assembler.hpp"
#include "simulation/machine/machine.hpp"

namespace simulation::test {

class OneInstruction {
  public:
    static constexpr uint32_t kCode = 0xF000;

    explicit OneInstruction(MachineModel model = MachineModel::load("unit"))
        : machine(std::move(model), kMebibyte) {
        psw.address = kCode;
    }

    /// Assembles one statement and executes it under `psw`, as it stands then. Empty if nothing interrupts.
    std::optional<isa::ProgramInterruption> run(const std::string& statement) {
        CAPTURE(statement);
        const auto program =
            isa::assembler::assemble("T START X'F000'\n " + statement + "\n END\n", "one.asm");
        for (const auto& d : program.diagnostics) FAIL_CHECK(isa::assembler::to_string(d));
        REQUIRE(program.ok);
        machine.storage().put(kCode, program.image.data(), static_cast<uint32_t>(program.image.size()));
        cpu().set_psw(psw);
        const Exit exit = machine.executor().run(cpu(), kNever, 1);
        if (const auto* i = program_interruption(exit)) return *i;
        return std::nullopt;
    }
    /// The same, for what must go well.
    void good(const std::string& statement) {
        const auto i = run(statement);
        CHECK_MESSAGE(!i, statement, i ? isa::name_of(i->code) : "");
    }
    /// The same, for what must be refused.
    isa::ProgramInterruption refused(const std::string& statement, isa::ProgramCode code) {
        const auto i = run(statement);
        REQUIRE_MESSAGE(i.has_value(), statement);
        CHECK_MESSAGE(i->code == code, statement, ": ", isa::name_of(i->code));
        return *i;
    }

    Cpu& cpu() { return machine.cpu(); }
    RealStorage& storage() { return machine.storage(); }
    uint32_t gpr(unsigned r) { return cpu().gpr(r); }
    void set_gpr(unsigned r, uint32_t v) { cpu().set_gpr(r, v); }
    void set_cr(unsigned r, uint32_t v) {
        cpu().set_cr(r, v);
        cpu().control_registers_changed();
    }
    unsigned cc() { return cpu().condition_code(); }
    uint8_t key(uint32_t address) { return storage().key(address); }
    void set_key(uint32_t address, uint8_t key) {
        storage().set_key(address, key);
        cpu().flush_access();
    }

    Machine machine;
    isa::Psw psw;
};

}  // namespace simulation::test
