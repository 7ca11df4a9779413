#include "simulation/executor/translator/translator.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "simulation/executor/translator/condition.hpp"
#include "simulation/executor/translator/region_emitter.hpp"

namespace simulation {
namespace {

/// Bounds host memory, changes no result.
constexpr size_t kCodeBytes = size_t{32} << 20;
constexpr size_t kMostRegionBytes = size_t{1} << 20;
/// A block that is executed less often by so much than the head of a region does not become part of it.
constexpr uint32_t kColder = 16;
/// So often at least a region was not entered, or was left in front of an instruction, before it is given up
/// or made anew; and then only if it was entered in order no more than so many times as often.
constexpr unsigned kMostRefusals = 64, kMostInterrupted = 256, kOftenEnough = 4;
/// Each time that it was entered so often, that many instructions must have been executed on the average
/// before it was left.
constexpr unsigned kTrial = 256, kLeastExecuted = 10;
/// Each time that a block was given up it has to be executed twice as often before it is translated anew, so
/// often at most.
constexpr uint8_t kMostDoublings = 12;

/// Of so many instructions one at most may be executed by a call, or translating them does not pay.
constexpr unsigned kCallsOf = 3;

unsigned calls_of(const RegionPlan& plan) {
    unsigned calls = 0;
    for (const RegionPlan::Node& node : plan.nodes)
        for (unsigned i = 0; i < node.block->count; ++i) calls += is_called(node.block->slots[i]);
    return calls - static_cast<unsigned>(plan.subjects.size());
}

/// Code that cannot be made must not be run.
class Errors final : public asmjit::ErrorHandler {
    void handleError(asmjit::Error, const char* message, asmjit::BaseEmitter*) override {
        throw std::logic_error(message);
    }
};

}  // namespace

Translator::Translator(uint32_t threshold, bool chooses, UnderWay& under_way, BlockSource& source,
                       const MachineModel& model, const uint64_t& epoch)
    : BlockTranslator(threshold),
      chooses_(chooses),
      under_way_(under_way),
      source_(source),
      model_(model),
      epoch_(epoch),
      memory_(kCodeBytes) {}

Translator::~Translator() = default;

const LeftOff& Translator::run(Cpu& cpu, Block& block, SimTime limit) {
    dropped_.clear();
    if (block.region == nullptr) translate(cpu, block);
    if (block.region == nullptr) return nowhere_;
    Region& region = *block.region;
    if (!region.holds(cpu, epoch_)) {
        refuse(region);
        return nowhere_;
    }
    TranslatedCode& code = cpu.execution().translated;
    code.limit = limit;
    code.condition = static_cast<uint8_t>(Condition::stored);
    running_ = &region;
    Entrances::Entrance& entrance = entrances_.at(region.entry);
    entrance = {region.space | region.entry, region.epoch, region.code, block.price_before_last};
    const uint64_t before = cpu.counters().instructions;
    const LeftOff* const left_off = passages_->enter(cpu, region.code);
    if (left_off == nullptr) {
        refuse(region);
        return nowhere_;
    }
    settle_condition(cpu);
    region.executed += cpu.counters().instructions - before;
    if (++region.entered % kTrial == 0 && chooses_) weigh(region);
    if (left_off->place == LeftOff::Place::in_front_of) [[unlikely]]
        note_interrupted(*left_off->region);
    return *left_off;
}

void Translator::begin(Cpu& cpu, const Site& site) {
    under_way_ = {site.left_off.entry, site.left_off.block};
    cpu.execution().place = site.slot;
    cpu.execution().ilc = site.left_off.block->last_ilc;
    cpu.branch(site.behind);
    settle_condition(cpu);
}

bool Translator::must_leave(Cpu& cpu, const Site& site) const {
    return cpu.execution().leaving || epoch_ != running_->epoch ||
           (site.last && cpu.code_space() != running_->space);
}

// ---- Life of a region ----

void Translator::translate(Cpu& cpu, Block& head) {
    if (!may_be_translated(head)) return give_up(head);
    const auto began = std::chrono::steady_clock::now();
    const uint64_t epoch = epoch_;
    RegionPlan plan =
        plan_region(cpu, head, {epoch, threshold() / kColder, head.relies_on_registers, model_, source_});
    head.heat = 0;
    if (epoch_ != epoch) return;  // decoding has made room for itself
    plan.reaching = head.relies_on_reach;
    if (chooses_ && kCallsOf * calls_of(plan) > plan.instructions()) return give_up(head);
    auto region = std::make_unique<Region>();
    region->head = &head;
    region->entry = cpu.psw().address;
    for (const RegionPlan::Node& node : plan.nodes) region->rely_on(*node.block, node.entry);
    for (const auto& [node, subject] : plan.subjects) region->rely_on(*subject.block, subject.entry);

    const CpuLayout layout(cpu);
    if (memory_.room() < kMostRegionBytes) drop_everything();
    if (!passages_ && memory_.room() >= kMostRegionBytes)
        passages_.emplace(memory_, layout, entrances_, epoch_);
    if (!passages_ || !passages_->is_there()) return give_up(head);  // the host lets nobody make code
    asmjit::CodeHolder code;
    Errors errors;
    code.init(asmjit::Environment::host());
    code.setErrorHandler(&errors);
    try {
        RegionEmitter(code, *region, plan, layout, model_.holes, *passages_, this).emit();
    } catch (const std::logic_error&) {  // an instruction that the emitter is not up to: the interpreter is
        ++counts_.failed_regions;
        return give_up(head);
    }
    const size_t bytes = code.codeSize();
    if (bytes > memory_.room()) return give_up(head);
    const bool is_put = memory_.put(bytes, [&](uint8_t* place) {
        code.relocateToBase(reinterpret_cast<uintptr_t>(place));
        code.copyFlattenedData(place, bytes);
        region->code = place;
    });
    if (!is_put) return give_up(head);

    ++counts_.regions;
    counts_.instructions += plan.instructions();
    for (const Block* block : region->blocks) counts_.guest_bytes += block->length();
    counts_.code_bytes += bytes;
    keep(std::move(region));
    counts_.host_ns +=
        static_cast<uint64_t>(std::chrono::nanoseconds(std::chrono::steady_clock::now() - began).count());
}

/// It has to be executed very often before that is tried again.
void Translator::give_up(Block& head) { head.given_up = kMostDoublings; }

void Translator::keep(std::unique_ptr<Region> region) {
    Region* const r = region.get();
    r->head->region = r;
    for (Block* block : r->blocks) {
        block->translated = true;
        users_[block].push_back(r);
    }
    regions_[r] = std::move(region);
}

void Translator::drop(Region& region) {
    region.head->region = nullptr;
    region.head->heat = 0;
    for (Block* block : region.blocks) {
        const auto it = users_.find(block);
        std::erase(it->second, &region);
        if (!it->second.empty()) continue;
        users_.erase(it);
        block->translated = false;
    }
    ++counts_.dropped_regions;
    const auto it = regions_.find(&region);
    entrances_.at(region.entry) = {};
    dropped_.push_back(std::move(it->second));
    regions_.erase(it);
}

/// To enter code and to leave it takes as long as to interpret a few instructions.
void Translator::weigh(Region& region) {
    const bool pays = region.executed >= kTrial * kLeastExecuted;
    region.executed = 0;
    const bool dropped = region.head->region != &region;  // by a store, while it was executed
    if (!pays && !dropped) give_up_for_now(region);
}

void Translator::refuse(Region& region) {
    if (++region.refused < kMostRefusals || region.refused < region.entered / kOftenEnough) return;
    region.head->relies_on_registers = false;
    give_up_for_now(region);
}

void Translator::give_up_for_now(Region& region) {
    uint8_t& given_up = region.head->given_up;
    given_up = std::min<uint8_t>(static_cast<uint8_t>(given_up + 1), kMostDoublings);
    drop(region);
}

/// Operands that were hoped to lie in one block may lie in two always.
void Translator::note_interrupted(Region& region) {
    if (++region.interrupted < kMostInterrupted || region.interrupted < region.entered / kOftenEnough) return;
    Block& head = *region.head;
    if (head.region != &region || !head.relies_on_reach) return;
    head.relies_on_reach = false;
    drop(region);
}

void Translator::retired(Block& block) {
    const auto it = users_.find(&block);
    if (it == users_.end()) return;
    const std::vector<Region*> users = it->second;  // dropping changes it
    for (Region* region : users) drop(*region);
}

void Translator::drop_everything() {
    while (!regions_.empty()) drop(*regions_.begin()->first);
    memory_.clear();
    entrances_.clear();
    passages_.reset();
}

TranslationCounts Translator::counts() const { return counts_; }

}  // namespace simulation
