// The CPU that instruction bodies act on when they are translated: instead of executing, it emits code of the
// host that will. Its words are values that will be there then. Bodies do not decide on words, so each is run
// once, from top to bottom, and what it asked for is the translation (isa/semantics/general.hpp).
//
// Whatever may refuse an access, or takes more than a few instructions, comes before anything is changed: the
// code leaves off in front of the instruction then, and the interpreter executes it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "simulation/executor/translator/condition.hpp"
#include "simulation/executor/translator/host_code.hpp"

namespace simulation {

class EmittingCpu;

/// A word (or, as a product, two) that will be there when the code is executed.
struct Value {
    enum class Kind : uint8_t {
        constant,
        guest,    // what general register `reg` holds
        host,     // in register `reg` of the host: 0 rax, 1 rcx, 2 rdx
        address,  // general registers `index` and `base`, if not 0, plus `constant`, of which 24 bits
    };
    Kind kind = Kind::constant;
    uint8_t reg = 0, index = 0, base = 0;
    uint32_t constant = 0;
    EmittingCpu* cpu = nullptr;

    Value(uint32_t c = 0) : constant(c) {}
    Value(Kind k, unsigned r, EmittingCpu* of) : kind(k), reg(static_cast<uint8_t>(r)), cpu(of) {}
};
Value operator+(const Value& a, const Value& b);
Value operator-(const Value& a, const Value& b);
Value operator*(const Value& a, const Value& b);
Value operator&(const Value& a, const Value& b);
Value operator|(const Value& a, const Value& b);
Value operator^(const Value& a, const Value& b);
Value operator>>(const Value& a, unsigned n);

/// The code of a region while it is made, apart from its instructions: what those need.
struct RegionFrame {
    const CpuLayout& layout;
    const PinnedRegisters& registers;
    // Where the region has, behind the code of its instructions:
    host::Label make_accessible, call, settle_condition, raise_overflow, compute_float, look_in_two_to_read,
        look_in_two_to_write;     // routines (region_emitter.cpp)
    host::Label leave;            // what ends it, with the place where it left off in rax
    host::Label go_over;          // the same between two blocks
    host::Label leave_in_memory;  // ... where everything is in memory already
    host::Label marks;            // CpuLayout::marks
};

class EmittingCpu {
  public:
    using Word = Value;
    /// Where the branch of an instruction goes to, if it has one.
    struct Branch {
        bool any = false, always = false;
        host::Label taken;  // where it is conditional
        Value target;
    };

    EmittingCpu(asmjit::x86::Assembler& assembler, const RegionFrame& frame) : a_(assembler), frame_(frame) {}

    // ---- What the region's emitter says ----
    void begin_block(std::vector<Reach> reaches) {
        reaches_ = std::move(reaches);
        set_condition(Condition::by_memory);
    }
    /// The instruction that will be emitted, where it lies, and its site.
    void begin(const Slot& slot, uint32_t address, Site& site);
    /// Whether what is behind the present instruction relies on what is at hand now.
    bool is_within_reach() const;
    Branch take_branch() { return std::exchange(branch_, {}); }
    /// How the condition code is found here.
    Condition condition() const { return condition_; }
    void set_condition(Condition condition) {
        condition_ = condition;
        flags_at_ = kNever;
    }
    /// What is rarely executed, behind everything else.
    void emit_rare_ways();
    /// The address, of 24 bits, in this register.
    void address_to(const host::Gp& to, const Value& address);
    /// Where the code leaves off in front of the present instruction.
    host::Label in_front();
    /// Where the present instruction is called instead, if it asks for that.
    host::Label take_called() { return std::exchange(called_, {}); }
    /// How it sets the condition code, if it does.
    std::optional<Condition> sets() const { return sets_; }
    /// The PSW has the condition code that the instruction has set when it was called: makes operands of it.
    void adopt_condition_code(Condition sets);
    /// Says in memory how the condition code is found, if memory does not say so already.
    void say_condition() { say(condition_); }
    template <class Emit>
    void rarely(Emit&& emit) {
        rare_.push_back(std::forward<Emit>(emit));
    }

