// The bodies of all instructions in the table: function templates over the CPU they act on (isa/cpu.hpp).
#pragma once

#include "isa/semantics/convert.hpp"
#include "isa/semantics/decimal.hpp"
#include "isa/semantics/float_extended.hpp"
#include "isa/semantics/float_short_long.hpp"
