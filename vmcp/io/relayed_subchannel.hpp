// A virtual subchannel whose device is a real one, or a part of one: what the guest starts is translated,
// queued for the real device and run by the real channel; what that tells is turned into what the guest's own
// channel would tell. The steps are charged one by one.
//
// Life of a request. START I/O finds the subchannel idle. The program is translated (translated_program.hpp)
// and started; where the device works for somebody else, or pages have yet to come, START I/O ends with
// condition code 0 nevertheless, and a refusal comes as an interruption, as START I/O FAST RELEASE would have
// it. The real interruption with channel end makes the subchannel interruption-pending; the device end may
// come later.
#pragma once

#include <string>

#include "simulation/channel/subchannel.hpp"
#include "vmcp/io/disk_watch.hpp"
#include "vmcp/io/io_mapping.hpp"
#include "vmcp/io/kept_programs.hpp"
#include "vmcp/io/real_io.hpp"
#include "vmcp/io/untranslated_storage.hpp"

namespace vmcp {

/// How a guest's channel programs reach a real device.
enum class WayOfIo : uint8_t {
    translation,          // copied and translated each time
    fast,                 // copies are used again while nothing that they depend on has changed
    direct,               // as they are, for a machine whose storage lies in one piece at a fixed place
    translating_channel,  // as they are: the channel goes through the guest's tables
};
/// "ccw-translation", "fast", "direct", "translating-channel"
std::string_view name_of(WayOfIo way);

/// How many copies are kept of a device's programs, where nothing else is said (assumed).
inline constexpr unsigned kKeptPrograms = 4;

/// A virtual device that lies on a real one, or a minidisk on several.
struct RelayedDevice {
    struct Piece {
        RealDevice* device;
        DiskExtent extent;
    };
    // Of several pieces the one that is in use.
    RealDevice* device = nullptr;
    DiskExtent extent;
    std::vector<Piece> pieces;  // of a minidisk on several disks: all; empty for others
    WayOfIo way = WayOfIo::translation;
    unsigned kept_programs = kKeptPrograms;  // of way `fast`
    /// Of way `translating_channel`: the tables of all of the machine's storage; null: the device has tables
    /// of its own, in which `mapped_pages` stay behind a program.
    std::shared_ptr<IoMapping> whole = nullptr;
    unsigned mapped_pages = kMappedPages;
    bool unsafe = false;                         // of way `direct`: no translation and no bounds
    std::optional<WayOfIo> instead_of = {};      // the way that was asked for
    bool interpretive = false;                   // of what runs as it is: the machine may start it
    std::string_view not_interpretive = {};      // why not, where it was asked for
    bool dedicated = false;                      // nobody else uses the real device
    bool temporary = false;                      // it is gone when it is detached
    std::shared_ptr<DiskWatch> watch = nullptr;  // null: nobody looks at its data
    bool follows_changes = true;                 // programs that change themselves are followed
};

struct RelayCounts {
    uint64_t starts = 0, copied = 0, followed = 0, reused = 0, control_ccws = 0, data_ccws = 0, crossings = 0;
    WatchCounts watched;  // blocks
    // Of translating channels: programs that ran by the I/O tables, and what the channel refused.
    uint64_t by_tables = 0, refused = 0;
    uint64_t by_machine = 0;  // started by the machine itself
    IoMappingCounts mapping;
};

class RelayedSubchannel final : public simulation::Subchannel, private IoRequest {
  public:
    RelayedSubchannel(simulation::ChannelContext& context, uint16_t address, RealIo& real, FrameTable& frames,
                      SpareCopies& copies, Account& account, GuestChannelStorage& storage,
                      const RelayedDevice& what);
    ~RelayedSubchannel() override;

    const RelayedDevice& what() const { return what_; }
    const RelayCounts& counts() const { return counts_; }
    const TranslatedProgram& program() const { return programs_.current(); }
    const KeptPrograms& programs() const { return programs_; }

    /// Called when a program is ready for the real channel.
    std::function<void(const RelayedSubchannel&)> on_translated;

    /// Called when a translating channel has refused an access.
    std::function<void(const RelayedSubchannel&, const simulation::RefusedAccess&)> on_refused;
    /// The strategy that is in use: whole_guest gives way to per_program_cached where it cannot be.
    IoMappingStrategy mapping() const;
    /// Null: its channel does not translate.
    const IoMapping* io_tables() const { return mapping_.get(); }
    /// The storage that the real channel works with; null: real storage, or none.
    simulation::ChannelStorage* storage_in_use() const { return storage_in_use_; }

    /// The work of the instruction that is being simulated, while it calls the subchannel; null: none.
    void charge_to(Work* work) { work_ = work; }
    // Interpretive I/O: of a device whose programs run as they are, START I/O and what follows need no
    // control program while the machine executes the guest.
    /// Whether an interruption of this device is kept for the guest now, which then gets it without the
    /// control program.
    std::function<bool(uint16_t device)> machine_presents = [](uint16_t) { return false; };
    /// Whether the machine can start it by itself: what its channel program may reach is there already.
    bool starts_by_machine() const;
    /// Whether it is the machine that executes the instruction for which it is called now: nothing is
    /// charged.
    bool called_by_machine() const { return machine_calls_; }
    void set_called_by_machine(bool on) { machine_calls_ = on; }
    /// A device end by itself becomes pending, as of a device that has become ready. It must not be working.
    void make_ready() { on_unsolicited(simulation::kDeviceEnd); }
    /// Pages in this part of second-level storage are about to be taken from the guest: an operation that
    /// uses them ends.
    void give_up_pages(uint32_t begin, uint32_t end);