    // ---- Frequent instructions whose bodies decide (frequent_instructions.cpp) ----
    void load_multiple(const isa::Operands& o);
    void store_multiple(const isa::Operands& o);
    void insert_word(const isa::Operands& o);
    void move_characters(const isa::Operands& o);
    void compare_characters(const isa::Operands& o);
    void clear_characters(const isa::Operands& o);
    void and_characters(const isa::Operands& o) { combine_characters(o, asmjit::x86::Inst::kIdAnd); }
    void or_characters(const isa::Operands& o) { combine_characters(o, asmjit::x86::Inst::kIdOr); }
    void exclusive_or_characters(const isa::Operands& o) { combine_characters(o, asmjit::x86::Inst::kIdXor); }
    void translate(const isa::Operands& o);
    void translate_and_test(const isa::Operands& o);
    void shift_left_double(const isa::Operands& o) { shift_double(o, asmjit::x86::Inst::kIdShl); }
    void shift_right_double(const isa::Operands& o) { shift_double(o, asmjit::x86::Inst::kIdShr); }
    void shift_right_double_signed(const isa::Operands& o) { shift_double(o, asmjit::x86::Inst::kIdSar); }
    void divide(const isa::Operands& o);
    void load_float(const isa::Operands& o);
    void store_float(const isa::Operands& o);
    void load_float_register(const isa::Operands& o);
    void compute_float(const isa::Operands& o);
    /// Whether an instruction was emitted that needs the routine for that.
    bool computes_float() const { return computes_float_; }
    /// Whether one was that needs the routines for operands in two blocks.
    bool looks_in_two() const { return looks_in_two_; }

    // ---- Subjects of EXECUTE whose length code or immediate is or-ed with the last byte of a register
    //      (executed_instructions.cpp) ----
    void move_characters_modified(const isa::Operands& o, unsigned modifier);
    void compare_characters_modified(const isa::Operands& o, unsigned modifier);
    void translate_and_test_modified(const isa::Operands& o, unsigned modifier);
    void test_under_mask_modified(const isa::Operands& o, unsigned modifier);
    void compare_immediate_modified(const isa::Operands& o, unsigned modifier);
    /// Adds to the time what depends on a register.
    void charge(const SubjectPrice& price);

    // ---- isa::Cpu ----
    Value gpr(unsigned r);
    void set_gpr(unsigned r, const Value& v);
    void set_gpr_pair(unsigned even, const Value& product);
    Value address(unsigned b, unsigned d) { return address(0, b, d); }
    Value address(unsigned x, unsigned b, unsigned d);
    Value load_address(unsigned x, unsigned b, unsigned d);
    Value next_address() const { return next_address_; }
    Value relative_target(int32_t halfwords) const {
        return (here_ + 2 * static_cast<uint32_t>(halfwords)) & isa::kAddressMask;
    }
    Value link_information();
    Value code_and_mask();
    void set_code_and_mask(const Value& word);

    Value load8(const Value& address);
    Value load16(const Value& address);
    Value load32(const Value& address);
    Value update8(const Value& address);
    void store8(const Value& address, const Value& v);
    void store16(const Value& address, const Value& v);
    void store32(const Value& address, const Value& v);

