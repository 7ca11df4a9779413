#include "simulation/channel/device_subchannel.hpp"

#include <algorithm>
#include <cassert>

namespace simulation {

namespace {

constexpr uint32_t kBlock = 2048;  // protection and indirect data addressing go by 2K-byte blocks
// A chain of so many commands that moves no data may be given up with a program check (chapter 13, "Execution
// of I/O Operations"); without it such a chain would never end.
constexpr unsigned kDryCommands = 256;

}  // namespace

DeviceSubchannel::DeviceSubchannel(ChannelContext& shared, uint16_t address, std::unique_ptr<Device> device)
    : Subchannel(shared, address), storage_(&shared.storage), device_(std::move(device)) {
    device_->connect(shared.queue, *this);
}

DeviceSubchannel::~DeviceSubchannel() {
    if (chain_event_ != 0) context().queue.cancel(chain_event_);
}

// ---- Starting ---------------------------------------------------------------------------------------------

void DeviceSubchannel::begin(uint8_t key) {
    assert(state_ == State::idle);
    key_ = key;
    storage_ = &context().storage;
    channel_status_ = 0;
    halted_ = load_ends_ = false;
    pci_pending_ = false;
    long_block_ = false;
    dry_commands_ = 0;
    ccw_ = {};
    count_ = 0;
    use_ = {.starts = 1};
    bytes_at_command_ = 0;
    ++context().total.starts;
    device_->begin_chain();
}

std::optional<Csw> DeviceSubchannel::start(uint32_t caw, ChannelStorage* through) {
    begin(static_cast<uint8_t>(caw >> 28));
    if (through != nullptr) storage_ = through;
    if ((caw & 0x0F000000) != 0) {
        program_check(caw & 0xFFFFFF);
        return finish(0);
    }
    if (!fetch_ccw(caw & 0xFFFFFF, Fetch::first)) return finish(0);
    // A condition that waits in the device is handed over with the busy bit, and gone; the command is
    // refused.
    if (device_status_ != 0 || device_busy_) {
        const uint8_t status = device_status_ | kBusy;
        device_status_ = 0;
        const Csw csw = finish(status);
        context().pending_changed(*this);
        return csw;
    }
    if (device_->control_unit_busy()) return finish(kStatusModifier | kBusy);
    state_ = State::working;
    if (device_->waits_to_start()) {
        phase_ = Phase::start;
    } else if (const auto status = command_device()) {
        state_ = State::idle;
        return finish(*status);
    }
    context().pending_changed(*this);  // a PCI flag may be on
    return std::nullopt;
}

/// What the start waited for is free.
void DeviceSubchannel::start_waiting() {
    if (device_->waits_to_start()) return;  // for something else now
    if (const auto status = command_device()) return conclude(*status);
    if (pci_pending_) context().pending_changed(*this);
}

std::optional<Csw> DeviceSubchannel::start_ipl(IplEnd end) {
    // Chapter 12, "Initial Program Loading": a read of 24 bytes into location 0, command chaining and
    // suppressed length indication, key zero; it goes on with the CCW at location 8.
    begin(0);
    ccw_ = {.command = 0x02, .flags = kFlagChainCommand | kFlagSuppressLength, .count = 24, .address = 0};
    ccw_address_ = 8;
    data_address_ = 0;
    count_ = 24;
    backward_ = need_idaw_ = false;
    state_ = State::working;
    ipl_end_ = std::make_unique<IplEnd>(std::move(end));
    if (device_busy_ || device_->control_unit_busy()) {
        state_ = State::idle;
        ipl_end_.reset();
        return finish(device_busy_ ? kBusy : kStatusModifier | kBusy);
    }
    if (device_->waits_to_start()) {
        phase_ = Phase::start;
    } else if (const auto status = command_device()) {
        state_ = State::idle;
        ipl_end_.reset();
        return finish(*status);
    }
    return std::nullopt;
}

/// Sends the command of the CCW in control. Empty: the operation goes on; else the status to conclude with.
std::optional<uint8_t> DeviceSubchannel::command_device() {
    long_block_ = false;
    bytes_at_command_ = use_.bytes;
    phase_ = Phase::data;
    selecting_ = true;
    const uint8_t status = device_->select(ccw_.command);
    selecting_ = false;
    if (status == 0) {
        device_busy_ = true;
        return std::nullopt;
    }
    if ((status & kChannelEnd) == 0) return status;  // refused
    device_busy_ = (status & kDeviceEnd) == 0;
    return command_ended(status, true);
}

// ---- Ending and chaining ----------------------------------------------------------------------------------

/// Channel end has come. Empty: the chain goes on; else the status to conclude with.
std::optional<uint8_t> DeviceSubchannel::command_ended(uint8_t unit_status, bool immediate) {
    const bool data_chaining = (ccw_.flags & kFlagChainData) != 0;
    const bool suppressed = (ccw_.flags & kFlagSuppressLength) != 0 && !data_chaining;
    // "Incorrect Length": the number of bytes differs from the count. Not looked at in immediate operations,
    // and left out where another check or a halt cut the transfer short.
    if (!immediate && channel_status_ == 0 && !halted_ && !suppressed && (count_ != 0 || long_block_))
        channel_status_ |= kIncorrectLength;

    const bool unusual = (unit_status & ~kEndBits) != 0;
    const bool chaining = (ccw_.flags & kFlagChainCommand) != 0 && !data_chaining;
    if (!chaining && ipl_end_ && unit_status == kChannelEnd && channel_status_ == 0 &&
        device_->loads_to_device_end()) {
        phase_ = Phase::device_end;
        load_ends_ = true;
        return std::nullopt;
    }
    if (!chaining || unusual || channel_status_ != 0 || halted_) return unit_status;
    if ((unit_status & kDeviceEnd) != 0)
        chain_later((unit_status & kStatusModifier) != 0);
    else
        phase_ = Phase::device_end;
    return std::nullopt;
}

void DeviceSubchannel::chain_later(bool skip_one) {
    phase_ = Phase::chain;
    const uint32_t next = ccw_address_ + (skip_one ? 8 : 0);
    chain_event_ =
        context().queue.schedule_motion(context().queue.now() + context().chain_time, [this, next] {
            chain_event_ = 0;
            chain(next);
        });
}

void DeviceSubchannel::chain(uint32_t ccw_address) {
    dry_commands_ = use_.bytes == bytes_at_command_ ? dry_commands_ + 1 : 0;
    if (dry_commands_ >= kDryCommands) {
        program_check(ccw_address_);
        return conclude(0);
    }
    if (!fetch_ccw(ccw_address, Fetch::command)) return conclude(0);
    if (const auto status = command_device()) return conclude(*status);
    if (pci_pending_) context().pending_changed(*this);
}

/// Ends the channel program with an interruption condition.
void DeviceSubchannel::conclude(uint8_t unit_status) {
    const Csw csw = finish(unit_status);
    if (ipl_end_) {
        const auto end = std::move(ipl_end_);
        state_ = State::idle;
        const bool loaded = csw.channel_status == 0 && (csw.unit_status & ~kEndBits) == 0;
        (*end)(loaded, csw);
    } else {
        state_ = State::pending;
        csw_ = csw;
    }
    context().pending_changed(*this);
}

/// The last CSW of the channel program, with the PCI condition if it was not taken before.
Csw DeviceSubchannel::finish(uint8_t unit_status) {
    const Csw csw = current(unit_status, channel_status_ | (pci_pending_ ? kProgramControlled : 0));
    pci_pending_ = false;
    device_->end_chain();
    context().observers.tell([&](ChannelObserver& o) {
        o.on_concluded(address(), use_);
        o.on_status(address(), csw);
    });
    return csw;
}

Csw DeviceSubchannel::current(uint8_t unit_status, uint8_t channel_status) const {
    return {key_, ccw_address_ & 0xFFFFFF, unit_status, channel_status, static_cast<uint16_t>(count_)};
}

void DeviceSubchannel::present(uint8_t unit_status) {
    assert(!selecting_ && "initial status is the answer of Device::start");
    if ((unit_status & kDeviceEnd) != 0) device_busy_ = false;
    if (state_ == State::working && phase_ == Phase::data && (unit_status & kChannelEnd) != 0) {
        if (const auto status = command_ended(unit_status, false)) conclude(*status);
        return;
    }
    if (state_ == State::working && phase_ == Phase::device_end && (unit_status & kDeviceEnd) != 0) {
        if (load_ends_) return conclude(kChannelEnd | unit_status);
        // Something unusual with device end stops the chain too; the channel end is not shown again.
        if ((unit_status & ~kEndBits) != 0 || halted_) return conclude(unit_status);
        return chain_later((unit_status & kStatusModifier) != 0);
    }
    device_status_ |= unit_status;
    if (state_ != State::working) device_->disconnect();
    context().pending_changed(*this);
}

// ---- Instructions on a subchannel that is not idle --------------------------------------------------------

std::optional<Csw> DeviceSubchannel::test() {
    assert(state_ != State::working);
    if (interruption_pending()) return take();
    if (device_busy_) return Csw{.unit_status = kBusy};
    if (device_->control_unit_busy()) return Csw{.unit_status = kStatusModifier | kBusy};
    return std::nullopt;
}

Csw DeviceSubchannel::take() {
    Csw csw;
    if (state_ == State::working) {
        csw = current(0, kProgramControlled);
        pci_pending_ = false;
    } else if (state_ == State::pending) {
        csw = csw_;
        state_ = State::idle;
    } else {
        csw.unit_status = device_status_;
        device_status_ = 0;
    }
    context().pending_changed(*this);
    return csw;
}

void DeviceSubchannel::halt() {
    if (state_ == State::idle && device_busy_) return device_->halt();
    if (state_ != State::working) return;
    halted_ = true;
    if (phase_ == Phase::chain || phase_ == Phase::start) {
        context().queue.cancel(chain_event_);
        chain_event_ = 0;
        device_->forget_start();
        return conclude(kChannelEnd | kDeviceEnd);
    }
    device_->halt();
}

Csw DeviceSubchannel::clear() {
    if (state_ == State::pending) return take();
    assert(state_ == State::working);
    const Csw csw = finish(0);
    if (chain_event_ != 0) context().queue.cancel(chain_event_);
    chain_event_ = 0;
    ipl_end_.reset();
    state_ = State::idle;
    if (phase_ == Phase::start)
        device_->forget_start();
    else
        device_->halt();  // its ending status now belongs to no channel program
    context().pending_changed(*this);
    return csw;
}

void DeviceSubchannel::reset() {
    if (chain_event_ != 0) context().queue.cancel(chain_event_);
    chain_event_ = 0;
    ipl_end_.reset();
    state_ = State::idle;
    device_status_ = 0;
    device_busy_ = pci_pending_ = false;
    device_->reset();
    context().pending_changed(*this);
}

// ---- CCWs -------------------------------------------------------------------------------------------------

/// Notes a program check and the CCW address to show; answers false.
bool DeviceSubchannel::program_check(uint32_t ccw_address) {
    channel_status_ |= kProgramCheck;
    ccw_address_ = ccw_address;
    return false;
}

/// Puts the CCW at `address` in control. False, with the check noted, if it cannot be. The addresses shown
/// are those of the figure "Contents of the CCW-Address Field in the CSW".
bool DeviceSubchannel::fetch_ccw(uint32_t address, Fetch kind) {
    bool transferred = false;
    for (;;) {
        // ccw_address_ still shows the TIC, if one led here.
        if (address % 8 != 0) return program_check(transferred ? ccw_address_ : address + 8);
        const uint32_t shown_if_invalid = transferred ? ccw_address_ : address + 8;
        ccw_address_ = address + 8;
        uint8_t bytes[8];
        const ChannelAccess access = storage_->fetch_ccw(address, bytes, key_);
        if (access == ChannelAccess::protection) {
            channel_status_ |= kProtectionCheck;
            return false;
        }
        if (access != ChannelAccess::ok) return program_check(shown_if_invalid);
        ++use_.ccws;
        ++context().total.ccws;
        const Ccw ccw = decode_ccw(bytes);
        if (ccw.transfers_in_channel()) {
            // The first CCW must not be a transfer in channel, nor may one lead to another.
            if (kind == Fetch::first || transferred) return program_check(address + 8);
            context().observers.tell([&](ChannelObserver& o) { o.on_ccw(this->address(), ccw); });
            transferred = true;
            address = ccw.address;
            continue;
        }
        if (is_invalid(ccw, kind == Fetch::data)) return program_check(address + 8);
        context().observers.tell([&](ChannelObserver& o) { o.on_ccw(this->address(), ccw); });

        const uint8_t command = kind == Fetch::data ? ccw_.command : ccw.command;
        ccw_ = ccw;
        ccw_.command = command;
        backward_ = ccw_.reads_backward();
        count_ = ccw.count;
        data_address_ = ccw.address;
        idaw_address_ = ccw.address;
        need_idaw_ = first_idaw_ = (ccw.flags & kFlagIndirect) != 0;
        if ((ccw.flags & kFlagProgramControlled) != 0 && !ipl_end_) pci_pending_ = true;
        return true;
    }
}

/// Channel indirect data addressing: the next IDAW gives the data address.
bool DeviceSubchannel::fetch_idaw() {
    if (first_idaw_ && idaw_address_ % 4 != 0) return program_check(ccw_address_);
    uint8_t bytes[4];
    if (!accessed(storage_->fetch(idaw_address_, bytes, 4, key_))) return false;
    ++use_.idaws;
    ++context().total.idaws;
    const uint32_t address = decode_idaw(bytes);
    // Every IDAW after the first continues where a 2K-byte block begins, or, reading backward, ends.
    const uint32_t continues = backward_ ? kBlock - 1 : 0;
    if (address >> 24 != 0 || (!first_idaw_ && address % kBlock != continues))
        return program_check(ccw_address_);
    data_address_ = address;
    idaw_address_ += 4;
    need_idaw_ = first_idaw_ = false;
    return true;
}

// ---- Data -------------------------------------------------------------------------------------------------

bool DeviceSubchannel::accessed(ChannelAccess access) {
    if (access == ChannelAccess::addressing) return program_check(ccw_address_);
    if (access == ChannelAccess::protection) channel_status_ |= kProtectionCheck;
    return access == ChannelAccess::ok;
}

/// Whether a byte more may go between device and storage.
bool DeviceSubchannel::may_move() {
    if (state_ != State::working || phase_ != Phase::data || halted_) return false;
    if ((channel_status_ & (kProgramCheck | kProtectionCheck)) != 0) return false;
    if (count_ == 0) {
        long_block_ = true;
        return false;
    }
    return true;
}

/// How many of `wanted` bytes lie at data_address_ in one piece; 0 if a check stopped it.
uint32_t DeviceSubchannel::chunk(uint32_t wanted) {
    if (need_idaw_ && !fetch_idaw()) return 0;
    const uint32_t in_block = backward_ ? data_address_ % kBlock + 1 : kBlock - data_address_ % kBlock;
    return std::min({wanted, count_, in_block});
}

/// Accounts for bytes moved; on the last one of the count, chaining data puts the next CCW in control at
/// once.
void DeviceSubchannel::moved(uint32_t bytes) {
    use_.bytes += bytes;
    context().total.bytes += bytes;
    count_ -= bytes;
    const bool block_ended =
        backward_ ? data_address_ % kBlock + 1 == bytes : data_address_ % kBlock + bytes == kBlock;
    data_address_ = backward_ ? data_address_ - bytes : data_address_ + bytes;
    need_idaw_ = block_ended && (ccw_.flags & kFlagIndirect) != 0;
    if (count_ == 0 && (ccw_.flags & kFlagChainData) != 0) {
        fetch_ccw(ccw_address_, Fetch::data);
        if (pci_pending_) context().pending_changed(*this);
    }
}

uint32_t DeviceSubchannel::give(std::span<const uint8_t> data) {
    uint32_t done = 0;
    while (done < data.size() && may_move()) {
        const bool skip = (ccw_.flags & kFlagSkip) != 0;
        uint32_t n = static_cast<uint32_t>(data.size()) - done;
        if (skip) {
            n = std::min(n, count_);
        } else {
            n = chunk(n);
            if (n == 0) break;
            ChannelAccess access;
            if (backward_) {
                uint8_t reversed[kBlock];
                std::reverse_copy(data.begin() + done, data.begin() + done + n, reversed);
                access = storage_->store(data_address_ - (n - 1), reversed, n, key_);
            } else {
                access = storage_->store(data_address_, data.data() + done, n, key_);
            }
            if (!accessed(access)) break;
        }
        moved(n);
        done += n;
    }
    return done;
}

uint32_t DeviceSubchannel::take(std::span<uint8_t> data) {
    uint32_t done = 0;
    while (done < data.size() && may_move()) {
        const uint32_t n = chunk(static_cast<uint32_t>(data.size()) - done);
        if (n == 0) break;
        if (!accessed(storage_->fetch(data_address_, data.data() + done, n, key_))) break;
        moved(n);
        done += n;
    }
    return done;
}

uint32_t DeviceSubchannel::take_to_count(std::span<uint8_t> data) {
    const uint32_t taken = take(data);
    long_block_ = false;
    return taken;
}

}  // namespace simulation
