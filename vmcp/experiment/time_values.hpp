// Values that differ between the two sides for a known reason: in registers and, by logical address, in
// storage. Address spaces are not told apart.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "vmcp/experiment/operand_flow.hpp"

namespace vmcp::experiment {

/// Why something may differ that is no fault.
enum class TimeCause : uint8_t {
    none,
    clock,             // STORE CLOCK
    cpu_timer,         // STORE CPU TIMER
    interval_timer,    // location X'50'
    identity,          // STORE CPU ID, STORE CHANNEL ID: a virtual machine has its own
    device_state,      // what SIO, TIO and their kin answer
    io_status,         // the CSW of an I/O interruption
    io_arrival,        // an I/O interruption that comes at another instruction
    external_arrival,  // the same of an external one
    polling,           // a loop that waits, and goes round another number of times
    diagnose,          // DIAGNOSE, which each machine has its own of
};
inline constexpr unsigned kTimeCauses = 11;
/// "clock", "interval-timer", ...
std::string_view word_of(TimeCause cause);
/// "the clock was read (STCK)", ...
std::string_view text_of(TimeCause cause);

/// Registers, as differences are counted: general 0-15, floating 16-19, control 20-35.
inline constexpr unsigned kConditionPlace = 36, kModesPlace = 37, kPlaces = 38;
/// "R5", "F2", "C0", "CC", "PSW"
std::string name_of_place(unsigned place);
/// The value there.
uint64_t value_at(const CpuPicture& cpu, unsigned place);

class TimeValues {
  public:
    TimeValues() : storage_(size_t{1} << 24) {}

    TimeCause at(unsigned place) const { return registers_[place]; }
    void set(unsigned place, TimeCause cause) { registers_[place] = cause; }
    /// Of the first byte that has one.
    TimeCause in(StorageRange range) const;
    void set(StorageRange range, TimeCause cause);

    /// Why what an instruction makes of its operands may differ; none: nothing is known.
    TimeCause reason(const TraceStep& step) const;
    /// Notes what an instruction stored that differs for such a reason, or no longer does.
    void executed(const TraceStep& step);
    /// The same of one that only one side executed.
    void skipped(const TraceStep& step, TimeCause cause);

  private:
    std::array<TimeCause, kPlaces> registers_{};
    std::vector<TimeCause> storage_;
};

/// Of an instruction whose answer hangs on time, device or machine by itself.
TimeCause own_reason(const TraceStep& step);

}  // namespace vmcp::experiment
