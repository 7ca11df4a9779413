// A spool file that a machine reads page by page through one of its readers, without channel programs
// (DIAGNOSE X'14', vmcp/service/input_spool.hpp).
#pragma once

#include <vector>

#include "vmcp/spool/spool_buffers.hpp"

namespace vmcp {

struct DirectReading {
    DirectReading() = default;
    ~DirectReading() { leave(); }
    DirectReading(const DirectReading&) = delete;
    DirectReading& operator=(const DirectReading&) = delete;

    SpoolFile* file = nullptr;       // the active one; null: none
    std::vector<SpoolBuffer> pages;  // its, made once
    uint32_t next = 0;               // number of the page that is read next, from 0
    unsigned copies = 1;             // times that it is yet to be read, this one included
    unsigned last_block = 0;  // number of the file whose block was given last; 0: the search begins anew

    void take(SpoolFile& one) {
        leave();
        file = &one;
        one.in_use = true;
        pages = spool_buffers(one);
        next = 0;
        copies = one.copies;
    }
    /// The file is free for others.
    void leave() {
        if (file != nullptr) file->in_use = false;
        file = nullptr;
        pages = {};
        next = 0;
    }
};

}  // namespace vmcp
