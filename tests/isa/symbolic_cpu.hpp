// A CPU whose values are not there yet: instead of executing a body it records what the body would have done,
// as a back end that emits code does. A value has no conversion, not even to bool, so a body that decides on
// one does not compile. What was recorded can be replayed on a CPU that executes.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "isa/evaluator.hpp"
#include "tests/isa/test_cpu.hpp"

namespace isa::test {

/// Executes the bodies that a translator may emit, behind whatever instruction lies in front of the PSW's
/// address.
class ExecutingCpu : public TestCpu, public Evaluator<ExecutingCpu> {
  public:
    using TestCpu::program_check;

    uint32_t load_address(unsigned x, unsigned b, unsigned d) const { return address(x, b, d); }
    uint32_t update8(uint32_t a) {
        probe_store(a, 1);
        return load8(a);
    }
    uint32_t next_address() const { return state.psw.address; }
    uint32_t link_information() const { return 2u << 30 | code_and_mask_ahead() | next_address(); }
    uint32_t relative_target(int32_t halfwords) const {
        return (next_address() - 4 + 2 * static_cast<uint32_t>(halfwords)) & kAddressMask;
    }
    void branch(uint32_t target) { state.psw.address = target; }
    void set_code_and_mask(uint32_t word) {
        state.psw.condition_code = word >> 28 & 3;
        state.psw.program_mask = word >> 24 & 0xF;
    }

  private:
    uint32_t code_and_mask_ahead() const { return condition_code() << 28 | program_mask() << 24; }
};

/// What recorded values come to, in a replay.
using Values = std::vector<uint64_t>;

class SymbolicCpu;

/// A value of type T that is a constant of the instruction's text, or will be known when it is executed.
template <class T>
class Symbol {
  public:
    Symbol(T constant) : constant_(constant), text_(fmt::format("{:X}", constant)) {}
    Symbol(SymbolicCpu& cpu, size_t place, std::string text)
        : cpu_(&cpu), place_(place), text_(std::move(text)) {}

    const std::string& text() const { return text_; }
    T value(const Values& values) const {
        return cpu_ != nullptr ? static_cast<T>(values[place_]) : constant_;
    }

    friend Symbol operator+(const Symbol& a, const Symbol& b) { return combined(a, "+", b, std::plus<T>()); }
    friend Symbol operator-(const Symbol& a, const Symbol& b) { return combined(a, "-", b, std::minus<T>()); }
    friend Symbol operator*(const Symbol& a, const Symbol& b) {
        return combined(a, "*", b, std::multiplies<T>());
    }
    friend Symbol operator&(const Symbol& a, const Symbol& b) {
        return combined(a, "&", b, std::bit_and<T>());
    }
    friend Symbol operator|(const Symbol& a, const Symbol& b) {
        return combined(a, "|", b, std::bit_or<T>());
    }
    friend Symbol operator^(const Symbol& a, const Symbol& b) {
        return combined(a, "^", b, std::bit_xor<T>());
    }
    friend Symbol operator>>(const Symbol& a, unsigned n) {
        return combined(a, ">>", Symbol(n), [](T x, T y) -> T { return x >> y; });
    }
    friend Symbol operator<<(const Symbol& a, unsigned n) {
        return combined(a, "<<", Symbol(n), [](T x, T y) -> T { return x << y; });
    }

  private:
    template <class F>
    static Symbol combined(const Symbol& a, const char* sign, const Symbol& b, F f);

    SymbolicCpu* cpu_ = nullptr;  // that recorded it; none for a constant
    size_t place_ = 0;
    T constant_ = 0;
    std::string text_;
};

class SymbolicCpu {
  public:
    using Word = Symbol<uint32_t>;
    using Double = Symbol<uint64_t>;

    SymbolicCpu() = default;
    SymbolicCpu(const SymbolicCpu&) = delete;  // its values know it
    SymbolicCpu& operator=(const SymbolicCpu&) = delete;

    /// What changes the CPU or its storage, one a line, with the values as expressions.
    const std::string& effects() const { return effects_; }

    /// Does on a CPU what was recorded, in the order in which it was. Throws ProgramCheck as that CPU does.
    void replay(ExecutingCpu& cpu) const {
        Values values(steps_.size());
        for (size_t i = 0; i < steps_.size(); ++i) values[i] = steps_[i](cpu, values);
    }

