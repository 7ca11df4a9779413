#include "simulation/devices/display_buffer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "isa/ebcdic.hpp"

namespace simulation {

namespace {

constexpr uint8_t kProgramTab = 0x05, kSetAddress = 0x11, kEraseUnprotected = 0x12, kInsertCursor = 0x13,
                  kStartField = 0x1D, kRepeat = 0x3C;
constexpr uint8_t kWccResetModified = 0x01;
constexpr uint8_t kNull = 0x00, kDuplicate = 0x1C, kFieldMark = 0x1E;

}  // namespace

uint8_t aid_of_pf(unsigned number) {
    // F1-F9, 7A-7C; the second twelve C1-C9, 4A-4C.
    const unsigned n = (number - 1) % 12;
    const bool second = number > 12;
    if (n < 9) return static_cast<uint8_t>((second ? 0xC1 : 0xF1) + n);
    return static_cast<uint8_t>((second ? 0x4A : 0x7A) + n - 9);
}

/// Bits 2-7 are the value; bits 0 and 1 are what makes a graphic of it: 4 columns of the EBCDIC chart, in
/// which blank, hyphen, slash and the letters and digits stand where they always do.
uint8_t six_bit_code(unsigned six_bits) {
    const unsigned column = six_bits >> 4 & 3, row = six_bits & 0x0F;
    const auto code = [](unsigned high, unsigned low) { return static_cast<uint8_t>(high << 4 | low); };
    if (row >= 0x0A) return code(0x4 + column, row);
    if (column == 3) return code(0xF, row);
    if (row == 0) return code(0x4 + column, row);
    if (column == 2 && row == 1) return code(0x6, 1);  // slash
    return code(0xC + column, row);
}

DisplayBuffer::DisplayBuffer(DisplayModel model)
    : cells_(model == DisplayModel::d3277_1 ? 480 : 1920),
      rows_(model == DisplayModel::d3277_1 ? 12 : 24),
      columns_(model == DisplayModel::d3277_1 ? 40 : 80),
      model_(model) {}

// ---- The screen -------------------------------------------------------------------------------------------

std::optional<unsigned> DisplayBuffer::field_of(unsigned address) const {
    for (unsigned n = 0; n < size(); ++n) {
        if (is_attribute(address)) return address;
        address = address == 0 ? size() - 1 : address - 1;
    }
    return std::nullopt;
}

bool DisplayBuffer::is_protected(unsigned address) const {
    const auto field = field_of(address);
    return field && (attribute(*field) & kAttributeProtected) != 0;
}

std::optional<unsigned> DisplayBuffer::next_unprotected(unsigned address) const {
    for (unsigned n = 0; n < size(); ++n) {
        const unsigned next = after(address);
        if (is_attribute(address) && (attribute(address) & kAttributeProtected) == 0 && !is_attribute(next))
            return next;
        address = next;
    }
    return std::nullopt;
}

std::string DisplayBuffer::text() const {
    std::string text;
    const auto last = field_of(size() - 1);
    uint8_t governing = last ? attribute(*last) : 0;
    for (unsigned row = 0; row < rows_; ++row) {
        std::string line;
        for (unsigned address = row * columns_; address < (row + 1) * columns_; ++address) {
            uint8_t shown = isa::kEbcdicBlank;
            if (is_attribute(address))
                governing = attribute(address);
            else if ((governing & kAttributeDisplay) != kAttributeNondisplay)
                shown = character(address);
            // The two control characters that have graphics of their own.
            if (shown == kDuplicate) shown = isa::to_ebcdic('*');
            if (shown == kFieldMark) shown = isa::to_ebcdic(';');
            if (shown < isa::kEbcdicBlank || shown == 0xFF) shown = isa::kEbcdicBlank;
            line += isa::to_text({&shown, 1});
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

// ---- The operator -----------------------------------------------------------------------------------------

void DisplayBuffer::set_modified(unsigned address, bool modified) {
    const auto field = field_of(address);
    if (!field) return;
    if (modified)
        cells_[*field] |= kAttributeModified;
    else
        cells_[*field] &= static_cast<uint16_t>(~kAttributeModified);
}

void DisplayBuffer::erase_to_end_of_field(unsigned from) {
    const bool wraps = formatted();
    for (unsigned n = 0; n < size() && !is_attribute(from); ++n) {
        cells_[from] = kNull;
        from = after(from);
        if (from == 0 && !wraps) return;
    }
}

void DisplayBuffer::erase_unprotected() {
    const auto last = field_of(size() - 1);
    if (!last) return erase();
    bool guarded = (attribute(*last) & kAttributeProtected) != 0;
    for (uint16_t& cell : cells_) {
        if ((cell & kAttributeCell) != 0) {
            guarded = (cell & kAttributeProtected) != 0;
            if (!guarded) cell &= static_cast<uint16_t>(~kAttributeModified);
        } else if (!guarded) {
            cell = kNull;
        }
    }
    cursor_ = next_unprotected(size() - 1).value_or(0);
}

// ---- Writing ----------------------------------------------------------------------------------------------

void DisplayBuffer::erase() {
    std::fill(cells_.begin(), cells_.end(), kNull);
    cursor_ = address_ = 0;
}

void DisplayBuffer::begin_write(bool continues) {
    if (!continues) address_ = cursor_;
    after_character_ = tab_to_end_ = false;
    wcc_ = 0;
    begin_order(Order::wcc, 1);
}

void DisplayBuffer::begin_order(Order order, unsigned operands) {
    order_ = order;
    want_ = static_cast<uint8_t>(operands);
    have_ = 0;
}

void DisplayBuffer::insert(uint16_t cell) {
    cells_[address_] = cell;
    address_ = after(address_);
}

bool DisplayBuffer::write(uint8_t byte) {
    if (order_ != Order::none) {
        operands_[have_++] = byte;
        return have_ < want_ || complete_order();
    }
    const bool tab = byte == kProgramTab;
    if (!tab) tab_to_end_ = false;
    switch (byte) {
        case kProgramTab: program_tab(); break;
        case kInsertCursor: cursor_ = address_; break;
        case kStartField: begin_order(Order::start_field, 1); break;
        case kSetAddress: begin_order(Order::set_address, 2); break;
        case kEraseUnprotected: begin_order(Order::erase_unprotected, 2); break;
        case kRepeat: begin_order(Order::repeat, 2); break;
        default:
            insert(byte);
            after_character_ = true;
            return true;
    }
    after_character_ = false;
    return true;
}

/// The operands of an order are there. False: one is not an address of this buffer.
bool DisplayBuffer::complete_order() {
    const Order order = std::exchange(order_, Order::none);
    switch (order) {
        case Order::none: break;
        case Order::wcc:
            wcc_ = operands_[0];
            if ((wcc_ & kWccResetModified) != 0)
                for (uint16_t& cell : cells_)
                    if ((cell & kAttributeCell) != 0) cell &= static_cast<uint16_t>(~kAttributeModified);
            break;
        case Order::start_field: insert(static_cast<uint16_t>(kAttributeCell | (operands_[0] & 0x3F))); break;
        case Order::repeat:
            // The address is checked before the character is looked at.
            if (!decode(operands_[0], operands_[1])) return false;
            order_ = Order::repeat_character;
            want_ = 3;
            break;
        case Order::repeat_character: {
            const unsigned stop = *decode(operands_[0], operands_[1]);
            do insert(operands_[2]);
            while (address_ != stop);  // the address where it begins: all around
            break;
        }
        case Order::set_address: {
            const auto address = decode(operands_[0], operands_[1]);
            if (!address) return false;
            address_ = *address;
            break;
        }
        case Order::erase_unprotected: {
            const auto stop = decode(operands_[0], operands_[1]);
            if (!stop) return false;
            bool guarded = is_protected(address_);
            do {
                if (is_attribute(address_))
                    guarded = (attribute(address_) & kAttributeProtected) != 0;
                else if (!guarded)
                    cells_[address_] = kNull;
                address_ = after(address_);
            } while (address_ != *stop);
            break;
        }
    }
    return true;
}

/// To the first character location of the next unprotected field, or to 0 if none begins before the end of
/// the buffer. Behind a character (or behind a tab that did so up to the end of the buffer) what is left of
/// the present field is filled with nulls.
void DisplayBuffer::program_tab() {
    if (is_attribute(address_) && (attribute(address_) & kAttributeProtected) == 0) {
        address_ = after(address_);
        tab_to_end_ = false;
        return;
    }
    unsigned target = next_unprotected(address_).value_or(0);
    if (target < address_) target = 0;
    if (after_character_ || tab_to_end_) {
        while (address_ != target && !is_attribute(address_)) insert(kNull);
        tab_to_end_ = target == 0;
    }
    address_ = target;
}

bool DisplayBuffer::end_write() { return std::exchange(order_, Order::none) == Order::none; }

std::optional<unsigned> DisplayBuffer::decode(uint8_t first, uint8_t second) const {
    // Six bits of each byte; the units on the 3274 take zeros in bits 0 and 1 for an address of 14 bits.
    unsigned address = (first & 0x3Fu) << 6 | (second & 0x3Fu);
    if (model_ == DisplayModel::d3278_2 && (first & 0xC0) == 0) address = (first & 0x3Fu) << 8 | second;
    if (address >= size()) return std::nullopt;
    return address;
}

// ---- Reading ----------------------------------------------------------------------------------------------

void DisplayBuffer::append(Data& data, uint8_t byte, unsigned address) const {
    data.bytes.push_back(byte);
    data.address_after.push_back(static_cast<uint16_t>(address));
}

void DisplayBuffer::append_address(Data& data, unsigned address) const {
    const unsigned current = data.address_after.back();
    append(data, six_bit_code(address >> 6), current);
    append(data, six_bit_code(address & 0x3F), current);
}

DisplayBuffer::Data DisplayBuffer::read_buffer(bool continues) const {
    Data data;
    const unsigned from = continues ? address_ : 0;
    append(data, aid_, from);
    append_address(data, cursor_);
    for (unsigned address = from; address < size(); ++address) {
        if (is_attribute(address)) {
            append(data, kStartField, address);
            append(data, six_bit_code(attribute(address)), after(address));
        } else {
            append(data, character(address), after(address));
        }
    }
    return data;
}

DisplayBuffer::Data DisplayBuffer::read_modified(bool continues) const {
    Data data;
    const unsigned from = continues ? address_ : 0;
    append(data, aid_, from);
    if (aid_ == kAidClear || aid_ == kAidPa1 || aid_ == kAidPa2 || aid_ == kAidPa3) return data;
    append_address(data, cursor_);
    if (!formatted()) {
        for (unsigned address = from; address < size(); ++address)
            if (character(address) != kNull) append(data, character(address), after(address));
        return data;
    }
    for (unsigned begin = from; begin < size(); ++begin) {
        if (!is_attribute(begin) || (attribute(begin) & kAttributeModified) == 0) continue;
        unsigned address = after(begin);
        append(data, kSetAddress, begin);
        append_address(data, address);
        for (; !is_attribute(address); address = after(address))
            if (character(address) != kNull && aid_ != kAidSelectorPen)
                append(data, character(address), after(address));
        data.address_after.back() = static_cast<uint16_t>(address);
    }
    return data;
}

void DisplayBuffer::end_read(const Data& data, uint32_t taken) {
    if (taken != 0) address_ = data.address_after[taken - 1];
}

}  // namespace simulation
