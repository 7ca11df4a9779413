// A guest's own translation tables, as isa::translate_address wants them: they lie in its second-level
// storage, which gets frames where it has none. Entries are fetched without a trace in the storage keys, as
// by the hardware.
#pragma once

#include <optional>

#include "vmcp/storage/guest_storage.hpp"

namespace vmcp {

class GuestTables {
  public:
    explicit GuestTables(GuestStorage& storage) : storage_(storage) {}

    /// Throws RealStorageExhausted.
    std::optional<uint32_t> fetch_table32(uint32_t real) {
        if (!storage_.valid(SecondLevel(real + 3))) return std::nullopt;
        return storage_.real().get32(storage_.resident(SecondLevel(real)).value);
    }
    std::optional<uint16_t> fetch_table16(uint32_t real) {
        if (!storage_.valid(SecondLevel(real + 1))) return std::nullopt;
        return storage_.real().get16(storage_.resident(SecondLevel(real)).value);
    }

  private:
    GuestStorage& storage_;
};

}  // namespace vmcp
