// A guest whose supervisor-state code is translated is what it is on the bare machine.
#include <doctest/doctest.h>

#include <fmt/ranges.h>

#include <cstdlib>

#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/random_comparison.hpp"
#include "vmcp/conformance/random.hpp"
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

/// As many as VMCP_PROGRAMS says; nightly forty thousand, some ten million instructions.
unsigned programs(unsigned usual) {
    const char* const wanted = std::getenv("VMCP_PROGRAMS");
    return wanted != nullptr ? static_cast<unsigned>(std::strtoul(wanted, nullptr, 10)) : usual;
}

TEST_CASE("random programs end alike natively and translated") {
    compare_random_programs({.programs = programs(800), .technique = Technique::binary_translation});
}

TEST_CASE("random programs that translate addresses end alike natively and translated") {
    compare_random_programs(
        {.programs = programs(500), .translating = true, .technique = Technique::binary_translation});
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
    for (uint64_t seed = 1; seed <= 300; ++seed)
        compared += ends_alike(
            RandomProgram(seed), "s370-holes", Technique::binary_translation, fmt::format("seed {}", seed),
            [&](const VirtualMachine& vm) { replaced += vm.code->counts.sequences + vm.code->counts.calls; });
    CHECK(compared > 270);
    CHECK(replaced > 3 * compared);
}

TEST_CASE("whichever privileged instructions a machine has holes in, translated guests are right") {
    const tests::TemporaryFolder folder;
    const simulation::MachineModel plain = simulation::MachineModel::load("s370-158");
    std::vector<std::string> names;
    for (const isa::Row& row : isa::kRows)
        if (row.privilege != isa::Privilege::problem && plain.facilities.has(row.facility))
            names.push_back(fmt::format("\"{}\"", row.mnemonic));
    unsigned compared = 0;
    conformance::Random random(7, 0);
    for (uint64_t seed = 60'000; compared < 300; ++seed) {
        // About a third of them does not trap, half of those does nothing either.
        std::vector<std::string> unprivileged, ignored;
        for (const std::string& name : names) {
            const uint32_t lot = random.below(6);
            if (lot < 2) (lot == 0 ? unprivileged : ignored).push_back(name);
        }
        const std::string model = folder / "variant.toml";
        tests::put(model,
                   fmt::format("name = \"variant\"\ntitle = \"variant\"\nextends = \"s370-158\"\n"
                               "[holes]\nunprivileged = [{}]\nignored = [{}]\nsource = \"assumed: test\"\n",
                               fmt::join(unprivileged, ", "), fmt::join(ignored, ", ")));
        compared += ends_alike(RandomProgram(seed, seed % 2 != 0), model, Technique::binary_translation,
                               fmt::format("seed {}; unprivileged {}; ignored {}", seed,
                                           fmt::join(unprivileged, " "), fmt::join(ignored, " ")),
                               [](const VirtualMachine&) {});
    }
}

/// A program that begins at 1000 with base register 12, and may end in order by LPSW GOOD.
std::string in_page_one(const std::string& body) {
    return R"(
         DC    X'00080000',A(X'1000')
         ORG   *-8+X'1000'
         BALR  12,0
         USING *,12
)" + body + R"(
GOOD     DC    0D'0',X'000A0000',A(0)
)";
}

/// Runs a source as a translated guest, and natively, to the same end.
struct Translated {
    explicit Translated(const std::string& source, const std::string& model = "s370-158",
                        Technique technique = Technique::binary_translation)
        : host(simulation::kMebibyte, "round-robin", model) {
        const std::vector<uint8_t> image = assembled(source);
        VmOptions options;
        options.name = "alpha";
        options.storage = kProgramStorage;
        options.technique = technique;
        vm = &host.log_on(std::move(options));
        host.cp.load(*vm, SecondLevel(0), image);
        host.cp.restart(*vm);
        host.cp.run(100 * simulation::kSecond);
        NativeGuest native(kProgramStorage, model);
        const std::string how = difference(native.run(image, 1'000'000), host.end_state(*vm));
        CHECK_MESSAGE(how.empty(), how);
    }
    const TranslationCounts& counts() const { return vm->code->counts; }
    uint64_t times(Step step) const {
        return host.cp.ledger().totals().steps[static_cast<unsigned>(step)].count;
    }

