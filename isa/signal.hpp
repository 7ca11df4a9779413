// What SIGNAL PROCESSOR sends and what comes back. GA22-7000 chapter 4, "CPU Signaling and Response".
#pragma once

#include <cstdint>

namespace isa {

/// The order: bits 24-31 of the second-operand address.
enum class SignalOrder : uint8_t {
    sense = 0x01,
    external_call = 0x02,
    emergency_signal = 0x03,
    start = 0x04,
    stop = 0x05,
    restart = 0x06,
    initial_program_reset = 0x07,
    program_reset = 0x08,
    stop_and_store_status = 0x09,
    initial_microprogram_load = 0x0A,
    initial_cpu_reset = 0x0B,
    cpu_reset = 0x0C,
};

/// The bits of the status word that condition code 1 comes with.
struct SignalStatus {
    static constexpr uint32_t external_call_pending = 0x80, stopped = 0x40, operator_intervening = 0x20,
                              check_stop = 0x10, not_ready = 0x08, inoperative = 0x04, invalid_order = 0x02,
                              receiver_check = 0x01;
};

/// The condition code of SIGNAL PROCESSOR.
struct SignalCode {
    static constexpr unsigned accepted = 0, status_stored = 1, busy = 2, not_operational = 3;
};

}  // namespace isa
