// EDIT and EDIT AND MARK: the editing of a pattern, byte by byte. GA22-7000 chapter 8, "EDIT", with the table
// "Summary of Editing Functions".
#pragma once

#include <cstdint>
#include <utility>

#include "isa/packed_decimal.hpp"

namespace isa {

/// The state of one editing operation: what carries over from one pattern byte to the next.
class Editor {
  public:
    static constexpr uint8_t kDigitSelector = 0x20;
    static constexpr uint8_t kSignificanceStarter = 0x21;
    static constexpr uint8_t kFieldSeparator = 0x22;

    /// The first byte of the pattern is the fill byte, and is then edited like the others.
    explicit Editor(uint8_t fill) : fill_(fill) {}

    /// True where this pattern byte examines a digit and that digit is in a source byte not yet fetched.
    bool needs_source(uint8_t pattern) const { return digit_ == kNone && examines_digit(pattern); }

    /// Takes the next source byte. False where its left digit is invalid: a data exception.
    bool take_source(uint8_t byte) {
        const auto right = static_cast<uint8_t>(byte & 0xF);
        digit_ = static_cast<uint8_t>(byte >> 4);
        // A sign is examined together with the digit to its left, and is never a digit of its own.
        const bool sign = right > 9;
        next_digit_ = sign ? kNone : right;
        plus_ = sign && !decimal::is_minus(right);
        return digit_ <= 9;
    }

    /// The result byte that replaces this pattern byte.
    uint8_t edit(uint8_t pattern) {
        marked_ = false;
        if (!examines_digit(pattern)) {
            if (pattern != kFieldSeparator) return significance_ ? pattern : fill_;
            significance_ = false;
            nonzero_ = false;
            return fill_;
        }
        const uint8_t digit = digit_;
        digit_ = std::exchange(next_digit_, kNone);
        const bool shown = significance_ || digit != 0;
        if (digit != 0) nonzero_ = true;
        marked_ = shown && !significance_;
        significance_ = (shown || pattern == kSignificanceStarter) && !plus_;
        plus_ = false;
        return shown ? static_cast<uint8_t>(0xF0 | digit) : fill_;
    }

    /// True where the last result byte is the first significant digit of its field: EDIT AND MARK notes its
    /// address.
    bool marked() const { return marked_; }

    /// 0 last field zero or empty, 1 below zero, 2 above zero.
    unsigned condition_code() const { return !nonzero_ ? 0 : significance_ ? 1 : 2; }

  private:
    static constexpr uint8_t kNone = 0xFF;

    static bool examines_digit(uint8_t pattern) {
        return pattern == kDigitSelector || pattern == kSignificanceStarter;
    }

    uint8_t fill_;
    bool significance_ = false;
    bool nonzero_ = false;
    bool marked_ = false;
    bool plus_ = false;      // the source byte just taken ends with a plus sign
    uint8_t digit_ = kNone;  // that the next pattern byte to examine one gets, and the one behind it
    uint8_t next_digit_ = kNone;
};

}  // namespace isa
