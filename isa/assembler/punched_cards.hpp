// What the source itself writes into an object deck: the cards of PUNCH and REPRO, and the translator's
// identification that END may give.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "isa/assembler/statement.hpp"

namespace isa::assembler {

/// The 80 columns, in EBCDIC, that PUNCH's operand holds, a string in apostrophes. Raises SourceError.
std::vector<uint8_t> punch_card(const Statement& s);

/// The card behind REPRO.
std::vector<uint8_t> repro_card(const Statement& s);

/// END's second operand, (name,version,date): 10 characters of name, padded, 4 of version, 5 of date. Raises
/// SourceError.
std::string translator_identification(const Statement& s, Field operand);

}  // namespace isa::assembler