    State state() const override { return state_; }
    std::optional<simulation::Csw> start(uint32_t caw, simulation::ChannelStorage*) override;
    std::optional<simulation::Csw> start_ipl(IplEnd end) override;
    std::optional<simulation::Csw> test() override;
    void halt() override;
    simulation::Csw clear() override;
    void reset() override;
    bool device_end_due() const override { return device_busy_; }
    bool interruption_pending() const override {
        return pci_pending_ || state_ == State::pending || (state_ == State::idle && device_status_ != 0);
    }
    simulation::Csw take() override;

  private:
    // IoRequest
    Account& payer() override { return account_; }
    uint32_t caw() const override { return caw_; }
    simulation::ChannelStorage* storage() override { return storage_in_use_; }
    /// Where the program seeks to, or where the arm must be without that.
    unsigned cylinder() const override {
        return program().translator().first_cylinder().value_or(real_cylinder());
    }
    uint32_t real_cylinder() const { return what_.extent.first + (cylinder_ - what_.extent.base); }
    bool waits_for_device() const override { return !what_.dedicated || ipl_end_ != nullptr; }
    bool started_by_machine() const override { return by_machine_; }
    void prepare(Work& work) override;
    void started(Work& work, const simulation::IoResult& result) override;
    void interrupted(Work& work, const simulation::Csw& csw, bool over) override;

    TranslatedProgram& in_use() { return programs_.current(); }
    std::unique_ptr<TranslatedProgram> new_program(FrameTable& frames);
    bool use_again(Work& work, uint32_t caw, std::optional<TranslatedProgram::Position> position);
    template <class Do>
    auto with_work(Do what);
    std::optional<simulation::Csw> refusal(uint32_t caw);
    bool translate(Work& work, uint32_t caw);
    /// Whether the real channel runs the guest's own program.
    bool runs_as_it_is() const;
    bool map(Work& work, uint32_t caw);
    void use_tables(std::shared_ptr<IoMapping> mapping);
    void charge_mapping(Work& work);
    void end_mapping();
    void tell(const simulation::Ccw& ccw);
    void charge(Work& work, Step step) {
        if (!by_machine_) work.step(step);
    }
    void charge(Work& work, const CcwTranslator::Counts& counts);
    std::optional<TranslatedProgram::Position> position_for(const simulation::Ccw& first) const;
    bool needs_position(const simulation::Ccw& first) const;
    std::optional<simulation::Csw> submit(Work& work);
    std::optional<simulation::Csw> give_sense(Work& work, const simulation::Ccw& ccw, uint32_t caw);
    simulation::Csw untranslate(Work& work, const simulation::Csw& csw);
    void note_position();
    void go_to(uint32_t cylinder);
    void choose_piece(const simulation::Ccw& first);
    std::optional<simulation::IoResult> request(Work& work);
    void when_pages_are_ready();
    bool deferred() const { return deferred_ != 0 || pages_ != nullptr; }
    void forget_deferred();
    bool goes_on(Work& work, const simulation::Csw& csw);
    bool goes_on_with_blocks(Work& work, const simulation::Csw& csw);
    void end_part(Work& work, simulation::Csw seen);
    void go_on(Work& work);
    void keep_sense(const simulation::Csw& csw);
    void conclude(const simulation::Csw& csw);
    void release(Work& work);
    void cancel();
    void drop_program();
    void set_filter(std::shared_ptr<DiskWatch> watch);
    void charge_watch(Work& work);
    void on_unsolicited(uint8_t unit_status);

    RealIo& real_;
    Account& account_;
    GuestChannelStorage& guest_;
    RelayedDevice what_;
    FrameTable& frames_;
    UntranslatedStorage untranslated_;
    std::shared_ptr<IoMapping> mapping_;      // of a translating channel
    std::optional<simulation::IoZone> zone_;  // what the real channel knows of it
    KeptPrograms programs_;
    Work* work_ = nullptr;

    State state_ = State::idle;
    simulation::Csw csw_, pci_csw_;
    uint8_t device_status_ = 0;
    bool device_busy_ = false, pci_pending_ = false;
    bool halting_ = false;     // the program under way has been halted
    bool requested_ = false;   // the real device, or its queue, has the request
    bool by_machine_ = false;  // the machine has started that one
    bool machine_calls_ = false;
    uint32_t caw_ = 0;  // for the real channel
    uint32_t guest_caw_ = 0;
    simulation::Ccw first_ccw_;  // as it was translated
    simulation::ChannelStorage* storage_in_use_ = nullptr;
    std::unique_ptr<IplEnd> ipl_end_;
    simulation::EventQueue::Handle deferred_ = 0;  // until pages have come, or sense is given
    PageWait pages_;                               // for those that are under way on real devices

    // The virtual disk: where the guest believes that its arm is, and what it may ask about.
    uint32_t cylinder_ = 0, head_ = 0;
    std::vector<uint8_t> sense_;  // of a unit check, if somebody else may have used the device since

    RelayCounts counts_;
};

}  // namespace vmcp
