#include "isa/editing.hpp"

#include "isa/decimal_arithmetic.hpp"

namespace isa {

bool Editor::take_source(uint8_t byte) {
    const auto left = static_cast<uint8_t>(byte >> 4);
    const auto right = static_cast<uint8_t>(byte & 0xF);
    if (left > 9) return false;
    left_digit_ = left;
    // A sign is examined together with the digit to its left, and is never a digit of its own.
    if (right > 9) {
        plus_ = !decimal::is_minus(right);
    } else {
        right_digit_ = right;
    }
    return true;
}

uint8_t Editor::edit(uint8_t pattern) {
    marked_ = false;
    if (pattern == kFieldSeparator) {
        significance_ = false;
        nonzero_ = false;
        return fill_;
    }
    if (pattern != kDigitSelector && pattern != kSignificanceStarter) return significance_ ? pattern : fill_;

    auto& from = left_digit_ ? left_digit_ : right_digit_;
    const uint8_t digit = *from;
    from.reset();
    const bool shown = significance_ || digit != 0;
    if (digit != 0) nonzero_ = true;
    marked_ = shown && !significance_;
    significance_ = (shown || pattern == kSignificanceStarter) && !plus_;
    plus_ = false;
    return shown ? static_cast<uint8_t>(0xF0 | digit) : fill_;
}

}  // namespace isa