    Host host;
    VirtualMachine* vm;
};

constexpr const char* kMasking = R"(
         DC    X'00080000',A(X'1000')
         ORG   *-8+X'800'
MASK     DC    X'00'
OLD      DS    X
         ORG   MASK-X'800'+X'1000'
         BALR  12,0
         USING *,12
         USING MASK-X'800',0
         LA    11,1000
LOOP     SSM   MASK
         STOSM OLD,X'00'
         BCT   11,LOOP
         LPSW  GOOD
GOOD     DC    0D'0',X'000A0000',A(0)
)";

TEST_CASE("privileged instructions that trap again and again are replaced, and trap no more") {
    const Translated guest(kMasking);
    CHECK(guest.counts().replaced == 2);
    CHECK(guest.counts().sequences == 2 * (1000 - 4));
    CHECK(guest.times(Step::translated_sequence) == 2 * (1000 - 4));
    CHECK(guest.vm->exits < 20);
    // All of it is control-program time, and dearer than nothing, but not by much.
    const Translated trapping(kMasking, "s370-158", Technique::trap_and_emulate);
    CHECK(guest.vm->account.control_program * 5 < trapping.vm->account.control_program);
    // What the real CPU runs is no more than a little more.
    const double ratio =
        static_cast<double>(guest.vm->account.guest) / static_cast<double>(trapping.vm->account.guest);
    CHECK(ratio > 0.3);
    CHECK(ratio < 1.5);
}

TEST_CASE("a machine with holes: what they are in is replaced before it is ever executed") {
    const Translated guest(kMasking, "s370-holes");
    CHECK(guest.counts().replaced == 2);
    CHECK(guest.counts().sequences == 2000);
}

