// The input and output of a virtual machine: its channels, and the virtual devices on them.
//
// Reader, punch and printer are spooled: what the guest reads lies in a spool file already and what it writes
// goes to one, so they work at the control program's speed, not at the pace of a motor; the console is a real
// typewriter. What the control program does for them is entered in the machine's account.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "simulation/channel/channel_subsystem.hpp"
#include "simulation/devices/channel_to_channel.hpp"
#include "simulation/devices/console_lines.hpp"
#include "simulation/devices/device_configuration.hpp"
#include "simulation/devices/unit_record.hpp"
#include "simulation/model/machine_model.hpp"
#include "vmcp/io/guest_channel_storage.hpp"
#include "vmcp/io/minidisk_users.hpp"
#include "vmcp/io/relayed_subchannel.hpp"
#include "vmcp/io/temporary_space.hpp"
#include "vmcp/ledger/ledger.hpp"
#include "vmcp/spool/spooled_units.hpp"

namespace vmcp {

/// Where the output of a virtual machine goes. Text is UTF-8; cards are 80 EBCDIC bytes.
struct VmOutput {
    std::function<void(std::string_view line)> console_line;  // without the line end
    /// The same as it appears on the paper, typed by the guest or (`keyed`) by its user.
    std::function<void(std::string_view text, bool keyed)> console_text;
    std::function<void(uint16_t device, std::string_view text)> printer;  // '\n' ends a line, '\f' a page
    std::function<void(uint16_t device, const simulation::Card& card)> punch;
    std::function<bool()> full;  // no more is taken of printers and punches; empty: without end
};

/// What the machines' input and output goes by in the end.
struct RealInputOutput {
    RealIo& io;
    MinidiskUsers& users;
    TemporarySpace& temporary;
    FrameTable& frames;
    SpareCopies& copies;
    Spool* spool = nullptr;  // null: what is printed and punched is put out as it comes
};

class VirtualIo final : private simulation::ChannelObserver {
  public:
    /// Everything must outlive it. Throws std::invalid_argument where a device cannot be.
    VirtualIo(Ledger& ledger, Account& account, simulation::EventQueue& events, GuestStorage& storage,
              const isa::CpuState& state, RealInputOutput real, VmOutput output);
    ~VirtualIo() override;

    /// Readers, punches and printers that are attached from now on work on files of the spool, where there is
    /// one.
    void use_spool(const std::string& owner);
    /// Null where there is no spool.
    SpooledUnits* spooled_units() { return spooled_units_.get(); }

    /// OPTION ISAM: whether channel programs that change themselves are followed, of what is attached behind.
    bool follows_changes = true;
    /// Attaches a machine's devices. Throws std::invalid_argument where one cannot be, std::out_of_range
    /// where the machine model does not have it.
    void attach(const simulation::MachineModel& model, const std::vector<simulation::DeviceDescription>& all);
    /// Attaches one device more. Throws as that; it may not be a console.
    void attach(const simulation::MachineModel& model, const simulation::DeviceDescription& what);
    /// Attaches what it has of a real device, or a temporary disk. Throws std::invalid_argument with the
    /// reason where it cannot.
    void attach(const MappedDevice& what);
    /// Whether the link mode lets it have this minidisk now, beside those who have it.
    bool may_attach(const MappedDevice& what) const { return real_.users.would_admit(what); }
    /// Takes a device away, whatever it is doing; false if there is none. Not the console, which others keep
    /// hold of.
    bool detach(uint16_t address);
    /// Gives a device another address, which must be free. It is reset by that.
    void move(uint16_t from, uint16_t to);
    /// Its end of a channel-to-channel adapter; null: it has none at that address.
    simulation::ChannelToChannel* adapter(uint16_t address) const;
    /// Parts its ends of channel-to-channel adapters from those of others.
    void uncouple();
    uint16_t console_address() const;

    GuestChannelStorage channel_storage;
    simulation::ChannelSubsystem channels;
    simulation::UnitRecordDevices devices;

