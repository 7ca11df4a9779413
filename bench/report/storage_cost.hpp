// Host speed of guests that translate, and host time of a turn when pages must be moved.
#pragma once

#include <string>
#include <vector>

namespace bench {

struct TranslatingSpeed {
    std::string how;         // "shadow", "nested"
    double native_mips = 0;  // the same program on the bare machine, translation on
    double guest_mips = 0;
    double ratio = 0;  // the median of guest : native, run in turn
};

/// examples/guests/walker.asm with translation on: natively, and as a guest with shadow tables and with
/// nested translation. `repeats`: odd.
std::vector<TranslatingSpeed> measure_translating(int repeats);

struct PagingTurn {
    unsigned virtual_machines = 0;
    double ns = 0;            // host CPU time of a turn: switch, touch of a page, page fault
    double pages_a_turn = 0;  // brought in
};

/// Each virtual machine goes round over eight pages, of which real storage holds half.
std::vector<PagingTurn> measure_paging_turns(int repeats);

}  // namespace bench
