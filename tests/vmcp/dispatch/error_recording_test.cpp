// SUPERVISOR CALL 76: records of errors that the control program keeps, and what it does not take.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <malloc.h>

#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

/// Records once with the registers as they are, and stops at 1, or at 2 where it got the interruption.
std::vector<uint8_t> recording(const char* psw = "00080000") {
    return assembled(fmt::format(R"(
ZERO     DC    X'{}',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'60'
         DC    X'00080000',A(OWN)
         ORG   ZERO+X'68'
         DC    X'00080000',A(PROBLEM)
         ORG   ZERO+X'400'
BEGIN    SVC   76
         LTR   15,15
         BNZ   *
         SVC   1
OWN      CLI   X'8B',76
         BE    GIVEN
         LPSW  TAKEN
GIVEN    LPSW  REFLECT
PROBLEM  LPSW  PROBLEMS
TAKEN    DC    0D'0',X'000A0000',A(1)
REFLECT  DC    0D'0',X'000A0000',A(2)
PROBLEMS DC    0D'0',X'000A0000',A(3)
)",
                                 psw));
}

struct Recorder {
    explicit Recorder(const char* psw = "00080000", const std::string& model = "s370-158",
                      std::initializer_list<Assist> assists = {})
        : host(2 * simulation::kMebibyte, "round-robin", model) {
        VmOptions options;
        options.name = "guest";
        options.storage = 64 * 1024;
        for (const Assist assist : assists) options.assists.add(assist);
        vm = &host.log_on(std::move(options));
        host.cp.load(*vm, SecondLevel(0), recording(psw));
        std::vector<uint8_t> record(4096);
        for (size_t i = 0; i < record.size(); ++i) record[i] = static_cast<uint8_t>(i * 7);
        host.cp.load(*vm, SecondLevel(0x1100), record);
    }
    /// 1 taken, 2 reflected.
    uint32_t record(uint32_t length, uint32_t address) {
        vm->state.gpr[0] = 0 - length;
        vm->state.gpr[1] = address;
        vm->state.gpr[15] = 0xFFFF;
        host.cp.restart(*vm);
        host.cp.run(simulation::kNever, host.cp.now() + simulation::kSecond);
        REQUIRE(vm->stop == StopReason::disabled_wait);
        return vm->state.psw.address;
    }
    Host host;
    VirtualMachine* vm = nullptr;
};

TEST_CASE("a record is kept as the guest has built it, and the guest goes on behind the call") {
    Recorder r;
    CHECK(r.record(100, 0x1100) == 1);
    CHECK(r.record(4096, 0x1100) == 1);
    REQUIRE(r.vm->errors.recorded == 2);
    REQUIRE(r.vm->errors.kept.size() == 2);
    CHECK(r.vm->errors.kept[0].bytes.size() == 100);
    CHECK(r.vm->errors.kept[0].bytes[99] == static_cast<uint8_t>(99 * 7));
    CHECK(r.vm->errors.kept[1].bytes.size() == 4096);
    CHECK(r.vm->errors.kept[1].bytes[4095] == static_cast<uint8_t>(4095 * 7));
    CHECK(r.vm->errors.kept[1].time > r.vm->errors.kept[0].time);
}

TEST_CASE("what makes no sense is the guest's own business") {
    Recorder r;
    CHECK(r.record(23, 0x1100) == 2);
    CHECK(r.record(4097, 0x1100) == 2);
    CHECK(r.record(0, 0x1100) == 2);
    CHECK(r.record(0xFFFFFFFC, 0x1100) == 2);  // OS asks for statistics: register 0 is positive
    CHECK(r.record(0x80000000, 0x1100) == 2);
    CHECK(r.record(100, 64 * 1024 - 50) == 2);
    CHECK(r.record(100, 64 * 1024) == 2);
    CHECK(r.record(4096, 0xFFFFF0) == 2);
    CHECK(r.vm->errors.recorded == 0);
    CHECK(r.record(100, 64 * 1024 - 100) == 1);
    // Pages that were never touched are zeros, as for the guest.
    CHECK(r.record(4096, 0x8800) == 1);
    CHECK(r.vm->errors.kept.back().bytes == std::vector<uint8_t>(4096, 0));

    Recorder problem("00090000");
    CHECK(problem.record(100, 0x1100) == 2);
    // Storage that its key protects from being fetched.
    Recorder locked("00180000");
    locked.vm->storage.set_key(SecondLevel(0x1800), 0x28);
    locked.host.machine.cpus().keys_changed();
    CHECK(locked.record(100, 0x1100) == 1);
    CHECK(locked.record(4096, 0x1100) == 2);
}

TEST_CASE("where real storage has no frame for the record, only its machine is stopped") {
    Host host(256 * 1024);
    VirtualMachine& vm = host.start("guest", 512 * 1024, recording());
    const std::vector<uint8_t> page(4096, 1);
    uint32_t at = 0x1000;
    for (; host.cp.frames().free_frames() != 0; at += 4096) host.cp.load(vm, SecondLevel(at), page);
    REQUIRE(at < vm.storage.size());
    vm.state.gpr[0] = 0 - 4096u;
    vm.state.gpr[1] = at;
    host.cp.run(simulation::kNever, host.cp.now() + simulation::kSecond);
    CHECK(vm.stop == StopReason::storage_exhausted);
    CHECK(vm.errors.recorded == 0);
}

TEST_CASE("with the assist it comes out as well") {
    Recorder r("00080000", "s370-158-assists", {Assist::vma, Assist::evma});
    CHECK(r.record(100, 0x1100) == 1);
    CHECK(r.vm->errors.recorded == 1);
}

TEST_CASE("a guest that records for ever is counted, and takes no more room") {
    Recorder r;
    r.host.cp.load(*r.vm, SecondLevel(0), assembled(R"(
ZERO     DC    X'00080000',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'400'
BEGIN    LNR   0,0
         LA    0,24
         LNR   0,0
         LA    1,X'600'
         SVC   76
         B     BEGIN
)"));
    r.host.cp.restart(*r.vm);
    const auto until = [&](uint64_t count) {
        while (r.vm->errors.recorded < count)
            r.host.cp.run(simulation::kNever, r.host.cp.now() + simulation::kSecond / 10);
    };
    until(2 * ErrorRecords::kMost);
    const size_t bytes = mallinfo2().uordblks;
    until(20 * ErrorRecords::kMost);
    CHECK(r.vm->errors.kept.size() == ErrorRecords::kMost);
    CHECK(mallinfo2().uordblks < bytes + 20'000);
}

}  // namespace
}  // namespace vmcp::test
