// The buffer of a 3270 display station, and the data stream that programs write into it and read from it.
// GA23-0060 (GA27-2749), "Commands and Orders".
//
// Every location holds a character or an attribute byte. An attribute byte begins a field, which goes on to
// the next attribute byte, from the last location over to the first; without any, the display is unformatted.
// Two addresses matter: the cursor's and the current buffer address, at which the next byte of a data stream
// goes in or comes out.
//
// This knows neither channel nor keyboard: Display3277 is the device around it, DisplayKeyboard the keys.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace simulation {

enum class DisplayModel : uint8_t { d3277_1, d3277_2, d3278_2 };

// Attention identifications (AID).
inline constexpr uint8_t kAidNone = 0x60, kAidEnter = 0x7D, kAidClear = 0x6D, kAidPa1 = 0x6C, kAidPa2 = 0x6E,
                         kAidPa3 = 0x6B, kAidTestRequest = 0xF0, kAidSelectorPen = 0x7E;

/// The AID of PF1 to PF24.
uint8_t aid_of_pf(unsigned number);

// Attribute bytes: bits 2-7; bits 0 and 1 only make a graphic of them.
inline constexpr uint8_t kAttributeProtected = 0x20, kAttributeNumeric = 0x10, kAttributeModified = 0x01;
inline constexpr uint8_t kAttributeDisplay = 0x0C;  // 00 normal, 04 detectable, 08 intensified and detectable
inline constexpr uint8_t kAttributeNondisplay = 0x0C;

/// The six bits as the EBCDIC graphic that stands for them in addresses and attributes.
uint8_t six_bit_code(unsigned six_bits);

class DisplayBuffer {
  public:
    explicit DisplayBuffer(DisplayModel model);

    DisplayModel model() const { return model_; }
    unsigned rows() const { return rows_; }
    unsigned columns() const { return columns_; }
    unsigned size() const { return static_cast<unsigned>(cells_.size()); }

    // ---- What is on the screen ----

    unsigned cursor() const { return cursor_; }
    void set_cursor(unsigned address) { cursor_ = address % size(); }
    bool is_attribute(unsigned address) const { return (cells_[address] & kAttributeCell) != 0; }
    /// The character at a location; not for attribute bytes.
    uint8_t character(unsigned address) const { return static_cast<uint8_t>(cells_[address]); }
    /// The six bits of an attribute byte.
    uint8_t attribute(unsigned address) const { return cells_[address] & 0x3F; }
    /// Where the attribute byte is that governs a location (its own, if it is one); empty if unformatted.
    std::optional<unsigned> field_of(unsigned address) const;
    bool formatted() const { return field_of(0).has_value(); }
    bool is_protected(unsigned address) const;
    /// The first character location of the next unprotected field whose attribute byte is at or behind
    /// `address`, looking all around the buffer; empty if there is none.
    std::optional<unsigned> next_unprotected(unsigned address) const;

    /// What the operator sees, as UTF-8: a line for each row, without blanks at its end, each with '\n'.
    /// Attribute bytes, nulls and nondisplay fields are blanks.
    std::string text() const;

    // ---- What the operator does to it ----

    void put(unsigned address, uint8_t character) { cells_[address] = character; }
    /// Makes the field of a location one that has been modified, or not.
    void set_modified(unsigned address, bool modified);
    /// Fills with nulls from `from` up to, not including, the next attribute byte, or in an unformatted
    /// buffer the end.
    void erase_to_end_of_field(unsigned from);
    /// Nulls in all unprotected fields, whose modified-data tags are reset; the cursor goes to the first.
    void erase_unprotected();

    // ---- What the program does ----

    uint8_t aid() const { return aid_; }
    void set_aid(uint8_t aid) { aid_ = aid; }

    /// Nulls everywhere; cursor and current buffer address are 0.
    void erase();

    /// A write begins: at the current buffer address if `continues`, else at the cursor.
    void begin_write(bool continues);
    /// The next byte of a write: the write control character, orders, characters. False: an address that is
    /// none ends the write.
    bool write(uint8_t byte);
    /// The write is over. False: an order was not complete.
    bool end_write();
    /// What the write control character of the last write asked for.
    bool restores_keyboard() const { return (wcc_ & 0x02) != 0; }
    bool sounds_alarm() const { return (wcc_ & 0x04) != 0; }

    /// Bytes that a read gives, and the current buffer address behind each of them.
    struct Data {
        std::vector<uint8_t> bytes;
        std::vector<uint16_t> address_after;
    };
    /// All locations, from the current buffer address if `continues`, else from the first.
    Data read_buffer(bool continues) const;
    /// The modified fields, or of an unformatted buffer all characters, without nulls. A short read, of the
    /// AID alone, where that of a program access or clear key.
    Data read_modified(bool continues) const;
    /// So many bytes of a read were taken.
    void end_read(const Data& data, uint32_t taken);

  private:
    static constexpr uint16_t kAttributeCell = 0x100;
    enum class Order : uint8_t {
        none,
        wcc,
        start_field,
        set_address,
        repeat,
        repeat_character,
        erase_unprotected
    };

    unsigned after(unsigned address) const { return address + 1 == size() ? 0 : address + 1; }
    std::optional<unsigned> decode(uint8_t first, uint8_t second) const;
    void append_address(Data& data, unsigned address) const;
    void append(Data& data, uint8_t byte, unsigned address) const;
    void begin_order(Order order, unsigned operands);
    bool complete_order();
    void program_tab();
    void insert(uint16_t cell);

    std::vector<uint16_t> cells_;
    uint8_t rows_, columns_;
    DisplayModel model_;
    uint8_t aid_ = kAidNone;
    unsigned cursor_ = 0;
    unsigned address_ = 0;  // the current buffer address

    // A write under way.
    Order order_ = Order::none;
    uint8_t operands_[3] = {};
    uint8_t have_ = 0, want_ = 0;
    uint8_t wcc_ = 0;
    bool after_character_ = false;  // what came last was a character: a program tab fills with nulls
    bool tab_to_end_ = false;       // what came last was a program tab that filled up to the end
};

}  // namespace simulation
