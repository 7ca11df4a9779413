#include "simulation/interpreter.hpp"

#include <algorithm>

#include "isa/per.hpp"

namespace simulation {
namespace {

constexpr unsigned kMaxSlots = 64;
/// Above this many cached slots (32 bytes each) everything is decoded anew: bounds host memory, changes no
/// result.
constexpr size_t kMaxCachedSlots = size_t{4} << 20;

/// Raised by the slots of a block that a store has retired while it runs.
struct StaleBlock {};

}  // namespace

Interpreter::Interpreter(RealStorage& storage, const MachineModel& model, uint64_t& epoch)
    : storage_(storage), model_(model), pages_(storage.size() / kBlock), epoch_(epoch) {
    storage.on_code_stored([this](uint32_t absolute, uint32_t length) { forget_stored(absolute, length); });
}

Interpreter::~Interpreter() {
    storage_.on_code_stored([](uint32_t, uint32_t) {});
}

namespace {

/// What a slot points to need not outlive the run.
class AtNothing {
  public:
    explicit AtNothing(Cpu& cpu) : cpu_(cpu) {}
    ~AtNothing() { cpu_.at(nullptr); }
    AtNothing(const AtNothing&) = delete;
    AtNothing& operator=(const AtNothing&) = delete;

  private:
    Cpu& cpu_;
};

}  // namespace

Exit Interpreter::run(Cpu& cpu, SimTime until, uint64_t instructions) {
    if (observer_ != nullptr || !breakpoints_.empty()) return run_stepping(cpu, until, instructions);
    if (isa::records_events(cpu.state_)) return run_recording(cpu, until, instructions);
    cpu.until_ = until;
    cpu.leaving_ = false;
    const AtNothing behind_the_run(cpu);
    uint64_t left = instructions;
    while (cpu.time_ < until && left != 0) {
        uint32_t entry = cpu.state_.psw.address;
        Block* block = nullptr;
        try {
            cpu.at(nullptr);
            block = &find(cpu);
            while (true) {
                if (cpu.time_ + block->price_before_last >= until || left < block->count) [[unlikely]]
                    block = &first_part(*block, until - cpu.time_, left);
                const uint32_t behind = (entry + block->length()) & isa::kAddressMask;
                cpu.state_.psw.address = behind;
                cpu.ilc_ = block->last_ilc;
                cpu.time_ += block->price_before_last;
                block->slots[0].execute(cpu, block->slots[0]);  // and all of the others
                const Slot* const last = cpu.at();
                unsigned done = block->count, way = cpu.state_.psw.address != behind;
                if (last == &block->slots[done - 1]) {
                    cpu.time_ += block->last_price;
                } else {  // a branch inside was taken, or the rest has to be fetched anew
                    cpu.time_ -= last->price_behind;
                    done = static_cast<unsigned>(last - block->slots.get()) + 1;
                    way = 1u + last->branch;
                }
                cpu.counters_.instructions += done;
                left -= done;
                if (cpu.leaving_) return finish(cpu);
                if (cpu.time_ >= until || left == 0) break;
                entry = cpu.state_.psw.address;
                Block::Link& link = block->links[way];
                const bool holds = link.where == (cpu.code_space() | entry) && link.epoch == epoch_;
                block = holds ? link.block : &follow(cpu, link);
            }
        } catch (const isa::ProgramCheck& check) {
            const Slot* const slot = cpu.at();
            if (slot == nullptr)
                return interrupted(cpu, nullptr, entry, 0, check);  // fetching the instruction
            const Slot* const first = block->slots.get();
            const auto done = static_cast<unsigned>(slot - first);
            for (unsigned i = done + 1; i + 1 < block->count; ++i) cpu.time_ -= first[i].price;
            if (done + 1 == block->count) cpu.time_ += slot->price;
            cpu.counters_.instructions += done;
            return interrupted(cpu, slot, (entry - first->offset + slot->offset) & isa::kAddressMask,
                               slot->length, check);
        } catch (StaleBlock) {
            const Slot* const first = block->slots.get();
            const auto done = static_cast<unsigned>(cpu.at() - first);
            for (unsigned i = done; i + 1 < block->count; ++i) cpu.time_ -= first[i].price;
            cpu.counters_.instructions += done;
            left -= done;
            cpu.state_.psw.address = (entry - first->offset + cpu.at()->offset) & isa::kAddressMask;
        }
        forget_retired();
    }
    return BudgetSpent{};
}

/// The block at the PSW, which is linked to the one that comes before. Raises what fetching raises.
Block& Interpreter::follow(Cpu& cpu, Block::Link& link) {
    cpu.at(nullptr);
    if (!retired_.empty()) {  // `link` may lie in one of them
        forget_retired();
        return find(cpu);
    }
    Block& next = find(cpu);
    // What is decoded each time cannot be linked.
    if (&next != &straddling_) link = {cpu.code_space() | cpu.state_.psw.address, epoch_, &next};
    return next;
}

/// Only the instructions that begin before the end of the budget, but one at least: fetching it may have
/// taken a table walk, and a CPU that got no further would never get anywhere.
Block& Interpreter::first_part(Block& block, SimTime time, uint64_t instructions) {
    SimTime sum = 0;
    unsigned n = 0;
    do sum += block.slots[n++].price;
    while (n < block.count && n < instructions && sum < time);
    set_slots(part_, block.slots.get(), n);
    part_of_ = &block;
    return part_;
}

/// One instruction at a time, for observers and instruction stops. Charges and counts exactly as run() does.
Exit Interpreter::run_stepping(Cpu& cpu, SimTime until, uint64_t instructions) {
    InstructionObserver* const observer = observer_;
    std::vector<uint32_t> stops;
    stops.swap(breakpoints_);
    observer_ = nullptr;
    Exit exit = BudgetSpent{};
    for (uint64_t n = 0; n < instructions && cpu.time_ < until; ++n) {
        const uint32_t address = cpu.state_.psw.address;
        const bool passing = stopped_at_ == address;
        stopped_at_.reset();
        if (!passing && std::find(stops.begin(), stops.end(), address) != stops.end()) {
            stopped_at_ = address;
            exit = Breakpoint{};
            break;
        }
        if (observer != nullptr) {
            try {
                const Slot& slot = find(cpu).slots[0];
                observer->before(cpu, address, isa::Decoded{slot.op, slot.length, slot.operands});
            } catch (const isa::ProgramCheck& check) {
                // It cannot be fetched. run() would find that out by walking the tables once more, which
                // costs.
                exit = interrupted(cpu, nullptr, address, 0, check);
                break;
            }
        }
        // Fetching it for the observer may have taken a table walk; the instruction begins all the same, as
        // in run().
        exit = run(cpu, std::max(until, cpu.time_ + 1), 1);
        if (!std::holds_alternative<BudgetSpent>(exit)) break;
    }
    observer_ = observer;
    breakpoints_.swap(stops);
    return exit;
}

void Interpreter::set_breakpoint(uint32_t address, bool on) {
    const auto it = std::find(breakpoints_.begin(), breakpoints_.end(), address);
    if (on && it == breakpoints_.end()) breakpoints_.push_back(address);
    if (!on && it != breakpoints_.end()) breakpoints_.erase(it);
}

Exit Interpreter::finish(Cpu& cpu) {
    cpu.leaving_ = false;
    // A trapped or repeated instruction has not completed.
    if (std::holds_alternative<isa::ProgramInterruption>(cpu.exit_) || cpu.repeated_)
        --cpu.counters_.instructions;
    cpu.repeated_ = false;
    forget_retired();
    return cpu.exit_;
}

Exit Interpreter::interrupted(Cpu& cpu, const Slot* slot, uint32_t address, unsigned length,
                              const isa::ProgramCheck& check) {
    isa::ProgramInterruption i;
    i.code = check.code;
    // Where the instruction could not be fetched its length is unknown; one halfword was looked for.
    i.ilc = slot != nullptr ? length / 2 : 1;
    i.translation_address = check.translation_address;
    i.by_host_tables = check.by_host_tables;
    i.monitor_class = check.monitor_class;
    i.monitor_code = check.monitor_code;
    if (slot != nullptr && isa::completes(check.code)) ++cpu.counters_.instructions;
    // A space-switch event leaves the address that PROGRAM CALL or PROGRAM TRANSFER has gone to.
    if (check.code != isa::ProgramCode::space_switch_event)
        cpu.state_.psw.address =
            (isa::nullifies(check.code) ? address : address + 2 * i.ilc) & isa::kAddressMask;
    cpu.leaving_ = false;
    forget_retired();
    return i;
}

void Interpreter::forget_retired() {
    retired_.clear();
    part_of_ = nullptr;
}

Block& Interpreter::find(Cpu& cpu) {
    const uint32_t address = cpu.state_.psw.address;
    if (address & 1) cpu.program_check(isa::ProgramCode::specification);
    const auto absolute = static_cast<uint32_t>(cpu.instruction_text(address) - cpu.base_);
    const CodePage* const page = pages_[absolute / kBlock].get();
    if (page != nullptr) [[likely]] {
        if (Block* block = page->at[absolute % kBlock / 2]) [[likely]]
            return *block;
    }
    return decode_block(cpu, absolute);
}

Slot Interpreter::make_slot(const isa::Decoded& d, uint16_t offset) const {
    const bool known = d.op != isa::Op::invalid && model_.facilities.has(d.row().facility);
    const isa::Op op = known ? d.op : isa::Op::invalid;
    // An unassigned operation costs what decoding costs: a register operation.
    const SimTime price = known ? model_.cost(d.row().cost, isa::units_of(d.row(), d.operands))
                                : model_.cost(isa::CostClass::register_op, 0);
    return {handler_of(op), d.operands, static_cast<uint32_t>(price), 0, offset, op, d.length, 0};
}

Block& Interpreter::decode_block(Cpu& cpu, uint32_t absolute) {
    if (cached_slots_ > kMaxCachedSlots) drop_everything();
    const uint8_t* const bytes = storage_.at(absolute - absolute % kBlock);
    const uint32_t begin = absolute % kBlock;
    Slot slots[kMaxSlots];
    unsigned count = 0, branches = 0;
    uint32_t offset = begin;
    while (count < kMaxSlots && offset < kBlock) {
        const unsigned length = isa::length_of_opcode(bytes[offset]);
        if (offset + length > kBlock) break;
        // decode looks at byte 5 only where the length is 6
        const isa::Decoded d = isa::decode(bytes + offset, model_.facilities);
        slots[count++] = make_slot(d, static_cast<uint16_t>(offset));
        offset += length;
        Slot& slot = slots[count - 1];
        if (slot.op != isa::Op::invalid && d.row().ends == isa::Ends::no) continue;
        if (slot.op != d.op || !may_stand_inside(d) || branches == kBranchesInside) break;
        slot.execute = handler_inside_of(d.op);
        slot.branch = static_cast<uint8_t>(++branches);
    }
    ++decoded_;
    if (count == 0) {  // the instruction lies in two blocks, which need not be neighbours in real storage
        const uint32_t address = cpu.state_.psw.address;
        uint8_t text[6] = {};
        const unsigned length = isa::length_of_opcode(bytes[begin]);
        cpu.fetch_instruction(address, text, length);
        slots[0] = make_slot(isa::decode(text, model_.facilities), static_cast<uint16_t>(begin));
        set_slots(straddling_, slots, 1);
        return straddling_;
    }
    auto block = std::make_unique<Block>();
    set_slots(*block, slots, count);
    cached_slots_ += count;

    auto& page = pages_[absolute / kBlock];
    if (page == nullptr) page = std::make_unique<CodePage>();
    for (uint32_t h = begin / 2; h < offset / 2; ++h) page->decoded.set(h);
    const uint32_t first = absolute / RealStorage::kCodeGranule;
    const uint32_t last = (absolute + (offset - begin) - 1) / RealStorage::kCodeGranule;
    std::fill(storage_.code_marks() + first, storage_.code_marks() + last + 1, uint8_t{1});
    page->at[begin / 2] = block.get();
    page->blocks.push_back(std::move(block));
    return *page->blocks.back();
}

void Interpreter::set_slots(Block& block, const Slot* slots, unsigned count) {
    const Slot& last = slots[count - 1];
    block.slots = std::make_unique<Slot[]>(count + 1);
    std::copy_n(slots, count, block.slots.get());
    block.slots[count].execute = [](Cpu&, const Slot&) {};
    block.count = count;
    block.begin = slots[0].offset;
    block.end = static_cast<uint16_t>(last.offset + last.length);
    block.price_before_last = 0;
    for (unsigned i = count - 1; i-- > 0;) {
        block.slots[i].price_behind = static_cast<uint32_t>(block.price_before_last);
        block.price_before_last += slots[i].price;
    }
    block.last_price = last.price;
    block.last_ilc = last.length / 2;
}

void Interpreter::retire(std::unique_ptr<Block> block) {
    const auto leave_at_next = [](Block& b) {
        for (unsigned i = 0; i < b.count; ++i)
            b.slots[i].execute = [](Cpu& cpu, const Slot& slot) {
                cpu.at(&slot);
                throw StaleBlock{};
            };
    };
    leave_at_next(*block);
    if (block.get() == part_of_) leave_at_next(part_);
    cached_slots_ -= block->count;
    ++retired_count_;
    retired_.push_back(std::move(block));
    ++epoch_;
}

void Interpreter::forget_stored(uint32_t absolute, uint32_t length) {
    const uint32_t end = absolute + length;
    for (uint32_t p = absolute / kBlock; p <= (end - 1) / kBlock; ++p) {
        CodePage* const page = pages_[p].get();
        if (page == nullptr) continue;
        const uint32_t base = p * kBlock;
        const uint32_t from = std::max(absolute, base) - base, to = std::min(end, base + kBlock) - base;
        bool hit = false;
        for (uint32_t h = from / 2; h <= (to - 1) / 2 && !hit; ++h) hit = page->decoded.test(h);
        if (!hit) continue;  // data beside code
        page->decoded.reset();
        std::fill_n(storage_.code_marks() + base / RealStorage::kCodeGranule,
                    kBlock / RealStorage::kCodeGranule, uint8_t{0});
        std::vector<std::unique_ptr<Block>> kept;
        for (auto& block : page->blocks) {
            if (block->begin < to && block->end > from) {
                page->at[block->begin / 2] = nullptr;
                retire(std::move(block));
                continue;
            }
            for (uint32_t h = block->begin / 2u; h < block->end / 2u; ++h) page->decoded.set(h);
            const uint32_t first = (base + block->begin) / RealStorage::kCodeGranule;
            const uint32_t last = (base + block->end - 1) / RealStorage::kCodeGranule;
            std::fill(storage_.code_marks() + first, storage_.code_marks() + last + 1, uint8_t{1});
            kept.push_back(std::move(block));
        }
        page->blocks = std::move(kept);
    }
}

void Interpreter::drop_everything() {
    for (size_t p = 0; p < pages_.size(); ++p) {
        if (pages_[p] == nullptr) continue;
        for (auto& block : pages_[p]->blocks) retire(std::move(block));
        pages_[p].reset();
        std::fill_n(storage_.code_marks() + p * kBlock / RealStorage::kCodeGranule,
                    kBlock / RealStorage::kCodeGranule, uint8_t{0});
    }
}

}  // namespace simulation
