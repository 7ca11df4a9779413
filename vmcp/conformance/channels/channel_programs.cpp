#include "vmcp/conformance/channels/channel_programs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "isa/assembler/assembler.hpp"

namespace vmcp::conformance {

using namespace channel_layout;
using simulation::Ccw;

namespace {

// Register 1 counts the cases, 2 is the case, 3 its result, 6 the device, 7 the storage key of cases.
constexpr const char* kDriver = R"(DRIVER   CSECT
         USING DRIVER,0
         DC    X'0000000000000400'
         ORG   DRIVER+X'400'
         L     1,COUNT
         L     2,CASES
         L     3,RESULTS
         L     6,DEVICE
         LA    7,X'20'
         LA    8,X'98'
         L     9,SHUT
         SSK   8,9
CASE     SSK   7,2
         CLI   X'700'(2),0
         BE    MAIN
BEFORE   LA    5,X'700'(2)
         ST    5,72
         SIO   0(6)
READY    TIO   0(6)
         BC    6,READY
         CLI   X'7D0'(2),0
         BE    MAIN
         CLC   X'740'(10,2),X'7D0'(2)
         BNE   BEFORE
MAIN     MVC   72(4),X'7F8'(2)
         XC    64(8),64
         XC    SENSE,SENSE
         XC    STATUS,STATUS
         SIO   0(6)
         BALR  4,0
         ST    4,0(3)
         BC    8,WAIT
         BC    3,NEXT
         OC    STATUS,68
         MVC   8(8,3),64
         TM    STATUS,X'06'
         BC    7,DONE
         TM    STATUS+1,X'3F'
         BC    7,DONE
WAIT     TIO   0(6)
         BC    2,WAIT
         BC    9,DONE
         OC    STATUS,68
         CLC   65(3),ZEROS
         BE    ENDED
         MVC   8(8,3),64
ENDED    TM    STATUS,X'04'
         BZ    WAIT
DONE     MVC   4(2,3),STATUS
         TM    STATUS,X'02'
         BZ    SETTLE
         LA    5,SENSECCW
         ST    5,72
         SIO   0(6)
SETTLE   TIO   0(6)
         BC    6,SETTLE
         MVC   16(24,3),SENSE
NEXT     LA    2,2048(2)
         LA    3,64(3)
         BCT   1,CASE
         LPSW  STOP
         DS    0D
STOP     DC    X'000200000000DEAD'
SENSECCW CCW   4,SENSE,X'20',24
COUNT    DC    F'0'
DEVICE   DC    F'0'
CASES    DC    X'00020000'
RESULTS  DC    X'00010000'
SHUT     DC    X'0000F000'
STATUS   DC    X'0000'
ZEROS    DC    XL3'0'
SENSE    DC    XL24'0'
         END   DRIVER
)";

void put_ccw(uint8_t* to, const Ccw& ccw) {
    const uint64_t image = encode(ccw);
    for (unsigned i = 0; i < 8; ++i) to[i] = static_cast<uint8_t>(image >> (56 - 8 * i));
}

void put32(uint8_t* to, uint32_t word) {
    for (unsigned i = 0; i < 4; ++i) to[i] = static_cast<uint8_t>(word >> (24 - 8 * i));
}

}  // namespace

ChannelPrograms::ChannelPrograms(unsigned count, uint16_t device)
    : count_(count), storage_(kCases + count * kCaseSize) {
    const auto assembled = isa::assembler::assemble(kDriver, "channel driver");
    for (const auto& d : assembled.diagnostics) throw std::logic_error(isa::assembler::to_string(d));
    for (const auto& piece : assembled.text)
        std::copy(piece.bytes.begin(), piece.bytes.end(), storage_.begin() + piece.address);
    put32(&storage_[assembled.find("COUNT")->value], count);
    put32(&storage_[assembled.find("DEVICE")->value], device);
    for (unsigned n = 0; n < count; ++n) put32(block(n) + kCaw, at(n));
}

void ChannelPrograms::ccw(unsigned n, unsigned index, const Ccw& ccw) { put_ccw(block(n) + 8 * index, ccw); }

Ccw ChannelPrograms::ccw(unsigned n, unsigned index) const {
    uint64_t image = 0;
    for (unsigned i = 0; i < 8; ++i) image = image << 8 | storage_[at(n) + 8 * index + i];
    return simulation::decode_ccw(image);
}

void ChannelPrograms::preamble(unsigned n, unsigned index, const Ccw& ccw) {
    put_ccw(block(n) + kPreamble + 8 * index, ccw);
}

void ChannelPrograms::put(unsigned n, uint32_t offset, std::span<const uint8_t> bytes) {
    std::copy(bytes.begin(), bytes.end(), block(n) + offset);
}

void ChannelPrograms::put_word(unsigned n, uint32_t offset, uint32_t word) { put32(block(n) + offset, word); }

void ChannelPrograms::expect(unsigned n, std::span<const uint8_t> bytes) {
    put(n, kExpected, bytes.first(kExpectedSize));
}

void ChannelPrograms::caw(unsigned n, uint32_t word) { put32(block(n) + kCaw, word); }

uint32_t ChannelPrograms::dump_size() const { return static_cast<uint32_t>(storage_.size()) - kResults; }

ChannelResult ChannelPrograms::result(std::span<const uint8_t> dump, unsigned n) const {
    const uint8_t* r = &dump[n * kResultSize];
    ChannelResult result;
    result.condition_code = r[0] >> 4 & 3;
    result.unit_status = r[4];
    result.channel_status = r[5];
    result.ccw_address = uint32_t{r[9]} << 16 | r[10] << 8 | r[11];
    result.count = static_cast<uint16_t>(r[14] << 8 | r[15]);
    result.sense.assign(r + 16, r + 40);
    const auto from = dump.begin() + (at(n) - kResults);
    result.storage.assign(from, from + kCaseSize);
    return result;
}

std::string ChannelPrograms::text(unsigned n) const {
    std::string text;
    const uint8_t* block = &storage_[at(n)];
    const auto bytes = [&](uint32_t from, unsigned length) {
        for (unsigned i = 0; i < length; ++i) text += fmt::format("{:02X}", block[from + i]);
    };
    text += "  CAW ";
    bytes(kCaw, 4);
    for (uint32_t offset = 0; offset < kProgramEnd; offset += 8) {
        if (encode(ccw(n, offset / 8)) == 0) continue;
        text += fmt::format("\n  {:06X}: ", at(n) + offset);
        bytes(offset, 4);
        text += ' ';
        bytes(offset + 4, 4);
    }
    text += "\n  operands ";
    bytes(kOperands, 48);
    return text;
}

}  // namespace vmcp::conformance
