// A program that reads one record of 4096 bytes of a 3330 again and again, for tools that count: seek,
// search, transfer in channel, read; it waits for each interruption.
#pragma once

#include <cstdint>

namespace bench {

/// On a bare machine.
uint64_t read_natively(uint32_t reads);
/// As a guest, on a minidisk: the channel program is translated each time.
uint64_t read_translated(uint32_t reads);
/// The same with way of I/O `fast`: the copy of the last time is used again.
uint64_t read_fast(uint32_t reads);

}  // namespace bench