    // ---- isa::Evaluator ----
    Value extend_halfword(const Value& a);
    Value add_signed(const Value& a, const Value& b) {
        return add(a, b, asmjit::x86::Inst::kIdAdd, Condition::added);
    }
    Value subtract_signed(const Value& a, const Value& b) {
        return add(a, b, asmjit::x86::Inst::kIdSub, Condition::subtracted);
    }
    Value add_logical(const Value& a, const Value& b) {
        return add(a, b, asmjit::x86::Inst::kIdAdd, Condition::added_logical);
    }
    Value subtract_logical(const Value& a, const Value& b) {
        return add(a, b, asmjit::x86::Inst::kIdSub, Condition::subtracted_logical);
    }
    Value add_logical_with_carry(const Value& a, const Value& b) { return add_with_carry(a, b, false); }
    Value subtract_logical_with_borrow(const Value& a, const Value& b) { return add_with_carry(a, b, true); }
    void compare_signed(const Value& a, const Value& b) { compare(a, b, Condition::compared); }
    void compare_logical(const Value& a, const Value& b) { compare(a, b, Condition::compared_logical); }
    Value complement(const Value& a) { return subtract_signed(0, a); }
    Value positive(const Value& a);
    Value negative(const Value& a);
    Value test_signed(const Value& a) { return test(a, Condition::sign); }
    Value test_bits(const Value& a) { return test(a, Condition::bits); }
    void test_under_mask(const Value& value, const Value& mask) {
        test_masked(value, mask, Condition::masked);
    }
    void test_under_mask_halfword(const Value& value, const Value& mask) {
        test_masked(value, mask, Condition::masked_halfword);
    }
    Value multiply_signed(const Value& a, const Value& b);
    Value multiply_unsigned(const Value& a, const Value& b);
    Value shift_left(const Value& a, const Value& n) { return shift(a, n, asmjit::x86::Inst::kIdShl); }
    Value shift_right(const Value& a, const Value& n) { return shift(a, n, asmjit::x86::Inst::kIdShr); }
    Value shift_right_signed(const Value& a, const Value& n) {
        return shift(a, n, asmjit::x86::Inst::kIdSar);
    }
    Value rotate_left(const Value& a, const Value& n) { return shift(a, n, asmjit::x86::Inst::kIdRol); }
    Value reverse_bytes(const Value& a);
    Value reverse_halfword(const Value& a);
    void branch(const Value& target);
    void branch_on_mask(unsigned mask, const Value& target);
    void branch_if_not_zero(const Value& a, const Value& target);
    void branch_if_greater(const Value& a, const Value& b, const Value& target) {
        branch_if(a, b, asmjit::x86::CondCode::kSignedGT, target);
    }
    void branch_if_not_greater(const Value& a, const Value& b, const Value& target) {
        branch_if(a, b, asmjit::x86::CondCode::kSignedLE, target);
    }
    void trap_on_overflow();

    // ---- Operators of values ----
    Value combine(asmjit::InstId operation, const Value& a, const Value& b);
    Value shift_word_right(const Value& a, unsigned n);

  private:
    static constexpr size_t kNever = ~size_t{0};

    // ---- Values and registers of the host ----
    host::Gp new_temporary();
    void free_temporary(const Value& v);
    static host::Gp temporary(unsigned n);
    Value host_value(const host::Gp& gp);
    /// In a register of the host that may be changed.
    host::Gp own(const Value& v);
    /// As the source of an instruction: a register, a word in memory or a constant.
    host::Operand source(const Value& v);
    void move_to(const host::Gp& to, const Value& v);
    /// A move leaves the flags of the host alone.
    void mov(const host::Operand& to, const host::Operand& from);
    host::Operand place_of(unsigned r) const;
    bool is_result(const Value& v) const;
    bool stores_only_last_bytes() const;
    bool is_changed_before_use(unsigned r) const;

