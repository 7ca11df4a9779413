// A guest's channel program as the real channel gets it, in one of two forms.
//
// Copied: before START I/O all of it is copied into real storage of the control program's and translated
// (CcwTranslator), transfers in channel included; the real channel runs the copy. That is what control
// programs do, and all that most programs need.
//
// Followed: a program that changes itself while it runs cannot be copied before: one CCW, or a word that one
// needs, lies where an earlier one reads into. Initial program loading works so, and the indexed sequential
// access method. Such a program, and one that is too large to be copied, is translated CCW by CCW at the
// moment when the channel comes to it. (A real control program cannot do that in the time between two
// commands; VM/370 knew the shapes of such programs one by one. What the translation costs is charged
// all the same, when it happens: assumed.) Where not even the pages of one CCW can be kept in real storage
// together, they are brought in one by one, as the channel comes to them.
#pragma once

#include <vector>

#include "simulation/cpu/storage.hpp"
#include "vmcp/io/block_chain.hpp"
#include "vmcp/io/ccw_translator.hpp"

namespace vmcp {

class TranslatedProgram final : public simulation::ChannelStorage {
  public:
    /// `real`: what real channels use.
    TranslatedProgram(GuestChannelStorage& guest, const DiskExtent& extent, FrameTable& frames);
    ~TranslatedProgram() override;

    /// Whether programs that change themselves are followed (OPTION ISAM); otherwise their copies know
    /// nothing of the change.
    void follow_changes(bool yes) { follows_changes_ = yes; }
    /// Whether it begins with a seek of the control program's own.
    bool positioned() const { return positioned_; }

    enum class Form : uint8_t { none, copied, followed };
    /// Where arm and head must be before the first command: the virtual cylinder and head.
    struct Position {
        uint32_t cylinder = 0, head = 0;
    };
    /// Makes what the real channel is to run. The first CCW must be one that the guest's channel would put in
    /// control (Start checks that). `position`: empty where they are there. False: real storage is exhausted.
    bool make(uint32_t caw, std::optional<Position> position);
    /// Where a program that is followed leads to a piece of the minidisk on another disk, it ends in front of
    /// the CCW that does: the address of that, and the cylinder or block.
    struct Leaving {
        uint32_t ccw, cylinder;
    };
    const std::optional<Leaving>& leaving() const { return leaving_; }
    /// Makes what is to go on there. `mask`: the file mask that is in force. False: real storage is
    /// exhausted.
    bool make_rest(uint32_t caw, std::optional<uint8_t> mask);

    /// Of a minidisk of blocks in several pieces: how a program is to go on that has ended with this CSW, as
    /// the guest would see it, only because the piece ends. Empty: it is over.
    struct Rest {
        uint32_t block;  // the piece with this one is the next
        uint32_t ccw;    // the CCW that it goes on with, behind what is still to be read or written
        enum class First : uint8_t { nothing, data, zeros } first = First::nothing;
        uint32_t done = 0;    // of the CCW in control: bytes that have been moved
        bool chains = false;  // behind zeros it goes on
    };
    std::optional<Rest> rest_behind(const simulation::Csw& seen);
    /// Makes that, when the piece has been chosen. False: real storage is exhausted.
    bool make_rest(const Rest& rest);

    /// The implied program of initial program loading: read 24 bytes to location 0, go on at 8.
    /// False: real storage is exhausted.
    bool make_ipl();
    /// Uses the copy that was made last once more, if it is of this program and nothing has changed that it
    /// depends on: how many arguments were moved anew. Empty: it must be made. Adds to `compared` how many
    /// CCWs were looked at to know that.
    std::optional<uint64_t> make_again(uint32_t caw, std::optional<Position> position, uint64_t& compared);
    /// Lets go of pages. `keep`: it is to be used again, if it was copied and can be.
    void end(bool keep);
    /// Whether there is a copy that is not in use, but kept.
    bool kept() const { return kept_ && form_ == Form::none; }
    size_t ccws() const { return slots_.size(); }

    Form form() const { return form_; }
    /// The real channel is about to begin with it, maybe not for the first time: the control unit may have
    /// been busy.
    void begin();
    /// For the real channel.
    uint32_t caw() const { return caw_; }
    simulation::ChannelStorage* storage() { return form_ == Form::followed ? this : nullptr; }
    /// What the guest is to see of a CSW of the real channel.
    simulation::Csw untranslate(simulation::Csw csw) const;

    CcwTranslator& translator() { return translator_; }
    const CcwTranslator& translator() const { return translator_; }
    /// Where copies are, or were last.
    const IoArea& area() const { return area_; }
    /// Called when a CCW of a followed program has been translated, with what that was since the last time.
    std::function<void(const CcwTranslator::Counts&)> on_followed = [](const CcwTranslator::Counts&) {};
    /// Called with each CCW of the guest's that the channel comes to in a followed program.
    std::function<void(const simulation::Ccw&)> on_guest_ccw = [](const simulation::Ccw&) {};
    /// Real storage was exhausted while the program was being followed: its owner cannot go on.
    bool exhausted() const { return exhausted_; }

    /// The pairs of CCWs, the guest's and the copy's, for who wants to see them: copied programs only.
    struct Pair {
        uint32_t guest_address;
        simulation::Ccw guest, real;
        uint32_t real_address;
        bool own;  // the control program's: nothing of the guest's stands beside it
    };
    std::vector<Pair> pairs() const;

    // For the real channel, when the program is followed.
    uint32_t size() const override { return real_.size(); }
    simulation::ChannelAccess fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t key) override;
    simulation::ChannelAccess fetch_ccw(uint32_t address, uint8_t* out, uint8_t key) override;
    simulation::ChannelAccess store(uint32_t address, const uint8_t* in, uint32_t length,
                                    uint8_t key) override;

