// Count-key-data disks: IBM 2311 (2841 storage control, GA26-5988), 2314 (GA26-3599), 3330 (3830 storage
// control, GA26-1592), 3340 (GA26-1619), 3350 (GA26-1638).
//
// The disk turns all the time; where it is follows from simulated time. Every command that looks for a field
// on the track ends when that field has passed under the head, so searches, reads and writes take as long as
// they must, a missed record costs a rotation, and nothing is scheduled while no command is under way.
//
// Orientation: a command of a chain goes on where the one before ended. After a search or a read of a count
// area the next field is the key or data of the same record; otherwise the next count area. The first
// command of a chain, and the one after a seek, takes what comes next.
//
// Commands, each with the multitrack bit (80) where the units have it: seek (07), seek cylinder (0B), seek
// head (1B), recalibrate (13), restore (17), set file mask (1F), no-operation (03), space count (0F), set
// sector (23, not 2311 and 2314); search home address (39), identifier (31, 51, 71), key (29, 49, 69), key
// and data (2D, 4D, 6D: 2311 and 2314 with the file scan feature); read IPL (02), home address (1A), record 0
// (16), count (12), data (06), key and data (0E), count key and data (1E), sector (22); write home address
// (19), record 0 (15), count key and data (1D), special count key and data (01), key and data (0D), data
// (05), erase (11); sense (04), sense ID (E4: 33xx), reserve (B4), release (94), read and reset buffered log
// (A4: 33xx). Diagnostic commands are rejected.
//
// Defective tracks: the flags of the home address say so, and record 0 has the alternate's address. The 3330
// and 3350 go there by themselves; the others end the command with track condition check, as they do where a
// multitrack command would leave an alternate track. Commands for home address and record 0 take the track as
// it is. (VM/370 SY20-0886, "Alternate Track Recovery", tells which units do which.)
//
// Record overflow: a record that was written with the special command goes on with the first record of the
// next track; reading, updating, and searching key and data follow it.
//
// A formatting write erases the track up to index: the control unit, which the drives of a string share, is
// busy so long.
#pragma once

#include <memory>
#include <optional>

#include "simulation/channel/device.hpp"
#include "simulation/devices/disk_timing.hpp"
#include "simulation/images/ckd_image.hpp"

namespace simulation {

class CkdDisk final : public Device {
  public:
    /// What of a record has passed under the head last.
    enum class Area : uint8_t { nowhere, index, home, count, key, data };
    /// What a search was after and found, so that a write may follow.
    enum class Found : uint8_t { nothing, home, identifier, key };
    /// What lets a formatting write follow.
    enum class Format : uint8_t { no, behind_identifier, behind_key, behind_format };
    /// What of it a program or an operator can notice.
    struct State {
        uint32_t logged_bytes = 0, logged_seeks = 0;  // since the log was read
        unsigned cylinder = 0, head = 0;
        unsigned arm = 0;  // the cylinder where the arm stands: another one on an alternate track

        // Of the chain.
        Area area = Area::nowhere;
        size_t record = 0;         // index of the record that `area` is about
        unsigned index_marks = 0;  // passed without reading data
        Found found = Found::nothing;
        Format may_format = Format::no;
        uint8_t mask = 0;
        bool mask_set = false;
        bool awaits_sector = false;
        SimTime erase_end = 0;                         // index, while a formatting write erases the rest
        std::optional<std::array<uint8_t, 3>> spaced;  // key and data length as space count was given them
    };

    CkdDisk(const images::DiskGeometry& geometry, DiskTiming timing);
    ~CkdDisk() override;

    std::string_view type() const override { return geometry_.name; }
    std::string_view control_unit_type() const override;
    bool bursts() const override { return true; }
    const images::DiskGeometry& geometry() const { return geometry_; }

    /// Puts a pack on the drive, which becomes ready (device end). Null: takes it off. Throws
    /// std::invalid_argument if it is of another type, ImageError if the last track written to the old one
    /// cannot be saved.
    void mount(std::unique_ptr<images::CkdImage> pack);
    void mount(const Medium& medium) override;
    bool mounted() const { return pack_ != nullptr; }
    /// Saves what was written last. Everything else has been saved. Throws ImageError.
    void flush() override;
    /// Puts the tracks of these cylinders, which nobody works on, into standard format: an operator's doing,
    /// which takes the disk no time. They must exist. Throws ImageError.
    void clear(unsigned first_cylinder, unsigned count);

