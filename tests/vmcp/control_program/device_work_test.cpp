// What happens on a machine's virtual devices is paid for by that machine, however long it goes on.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "simulation/images/ckd_image.hpp"
#include "simulation/model/temporary_directory.hpp"
#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

using simulation::kMillisecond;
using simulation::kSecond;

/// A channel program of one command and a TIC back to it; then the machine waits, or goes on computing.
std::vector<uint8_t> looping(unsigned device, const char* ccw, bool waits) {
    return assembled(fmt::format(R"(
ZERO     DC    X'00080000',A(BEGIN)
         ORG   ZERO+X'48'
         DC    A(LOOP)
         ORG   ZERO+X'68'
         DC    X'000A0000',A(X'BAD')
         ORG   ZERO+X'400'
BEGIN    BALR  12,0
         USING *,12
         SIO   X'{:03X}'
         {}
         B     *
WAITING  DC    0D'0',X'020A0000',A(0)
         DS    0D
LOOP     CCW   {},X'60',80
         CCW   8,LOOP,0,1
LINE     DC    CL80'FOR EVER'
)",
                                 device, waits ? "LPSW  WAITING" : "NOPR  0", ccw));
}

struct Took {
    SimTime elapsed, control_program;
};

Took count_beside(const std::vector<uint8_t>* other) {
    Host host(16 * simulation::kMebibyte, "round-robin", "s370-158", 50 * kMillisecond);
    VirtualMachine& counter = host.start("counter", 64 * 1024, counting(400'000));
    if (other != nullptr) host.start("looping", 64 * 1024, *other);
    const SimTime limit = 20 * kSecond;
    host.cp.run(limit);
    CHECK(host.cp.now() < limit + kSecond);  // a time limit is one
    REQUIRE(counter.stop == StopReason::disabled_wait);
    CHECK(counter.state.psw.address == 0);
    return {counter.ended - counter.started, counter.account.control_program};
}

TEST_CASE("a channel program without end gets its turn, and no more") {
    const Took alone = count_beside(nullptr);
    for (const bool waits : {true, false})
        for (const unsigned device : {0x009u, 0x00Du, 0x00Eu})
            for (const char* ccw : {"4,LINE", "9,LINE", "1,LINE", "3,LINE"}) {
                const auto program = looping(device, ccw, waits);
                const Took beside = count_beside(&program);
                CAPTURE(device);
                CAPTURE(ccw);
                CAPTURE(waits);
                CHECK(beside.elapsed < 3 * alone.elapsed);
                CHECK(beside.control_program < alone.control_program + alone.elapsed / 5);
            }
}

/// Moves the arm of its minidisk to and fro, each time when the device end interrupts it.
std::vector<uint8_t> seeking() {
    return assembled(R"(
ZERO     DC    X'00000000',A(BEGIN)
         ORG   ZERO+X'78'
         DC    X'00000000',A(NEXT)
         ORG   ZERO+X'400'
BEGIN    BALR  12,0
         USING *,12
NEXT     XI    WHERE+3,1
         MVC   X'48'(4,0),=A(SEEK)
         SIO   X'191'
         LPSW  WAITING
WAITING  DC    0D'0',X'FE020000',A(0)
SEEK     CCW   7,WHERE,X'20',6
WHERE    DC    XL6'0'
         LTORG
)");
}

TEST_CASE("who computes does not pay for what interrupts the real CPU for others") {
    const auto accounts = [](const std::vector<uint8_t>* other) {
        Host host(16 * simulation::kMebibyte, "round-robin", "s370-158", 10 * kSecond);
        const simulation::TemporaryDirectory folder("vmcp-device-work");
        simulation::DeviceDescription pack;
        pack.address = 0x350;
        pack.type = "3330";
        pack.file = (folder.path() / "pack").string();
        simulation::images::create_ckd(pack.file, *simulation::images::disk_geometry("3330"), 10, {});
        host.cp.real_io().attach(pack);
        VirtualMachine* beside = nullptr;
        if (other != nullptr) {
            VmOptions options;
            options.name = "beside";
            options.storage = 64 * 1024;
            MappedDevice& disk = options.mapped_devices.emplace_back();
            disk.address = 0x191;
            disk.real = pack.address;
            disk.first = 2;
            disk.count = 5;
            beside = &host.log_on(std::move(options));
            host.cp.load(*beside, SecondLevel(0), *other);
            host.cp.restart(*beside);
        }
        VirtualMachine& counter = host.start("counter", 64 * 1024, counting(400'000));
        host.cp.run(20 * kSecond);
        REQUIRE(counter.stop == StopReason::disabled_wait);
        return std::pair(counter.account, beside != nullptr ? beside->account : Account());
    };
    const Account alone = accounts(nullptr).first;
    // What it prints goes to the spool while it waits, each time in the middle of the counter's turn.
    const auto printing = looping(0x00E, "1,LINE", true);
    const auto [beside_printer, printer] = accounts(&printing);
    CHECK(beside_printer.control_program == alone.control_program);
    CHECK(printer.causes[Cause(Cause::timer).index()].time > 0);
    const auto disk = seeking();
    const auto [beside_seeker, seeker] = accounts(&disk);
    CHECK(beside_seeker.control_program == alone.control_program);
    CHECK(seeker.causes[Cause(Cause::real_io).index()].count > 5);
}

TEST_CASE("the end of all running holds for a machine that is alone with its loop") {
    Host host;
    host.start("looping", 64 * 1024, looping(0x00E, "1,LINE", true));
    host.cp.run(10 * kSecond);
    CHECK(host.cp.now() >= 10 * kSecond);
    CHECK(host.cp.now() < 10 * kSecond + 100 * kMillisecond);
}

TEST_CASE("who sends messages pays for them, and who does not want them gets none") {
    const auto sender = assembled(R"(
ZERO     DC    X'00080000',A(BEGIN)
         ORG   ZERO+X'400'
BEGIN    BALR  12,0
         USING *,12
         LA    4,100
SEND     LA    2,COMMAND
         LA    3,L'COMMAND
         DIAG  2,3,X'08'
         BCT   4,SEND
         LPSW  DONE
DONE     DC    0D'0',X'000A0000',A(0)
COMMAND  DC    C'MSG OTHER HELLO'
)");
    Host host;
    VirtualMachine& other = host.log_on("other", 64 * 1024);
    VirtualMachine& from = host.start("from", 64 * 1024, sender);
    host.cp.run(10 * kSecond);
    CHECK(from.state.psw.address == 0);
    CHECK(host.console["other"].find("MSG FROM from: HELLO") != std::string::npos);
    CHECK(other.account.control_program == 0);

    host.cp.command(other, "SET MSG OFF");
    host.console.clear();
    CHECK(other.receives_messages == false);
    host.cp.command(from, "MSG OTHER AGAIN");
    CHECK(host.console["other"].empty());
    CHECK(host.console["from"].find("DMKMSG057E OTHER NOT RECEIVING") == 0);
    host.cp.command(other, "QUERY SET");
    CHECK(host.console["other"].find("MSG OFF") == 0);
}

}  // namespace
}  // namespace vmcp::test
