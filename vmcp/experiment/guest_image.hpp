// What a guest starts from: a storage image (assembled source or a core file) or a deck for its card reader.
// Natively and under the control program it is the same.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "simulation/devices/card.hpp"
#include "vmcp/machine/named_system.hpp"

namespace vmcp::experiment {

/// A file that cannot be used. what() is one line, which names the file.
struct GuestError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A source with errors. what() is one line or several: "FILE:LINE:COLUMN: error: ...".
struct GuestSourceError : GuestError {
    using GuestError::GuestError;
};

/// Bytes for a place in storage.
struct StorageBytes {
    uint32_t address = 0;
    std::vector<uint8_t> bytes;

    bool operator==(const StorageBytes&) const = default;
};

struct AssembledSource;  // vmcp/experiment/assembled_source.hpp

struct GuestImage {
    std::string file;                 // where it came from, for reports
    StorageBytes storage;             // loaded before the restart; not used for a deck
    simulation::SharedDeck deck;      // null for a storage image; otherwise what the machine IPLs from
    std::optional<SavedState> saved;  // goes on from there instead of a restart
    std::shared_ptr<const AssembledSource> source;  // null where it was not assembled here

    bool loads_from_reader() const { return deck != nullptr; }
};

/// Of a source or core file, bytes; no storage is larger.
inline constexpr size_t kLongestGuestFile = 64 << 20;

/// The whole file. Throws GuestError, also where it is longer than that.
std::vector<uint8_t> read_bytes(const std::string& path);

/// Assembles a source file. A program that does not cover location 0 gets a restart PSW there which starts
/// it at its entry point, disabled, in BC mode. Members for COPY are looked for beside it, in
/// `copy_directories`, and among those that are built in (examples/guests/*.copy). Throws GuestError,
/// and GuestSourceError with every error of the source.
std::shared_ptr<const GuestImage> assemble_guest(const std::string& path,
                                                 const std::vector<std::string>& copy_directories = {});

/// Members that come with the program, for isa::assembler::Options.
std::vector<isa::assembler::BuiltInMember> built_in_members();

/// A core file, FILE or FILE@HEXADDR. Throws GuestError.
std::shared_ptr<const GuestImage> core_guest(const std::string& file_at_address);

/// A saved system or segment of VM/370 (SAVESYS): a page with PSW (8 bytes), general registers (64),
/// floating-point registers (32), control registers (64) and storage keys (a byte a page: the access keys of
/// its halves), then the pages. Throws GuestError.
std::shared_ptr<const GuestImage> saved_guest(const std::string& path);

/// The same as a file holds it. `pages`: whole pages, at most kMostSavedPages; there is a key for each half
/// of them.
inline constexpr size_t kMostSavedPages = 4096 - 168;
std::vector<uint8_t> saved_bytes(const SavedState& state, const std::vector<uint8_t>& pages);

/// A deck that is IPLed from the reader. Throws GuestError.
std::shared_ptr<const GuestImage> deck_guest(const std::string& path);

/// Cards from a file: text (one card a line) if its name ends in ".txt", otherwise whatever
/// simulation::deck_of finds. Throws GuestError.
simulation::Deck read_cards(const std::string& path);

/// A hexadecimal number of at most `max`; false if the text is not one.
bool parse_hex(std::string_view text, uint32_t max, uint32_t& value);

}  // namespace vmcp::experiment
