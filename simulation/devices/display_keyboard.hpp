// The keyboard of a 3270 display station (and its selector pen): what its operator does to the buffer.
// GA23-0060, "Keyboard Operations" and "Selector Pen".
//
// Input is inhibited by every key that calls for the program's attention, until the program restores the
// keyboard, and by an attempt to enter data where none may go, until the reset key. The reset key restores it
// in both cases.
#pragma once

#include <functional>
#include <string_view>

#include "simulation/devices/display_buffer.hpp"

namespace simulation {

class DisplayKeyboard {
  public:
    /// `attention`: called when a key calls for the program, with the AID and the cursor in the buffer.
    DisplayKeyboard(DisplayBuffer& buffer, std::function<void()> attention)
        : buffer_(buffer), attention_(std::move(attention)) {}

    bool inhibited() const { return inhibited_; }
    void inhibit() { inhibited_ = true; }
    /// What the program does with a write control character, and erase all unprotected.
    void restore() { inhibited_ = false; }

    // All of these answer false, and do nothing, while input is inhibited, and also where they inhibit it.

    /// Types a text (UTF-8). Tabs go to the next field, a new line is the new-line key.
    bool type(std::string_view text);
    /// One character, in EBCDIC.
    bool key(uint8_t character);
    /// Presses a key by its name: ENTER, CLEAR, PA1-PA3, PF1-PF24, TESTREQ, TAB, BACKTAB, HOME, NEWLINE, UP,
    /// DOWN, LEFT, RIGHT, ERASEEOF, ERASEINPUT, INSERT (until RESET, or a key that calls for the program),
    /// DELETE, DUP, FIELDMARK, RESET. See is_key_name.
    bool press(std::string_view name);
    static bool is_key_name(std::string_view name);
    /// The names, for messages.
    static std::string key_names();

    /// Moves the cursor to a location, whatever is there.
    bool move_to(unsigned address);
    /// Points the selector pen at a location: in a detectable field, whose first character tells what
    /// happens (? and > select and take back; blank, null and & call for the program).
    bool pen(unsigned address);

    /// The reset key.
    void reset() { inhibited_ = inserting_ = false; }

  private:
    bool call(uint8_t aid);
    bool refuse();
    void advance();
    void back_tab();
    void new_line();
    bool erase_to_end_of_field();
    bool delete_character();
    bool make_room(unsigned at);

    DisplayBuffer& buffer_;
    std::function<void()> attention_;
    bool inhibited_ = false;
    bool inserting_ = false;
};

}  // namespace simulation
