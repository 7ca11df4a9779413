#include "vmcp/service/call_table.hpp"

#include <algorithm>
#include <array>

namespace vmcp {
namespace {

using Code = std::array<uint8_t, 32>;  // zeros behind it

/// In a routine's last two words: the address of the shared page is at 56.
constexpr uint32_t kPageConstant = 56;

// The order is part of the interface: docs/paravirtual.md.
constexpr unsigned kEntries = 9;
const std::array<Code, kEntries> kRoutines = {{
    // 0: disable
    {0x58, 0xF0, 0xF0, 0x38,  // L    15,56(15)
     0x92, 0xC0, 0xF0, 0x00,  // MVI  0(15),X'C0'
     0x07, 0xFE},             // BR   14
    // 1: enable
    {0x58, 0xF0, 0xF0, 0x38,  // L    15,56(15)
     0x92, 0x00, 0xF0, 0x00,  // MVI  0(15),0
     0x91, 0xC0, 0xF0, 0x01,  // TM   1(15),X'C0'
     0x07, 0x8E,              // BZR  14
     0x92, 0x00, 0xF0, 0x01,  // MVI  1(15),0
     0x83, 0x00, 0x02, 0x08,  // DIAG 0,0,X'208'
     0x07, 0xFE},             // BR   14
    // 2: type the line at R2, R3 characters
    {0x83, 0x23, 0x02, 0x28,  // DIAG 2,3,X'228'
     0x07, 0xFE},
    // 3: interrupt in R2 microseconds
    {0x83, 0x20, 0x02, 0x1C,  // DIAG 2,0,X'21C'
     0x07, 0xFE},
    // 4: wait, called disabled, and enable
    {0x83, 0x00, 0x02, 0x24,  // DIAG 0,0,X'224'
     0x58, 0xF0, 0xF0, 0x38,  // as in 1
     0x92, 0x00, 0xF0, 0x00, 0x91, 0xC0, 0xF0, 0x01, 0x07, 0x8E,
     0x92, 0x00, 0xF0, 0x01, 0x83, 0x00, 0x02, 0x08, 0x07, 0xFE},
    // 5: let others run
    {0x83, 0x00, 0x02, 0x20,  // DIAG 0,0,X'220'
     0x07, 0xFE},
    // 6: map the page at R2 to R3
    {0x83, 0x23, 0x02, 0x0C,  // DIAG 2,3,X'20C'
     0x07, 0xFE},
    // 7: unmap the page at R2
    {0x83, 0x20, 0x02, 0x10,  // DIAG 2,0,X'210'
     0x07, 0xFE},
    // 8: go to the address space R2
    {0x83, 0x20, 0x02, 0x14,  // DIAG 2,0,X'214'
     0x07, 0xFE},
}};

}  // namespace

void fill_call_table(VirtualMachine& vm, SecondLevel at, uint32_t shared_page) {
    simulation::RealStorage& real = vm.storage.real();
    const uint32_t frame = vm.storage.resident(at).value;
    real.mark_used(frame, simulation::kKeyReferenced | simulation::kKeyChanged);
    std::array<uint8_t, kEntries * kCallTableEntry> page{};
    for (unsigned i = 0; i < kEntries; ++i) {
        uint8_t* const routine = page.data() + i * kCallTableEntry;
        std::copy(kRoutines[i].begin(), kRoutines[i].end(), routine);
        for (unsigned byte = 0; byte < 4; ++byte)
            routine[kPageConstant + byte] = static_cast<uint8_t>(shared_page >> (24 - 8 * byte));
    }
    real.put(frame, page.data(), page.size());
}

}  // namespace vmcp
