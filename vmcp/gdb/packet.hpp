// Packets of gdb's remote serial protocol ("Overview" in the appendix "GDB Remote Serial Protocol" of gdb's
// manual): bytes in, packets out, and back. They know no socket.
//
//   $payload#checksum   two hexadecimal digits: the sum of the payload's bytes, modulo 256
//   + -                 the last packet has arrived, or has to be sent again
//   X'03'               between packets: stop
//
// Within a payload '}' says that the byte behind it is meant with its bit X'20' turned over.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vmcp::gdb {

/// Payloads that are longer are none of gdb's: PacketSize tells it how long they may be.
inline constexpr std::size_t kLongestPayload = 16384;

struct Received {
    enum class Kind : uint8_t { packet, damaged, acknowledged, refused, interrupt };
    Kind kind = Kind::packet;
    std::string payload = {};  // of a packet, without escapes

    bool operator==(const Received&) const = default;
};

class PacketReader {
  public:
    /// Any bytes at all.
    void receive(std::string_view bytes);
    /// The next that has been received as a whole.
    std::optional<Received> next();
    /// Takes away the interrupts that wait; false if there was none.
    bool take_interrupts();

    /// With an unreliable line a checksum that is wrong makes a packet a damaged one.
    bool checks = true;

    /// Everything that has been received and has not been asked for, as bytes for receive().
    std::string rest() const;

  private:
    enum class State : uint8_t { between, payload, first_digit, second_digit };
    void take(char byte);
    void end_packet(char second);

    State state_ = State::between;
    std::string raw_;  // of the packet that arrives
    char first_ = 0;
    std::deque<Received> received_;
};

/// The packet with this payload.
std::string packet_of(std::string_view payload);

/// Two digits a byte, in small letters.
std::string hex_of(std::string_view bytes);
std::string hex_of(uint64_t value, unsigned bytes);
/// Nothing: these are not pairs of digits.
std::optional<std::string> bytes_of_hex(std::string_view digits);
/// A number of at most 16 digits; nothing: it is none.
std::optional<uint64_t> number_of_hex(std::string_view digits);

}  // namespace vmcp::gdb
