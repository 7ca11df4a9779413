// Cost classes: groups of instructions that a machine model gives one price. The isa room only names them.
#pragma once

#include <cstdint>
#include <string_view>

namespace isa {

// COST_CLASS(name, unit): unit is what a "per unit" price is multiplied with (see units_of in
// isa/instruction.hpp).
#define ISA_COST_CLASSES(COST_CLASS)      \
    COST_CLASS(register_op, none)         \
    COST_CLASS(load_op, none)             \
    COST_CLASS(store_op, none)            \
    COST_CLASS(immediate, none)           \
    COST_CLASS(branch, none)              \
    COST_CLASS(branch_count, none)        \
    COST_CLASS(multiply, none)            \
    COST_CLASS(divide, none)              \
    COST_CLASS(shift, none)               \
    COST_CLASS(load_multiple, registers)  \
    COST_CLASS(store_multiple, registers) \
    COST_CLASS(move_bytes, bytes)         \
    COST_CLASS(logic_bytes, bytes)        \
    COST_CLASS(translate_bytes, bytes)    \
    COST_CLASS(move_long, bytes)          \
    COST_CLASS(compare_swap, none)        \
    COST_CLASS(convert, none)             \
    COST_CLASS(pack, bytes)               \
    COST_CLASS(decimal_add, bytes)        \
    COST_CLASS(decimal_multiply, bytes)   \
    COST_CLASS(decimal_divide, bytes)     \
    COST_CLASS(edit, bytes)               \
    COST_CLASS(float_load, none)          \
    COST_CLASS(float_add, none)           \
    COST_CLASS(float_multiply, none)      \
    COST_CLASS(float_divide, none)        \
    COST_CLASS(float_extended, none)      \
    COST_CLASS(execute, none)             \
    COST_CLASS(supervisor_call, none)     \
    COST_CLASS(psw, none)                 \
    COST_CLASS(load_control, registers)   \
    COST_CLASS(control, none)             \
    COST_CLASS(key, none)                 \
    COST_CLASS(timer, none)               \
    COST_CLASS(translate_address, none)   \
    COST_CLASS(purge, none)               \
    COST_CLASS(dual_space, none)          \
    COST_CLASS(io, none)

enum class CostUnit : uint8_t { none, bytes, registers };

enum class CostClass : uint8_t {
#define COST_CLASS(name, unit) name,
    ISA_COST_CLASSES(COST_CLASS)
#undef COST_CLASS
};

inline constexpr unsigned kCostClasses = 0
#define COST_CLASS(name, unit) +1
    ISA_COST_CLASSES(COST_CLASS)
#undef COST_CLASS
    ;

inline constexpr std::string_view kCostClassNames[kCostClasses] = {
#define COST_CLASS(name, unit) #name,
    ISA_COST_CLASSES(COST_CLASS)
#undef COST_CLASS
};

inline constexpr CostUnit kCostUnits[kCostClasses] = {
#define COST_CLASS(name, unit) CostUnit::unit,
    ISA_COST_CLASSES(COST_CLASS)
#undef COST_CLASS
};

}  // namespace isa