    void begin_chain() override;

    const State& state() const { return state_; }

  private:
    enum class Find : uint8_t { found, no_record, end_of_cylinder, protected_head, defective };
    /// Whose track is meant: the one that the arm stands at, or the alternate that has its data.
    enum class Whose : uint8_t { itself, data };

    uint8_t start(uint8_t command) override;
    void discard() override;
    void chain_ended() override;
    void complete_sense(Sense& sense) const override;
    SimTime retry_delay() const override;

    uint8_t do_nothing();
    uint8_t control(uint8_t command);
    uint8_t search(uint8_t command);
    uint8_t read(uint8_t command);
    uint8_t write(uint8_t command);

    uint8_t seek(uint8_t command);
    void move_arm(unsigned cylinder, unsigned head);
    uint8_t recalibrate();
    uint8_t set_file_mask();
    uint8_t set_sector();
    uint8_t space_count();
    uint8_t give_soon(std::vector<uint8_t> bytes);
    uint8_t give_log();
    uint8_t reserve();

    uint8_t search_home(bool multitrack);
    uint8_t search_identifier(uint8_t command);
    uint8_t search_key(uint8_t command);
    uint8_t search_key_data(uint8_t command);
    void compare_segment(uint8_t command, bool key, int order);
    uint8_t read_ipl();
    uint8_t read_home(bool multitrack);
    uint8_t read_record0(bool multitrack, bool after_home);
    uint8_t read_sector();
    void read_record(bool count, bool key);
    void give_segment(bool count, bool key, uint8_t status);
    uint8_t write_home();
    uint8_t write_record0();
    uint8_t write_update(bool key);
    void take_segment(bool key, uint8_t status);
    uint8_t write_format(uint8_t command);
    void format_at(size_t index, uint8_t command);
    /// Goes on to the next segment of a record that overflows. False: it cannot, and the command has ended.
    bool next_segment(uint8_t operation);

    // Positions on the track, in bytes behind index.
    int64_t record_start(size_t index) const;
    int64_t count_end(size_t index) const;
    int64_t key_end(size_t index) const;
    int64_t data_end(size_t index) const;
    /// The first moment from time_ on at which this position passes.
    void turn_to(int64_t position);
    void turn_to_index() { time_ += disk_.rotation - time_ % disk_.rotation; }
    /// Goes on to index; multitrack: to that of the next head.
    /// What it answers other than `found` ends the command.
    Find pass_index(bool multitrack, Whose whose);
    Find next_head(Whose whose);
    Find next_count(bool multitrack, bool with_record0);

    /// Lets `action` happen at time_.
    template <class F>
    void at_time(F action) {
        after(time_ - queue().now(), std::move(action));
    }
    /// Lets `action` happen when the control unit has asked for what it needs to know.
    template <class F>
    void soon(F action) {
        time_ += timing().control;
        at_time(std::move(action));
    }
    uint8_t fails(Find why);
    void note_failure(Find why, uint8_t sense1);
    uint8_t end_with_check(uint8_t sense0, uint8_t sense1, uint8_t message);
    uint8_t reject(uint8_t message);
    uint8_t note(uint8_t sense0, uint8_t sense1, uint8_t message);

    void load(uint32_t number);
    /// Puts the track under the head.
    Find track(Whose whose);
    /// The count area as a program sees it.
    std::array<uint8_t, images::kCountSize> count_area(size_t index) const;
    void changed() { dirty_ = true; }
    void erase_to_index();
    bool wide_sense() const { return geometry_.sense_bytes == kMostSense; }
    /// Whether the unit goes to an alternate track by itself.
    bool follows_alternates() const { return geometry_.number == 0x3330 || geometry_.number == 0x3350; }

    const images::DiskGeometry& geometry_;
    DiskTiming disk_;
    std::unique_ptr<images::CkdImage> pack_;
    State state_;
    images::Track track_;  // the one under the head, if loaded
    uint32_t track_number_ = 0;
    bool loaded_ = false, dirty_ = false;

    SimTime time_ = 0;  // of the command under way
};

}  // namespace simulation
