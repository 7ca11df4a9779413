#include "vmcp/spool/spool_file.hpp"

#include <algorithm>
#include <array>

namespace vmcp {
namespace {

constexpr std::array<std::string_view, 3> kOrigins = {"PRT", "PUN", "CON"};
constexpr std::array<std::string_view, 3> kQueues = {"RDR", "PRT", "PUN"};

template <class E>
std::optional<E> find(const std::array<std::string_view, 3>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<E>(found - names.begin());
}

}  // namespace

std::string_view name_of(SpoolOrigin origin) { return kOrigins[static_cast<size_t>(origin)]; }
std::string_view name_of(SpoolQueue queue) { return kQueues[static_cast<size_t>(queue)]; }
std::optional<SpoolOrigin> spool_origin(std::string_view name) { return find<SpoolOrigin>(kOrigins, name); }
std::optional<SpoolQueue> spool_queue(std::string_view name) { return find<SpoolQueue>(kQueues, name); }

bool is_setup(SpoolOrigin origin, uint8_t command) {
    if (origin != SpoolOrigin::printer) return false;
    // Unfold, fold, load forms control; block data check, allow it; gate and load of character sets.
    for (const uint8_t setup : {0x23, 0x43, 0x63, 0x73, 0x7B, 0xEB, 0xF3, 0xFB})
        if (command == setup) return true;
    return false;
}

size_t SpoolFile::lines() const {
    if (origin != SpoolOrigin::printer) return records.count();
    size_t n = 0;
    for (const SpoolRecord& record : records) n += !is_setup(origin, record.command);
    return n;
}

}  // namespace vmcp
