// The bodies of all instructions in the table: function templates over the CPU they act on (isa/cpu.hpp).
#pragma once

#include "isa/semantics/control.hpp"
#include "isa/semantics/convert.hpp"
#include "isa/semantics/decimal.hpp"
#include "isa/semantics/dual_address_space.hpp"
#include "isa/semantics/float_extended.hpp"
#include "isa/semantics/float_short_long.hpp"
#include "isa/semantics/general.hpp"
#include "isa/semantics/immediate_relative.hpp"
#include "isa/semantics/interpretive.hpp"
#include "isa/semantics/io.hpp"
#include "isa/semantics/long_operands.hpp"
#include "isa/semantics/storage_operands.hpp"
#include "isa/semantics/string_operands.hpp"