  private:
    using Problem = CcwTranslator::Problem;
    struct Slot {
        uint32_t guest;                      // address of the CCW that it is a copy of
        bool unreadable = false;             // under the subchannel key: protection check
        bool own = false;                    // the control program's, in front of that CCW
        bool chained = false;                // reached by data chaining: of use for nothing else
        std::optional<uint16_t> count = {};  // that the guest is to find left, whatever the copy says
    };
    struct Link {
        size_t slot;      // a transfer in channel
        uint32_t target;  // where in the guest's storage it leads
    };

    bool take_area();
    void forget();
    Problem copy(uint32_t address, uint8_t key, std::optional<Position> position);
    Problem copy_run(uint32_t address, uint8_t key);
    bool put_slot(uint32_t guest, const simulation::Ccw& ccw, bool unreadable = false, bool own = false);
    void change_slot(size_t slot, const simulation::Ccw& ccw);
    std::optional<size_t> slot_of(uint32_t guest) const;
    bool changes_itself() const;
    /// Appends what reads the first record of the minidisk, in the place of a read IPL.
    /// Its last CCW reads into the guest's storage; no_room: it stands there as it was.
    Problem add_start_reader(simulation::Ccw ccw, uint8_t key, std::vector<simulation::Ccw>& to);
    /// For the CCWs in own_: that the pages of the last one cannot be kept is no problem.
    bool own_are_good(Problem problem);
    Problem follow(uint32_t address, uint8_t key, std::optional<Position> position,
                   std::optional<uint8_t> mask);
    simulation::ChannelAccess guest_ccw(uint32_t at, uint8_t* out, uint8_t key);
    simulation::ChannelAccess start_reader(uint32_t at, uint32_t address, const simulation::Ccw& ccw,
                                           uint8_t* out, uint8_t key);
    void tell_followed();
    void begin_following();
    std::optional<uint32_t> note_blocks(const simulation::Ccw& ccw, uint32_t address, uint8_t key);
    Problem follow_rest(const Rest& rest, uint8_t key);
    Problem add_rest(const Rest& rest, uint8_t key, bool more);
    void go_through_guest(simulation::Ccw& ccw, uint32_t done, uint8_t key);
    /// See Leaving.
    std::optional<uint32_t> leads_to(const simulation::Ccw& ccw, uint32_t address, uint8_t key) {
        const DiskExtent& extent = translator_.extent();
        return extent.all == 0 ? std::nullopt
                               : extent.leads_to(ccw.command, translator_.read_argument(ccw, address, key));
    }

    GuestChannelStorage& guest_;
    simulation::RealChannelStorage real_;
    CcwTranslator translator_;
    FrameTable& frames_;
    IoArea area_;
    bool has_area_ = false;
    Form form_ = Form::none;
    bool exhausted_ = false;
    bool follows_changes_ = true;
    bool copied_mask_ = false, copied_start_ = false;  // what is copied sets a file mask, has a read IPL
    bool kept_ = false;                                // the copy can still be of use
    bool positioned_ = false;                          // it begins with a seek of the control program's
    uint32_t caw_ = 0, guest_caw_ = 0;
    std::vector<Slot> slots_;
    std::vector<Link> links_;
    std::vector<uint32_t> starts_;

    // A program that is followed. In front of it the channel gets CCWs of the control program's own, at the
    // addresses from own_at_ on; what comes behind them has addresses that are `shift_` too high, up to the
    // first transfer in channel.
    std::vector<simulation::Ccw> own_;
    uint32_t own_at_ = 0, shift_ = 0, go_on_ = 0;
    uint32_t shift_before_ = 0;            // of a transfer in channel that has led nowhere yet
    uint32_t shown_ = 0;                   // as the CCW address, while one of them is in control
    std::optional<uint16_t> shown_count_;  // as the count, of the guest's CCW in control
    uint32_t own_data_ = kPage;            // what they need in the area begins there
    bool within_own_ = false;
    bool chained_ = false;  // data chaining
    bool through_guest_ =
        false;  // the CCW in control is as it was: the channel goes through the guest's tables
    bool last_own_through_guest_ = false;  // so is the last one of the control program's own, which reads
    bool list_protected_ = false;
    bool begins_chained_ = false;  // behind CCWs of the control program's own that data are chained by
    std::optional<uint64_t> first_ccw_, first_at_start_;  // as it was, until the channel has come to it
    uint8_t command_ = 0;
    std::optional<Leaving> leaving_;
    bool masked_ = false;  // a file mask has been set

    // Of a minidisk of blocks in several pieces.
    struct BlockState {
        BlockChain chain;
        // What is to be read or written on further pieces, by the command that follows the locate at once.
        Blocks rest;
        bool under_way = false;  // which has come
        bool zeros = false;      // the channel has no more data for it: zeros are written
        bool chains = false;     // and then the program goes on
        simulation::Ccw ccw;     // the guest's, in control
    };
    BlockState blocks_, blocks_at_start_;
    std::optional<simulation::Csw> ends_as_;               // whatever the last request of it tells
    uint32_t word_offset_ = 0, last_own_word_offset_ = 0;  // of the first word of the list, through guest_
    // Of a command whose data tell of the disk: bytes for the CCWs in front of this one of its data chain,
    // for this one, and how many it has stored.
    uint32_t told_bytes_ = 0, told_count_ = 0, told_stored_ = 0;
    CcwTranslator::Counts told_;
};

}  // namespace vmcp
