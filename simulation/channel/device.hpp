// A device as its channel sees it, and the channel as a device sees it.
//
// The channel selects the device with a command; the answer is the initial status. Zero means that the
// command was accepted and goes on by itself: later, from events, the device moves bytes through its path and
// presents channel end and device end, together or apart. Channel end in the initial status makes it an
// immediate operation; unit check without channel end refuses the command. GA22-7000 chapter 13, "Execution
// of I/O Operations" and "Conclusion of I/O Operations".
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulation/channel/channel_words.hpp"
#include "simulation/channel/control_unit.hpp"
#include "simulation/channel/device_timing.hpp"
#include "simulation/model/event_queue.hpp"

namespace simulation {

/// What a device may do with its channel. Storage addresses, chaining of data and all checks are the
/// channel's business.
class ChannelPath {
  public:
    /// Device to storage. Answers how many bytes the channel accepted; fewer than offered tells the device to
    /// stop.
    virtual uint32_t give(std::span<const uint8_t> data) = 0;

    /// Storage to device: asks for data.size() bytes. Answers how many came; fewer than asked for tells the
    /// device to stop. A device whose records have a fixed length asks for exactly that many.
    virtual uint32_t take(std::span<uint8_t> data) = 0;

    /// The same for a device whose blocks have no length of their own: that the count ends is then no
    /// incorrect length.
    virtual uint32_t take_to_count(std::span<uint8_t> data) = 0;

    /// Presents unit status: channel end and device end of the command under way, or, unsolicited, attention
    /// or device end. Not from within Device::start.
    virtual void present(uint8_t unit_status) = 0;

    /// The address at which the channel knows the device: for sense information that tells it.
    virtual uint8_t unit_address() const { return 0; }

    /// The way is free for the start that had to wait for it (Device::waits_to_start).
    virtual void start_waiting() {}

  protected:
    ~ChannelPath() = default;
};

// Sense byte 0, the same for all devices.
inline constexpr uint8_t kSenseCommandReject = 0x80;
inline constexpr uint8_t kSenseInterventionRequired = 0x40;
inline constexpr uint8_t kSenseEquipmentCheck = 0x10;
inline constexpr uint8_t kSenseDataCheck = 0x08;

/// What an operator puts on or into a device.
struct Medium {
    std::string file;        // the image of a disk or tape, a card deck; empty: what is there is taken off
    std::string overlay;     // of a disk: takes what is written; the file stays as it is
    bool read_only = false;  // the file is opened for reading: a disk that rejects writes, a protected tape
};

/// How a device found its channel in a burst of another one.
struct ChannelWaits {
    uint64_t starts = 0;          // commands of START I/O that waited for it
    uint64_t reconnections = 0;   // device ends that did
    uint64_t missed_sectors = 0;  // that passed meanwhile; the device end came a turn later
    SimTime time = 0;             // all of that waiting, of those that have ended

    bool operator==(const ChannelWaits&) const = default;
};

class Device {
  public:
    static constexpr unsigned kMostSense = 24;

    /// What all devices have of what a program can notice; the rest is each one's own State.
    struct SelectionState {
        std::array<uint8_t, kMostSense> sense{};
        uint8_t waiting_status = 0;  // for control unit or channel
        bool transferring = false;   // accepted a command, channel end not yet presented
        bool ready_due = false;      // became ready while it was busy, and has yet to tell
        bool stopped = false;        // its operator has made it not ready
        bool start_waits = false;    // for the channel
    };

    Device(DeviceTiming timing, unsigned sense_bytes) : timing_(timing), sense_size_(sense_bytes) {}
    virtual ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    /// The device's type number, for displays: "3215".
    virtual std::string_view type() const = 0;

    /// Connects it; both must outlive the device. Done by ChannelSubsystem::attach.
    void connect(EventQueue& queue, ChannelPath& path) {
        queue_ = &queue;
        path_ = &path;
    }

    /// What kind of control unit the device is attached to, where it shares one with others: "3830". Devices
    /// of one kind whose addresses differ in the last three bits only share one. Empty: it has one of its
    /// own.
    virtual std::string_view control_unit_type() const { return {}; }
    /// Attaches it to the control unit of another one. Done by ChannelSubsystem::attach.
    void share_control_unit(const Device& other) { control_unit_ = other.control_unit_; }
    bool shares_control_unit_with(const Device& other) const {
        return control_unit_ != nullptr && control_unit_ == other.control_unit_;
    }
    /// Whether the control unit is busy with something else; if it is, it will present control unit end.
    bool control_unit_busy();

    /// Whether the device transfers in bursts, so that on a block multiplexer channel it has the channel for
    /// itself meanwhile: disks and tapes.
    virtual bool bursts() const { return false; }
    /// The channel that it shares with others in this way; null: none. It must outlive the device, or be
    /// taken from it.
    void share_channel(SharedPath* channel) { channel_ = channel; }
    /// Whether a command cannot be sent to it yet; if so, ChannelPath::start_waiting is called when it can.
    bool waits_to_start();
    /// It need not be called any more.
    void forget_start();
    const ChannelWaits& channel_waits() const { return channel_waits_; }

    /// Initial selection with a command; answers the initial status (see above). Sense is carried out here,
    /// the same for all devices.
    uint8_t select(uint8_t command);

