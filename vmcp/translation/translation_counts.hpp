// What binary translation has done for a guest.
#pragma once

#include <cstdint>

namespace vmcp {

/// What translation has done since the guest began.
struct TranslationCounts {
    uint64_t instructions = 0;  // that were looked at, some of them several times
    uint64_t blocks = 0;        // stretches of them, to an unconditional branch
    uint64_t replaced = 0;      // of them, at once or because they had trapped often
    uint64_t sequences = 0;     // executions of replaced ones in line
    uint64_t calls = 0;         // executions that called the control program, without a trap
    uint64_t out_of_line = 0;   // executions by the real CPU, from another place
    uint64_t interpreted =
        0;  // executions that were interpreted, for the instruction lies across pages or worse
    uint64_t invalidated = 0;  // stores that changed translated code
    uint64_t stores = 0;       // of the guest's own into pages with translated code, which stop it
    uint64_t checked = 0;      // of those, rewritten ones that do not
    uint64_t flushes = 0;      // of all pages
};

}  // namespace vmcp
