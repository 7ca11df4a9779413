#include "simulation/devices/display_3277.hpp"

#include <optional>

#include "simulation/model/machine_model.hpp"

namespace simulation {

namespace {

constexpr uint8_t kWrite = 0x01, kReadBuffer = 0x02, kNoOperation = 0x03, kEraseWrite = 0x05,
                  kReadModified = 0x06, kSelect = 0x0B, kEraseWriteAlternate = 0x0D,
                  kEraseAllUnprotected = 0x0F;
constexpr uint8_t kSenseOperationCheck = 0x01;
constexpr uint8_t kSetAddress = 0x11;

bool reads_or_writes(uint8_t command) {
    return command == kWrite || command == kEraseWrite || command == kEraseWriteAlternate ||
           command == kReadBuffer || command == kReadModified;
}

}  // namespace

DisplayTiming DisplayTiming::of(const MachineModel& model, std::string_view type) {
    const auto figure = [&](std::string_view name) { return model.device(type, name).value; };
    DisplayTiming timing;
    timing.bytes_per_second = figure("bytes_per_second");
    timing.buffer_2000 = figure("buffer_us") * kMicrosecond;
    return timing;
}

Display3277::Display3277(DisplayModel model, DisplayTiming timing)
    : Device({.control = timing.command}, 1),
      display_timing_(timing),
      buffer_(model),
      keyboard_(buffer_, [this] {
          if (connected()) present(kAttention);
      }) {}

Display3277::~Display3277() {
    observers.tell([](DisplayObserver& o) { o.on_gone(); });
}

std::string_view Display3277::type() const {
    return buffer_.model() == DisplayModel::d3278_2 ? "3278" : "3277";
}

uint8_t Display3277::start(uint8_t command) {
    const bool alternate = command == kEraseWriteAlternate && buffer_.model() == DisplayModel::d3278_2;
    const bool erases = command == kEraseWrite || alternate;
    if (!erases && command != kWrite && command != kReadBuffer && command != kReadModified &&
        command != kSelect && command != kEraseAllUnprotected && command != kNoOperation)
        return check(kSenseCommandReject);
    if (!state_.powered) return check(kSenseInterventionRequired);
    if (command == kNoOperation) return kChannelEnd | kDeviceEnd;

    const bool continues = reads_or_writes(state_.previous);
    // The control unit works on a copy of the display's buffer, which it fetches first unless it has it.
    const bool has_copy = continues || state_.previous == kSelect || erases;
    const SimTime fetching = has_copy ? 0 : display_timing_.buffer(buffer_.size());
    state_.previous = command;
    if (command == kSelect) {
        after(display_timing_.buffer(buffer_.size()), [this] { present(kDeviceEnd); });
        return kChannelEnd;
    }
    if (command == kEraseAllUnprotected) {
        after(fetching + display_timing_.buffer(buffer_.size()), [this] {
            erase_all_unprotected();
            present(kDeviceEnd);
        });
        return kChannelEnd;
    }
    if (command == kReadBuffer || command == kReadModified) {
        after(timing().control + fetching, [this, command, continues] {
            give_data(command == kReadBuffer ? buffer_.read_buffer(continues)
                                             : buffer_.read_modified(continues));
        });
        return 0;
    }
    if (erases) buffer_.erase();
    after(timing().control + fetching, [this, command, continues] {
        buffer_.begin_write(continues);
        take_stream(command);
    });
    return 0;
}

/// Takes what the channel has, to the end of its count or to a mistake. The stream has no length of its own.
void Display3277::take_stream(uint8_t command) {
    std::vector<uint8_t> stream;
    bool good = true;
    uint8_t byte = 0;
    while (good && path().take_to_count({&byte, 1}) == 1) {
        stream.push_back(byte);
        good = buffer_.write(byte);
    }
    if (!buffer_.end_write()) good = false;
    if (buffer_.sounds_alarm()) ++state_.alarms;
    if (buffer_.restores_keyboard()) {
        buffer_.set_aid(kAidNone);
        keyboard_.restore();
    }
    notice(command, stream);
    const SimTime storing = display_timing_.buffer(buffer_.size());
    after(display_timing_.pass(stream.size()) + storing,
          [this, good] { present(kChannelEnd | kDeviceEnd | (good ? 0 : check(kSenseOperationCheck))); });
}

void Display3277::give_data(const DisplayBuffer::Data& data) {
    const uint32_t taken = path().give(data.bytes);
    buffer_.end_read(data, taken);
    after(display_timing_.pass(taken), [this] { present(kChannelEnd | kDeviceEnd); });
}

void Display3277::erase_all_unprotected() {
    buffer_.erase_unprotected();
    buffer_.set_aid(kAidNone);
    keyboard_.restore();
    notice(kEraseAllUnprotected, {});
}

void Display3277::notice(uint8_t command, std::span<const uint8_t> stream) const {
    observers.tell([&](DisplayObserver& o) { o.on_command(command, stream); });
}

void Display3277::power(bool on) {
    if (on == state_.powered) return;
    state_.powered = on;
    if (on) {
        announce_ready();
        return;
    }
    buffer_.erase();
    buffer_.set_aid(kAidNone);
    keyboard_.restore();
}

bool Display3277::enter_stream(std::span<const uint8_t> stream) {
    const auto address_at = [&](size_t i) -> std::optional<unsigned> {
        if (i + 1 >= stream.size()) return std::nullopt;
        unsigned address = (stream[i] & 0x3Fu) << 6 | (stream[i + 1] & 0x3Fu);
        if ((stream[i] & 0xC0) == 0) address = (stream[i] & 0x3Fu) << 8 | stream[i + 1];
        if (address >= buffer_.size()) return std::nullopt;
        return address;
    };
    if (stream.empty() || !state_.powered || keyboard_.inhibited()) return false;
    const uint8_t aid = stream[0];
    const bool is_short = stream.size() == 1;
    if (!is_short && !address_at(1)) return false;
    for (size_t i = 3; i < stream.size(); ++i)
        if (stream[i] == kSetAddress && !address_at(i + 1)) return false;

    if (aid == kAidClear) buffer_.erase();
    if (!is_short) {
        buffer_.set_cursor(*address_at(1));
        const bool formatted = buffer_.formatted();
        unsigned at = 0;
        if (!formatted) {
            buffer_.erase_to_end_of_field(0);
        } else {
            for (unsigned a = 0; a < buffer_.size(); ++a)
                if (buffer_.is_attribute(a)) buffer_.set_modified(a, false);
        }
        for (size_t i = 3; i < stream.size(); ++i) {
            if (formatted && stream[i] == kSetAddress) {
                at = *address_at(i + 1);
                i += 2;
                const auto field = buffer_.field_of(at == 0 ? buffer_.size() - 1 : at - 1);
                buffer_.set_modified(*field, true);
                if (aid != kAidSelectorPen) buffer_.erase_to_end_of_field(at);
            } else if (!buffer_.is_attribute(at)) {
                buffer_.put(at, stream[i]);
                at = (at + 1) % buffer_.size();
            }
        }
    }
    buffer_.set_aid(aid);
    keyboard_.inhibit();
    if (connected()) present(kAttention);
    return true;
}

}  // namespace simulation
