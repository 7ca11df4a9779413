// The control program simulates READ DIRECT and WRITE DIRECT for its guests as the bare machine executes
// them.
#include <doctest/doctest.h>

#include "isa/assembler/assembler.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

TEST_CASE("direct control: a guest ends as on the bare machine") {
    const auto program = isa::assembler::assemble(
        "T        START 0\n"
        "         DC    X'00080000',A(GO)\n"
        "         ORG   T+X'68'\n"
        "         DC    X'00020000',A(CHECKED)\n"
        "         ORG   T+X'200'\n"
        "         USING T,0\n"
        "GO       WRD   DATA,X'FF'\n"
        "         RDD   DATA+1,X'01'\n"
        "         LPSW  PROBLEM\n"
        "USER     RDD   DATA+2,0\n"
        "CHECKED  DS    0H\n"
        "DATA     DC    X'AABBCC'\n"
        "PROBLEM  DC    0D'0',X'00090000',A(USER)\n"
        "         END\n",
        "direct.asm");
    REQUIRE(program.ok);
    NativeGuest native(64 * 1024);
    const EndState alone = native.run(program.image, 100);
    CHECK(alone.end == "disabled-wait");
    const uint32_t data = program.find("DATA")->value;
    CHECK(alone.storage[data] == 0xAA);
    CHECK(alone.storage[data + 1] == 0);
    CHECK(alone.storage[data + 2] == 0xCC);  // privileged

    Host host;
    VirtualMachine& vm = host.start("GUEST", 64 * 1024, program.image);
    host.cp.run(simulation::kSecond);
    CHECK(difference(alone, host.end_state(vm)) == "");
}

}  // namespace
}  // namespace vmcp::test
