#include "simulation/executor/translator/float_form.hpp"

#include "isa/hex_float_inline.hpp"
#include "isa/semantics/float_extended.hpp"
#include "isa/semantics/float_short_long.hpp"

namespace simulation {
namespace {

/// The operands of one instruction.
class FloatOperands {
  public:
    static constexpr isa::Operands kOperands{.r1 = 0, .r2 = 2};

    FloatOperands(uint64_t first, uint64_t second, uint32_t program_mask)
        : first_(first), second_(second), result_(first), program_mask_(program_mask) {}

    uint64_t fpr(unsigned n) const { return n == kOperands.r1 ? first_ : second_; }
    void set_fpr(unsigned, uint64_t value) { result_ = value; }
    uint32_t address(unsigned, unsigned, unsigned) const { return 0; }
    uint32_t load32(uint32_t) const { return static_cast<uint32_t>(second_); }
    uint64_t load64(uint32_t) const { return second_; }
    unsigned program_mask() const { return program_mask_; }
    void set_condition_code(unsigned code) { code_ = code; }
    void program_check(isa::ProgramCode) { code_ = FloatForm::kNoResult; }

    uint64_t result() const { return result_; }
    uint32_t code() const { return code_; }

  private:
    uint64_t first_, second_, result_;
    uint32_t program_mask_, code_ = 0;
};

template <auto body>
uint32_t compute(uint64_t* first, uint64_t second, uint32_t program_mask) {
    FloatOperands operands(*first, second, program_mask);
    body(operands, FloatOperands::kOperands);
    if (operands.code() != FloatForm::kNoResult) [[likely]]
        *first = operands.result();
    return operands.code();
}

}  // namespace

const FloatForm* float_form(isa::Op op) {
#define FORM(mnemonic, body, bytes, code)                                                              \
    case isa::Op::op_##mnemonic: {                                                                     \
        static constexpr FloatForm kForm{&compute<&isa::semantics::body<FloatOperands>>, bytes, code}; \
        return &kForm;                                                                                 \
    }
    switch (op) {
        FORM(AER, add_normalized_short_register, 0, true)
        FORM(AE, add_normalized_short, 4, true)
        FORM(ADR, add_normalized_long_register, 0, true)
        FORM(AD, add_normalized_long, 8, true)
        FORM(AUR, add_unnormalized_short_register, 0, true)
        FORM(AU, add_unnormalized_short, 4, true)
        FORM(AWR, add_unnormalized_long_register, 0, true)
        FORM(AW, add_unnormalized_long, 8, true)
        FORM(SER, subtract_normalized_short_register, 0, true)
        FORM(SE, subtract_normalized_short, 4, true)
        FORM(SDR, subtract_normalized_long_register, 0, true)
        FORM(SD, subtract_normalized_long, 8, true)
        FORM(SUR, subtract_unnormalized_short_register, 0, true)
        FORM(SU, subtract_unnormalized_short, 4, true)
        FORM(SWR, subtract_unnormalized_long_register, 0, true)
        FORM(SW, subtract_unnormalized_long, 8, true)
        FORM(CER, compare_short_register, 0, true)
        FORM(CE, compare_short, 4, true)
        FORM(CDR, compare_long_register, 0, true)
        FORM(CD, compare_long, 8, true)
        FORM(MER, multiply_short_register, 0, false)
        FORM(ME, multiply_short, 4, false)
        FORM(MDR, multiply_long_register, 0, false)
        FORM(MD, multiply_long, 8, false)
        FORM(DER, divide_short_register, 0, false)
        FORM(DE, divide_short, 4, false)
        FORM(DDR, divide_long_register, 0, false)
        FORM(DD, divide_long, 8, false)
        FORM(LTER, load_and_test_short, 0, true)
        FORM(LTDR, load_and_test_long, 0, true)
        FORM(LCER, load_complement_short, 0, true)
        FORM(LCDR, load_complement_long, 0, true)
        FORM(LNER, load_negative_short, 0, true)
        FORM(LNDR, load_negative_long, 0, true)
        FORM(LPER, load_positive_short, 0, true)
        FORM(LPDR, load_positive_long, 0, true)
        FORM(HER, halve_short, 0, false)
        FORM(HDR, halve_long, 0, false)
        FORM(LRER, load_rounded_short, 0, false)
        default: return nullptr;
    }
#undef FORM
}

}  // namespace simulation
