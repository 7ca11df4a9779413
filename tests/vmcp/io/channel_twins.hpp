// One device twice: on a machine of its own, and as a guest has it of a control program. The same channel
// program runs on both from the same moment of simulated time, the same instructions are executed meanwhile,
// and everything that a guest can notice is compared.
#pragma once

#include "simulation/images/fba_image.hpp"
#include "simulation/images/tape_image.hpp"
#include "tests/vmcp/io/io_host.hpp"
#include "tests/vmcp/io/random_channel_program.hpp"

namespace vmcp::test {

struct TwinKind {
    std::string name;
    std::string type = "3330";
    StorageKind storage = StorageKind::paged;
    WayOfIo way = WayOfIo::translation;
    uint32_t first = 0, count = 0;  // of a minidisk; count 0: the whole device is dedicated
    bool shared = false;            // somebody else uses the disk between programs
    bool paging = false;            // pages lie on a drum when the program begins,
    uint16_t volume = 0;            // or on a paging volume at this address
    unsigned rotation = 1;          // so many programs take turns
    unsigned kept = kKeptPrograms;  // of way `fast`
    IoMappingStrategy mapping{};    // of a translating channel
    bool by_machine = false;        // interpretive I/O
    // Of a minidisk in several pieces: blocks of each, together `count`, which lie from `first` on of disks
    // of their own.
    std::vector<uint32_t> pieces = {};

    ProgramKind kind() const {
        return type == "3370"   ? ProgramKind::fixed_block
               : type == "3420" ? ProgramKind::tape
                                : ProgramKind::count_key_data;
    }
    bool minidisk() const { return count != 0; }
};

/// An instruction that is executed so long after the channel program began.
struct TwinAction {
    enum class What : uint8_t { test_io, halt_io, halt_device, clear_io, test_channel, start_io, enable };
    What what;
    SimTime after;
};

class Twins final : private simulation::ChannelObserver {
  public:
    /// The disks or tapes are made in the folder.
    Twins(const TwinKind& kind, const std::filesystem::path& folder);
    ~Twins() override { host_.machine.channels().observers.remove(*this); }

    /// At absolute addresses.
    void put(uint32_t at, const Bytes& bytes);
    void put(const RandomProgram& program);
    void set_prefix(uint32_t prefix);
    /// Takes away pages of the guest, some of which are then out.
    void take_pages(conformance::Random& random);
    /// Somebody else uses the disk. `natively`: the arm of the other twin goes the same way, so that seeks
    /// from there take as long.
    void let_others(conformance::Random& random, bool natively);
    /// Time goes on until nothing is left to come.
    void rest();

    /// Runs the program on both. `enabled`: interruptions are taken as they come, else from the action
    /// `enable` on. What differs; empty: nothing.
    std::string difference(uint32_t caw, const std::vector<TwinAction>& actions = {}, bool enabled = true);
    /// Whether the last program ended with unit check.
    bool checked() const { return checked_; }
    /// Whether something went wrong in it, in the guest's view.
    bool unusual() const { return unusual_; }
    std::string storage_difference();
    std::string medium_difference();
    const RelayCounts& counts() { return vm_->io.relayed(kDevice)->counts(); }
    /// Copies of channel programs that are kept beyond the last one of each device.
    size_t spare_copies() const { return host_.cp.copies().count(); }
    uint32_t places() const { return places_; }
    const TwinKind& kind() const { return kind_; }
    static constexpr uint32_t kCylinders = 6, kBlocks = 400;

  private:
    /// One of the two, as their instructions see it.
    struct Side {
        simulation::ChannelSubsystem* channels = nullptr;
        std::vector<std::string> seen;
        bool status_only = false;  // START I/O had answered before the device could
        uint8_t unit_status = 0, channel_status = 0;
        // With several pieces a program-controlled interruption may come by itself or with the ending: only
        // whether there was one is compared.
        bool controlled_apart = false;
        bool active() const { return channels->working(kDevice) || channels->device_end_due(kDevice); }
        void tell(const simulation::IoResult& result, std::string_view what);
        void interruptions(bool late);
    };

    void make_media(const std::filesystem::path& folder);
    MappedDevice attach_pieces(MappedDevice mapped, const std::filesystem::path& folder);
    void on_ccw(uint16_t, const simulation::Ccw&) override;
    bool really_started();
    simulation::IoResult start_as_guest(uint32_t caw);
    void let_time_pass(SimTime until);
    void act(Side& side, TwinAction::What what, uint32_t caw);
    std::string compare();

    const TwinKind kind_;
    std::string native_file_, guest_file_;
    std::vector<std::string> piece_files_;
    uint32_t places_ = 0;
    simulation::Machine native_;
    simulation::RealStorage others_storage_{kPage};
    simulation::RealChannelStorage others_channel_{others_storage_};
    IoHost host_;
    VirtualMachine *vm_ = nullptr, *hog_ = nullptr, *other_ = nullptr;
    std::optional<SimTime> started_;
    bool endless_ = false;  // the last program had to be stopped
    unsigned own_ccws_ = 0;
    bool watching_ = false;
    bool checked_ = false, unusual_ = false;
    Side native_side_, guest_side_;
};

}  // namespace vmcp::test
