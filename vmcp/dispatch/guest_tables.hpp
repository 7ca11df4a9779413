// A guest's own translation tables, as isa::translate_address wants them: they lie in its second-level
// storage, which gets frames where it has none, unless an assist asks. Entries are fetched without a trace in
// the storage keys, as by the hardware.
#pragma once

#include <optional>

#include "vmcp/machine/assist_counts.hpp"
#include "vmcp/storage/guest_storage.hpp"

namespace vmcp {

/// Raised where an assist cannot go on: the control program gets the interruption, and does it all. `page`:
/// that has no frame, if that is why.
struct NeedsControlProgram {
    AssistRefusal why;
    SecondLevel page{0};
};

/// Who needs a page that has no frame.
enum class Needs : uint8_t {
    page,     // the control program, which brings it in
    nothing,  // an assist or the interpreter, which give up
};

/// The frame of a page. Throws RealStorageExhausted or NeedsControlProgram.
inline FirstLevel frame_of(GuestStorage& storage, SecondLevel a, Needs needs) {
    if (needs == Needs::page) [[likely]]
        return storage.resident(a);
    if (const auto at = storage.locate(a)) return *at;
    throw NeedsControlProgram{AssistRefusal::no_frame, a};
}

class GuestTables {
  public:
    explicit GuestTables(GuestStorage& storage, Needs needs = Needs::page)
        : storage_(storage), needs_(needs) {}

    /// Throws as frame_of.
    std::optional<uint32_t> fetch_table32(uint32_t real) {
        if (!storage_.valid(SecondLevel(real + 3))) return std::nullopt;
        return storage_.real().get32(frame_of(storage_, SecondLevel(real), needs_).value);
    }
    std::optional<uint16_t> fetch_table16(uint32_t real) {
        if (!storage_.valid(SecondLevel(real + 1))) return std::nullopt;
        return storage_.real().get16(frame_of(storage_, SecondLevel(real), needs_).value);
    }

  private:
    GuestStorage& storage_;
    Needs needs_;
};

}  // namespace vmcp
