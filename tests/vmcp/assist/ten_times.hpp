// A guest that does the same again and again, for what hardware does with that.
#pragma once

#include <string>
#include <vector>

#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {

/// A guest in EC mode that executes `body` ten times, and ends. SVC goes on behind itself in the supervisor
/// state, program interruptions count in register 7, external ones in 8.
inline std::vector<uint8_t> ten_times(const std::string& body) {
    return assembled(R"(
         DC    X'00080000',A(X'400')
         ORG   *-8+X'58'
         DC    X'00080000',A(TICK)
         DC    X'00080000',A(SVC)
         DC    X'00080000',A(CHECK)
         ORG   *-X'70'+X'400'
         BALR  12,0
         USING *,12
         LCTL  0,0,NONE
         LA    5,10
AGAIN    EQU   *
)" + body + R"(
         BCT   5,AGAIN
         LPSW  GOOD
SVC      NI    X'21',X'FE'
         LPSW  X'20'
CHECK    LA    7,1(7)
         LPSW  X'28'
TICK     LA    8,1(8)
         SCKC  NEVER
         LPSW  X'18'
GOOD     DC    0D'0',X'000A0000',A(0)
NEVER    DC    0D'0',X'FFFFFFFFFFFFFFFF'
NONE     DC    F'0'
ON       DC    X'01'
OFF      DC    X'00'
WORK     DC    D'0'
         LTORG
)");
}

inline uint64_t hits(const VirtualMachine& vm, isa::Op op) {
    return vm.assist_counts[Cause::simulated(op)].hits;
}

}  // namespace vmcp::test
