// Interruptions in words, for traces and stories.
#pragma once

#include <string>

#include "isa/interruption.hpp"
#include "isa/psw.hpp"

namespace vmcp::experiment {

/// "program interruption, code 0002: privileged operation", "supervisor call 12", "I/O interruption from
/// 009".
std::string interruption_text(const isa::Interruption& interruption);

/// The same in two or three words: "privileged operation", "SVC 12", "I/O 009", "clock comparator".
std::string interruption_name(const isa::Interruption& interruption);

std::string_view name_of(isa::ExternalCode code);

/// Where the hardware stores the old PSW and finds the new one: real addresses.
struct PswPlaces {
    uint32_t old_psw, new_psw;
};
PswPlaces psw_places(const isa::Interruption& interruption);

/// What the bits of a PSW mean, in the order in which one asks: "supervisor state, BC mode, key=0, CC=0,
/// disabled".
std::string psw_meaning(const isa::Psw& psw);

}  // namespace vmcp::experiment
