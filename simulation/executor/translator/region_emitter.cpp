#include "simulation/executor/translator/region_emitter.hpp"

#include "isa/requirement_check.hpp"
#include "isa/semantics/general.hpp"
#include "isa/semantics/immediate_relative.hpp"
#include "simulation/executor/translator/float_form.hpp"
#include "simulation/executor/translator/host_functions.hpp"
#include "simulation/executor/translator/register_use.hpp"

namespace simulation {

using namespace host;
using asmjit::Imm;
namespace x86 = asmjit::x86;

namespace {

using EmittingBody = void (*)(EmittingCpu&, const isa::Operands&);
constexpr EmittingBody kBodies[] = {
#define BODY_inline(body) &isa::semantics::body<EmittingCpu>
#define BODY_call(body) nullptr
#define INSTRUCTION(mnemonic, opcode, format, privilege, how, body, ...) BODY_##how(body),
#include "isa/instruction_table.inc"
#undef INSTRUCTION
#undef BODY_call
#undef BODY_inline
    nullptr,
};

/// Whether the checks that its row demands are known to find nothing.
bool needs_no_check(const Slot& slot) {
    const unsigned needs = isa::row_of(slot.op).requires_;
    constexpr unsigned kOfText =
        isa::even1 | isa::even2 | isa::even3 | isa::float1 | isa::float2;  // the instruction's alone
    if ((needs & ~kOfText) != 0) return false;
    if ((needs & isa::float1) != 0 && !isa::names_float_register(slot.operands.r1)) return false;
    if ((needs & isa::float2) != 0 && !isa::names_float_register(slot.operands.r2)) return false;
    if ((needs & isa::even1) != 0 && (slot.operands.r1 & 1) != 0) return false;
    return (needs & (isa::even2 | isa::even3)) == 0 || (slot.operands.r2 & 1) == 0;
}

template <auto method>
void emit_by(EmittingCpu& cpu, const isa::Operands& o) {
    (cpu.*method)(o);
}

/// The form in line of an instruction whose body cannot be emitted, if it has one.
EmittingBody form_in_line(const Slot& slot) {
    const isa::Operands& o = slot.operands;
    constexpr unsigned kAllBytes = 15;
    switch (slot.op) {
        case isa::Op::op_LM: return &emit_by<&EmittingCpu::load_multiple>;
        case isa::Op::op_STM: return &emit_by<&EmittingCpu::store_multiple>;
        case isa::Op::op_MVC: return &emit_by<&EmittingCpu::move_characters>;
        case isa::Op::op_CLC: return &emit_by<&EmittingCpu::compare_characters>;
        case isa::Op::op_SLDL: return &emit_by<&EmittingCpu::shift_left_double>;
        case isa::Op::op_SRDL: return &emit_by<&EmittingCpu::shift_right_double>;
        case isa::Op::op_SRDA: return &emit_by<&EmittingCpu::shift_right_double_signed>;
        case isa::Op::op_D:
        case isa::Op::op_DR: return &emit_by<&EmittingCpu::divide>;
        case isa::Op::op_LE:
        case isa::Op::op_LD: return &emit_by<&EmittingCpu::load_float>;
        case isa::Op::op_STE:
        case isa::Op::op_STD: return &emit_by<&EmittingCpu::store_float>;
        case isa::Op::op_LER:
        case isa::Op::op_LDR: return &emit_by<&EmittingCpu::load_float_register>;
        case isa::Op::op_ICM: return o.r2 == kAllBytes ? &emit_by<&EmittingCpu::insert_word> : nullptr;
        case isa::Op::op_XC:
            return o.b1 == o.b2 && o.d1 == o.d2 ? &emit_by<&EmittingCpu::clear_characters>
                                                : &emit_by<&EmittingCpu::exclusive_or_characters>;
        case isa::Op::op_NC: return &emit_by<&EmittingCpu::and_characters>;
        case isa::Op::op_OC: return &emit_by<&EmittingCpu::or_characters>;
        case isa::Op::op_TR: return &emit_by<&EmittingCpu::translate>;
        case isa::Op::op_TRT: return &emit_by<&EmittingCpu::translate_and_test>;
        default: return float_form(slot.op) != nullptr ? &emit_by<&EmittingCpu::compute_float> : nullptr;
    }
}

EmittingBody body_to_emit(const Slot& slot) {
    if (slot.op == isa::Op::invalid || !needs_no_check(slot)) return nullptr;
    if (const EmittingBody form = form_in_line(slot)) return form;
    return kBodies[static_cast<unsigned>(slot.op)];
}

}  // namespace

bool is_called(const Slot& slot) { return body_to_emit(slot) == nullptr; }

namespace {

using ModifiedBody = void (EmittingCpu::*)(const isa::Operands&, unsigned modifier);
ModifiedBody modified_body(isa::Op op) {
    switch (op) {
        case isa::Op::op_MVC: return &EmittingCpu::move_characters_modified;
        case isa::Op::op_CLC: return &EmittingCpu::compare_characters_modified;
        case isa::Op::op_TRT: return &EmittingCpu::translate_and_test_modified;
        case isa::Op::op_TM: return &EmittingCpu::test_under_mask_modified;
        case isa::Op::op_CLI: return &EmittingCpu::compare_immediate_modified;
        default: return nullptr;
    }
}

}  // namespace

bool can_be_emitted(const ExpectedSubject& subject) {
    const isa::Op op = subject.slot.op;
    if (op == isa::Op::invalid || isa::is_relative(isa::row_of(op).format)) return false;
    return subject.modifier != 0 ? modified_body(op) != nullptr : !is_called(subject.slot);
}

RegionEmitter::RegionEmitter(asmjit::CodeHolder& code, Region& region, const RegionPlan& plan,
                             const CpuLayout& layout, const isa::Holes& holes, const Passages& passages,
                             Translator* translator)
    : a_(&code),
      region_(region),
      plan_(plan),
      layout_(layout),
      holes_(holes),
      passages_(passages),
      translator_(translator),
      registers_(plan),
      frame_{layout,        registers_,    a_.newLabel(), a_.newLabel(), a_.newLabel(),
             a_.newLabel(), a_.newLabel(), a_.newLabel(), a_.newLabel(), a_.newLabel(),
             a_.newLabel(), a_.newLabel(), a_.newLabel()},
      cpu_(a_, frame_) {
    for (size_t n = 0; n < plan.nodes.size(); ++n) labels_.push_back(a_.newLabel());
    find_returns();
    count_ways_in();
}

/// How many ways lead to each node: those of a routine that may return there are several.
void RegionEmitter::count_ways_in() {
    ways_in_.assign(plan_.nodes.size(), 0);
    known_conditions_.assign(plan_.nodes.size(), Condition::by_memory);
    ways_in_.front() = 1;  // the entrance
    for (const RegionPlan::Node& node : plan_.nodes)
        for (const int next : node.next)
            if (next != RegionPlan::kOut) ++ways_in_[static_cast<size_t>(next)];
    for (const int n : returns_) ways_in_[static_cast<size_t>(n)] += 2;
}

/// What comes behind a call: where the region may go on when a routine returns.
void RegionEmitter::find_returns() {
    for (const RegionPlan::Node& node : plan_.nodes) {
        const isa::Op op = node.block->last->op;
        if (op != isa::Op::op_BAL && op != isa::Op::op_BALR && op != isa::Op::op_BAS &&
            op != isa::Op::op_BASR)
            continue;
        const uint32_t behind = (node.entry + node.block->length()) & isa::kAddressMask;
        for (size_t n = 0; n < plan_.nodes.size() && returns_.size() < kMostReturns; ++n)
            if (plan_.nodes[n].entry == behind) returns_.push_back(static_cast<int>(n));
    }
}

void RegionEmitter::emit() {
    enter();
    for (size_t n = 0; n < plan_.nodes.size(); ++n) emit_block(n);
    next_in_line_ = plan_.nodes.size();
    for (const auto& passage : far_) passage();
    cpu_.emit_rare_ways();
    emit_routines();
}

// ---- Entering and leaving ----

void RegionEmitter::enter() {
    a_.mov(kTime, layout_.doubleword(layout_.time));
    a_.mov(kCount, layout_.doubleword(layout_.instructions));
    a_.mov(kFirst, layout_.word(layout_.first_operand));
    load_registers(false);
    check_anchors(frame_.leave_in_memory);  // rax says where code left off before this, if there was any
    spend(plan_.nodes.front().block->price_before_last, 0);
}

void RegionEmitter::check_anchors(const Label& otherwise) {
    for (const Anchor& anchor : plan_.anchors) {
        const Operand at = registers_.pinned(anchor.reg) ? Operand(registers_.of(anchor.reg))
                                                         : Operand(layout_.gpr_in_memory(anchor.reg));
        a_.emit(x86::Inst::kIdCmp, at, Imm(static_cast<int32_t>(anchor.value)));
        a_.jne(otherwise);
    }
}

const LeftOff& RegionEmitter::leaving(const LeftOff& left_off) {
    LeftOff& kept = region_.leavings.emplace_back(left_off);
    kept.region = &region_;
    return kept;
}

void RegionEmitter::leave_with(const LeftOff& left_off, const Label& by) {
    a_.mov(x86::rax, address_of(left_off));
    a_.jmp(by);
}

void RegionEmitter::leave(const Passage& passage) {
    leave_with(leaving({.place = LeftOff::Place::between_blocks,
                        .way = static_cast<uint8_t>(passage.way),
                        .block = passage.from->block,
                        .entry = passage.from->entry,
                        .slot = 0,
                        .region = nullptr}),
               frame_.go_over);
}

void RegionEmitter::spend(SimTime time, unsigned instructions) {
    if (time != 0) a_.add(kTime, Imm(time));
    if (instructions != 0) a_.add(kCount, Imm(instructions));
}

void RegionEmitter::save_registers() {
    for (unsigned r = 0; r < 16; ++r)
        if (registers_.pinned(r) && (plan_.written >> r & 1) != 0)
            a_.mov(layout_.gpr_in_memory(r), registers_.of(r));
    a_.mov(layout_.doubleword(layout_.time), kTime);
    a_.mov(layout_.doubleword(layout_.instructions), kCount);
    a_.mov(layout_.word(layout_.first_operand), kFirst);
}

void RegionEmitter::load_registers(bool volatile_only) {
    for (unsigned r = 0; r < 16; ++r)
        if (registers_.pinned(r) && (!volatile_only || registers_.is_volatile(r)))
            a_.mov(registers_.of(r), layout_.gpr_in_memory(r));
}

// ---- Blocks ----

void RegionEmitter::emit_block(size_t n) {
    const RegionPlan::Node& node = plan_.nodes[n];
    next_in_line_ = n + 1;
    a_.bind(labels_[n]);
    cpu_.begin_block(plan_.reaching ? plan_reaches(*node.block, &is_called) : std::vector<Reach>{});
    cpu_.set_condition(known_conditions_[n]);
    for (unsigned k = 0; k < node.block->count; ++k) emit_instruction(node, k);
    end_block(n, is_called(*node.block->last) && subject_of(node) == nullptr);
}

void RegionEmitter::emit_instruction(const RegionPlan::Node& node, unsigned k) {
    const Slot& slot = node.block->slots[k];
    const uint32_t address = (node.entry - node.block->begin + slot.offset) & isa::kAddressMask;
    Site& site = region_.sites.emplace_back();
    site.translator = translator_;
    site.left_off = {.place = LeftOff::Place::in_front_of,
                     .way = 0,
                     .block = node.block,
                     .entry = node.entry,
                     .slot = k,
                     .region = &region_};
    site.slot = &slot;
    site.behind = (node.entry + node.block->length()) & isa::kAddressMask;
    site.last = k + 1 == node.block->count;
    const ExpectedSubject* const subject = site.last ? subject_of(node) : nullptr;
    if (subject != nullptr) site.subject_price = subject->price;
    cpu_.begin(subject != nullptr ? subject->slot : slot, address, site);
    const Condition before = cpu_.condition();
    if (!emit_in_line(slot, subject)) emit_call(node, k, site);
    if (const Label called = cpu_.take_called(); called.isValid()) {
        const Label done = a_.newLabel();
        a_.bind(done);
        cpu_.rarely([this, called, done, &node, k, &site, subject, condition = before,
                     relied_on = cpu_.is_within_reach(), sets = cpu_.sets()] {
            a_.bind(called);
            cpu_.set_condition(condition);
            const Label out = call(node, k, site);
            if (relied_on) return static_cast<void>(a_.jmp(out));
            if (sets) cpu_.adopt_condition_code(*sets);
            // What leads on from here charges for the subject, which has been charged for.
            if (subject != nullptr) spend(-SimTime{subject->price.fixed}, 0);
            a_.jmp(done);
        });
    }
    // One that the 2K block ends behind is the last of its block, as any other.
    if (slot.branch != 0 && !site.last) leave_by_branch_inside(node, k, cpu_.take_branch());
}

bool RegionEmitter::emit_in_line(const Slot& slot, const ExpectedSubject* subject) {
    if (subject != nullptr && subject->modifier != 0) {
        (cpu_.*modified_body(subject->slot.op))(subject->slot.operands, subject->modifier);
        cpu_.charge(subject->price);
        return true;
    }
    const Slot& emitted = subject != nullptr ? subject->slot : slot;
    const EmittingBody body = body_to_emit(emitted);
    if (body != nullptr) body(cpu_, emitted.operands);
    return body != nullptr;
}

const ExpectedSubject* RegionEmitter::subject_of(const RegionPlan::Node& node) const {
    const auto it = plan_.subjects.find(static_cast<size_t>(&node - plan_.nodes.data()));
    return it != plan_.subjects.end() ? &it->second : nullptr;
}

void RegionEmitter::emit_call(const RegionPlan::Node& node, unsigned k, Site& site) {
    const Label out = call(node, k, site);
    cpu_.set_condition(Condition::stored);
    if (register_use(site.slot->op, site.slot->operands).may_write_any) check_anchors(out);
}

Label RegionEmitter::call(const RegionPlan::Node& node, unsigned k, Site& site) {
    site.body = body_of(*site.slot, node.block->variant, holes_);
    cpu_.say_condition();
    a_.mov(x86::rax, address_of(site));
    a_.call(frame_.call);
    const Label out = a_.newLabel();
    a_.jnz(out);
    cpu_.rarely([this, out, &node, k] {
        a_.bind(out);
        leave_with(leaving({.place = LeftOff::Place::behind,
                            .way = 0,
                            .block = node.block,
                            .entry = node.entry,
                            .slot = k,
                            .region = nullptr}),
                   frame_.leave_in_memory);
    });
    return out;
}

void RegionEmitter::leave_by_branch_inside(const RegionPlan::Node& node, unsigned k, const Branch& branch) {
    if (!branch.any) return;
    const Slot& slot = node.block->slots[k];
    const Passage taken{&node, 1u + slot.branch, -SimTime{slot.price_behind}, k + 1};
    if (branch.always) throw std::logic_error("a branch inside of a block that is always taken");
    go_far(taken, branch);
}

void RegionEmitter::go_far(const Passage& taken, const Branch& branch) {
    far_.push_back([this, taken, branch, condition = cpu_.condition()] {
        cpu_.set_condition(condition);
        a_.bind(branch.taken);
        go(taken, branch.target);
    });
}

/// The last instruction has been emitted. `called`: it was called, and has left its PSW in memory.
void RegionEmitter::end_block(size_t n, bool called) {
    const RegionPlan::Node& node = plan_.nodes[n];
    const Block& block = *node.block;
    const uint32_t behind = (node.entry + block.length()) & isa::kAddressMask;
    const ExpectedSubject* const subject = subject_of(node);
    const SimTime price = SimTime{block.last_price} + (subject != nullptr ? subject->price.fixed : 0);
    const Passage on{&node, 0, price, block.count}, taken{&node, 1, price, block.count};
    const Branch branch = cpu_.take_branch();
    if (called) {
        const Label elsewhere = a_.newLabel();
        a_.cmp(layout_.word(layout_.address), Imm(behind));
        a_.jne(elsewhere);
        cpu_.rarely([this, elsewhere, taken] {
            a_.bind(elsewhere);
            cpu_.set_condition(Condition::stored);
            cpu_.say_condition();
            spend(taken.time, taken.instructions);
            leave(taken);
        });
    }
    if (!branch.any) return go_to(on, behind);
    if (branch.always) return go(taken, branch.target);
    go_far(taken, branch);
    go_to(on, behind);
}

// ---- From block to block ----

Value RegionEmitter::known_target(const Value& target) const {
    if (target.kind != Value::Kind::address) return target;
    uint32_t sum = target.constant;
    for (const unsigned r : {target.index, target.base}) {
        if (r == 0) continue;
        const auto anchor = std::find_if(plan_.anchors.begin(), plan_.anchors.end(),
                                         [r](const Anchor& a) { return a.reg == r; });
        if (anchor == plan_.anchors.end()) return target;
        sum += anchor->value;
    }
    return sum & isa::kAddressMask;
}

void RegionEmitter::go(const Passage& passage, const Value& asked) {
    const Value target = known_target(asked);
    if (target.kind == Value::Kind::constant) return go_to(passage, target.constant);
    if (target.kind == Value::Kind::address) {
        cpu_.address_to(x86::eax, target);
        a_.and_(x86::eax, Imm(isa::kAddressMask));
    } else if (target.reg != 0) {
        throw std::logic_error("the target of a branch in an unexpected register");
    }
    const int next = passage.from->next[passage.way];
    const Label elsewhere = a_.newLabel();
    const bool leads_on = next != RegionPlan::kOut;
    if (leads_on) {
        const RegionPlan::Node& to = plan_.nodes[static_cast<size_t>(next)];
        a_.cmp(x86::eax, Imm(to.entry));
        a_.jne(elsewhere);
    }
    const auto leave_for_target = [this, passage, next] {
        go_back(passage, next);
        cpu_.say_condition();
        spend(passage.time, passage.instructions);
        a_.mov(layout_.word(layout_.address), x86::eax);
        leave(passage);
    };
    if (!leads_on) return leave_for_target();
    cpu_.rarely([this, elsewhere, leave_for_target, condition = cpu_.condition()] {
        cpu_.set_condition(condition);
        a_.bind(elsewhere);
        leave_for_target();
    });
    go_on_in(passage, plan_.nodes[static_cast<size_t>(next)]);
}

/// A routine that is called from several places of the region: it may return to any. The target is in eax;
/// not node `expected`.
void RegionEmitter::go_back(const Passage& passage, int expected) {
    const Condition condition = cpu_.condition();
    const size_t in_line = std::exchange(next_in_line_, plan_.nodes.size());  // none may be fallen into
    for (const int n : returns_) {
        if (n == expected) continue;
        const RegionPlan::Node& to = plan_.nodes[static_cast<size_t>(n)];
        const Label not_there = a_.newLabel();
        a_.cmp(x86::eax, Imm(to.entry));
        a_.jne(not_there);
        go_on_in(passage, to);
        a_.bind(not_there);
        cpu_.set_condition(condition);
    }
    next_in_line_ = in_line;
}

void RegionEmitter::go_to(const Passage& passage, uint32_t target) {
    const int next = passage.from->next[passage.way];
    if (next != RegionPlan::kOut && plan_.nodes[static_cast<size_t>(next)].entry == target)
        return go_on_in(passage, plan_.nodes[static_cast<size_t>(next)]);
    cpu_.say_condition();
    spend(passage.time, passage.instructions);
    a_.mov(layout_.word(layout_.address), Imm(target));
    leave(passage);
}

void RegionEmitter::go_on_in(const Passage& passage, const RegionPlan::Node& next) {
    const SimTime ahead = next.block->price_before_last;
    const Label spent = a_.newLabel();
    const auto n = static_cast<size_t>(&next - plan_.nodes.data());
    // Where this is the only way to a block whose code is yet to be made, that will know of the condition
    // code.
    const Condition condition = cpu_.condition();
    const bool is_told = ways_in_[n] == 1 && n >= next_in_line_;
    if (is_told)
        known_conditions_[n] = condition;
    else
        cpu_.say_condition();
    spend(passage.time + ahead, passage.instructions);
    a_.cmp(kTime, layout_.doubleword(layout_.limit));
    a_.jge(spent);
    if (n != next_in_line_) a_.jmp(labels_[n]);
    cpu_.rarely([this, passage, spent, ahead, condition, is_told, entry = next.entry] {
        a_.bind(spent);
        cpu_.set_condition(condition);
        if (is_told) cpu_.say_condition();
        if (ahead != 0) a_.sub(kTime, Imm(ahead));
        a_.mov(layout_.word(layout_.address), Imm(entry));
        leave(passage);
    });
}

// ---- Routines ----

void RegionEmitter::emit_routines() {
    const Label ask_site = a_.newLabel();
    emit_usual_access(frame_.make_accessible, ask_site);
    emit_routine(ask_site, reinterpret_cast<const void*>(&make_accessible), false);
    emit_routine(frame_.call, reinterpret_cast<const void*>(&call_instruction), true);
    emit_routine(frame_.settle_condition, reinterpret_cast<const void*>(&settle_condition_code), false);
    emit_routine(frame_.raise_overflow, reinterpret_cast<const void*>(&raise_fixed_point_overflow), false);
    if (cpu_.computes_float()) emit_float_routine();
    if (cpu_.looks_in_two()) {
        emit_look_in_two(frame_.look_in_two_to_read, layout_.read_tag);
        emit_look_in_two(frame_.look_in_two_to_write, layout_.write_tag);
    }

    a_.bind(frame_.go_over);
    save_registers();
    a_.jmp(passages_.go_over());
    a_.bind(frame_.leave);
    save_registers();
    a_.bind(frame_.leave_in_memory);
    a_.jmp(passages_.leave());

    a_.align(asmjit::AlignMode::kData, 8);
    a_.bind(frame_.marks);
    a_.embedUInt64(layout_.marks);
}

/// General registers of the guest that functions of the host may change, beside these.
std::vector<Gp> RegionEmitter::volatile_registers(std::vector<Gp> kept) const {
    for (unsigned r = 0; r < 16; ++r)
        if (registers_.pinned(r) && registers_.is_volatile(r)) kept.push_back(registers_.of(r).r64());
    return kept;
}

/// Calls a function of the host from a routine that has pushed so much, and leaves these registers on the
/// stack, for restore(). The host's flags are those of the end of `call`.
template <class Call>
void RegionEmitter::call_keeping(const std::vector<Gp>& kept, size_t pushed, Call&& call) {
    const bool fits = (pushed + kept.size()) % 2 != 0;  // the stack is 8 off a multiple of 16 after a call
    for (const Gp& gp : kept) a_.push(gp);
    if (!fits) a_.lea(x86::rsp, x86::ptr(x86::rsp, -8));
    call();
    if (!fits) a_.lea(x86::rsp, x86::ptr(x86::rsp, 8));
}

void RegionEmitter::restore(const std::vector<Gp>& kept) {
    for (size_t i = kept.size(); i-- > 0;) a_.pop(kept[i]);
}

/// Tries make_usually_accessible with what is in rdx and rcx: the host's zero flag is set if that does. If it
/// does not, goes on at `otherwise` with rax, rcx and rdx as they were. All other registers are, but for
/// kReach: nobody looks for an operand while another one relies on those.
void RegionEmitter::emit_usual_access(const Label& label, const Label& otherwise) {
    const std::vector<Gp> asked = {x86::rax, x86::rcx, x86::rdx}, kept = volatile_registers({});
    const Label unknown = a_.newLabel();
    a_.bind(label);
    for (const Gp& gp : asked) a_.push(gp);
    call_keeping(kept, asked.size(), [&] {
        a_.mov(layout_.doubleword(layout_.time), kTime);
        a_.mov(x86::rdi, kCpu);
        a_.mov(x86::rax, Imm(reinterpret_cast<uintptr_t>(&make_usually_accessible)));
        a_.call(x86::rax);
        a_.mov(kTime, layout_.doubleword(layout_.time));
        a_.cmp(x86::al, 1);
    });
    restore(kept);
    a_.jnz(unknown);
    a_.lea(x86::rsp, x86::ptr(x86::rsp, static_cast<int32_t>(8 * asked.size())));
    a_.ret();
    a_.bind(unknown);
    restore(asked);
    a_.jmp(otherwise);
}

/// FloatForm::compute, which is in rax, of what is in rcx and rdx.
void RegionEmitter::emit_float_routine() {
    const std::vector<Gp> kept = volatile_registers({std::begin(kReach), std::end(kReach)});
    a_.bind(frame_.compute_float);
    call_keeping(kept, 0, [&] {
        a_.mov(x86::rdi, x86::rcx);
        a_.mov(x86::rsi, x86::rdx);
        a_.movzx(x86::edx, layout_.byte(layout_.program_mask));
        a_.call(x86::rax);
    });
    restore(kept);
    a_.ret();
}

/// Looks for an operand from the address in eax on, up to the byte that is ecx behind it, in two blocks that
/// are at hand one behind the other on the host. If it is there the host's zero flag is on, rcx has the first
/// block and rax where in it; else rax is as it was.
void RegionEmitter::emit_look_in_two(const Label& label, int32_t tag) {
    constexpr auto kBlockMask = static_cast<int32_t>(isa::kAddressMask & ~(kBlock - 1));
    const Label no = a_.newLabel(), not_the_other = a_.newLabel();
    // The entry for the address in `at`: its offset in edx. Changes `at`.
    const auto find = [&](const Gp& at, const Label& otherwise) {
        a_.mov(x86::edx, at);
        a_.shr(x86::edx, 7);
        a_.and_(x86::edx, 0x1FF0);
        a_.and_(at, kBlockMask);
        a_.or_(at, layout_.word(layout_.context));
        a_.cmp(at, x86::dword_ptr(kCpu, x86::rdx, 0, tag));
        a_.jne(otherwise);
    };
    a_.bind(label);
    a_.add(x86::ecx, x86::eax);
    a_.push(x86::rax);
    a_.push(x86::rcx);
    find(x86::eax, not_the_other);
    a_.mov(x86::rax, x86::qword_ptr(kCpu, x86::rdx, 0, layout_.block));
    find(x86::ecx, not_the_other);
    a_.mov(x86::rdx, x86::qword_ptr(kCpu, x86::rdx, 0, layout_.block));
    a_.sub(x86::rdx, kBlock);
    a_.cmp(x86::rdx, x86::rax);
    a_.bind(not_the_other);
    a_.pop(x86::rcx);  // which leaves the flags
    a_.pop(x86::rcx);
    a_.jne(no);
    a_.xchg(x86::rax, x86::rcx);
    a_.and_(x86::eax, static_cast<int32_t>(kBlock - 1));
    a_.cmp(x86::eax, x86::eax);
    a_.ret();
    a_.bind(no);
    a_.mov(x86::rax, x86::rcx);
    a_.ret();
}

/// Gives a function of the host the site, which is in rax, beside what is in rcx and rdx for it; what it
/// answers is told by the host's zero flag. The stack is as after a call.
void RegionEmitter::emit_routine(const Label& label, const void* function, bool changes_registers) {
    a_.bind(label);
    a_.sub(x86::rsp, 8);
    save_registers();
    a_.mov(x86::rdi, kCpu);
    a_.mov(x86::rsi, x86::rax);
    a_.mov(x86::rax, Imm(reinterpret_cast<uintptr_t>(function)));
    for (const Gp& reach : kReach) a_.push(reach);
    a_.call(x86::rax);
    for (size_t i = kReaches; i-- > 0;) a_.pop(kReach[i]);
    load_registers(!changes_registers);
    a_.mov(kTime, layout_.doubleword(layout_.time));
    if (changes_registers) a_.mov(kCount, layout_.doubleword(layout_.instructions));
    a_.add(x86::rsp, 8);
    a_.test(x86::eax, x86::eax);
    a_.ret();
}

}  // namespace simulation
