// The PSW in both of its forms, and what is said of one that breaks its format. GA22-7000 chapter 4,
// "Program-Status-Word Formats", and chapter 6, "Early Exception Recognition".
#include "isa/psw.hpp"

#include <fmt/format.h>

#include "tests/simulation/assembled_program.hpp"

namespace simulation::test {
namespace {

constexpr uint64_t bit(unsigned n) { return uint64_t{1} << (63 - n); }

isa::FacilitySet without(isa::Facility facility) {
    isa::FacilitySet set = isa::FacilitySet::system370();
    set.remove(facility);
    return set;
}

/// Loads a PSW in EC mode, or does what `body` does, and reports the interruption that follows.
struct Interrupted {
    explicit Interrupted(const std::string& body, const std::string& psw = "X'0008000000000200'")
        : program(fmt::format(R"(
P        START 0
         DC    {}
         ORG   P+X'68'
         DC    X'000A000000600D00'
         ORG   P+X'200'
         USING P,0
{}
         END
)",
                              psw, body)) {
        stop = program.run();
    }
    uint64_t old_psw() { return program.machine.storage().get64(isa::Assigned::program_old); }
    unsigned code() { return program.machine.storage().get16(142); }
    unsigned ilc() { return *program.machine.storage().at(141) / 2; }  // halfwords
    AssembledProgram program;
    Stop stop;
};

}  // namespace

TEST_CASE("every bit of an EC-mode PSW has its place") {
    const uint64_t ec = bit(12);
    CHECK(isa::decode_psw(ec).ec_mode);
    CHECK(isa::decode_psw(ec | bit(1)).per);
    CHECK(isa::decode_psw(ec | bit(5)).dat);
    CHECK(isa::decode_psw(ec | bit(6)).io_mask);
    CHECK(isa::decode_psw(ec | bit(7)).external_mask);
    CHECK(isa::decode_psw(ec | bit(8)).key == 8);
    CHECK(isa::decode_psw(ec | bit(11)).key == 1);
    CHECK(isa::decode_psw(ec | bit(13)).machine_check_mask);
    CHECK(isa::decode_psw(ec | bit(14)).wait);
    CHECK(isa::decode_psw(ec | bit(15)).problem_state);
    CHECK(isa::decode_psw(ec | bit(16)).secondary_space);
    CHECK(isa::decode_psw(ec | bit(18)).condition_code == 2);
    CHECK(isa::decode_psw(ec | bit(19)).condition_code == 1);
    CHECK(isa::decode_psw(ec | bit(20)).program_mask == isa::kMaskFixedPointOverflow);
    CHECK(isa::decode_psw(ec | bit(23)).program_mask == isa::kMaskSignificance);
    CHECK(isa::decode_psw(ec | bit(40)).address == 0x800000);
    CHECK(isa::decode_psw(ec | bit(63)).address == 1);
    for (unsigned n = 0; n < 64; ++n)
        if (n != 12) CHECK_MESSAGE(isa::encode(isa::decode_psw(ec | bit(n))) == (ec | bit(n)), n);
}

TEST_CASE("every bit of a BC-mode PSW has its place") {
    for (unsigned n = 0; n < 7; ++n) {
        isa::CpuState state;
        state.cr[2] = 0;
        state.psw = isa::decode_psw(bit(n));
        CHECK(isa::enabled_channels(state) == (n < 6 ? 0x80000000u >> n : 0u));
        state.cr[2] = 0xFFFFFFFF;
        CHECK(isa::enabled_channels(state) == (n < 6 ? 0x80000000u >> n : 0x03FFFFFFu));
    }
    CHECK(isa::decode_psw(bit(7)).external_mask);
    CHECK(isa::decode_psw(bit(8)).key == 8);
    CHECK(isa::decode_psw(bit(13)).machine_check_mask);
    CHECK(isa::decode_psw(bit(14)).wait);
    CHECK(isa::decode_psw(bit(15)).problem_state);
    CHECK(isa::decode_psw(bit(34)).condition_code == 2);
    CHECK(isa::decode_psw(bit(36)).program_mask == isa::kMaskFixedPointOverflow);
    for (unsigned n = 0; n < 64; ++n) {
        if (n == 12) continue;
        const bool told_apart = (n >= 16 && n <= 33);  // interruption code and instruction length: not kept
        CHECK_MESSAGE(isa::encode(isa::decode_psw(bit(n))) == (told_apart ? 0 : bit(n)), n);
        CHECK_FALSE(isa::has_format_error(isa::decode_psw(bit(n)), isa::FacilitySet::system370()));
    }
    CHECK(isa::encode(isa::Psw{}, 0x1234, 3) == 0x00001234C0000000);
}

