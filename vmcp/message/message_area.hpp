// Storage of guests as messages come from there and go there: second-level storage at real addresses, under
// the storage key that its owner named it with. The owner need not be running, and nothing is translated: an
// access is that of a channel.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "simulation/channel/channel_storage.hpp"
#include "vmcp/dispatch/nucleus.hpp"
#include "vmcp/ledger/ledger.hpp"

namespace vmcp {

using simulation::ChannelAccess;

/// Bytes that one message or reply may have. The manuals know no limit; here nobody shall keep the control
/// program from others for longer than a time slice.
inline constexpr uint32_t kMostMessageBytes = 65536;

/// The eight characters of EBCDIC that a guest calls a virtual machine by: its name in capitals, cut or
/// padded.
using UserId = std::array<uint8_t, 8>;
UserId user_id(const VirtualMachine& vm);
/// Who is logged on by this id; null: nobody, or his machine has stopped.
VirtualMachine* find_by_user_id(const Nucleus& nucleus, const UserId& id);

/// The parameter lists of both facilities, and what they leave in a guest's buffer: big-endian fields.
class MessageList {
  public:
    static constexpr uint32_t kBytes = 40;

    uint8_t get8(unsigned at) const { return bytes_[at]; }
    uint16_t get16(unsigned at) const { return static_cast<uint16_t>(bytes_[at] << 8 | bytes_[at + 1]); }
    uint32_t get32(unsigned at) const { return uint32_t{get16(at)} << 16 | get16(at + 2); }
    void put8(unsigned at, unsigned v) { bytes_[at] = static_cast<uint8_t>(v); }
    void put16(unsigned at, unsigned v) {
        put8(at, v >> 8);
        put8(at + 1, v);
    }
    void put32(unsigned at, uint32_t v) {
        put16(at, v >> 16);
        put16(at + 2, v & 0xFFFF);
    }
    template <size_t length>
    std::array<uint8_t, length> get(unsigned at) const {
        std::array<uint8_t, length> out;
        for (size_t i = 0; i < length; ++i) out[i] = bytes_[at + i];
        return out;
    }
    template <size_t length>
    void put(unsigned at, const std::array<uint8_t, length>& in) {
        for (size_t i = 0; i < length; ++i) bytes_[at + i] = in[i];
    }
    uint8_t* data() { return bytes_.data(); }
    const uint8_t* data() const { return bytes_.data(); }
    bool operator==(const MessageList&) const = default;

  private:
    std::array<uint8_t, kBytes> bytes_{};
};

/// An area of a machine's own storage.
struct MessageArea {
    VirtualMachine* vm;
    uint32_t at;
    uint32_t length;
    uint8_t key;
};

/// Whether all of it may be accessed. Nothing is brought in.
ChannelAccess check_area(const MessageArea& area, bool storing);
/// The whole area, whose length `out` and `in` have. Nothing is stored unless the answer is ok.
ChannelAccess fetch_area(const MessageArea& area, uint8_t* out);
ChannelAccess store_area(const MessageArea& area, const uint8_t* in);

/// Which of the two could not be accessed; then nothing was stored.
struct CopiedMessage {
    ChannelAccess from = ChannelAccess::ok, to = ChannelAccess::ok;
    bool ok() const { return from == ChannelAccess::ok && to == ChannelAccess::ok; }
};
/// Copies to.length bytes, which from.length is not less than. `work` pays.
CopiedMessage copy_message(const Nucleus& nucleus, Work& work, const MessageArea& from,
                           const MessageArea& to);

/// The list that a guest's instruction names. Raises what it runs into: it must begin at a doubleword, and
/// may be fetched and stored.
MessageList fetch_list(VirtualCpu& cpu, uint32_t address);
/// Stores what of it has changed.
void store_list(VirtualCpu& cpu, uint32_t address, const MessageList& before, const MessageList& after);

}  // namespace vmcp
