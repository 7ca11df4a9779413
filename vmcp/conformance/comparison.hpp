// What differs between the results of a case on two implementations, and how that reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vmcp/conformance/test_case.hpp"

namespace vmcp::conformance {

/// Parts of a result, one bit each.
enum Field : uint16_t {
    ending = 1,           // program interruption or supervisor call, or not run at all
    code = 2,             // interruption code, without the bit of PER
    ilc = 4,              // instruction-length code
    address = 8,          // instruction address of the old PSW
    condition = 16,       // condition code
    psw = 32,             // the rest of the old PSW
    identification = 64,  // the other assigned locations: translation address, monitor class and code, ...
    gpr = 128,
    fpr = 256,
    cr = 512,
    storage = 1024,
    key = 2048,     // the change bit of a block; of no single case
    events = 4096,  // program-event recording: that bit of the interruption code, PER code and PER address
};

std::string_view name_of(Field field);
std::optional<Field> field_named(std::string_view name);
/// Names joined by commas.
std::string names_of(uint16_t fields);

/// The Fields that differ; 0 where the results are the same.
uint16_t compare(const TestResult& ours, const TestResult& judge);

/// Several lines: the instruction, the state before, and what differs.
std::string describe(const TestCase& test, const TestResult& ours, const TestResult& judge,
                     std::string_view judge_name);

/// The instruction of a case, as mnemonic and text, "EX of" in front where EXECUTE leads to it.
std::string instruction_text(const TestCase& test);

}  // namespace vmcp::conformance
