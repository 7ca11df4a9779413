// A guest's page zero, where interruptions leave their old PSWs and codes (isa::AssignedStorage): looked up
// once for all that one interruption stores.
#pragma once

#include <cstring>
#include <optional>

#include "isa/interruption.hpp"
#include "vmcp/machine/virtual_machine.hpp"

namespace vmcp {

class AssignedPage {
  public:
    /// Gets the page a frame if it has none; empty where real storage is exhausted.
    static std::optional<AssignedPage> of(VirtualMachine& vm) {
        const auto at = vm.storage.try_resident(SecondLevel(0));
        if (!at) return std::nullopt;
        vm.storage.real().mark_used(at->value, simulation::kKeyReferenced | simulation::kKeyChanged);
        return AssignedPage(vm.storage.real(), *at);
    }

    uint64_t fetch_assigned64(uint32_t location) const { return storage_.get64(at_.value + location); }
    void store_assigned16(uint32_t location, uint16_t v) { storage_.put_aligned(at_.value + location, v); }
    void store_assigned32(uint32_t location, uint32_t v) { storage_.put_aligned(at_.value + location, v); }
    void store_assigned64(uint32_t location, uint64_t v) { storage_.put_aligned(at_.value + location, v); }

  private:
    AssignedPage(simulation::RealStorage& storage, FirstLevel at) : storage_(storage), at_(at) {}

    simulation::RealStorage& storage_;
    FirstLevel at_;
};

}  // namespace vmcp
