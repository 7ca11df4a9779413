#include "simulation/devices/channel_to_channel.hpp"

#include <stdexcept>

#include "simulation/model/machine_model.hpp"

namespace simulation {

namespace {

constexpr uint8_t kEnd = kChannelEnd | kDeviceEnd;

}  // namespace

ChannelToChannelTiming ChannelToChannelTiming::of(const MachineModel& model) {
    return {.bytes_per_second = model.device("CTCA", "bytes_per_second").value};
}

ChannelToChannel::ChannelToChannel(ChannelToChannelTiming timing)
    : Device({.control = timing.command}, 1), adapter_timing_(timing) {}

ChannelToChannel::~ChannelToChannel() {
    if (attention_ != 0) queue().cancel(attention_);
    if (partner_ == nullptr) return;
    if (partner_->attention_ != 0) partner_->queue().cancel(std::exchange(partner_->attention_, 0));
    if (partner_->state_.runs_transfer) partner_->state_.phase = Phase::idle;  // it ends alone
    partner_->partner_ = nullptr;
}

void ChannelToChannel::couple(ChannelToChannel& other) {
    if (partner_ != nullptr || other.partner_ != nullptr || &other == this)
        throw std::invalid_argument("channel-to-channel adapter: it is coupled already");
    partner_ = &other;
    other.partner_ = this;
}

void ChannelToChannel::uncouple() {
    if (partner_ == nullptr) return;
    ChannelToChannel& other = *partner_;
    partner_ = other.partner_ = nullptr;
    partner_left();
    other.partner_left();
}

void ChannelToChannel::partner_left() {
    state_.attention_held = state_.end_of_file = false;
    if (attention_ != 0) queue().cancel(std::exchange(attention_, 0));
    if (state_.phase == Phase::waiting) return give_up();
    if (state_.phase != Phase::transferring) return;
    if (state_.runs_transfer)
        state_.phase = Phase::idle;  // it ends by itself, and finds that there is nothing to move
    else
        finish(kEnd);
}

ChannelToChannel::Kind ChannelToChannel::kind_of(uint8_t command) const {
    switch (command & 0x03) {
        case 0x01: return state_.extended && (command & 0x80) != 0 ? Kind::write_end : Kind::write;
        case 0x02: return Kind::read;
        case 0x03:
            if ((command & 0x04) != 0) return Kind::control;
            if ((command & 0x40) == 0) return Kind::no_operation;
            if ((command & 0x80) == 0) return Kind::set_basic;
            return (command & 0xF4) == 0xC0 ? Kind::set_extended : Kind::none;
        default:
            if ((command & 0x0F) == 0x0C) return Kind::read;  // backward
            return (command & 0x1F) == 0x14 ? Kind::sense_command : Kind::none;
    }
}

/// Whether a command is what the partner, if it waits, waits for, or may be given meanwhile.
bool ChannelToChannel::answers(Kind kind) const {
    if (partner_->state_.phase != Phase::waiting || kind == Kind::sense_command) return true;
    if (kind == Kind::write || kind == Kind::write_end) return partner_->state_.kind == Kind::read;
    return kind == Kind::read && partner_->state_.kind == Kind::write;
}

uint8_t ChannelToChannel::start(uint8_t command) {
    const Kind kind = kind_of(command);
    if (kind == Kind::none) return check(kSenseCommandReject);
    if (partner_ == nullptr) return check(kSenseInterventionRequired);
    if (!answers(kind)) return kBusy | kAttention;
    switch (kind) {
        case Kind::none:
        case Kind::no_operation: break;
        case Kind::set_extended: state_.extended = true; break;
        case Kind::set_basic: state_.extended = false; break;
        case Kind::sense_command: return sense_command_byte();
        case Kind::write_end: return write_end_of_file();
        case Kind::control: return wait(kind, command);
        case Kind::read:
        case Kind::write:
            if (kind == Kind::read && std::exchange(state_.end_of_file, false)) {
                after(timing().control, [this] { present(kEnd | kUnitException); });
                return 0;
            }
            return partner_->state_.phase == Phase::waiting ? transfer(kind) : wait(kind, command);
    }
    return kEnd;
}

/// The command stays in the register until the partner answers it.
uint8_t ChannelToChannel::wait(Kind kind, uint8_t command) {
    state_.phase = Phase::waiting;
    state_.kind = kind;
    state_.command = command;
    call_partner();
    return kind == Kind::control ? kChannelEnd : 0;
}

void ChannelToChannel::call_partner() {
    attention_ = queue().schedule_motion(queue().now() + adapter_timing_.attention, [this] {
        attention_ = 0;
        state_.attention_held = partner_->state_.in_chain;
        if (!state_.attention_held) partner_->present(kAttention);
    });
}

void ChannelToChannel::chain_ended() {
    state_.in_chain = false;
    if (partner_ != nullptr && std::exchange(partner_->state_.attention_held, false))
        partner_->call_partner();
}

uint8_t ChannelToChannel::sense_command_byte() {
    after(timing().control, [this] {
        const bool waits = partner_ != nullptr && partner_->state_.phase == Phase::waiting;
        const uint8_t byte = waits ? partner_->state_.command : 0;
        path().give({&byte, 1});
        if (waits && partner_->state_.kind == Kind::control) partner_->finish(kDeviceEnd);
        present(kEnd);
    });
    return 0;
}

uint8_t ChannelToChannel::write_end_of_file() {
    if (partner_->state_.phase != Phase::waiting) {
        partner_->state_.end_of_file = true;
        return kEnd;
    }
    after(timing().control, [this] {
        if (partner_ != nullptr && partner_->state_.phase == Phase::waiting)
            partner_->finish(kEnd | kUnitException);
        present(kEnd);
    });
    return 0;
}

/// Read and write have met. This end runs the transfer; a halt at the other ends it.
uint8_t ChannelToChannel::transfer(Kind kind) {
    state_.phase = partner_->state_.phase = Phase::transferring;
    state_.kind = kind;
    state_.runs_transfer = true;
    after(timing().control, [this] {
        const uint32_t bytes = state_.phase == Phase::transferring ? move() : 0;
        after(static_cast<SimTime>(bytes) * kSecond / adapter_timing_.bytes_per_second, [this] {
            if (state_.phase == Phase::transferring) partner_->finish(kEnd);
            finish(kEnd);
        });
    });
    if (partner_->attention_ != 0) partner_->queue().cancel(std::exchange(partner_->attention_, 0));
    partner_->state_.attention_held = false;
    return 0;
}

uint32_t ChannelToChannel::move() {
    ChannelPath& from = state_.kind == Kind::write ? path() : partner_->path();
    ChannelPath& to = state_.kind == Kind::write ? partner_->path() : path();
    uint32_t bytes = 0;
    uint8_t byte = 0;
    while (from.take_to_count({&byte, 1}) == 1 && to.give({&byte, 1}) == 1) ++bytes;
    return bytes;
}

void ChannelToChannel::forget() {
    state_.attention_held = false;
    if (attention_ != 0) queue().cancel(std::exchange(attention_, 0));
    state_.phase = Phase::idle;
    state_.kind = Kind::none;
    state_.command = 0;
    state_.runs_transfer = false;
}

void ChannelToChannel::finish(uint8_t unit_status) {
    forget();
    present(unit_status);
}

/// Ends the command that waits: nobody will answer it.
void ChannelToChannel::give_up() {
    const uint8_t end = state_.kind == Kind::control ? kDeviceEnd : kEnd;
    finish(static_cast<uint8_t>(end | check(kSenseInterventionRequired)));
}

/// A halt or a reset, while something was under way or not.
void ChannelToChannel::discard() {
    const Phase phase = state_.phase;
    const bool ran = state_.runs_transfer;
    forget();
    state_.in_chain = false;
    if (phase != Phase::transferring) return;
    // The end that does not run the transfer only leaves it; the other one notices.
    if (ran)
        partner_->finish(kEnd);
    else
        partner_->state_.phase = Phase::idle;
}

void ChannelToChannel::halted_late() {
    if (state_.phase == Phase::waiting) finish(kDeviceEnd);
}

void ChannelToChannel::was_reset() {
    state_.end_of_file = state_.extended = false;
    if (partner_ != nullptr && partner_->state_.phase == Phase::waiting) partner_->give_up();
}

}  // namespace simulation
