// Guests that run into page faults of the control program's, for tools that count.
#pragma once

#include <cstdint>

namespace bench {

/// A machine touches so many pages, at most 3,500, for the first time: each gets a frame of zeroes.
uint64_t fill_pages(uint32_t pages);

/// A machine goes round over more pages than there are frames, which lie unchanged on a drum; so a page is
/// brought in for each that loses its frame, and the machine waits for it. Returns how many came: so many, or
/// a few more.
uint64_t bring_pages_in(uint32_t pages);

}  // namespace bench
