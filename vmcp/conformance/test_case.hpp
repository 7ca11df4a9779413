// One case of the conformance test: a CPU state, one instruction (with what it needs around it), its
// operands; and what came of it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "isa/instruction.hpp"
#include "vmcp/conformance/image_layout.hpp"
#include "vmcp/conformance/outcome.hpp"

namespace vmcp::conformance {

struct TestCase {
    uint64_t number = 0;    // in the whole run
    uint32_t position = 0;  // in its image
    isa::Op op = isa::Op::invalid;
    Architecture architecture = Architecture::s370;  // of the judge
    bool by_execute = false;                         // the instruction is the target of EXECUTE
    uint64_t psw = 0;                                // loaded to start the case
    std::array<uint32_t, 16> gpr{};
    std::array<uint64_t, 4> fpr{};
    std::array<uint32_t, 16> cr{};
    std::array<uint8_t, 6> instruction{};  // the tested instruction itself, for messages
    std::array<uint8_t, kSlotSize> slot{};
    std::vector<StorageBlock> areas;  // operand areas with their initial contents
    // The first area is loaded into the last bytes of storage before the case runs, and saved from there
    // afterwards.
    bool uses_end = false;

    /// The tested instruction as the judge's architecture has it.
    isa::Decoded decoded() const {
        return isa::decode(instruction.data(), architecture == Architecture::esa390
                                                   ? isa::FacilitySet::with_gcc()
                                                   : isa::FacilitySet::system370());
    }
};

/// What the driver stored when the case had ended.
struct TestResult {
    enum Kind : uint32_t { not_run = 0, supervisor_call = 1, program = 2 };
    static constexpr uint16_t kEvents = 0x80;
    uint32_t kind = not_run;
    uint64_t old_psw = 0;
    std::array<uint8_t, kIdentificationLength> identification{};
    std::array<uint32_t, 16> gpr{};
    std::array<uint64_t, 4> fpr{};
    std::array<uint32_t, 16> cr{};
    std::vector<std::vector<uint8_t>> areas;

    bool operator==(const TestResult&) const = default;

    /// Interruption code, instruction-length code and condition code, wherever the mode of the old PSW puts
    /// them.
    uint16_t code() const;
    unsigned ilc() const;
    /// A program interruption that indicates program events (GA22-7000 chapter 4, "Program-Event Recording").
    bool has_events() const { return kind == program && (code() & kEvents) != 0; }
    /// The code without that: 0 where there are only events.
    uint16_t code_besides_events() const {
        return static_cast<uint16_t>(has_events() ? code() & ~kEvents : code());
    }
    bool ec_mode() const { return old_psw >> 51 & 1; }
    unsigned condition_code() const { return old_psw >> (ec_mode() ? 44 : 28) & 3; }
};

}  // namespace vmcp::conformance
