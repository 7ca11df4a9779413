// What the assembler's tests share.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "isa/ebcdic.hpp"

namespace isa::assembler::test {

inline std::string hex(std::span<const uint8_t> bytes) {
    std::string text;
    for (uint8_t b : bytes) text += fmt::format("{:02X}", b);
    return text;
}

inline std::string messages(const Result& r) {
    std::string text;
    for (const auto& d : r.diagnostics) text += to_string(d) + "\n";
    return text;
}

/// Lines of source: each begins in column 1.
inline std::string source(std::initializer_list<std::string> lines) {
    std::string text;
    for (const auto& l : lines) text += l + "\n";
    return text;
}

/// The image in hexadecimal of a program that has no errors or warnings.
inline std::string image_of(std::initializer_list<std::string> lines) {
    const Result r = assemble(source(lines), "t.asm");
    CHECK(messages(r) == "");
    return hex(r.image);
}

/// The object code of one statement's operation and operands, at location 0, with nothing else in the
/// program.
inline std::string code_of(const std::string& statement) {
    return image_of({"T        START 0", "         " + statement, "         END"});
}

/// All messages of a program, a line each.
inline std::string errors_of(std::initializer_list<std::string> lines) {
    return messages(assemble(source(lines), "t.asm"));
}

}  // namespace isa::assembler::test
