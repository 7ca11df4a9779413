// Printing and punching spool files: the real unit-record devices, as far as what they put out goes.
//
// The records are given to a device of the type that they were written on, which starts afresh with each
// file: so the paper is the same as if the guest had had the device for itself.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "simulation/devices/card.hpp"
#include "simulation/devices/carriage_tape.hpp"
#include "vmcp/spool/spool_file.hpp"

namespace vmcp {

/// Prints a file that was written on a printer or console, once. `text`: UTF-8, as of simulation::Printer.
/// `tape`: null: the standard one.
void print(const SpoolFile& file, const std::shared_ptr<const simulation::CarriageTape>& tape,
           const std::function<void(std::string_view text)>& text);

/// The card that a record of a punch is.
simulation::Card card_of(const SpoolRecord& record);

/// The deck that a reader finds in a file: cards, and each line as a card. A line of more than 80 bytes is
/// there whole (simulation::Card::line); motion of the forms without a line is no card.
simulation::Deck deck_of(const SpoolFile& file);
/// In which page of the file each of these cards lies.
std::vector<uint32_t> pages_of_cards(const SpoolFile& file);

}  // namespace vmcp
