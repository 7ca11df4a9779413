// A guest may ask the control program for anything as often as it likes: neither real storage nor that of the
// host grows. As often as VMCP_OPERATIONS says; nightly a million times.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <malloc.h>

#include <cstdlib>

#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

using simulation::kSecond;

/// Does one thing for ever, with the registers set before each time.
std::vector<uint8_t> looping(const std::string& once) {
    return assembled(fmt::format(R"(
ZERO     DC    X'00080000',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'68'
         DC    X'00080000',A(AGAIN)
         ORG   ZERO+X'1000'
BEGIN    BALR  12,0
         USING *,12
AGAIN    A     10,=F'1'
{}
         B     AGAIN
WORK     DC    D'0'
NAME     DC    0D'0',CL8'TABLES'
COMMAND  DC    C'MSG * HELLO'
QUERY    DC    C'QUERY VIRTUAL'
WRONG    DC    C'NONSENSE'
THERE    DC    C'DEFINE 00E AS 01E'
BACK     DC    C'DEFINE 01E AS 00E'
NOLINK   DC    C'LINK NOBODY 191 AS 291 RR'
NOTEMP   DC    C'DEFINE T3330 AS 192 CYL 1'
NOLOAD   DC    C'IPL NOSUCH CLEAR'
READY    DC    C'READY 00C'
NOROOM   DC    C'DEFINE STORAGE 16M'
SEL      DC    C'DEFINE CHANNELS SEL'
         DS    0D
PRINT    CCW   1,COMMAND,X'20',8
PUNCH    CCW   1,COMMAND,X'20',8
TYPE     CCW   9,COMMAND,X'20',8
SENSE    CCW   4,WORK,X'20',1
         LTORG
)",
                                 once));
}

std::string diagnose(const char* r1, const char* r3, const char* code) {
    return fmt::format("         LA    2,{}\n         LA    3,{}\n         DIAG  2,3,X'{}'", r1, r3, code);
}

std::string start_io(const char* program, const char* device) {
    return fmt::format(
        "         LA    2,{0}\n         ST    2,X'48'\n         SIO   X'{1}'\n"
        "         TIO   X'{1}'\n         BC    7,*-4",
        program, device);
}

TEST_CASE("whatever a guest asks for again and again, storage stays flat") {
    const char* const wanted = std::getenv("VMCP_OPERATIONS");
    const uint32_t operations = wanted != nullptr ? static_cast<uint32_t>(std::atol(wanted)) : 20'000;
    const std::pair<const char*, std::string> kinds[] = {
        {"identification", diagnose("X'800'", "40", "00")},
        {"real storage", diagnose("X'800'", "X'900'", "04")},
        {"message", diagnose("COMMAND", "L'COMMAND", "08")},
        {"query", diagnose("QUERY", "L'QUERY", "08")},
        {"another address", diagnose("THERE", "L'THERE", "08") + "\n" + diagnose("BACK", "L'BACK", "08")},
        {"no link", diagnose("NOLINK", "L'NOLINK", "08")},
        {"no temporary disk", diagnose("NOTEMP", "L'NOTEMP", "08")},
        {"no system", diagnose("NOLOAD", "L'NOLOAD", "08")},
        {"no such storage", diagnose("NOROOM", "L'NOROOM", "08")},
        {"channels", diagnose("SEL", "L'SEL", "08")},
        {"ready", diagnose("READY", "L'READY", "08")},
        {"unknown command", diagnose("WRONG", "L'WRONG", "08")},
        {"time", diagnose("X'800'", "0", "0C")},
        {"release",
         "         L     4,=A(X'8000')\n         ST    4,0(4)\n         LR    2,4\n         LR    3,4\n"
         "         DIAG  2,3,X'10'"},
        {"size", diagnose("0", "0", "60")},
        {"load and purge", diagnose("NAME", "0", "64") + "\n" + diagnose("NAME", "8", "64")},
        {"own copy and purge", diagnose("NAME", "4", "64") + "\n" + diagnose("NAME", "8", "64")},
        {"own copy again", diagnose("NAME", "4", "64")},
        {"store into it", diagnose("NAME", "0", "64") + "\n         ST    10,4(2)"},
        {"find", diagnose("NAME", "12", "64")},
        {"no such code", diagnose("0", "0", "FC")},
        {"prefix",
         "         L     4,=A(X'9000')\n         ST    4,WORK\n         SPX   WORK\n         SPX   =F'0'"},
        {"print", start_io("PRINT", "00E")},
        {"punch", start_io("PUNCH", "00D")},
        {"type", start_io("TYPE", "009")},
        {"sense", start_io("SENSE", "00E")},
        {"halt",
         "         LA    2,TYPE\n         ST    2,X'48'\n         SIO   X'009'\n         HIO   X'009'\n"
         "         TIO   X'009'\n         BC    7,*-4"},
    };
    for (const auto& [name, once] : kinds) {
        const std::string kind = name;
        CAPTURE(kind);
        Host host(2 * simulation::kMebibyte);
        host.cp.define_segment("TABLES", SecondLevel(0x100000), std::vector<uint8_t>(0x4000, 1));
        VmOptions options;
        options.name = "asker";
        options.storage = 64 * 1024;
        options.classes = "CEG";
        VirtualMachine& vm = host.cp.log_on(std::move(options), VmOutput{});
        host.cp.load(vm, SecondLevel(0), looping(once));
        host.cp.restart(vm);
        const auto run_until = [&](uint32_t count) {
            for (int i = 0; i < 100'000 && vm.state.gpr[10] < count; ++i)
                host.cp.run(simulation::kNever, host.cp.now() + kSecond);
            CHECK(vm.state.gpr[10] >= count);
        };
        // The time over which one compares is a whole number of looks, so that the guest stands anywhere.
        const auto frames = [&] { return host.cp.frames().free_frames() + vm.storage.resident_pages(); };
        run_until(operations / 10);
        const uint32_t free = frames();
        const size_t bytes = mallinfo2().uordblks;
        run_until(operations);
        CHECK(frames() + 2 >= free);
        CHECK(mallinfo2().uordblks < bytes + 20'000);
    }
}

}  // namespace
}  // namespace vmcp::test
