#include "simulation/executor/interpreter.hpp"

#include <algorithm>
#include <utility>

#include "isa/per.hpp"
#include "simulation/executor/hole_cpu.hpp"

namespace simulation {

namespace {

SimTime least_price(const MachineModel& model) {
    SimTime least = model.prices[0].fixed;
    for (const auto& price : model.prices) least = std::min(least, SimTime{price.fixed});
    return least;
}

}  // namespace

Interpreter::Interpreter(RealStorage& storage, const MachineModel& model, uint64_t& epoch)
    : storage_(storage), model_(model), blocks_(storage, epoch, *this), least_price_(least_price(model)) {}

const Exit& Interpreter::run_specially(Cpu& cpu, SimTime until, uint64_t instructions) {
    if (observers.any() || !breakpoints_.empty()) return run_observed(cpu, until, instructions);
    return run_recording(cpu, until, instructions);
}

SimTime Interpreter::takes_at_least(uint64_t instructions) const {
    constexpr uint64_t kMost = uint64_t{1} << 40;
    return least_price_ * static_cast<SimTime>(std::min(instructions, kMost));
}

const Exit& Interpreter::finish(Cpu& cpu) {
    Execution& execution = cpu.execution();
    if (!execution.leaving) [[unlikely]]
        return execution.exit = BudgetSpent{};
    execution.leaving = false;
    return execution.exit;
}

const Exit& Interpreter::run(Cpu& cpu, SimTime until, uint64_t instructions) {
    const bool special = observers.any() || !breakpoints_.empty() || isa::records_events(cpu.state());
    if (special && !within_observed_) [[unlikely]]
        return run_specially(cpu, until, instructions);
    cpu.begin_execution(*this, until);
#ifdef __wasm__
    const Exit* exit = nullptr;
    const isa::ProgramCheck* const check =
        cpu.program_check_exit().attempt([&] { exit = &follow_blocks(cpu, until, instructions); });
    return check != nullptr ? ended_early(cpu, *check) : *exit;
#else
    ProgramCheckExit::Landing landing(cpu.program_check_exit());
    if (__builtin_setjmp(landing.place) != 0) [[unlikely]] {
        const Exit& exit = ended_early(cpu, landing.check());
        if (instructions != kUncounted || cpu.execution().owner == nullptr || !goes_on(cpu)) return exit;
    }
    return follow_blocks(cpu, until, instructions);
#endif
}

const Exit& Interpreter::follow_blocks(Cpu& cpu, SimTime until, uint64_t instructions) {
    const bool translating = translator_ != nullptr;
    if (instructions != kUncounted)
        return translating ? follow_blocks<true, true>(cpu, until, instructions)
                           : follow_blocks<true, false>(cpu, until, instructions);
    rest_.block = nullptr;
    return translating ? follow_blocks<false, true>(cpu, until, kUncounted)
                       : follow_blocks<false, false>(cpu, until, kUncounted);
}

bool Interpreter::goes_on(Cpu& cpu) {
    Execution& execution = cpu.execution();
    execution.place = nullptr;
    if (!execution.owner->goes_on(cpu)) return false;
    execution.leaving = false;
    cpu.settle_context();
    return true;
}

/// The block was charged for as a whole; what is behind the instruction that raised the check is given back.
const Exit& Interpreter::ended_early(Cpu& cpu, const isa::ProgramCheck& check) {
    const auto* const slot = static_cast<const Slot*>(std::exchange(cpu.execution().place, nullptr));
    const uint32_t entry = under_way_.entry;
    if (slot == nullptr) return interrupted(cpu, nullptr, entry, check);  // fetching the instruction
    const Block& block = *under_way_.block;
    const Slot* const first = block.slots.get();
    const auto done = static_cast<unsigned>(slot - first);
    for (unsigned i = done + 1; i + 1 < block.count; ++i) cpu.spend(-SimTime{first[i].price});
    if (done + 1 == block.count) cpu.spend(slot->price);
    cpu.counters().instructions += done;
    return interrupted(cpu, slot, (entry - first->offset + slot->offset) & isa::kAddressMask, check);
}

[[gnu::always_inline]] inline Interpreter::Settled Interpreter::settle(Cpu& cpu, const Block& block,
                                                                       uint32_t behind) {
    const auto* const last = static_cast<const Slot*>(cpu.execution().place);
    if (last == block.last) {
        cpu.spend(block.last_price);
        return {block.count, cpu.psw().address != behind};
    }
    // A branch inside was taken, or the rest has to be fetched anew.
    cpu.spend(-SimTime{last->price_behind});
    return {static_cast<unsigned>(last - block.slots.get()) + 1, 1u + last->branch};
}

Block::Link* Interpreter::go_on(Cpu& cpu, const LeftOff& left_off) {
    using Place = LeftOff::Place;
    Block& block = *left_off.block;
    if (left_off.place == Place::between_blocks) return &block.links[left_off.way];
    under_way_ = {left_off.entry, &block};
    const uint32_t behind = (left_off.entry + block.length()) & isa::kAddressMask;
    const Slot* const slot = &block.slots[left_off.slot];
    if (left_off.place == Place::in_front_of || slot != block.last) {
        const Slot& next = left_off.place == Place::in_front_of ? *slot : slot[1];
        cpu.branch(behind);
        cpu.execution().ilc = block.last_ilc;
        next.execute(cpu, next);  // and all behind it
    }
    const Settled settled = settle(cpu, block, behind);
    cpu.counters().instructions += settled.instructions;
    return &block.links[settled.way];
}

template <bool counted, bool translating>
const Exit& Interpreter::follow_blocks(Cpu& cpu, SimTime until, uint64_t left) {
    Execution& execution = cpu.execution();
    Block::Link* link = left_by_;
    Rest rest;  // of the block that is being executed, if it is but a part
    if constexpr (counted) {
        if (rest_holds(cpu)) rest = rest_;
        rest_ = {};
        fetches_anew_ = false;
    }
    while ((cpu.now() < until || (counted && rest.block != nullptr)) && !(counted && left == 0)) {
        const uint32_t entry = under_way_.entry = cpu.psw().address;
        Block* block;
        if (counted && rest.block != nullptr) {
            block = &part_of(*rest.block, rest.from,
                             static_cast<unsigned>(std::min<uint64_t>(rest.to - rest.from, left)));
            rest.from += block->count;
        } else {
            const bool holds = link->where == (cpu.code_space() | entry) && link->epoch == blocks_.epoch();
            block = holds ? link->block : &follow(cpu, *link);
            if (cpu.now() + block->price_before_last >= until || (counted && left < block->count))
                [[unlikely]] {
                const unsigned to = slots_within(*block, until - cpu.now());
                const auto now = static_cast<unsigned>(std::min<uint64_t>(to, left));
                if constexpr (counted) rest = {block, now, to, 0, 0};
                block = &part_of(*block, 0, now);
            } else if constexpr (translating) {
                const SimTime limit = counted ? std::min(until, cpu.now() + takes_at_least(left)) : until;
                const bool fits = !counted || cpu.now() + block->price_before_last < limit;
                if (fits && translator_->may_run(*block)) {
                    const uint64_t before = cpu.counters().instructions;
                    const LeftOff& left_off = translator_->run(cpu, *block, limit);
                    if (left_off.place != LeftOff::Place::nowhere) {
                        link = go_on(cpu, left_off);
                        if constexpr (counted) left -= cpu.counters().instructions - before;
                        if (execution.leaving) [[unlikely]] {
                            if (counted || execution.owner == nullptr || !goes_on(cpu)) break;
                        }
                        continue;
                    }
                }
            }
        }
        under_way_.block = block;
        const uint32_t behind = (entry + block->length()) & isa::kAddressMask;
        cpu.branch(behind);
        execution.ilc = block->last_ilc;
        cpu.spend(block->price_before_last);
        block->slots[0].execute(cpu, block->slots[0]);  // and all of the others
        const auto [done, way] = settle(cpu, *block, behind);
        cpu.counters().instructions += done;
        link = &block->links[way];
        if constexpr (counted) {
            left -= done;
            const bool goes_on = way == 0 && !execution.leaving && !fetches_anew_;
            const bool is_left = rest.block != nullptr && left == 0 && goes_on && rest.from < rest.to;
            if (is_left && !blocks_.is_retired(*rest.block))
                rest_ = {rest.block, rest.from, rest.to, cpu.code_space() | cpu.psw().address,
                         blocks_.epoch()};
            rest.block = nullptr;
        }
        if (execution.leaving) [[unlikely]] {
            if (counted || execution.owner == nullptr || !goes_on(cpu)) break;
        }
    }
    left_by_ = link;
    execution.place = nullptr;
    free_retired();
    return finish(cpu);
}

/// The block at the PSW, which is linked to the one that comes before. Raises what fetching raises.
Block& Interpreter::follow(Cpu& cpu, Block::Link& link) {
    cpu.execution().place = nullptr;
    if (blocks_.any_retired()) {  // `link` may lie in one of them
        free_retired();
        return find(cpu);
    }
    const uint64_t where = cpu.code_space() | cpu.psw().address;
    const Block::Link& known = known_[cpu.psw().address / 2 % kKnown];
    if (known.where != where || known.epoch != blocks_.epoch()) return follow_anew(cpu, link);
    link = known;
    return *known.block;
}

/// The same where no link of this epoch is known.
Block& Interpreter::follow_anew(Cpu& cpu, Block::Link& link) {
    const uint32_t address = cpu.psw().address;
    const uint64_t where = cpu.code_space() | address;
    // Mostly it is the same storage that the address leads to in a new epoch.
    const auto still_holds = [&](Block::Link& known) {
        if (known.where != where) return false;
        if (!blocks_.all_kept_since(known.epoch) || !cpu.still_leads(address, known.block->absolute))
            return false;
        known.epoch = blocks_.epoch();
        return true;
    };
    if (still_holds(link)) return *link.block;
    Block::Link& known = known_[address / 2 % kKnown];
    if (!still_holds(known)) {
        Block& next = find(cpu);
        if (&next == &straddling_) return next;  // what is decoded each time cannot be linked
        known = {where, blocks_.epoch(), &next};
    }
    link = known;
    return *known.block;
}

/// One at least: fetching it may have taken a table walk, and a CPU that got no further would never get
/// anywhere.
unsigned Interpreter::slots_within(const Block& block, SimTime time) {
    SimTime sum = 0;
    unsigned n = 0;
    do sum += block.slots[n++].price;
    while (n < block.count && sum < time);
    return n;
}

Block& Interpreter::part_of(const Block& block, unsigned from, unsigned count) {
    part_.set_slots(block.slots.get() + from, count);
    blocks_.set_part(&block, &part_);
    return part_;
}

bool Interpreter::rest_holds(const Cpu& cpu) const {
    return rest_.block != nullptr && rest_.where == (cpu.code_space() | cpu.psw().address) &&
           rest_.epoch == blocks_.epoch() && rest_.block->variant == cpu.code_variant();
}

const Exit& Interpreter::run_observed(Cpu& cpu, SimTime until, uint64_t instructions) {
    const auto run_one = [&](SimTime to) -> const Exit& {
        if (isa::records_events(cpu.state())) return run_recording(cpu, to, 1);
        within_observed_ = true;
        const Exit& exit = run(cpu, to, 1);
        within_observed_ = false;
        return exit;
    };
    for (uint64_t n = 0; n < instructions && (cpu.now() < until || (n != 0 && is_cut_short())); ++n) {
        const uint32_t address = cpu.psw().address;
        const bool passing = stopped_at_ == address;
        stopped_at_.reset();
        if (!passing && std::find(breakpoints_.begin(), breakpoints_.end(), address) != breakpoints_.end()) {
            stopped_at_ = address;
            return cpu.execution().exit = Breakpoint{};
        }
        if (observers.any()) {
            cpu.begin_execution(*this, until);
            free_retired();
            const isa::ProgramCheck* const check = cpu.attempt([&] {
                const Slot& slot = rest_holds(cpu) ? rest_.block->slots[rest_.from] : find(cpu).slots[0];
                observers.tell([&](InstructionObserver& o) {
                    o.before(cpu, address, isa::Decoded{slot.op, slot.length, slot.operands});
                });
            });
            // It cannot be fetched. run() would find that out by walking the tables once more, which
            // costs.
            if (check != nullptr) return interrupted(cpu, nullptr, address, *check);
        }
        // Fetching it for the observer may have taken a table walk; the instruction begins all the same.
        const Exit& exit = run_one(std::max(until, cpu.now() + 1));
        if (!std::holds_alternative<BudgetSpent>(exit)) return exit;
    }
    return cpu.execution().exit = BudgetSpent{};
}

void Interpreter::set_breakpoint(uint32_t address, bool on) {
    const auto it = std::find(breakpoints_.begin(), breakpoints_.end(), address);
    if (on && it == breakpoints_.end()) breakpoints_.push_back(address);
    if (!on && it != breakpoints_.end()) breakpoints_.erase(it);
}

Exit& Interpreter::interrupted(Cpu& cpu, const Slot* slot, uint32_t address, const isa::ProgramCheck& check) {
    isa::ProgramInterruption i;
    i.code = check.code;
    // Where the instruction could not be fetched its length is unknown; one halfword was looked for.
    i.ilc = slot != nullptr ? slot->length / 2 : 1;
    i.translation_address = check.translation_address;
    i.by_host_tables = check.by_host_tables;
    i.monitor_class = check.monitor_class;
    i.monitor_code = check.monitor_code;
    if (slot != nullptr && isa::completes(check.code)) ++cpu.counters().instructions;
    // A space-switch event leaves the address that PROGRAM CALL or PROGRAM TRANSFER has gone to.
    if (check.code != isa::ProgramCode::space_switch_event)
        cpu.branch((isa::nullifies(check.code) ? address : address + 2 * i.ilc) & isa::kAddressMask);
    cpu.execution().leaving = false;
    const bool refused =
        check.code == isa::ProgramCode::privileged_operation ||
        check.code == isa::ProgramCode::special_operation;  // of semi-privileged instructions
    Exit& exit = cpu.execution().exit;
    if (slot == nullptr || !refused) return exit = i;
    return exit = PrivilegedOperation{i, slot->op == isa::Op::op_EX
                                             ? *subject_
                                             : isa::Decoded{slot->op, slot->length, slot->operands}};
}

void Interpreter::fetch_anew(Cpu& cpu) {
    fetches_anew_ = true;
    leave_behind(*static_cast<const Slot*>(cpu.execution().place));
}

// ---- Decoding ----

Block& Interpreter::find(Cpu& cpu) {
    const uint32_t address = cpu.psw().address;
    if (address & 1) cpu.program_check(isa::ProgramCode::specification);
    const uint32_t absolute = cpu.instruction_place(address);
    if (Block* const block = blocks_.find(absolute, cpu.code_variant())) [[likely]]
        return *block;
    return decode_block(cpu, absolute);
}

Slot Interpreter::make_slot(const isa::Decoded& d, uint16_t offset, unsigned variant) const {
    const bool known = d.op != isa::Op::invalid && model_.facilities.has(d.row().facility);
    const isa::Op op = known ? d.op : isa::Op::invalid;
    // An unassigned operation costs what decoding costs: a register operation.
    const SimTime price = known ? model_.cost(d.row().cost, isa::units_of(d.row(), d.operands))
                                : model_.cost(isa::CostClass::register_op, 0);
    return {handler_of(op, d.operands, variant, model_.holes.of(op)),
            d.operands,
            static_cast<uint32_t>(price),
            0,
            offset,
            op,
            d.length,
            0};
}

Block& Interpreter::decode_block(Cpu& cpu, uint32_t absolute) {
    const unsigned variant = cpu.code_variant();
    const uint8_t* const bytes = storage_.at(absolute - absolute % kBlock);
    const uint32_t begin = absolute % kBlock;
    unsigned count = 0, branches = 0;
    uint32_t offset = begin;
    while (count < kMostSlots && offset < kBlock) {
        const unsigned length = isa::length_of_opcode(bytes[offset]);
        if (offset + length > kBlock) break;
        // An instruction that a program rewrites is a block by itself: nothing else is decoded anew with it.
        const bool alone = blocks_.is_rewritten(absolute - begin + offset, length);
        if (alone && count != 0) break;
        // decode looks at byte 5 only where the length is 6
        const isa::Decoded d = isa::decode(bytes + offset, model_.facilities);
        slots_[count++] = make_slot(d, static_cast<uint16_t>(offset), variant);
        offset += length;
        Slot& slot = slots_[count - 1];
        if (alone) break;
        if (slot.op != isa::Op::invalid && d.row().ends == isa::Ends::no) continue;
        if (slot.op != d.op || !may_stand_inside(d) || branches == kBranchesInside) break;
        slot.execute = handler_inside_of(d.op);
        slot.branch = static_cast<uint8_t>(++branches);
    }
    ++decoded_;
    if (count == 0) {  // the instruction lies in two blocks, which need not be neighbours in real storage
        uint8_t text[6] = {};
        const unsigned length = isa::length_of_opcode(bytes[begin]);
        cpu.fetch_instruction(cpu.psw().address, text, length);
        slots_[0] = make_slot(isa::decode(text, model_.facilities), static_cast<uint16_t>(begin), variant);
        straddling_.set_slots(slots_, 1);
        return straddling_;
    }
    return keep(absolute, count, variant);
}

/// A block of the slots that have been decoded.
Block& Interpreter::keep(uint32_t absolute, unsigned count, unsigned variant) {
    auto block = std::make_unique<Block>();
    block->set_slots(slots_, count);
    block->variant = static_cast<uint8_t>(variant);
    return blocks_.add(absolute, std::move(block));
}

Block* Interpreter::instruction_at(Cpu& cpu, uint32_t absolute) {
    const unsigned variant = cpu.code_variant();
    if (Block* const block = blocks_.find(absolute, variant)) return block;
    const uint8_t* const bytes = storage_.at(absolute);
    if (blocks_.is_rewritten(absolute, isa::length_of_opcode(*bytes))) return nullptr;
    slots_[0] =
        make_slot(isa::decode(bytes, model_.facilities), static_cast<uint16_t>(absolute % kBlock), variant);
    ++decoded_;
    return &keep(absolute, 1, variant);
}

bool Interpreter::decode_again(Block& block) {
    if (!may_be_replaced(block)) return false;
    const uint8_t* const bytes = storage_.at(block.absolute);
    if (isa::length_of_opcode(*bytes) != block.length()) return false;
    block.replace_slot(make_slot(isa::decode(bytes, model_.facilities), block.begin, block.variant));
    ++decoded_;
    return true;
}

/// Lengths, masks and immediate bytes are what programs change most. They are no part of the opcode, and
/// neither the handler nor, but for lengths, the price depends on them.
bool Interpreter::decode_second_byte(Block& block) {
    if (!may_be_replaced(block)) return false;
    Slot& slot = block.slots[0];
    if (slot.op == isa::Op::invalid) return decode_again(block);
    const isa::Row& row = isa::row_of(slot.op);
    const uint8_t byte = *storage_.at(block.absolute + 1);
    switch (row.format) {
        case isa::Format::RX_M:
            slot.operands.r1 = byte >> 4;
            slot.operands.r2 = byte & 0xF;
            break;
        case isa::Format::SI: slot.operands.imm = byte; break;
        case isa::Format::SS_L:
            slot.operands.imm = byte;
            slot.price = static_cast<uint32_t>(model_.cost(row.cost, isa::units_of(row, slot.operands)));
            block.last_price = slot.price;
            break;
        default: return decode_again(block);
    }
    ++block.replaced;
    ++decoded_;
    return true;
}

// ---- EXECUTE ----

void Interpreter::execute_subject(Cpu& cpu, uint32_t target, uint8_t modifier) {
    // Eight bytes are looked at where they lie in one 2K block, of which the length is used.
    if ((target & 1) != 0 || target % kBlock > kBlock - 8) return execute_anew(cpu, target, modifier, 0);
    uint64_t text;
    std::memcpy(&text, cpu.instruction_text(target), sizeof text);
    text = __builtin_bswap64(text);
    const unsigned length = isa::length_of_opcode(static_cast<uint8_t>(text >> 56));
    text = (text & (~uint64_t{0} << (64 - 8 * length))) | uint64_t{modifier} << 48 | SubjectCache::kUsed;
    const SubjectCache::Entry& subject = subjects_.at(text);
    if (subject.text != text) return execute_anew(cpu, target, modifier, text);
    subject_ = &subject.instruction;
    cpu.spend(subject.price);
    subject.execute(cpu, subject.instruction.operands);
}

void Interpreter::execute_anew(Cpu& cpu, uint32_t target, uint8_t modifier, uint64_t text) {
    anew_ = fetch_subject(cpu, target, modifier);
    subject_ = &anew_;
    const SimTime before = cpu.now();
    begin_subject(cpu, anew_, target);
    const isa::Hole hole = model_.holes.of(anew_.op);
    if (hole != isa::Hole::none && cpu.psw().problem_state)
        return hole_body_of<Cpu>(anew_.op, hole)(cpu, anew_.operands);
    const Body execute = body_of(anew_.op);
    if (hole == isa::Hole::none && text != 0 && !isa::is_relative(anew_.row().format))
        subjects_.at(text) = {text, execute, anew_, static_cast<uint32_t>(cpu.now() - before)};
    execute(cpu, anew_.operands);
}

}  // namespace simulation
