// Puts one case together: chooses registers, places operands in storage, and points base registers at them.
#pragma once

#include <cstdint>
#include <vector>

#include "isa/psw.hpp"
#include "vmcp/conformance/area_allocator.hpp"
#include "vmcp/conformance/edge_values.hpp"
#include "vmcp/conformance/random.hpp"
#include "vmcp/conformance/test_case.hpp"

namespace vmcp::conformance {

/// Where a storage operand lies.
enum class Place : uint8_t {
    inside,          // within a block
    block_edge,      // across a 2K boundary (each second one is a 4K boundary), accessible on both sides
    protected_edge,  // across a boundary to or from a block with another key or with fetch protection
    storage_end,     // across or next to the end of storage
    beyond,          // at an address that is not available
    low,             // within the first 512 bytes, up to their end, with low-address protection
    page_edge,  // with translation: across a boundary of virtual pages, of which one or both may be invalid
};

class CaseBuilder {
  public:
    CaseBuilder(Random& source, AreaAllocator& areas, TestCase& to_build);

    Random& random;
    isa::Psw psw;  // addresses the slot; finish() encodes it

    /// Runs the case with translation on; before the first operand is placed.
    void translate();
    /// Lets operands be placed in low storage, where nothing may be stored; what is fetched there is zero.
    void allow_low_storage() { low_allowed_ = true; }

    // ---- Registers
    /// A register that nothing else of this case uses; from 1 to 15 where it shall be a base.
    unsigned fresh_register(bool base = false);
    /// An operand register: any, nearly always fresh.
    unsigned operand_register();
    /// The even register of a fresh pair; now and then an odd one, which the instruction must refuse.
    unsigned operand_pair();
    /// A floating-point register number; now and then one that does not exist.
    unsigned float_register();
    /// As float_register, for extended operands: 0 or 4.
    unsigned float_pair();
    void set(unsigned r, uint32_t value);
    uint32_t get(unsigned r) const { return test.gpr[r & 15]; }
    bool is_set(unsigned r) const { return used_ >> (r & 15) & 1; }

    // ---- Storage operands
    /// Draws where the case's storage operands lie; call it once before the first operand. At most one of
    /// `count` operands is not `inside`.
    void draw_places(unsigned count);
    Place place_of(unsigned operand) const { return operand == special_operand_ ? special_ : Place::inside; }

    /// Places storage operand number `operand` (0, 1) of `length` bytes, at least 1; `alignment` (1, 2, 4, 8)
    /// is kept where `strict`, now and then not; `slack` bytes behind it belong to the case as well.
    uint32_t place(unsigned operand, unsigned length, unsigned alignment = 1, bool strict = false,
                   unsigned slack = 0);
    /// An area of key 0 that may be longer than a block.
    uint32_t large(unsigned length);
    /// A 4K boundary with 256 bytes behind it, and up to so many before it.
    uint32_t at_frame(unsigned before = 0);
    /// An address up to `last` that is not available.
    uint32_t unavailable(uint32_t last);
    /// Fills storage of this case; bytes that are not of its areas are left out.
    void put(uint32_t address, const std::vector<uint8_t>& bytes);
    void put64(uint32_t address, uint64_t value);

    /// Base and displacement, or index, base and displacement, that address `target`.
    void address(uint8_t& base, uint16_t& displacement, uint32_t target);
    void address(uint8_t& index, uint8_t& base, uint16_t& displacement, uint32_t target);

    // ---- Code
    uint32_t slot() const { return slot_; }
    /// The address of a landing pad, where a branch may go; now and then an odd or an unavailable one.
    uint32_t branch_target();
    /// Appends an instruction to the slot.
    void code(const std::vector<uint8_t>& bytes);
    /// Appends the instruction under test; through EXECUTE where `by_execute`.
    void subject(const isa::Decoded& instruction, bool by_execute = false);
    void subject(std::vector<uint8_t> bytes, bool by_execute = false);

    /// Fills what has not been set and completes the case.
    void finish();

    TestCase& test;

  private:
    void area(uint32_t address, uint32_t length);
    /// Turns program-event recording on, for events that the case is likely to have.
    void record_events();
    bool may_record_events() const;
    uint32_t place_at_page_edge(uint32_t distance);

    /// Virtual addresses that stand for storage elsewhere.
    struct Alias {
        uint32_t address, length, real;
    };

    AreaAllocator& areas_;
    uint32_t slot_ = 0;
    uint32_t used_ = 0;  // registers, a bit each
    unsigned special_operand_ = 9;
    Place special_ = Place::inside;
    unsigned code_length_ = 0;
    bool translating_ = false;
    bool low_allowed_ = false;
    unsigned table_format_ = 0;
    std::vector<Alias> aliases_;
};

/// The address of the slot of the case at this position of its image.
constexpr uint32_t slot_address(uint32_t position) { return kSlots + position * kSlotSize; }

}  // namespace vmcp::conformance
