// Channel programs that were translated for a device and are kept, for it may start them again (way `fast`).
//
// Each copy takes a page frame. A device always keeps its last one; further ones, up to a number for each
// device and one for the whole machine, are kept in frames that nobody else wants: they are made where enough
// frames are free, and given up, least recently used first, before a page of anybody is taken away.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "vmcp/io/translated_program.hpp"

namespace vmcp {

class KeptPrograms;

/// Those of all devices of the real machine, as long as they have further copies.
class SpareCopies {
  public:
    explicit SpareCopies(FrameTable& frames);
    SpareCopies(const SpareCopies&) = delete;
    SpareCopies& operator=(const SpareCopies&) = delete;

    /// Whether one more may be made; the least recently used one may have gone for it.
    bool may_add();
    /// Gives up the least recently used one; false: there is none.
    bool give_up();
    /// How many there are, and may be.
    size_t count() const;
    size_t most() const { return frames_.frames() / kShare; }

  private:
    friend class KeptPrograms;
    static constexpr uint32_t kShare = 64;   // of all page frames one in so many (assumed)
    static constexpr uint32_t kLeaves = 16;  // frames that stay free (assumed)
    FrameTable& frames_;
    std::vector<KeptPrograms*> devices_;
    uint64_t clock_ = 0;
};

class KeptPrograms {
  public:
    /// Makes a program; `most`: how many are kept, 1 at least.
    using Make = std::function<std::unique_ptr<TranslatedProgram>()>;
    KeptPrograms(SpareCopies& all, unsigned most, Make make);
    ~KeptPrograms();

    /// The one that is in use, or was last.
    TranslatedProgram& current() { return *programs_.front().program; }
    const TranslatedProgram& current() const { return *programs_.front().program; }

    /// What looking for a copy that is still good has found.
    struct Found {
        std::optional<uint64_t> moved;  // arguments moved anew for it; empty: there is none
        uint64_t compared = 0;          // CCWs, of all that it might have been
    };
    /// Makes the copy of this program the current one, if there is a good one.
    Found find(uint32_t caw, std::optional<TranslatedProgram::Position> position);
    /// Makes one the current one that is to be made anew: not one that is kept, if that can be.
    void choose_free();
    /// All that are not in use are forgotten.
    void forget();
    size_t count() const { return programs_.size(); }

  private:
    friend class SpareCopies;
    struct Entry {
        std::unique_ptr<TranslatedProgram> program;
        uint64_t used;
    };
    void make_current(size_t index);

    SpareCopies& all_;
    unsigned most_;
    Make make_;
    std::vector<Entry> programs_;  // the one that was used last comes first
    bool looking_ = false;         // none of them may go meanwhile
};

}  // namespace vmcp
