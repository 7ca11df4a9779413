#include "simulation/devices/console.hpp"

#include <array>
#include <utility>

#include "isa/ebcdic.hpp"

namespace simulation {

namespace {

constexpr uint8_t kWrite = 0x01;
constexpr uint8_t kNoOperation = 0x03;
constexpr uint8_t kWriteReturn = 0x09;
constexpr uint8_t kReadInquiry = 0x0A;
constexpr uint8_t kAlarm = 0x0B;
/// The 1052 takes no notice of this bit of a write with carrier return and of a read inquiry (X'89' and
/// X'8A'; assumed: CPU diagnostics of System/360 use these codes).
constexpr uint8_t kIgnored1052 = 0x80;

/// How long an operator with a line to enter waits for a read before pressing request again (assumed).
constexpr SimTime kPatience = kSecond;

/// Characters taken from the channel at a time. The device has no buffer; a piece only keeps the number of
/// events small.
constexpr uint32_t kPiece = 128;

}  // namespace

Console::Console(Output output, ConsoleModel model, DeviceTiming timing)
    : Device(timing, 1), output_(std::move(output)), model_(model) {}

Console::~Console() { forget_request(); }

std::string_view Console::type() const {
    switch (model_) {
        case ConsoleModel::c3215: return "3215";
        case ConsoleModel::c3210: return "3210";
        case ConsoleModel::c1052: return "1052";
    }
    return "";
}

uint8_t Console::start(uint8_t command) {
    const uint8_t plain = command & ~kIgnored1052;
    if (model_ == ConsoleModel::c1052 && (plain == kWriteReturn || plain == kReadInquiry)) command = plain;
    switch (command) {
        case kNoOperation: return kChannelEnd | kDeviceEnd;
        case kAlarm: show("\a", false); return kChannelEnd | kDeviceEnd;
        case kWrite:
        case kWriteReturn:
            if (!state_.ready) return check(kSenseInterventionRequired);
            state_.carrier_return = command == kWriteReturn;
            after(0, [this] { type_on(); });
            return 0;
        case kReadInquiry:
            if (!state_.ready) return check(kSenseInterventionRequired);
            state_.reading = true;
            forget_request();
            if (!state_.lines.empty()) after(0, [this] { deliver(); });
            return 0;
        default: return check(kSenseCommandReject);
    }
}

/// Types until the channel has no more. A line has no length of its own, so it is always the count that ends
/// a write, which is an incorrect length only for units that look at it.
void Console::type_on() {
    std::array<uint8_t, kPiece> piece;
    const uint32_t n = timing().checks_write_length ? path().take(piece) : path().take_to_count(piece);
    std::string text;
    for (uint32_t i = 0; i < n; ++i) {
        if (piece[i] == isa::kEbcdicNewLine)
            text += '\n';
        else
            text += isa::to_text({&piece[i], 1});
    }
    const bool last = n < kPiece;
    if (last && state_.carrier_return) text += '\n';
    const SimTime characters = n + (last && state_.carrier_return ? 1 : 0);
    after(characters * timing().character, [this, text = std::move(text), last] {
        show(text, false);
        if (last)
            present(kChannelEnd | kDeviceEnd);
        else
            type_on();
    });
}

/// Gives the first waiting line to the read.
void Console::deliver() {
    const std::string line = std::move(state_.lines.front());
    state_.lines.erase(state_.lines.begin());
    state_.reading = false;
    show(line + '\n', true);
    path().give(isa::to_ebcdic(line));
    present(kChannelEnd | kDeviceEnd);
    if (!state_.lines.empty()) {
        next_request_ = queue().schedule(queue().now() + kPatience, [this] {
            next_request_ = 0;
            request();
        });
    }
}

void Console::enter(std::string_view line) {
    if (taker && taker(line)) return;
    state_.lines.emplace_back(line);
    if (state_.reading && state_.lines.size() == 1)
        deliver();
    else if (!state_.reading && state_.lines.size() == 1)
        request();
}

void Console::request() {
    if (connected()) present(kAttention);
}

void Console::cancel() {
    if (!state_.reading || !state_.lines.empty()) return;
    state_.reading = false;
    present(kChannelEnd | kDeviceEnd | kUnitException);
}

void Console::set_ready(bool ready) {
    if (ready && !std::exchange(state_.ready, ready)) announce_ready();
    state_.ready = ready;
}

void Console::discard() {
    state_.reading = false;
    forget_request();
}

void Console::forget_request() {
    if (next_request_ != 0) queue().cancel(next_request_);
    next_request_ = 0;
}

void Console::show(std::string_view text, bool keyed) const {
    if (output_ && !text.empty()) output_(text, keyed);
}

}  // namespace simulation
