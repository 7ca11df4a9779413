#include "vmcp/rings/ring_layout.hpp"

namespace vmcp {

std::string_view name_of(RingKind kind) {
    static constexpr std::string_view names[] = {"", "network", "block", "console", "entropy"};
    return names[static_cast<unsigned>(kind)];
}

std::string_view name_of(RingFault fault) {
    static constexpr std::string_view names[kRingFaults] = {
        "none", "address", "index", "descriptor", "loop", "length", "direction", "flags", "request"};
    return names[static_cast<unsigned>(fault)];
}

}  // namespace vmcp
