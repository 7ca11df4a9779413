// Decoded blocks, by where they lie in real storage and for which variant (mode bits of the CPU) they were
// decoded: one block serves every mapping of its storage.
//
// Life of a block. It is added when control first reaches it. A store into bytes that it was decoded from,
// from whichever side, retires it: nobody finds it any more, whoever executes it leaves it in front of the
// next instruction (which the store may have changed), and its memory is kept until no one can be executing
// it. An instruction that a program has changed once is a block by itself from then on; such blocks stay when
// it changes again, and are decoded anew. The epoch changes whenever an address might lead to other
// instructions than before; who remembers a block remembers its epoch, too.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <vector>

#include "simulation/cpu/storage.hpp"
#include "simulation/executor/block.hpp"
#include "simulation/executor/block_source.hpp"
#include "simulation/executor/block_translator.hpp"

namespace simulation {

class BlockCache {
  public:
    /// `epoch`: what the CPUs change, too (CpuSurroundings::code_epoch). Hears of stores from `storage`;
    /// `source` decodes.
    BlockCache(RealStorage& storage, uint64_t& epoch, BlockSource& source);
    ~BlockCache();
    BlockCache(const BlockCache&) = delete;
    BlockCache& operator=(const BlockCache&) = delete;

    /// The block that begins at this absolute address; null if there is none.
    Block* find(uint32_t absolute, unsigned variant) const {
        const CodePage* const page = pages_[absolute / kBlock].get();
        if (page == nullptr) return nullptr;
        Block* block = page->at[absolute % kBlock / 2];
        while (block != nullptr && block->variant != variant) block = block->other_variant;
        return block;
    }
    /// Keeps a block that was decoded from there.
    Block& add(uint32_t absolute, std::unique_ptr<Block> block);

    /// Whether a program has changed this instruction when it was part of a block: it will again.
    bool is_rewritten(uint32_t absolute, uint32_t length) const {
        const CodePage* const page = pages_[absolute / kBlock].get();
        if (page == nullptr) return false;
        bool changed = false;
        for (uint32_t h = 0; h < length / 2; ++h) changed |= page->changed[absolute % kBlock / 2 + h];
        return changed;
    }

    uint64_t epoch() const { return epoch_; }
    /// Whether no block was retired since this epoch, though addresses may lead to other blocks now. What was
    /// a block then is one now.
    bool all_kept_since(uint64_t epoch) const { return (epoch ^ epoch_) < kRetired; }
    /// Is told which translated blocks are retired.
    void set_translator(BlockTranslator* translator) { translator_ = translator; }
    /// A block that is made of the beginning of a kept one is left when that is retired.
    void set_part(const Block* whole, Block* part) {
        part_of_ = whole;
        part_ = part;
    }
    bool any_retired() const { return !retired_.empty(); }
    bool is_retired(const Block& block) const;
    /// Nobody executes a block now.
    void free_retired() {
        retired_.clear();
        part_of_ = nullptr;
    }

    uint64_t retired() const { return retired_count_; }
    size_t retired_kept() const { return retired_.size(); }

  private:
    struct CodePage {
        Block* at[kBlock / 2] = {};
        std::vector<std::unique_ptr<Block>> blocks;
        std::bitset<kBlock / 2> decoded;  // halfwords that some block was decoded from
        /// And that instructions have stored into then. Blocks that were decoded from such consist of one
        /// instruction.
        std::bitset<kBlock / 2> changed;
    };

    /// By how much a block that is retired changes the epoch. CPUs change it by one; where that carries over,
    /// blocks only seem to have been retired.
    static constexpr uint64_t kRetired = uint64_t{1} << 20;

    void mark(CodePage& page, uint32_t base, const Block& block);
    void stored(uint32_t absolute, uint32_t length);
    bool second_byte_stored(uint32_t absolute);
    bool decode_again(const CodePage& page, uint32_t from, uint32_t to) const;
    static void note_change(CodePage& page, uint32_t from, uint32_t to);
    void retire(CodePage& page, std::unique_ptr<Block> block);
    void drop_everything();

    RealStorage& storage_;
    uint64_t& epoch_;
    BlockSource& source_;
    std::vector<std::unique_ptr<CodePage>> pages_;
    std::vector<std::unique_ptr<Block>> retired_;
    BlockTranslator* translator_ = nullptr;
    const Block* part_of_ = nullptr;
    Block* part_ = nullptr;
    size_t slots_ = 0;
    uint64_t retired_count_ = 0;
};

}  // namespace simulation
