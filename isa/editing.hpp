// EDIT and EDIT AND MARK: the editing of a pattern, byte by byte. GA22-7000 chapter 8, "EDIT", with the table
// "Summary of Editing Functions".
#pragma once

#include <cstdint>
#include <optional>

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
    bool needs_source(uint8_t pattern) const {
        return !right_digit_ && (pattern == kDigitSelector || pattern == kSignificanceStarter);
    }

    /// Takes the next source byte. False where its left digit is invalid: a data exception.
    bool take_source(uint8_t byte);

    /// The result byte that replaces this pattern byte.
    uint8_t edit(uint8_t pattern);

    /// True where the last result byte is the first significant digit of its field: EDIT AND MARK notes its
    /// address.
    bool marked() const { return marked_; }

    /// 0 last field zero or empty, 1 below zero, 2 above zero.
    unsigned condition_code() const { return !nonzero_ ? 0 : significance_ ? 1 : 2; }

  private:
    uint8_t fill_;
    bool significance_ = false;
    bool nonzero_ = false;
    bool marked_ = false;
    bool plus_ = false;  // the source byte just taken ends with a plus sign
    std::optional<uint8_t> left_digit_;
    std::optional<uint8_t> right_digit_;
};

}  // namespace isa
