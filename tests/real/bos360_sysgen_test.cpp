// System generation of Basic Operating System/360: the distribution tape of 1966 makes a production tape.
// What comes out is compared with a tape that was generated elsewhere, byte for byte, so everything counts:
// the supervisor that was assembled, what the linkage editor made of eight components, and the libraries as
// copied block by block. The tapes lie outside the repository; without them the tests say so and skip.
//
// It is a test of timing too. The linkage editor starts the write of a phase's header and then stores into
// it: the drive that wrote the given tape had not yet come up to speed and took the new bytes, so has to
// ours. (A channel that takes all data with START I/O writes zeros into two bytes of the supervisor's
// header.)
#include <algorithm>
#include <sstream>

#include "tests/file_contents.hpp"
#include "tests/real/real_machine.hpp"

namespace vmcp::test {
namespace {

constexpr uint16_t kSystem = 0x180, kNewSystem = 0x183;  // the library maintenance program writes on SYS002

/// The distributed supervisor knows no devices: the operator adds those of this machine, and assigns them.
const char* const kDevices[] = {"00c',2540r",  "00d',2540p",  "00e',1403",   "01f',1050a", "180',2400t9",
                                "181',2400t9", "182',2400t9", "183',2400t9", "184',2400t9"};
const char* const kAssignments[] = {"assgn syslog,x'01f'", "log",
                                    "assgn sysrdr,x'00c'", "assgn syspch,x'00d'",
                                    "assgn syslst,x'00e'", "assgn sys000,x'181'",
                                    "assgn sys001,x'182'", "assgn sys002,x'183'",
                                    "assgn sys003,x'184'", "assgn sysipt,x'00c'"};

/// A supervisor for 64K with storage protection, decimal and floating-point feature and interval timer, eight
/// tapes, and exits for operator, timer and program check; `queue` is the entries of its channel queue.
std::string supervisor(unsigned queue) {
    std::string cards =
        "         SUPVR SYSTEM=TAPE\n"
        "         CONFG MODEL=30,SP=YES,DEC=YES,FP=YES,TIMER=YES,CHANSW=NO\n"
        "         JCOPT DECK=YES,LIST=YES,LISTX=YES,SYM=YES,XREF=YES\n";
    cards += fmt::format("         IOTAB NTP=4,MTP=8,PGR=5,TP=0,SPL=1,JIB=5,CHANQ={}\n", queue);
    const auto device = [&](const std::string& address, const char* type) {
        cards += fmt::format("         DVCGEN CHUN=X'{}',DVCTYP={}\n", address, type);
    };
    const auto assign = [&](const char* unit, const char* address) {
        cards += fmt::format("         ASSGN {},X'{}'\n", unit, address);
    };
    device("00C", "2540R");
    device("00D", "2540P");
    device("00E", "1403");
    device("01F", "1050A");
    for (unsigned tape = 0x180; tape <= 0x187; ++tape) device(fmt::format("{:03X}", tape), "2400T9");
    assign("SYSLOG", "01F");
    assign("SYSRDR", "00C");
    assign("SYSIPT", "00C");
    assign("SYSPCH", "00D");
    assign("SYSLST", "00E");
    assign("SYS000", "181");
    assign("SYS001", "182");
    assign("SYS002", "183");
    assign("SYS003", "184");
    return cards +
           "         OPTION OC=YES,IT=YES,PC=YES\n"
           "         PIOCS SELCH=YES,SETMOD=NO,RWTAU=NO\n"
           "         SEND  X'1800'\n"
           "         END\n";
}

/// Two jobs: print the directories of the distribution tape; then assemble the supervisor, link it and eight
/// components (linkage editor, assembler, COBOL, FORTRAN, RPG, sort and others) for the core image library,
/// and have the maintenance program copy the system with what was linked.
std::string jobs(unsigned queue) {
    std::string cards =
        "// JOB LIST\n"
        "// EXEC DSERV\n"
        " DSPLYS ALL\n"
        "/*\n"
        "/&\n"
        "// JOB GENERATE\n"
        "// OPTION LIST,LINK,DECK,CATAL\n"
        " ACTION MAP\n"
        "// EXEC ASSEMBLY\n" +
        supervisor(queue) + "/*\n// EXEC LNKEDT\n";
    for (const char* component :
         {"IJALE", "IJQALL", "IJSCBL", "IJSDBG", "IJTFO", "IJASL2", "IJRPGSYS", "IJPSM"})
        cards += fmt::format(" INCLUDE {}\n// EXEC LNKEDT\n", component);
    return cards + "// EXEC MAINT\n/&\n";
}

std::string script() {
    std::string steps = attention(10) + wait_for("0I10A");
    const auto type = [&](const std::string& line) {
        steps += fmt::format("[[step]]\npause_s = 2\ntype = \"{}\"\n", line);
    };
    for (const char* device : kDevices) type(fmt::format("add x'{}", device));
    type("set date=09/07/66");
    steps += wait_for("0I20I IPL COMPLETE");
    for (const char* assignment : kAssignments) type(assignment);
    return steps + "[[step]]\npause_s = 2\ncards = 'jobs.txt'\ntype = ''\n" + wait_for("EOJ LIST") +
           wait_for("EOJ GENERATE", 40'000);
}

struct Generation {
    std::string tape;  // the AWS file of the new system
    std::string printer;
};

void prepare(RealRun& real, const std::string& distribution, unsigned queue) {
    real.device(kSystem, "2400", distribution, true);
    for (uint16_t address = 0x181; address <= 0x184; ++address) {
        const std::string scratch = real.path(fmt::format("{:03X}", address));
        simulation::images::TapeImage::create(scratch, simulation::images::Compression::none)->write_mark();
        real.device(address, "2400", scratch);
    }
    tests::put(real.path("jobs.txt"), jobs(queue));
}

std::string new_system(const RealRun& real) {
    return tests::contents(real.path(fmt::format("{:03X}", kNewSystem)));
}

Generation generate(const std::string& distribution, unsigned queue) {
    RealRun real;
    prepare(real, distribution, queue);
    auto result = real.run("BOS/360 system generation", kSystem, 64 * 1024, script());
    return {new_system(real), std::move(result.output.printer)};
}

Generation generate_as_guest(const std::string& distribution, const RealRun::AsGuest& how) {
    RealRun real;
    prepare(real, distribution, 8);
    auto result =
        real.run_as_guest("BOS/360 system generation as a guest", kSystem, 64 * 1024, script(), how);
    return {new_system(real), std::move(result.vms.front().output.printer)};
}

/// The first difference, or the length of the shorter of the two.
size_t first_difference(const std::string& one, const std::string& other) {
    const auto [at, _] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
    return static_cast<size_t>(at - one.begin());
}

/// A printed line that has all of the parts.
bool has_line(const std::string& printer, std::initializer_list<const char*> parts) {
    std::istringstream in(printer);
    for (std::string line; std::getline(in, line);)
        if (std::all_of(parts.begin(), parts.end(), [&](const char* part) { return has(line, part); }))
            return true;
    return false;
}

TEST_CASE("BOS/360: a full system generation gives the production tape, byte for byte") {
    if (!present({"bos360/bos-dist.aws", "bos360/bos360.aws"})) return;
    const std::string distribution = shared_guests() + "/bos360/bos-dist.aws";
    const std::string production = shared_guests() + "/bos360/bos360.aws";
    const std::string expected = tests::contents(production);
    const Generation first = generate(distribution, 8);
    CHECK(first.tape.size() == expected.size());
    // Where they differ, rather than two megabytes of tape in the message.
    CHECK(first_difference(first.tape, expected) == expected.size());
    CHECK(has(first.printer, "END OF SOURCE STATEMENT DIRECTORY DISPLAY"));
    // The macro SEND always says that its operand should be checked against the end of the supervisor.
    CHECK(has_line(first.printer, {"1 STATEMENT", "FLAGGED IN THIS ASSEMBLY"}));

    const Generation again = generate(distribution, 8);
    CHECK((again.tape == first.tape));
    CHECK((again.printer == first.printer));

    // As a guest, with less real storage than its own at that.
    const Generation guest = generate_as_guest(distribution, {.real_storage = "128K"});
    CHECK((guest.tape == first.tape));
    CHECK((masked(guest.printer) == masked(first.printer)));

    // The comparison can fail: one more entry in the channel queue is another supervisor.
    const Generation other = generate(distribution, 9);
    CHECK(first_difference(other.tape, expected) < expected.size());
}

}  // namespace
}  // namespace vmcp::test
