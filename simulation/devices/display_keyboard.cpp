#include "simulation/devices/display_keyboard.hpp"

#include <fmt/format.h>

#include <optional>

#include "isa/ebcdic.hpp"

namespace simulation {

namespace {

enum class Key : uint8_t {
    tab,
    back_tab,
    home,
    new_line,
    up,
    down,
    left,
    right,
    erase_eof,
    erase_input,
    insert,
    delete_character,
    duplicate,
    field_mark,
    reset
};

struct KeyName {
    std::string_view name;
    Key key;
};

constexpr KeyName kKeys[] = {
    {"INSERT", Key::insert},
    {"TAB", Key::tab},
    {"BACKTAB", Key::back_tab},
    {"HOME", Key::home},
    {"NEWLINE", Key::new_line},
    {"UP", Key::up},
    {"DOWN", Key::down},
    {"LEFT", Key::left},
    {"RIGHT", Key::right},
    {"ERASEEOF", Key::erase_eof},
    {"DUP", Key::duplicate},
    {"ERASEINPUT", Key::erase_input},
    {"DELETE", Key::delete_character},
    {"RESET", Key::reset},
    {"FIELDMARK", Key::field_mark},
};

struct AidName {
    std::string_view name;
    uint8_t aid;
};

constexpr AidName kAids[] = {{"ENTER", kAidEnter}, {"CLEAR", kAidClear}, {"PA1", kAidPa1},
                             {"PA2", kAidPa2},     {"PA3", kAidPa3},     {"TESTREQ", kAidTestRequest}};

std::optional<uint8_t> aid_of(std::string_view name) {
    for (const AidName& a : kAids)
        if (a.name == name) return a.aid;
    for (unsigned n = 1; n <= 24; ++n)
        if (name == fmt::format("PF{}", n)) return aid_of_pf(n);
    return std::nullopt;
}

std::optional<Key> key_of(std::string_view name) {
    for (const KeyName& k : kKeys)
        if (k.name == name) return k.key;
    return std::nullopt;
}

}  // namespace

bool DisplayKeyboard::is_key_name(std::string_view name) { return aid_of(name) || key_of(name); }

std::string DisplayKeyboard::key_names() {
    std::string names = "PF1 to PF24";
    for (const AidName& a : kAids) names += fmt::format(", {}", a.name);
    for (const KeyName& k : kKeys) names += fmt::format(", {}", k.name);
    return names;
}

bool DisplayKeyboard::refuse() {
    inhibited_ = true;
    return false;
}

bool DisplayKeyboard::call(uint8_t aid) {
    if (aid == kAidClear) buffer_.erase();
    buffer_.set_aid(aid);
    inhibited_ = true;
    inserting_ = false;
    attention_();
    return true;
}

bool DisplayKeyboard::type(std::string_view text) {
    for (const uint8_t character : isa::to_ebcdic(text)) {
        const char c = isa::to_ascii(character);
        const bool done = c == '\t' ? press("TAB") : c == '\n' ? press("NEWLINE") : key(character);
        if (!done) return false;
    }
    return true;
}

bool DisplayKeyboard::key(uint8_t character) {
    if (inhibited_) return false;
    const unsigned cursor = buffer_.cursor();
    if (buffer_.is_attribute(cursor) || buffer_.is_protected(cursor)) return refuse();
    if (inserting_ && !make_room(cursor)) return refuse();
    buffer_.put(cursor, character);
    buffer_.set_modified(cursor, true);
    advance();
    return true;
}

/// The cursor goes on behind a character. Attribute bytes are passed over; one of a protected numeric field
/// makes it skip to the next field where data may go.
void DisplayKeyboard::advance() {
    constexpr uint8_t kSkips = kAttributeProtected | kAttributeNumeric;
    unsigned at = (buffer_.cursor() + 1) % buffer_.size();
    while (buffer_.is_attribute(at)) {  // it cannot be all of them: a character was keyed
        if ((buffer_.attribute(at) & kSkips) == kSkips)
            at = buffer_.next_unprotected(at).value_or(0);
        else
            at = (at + 1) % buffer_.size();
        if (at == 0 && !buffer_.next_unprotected(0)) break;
    }
    buffer_.set_cursor(at);
}

bool DisplayKeyboard::press(std::string_view name) {
    const std::optional<Key> key = key_of(name);
    if (key == Key::reset) {
        reset();
        return true;
    }
    if (inhibited_) return false;
    if (const auto aid = aid_of(name)) return call(*aid);
    if (!key) return false;
    const unsigned cursor = buffer_.cursor(), size = buffer_.size(), columns = buffer_.columns();
    switch (*key) {
        case Key::tab: buffer_.set_cursor(buffer_.next_unprotected(cursor).value_or(0)); break;
        case Key::back_tab: back_tab(); break;
        case Key::home: buffer_.set_cursor(buffer_.next_unprotected(size - 1).value_or(0)); break;
        case Key::new_line: new_line(); break;
        case Key::up: buffer_.set_cursor(cursor + size - columns); break;
        case Key::down: buffer_.set_cursor(cursor + columns); break;
        case Key::left: buffer_.set_cursor(cursor + size - 1); break;
        case Key::right: buffer_.set_cursor(cursor + 1); break;
        case Key::erase_eof: return erase_to_end_of_field();
        case Key::erase_input: buffer_.erase_unprotected(); break;
        case Key::insert: inserting_ = true; break;
        case Key::delete_character: return delete_character();
        case Key::duplicate:
            if (!this->key(0x1C)) return false;
            buffer_.set_cursor(buffer_.next_unprotected(cursor).value_or(0));
            break;
        case Key::field_mark: return this->key(0x1E);
        case Key::reset: break;
    }
    return true;
}

/// To the first location of this field, or, from there, of the unprotected field before.
void DisplayKeyboard::back_tab() {
    unsigned address = buffer_.cursor();
    for (unsigned n = 0; n < buffer_.size(); ++n) {
        address = address == 0 ? buffer_.size() - 1 : address - 1;
        const unsigned before = address == 0 ? buffer_.size() - 1 : address - 1;
        if (buffer_.is_attribute(before) && !buffer_.is_attribute(address) && !buffer_.is_protected(before))
            return buffer_.set_cursor(address);
    }
    buffer_.set_cursor(0);
}

/// To the first place on the lines that follow where data may go.
void DisplayKeyboard::new_line() {
    const unsigned line = (buffer_.cursor() / buffer_.columns() + 1) * buffer_.columns() % buffer_.size();
    if (!buffer_.is_attribute(line) && !buffer_.is_protected(line)) return buffer_.set_cursor(line);
    buffer_.set_cursor(buffer_.next_unprotected(line).value_or(0));
}

bool DisplayKeyboard::erase_to_end_of_field() {
    const unsigned cursor = buffer_.cursor();
    if (buffer_.is_attribute(cursor) || buffer_.is_protected(cursor)) return refuse();
    buffer_.erase_to_end_of_field(cursor);
    buffer_.set_modified(cursor, true);
    return true;
}

/// Moves what stands from a location up to the next null of the field (of the line, if there are no fields)
/// to the right. False: there is no null.
bool DisplayKeyboard::make_room(unsigned at) {
    const unsigned size = buffer_.size(), columns = buffer_.columns();
    const auto end_of_line = (at / columns + 1) * columns % size;
    unsigned null = at;
    while (buffer_.character(null) != 0) {
        null = (null + 1) % size;
        if (null == at || buffer_.is_attribute(null)) return false;
        if (null == end_of_line && !buffer_.formatted()) return false;
    }
    while (null != at) {
        const unsigned before = (null + size - 1) % size;
        buffer_.put(null, buffer_.character(before));
        null = before;
    }
    return true;
}

/// The rest of the field, on this line, moves to the left.
bool DisplayKeyboard::delete_character() {
    unsigned at = buffer_.cursor();
    if (buffer_.is_attribute(at) || buffer_.is_protected(at)) return refuse();
    buffer_.set_modified(at, true);
    while ((at + 1) % buffer_.columns() != 0 && !buffer_.is_attribute(at + 1)) {
        buffer_.put(at, buffer_.character(at + 1));
        ++at;
    }
    buffer_.put(at, 0);
    return true;
}

bool DisplayKeyboard::move_to(unsigned address) {
    if (inhibited_ || address >= buffer_.size()) return false;
    buffer_.set_cursor(address);
    return true;
}

bool DisplayKeyboard::pen(unsigned address) {
    if (inhibited_ || address >= buffer_.size()) return false;
    const auto field = buffer_.field_of(address);
    if (!field) return refuse();
    const uint8_t display = buffer_.attribute(*field) & kAttributeDisplay;
    const unsigned first = (*field + 1) % buffer_.size();
    if (display == 0 || display == kAttributeNondisplay || buffer_.is_attribute(first)) return refuse();
    switch (isa::to_ascii(buffer_.character(first))) {
        case '?':
            buffer_.put(first, isa::to_ebcdic('>'));
            buffer_.set_modified(address, true);
            return true;
        case '>':
            buffer_.put(first, isa::to_ebcdic('?'));
            buffer_.set_modified(address, false);
            return true;
        case '&': buffer_.set_modified(address, true); return call(kAidEnter);
        case ' ':
        case '\0': buffer_.set_modified(address, true); return call(kAidSelectorPen);
        default: return refuse();
    }
}

}  // namespace simulation
