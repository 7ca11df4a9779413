// A page of translated code: the copy that the real CPU fetches a guest's supervisor-state instructions from,
// in the place of the page frame that the guest has them in.
//
// Halfwords lie where they lie in the guest's frame. One that translation has not come to yet is zero, which
// is an operation exception when control reaches it. An instruction that must not be executed as it is has
// its first halfword *replaced*: by that of a DIAGNOSE, which traps in the problem state; or, where four
// bytes would leave the 2K block, or on a machine whose DIAGNOSE does not trap, by zero for good.
//
// Control may come to what was an operand halfword until then. So whatever begins at a copied halfword
// consists of copied halfwords, and need not be replaced. An instruction that would break this rule is
// executed *out of line*, where nobody can get into it.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "isa/instruction.hpp"
#include "vmcp/storage/address.hpp"

namespace vmcp {

/// What stands in the place of a replaced instruction is so long, of which the first halfword counts.
inline constexpr unsigned kReplacementBytes = 4;

/// An instruction that is replaced, and what is done for it.
struct Replaced {
    enum class How : uint8_t {
        simulated,    // as a privileged instruction is: its effect is on the virtual CPU
        out_of_line,  // by the real CPU, from another place
        interpreted,  // whatever it is: it does not lie in one piece
    };
    How how = How::interpreted;
    isa::Decoded instruction;
};

class CodePage {
  public:
    /// `copy`: none where the guest's own frame is executed (is_direct).
    CodePage(FirstLevel source, FirstLevel copy) : source(source), copy(copy) {}

    const FirstLevel source, copy;
    bool is_direct() const { return copy == source; }

    /// What is replaced at this offset in the page; null where nothing is.
    const Replaced* replaced(uint32_t offset) const {
        return replaced_[offset / 2] ? &sites_[site_of_[offset / 2]] : nullptr;
    }
    /// Whether translation has come there: the copy is what is to be executed.
    bool known(uint32_t offset) const { return known_[offset / 2]; }
    /// The halfword is a copy of the guest's.
    bool copied(uint32_t offset) const { return known_[offset / 2] && !replaced_[offset / 2]; }
    /// It is an operand halfword of an instruction in front of it.
    bool continues(uint32_t offset) const { return continued_[offset / 2]; }

    /// Notes an instruction of so many bytes that is executed as it is.
    void add(uint32_t offset, unsigned length);
    /// Notes one that is replaced.
    void add_replaced(uint32_t offset, unsigned length, const Replaced& replaced);
    /// A range of bytes.
    struct Range {
        uint32_t begin = 0, end = 0;
        bool empty() const { return begin == end; }
    };
    /// What must be forgotten with this range: every instruction that has bytes in it, and whatever else
    /// shares bytes with those. Empty where nothing is known.
    Range concerned(Range changed) const;
    void forget(Range range);

    /// Counts one more privileged instruction that has trapped there. How often one has by now.
    unsigned count_trap(uint32_t offset) { return ++traps_[offset / 2]; }

    /// Stores that the guest was stopped for, of translated code and of code that is not.
    std::array<unsigned, 2> stores{};

  private:
    static constexpr unsigned kHalfwords = kPage / 2;
    std::bitset<kHalfwords> known_, continued_, replaced_;
    std::array<uint16_t, kHalfwords> site_of_{};  // of those that are or were replaced; 0: none yet
    std::vector<Replaced> sites_ = std::vector<Replaced>(1);
    std::array<uint8_t, kHalfwords> traps_{};
};

}  // namespace vmcp
