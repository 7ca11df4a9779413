// What the short way of a TLB miss goes by (usual_access.hpp): where the segment table of a space lies, and
// what holds for every entry of it and of its page tables, found out once for as long as the CPU keeps its
// context. The entries themselves are read anew by each walk.
#pragma once

#include <cstdint>
#include <cstring>

#include "simulation/model/time.hpp"

namespace simulation {

/// Of 4K pages in 64K segments, tables in the machine's own real storage.
struct UsualTables {
    static constexpr unsigned kReferences = 2;  // of a walk: table entries

    const uint8_t* segments = nullptr;  // the segment table, in the host
    uint32_t from = 0, length = 0;      // what it translates, but what is protected; length 0: not known
    uint32_t refused_bits = 0;          // of a page-table entry: no page is there, or no usual one
    uint32_t common = 0;                // how the TLB tags the pages of a common segment
    uint32_t plain_from = 0,
             plains = 0;  // real addresses of storage that are absolute ones; from here, so many
    SimTime walk_ns = 0;

    bool translates(uint32_t logical) const { return logical - from < length; }
    bool is_plain(uint32_t real) const { return real - plain_from < plains; }
    void forget() { length = 0; }

    uint32_t segment_entry(uint32_t logical) const {
        uint32_t v;
        std::memcpy(&v, segments + (logical >> 16) * sizeof v, sizeof v);
        return __builtin_bswap32(v);
    }
    static uint32_t page_entry(const uint8_t* at) {
        uint16_t v;
        std::memcpy(&v, at, sizeof v);
        return __builtin_bswap16(v);
    }
};

}  // namespace simulation