    /// What START I/O costs before the channel-address word is looked at.
    void charge_start(Work& work, uint16_t device) { work.step(start_step(device)); }
    /// An assist has found the device of the START I/O that is simulated next: it is there, its path is free,
    /// and the channel-address word may be used.
    bool found_by_assist = false;
    /// The same behind that. Of the console and of spooled devices, finding is no step of its own.
    void charge_rest_of_start(Work& work, uint16_t device) {
        if (const Step step = start_step(device); step != Step::find_device) work.step(step);
    }
    /// START I/O by the guest, and initial program loading.
    simulation::IoResult start_io(Work& work, uint16_t device, uint32_t caw, bool fast);
    simulation::IoResult start_ipl(Work& work, uint16_t device, simulation::Subchannel::IplEnd end);
    // Interpretive I/O (RelayedSubchannel::starts_by_machine).
    /// Whether an interruption of this device that comes now need not go to the control program.
    std::function<bool(uint16_t device)> machine_presents = [](uint16_t) { return false; };
    /// A device that has it; null: this one has not.
    RelayedSubchannel* interpretive(uint16_t device) const {
        RelayedSubchannel* const relay = relayed(device);
        return relay != nullptr && relay->what().interpretive ? relay : nullptr;
    }
    /// Null where the device is not, or does not lie on, a real one.
    RelayedSubchannel* relayed(uint16_t device) const;
    const std::vector<RelayedSubchannel*>& all_relayed() const { return relayed_; }
    /// Called when a program is ready for a real channel.
    std::function<void(const RelayedSubchannel&)> on_translated = [](const RelayedSubchannel&) {};
    /// Called when a device is about to be taken away, or to get another address.
    std::function<void(uint16_t device)> on_leaving = [](uint16_t) {};
    /// Pages of this part of second-level storage are about to be taken from the guest.
    void give_up_pages(uint32_t begin, uint32_t end);

    /// What translating channels have refused to it: how often, and the first hundred of that.
    uint64_t refused() const { return refused_; }
    const std::vector<IoRefusal>& refusals() const { return refusals_; }

    /// An interruption has become pending for the guest.
    std::function<void()> on_interruption_pending_for_guest = [] {};

    /// A line that the control program itself writes on the console.
    void message(Work& work, std::string_view line);
    /// Ends the line that stands on the console, if any, for its reader: the guest will not.
    void end_console_line();
    /// What stands on the line that the guest is writing on the console.
    const std::string& console_text() const { return lines_.line(); }

  private:
    /// A device that reads from or writes to a spool file.
    struct Spooled {
        uint16_t address = 0;
        const simulation::CardReader* reader =
            nullptr;  // null for punches and printers, which tell of each record
        uint64_t cards_charged = 0;
    };

    void on_concluded(uint16_t device, const simulation::ChannelUse& use) override;
    void on_interruption_pending(uint16_t device) override;
    Step start_step(uint16_t device);
    void type(std::string_view text, bool keyed);
    bool has_translating_channels() const;
    void refuse(const IoRefusal& refusal);
    void add_pieces(RelayedDevice& relay, const MappedDevice& what) const;
    simulation::UnitRecordOutput unit_output(const simulation::DeviceDescription& device);
    void add_spooled(const simulation::DeviceDescription& device, UnitRecordRole role);
    void end_line(std::string_view line);
    Spooled* spooled(uint16_t device);
    simulation::CardPunch::Output spooled_punch(uint16_t device);
    simulation::Printer::Output spooled_printer(uint16_t device);

    Ledger& ledger_;
    Account& account_;
    simulation::EventQueue& events_;
    RealInputOutput real_;
    VmOutput output_;
    simulation::ConsoleLines lines_;
    std::vector<Spooled> spooled_;
    std::unique_ptr<SpooledUnits> spooled_units_;
    std::vector<RelayedSubchannel*> relayed_;
    std::shared_ptr<IoMapping> whole_;  // the tables of all of its storage, if some device goes by them
    uint64_t refused_ = 0;
    std::vector<IoRefusal> refusals_;
    /// What a virtual device has of a real one.
    struct Held {
        MinidiskUsers::Ticket ticket;
        std::optional<TemporarySpace::Lease> lease;
    };
    std::map<uint16_t, Held> held_;  // by the virtual device
};

}  // namespace vmcp
