// What the instructions of interpretive execution ask the CPU to do: one order an instruction.
#pragma once

#include <cstdint>

namespace isa {

enum class InterpretiveOrder : uint8_t {
    start,          // SIE
    load,           // LSD
    store_address,  // STSD
    clear,          // CLSD
    read_field,     // RSDF
    write_field,    // WSDF
    call_host,      // CALLH
    query,          // QIE
    query_assists,  // QAS
    purge,          // PGTLB
};

}  // namespace isa
