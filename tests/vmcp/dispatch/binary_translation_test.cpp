// A guest whose supervisor-state code is translated is what it is on the bare machine.
#include <doctest/doctest.h>

#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/random_comparison.hpp"
#include "vmcp/translation/code_space.hpp"

namespace vmcp::test {
namespace {

VirtualMachine& log_on_translated(Host& host, const std::string& name, uint32_t storage = kProgramStorage) {
    VmOptions options;
    options.name = name;
    options.storage = storage;
    options.technique = Technique::binary_translation;
    return host.log_on(std::move(options));
}

TEST_CASE("random programs end alike natively and translated") {
    compare_random_programs({.programs = 800, .technique = Technique::binary_translation});
}

TEST_CASE("random programs that translate addresses end alike natively and translated") {
    compare_random_programs(
        {.programs = 500, .translating = true, .technique = Technique::binary_translation});
}

TEST_CASE("random programs that record their own events are told the same natively and translated") {
    for (const bool translating : {false, true})
        compare_random_programs({.programs = 500,
                                 .translating = translating,
                                 .recording = true,
                                 .technique = Technique::binary_translation});
}

TEST_CASE("random programs end alike on a bare machine with holes and translated on one") {
    unsigned compared = 0;
    uint64_t replaced = 0;
    for (uint64_t seed = 1; seed <= 300; ++seed) {
        const RandomProgram program(seed);
        NativeGuest native(kProgramStorage, "s370-holes");
        const EndState alone = native.run(program.image(), 20'000);
        if (!alone.is_comparable()) continue;
        Host host(simulation::kMebibyte, "round-robin", "s370-holes");
        VirtualMachine& vm = log_on_translated(host, "alpha");
        host.cp.load(vm, SecondLevel(0), program.image());
        host.cp.restart(vm);
        host.cp.run(100 * simulation::kSecond);
        const std::string how = difference(alone, host.end_state(vm));
        if (!how.empty()) {
            NativeGuest interrupted(kProgramStorage, "s370-holes");
            if (!difference(alone, interrupted.run(program.image(), 20'000, 1)).empty()) continue;
        }
        CHECK_MESSAGE(how.empty(), fmt::format("seed {}: {}", seed, how));
        replaced += vm.code->counts.sequences + vm.code->counts.calls;
        ++compared;
    }
    CHECK(compared > 270);
    CHECK(replaced > 3 * compared);
}

}  // namespace
}  // namespace vmcp::test
