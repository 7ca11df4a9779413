// Turns CCWs of a guest into CCWs for a real channel: addresses of second-level storage into real ones (a
// list of indirect-data-address words where the data is not in one piece of real storage), places on a
// minidisk into places on the real disk. The pages that the data lies in are brought in and kept where they
// are.
//
// What the guest's own channel would find wrong, the real channel must find wrong at the same moment: an
// address outside of the guest's storage becomes one that no channel accepts.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "simulation/channel/channel_words.hpp"
#include "vmcp/io/disk_extent.hpp"
#include "vmcp/io/guest_channel_storage.hpp"
#include "vmcp/ledger/ledger.hpp"

namespace vmcp {

/// A page frame of the control program's in which translated programs are made: CCWs from its beginning,
/// lists and arguments from its end.
struct IoArea {
    FirstLevel at{0};
    uint32_t ccws = 0;      // bytes in use at the beginning
    uint32_t data = kPage;  // where what is in use at the end begins

    bool has_room(uint32_t bytes) const { return ccws + bytes <= data; }
    void clear() { ccws = 0, data = kPage; }
};

/// A stretch of a guest's absolute storage.
struct StorageRange {
    uint32_t begin, end;
    bool overlaps(StorageRange other) const { return begin < other.end && other.begin < end; }
};

class CcwTranslator {
  public:
    enum class Problem : uint8_t { none, no_room, exhausted };
    /// How many CCWs and pages there were, to be charged.
    struct Counts {
        uint64_t control = 0, data = 0, crossings = 0, relocated = 0;
    };

    CcwTranslator(GuestChannelStorage& guest, const DiskExtent& extent, FrameTable& frames)
        : guest_(guest), extent_(extent), frames_(frames) {}

    /// Everything is forgotten, and pages are let go.
    void clear();
    /// The same, but the pages only.
    void let_go();
    /// The same as clear, within a program that goes on: what is counted, and an argument that data chaining
    /// takes in parts, stay.
    void forget();

    /// What a copy that is to be used again depends on, when pages have been let go: every word that was read
    /// is what it was, and its pages are where they were. Arguments that name places may have changed; they
    /// are moved anew. The pages are locked again.
    struct Renewed {
        std::optional<uint64_t> moved;  // how many arguments; empty: the copy is of no use now
        uint64_t compared = 0;          // CCWs that were looked at
        bool stale = false;             // it will not be of use again: a page is somewhere else
    };
    Renewed renew(uint8_t key);
    /// Whether the copy depends on nothing that could not be looked at again.
    bool reusable() const { return reusable_; }

    /// Puts into `ccw` what the real channel shall get. `address`: of the CCW in the guest's storage, for
    /// what is chained to it. `command`: the one in force, which data chaining carries on. The CCW must be
    /// valid.
    Problem translate(simulation::Ccw& ccw, uint32_t address, uint8_t command, bool chained, uint8_t key,
                      IoArea& area);
    /// The same for what is left of a CCW of which so many bytes have been moved, on another disk.
    Problem translate_rest(simulation::Ccw& ccw, uint32_t done, uint8_t key, IoArea& area);
    /// The argument of the CCW translated next becomes this one, if it is all there.
    void replace_argument(const std::array<uint8_t, 8>& bytes) { replacement_ = bytes; }
    /// The argument of the command, which is not chained to another one; empty: it is not all there, or there
    /// is none.
    std::vector<uint8_t> read_argument(const simulation::Ccw& ccw, uint32_t address, uint8_t key);
    /// Six bytes of a seek within the extent, for a CCW of the control program's own.
    std::optional<uint32_t> put_seek(uint32_t cylinder, uint32_t head, IoArea& area);
    std::optional<uint32_t> put_bytes(std::span<const uint8_t> bytes, IoArea& area);

    /// The real cylinder that the first seek that was moved goes to.
    std::optional<uint32_t> first_cylinder() const { return first_cylinder_; }

