// Any bytes at all: what the disassembler writes assembles to the same bytes, but for bits that the
// architecture ignores.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "isa/disassembler.hpp"
#include "isa/instruction.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size > 64) size = 64;
    std::string source = "F        START 0\n";
    std::vector<uint8_t> expected;
    std::span<const uint8_t> rest(data, size);
    while (!rest.empty()) {
        const unsigned length = isa::disassembled_length(rest);
        const std::string text = isa::disassemble(rest);
        if (length == 0 || length > rest.size() || text.empty()) std::abort();
        uint8_t bytes[6];
        std::memcpy(bytes, rest.data(), length);
        if (text.find("DC ") != 0) isa::encode(isa::decode(rest.data()), bytes);
        expected.insert(expected.end(), bytes, bytes + length);
        source += "         " + text + "\n";
        rest = rest.subspan(length);
    }
    source += "         END\n";
    const auto r = isa::assembler::assemble(source, "fuzz.asm");
    if (!r.ok || r.image != expected) std::abort();
    return 0;
}
