// A spool file as a file of the host: one line of JSON that says what it is, then the records
// (SpoolRecords). docs/spooling.md describes it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "vmcp/spool/spool_file.hpp"

namespace vmcp {

/// What is wrong with the bytes of a file; one line, without the name of the file.
struct SpoolFormatError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The contents of the file. The same spool file always gives the same bytes.
std::string encode(const SpoolFile& file);
/// The inverse. Throws SpoolFormatError where they are no spool file, damaged, or of a later format.
SpoolFile decode_spool_file(std::string_view bytes);

}  // namespace vmcp
