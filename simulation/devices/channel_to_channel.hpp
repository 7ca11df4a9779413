// The channel-to-channel adapter: a control unit on two channels, which makes each of them look like a device
// to the other. GA22-6983 (System/370 Channel-to-Channel Adapter).
//
// An object is one of the two ends; `couple` joins two, on the same machine or on two that share an event
// queue. What one side (X) starts waits for what the other (Y) does:
//
//   X                           Y sees    until Y gives        then
//   control (.....111)          attention sense command byte   device end at X (channel end came at once)
//   write (......01)            attention read                 data; channel end and device end at both
//   read (......10),
//   read backward (....1100)    attention write                the same
//   write end of file (1.....01, extended mode only): ends a read that waits, or else the next one, with unit
//                               exception; ends at once itself
//   sense command byte (...10100): what X has in its command register while it waits, zero if nothing
//   no-operation (.0...011), set extended mode (C3, CB), set basic mode (01...011), sense (04)
//
// Attention comes when the other side's channel program, if one runs, has ended without an answer. While one
// side waits, a command of the other that does not answer it is refused: busy and attention. In
// basic mode, which a reset leaves, there is no end of file: its codes are writes.
//
// Data go a byte at a time until the writer's count has ended, or the reader's. The adapter holds one byte:
// of a write that was too long for the read, one more byte has gone than the reader got.
//
// A halt or a reset at one side makes that side forget its command; data transfer ends at both sides with
// what went before. A reset of the side that is waited for is a unit check, intervention required, at the
// side that waits, and so is every command to an end that is coupled with nothing.
#pragma once

#include "simulation/channel/device.hpp"

namespace simulation {

struct MachineModel;

struct ChannelToChannelTiming {
    int64_t bytes_per_second = 1'500'000;
    SimTime command = 20 * kMicrosecond;
    /// From the command to attention at the other side, unless that answers before (assumed).
    SimTime attention = 100 * kMicrosecond;

    /// A machine model's figures for "CTCA". Throws std::out_of_range with a line that names what is missing.
    static ChannelToChannelTiming of(const MachineModel& model);
};

class ChannelToChannel final : public Device {
  public:
    enum class Kind : uint8_t {
        none,
        control,
        write,
        write_end,
        read,
        sense_command,
        no_operation,
        set_extended,
        set_basic
    };
    enum class Phase : uint8_t { idle, waiting, transferring };
    /// What of this end a program or an operator can notice.
    struct State {
        bool attention_held = false;  // until the partner's channel program has ended
        bool in_chain = false;
        Phase phase = Phase::idle;
        Kind kind = Kind::none;  // of the command in the register
        uint8_t command = 0;     // the command register
        bool runs_transfer = false;
        bool end_of_file = false;  // for the next read
        bool extended = false;     // mode
    };

    explicit ChannelToChannel(ChannelToChannelTiming timing);
    ~ChannelToChannel() override;

    std::string_view type() const override { return "CTCA"; }

    /// Joins it with another end, of which neither may have another partner (std::invalid_argument). They
    /// part when one is destroyed.
    void couple(ChannelToChannel& other);
    /// Parts it from its partner, if it has one: at both ends a command that waits ends with unit check,
    /// intervention required, and a transfer without further data.
    void uncouple();
    ChannelToChannel* partner() const { return partner_; }

    bool extended() const { return state_.extended; }

    void begin_chain() override { state_.in_chain = true; }

    const State& state() const { return state_; }

  private:
    uint8_t start(uint8_t command) override;
    void discard() override;
    void was_reset() override;
    void halted_late() override;
    void chain_ended() override;

    Kind kind_of(uint8_t command) const;
    bool answers(Kind kind) const;
    uint8_t wait(Kind kind, uint8_t command);
    void call_partner();
    uint8_t sense_command_byte();
    uint8_t write_end_of_file();
    uint8_t transfer(Kind kind);
    uint32_t move();
    void finish(uint8_t unit_status);
    void forget();
    void give_up();
    void partner_left();

    ChannelToChannelTiming adapter_timing_;
    ChannelToChannel* partner_ = nullptr;
    EventQueue::Handle attention_ = 0;  // of this end's partner, yet to come
    State state_;
};

}  // namespace simulation
