// The path lengths of the interpreter: what the control-program model says is what the interpreter in the
// machine's own code executes, part by part.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "simulation/machine/machine.hpp"
#include "tests/file_contents.hpp"
#include "vmcp/ledger/control_program_model.hpp"

namespace vmcp::test {
namespace {

/// The addresses of the instructions that a machine has executed.
struct Executed : simulation::InstructionObserver {
    std::vector<uint32_t> addresses;
    void before(const simulation::Cpu&, uint32_t address, const isa::Decoded&) override {
        addresses.push_back(address);
    }
    uint64_t from(uint32_t begin, uint32_t end) const {
        return static_cast<uint64_t>(std::count_if(addresses.begin(), addresses.end(),
                                                   [=](uint32_t a) { return a >= begin && a < end; }));
    }
};

/// A part of the interpreter: from one label to the next, and how often it was come to.
struct Part {
    Step step;
    const char *begin, *end;
    std::initializer_list<const char*> entries;
};

TEST_CASE("the steps of interpreting are as long as the interpreter in the machine's own code") {
    const std::string path = VMCP_SOURCE_DIR "/examples/guests/interpreter.asm";
    const auto program = isa::assembler::assemble(tests::contents(path), path);
    REQUIRE(program.ok);
    CHECK(program.diagnostics.empty());
    simulation::Machine machine(simulation::MachineModel::load("s370-158"), 28 * 1024);
    machine.storage().put(0, program.image.data(), static_cast<uint32_t>(program.image.size()));
    Executed executed;
    machine.executor().observers.add(executed);
    machine.restart();
    CHECK(machine.run({100'000}) == simulation::Stop::disabled_wait);
    machine.executor().observers.remove(executed);
    CHECK(machine.cpu().psw().address == 0);  // the guest that it interpreted has done well

    const auto at = [&](const char* label) {
        const auto* const symbol = program.find(label);
        REQUIRE(symbol != nullptr);
        return symbol->value;
    };
    const Part parts[] = {
        {Step::interpret_fetch, "FETCH", "WALK", {"FETCH"}},
        {Step::interpret_walk, "WALK", "OPERAND", {"WALK"}},
        {Step::interpret_operand, "OPERAND", "GENERAL", {"OPERAND", "OPERANDX"}},
        {Step::interpret_general,
         "GENERAL",
         "BRANCH",
         {"DORR", "DOLR", "DOLA", "DORX", "DOL", "DOST", "DOSI"}},
        {Step::interpret_branch, "BRANCH", "FIELD", {"DOBC", "DOBCR", "DOBCT", "DOBAL", "DOBALR"}},
        {Step::interpret_field, "FIELD", "LONG", {"FIELD"}},
        {Step::interpret_long, "LONG", "FLOAT", {"LONGUNIT"}},
        {Step::interpret_float, "FLOAT", "EXECUTE", {"FLOAT"}},
        {Step::interpret_execute, "EXECUTE", "END", {"EXECUTE"}},
    };
    for (const char* name : {"vm370", "vm370-notrace"}) {
        const auto model = ControlProgramModel::load(name, machine.model());
        for (const Part& part : parts) {
            CAPTURE(name_of(part.step));
            const uint64_t instructions = executed.from(at(part.begin), at(part.end));
            uint64_t times = 0;
            for (const char* entry : part.entries) times += executed.from(at(entry), at(entry) + 1);
            REQUIRE(times != 0);
            CHECK(model.path_lengths[static_cast<unsigned>(part.step)] ==
                  std::llround(static_cast<double>(instructions) / static_cast<double>(times)));
        }
    }
}

}  // namespace
}  // namespace vmcp::test
