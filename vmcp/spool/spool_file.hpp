// A spool file: what a virtual machine has written on a printer, punch or console, or what waits for its
// reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/model/time.hpp"
#include "vmcp/spool/spool_records.hpp"

namespace vmcp {

/// On what it was written.
enum class SpoolOrigin : uint8_t { printer, punch, console };
/// Where it waits. What was written on a console waits as a printer's does.
enum class SpoolQueue : uint8_t { reader, printer, punch };

/// "PRT", "PUN", "CON"; "RDR", "PRT", "PUN".
std::string_view name_of(SpoolOrigin origin);
std::string_view name_of(SpoolQueue queue);
std::optional<SpoolOrigin> spool_origin(std::string_view name);
std::optional<SpoolQueue> spool_queue(std::string_view name);
constexpr SpoolQueue queue_of(SpoolOrigin origin) {
    return origin == SpoolOrigin::punch ? SpoolQueue::punch : SpoolQueue::printer;
}

inline constexpr unsigned kMostSpoolNumber = 9900;
inline constexpr unsigned kMostCopies = 99;
inline constexpr size_t kLongestForm = 8;
inline constexpr size_t kLongestFileName = 24, kLongestFileType = 8;
inline constexpr std::string_view kStandardForm = "STANDARD";

/// A to Z, 0 to 9.
constexpr bool is_spool_class(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// Where a page lies on the disks for them: one of them, and the slot of it.
struct SpoolPlace {
    uint32_t volume = 0, slot = 0;
};

struct SpoolFile {
    unsigned number = 0;  // 1 .. kMostSpoolNumber; 0 until it is closed
    SpoolOrigin origin{};
    SpoolQueue queue{};
    std::string device;    // its type: "1403", "3211", "2540", "3525", "3215"
    uint16_t address = 0;  // of the device
    std::string from;      // the machine that wrote it
    std::string owner;     // the machine in whose queue it is
    char spool_class = 'A';
    std::string form{kStandardForm};
    unsigned copies = 1;
    bool hold = false;
    std::string name, type;  // as CLOSE or CHANGE said; may be empty
    simulation::SimTime created = 0;
    SpoolRecords records;

    uint32_t pages = 0;              // that it takes; known by its records
    bool in_use = false;             // a reader is reading it
    std::vector<SpoolPlace> places;  // of its pages, as far as they have been full; none: there are no disks

    /// Cards or lines: the records that are no preparation of a printer (character set, forms control).
    size_t lines() const;
};

/// Whether a printer's record is such a preparation.
bool is_setup(SpoolOrigin origin, uint8_t command);

}  // namespace vmcp
