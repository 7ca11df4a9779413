// How long a unit-record device takes, and how it ends what it does where that is a matter of choice. A
// machine model gives the figures (timing_of); the defaults below are the rated speeds of the units, for
// where no model is at hand. The manuals named describe the units; the speeds are recalled, not re-checked
// there.
#pragma once

#include <cstdint>
#include <string_view>

#include "simulation/model/time.hpp"

namespace simulation {

/// All durations in nanoseconds of simulated time. A device uses those that apply to it.
struct DeviceTiming {
    /// One card through the read or punch station, or one line printed and single-spaced.
    SimTime cycle = 0;
    /// Moving one record between storage and the buffer of the control unit: until channel end.
    SimTime transfer = 0;
    /// One character typed by a console.
    SimTime character = 0;
    /// Each line that the forms move beyond the one of `cycle`.
    SimTime space = 0;
    /// Each line beyond the eighth of one movement.
    SimTime skip = 0;
    /// Sense, and whatever else a control unit answers by itself.
    SimTime control = 20 * kMicrosecond;  // assumed

    /// Card readers: of which reads the device end comes together with the channel end.
    enum class Together : uint8_t { none, last_of_load, all };
    Together ends_together = Together::last_of_load;
    /// Consoles: a write that ends because its count does is an incorrect length.
    bool checks_write_length = false;
};

// Transfer times are assumed: 80 or 132 bytes at about 10 us a byte, the order of a byte-multiplexer channel
// in byte mode.
inline constexpr SimTime kCardTransfer = 800 * kMicrosecond;
inline constexpr SimTime kLineTransfer = 1'320 * kMicrosecond;

/// GA24-3312 (IBM 2821 control unit): 2540 reads 1,000 and punches 300 cards a minute.
inline constexpr DeviceTiming kTiming2540Reader{.cycle = kSecond * 60 / 1000, .transfer = kCardTransfer};
inline constexpr DeviceTiming kTiming2540Punch{.cycle = kSecond * 60 / 300, .transfer = kCardTransfer};
/// GA21-9124 (IBM 3505 and 3525): B1 reads 800, B2 1,200; P1, P2 and P3 punch 100, 200 and 300 cards a
/// minute.
inline constexpr DeviceTiming kTiming3505B1{.cycle = kSecond * 60 / 800, .transfer = kCardTransfer};
inline constexpr DeviceTiming kTiming3505B2{.cycle = kSecond * 60 / 1200, .transfer = kCardTransfer};
inline constexpr DeviceTiming kTiming3525P1{.cycle = kSecond * 60 / 100, .transfer = kCardTransfer};
inline constexpr DeviceTiming kTiming3525P2{.cycle = kSecond * 60 / 200, .transfer = kCardTransfer};
inline constexpr DeviceTiming kTiming3525P3{.cycle = kSecond * 60 / 300, .transfer = kCardTransfer};
/// GA24-3312: 1403-N1 prints 1,100 and 1403-2 600 lines a minute; forms move at 33 inches a second, and at 75
/// in long skips, 6 lines an inch. GA24-3543: 3211, 2,000 lines a minute; its forms are assumed to move like
/// the 1403's.
inline constexpr SimTime kSpace1403 = kSecond / (33 * 6);
inline constexpr SimTime kSkip1403 = kSecond / (75 * 6);
inline constexpr DeviceTiming kTiming1403N1{
    .cycle = kSecond * 60 / 1100, .transfer = kLineTransfer, .space = kSpace1403, .skip = kSkip1403};
inline constexpr DeviceTiming kTiming3211{
    .cycle = kSecond * 60 / 2000, .transfer = kLineTransfer, .space = kSpace1403, .skip = kSkip1403};
/// GA24-3550 (IBM 3210 and 3215): 15.5 and 85 characters a second. GA22-6877 (IBM 1052-7): 14.8.
inline constexpr DeviceTiming kTiming3215{.character = kSecond / 85};
inline constexpr DeviceTiming kTiming3210{.character = kSecond * 2 / 31};
inline constexpr DeviceTiming kTiming1052{.character = kSecond * 5 / 74};

struct MachineModel;

enum class UnitRecordRole : uint8_t { console, card_reader, card_punch, printer };

/// The timing that a machine model's figures for device type `type` ("2540") amount to. Throws
/// std::out_of_range with a line that names what is missing if the model does not have them.
DeviceTiming timing_of(const MachineModel& model, std::string_view type, UnitRecordRole role);

}  // namespace simulation
