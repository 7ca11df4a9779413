#include "simulation/channel/channel_subsystem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "simulation/channel/device_subchannel.hpp"

namespace simulation {

namespace {

constexpr unsigned channel_of(uint16_t address) { return address >> 8; }

IoResult stores_status(const Csw& csw) { return {1, IoResult::Stores::status, csw}; }
IoResult stores_csw(const Csw& csw) { return {1, IoResult::Stores::csw, csw}; }
IoResult code(uint8_t condition_code) { return {condition_code, IoResult::Stores::nothing, {}}; }

constexpr uint8_t kNotOperational = 3;

}  // namespace

ChannelSubsystem::ChannelSubsystem(ChannelStorage& storage, EventQueue& queue, ChannelTiming timing)
    : context_{storage, queue, observers, std::max<SimTime>(timing.chain, 1), {}, {}},
      one_burst_(timing.one_burst) {
    context_.pending_changed = [this](Subchannel& s) { pending_changed(s); };
}

ChannelSubsystem::~ChannelSubsystem() = default;

// ---- Configuration ----------------------------------------------------------------------------------------

void ChannelSubsystem::configure(unsigned channel, ChannelType type) {
    if (channel >= kChannels) throw std::invalid_argument(fmt::format("channel {} is above 31", channel));
    types_[channel] = type;
    for (const auto& s : subchannels_)
        if (channel_of(s->address()) == channel) share_channel(*s);
}

/// Disks and tapes of a block multiplexer channel share it.
void ChannelSubsystem::share_channel(Subchannel& subchannel) {
    Device* const device = subchannel.device();
    if (!one_burst_ || device == nullptr || !device->bursts()) return;
    const unsigned channel = channel_of(subchannel.address());
    device->share_channel(types_[channel] == ChannelType::block_multiplexer ? &bursts_[channel] : nullptr);
}

void ChannelSubsystem::use(ChannelType type) {
    default_ = type;
    for (unsigned channel = 1; channel < kChannels; ++channel)
        if (types_[channel] != ChannelType::none) types_[channel] = type;
}

void ChannelSubsystem::check_free(uint16_t address) const {
    if (channel_of(address) >= kChannels)
        throw std::invalid_argument(fmt::format("I/O address {:04X}: channel above 31", address));
    if (find(address))
        throw std::invalid_argument(fmt::format("I/O address {:04X} is already in use", address));
}

Subchannel& ChannelSubsystem::put(std::unique_ptr<Subchannel> subchannel) {
    const unsigned channel = channel_of(subchannel->address());
    if (types_[channel] == ChannelType::none)
        types_[channel] = channel == 0 ? ChannelType::byte_multiplexer : default_;
    const auto place = std::find_if(subchannels_.begin(), subchannels_.end(),
                                    [&](const auto& s) { return s->address() > subchannel->address(); });
    Subchannel& there = **subchannels_.insert(place, std::move(subchannel));
    share_channel(there);
    return there;
}

Device& ChannelSubsystem::attach(uint16_t address, std::unique_ptr<Device> device) {
    check_free(address);
    const Subchannel& subchannel =
        put(std::make_unique<DeviceSubchannel>(context_, address, std::move(device)));
    Device& attached = *subchannel.device();
    // Devices of one string share their control unit.
    constexpr uint16_t kString = 0xFFF8;
    if (const auto type = attached.control_unit_type(); !type.empty())
        for (const auto& other : subchannels_)
            if (other.get() != &subchannel && (other->address() & kString) == (address & kString) &&
                other->device() != nullptr && other->device()->control_unit_type() == type) {
                attached.share_control_unit(*other->device());
                break;
            }
    return attached;
}

std::unique_ptr<Device> ChannelSubsystem::take_device(uint16_t address) {
    Subchannel* const subchannel = find(address);
    if (subchannel == nullptr) return nullptr;
    subchannel->reset();
    auto device = subchannel->release_device();
    if (device) device->share_channel(nullptr);
    std::erase_if(subchannels_, [subchannel](const auto& one) { return one.get() == subchannel; });
    return device;
}

void ChannelSubsystem::move(uint16_t from, uint16_t to) {
    check_free(to);
    const auto place = std::find_if(subchannels_.begin(), subchannels_.end(),
                                    [from](const auto& one) { return one->address() == from; });
    if (place == subchannels_.end())
        throw std::invalid_argument(fmt::format("I/O address {:04X} has no device", from));
    std::unique_ptr<Subchannel> subchannel = std::move(*place);
    subchannels_.erase(place);
    subchannel->reset();
    subchannel->address_ = to;
    put(std::move(subchannel));
}

bool ChannelSubsystem::detach(uint16_t address) {
    const bool there = find(address) != nullptr;
    take_device(address);
    return there;
}

Subchannel* ChannelSubsystem::find(uint16_t address) const {
    for (const auto& s : subchannels_)
        if (s->address() == address) return s.get();
    return nullptr;
}

Device* ChannelSubsystem::device(uint16_t address) const {
    Subchannel* s = find(address);
    return s ? s->device() : nullptr;
}

std::vector<uint16_t> ChannelSubsystem::addresses() const {
    std::vector<uint16_t> all;
    for (const auto& s : subchannels_) all.push_back(s->address());
    return all;
}

Subchannel* ChannelSubsystem::holder(const Subchannel& other_than) const {
    const unsigned channel = channel_of(other_than.address());
    if (types_[channel] != ChannelType::selector) return nullptr;
    for (const auto& s : subchannels_)
        if (channel_of(s->address()) == channel && s.get() != &other_than &&
            s->state() != Subchannel::State::idle)
            return s.get();
    return nullptr;
}

bool ChannelSubsystem::working(uint16_t address) const {
    const Subchannel* s = find(address);
    return s && s->state() == Subchannel::State::working;
}

bool ChannelSubsystem::device_end_due(uint16_t address) const {
    const Subchannel* s = find(address);
    return s && s->device_end_due();
}

bool ChannelSubsystem::interruption_pending(uint16_t address) const {
    const Subchannel* s = find(address);
    return s && s->interruption_pending();
}

// ---- Instructions: figure "Condition-Code Settings for I/O States and Functions"
// ----------------------------

bool ChannelSubsystem::takes_start(uint16_t address) const {
    const Subchannel* const s = find(address);
    return s != nullptr && holder(*s) == nullptr && s->state() == Subchannel::State::idle;
}

IoResult ChannelSubsystem::start_io(uint16_t address, uint32_t caw, bool /*fast*/, ChannelStorage* through) {
    Subchannel* s = find(address);
    if (!s || (through != nullptr && !through->permits_unit(address))) return code(kNotOperational);
    if (holder(*s) || s->state() != Subchannel::State::idle) return code(2);
    if (const auto csw = s->start(caw, through)) return stores_status(*csw);
    return code(0);
}

IoResult ChannelSubsystem::test_io(uint16_t address) {
    const IoResult result = test(address);
    observers.tell([&](ChannelObserver& o) { o.on_test(address, result.condition_code); });
    return result;
}

IoResult ChannelSubsystem::test(uint16_t address) {
    Subchannel* s = find(address);
    if (!s) return code(kNotOperational);
    // While the subchannel works, not even a program-controlled interruption can be cleared this way.
    if (holder(*s) || s->state() == Subchannel::State::working) return code(2);
    if (const auto csw = s->test()) return stores_csw(*csw);
    return code(0);
}

IoResult ChannelSubsystem::halt(uint16_t address, bool any_device) {
    Subchannel* s = find(address);
    if (!s) return code(kNotOperational);
    if (Subchannel* other = holder(*s); other && other->state() == Subchannel::State::working) {
        if (any_device) other->halt();
        return code(2);
    } else if (other) {
        return code(0);  // an interruption is pending in the subchannel that they share
    }
    if (s->state() == Subchannel::State::pending) return code(0);
    const bool burst =
        s->state() == Subchannel::State::working && type(channel_of(address)) == ChannelType::selector;
    s->halt();
    return burst ? code(2) : stores_status({});
}

IoResult ChannelSubsystem::halt_io(uint16_t address) { return halt(address, true); }

IoResult ChannelSubsystem::halt_device(uint16_t address) { return halt(address, false); }

IoResult ChannelSubsystem::clear_io(uint16_t address) {
    Subchannel* s = find(address);
    if (!s) return code(kNotOperational);
    if (Subchannel* other = holder(*s); other && other->state() == Subchannel::State::working) return code(2);
    if (s->state() == Subchannel::State::idle) return code(0);
    return stores_csw(s->clear());
}

uint8_t ChannelSubsystem::test_channel(uint16_t address) const {
    const unsigned channel = channel_of(address);
    if (type(channel) == ChannelType::none) return kNotOperational;
    if (type(channel) == ChannelType::selector)
        for (const auto& s : subchannels_)
            if (channel_of(s->address()) == channel && s->state() == Subchannel::State::working) return 2;
    return pending(channel_bit(channel)) ? 1 : 0;
}

std::optional<uint32_t> ChannelSubsystem::store_channel_id(uint16_t address) const {
    // Bits 0-3 tell the type; model and length of extended logout are zero.
    switch (type(channel_of(address))) {
        case ChannelType::none: return std::nullopt;
        case ChannelType::selector: return 0x00000000;
        case ChannelType::byte_multiplexer: return 0x10000000;
        case ChannelType::block_multiplexer: return 0x20000000;
    }
    return std::nullopt;
}

uint8_t ChannelSubsystem::clear_channel(uint16_t address) {
    const unsigned channel = channel_of(address);
    if (type(channel) == ChannelType::none) return kNotOperational;
    for (const auto& s : subchannels_)
        if (channel_of(s->address()) == channel) s->reset();
    return 0;
}

IoResult ChannelSubsystem::start_ipl(uint16_t address, Subchannel::IplEnd end) {
    Subchannel* s = find(address);
    if (!s) return code(kNotOperational);
    if (holder(*s) || s->state() != Subchannel::State::idle) return code(2);
    if (const auto csw = s->start_ipl(std::move(end))) return stores_status(*csw);
    return code(0);
}

void ChannelSubsystem::reset(uint16_t address) {
    if (Subchannel* s = find(address)) s->reset();
}

void ChannelSubsystem::reset() {
    for (const auto& s : subchannels_) s->reset();
}

// ---- Interruptions ----------------------------------------------------------------------------------------

void ChannelSubsystem::pending_changed(Subchannel& subchannel) {
    const bool pending = subchannel.interruption_pending();
    if (pending == subchannel.listed) return;
    subchannel.listed = pending;
    const auto place = std::lower_bound(pending_.begin(), pending_.end(), subchannel.address());
    if (pending) {
        pending_.insert(place, subchannel.address());
        const uint16_t address = subchannel.address();
        observers.tell([&](ChannelObserver& o) { o.on_interruption_pending(address); });
    } else {
        pending_.erase(place);
    }
}

std::optional<uint16_t> ChannelSubsystem::pending(uint32_t channel_mask) const {
    for (const uint16_t address : pending_)
        if ((channel_mask & channel_bit(channel_of(address))) != 0) return address;
    return std::nullopt;
}

std::optional<IoInterruption> ChannelSubsystem::take(uint16_t address) {
    Subchannel* s = find(address);
    if (!s || !s->interruption_pending()) return std::nullopt;
    return IoInterruption{address, s->take()};
}

}  // namespace simulation
