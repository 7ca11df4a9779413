// Programs in assembler on a bare machine, for tests of what a program can see.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>

#include "isa/assembler/assembler.hpp"
#include "simulation/machine/machine.hpp"

namespace simulation::test {

/// A model where every instruction takes a microsecond and an interruption none, so that times are easy to
/// foretell; everything of System/370 is installed.
inline MachineModel plain_model(unsigned cpus = 1) {
    MachineModel model = MachineModel::load("unit");
    for (Price& price : model.prices) price = {kMicrosecond, 0};
    model.interruption_ns.value = 0;
    model.table_reference_ns.value = 0;
    model.cpus.value = cpus;
    model.facilities = isa::FacilitySet::system370();
    return model;
}

struct AssembledProgram {
    explicit AssembledProgram(std::string_view source, MachineModel model = plain_model(),
                              uint32_t storage_bytes = 256 * 1024)
        : assembled(isa::assembler::assemble(source, "test.asm")), machine(std::move(model), storage_bytes) {
        for (const auto& d : assembled.diagnostics) FAIL_CHECK(isa::assembler::to_string(d));
        REQUIRE(assembled.ok);
        for (const auto& piece : assembled.text)
            machine.storage().put(piece.address, piece.bytes.data(),
                                  static_cast<uint32_t>(piece.bytes.size()));
    }

    /// From the restart PSW at location 0 of CPU 0 until it stops.
    Stop run(uint64_t instructions = 1'000'000) {
        machine.restart();
        return machine.run({instructions, kNever});
    }
    uint32_t at(std::string_view symbol) const {
        const auto* s = assembled.find(symbol);
        REQUIRE_MESSAGE(s != nullptr, std::string(symbol));
        return s->value;
    }
    uint8_t byte(std::string_view symbol, uint32_t offset = 0) {
        return *machine.storage().at(at(symbol) + offset);
    }
    uint16_t half(std::string_view symbol, uint32_t offset = 0) {
        return machine.storage().get16(at(symbol) + offset);
    }
    uint32_t word(std::string_view symbol, uint32_t offset = 0) {
        return machine.storage().get32(at(symbol) + offset);
    }
    uint64_t doubleword(std::string_view symbol, uint32_t offset = 0) {
        return machine.storage().get64(at(symbol) + offset);
    }
    uint32_t gpr(unsigned r, unsigned cpu = 0) { return machine.cpu(cpu).gpr(r); }
    /// The instruction address of the PSW.
    uint32_t address(unsigned cpu = 0) { return machine.cpu(cpu).psw().address; }

    isa::assembler::Result assembled;
    Machine machine;
};

}  // namespace simulation::test
