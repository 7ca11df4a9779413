// Guests that a test has as source text.
#pragma once

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "vmcp/storage/address.hpp"

namespace vmcp::test {

/// The same with its symbols.
struct Program {
    /// `source`: what stands between START 0 and END. Every message of the assembler fails the test.
    explicit Program(const std::string& source)
        : result(isa::assembler::assemble("         START 0\n" + source + "         END\n", "test.asm")) {
        for (const auto& d : result.diagnostics) FAIL_CHECK(isa::assembler::to_string(d));
        REQUIRE(result.ok);
    }
    SecondLevel at(std::string_view symbol) const {
        const auto* s = result.find(symbol);
        REQUIRE_MESSAGE(s != nullptr, std::string(symbol));
        return SecondLevel(s->value);
    }
    isa::assembler::Result result;
};

inline std::vector<uint8_t> assembled(const std::string& source) { return Program(source).result.image; }

/// Begins a source in EC mode at the label BEGIN, at 400; a program interruption ends it at 99.
inline const std::string kPageZeroOfEcMode = R"(
ZERO     DC    X'00080000',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'68'
         DC    X'000A0000',A(X'99')
         ORG   ZERO+X'400'
)";

/// Storage of a guest that counts so far, ends in order, and does nothing else.
inline std::vector<uint8_t> counting(uint32_t times) {
    return assembled(fmt::format(R"(
         DC    X'00080000',A(X'400')
         ORG   *-8+X'400'
         BALR  12,0
         USING *,12
         L     5,=F'{}'
         BCT   5,*
         LPSW  GOOD
GOOD     DC    0D'0',X'000A0000',A(0)
         LTORG
)",
                                 times));
}

}  // namespace vmcp::test
