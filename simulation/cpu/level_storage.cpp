#include "simulation/cpu/level_storage.hpp"

#include <algorithm>

#include "simulation/cpu/cpu.hpp"

namespace simulation {

std::optional<uint32_t> LevelStorage::absolute(uint32_t real, uint32_t bytes) {
    const uint32_t here = Cpu::prefixed(real, levels_.state_of(level_).prefix);
    if (level_ == 0) return storage_.valid(here + bytes - 1) ? std::optional(here) : std::nullopt;
    const InterpretiveExecution::Way way = levels_.way_of(level_, here);
    references_ += way.references;
    if (way.leads_there()) return Cpu::prefixed(way.real, levels_.machine().prefix);
    lost_ = way;
    return std::nullopt;
}

// Two table entries, each in storage of the level below, and what they lead to: the references of a walk
// grow threefold a level, which kMostLevels bounds.
InterpretiveExecution::Way InterpretiveExecution::way_of(unsigned level, uint32_t absolute) const {
    const Level& guest = levels_[level - 1];
    const RealStorage& storage = cpu_.in_.storage;
    Way way;
    const auto lacks = [&](isa::ProgramCode problem) {
        return Way{0, problem, level, absolute, way.references};
    };
    if (absolute >= guest.extent) {
        way.problem = isa::ProgramCode::addressing;
        return way;
    }
    uint32_t real = absolute;  // of the host
    if (guest.preferred) {
        if (absolute < 4096) real |= guest.host_table;
    } else {
        LevelStorage tables(*this, storage, level - 1);
        const isa::Translation t =
            isa::translate_address(tables, isa::TranslationFormat{}, guest.host_table, absolute,
                                   level == 1 && storage.size() > 16 * kMebibyte);
        way.references = t.references + tables.references();
        if (tables.lost().level != 0) {
            Way lost = tables.lost();
            lost.references = way.references;
            return lost;
        }
        if (!t.ok()) return lacks(t.problem);
        real = t.real;
    }
    if (level == 1) {
        if (!storage.valid(cpu_.place(real))) return lacks(isa::ProgramCode::addressing);
        way.real = real;
        return way;
    }
    Way below = way_of(level - 1, Cpu::prefixed(real, state_of(level - 1).prefix));
    way.references = below.references += way.references;
    return below.leads_there() || below.level != 0 ? below : lacks(isa::ProgramCode::addressing);
}

uint64_t InterpretiveExecution::lineage_of(const Level& level) {
    constexpr size_t kMostOrigins = 64;
    Origin origin;
    origin.host = depth_ == 0 ? 0 : inside().lineage;
    origin.prefix = depth_ == 0 ? 0 : cpu_.state_.prefix;
    origin.table = level.host_table;
    origin.extent = level.extent;
    origin.preferred = level.preferred;
    const auto same = [&origin](const Origin& o) {
        return o.host == origin.host && o.prefix == origin.prefix && o.table == origin.table &&
               o.extent == origin.extent && o.preferred == origin.preferred;
    };
    const auto known = std::find_if(origins_.begin(), origins_.end(), same);
    if (known != origins_.end()) return known->lineage;
    if (origins_.size() == kMostOrigins) {  // the TLB forgets them, too: no number comes twice
        origins_.clear();
        cpu_.purge_tlb();
    }
    origin.lineage = ++last_lineage_;
    origins_.push_back(origin);
    return origin.lineage;
}

}  // namespace simulation