TEST_CASE("code is translated once, block by block, as control reaches it") {
    const Translated guest(in_page_one(R"(
         LA    11,1000
LOOP     BAL   14,SUB
         BCT   11,LOOP
         LPSW  GOOD
         DC    200X'00'
SUB      LR    2,11
         BR    14
NEVER    LPSW  GOOD
)"));
    CHECK(guest.counts().blocks == 2);
    CHECK(guest.times(Step::translate_instruction) == guest.counts().instructions);
    CHECK(guest.counts().instructions < 15);
    CHECK(guest.times(Step::find_code_page) == 1);
    CHECK(guest.counts().invalidated == 0);
}

TEST_CASE("a store into the very next instruction is executed as it is then, each time") {
    const Translated guest(in_page_one(R"(
         LA    11,100
         SR    3,3
LOOP     STC   11,CHANGED+3
CHANGED  LA    2,0
         AR    3,2
         BCT   11,LOOP
         C     3,=F'5050'
         BE    *+8
         LPSW  BAD
         LPSW  GOOD
BAD      DC    0D'0',X'000A0000',A(X'BAD')
         LTORG
)"));
    CHECK(guest.vm->state.psw.address == 0);
    CHECK(guest.counts().invalidated == 100);
    // The first few stores stop the guest.
    CHECK(guest.counts().stores == 100);
    CHECK(guest.counts().checked == 96);
    CHECK(guest.times(Step::checked_store) == 96);
}

TEST_CASE("control comes into the middle of an instruction that was translated") {
    // At ODD+2 there is LR 5,4, and at ODD the operand of an AND that no base register leads to.
    const Translated guest(in_page_one(R"(
         LA    4,7
         LA    11,3
LOOP     B     ODD+2
BACK     B     ODD
ODD      DC    X'4110',X'1854'     LA 1,X'854'(0,1), or LR 5,4
         BCT   11,LOOP
         LPSW  GOOD
)"));
    CHECK(guest.vm->state.gpr[5] == 7);
}

TEST_CASE("EXECUTE of what is replaced, and of what is not translated yet") {
    const Translated guest(in_page_one(R"(
         LA    11,10
LOOP     EX    0,MASK
         EX    11,MOVE
         LR    2,2
         LR    2,2
         SSM   ZERO
         BCT   11,LOOP
         LPSW  GOOD
         ORG   *+X'300'
MASK     SSM   ZERO
MOVE     MVC   X'700'(0),X'710'
ZERO     DC    X'00'
)"),
                           "s370-holes");
    CHECK(guest.counts().interpreted == 10);
    CHECK(guest.counts().sequences == 10);
}

TEST_CASE("an instruction that lies across two pages is interpreted") {
    const Translated guest(R"(
         DC    X'00080000',A(X'1000')
         ORG   *-8+X'100'
         DC    X'000A0000',A(0)
         ORG   *-X'108'+X'1000'
         BALR  12,0
         USING *,12
         LA    11,10
         B     LOOP
         ORG   *-10+X'FFC'
LOOP     LR    2,11
         LA    3,5(,2)
         BCT   11,LOOP
         LPSW  X'100'
)");
    CHECK(guest.counts().interpreted == 10);
}

TEST_CASE("the guest reads its own text where it put it") {
    const Translated guest(in_page_one(R"(
         CLC   TEXT(4),SAME        before and after it is translated
         BNE   WRONG
         BAL   14,TEXT
         CLC   TEXT(4),SAME
         BNE   WRONG
         LPSW  GOOD
WRONG    LPSW  BAD
TEXT     STOSM X'700',X'00'
         BR    14
SAME     STOSM X'700',X'00'
BAD      DC    0D'0',X'000A0000',A(X'BAD')
)"),
                           "s370-holes");
    CHECK(guest.vm->state.psw.address == 0);
    CHECK(guest.counts().sequences >= 1);
}

TEST_CASE(
    "a page that problem-state code keeps storing into is executed as it is, but not where there are holes") {
    constexpr const char* kMixed = R"(
         DC    X'00080000',A(X'1000')
         ORG   *-8+X'60'
         DC    X'00080000',A(CALLED)
         ORG   *-X'68'+X'1000'
         BALR  12,0
         USING *,12
         LA    11,200
         LPSW  USER
PROBLEM  ST    11,X'800'(12)
         BCT   11,PROBLEM
         SVC   0
CALLED   SSM   GOOD
         LPSW  GOOD
USER     DC    0D'0',X'00090000',A(PROBLEM)
GOOD     DC    0D'0',X'000A0000',A(0)
)";
    const Translated guest(kMixed);
    CHECK(guest.counts().stores == 32);
    const Translated with_holes(kMixed, "s370-holes");
    CHECK(with_holes.counts().stores == 200);
    CHECK(with_holes.counts().sequences + with_holes.counts().calls == 1);
}

TEST_CASE("translated guests say so, and have no assist to set") {
    Host host(simulation::kMebibyte, "round-robin", "s370-158-assists");
    VirtualMachine& vm = log_on_translated(host, "alpha");
    CHECK(host.cp.command(vm, "SET ASSIST ON") == 3);
    CHECK(vm.assists.empty());
    host.console.clear();
    CHECK(host.cp.command(vm, "QUERY SET") == 0);
    CHECK(host.console["alpha"].ends_with("ASSIST OFF, TRANSLATED\n"));
    VmOptions options;
    options.name = "beta";
    options.technique = Technique::binary_translation;
    options.assists = {Assist::vma};
    CHECK_THROWS_WITH_AS(host.log_on(options),
                         "virtual machine 'beta' is translated: no assist and no nested translation can help",
                         std::runtime_error);
}

TEST_CASE("translated guests beside others that trap, in short slices and with few page frames") {
    ends_alike_beside_others(Technique::binary_translation, 200 * 1024, 8, 40'000);
}

}  // namespace
}  // namespace vmcp::test