    // ---- What bodies ask of a CPU ----
    // A function of the executing CPU: recorded by its name, with its arguments.
#define RECORD(Result, name)                                                                                 \
    template <class... Arguments>                                                                            \
    auto name(const Arguments&... arguments) {                                                               \
        return call<Result>(                                                                                 \
            #name, [](ExecutingCpu& cpu, auto... now) { return cpu.name(now...); }, as_value(arguments)...); \
    }
    RECORD(Word, address)
    RECORD(Word, load_address)
    RECORD(Word, next_address)
    RECORD(Word, relative_target)
    RECORD(Word, link_information)
    RECORD(Word, code_and_mask)
    RECORD(Word, gpr)
    RECORD(void, set_gpr)
    RECORD(void, set_gpr_pair)
    RECORD(void, set_code_and_mask)
    RECORD(Word, load8)
    RECORD(Word, load16)
    RECORD(Word, load32)
    RECORD(Word, update8)
    RECORD(void, store8)
    RECORD(void, store16)
    RECORD(void, store32)
    RECORD(Word, extend_halfword)
    RECORD(Word, add_signed)
    RECORD(Word, subtract_signed)
    RECORD(void, compare_signed)
    RECORD(Word, complement)
    RECORD(Word, positive)
    RECORD(Word, negative)
    RECORD(Word, add_logical)
    RECORD(Word, subtract_logical)
    RECORD(Word, add_logical_with_carry)
    RECORD(Word, subtract_logical_with_borrow)
    RECORD(void, compare_logical)
    RECORD(void, test_under_mask)
    RECORD(void, test_under_mask_halfword)
    RECORD(Double, multiply_signed)
    RECORD(Double, multiply_unsigned)
    RECORD(Word, shift_left)
    RECORD(Word, shift_right)
    RECORD(Word, shift_right_signed)
    RECORD(Word, rotate_left)
    RECORD(Word, reverse_bytes)
    RECORD(Word, reverse_halfword)
    RECORD(void, branch)
    RECORD(void, branch_on_mask)
    RECORD(void, branch_if_not_zero)
    RECORD(void, branch_if_greater)
    RECORD(void, branch_if_not_greater)
    RECORD(void, trap_on_overflow)
#undef RECORD
    // The value is passed through, the condition code changes.
    Word test_signed(const Word& a) { return tested("test_signed", a, &ExecutingCpu::test_signed); }
    Word test_bits(const Word& a) { return tested("test_bits", a, &ExecutingCpu::test_bits); }

    /// One more step, whose result is the value.
    template <class T>
    Symbol<T> record(std::string text, std::function<uint64_t(ExecutingCpu&, const Values&)> step) {
        steps_.push_back(std::move(step));
        return {*this, steps_.size() - 1, std::move(text)};
    }

  private:
    template <class T>
    static Symbol<T> as_value(const Symbol<T>& symbol) {
        return symbol;
    }
    static Word as_value(uint32_t constant) { return constant; }  // of the instruction's text

    template <class Result, class F, class... Arguments>
    Result call(const char* name, F f, const Arguments&... arguments) {
        std::string text;
        ((text += (text.empty() ? "" : ", ") + arguments.text()), ...);
        text = fmt::format("{}({})", name, text);
        if constexpr (std::is_void_v<Result>) {
            effects_ += text + "\n";
            steps_.push_back([=](ExecutingCpu& cpu, const Values& values) -> uint64_t {
                f(cpu, arguments.value(values)...);
                return 0;
            });
        } else {
            using T = decltype(std::declval<Result>().value(Values{}));
            return record<T>(text, [=](ExecutingCpu& cpu, const Values& values) -> uint64_t {
                return f(cpu, arguments.value(values)...);
            });
        }
    }
    Word tested(const char* name, const Word& a, uint32_t (Evaluator<ExecutingCpu>::*test)(uint32_t)) {
        effects_ += fmt::format("{}({})\n", name, a.text());
        return record<uint32_t>(a.text(), [=](ExecutingCpu& cpu, const Values& values) -> uint64_t {
            return (cpu.*test)(a.value(values));
        });
    }

    std::vector<std::function<uint64_t(ExecutingCpu&, const Values&)>> steps_;
    std::string effects_;
};

template <class T>
template <class F>
Symbol<T> Symbol<T>::combined(const Symbol& a, const char* sign, const Symbol& b, F f) {
    SymbolicCpu* const cpu = a.cpu_ != nullptr ? a.cpu_ : b.cpu_;
    if (cpu == nullptr) return f(a.constant_, b.constant_);
    return cpu->record<T>(
        fmt::format("({} {} {})", a.text(), sign, b.text()),
        [=](ExecutingCpu&, const Values& values) -> uint64_t { return f(a.value(values), b.value(values)); });
}

}  // namespace isa::test
