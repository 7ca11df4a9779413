// The translated code of one guest: pages of it by the page frames that they were made from, and the tables
// by which the real CPU reaches them.
//
// Goal: the guest's supervisor-state code is executed by the real CPU, block by block as control reaches it,
// but for the instructions that the problem state must not, or would not, execute rightly. The real CPU
// fetches instructions from this space, the primary one, and operands from the guest's storage, the secondary
// one; code lies at the guest's own addresses, so that branches, links and EXECUTE need no rewriting, and
// the guest reads its own text where it put it. docs/binary-translation.md.
//
// A store into a frame that code was translated from, from whichever side, makes what it concerns unknown
// again at once (RealStorage::kWatched). The pages hold a bounded part of real storage: where there is no
// room for another, all are given up.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "simulation/model/machine_model.hpp"
#include "vmcp/storage/shadow_tables.hpp"
#include "vmcp/translation/code_page.hpp"
#include "vmcp/translation/translation_counts.hpp"

namespace vmcp {

class CodeSpace {
  public:
    /// `sets`: of tables, address spaces that they are kept for, at least 1.
    CodeSpace(FrameTable& frames, const simulation::MachineModel& model, unsigned sets)
        : tables(frames, sets),
          frames_(frames),
          model_(model),
          has_holes_(model.holes.any()),
          replacement_traps_(model.holes.of(isa::Op::op_DIAG) == isa::Hole::none) {}
    ~CodeSpace() { drop_all(); }
    CodeSpace(const CodeSpace&) = delete;
    CodeSpace& operator=(const CodeSpace&) = delete;

    /// The page that was made from this frame, or whose copy lies there; null: none.
    CodePage* of_source(FirstLevel frame) const {
        const auto at = pages_.find(frame.value / kPage);
        return at == pages_.end() ? nullptr : at->second.get();
    }
    CodePage* of_copy(FirstLevel frame) const {
        const auto at = by_copy_.find(frame.value / kPage);
        return at == by_copy_.end() ? nullptr : at->second;
    }
    /// That of this frame, made anew if there is none. Throws RealStorageExhausted.
    CodePage& page_of(FirstLevel frame);
    /// The copy has the keys of the frame again.
    void renew_keys(const CodePage& page);
    /// The guest's block is referenced by what was fetched from the copy, too; the copy's trace of it goes.
    void collect_reference(FirstLevel block);

    /// Lets the instructions from there on be executed, until one that control does not go on behind, or what
    /// is known already. At most so many. How many there were.
    unsigned translate(CodePage& page, uint32_t offset, unsigned most = kMostInBlock);
    static constexpr unsigned kMostInBlock = 64;
    /// The privileged instruction there has trapped often enough.
    void replace(CodePage& page, uint32_t offset);

    /// Bytes of the frame have been stored into. Whether translated code was among them.
    bool stored(CodePage& page, CodePage::Range changed);
    /// The frame is executed as it is from now on; with tables that lead there.
    void execute_directly(FirstLevel frame);
    /// Forgets the page of a frame, with all table entries that lead to it. Whether there was one.
    bool drop(FirstLevel frame);
    void drop_all();

    isa::Decoded decode(const CodePage& page, uint32_t offset) const {
        return isa::decode(frames_.storage().at(page.source.value + offset), model_.facilities);
    }
    const simulation::MachineModel& model() const { return model_; }
    size_t pages() const { return pages_.size(); }

    ShadowTables tables;
    TranslationCounts counts;

  private:
    static constexpr size_t kMostPages = 512;

    /// An instruction that is being translated.
    struct Found {
        uint32_t offset = 0;
        unsigned length = 0;  // of it in the 2K block
        Replaced replaced;    // where is_copied is false
        bool is_copied = false;
    };
    std::vector<Found> find_block(const CodePage& page, uint32_t offset, unsigned most) const;
    void decide(const CodePage& page, std::vector<Found>& block) const;
    Replaced::How how_not_copied(const isa::Decoded& instruction) const;
    uint32_t end_at(const CodePage& page, uint32_t offset) const;
    bool is_sensitive(const CodePage& page, uint32_t offset) const;
    void put_replacement(CodePage& page, uint32_t offset, unsigned length, const Replaced& replaced);
    void free_way_to(CodePage& page, uint32_t offset);
    uint32_t way_to(const CodePage& page, uint32_t offset) const;
    void forget(CodePage& page, CodePage::Range range);
    void watch(FirstLevel frame);
    void unwatch(FirstLevel frame);

    FrameTable& frames_;
    const simulation::MachineModel& model_;
    bool has_holes_;
    bool replacement_traps_;  // DIAGNOSE has none
    // By frame number, of what they were made from, and where the copies lie.
    std::unordered_map<uint32_t, std::unique_ptr<CodePage>> pages_;
    std::unordered_map<uint32_t, CodePage*> by_copy_;
};

}  // namespace vmcp