    /// Absolute addresses of what the program reads into, and of what was read of it.
    const std::vector<StorageRange>& inputs() const { return inputs_; }
    const std::vector<StorageRange>& words() const { return words_; }
    const std::vector<StorageRange>& arguments() const { return arguments_; }
    void add_word(uint32_t begin, const uint8_t* contents, uint32_t bytes) {
        words_.push_back({begin, begin + bytes});
        was_.insert(was_.end(), contents, contents + bytes);
    }

    bool has_locked(uint32_t begin, uint32_t end) const;
    /// Whether the list of the CCW translated last could not be read under the subchannel key to its end: the
    /// program check that the real channel then finds is a protection check for the guest.
    bool list_protected() const { return list_protected_; }
    /// Of a CCW that became another one, which moves data where it moves none: the count that the guest is to
    /// find left. Empty: that of the CCW.
    std::optional<uint16_t> replaced_count() const { return replaced_count_; }
    const Counts& counts() const { return counts_; }
    Counts& counted() { return counts_; }
    const DiskExtent& extent() const { return extent_; }

    /// More pages than this are not locked for one program: it is followed instead (assumed).
    static constexpr size_t kMostPages = 64;

  private:
    struct Piece {
        uint32_t real;
        uint32_t bytes;
    };
    /// A page that is kept where it is, and its frame, by absolute and real address.
    struct Kept {
        uint32_t page, frame;
    };
    /// An argument that was copied and moved.
    struct Moved {
        uint8_t command;
        uint32_t from, length, to;  // absolute, and real
    };
    void relocate(uint8_t command, std::span<uint8_t> argument);
    /// `most`: the channel finds no byte behind so many. `done`: it begins behind so many.
    Problem data_area(simulation::Ccw& ccw, uint8_t command, uint8_t key, IoArea& area,
                      uint32_t most = 0x10000, uint32_t done = 0);
    void drop_pieces(uint32_t bytes);
    Problem part_of_short_argument(simulation::Ccw& ccw, uint8_t command, uint8_t key, IoArea& area);
    Problem direct_pieces(const simulation::Ccw& ccw, bool backward, bool storing);
    Problem listed_pieces(const simulation::Ccw& ccw, bool backward, bool storing, uint8_t key);
    Problem add_piece(uint32_t absolute, uint32_t bytes, bool backward, bool storing);
    Problem argument(simulation::Ccw& ccw, uint32_t address, uint8_t command, uint8_t key, IoArea& area);
    /// What keeps a device from getting the whole of an argument.
    struct Gathered {
        unsigned bytes = 0;
        bool protection = false;
    };
    bool words_are_as_they_were(uint8_t key, uint64_t& compared);
    Gathered gather(simulation::Ccw ccw, uint32_t address, uint8_t key, std::span<uint8_t> out,
                    std::vector<StorageRange>& from);
    Problem lock(uint32_t absolute, bool storing, uint32_t& real);

    GuestChannelStorage& guest_;
    const DiskExtent& extent_;
    FrameTable& frames_;
    Counts counts_;
    std::vector<StorageRange> inputs_, words_, arguments_;
    std::vector<Kept> locked_;
    std::vector<Kept> used_;  // those of the copy, while nothing is locked
    std::vector<Moved> moved_;
    std::optional<uint32_t> first_cylinder_;
    std::vector<uint8_t> was_;  // what the words contained
    bool reusable_ = true;
    std::vector<Piece> pieces_;  // of the CCW under way
    uint32_t argument_at_ = 0;   // what is left of an argument that data chaining takes in parts
    uint32_t argument_left_ = 0;
    std::optional<Gathered> short_argument_;  // what the device may get of one that is not all there
    bool list_protected_ = false;
    std::optional<uint16_t> replaced_count_;
    std::optional<std::array<uint8_t, 8>> replacement_;  // of the next argument
};

}  // namespace vmcp