TEST_CASE("a format error is any unassigned bit of an EC-mode PSW, and nothing else") {
    using isa::Facility;
    for (unsigned n = 0; n < 64; ++n) {
        if (n == 12) continue;
        CAPTURE(n);
        const isa::Psw psw = isa::decode_psw(bit(12) | bit(n));
        const bool unassigned = n == 0 || (n >= 2 && n <= 4) || n == 17 || (n >= 24 && n <= 39);
        CHECK(isa::has_format_error(psw, isa::FacilitySet::system370()) == unassigned);
        CHECK(isa::has_format_error(psw, without(Facility::dual_address_space)) == (unassigned || n == 16));
        isa::FacilitySet gcc = isa::FacilitySet::system370();
        gcc.install(Facility::gcc);
        CHECK(isa::has_format_error(psw, gcc) == (unassigned && n != 32));
    }
}

TEST_CASE("LOAD PSW of a PSW in error: the exception comes right after, with the PSW that was loaded") {
    Interrupted r("         LPSW  BAD\n         DS 0D\nBAD      DC    X'8008000000123456'");
    CHECK(r.stop == Stop::disabled_wait);
    CHECK(r.program.address() == 0x600D00);
    CHECK(r.code() == 6);
    CHECK(r.ilc() == 0);
    CHECK(r.old_psw() == 0x8008000000123456);
}

TEST_CASE("SET SYSTEM MASK and STORE THEN OR SYSTEM MASK into an error: the length is theirs") {
    Interrupted ssm("         SSM   MASK\nMASK     DC    X'10'");
    CHECK(ssm.code() == 6);
    CHECK(ssm.ilc() == 2);
    CHECK(ssm.old_psw() == 0x1008000000000204);
    Interrupted stosm("         STOSM MASK,X'80'\nMASK     DC    X'FF'");
    CHECK(stosm.code() == 6);
    CHECK(stosm.ilc() == 2);
    CHECK(stosm.old_psw() == 0x8008000000000204);
    CHECK(stosm.program.byte("MASK") == 0);  // stored before
}

TEST_CASE("a new PSW in error interrupts again and again: check-stop") {
    AssembledProgram program(R"(
P        START 0
         DC    X'0008000000000200'
         ORG   P+X'68'
         DC    X'8008000000000300'
         ORG   P+X'200'
         DC    X'0000'
         END
)");
    CHECK(program.run() == Stop::check_stop);
}

TEST_CASE("an odd instruction address is a specification exception") {
    Interrupted r("         LA    1,X'201'\n         BR    1");
    CHECK(r.code() == 6);
    CHECK((r.old_psw() & 1) == 1);
}

TEST_CASE("program and supervisor-call interruptions identify themselves by the mode of the old PSW") {
    // Condition code 2 and program mask 5, then an instruction of one halfword.
    const auto run = [](const char* mode, const char* instruction) {
        auto p = std::make_unique<AssembledProgram>(fmt::format(R"(
P        START 0
         DC    X'{}',A(X'200')
         ORG   P+X'60'
         DC    2X'0002000000600D00'
         ORG   P+X'200'
         USING P,0
         L     1,MASK
         SPM   1
         {}
MASK     DC    A(X'25000000')
         END
)",
                                                                mode, instruction));
        CHECK(p->run() == Stop::disabled_wait);
        return p;
    };
    constexpr const char* kBc = "00000000";
    constexpr const char* kEc = "00080000";
    const auto bc_program = run(kBc, "DC    X'0000'");
    CHECK(bc_program->machine.storage().get64(isa::Assigned::program_old) == 0x0000000165000208);
    const auto bc_call = run(kBc, "SVC   7");
    CHECK(bc_call->machine.storage().get64(isa::Assigned::supervisor_call_old) == 0x0000000765000208);
    const auto ec_program = run(kEc, "DC    X'0000'");
    CHECK(ec_program->machine.storage().get64(isa::Assigned::program_old) == 0x0008250000000208);
    CHECK(ec_program->machine.storage().get32(isa::Assigned::program_identification) == 0x00020001);
    const auto ec_call = run(kEc, "SVC   7");
    CHECK(ec_call->machine.storage().get64(isa::Assigned::supervisor_call_old) == 0x0008250000000208);
    CHECK(ec_call->machine.storage().get32(isa::Assigned::supervisor_call_identification) == 0x00020007);
}

}  // namespace simulation::test
