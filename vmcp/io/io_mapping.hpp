// The I/O tables of a virtual machine with translating channels (simulation/machine/io_table.hpp): which of
// its pages a channel may reach, and for how long.
//
// A zone is mapped as a whole, once, for all of the machine's devices; or for one device, as each channel
// program needs it: the control program reads the program, makes no copy, and enters the pages of its CCWs,
// lists and data, each for what is to be done with it. Cached, they stay behind the program's end.
//
// Pages of a machine that is paged are kept where they are as long as they are mapped. Of a named segment
// that is shared, pages are mapped for one program only.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "simulation/machine/io_table.hpp"
#include "vmcp/io/disk_extent.hpp"
#include "vmcp/io/guest_channel_storage.hpp"
#include "vmcp/storage/frame_table.hpp"

namespace vmcp {

/// When pages are entered in the I/O tables, and when they are taken out.
enum class IoMappingStrategy : uint8_t {
    whole_guest,         // all of the machine's storage once, for good
    per_program,         // what a channel program needs, before it; taken out behind it
    per_program_cached,  // the same, but pages stay until room is needed for others
};
/// "whole-guest", "per-program", "per-program-cached"
std::string_view name_of(IoMappingStrategy strategy);

/// How many pages of former programs stay mapped for a device, where nothing else is said (assumed).
inline constexpr unsigned kMappedPages = 64;

/// What was done for mappings, to be charged.
struct IoMappingCounts {
    uint64_t scanned = 0, found = 0, mapped = 0, unmapped = 0, purges = 0;
};

class IoMapping {
  public:
    enum class Problem : uint8_t { none, no_room, exhausted };

    /// `kept`: how many pages stay behind a program's end.
    IoMapping(GuestChannelStorage& guest, FrameTable& frames, unsigned kept);
    ~IoMapping();
    IoMapping(const IoMapping&) = delete;
    IoMapping& operator=(const IoMapping&) = delete;

    /// The real address of the directory; none where real storage had no room for it. It stays.
    std::optional<FirstLevel> directory();
    /// A unit's channel goes by these tables. The zone must outlive the mapping, or leave.
    void enter(simulation::IoZone& zone) { zones_.push_back(&zone); }
    void leave(simulation::IoZone& zone) { std::erase(zones_, &zone); }

    /// Maps all of the machine's storage that is not mapped. Where that cannot be, nothing is mapped any
    /// more. no_room: it would not leave enough to others, or a segment is shared.
    Problem map_whole();
    /// Whether that has been done, and all of it still is.
    bool has_whole() const { return pages_.size() == guest_.size() / kPage; }
    /// Maps what the program may use. no_room: too many pages for this machine at once, or what it will do
    /// cannot be known beforehand, for it reads into its own CCWs or lists.
    Problem map_program(uint32_t caw, const DiskExtent& extent);
    /// That program has ended.
    void end_program();
    /// Pages in this part of second-level storage are about to be taken from the guest.
    void give_up(uint32_t begin, uint32_t end);
    /// Everything is taken out.
    void forget();

    /// What has been done since it was asked last.
    IoMappingCounts take_counts() { return std::exchange(counts_, {}); }
    size_t pages() const { return pages_.size(); }
    /// Where directory and tables lie, and how many bytes they have.
    struct Table {
        FirstLevel at;
        uint32_t bytes;
    };
    std::vector<Table> tables() const;

    /// More pages than this are not mapped for one program: it is translated instead (assumed).
    static constexpr size_t kMostPages = 64;
    /// Nor are more CCWs looked at (assumed).
    static constexpr size_t kMostCcws = 512;

  private:
    struct Page {
        uint32_t permissions = 0;
        uint64_t used = 0;  // by the program of that number, last
        bool locked = false, once = false;
    };
    struct Range {
        uint32_t begin, end;
        bool overlaps(const Range& other) const { return begin < other.end && other.begin < end; }
    };
    bool look_at(uint32_t address, uint8_t* out, uint32_t bytes, uint8_t key) const;
    Problem scan(uint32_t caw, const DiskExtent& extent);
    Problem need_data(const simulation::Ccw& ccw, uint8_t command, uint8_t key);
    Problem need(uint32_t begin, uint32_t end, uint32_t permission);
    Problem map(uint32_t page, uint32_t permissions);
    bool may_keep();
    bool put(uint32_t page, uint32_t word);
    void unmap(std::map<uint32_t, Page>::iterator at);
    void purge();

    GuestChannelStorage& guest_;
    FrameTable& frames_;
    const unsigned kept_;
    uint32_t directory_ = 0;          // 0: there is none
    std::map<uint32_t, Page> pages_;  // by absolute address
    std::vector<simulation::IoZone*> zones_;
    std::vector<Range> words_, inputs_;  // of the program that is looked at
    size_t in_program_ = 0;              // pages
    uint64_t program_ = 0;
    IoMappingCounts counts_;
};

}  // namespace vmcp