    // ---- Storage (storage_access.cpp) ----
    /// Looks for the operand, for found().
    void find(const Value& address, unsigned length, bool storing);
    void find_reach(const Reach& reach, const Value& address, unsigned length, bool storing);
    /// Looks for `length` bytes from an address on in the access cache: rcx gets their 2K block, rax where in
    /// it.
    void look_up(const Value& address, unsigned length, bool storing, const host::Label& missing);
    /// The same, for one byte more than a register says.
    void look_up(const Value& address, const host::Gp& length_code, bool storing, const host::Label& missing);
    /// The same, up to the byte at `last` if rax is the address of the first.
    void look_up(const Value& address, const host::Mem& last, bool storing, const host::Label& missing);
    /// The same for an operand that may lie in two blocks: found, too, if these are neighbours on the host,
    /// and else the instruction is called. Behind its first byte there are at most 256 more.
    void look_up_wherever(const Value& address, const host::Mem& last, bool storing);
    void look_for_marks(unsigned length);
    host::Label called();
    /// Of an instruction with two: where the second one lies on the host goes to kept_pointer(), and the
    /// first is found as by look_up. `last_of_second`, `last`: their last bytes, as look_up_wherever has
    /// them.
    void look_up_both(const isa::Operands& o, const host::Mem& last_of_second, const host::Mem& last,
                      bool storing);
    /// A place on the stack, for as long as the instruction.
    static host::Mem kept_pointer() { return asmjit::x86::qword_ptr(asmjit::x86::rsp, 16); }
    /// The operands of an instruction with two: the first one in rcx, the second in rdx, as host addresses.
    void find_both(const isa::Operands& o, unsigned length, bool storing);
    /// The last byte of register `modifier`, or-ed with `code`.
    void modified(const host::Gp& to, unsigned modifier, uint32_t code);
    Value modified_immediate(const isa::Operands& o, unsigned modifier);
    /// As find_both, of one byte more than that says.
    void find_both_modified(const isa::Operands& o, unsigned modifier, bool storing);
    void step_both(unsigned bytes);
    // Of strings (string_instructions.cpp).
    void call_if_behind(unsigned length);
    void spread_byte(unsigned length);
    void combine_characters(const isa::Operands& o, asmjit::InstId operation);
    template <class Emit>
    void test_translated(Emit&& address_of_byte);
    /// What a comparison of rax with this, as unsigned numbers, sets the condition code by; changes rcx.
    void keep_order(const host::Gp& second);
    /// Part of the operand that was found.
    host::Mem found(unsigned length, unsigned offset = 0) const;
    /// Asks the CPU to make the operand accessible, whose address is `offset` more than rax.
    void ask_for(unsigned length, bool storing, uint32_t offset);
    bool is_within_reach_of_another(const Reach& one) const;
    /// A rare way of an instruction: its site, and how the condition code was found then.
    void begin_rarely(Site& site, Condition condition);
    void put(const Value& v, unsigned length);
    void keep(const Value& v);

    // ---- Condition code (condition_emitter.cpp) ----
    Value add(const Value& a, const Value& b, asmjit::InstId operation, Condition condition);
    Value add_with_carry(const Value& a, const Value& b, bool complemented);
    void compare(const Value& a, const Value& b, Condition condition);
    Value test(const Value& a, Condition condition);
    void test_masked(const Value& value, const Value& mask, Condition condition);
    void keep_second(const host::Operand& operand);
    void set_by(Condition condition, bool flags_hold);
    void say(Condition condition);
    /// Makes the flags of the host those that the condition code is found from.
    void need_flags();
    void jump_on_mask(unsigned mask, const host::Label& to);
    void jump_on_overflow_mask(unsigned mask, const host::Label& to);
    void jump_on_carry_mask(unsigned mask, const host::Label& to);
    void jump_on_selection_mask(unsigned mask, const host::Label& to);
    void jump_on_stored_code(unsigned mask, const host::Label& to);
    /// Works it out, into the PSW.
    void store_condition_code();

    Value shift(const Value& a, const Value& n, asmjit::InstId operation);
    void shift_double(const isa::Operands& o, asmjit::InstId operation);
    /// An even-odd pair of registers in rax; changes rdx.
    void load_pair(unsigned even);
    host::Mem float_register(unsigned r, unsigned length) const;
    void branch_if(const Value& a, const Value& b, asmjit::x86::CondCode code, const Value& target);
    /// Where the code that a conditional branch takes begins.
    const host::Label& perhaps_branch(const Value& target);

    asmjit::x86::Assembler& a_;
    const RegionFrame& frame_;
    std::vector<std::function<void()>> rare_;
    std::vector<Reach> reaches_;  // of the present block

    // Of the present instruction.
    const Slot* slot_ = nullptr;
    uint32_t here_ = 0, next_address_ = 0;
    Site* site_ = nullptr;
    host::Label in_front_, called_;
    unsigned temporaries_ = 0;  // that are in use, a bit each
    bool updating_ = false;     // the operand was found for storing already
    host::Mem operand_;         // where it is
    Branch branch_;
    std::optional<Condition> sets_;

    bool keeps_length_code_ = false;  // of EXECUTE, in kReach[0]
    bool computes_float_ = false, looks_in_two_ = false;
    Condition condition_ = Condition::by_memory;
    size_t flags_at_ =
        kNever;  // at this place of the code the host's flags are of what set the condition code
    size_t count_at_ = kNever;  // ... are of a count that was made less
};

}  // namespace simulation
