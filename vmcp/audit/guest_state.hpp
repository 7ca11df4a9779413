// A random state of a small System/370 in front of one instruction, whose operands are such that it mostly
// can be executed. It is what a guest believes its machine to be; how a real machine holds it is the business
// of vmcp/audit/stage.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "isa/facility.hpp"
#include "isa/instruction.hpp"
#include "isa/state.hpp"
#include "vmcp/conformance/random.hpp"

namespace vmcp::audit {

inline constexpr uint32_t kGuestStorage = 32 * 1024;
inline constexpr uint32_t kPage = 4096;  // of every table here; segments have 64K
inline constexpr unsigned kGuestPages = kGuestStorage / kPage;
inline constexpr unsigned kTableEntries = 16;  // of a page table
inline constexpr unsigned kGuestBlocks = kGuestStorage / 2048;

// How it lies in the guest's real storage.
inline constexpr uint32_t kSubject = 0xE00;        // target of EXECUTE
inline constexpr uint32_t kCode = 0x1000;          // a page
inline constexpr uint32_t kSegmentTable = 0x2000;  // tables of the primary space, in a page with all others
inline constexpr uint32_t kData = 0x3000;          // pages of operands, up to kUntouched
inline constexpr uint32_t kUntouched = 0x7000;     // a page that no operand refers to
inline constexpr uint16_t kDevice = 0x00E;         // there is one; at other addresses there is none

/// The page of guest storage that a page of a space is; empty where it is invalid.
using PageMap = std::array<std::optional<uint8_t>, kGuestPages>;

struct GuestState {
    isa::Op op = isa::Op::invalid;
    isa::CpuState cpu;  // in supervisor state, at the instruction
    uint64_t cpu_timer = 0, tod = 0;
    std::vector<uint8_t> storage;
    std::array<uint8_t, kGuestBlocks> keys{};
    PageMap primary, secondary;  // what the guest's own tables say
    bool by_execute = false;
};

/// The state with this number: the same for one seed.
GuestState random_state(isa::Op op, const isa::FacilitySet& facilities, uint64_t seed, uint64_t number);

}  // namespace vmcp::audit