    /// A channel program begins: what lasts only as long as one (a disk's file mask) is forgotten.
    virtual void begin_chain() {}
    /// The channel program has ended.
    void end_chain() {
        chain_ended();
        disconnect();
    }
    /// Control unit and channel need not work for the device any more.
    void disconnect() {
        if (control_unit_) control_unit_->disconnect(*this);
        if (channel_ != nullptr) channel_->disconnect(*this);
    }
    /// What it waited for is free: presents the status that had to wait, or lets the start begin.
    void reconnect();
    /// What it paused for (who keeps its records, or supplies its cards) is ready. Nothing if it does not
    /// pause.
    void go_on();
    /// Whether initial program loading from it ends with the device end of the last command, where that comes
    /// after the channel end.
    virtual bool loads_to_device_end() const { return false; }
    /// Presents status that has nothing to do with a command under way.
    void announce(uint8_t unit_status) { path_->present(unit_status); }
    EventQueue& queue() { return *queue_; }
    /// Its stop key: every command but sense and no-operation finds that the operator is wanted. What is
    /// under way goes on to its end.
    void set_stopped(bool stopped) { selection_.stopped = stopped; }

    /// The channel stops the operation (HALT I/O, HALT DEVICE, CLEAR I/O): a data transfer under way ends at
    /// once with channel end and device end; mechanical motion goes on to its own device end.
    void halt();

    /// System reset: stops everything, presents nothing, forgets sense and status. What lies in hoppers
    /// stays.
    void reset();

    /// Takes off what is on the device and mounts the medium; cards go behind those in the hopper. Throws
    /// std::invalid_argument with one line that tells what was expected where the device takes no such
    /// medium (most take none), and what opening a file throws: std::runtime_error, images::ImageError.
    virtual void mount(const Medium& medium);
    /// Saves what the device still holds of what was written to its medium. Throws images::ImageError.
    virtual void flush() {}

    using Sense = std::array<uint8_t, kMostSense>;
    /// What a sense command would give at the moment.
    std::vector<uint8_t> sense() const;
    const SelectionState& selection() const { return selection_; }
    const DeviceTiming& timing() const { return timing_; }
    void set_timing(DeviceTiming timing) { timing_ = timing; }

  protected:
    /// Carries out any command but sense. See select for the answer.
    virtual uint8_t start(uint8_t command) = 0;
    /// Adds to the sense information what is true at the moment (that a tape is at its load point).
    virtual void complete_sense(Sense& /*sense*/) const {}
    /// Forgets a half-done transfer (after halt and reset).
    virtual void discard() {}
    /// After a system reset, beside that.
    virtual void was_reset() {}
    /// A halt that comes between channel end and device end. Mechanical motion goes on all the same.
    virtual void halted_late() {}
    /// See end_chain.
    virtual void chain_ended() {}
    /// After how long a device end that finds control unit or channel busy is tried again; 0: as soon as they
    /// are free.
    virtual SimTime retry_delay() const { return 0; }

    /// Sets sense byte 0 and answers unit check.
    uint8_t check(uint8_t sense0) {
        selection_.sense[0] = sense0;
        return kUnitCheck;
    }
    void set_sense(unsigned byte, uint8_t value) { selection_.sense[byte] = value; }
    /// For mount. Throws std::invalid_argument where an overlay is asked for.
    static void refuse_overlay(const Medium& medium);

    /// Lets `action` happen after a delay. One at a time.
    template <class F>
    void after(SimTime delay, F action) {
        assert(event_ == 0);
        event_ = queue_->schedule_motion(queue_->now() + delay, [this, action = std::move(action)] {
            event_ = 0;
            action();
        });
    }

    /// Lets `action` happen as soon as it may go on, and not before; the device is busy until then. In the
    /// place of `after`.
    void pause(std::function<void()> action) { paused_ = std::move(action); }

    /// Presents status; a device end by itself not before the control unit is free for it.
    void present(uint8_t unit_status);

    /// Its medium is taken off: forgets the transfer under way, if any, of which the device must then present
    /// the end. Answers whether there was one.
    bool abandon_transfer();
    /// Tells of having become ready: device end, now or, where an operation is under way, after its end.
    void announce_ready();

    /// Presents channel end now and device end after a delay.
    void end_transfer_then(SimTime delay) {
        after(delay, [this] { present(kDeviceEnd); });
        present(kChannelEnd);
    }

    bool connected() const { return path_ != nullptr; }
    /// Whether an operation is under way: device end has yet to come.
    bool busy() const {
        return event_ != 0 || paused_ || selection_.transferring || selection_.waiting_status != 0 ||
               selection_.start_waits;
    }
    ChannelPath& path() { return *path_; }
    /// Makes a control unit for it, which others may share.
    void make_control_unit() { control_unit_ = std::make_shared<ControlUnit>(); }
    ControlUnit& control_unit() { return *control_unit_; }

  private:
    void cancel();
    void announce_ready_later();
    SharedPath* busy_path() const;
    void connect_path();
    void forget_path();
    void wait_for(SharedPath& path);

    DeviceTiming timing_;
    EventQueue* queue_ = nullptr;
    ChannelPath* path_ = nullptr;
    std::shared_ptr<ControlUnit> control_unit_;  // null: one that is never busy
    SharedPath* channel_ = nullptr;              // null: it is never busy
    SimTime waits_since_ = kNever;               // for the channel
    ChannelWaits channel_waits_;
    EventQueue::Handle event_ = 0;
    std::function<void()> paused_;  // empty: it does not pause
    EventQueue::Handle ready_event_ = 0;
    SelectionState selection_;
    uint8_t sense_size_;
};

}  // namespace simulation
