#include "simulation/executor/translator/condition.hpp"

#include "isa/evaluator.hpp"

namespace simulation {
namespace {

/// What the interpreter works it out with.
struct CodeOnly : isa::Evaluator<CodeOnly> {
    unsigned code = 0;
    void set_condition_code(unsigned c) { code = c; }
    unsigned condition_code() const { return code; }
};

}  // namespace

unsigned condition_code_of(Condition condition, uint32_t a, uint32_t b) {
    CodeOnly of;
    switch (condition) {
        case Condition::sign: of.test_signed(a); break;
        case Condition::bits: of.test_bits(a); break;
        case Condition::compared: of.compare_signed(a, b); break;
        case Condition::compared_logical: of.compare_logical(a, b); break;
        case Condition::added: of.add_signed(a, b); break;
        case Condition::subtracted: of.subtract_signed(a, b); break;
        case Condition::added_logical: of.add_logical(a, b); break;
        case Condition::subtracted_logical: of.subtract_logical(a, b); break;
        case Condition::masked: of.test_under_mask(a, b); break;
        case Condition::masked_halfword: of.test_under_mask_halfword(a, b); break;
        default: break;
    }
    return of.code;
}

}  // namespace simulation
