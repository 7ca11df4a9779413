// A core image of channel programs for one device, and the small program that starts them one after the other
// and keeps what comes of each: condition code, unit and channel status, CSW, sense.
//
// Status is gathered over the whole channel program: channel end and device end may come together or apart, a
// program-controlled interruption may come in between. The CSW that is kept is the last one that shows a CCW
// address.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/channel/channel_words.hpp"

namespace vmcp::conformance {

/// Where things are in storage. Each case is a 2K block with storage key 2.
namespace channel_layout {
inline constexpr uint32_t kStorage = 2u << 20;
inline constexpr uint32_t kShut = 0xF000;  // a block with key 9, fetch-protected
inline constexpr uint32_t kResults = 0x10000, kResultSize = 64;
inline constexpr uint32_t kCases = 0x20000, kCaseSize = 0x800;
// In a case:
inline constexpr uint32_t kProgram = 0, kProgramEnd = 0x80;
inline constexpr uint32_t kOperands = 0x80;
inline constexpr uint32_t kData = 0x100, kDataEnd = 0x700;
inline constexpr uint32_t kPreamble = 0x700;      // CCWs that are started before
inline constexpr uint32_t kPreambleData = 0x740;  // 80 bytes
inline constexpr uint32_t kExpected =
    0x7D0;  // if not zeros: repeat until 10 bytes of the preamble's data agree
inline constexpr uint32_t kExpectedSize = 10;
inline constexpr uint32_t kCaw = 0x7F8;
}  // namespace channel_layout

/// What one machine made of one case.
struct ChannelResult {
    uint8_t condition_code = 0;  // of START I/O
    uint8_t unit_status = 0, channel_status = 0;
    uint32_t ccw_address = 0;
    uint16_t count = 0;
    std::vector<uint8_t> sense;    // 24 bytes; zeros where there was no unit check
    std::vector<uint8_t> storage;  // the whole block
    std::string output;            // what was printed or punched, as text

    /// START I/O itself ended the program: of the CSW there is only the status.
    bool at_once() const { return condition_code == 1; }
};

class ChannelPrograms {
  public:
    ChannelPrograms(unsigned count, uint16_t device);

    unsigned count() const { return count_; }
    /// Storage address of a case.
    uint32_t at(unsigned n) const { return channel_layout::kCases + n * channel_layout::kCaseSize; }

    void ccw(unsigned n, unsigned index, const simulation::Ccw& ccw);
    simulation::Ccw ccw(unsigned n, unsigned index) const;
    /// CCW `index` of the preamble.
    void preamble(unsigned n, unsigned index, const simulation::Ccw& ccw);
    void put(unsigned n, uint32_t offset, std::span<const uint8_t> bytes);
    void put_word(unsigned n, uint32_t offset, uint32_t word);
    /// The preamble is started again until its data begin so (10 bytes).
    void expect(unsigned n, std::span<const uint8_t> bytes);
    /// The channel-address word; else the address of the case with key 0.
    void caw(unsigned n, uint32_t word);
    /// Whether it has bits on that must be zeros.
    bool caw_reserved(unsigned n) const { return (storage_[at(n) + channel_layout::kCaw] & 0x0F) != 0; }

    const std::vector<uint8_t>& storage() const { return storage_; }
    /// Bytes from the results to the end of the cases: what has to be dumped from kResults on.
    uint32_t dump_size() const;
    ChannelResult result(std::span<const uint8_t> dump, unsigned n) const;

    /// The program, a CCW a line.
    std::string text(unsigned n) const;

  private:
    uint8_t* block(unsigned n) { return &storage_[at(n)]; }

    unsigned count_;
    std::vector<uint8_t> storage_;
};

}  // namespace vmcp::conformance
