// Causes: what control-program time is spent for. One for each privileged instruction that can be simulated,
// by its mnemonic, and one for each other kind of work. Ledger entries, JSON keys and trace slices carry
// these names.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "isa/instruction.hpp"

namespace vmcp {

// CAUSE(name, text)
#define VMCP_CAUSES(CAUSE)                                      \
    CAUSE(reflect_program, "program interruption reflected")    \
    CAUSE(reflect_supervisor_call, "supervisor call reflected") \
    CAUSE(reflect_external, "external interruption presented")  \
    CAUSE(reflect_io, "I/O interruption presented")             \
    CAUSE(message, "message interruption presented")            \
    CAUSE(iucv, "IUCV functions")                               \
    CAUSE(interpretation, "guest instructions interpreted")     \
    CAUSE(translation, "guest code translated and cached")      \
    CAUSE(page_fill, "first touch of a page")                   \
    CAUSE(page_in, "page brought in from a paging device")      \
    CAUSE(page_out, "page frames taken away")                   \
    CAUSE(pseudo_page_fault, "pseudo page fault presented")     \
    CAUSE(shared_segment, "shared segments watched and copied") \
    CAUSE(shadow_fill, "filling a shadow-table entry")          \
    CAUSE(shadow_purge, "purging shadow tables")                \
    CAUSE(ccw, "channel program of a virtual device")           \
    CAUSE(real_io, "interruptions and starts of real devices")  \
    CAUSE(console, "console lines")                             \
    CAUSE(rings, "shared rings served")                         \
    CAUSE(command, "CP commands of users")                      \
    CAUSE(spool, "spooled cards and lines")                     \
    CAUSE(timer, "timer interruption of the real machine")      \
    CAUSE(virtual_timer, "virtual timers brought up to date")   \
    CAUSE(dispatch, "dispatching and switching")                \
    CAUSE(slice_end, "end of a time slice")                     \
    CAUSE(schedule, "moves between scheduler lists")            \
    CAUSE(ipl, "initial program loading")                       \
    CAUSE(stop, "stopping a virtual machine")                   \
    CAUSE(idle, "entering the idle wait")

/// Rows of the instruction table that the control program may have to simulate.
constexpr bool may_be_simulated(const isa::Row& row) { return row.privilege != isa::Privilege::problem; }

inline constexpr unsigned kSimulatedRows = [] {
    unsigned n = 0;
    for (const isa::Row& row : isa::kRows) n += may_be_simulated(row);
    return n;
}();

class Cause {
  public:
    enum Named : uint8_t {
#define CAUSE(name, text) name,
        VMCP_CAUSES(CAUSE)
#undef CAUSE
            named_causes
    };
    static constexpr unsigned kCount = named_causes + kSimulatedRows;

    constexpr Cause(Named named)
        : index_(named) {}  // NOLINT(google-explicit-constructor): Cause::ccw reads well
    static constexpr Cause simulated(isa::Op op) { return Cause(kIndex[static_cast<unsigned>(op)]); }
    static constexpr Cause at(unsigned index) { return Cause(static_cast<uint8_t>(index)); }

    constexpr unsigned index() const { return index_; }
    /// "LPSW", "reflect_io"
    std::string_view name() const;
    /// "LPSW simulated", "I/O interruption presented"
    std::string text() const;
    constexpr bool operator==(const Cause&) const = default;

  private:
    constexpr explicit Cause(uint8_t index) : index_(index) {}
    static constexpr std::array<uint8_t, isa::kRowCount> kIndex = [] {
        std::array<uint8_t, isa::kRowCount> index{};
        uint8_t next = named_causes;
        for (unsigned i = 0; i < isa::kRowCount; ++i)
            if (may_be_simulated(isa::kRows[i])) index[i] = next++;
        return index;
    }();
    uint8_t index_;
};
static_assert(Cause::kCount < 256);

}  // namespace vmcp
