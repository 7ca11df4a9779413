// A carriage tape in a file: which channels are punched at which lines of the form.
//
//   lines = 66                # of a form
//   [channels]
//   1 = "1"                   # the lines, from 1, of each channel that is punched
//   2 = "7 37"
//   12 = "61"
#pragma once

#include <memory>
#include <string>

#include "simulation/devices/carriage_tape.hpp"

namespace simulation {

/// Throws TomlError: FILE:LINE:COLUMN and what was expected.
std::shared_ptr<const CarriageTape> read_carriage_tape(const std::string& path);

}  // namespace simulation
