// A display station on a channel: IBM 3277 behind a local 3272 control unit, models 1 (12 lines of 40) and 2
// (24 of 80), or 3278 model 2 behind a 3274. GA23-0060 (GA27-2749), "Local Operations".
//
// Commands: write (01), erase/write (05), read buffer (02), read modified (06), select (0B), erase all
// unprotected (0F), no-operation (03), sense (04); erase/write alternate (0D) on the 3278, whose alternate
// screen has the same size.
//
// Writes and reads end with channel end and device end together. Select and erase all unprotected have
// channel end at once and device end when done. A key of the operator that calls for the program is
// attention. Unit check, with this sense:
//   command reject          a command that the unit does not have
//   intervention required   the display's power is off
//   operation check         a write with an address outside of the buffer, or an order that lacks its end;
//                           what came before has been done (channel end and device end too)
// Bus-out check, equipment check, data check, unit specify and control check report malfunctions, and this
// unit has none.
//
// A chained read or write goes on at the current buffer address that the read or write before has left; else
// a write begins at the cursor, a read at the first location.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "simulation/channel/device.hpp"
#include "simulation/devices/display_buffer.hpp"
#include "simulation/devices/display_keyboard.hpp"
#include "simulation/model/observers.hpp"

namespace simulation {

struct MachineModel;

struct DisplayTiming {
    int64_t bytes_per_second = 650'000;       // between channel and control unit
    SimTime buffer_2000 = 40 * kMillisecond;  // moving the buffer of 1,920 characters, or what there is
    SimTime command = 20 * kMicrosecond;      // whatever a control unit answers by itself

    SimTime pass(uint64_t bytes) const { return static_cast<SimTime>(bytes) * kSecond / bytes_per_second; }
    SimTime buffer(unsigned locations) const { return buffer_2000 * locations / 1920; }
    /// A machine model's figures for a type, such as "3277". Throws std::out_of_range with a line that names
    /// what is missing.
    static DisplayTiming of(const MachineModel& model, std::string_view type);
};

/// Who follows what the program does to the display.
class DisplayObserver {
  public:
    virtual ~DisplayObserver() = default;
    /// A write, erase/write or erase/write alternate (the command code) with its data stream, or erase all
    /// unprotected (0F), has been done.
    virtual void on_command(uint8_t /*command*/, std::span<const uint8_t> /*stream*/) {}
    /// The display is about to be gone.
    virtual void on_gone() {}
};

class Display3277 final : public Device {
  public:
    /// What of it a program or an operator can notice beside the buffer and the keyboard.
    struct State {
        unsigned alarms = 0;
        uint8_t previous = 0;  // the command before of this chain; 0 if none
        bool powered = true;
    };

    Display3277(DisplayModel model, DisplayTiming timing);
    ~Display3277() override;

    /// "3277" or "3278".
    std::string_view type() const override;

    const DisplayBuffer& buffer() const { return buffer_; }
    DisplayKeyboard& keyboard() { return keyboard_; }
    const DisplayKeyboard& keyboard() const { return keyboard_; }

    /// The power switch; on at first. Powered off, the display forgets everything; powered on again it
    /// becomes ready: device end.
    void power(bool on);
    bool powered() const { return state_.powered; }

    /// How often the alarm has sounded.
    unsigned alarms() const { return state_.alarms; }

    /// Takes over what the operator of another display has done to the same screen: the data stream of a read
    /// modified (AID, cursor, fields) comes from there as if it had been keyed here. False: it makes no
    /// sense, and nothing was done.
    bool enter_stream(std::span<const uint8_t> stream);

    Observers<DisplayObserver> observers;

    void begin_chain() override { state_.previous = 0; }

    const State& state() const { return state_; }

  private:
    uint8_t start(uint8_t command) override;
    void take_stream(uint8_t command);
    void give_data(const DisplayBuffer::Data& data);
    void erase_all_unprotected();
    void notice(uint8_t command, std::span<const uint8_t> stream) const;

    DisplayTiming display_timing_;
    DisplayBuffer buffer_;
    DisplayKeyboard keyboard_;
    State state_;
};

}  // namespace simulation
