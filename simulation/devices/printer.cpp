#include "simulation/devices/printer.hpp"

#include <algorithm>
#include <array>

#include "isa/ebcdic.hpp"

namespace simulation {

namespace {

constexpr unsigned kWidth = 132;
constexpr unsigned kUcsBuffer1403 = 240;
constexpr unsigned kUcsBuffer3211 = 512;
constexpr unsigned kFormsBuffer = 180;
constexpr uint8_t kIndexing = 0x80;  // in its first byte: print position indexing, which is not a line
constexpr uint8_t kLastLine = 0x10;
constexpr unsigned kSlowLines = 8;  // of a skip; the rest goes at the higher speed
constexpr uint8_t kSenseChannel9 = 0x01;
constexpr uint8_t kSenseLoadCheck = 0x04;  // 3211: the forms control buffer is not valid

/// A line as text. What is not on the print train leaves a blank.
std::string line_of(std::span<const uint8_t> codes) {
    std::string text;
    for (const uint8_t e : codes) {
        const uint8_t c = isa::kEbcdicToLatin1[e];
        text += c < 0x20 || (c >= 0x7F && c < 0xA0) ? " " : isa::to_text({&e, 1});
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

/// The tape that a forms control buffer stands for; null if it is not valid.
std::shared_ptr<const CarriageTape> forms_of(std::span<const uint8_t> bytes) {
    auto tape = std::make_shared<CarriageTape>();
    for (size_t i = 0; i < bytes.size(); ++i) {
        if (i == 0 && (bytes[i] & kIndexing) != 0) continue;
        const unsigned channel = bytes[i] & 0x0F;
        if (channel > 12) return nullptr;
        tape->channels.push_back(channel == 0 ? 0 : static_cast<uint16_t>(1u << (channel - 1)));
        if ((bytes[i] & kLastLine) != 0) return tape;
    }
    return nullptr;
}

}  // namespace

std::shared_ptr<const CarriageTape> CarriageTape::standard() {
    static const auto tape = [] {
        auto t = std::make_shared<CarriageTape>();
        t->channels.resize(66);
        unsigned line = 0;
        for (const unsigned channel : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 10u, 11u}) {
            t->channels[line] = static_cast<uint16_t>(1u << (channel - 1));
            line += 6;
        }
        return t;
    }();
    return tape;
}

Printer::Printer(Output output, PrinterModel model, DeviceTiming timing)
    : Device(timing, model == PrinterModel::p1403 ? 1 : 6),
      output_(std::move(output)),
      tape_(CarriageTape::standard()),
      model_(model) {}

void Printer::mount(std::shared_ptr<const CarriageTape> tape) {
    tape_ = std::move(tape);
    line_ = 0;
}

uint8_t Printer::start(uint8_t command) {
    const bool gate_was_open = std::exchange(gate_open_, false);
    switch (command) {
        case 0x03:  // no-operation
        case 0x73:  // block data check: nothing is ever checked
        case 0x7B: return kChannelEnd | kDeviceEnd;
        case 0xEB:
            if (model_ != PrinterModel::p1403) return check(kSenseCommandReject);
            gate_open_ = true;
            return kChannelEnd | kDeviceEnd;
        case 0xF3:
        case 0xFB:
            if (model_ == PrinterModel::p3211 && command == 0xFB) return load_buffer(kUcsBuffer3211, false);
            return gate_was_open ? load_buffer(kUcsBuffer1403, false) : check(kSenseCommandReject);
        case 0x63:
            return model_ == PrinterModel::p3211 ? load_buffer(kFormsBuffer, true)
                                                 : check(kSenseCommandReject);
        case 0x23:  // fold and unfold: lower case prints as it is
        case 0x43:
            return model_ == PrinterModel::p3211 ? kChannelEnd | kDeviceEnd : check(kSenseCommandReject);
        default: break;
    }
    // Bits 0-4 say how the forms move, bits 5-7 whether a line is printed before.
    const unsigned modifier = command >> 3;
    Motion motion;
    if (modifier <= 3)
        motion.spaces = modifier;
    else if (modifier > 0x10 && modifier <= 0x10 + 12)
        motion.channel = modifier - 0x10;
    else
        return check(kSenseCommandReject);
    if ((command & 7) == 1) return print(motion);
    if ((command & 7) == 3) return move_at_once(motion);
    return check(kSenseCommandReject);
}

uint8_t Printer::print(Motion motion) {
    after(timing().transfer, [this, motion] {
        std::array<uint8_t, kWidth> buffer;
        const uint32_t n = path().take(buffer);
        const unsigned lines = lines_to_move(motion, true);
        const SimTime time = timing().cycle + (lines > 1 ? motion_time(lines - 1) : 0);
        after(time, [this, motion, lines, text = line_of(std::span(buffer).first(n))] {
            if (line_has_text_) put("\r");
            put(text);
            line_has_text_ = true;
            ++lines_printed_;
            present(kDeviceEnd | move(motion, lines));
        });
        present(kChannelEnd);
    });
    return 0;
}

uint8_t Printer::move_at_once(Motion motion) {
    const unsigned lines = lines_to_move(motion, line_has_text_);
    after(motion_time(lines), [this, motion, lines] { present(kDeviceEnd | move(motion, lines)); });
    return kChannelEnd;
}

uint8_t Printer::load_buffer(unsigned length, bool forms) {
    after(timing().transfer, [this, length, forms] {
        std::vector<uint8_t> bytes(length);
        bytes.resize(path().take(bytes));
        uint8_t status = kChannelEnd | kDeviceEnd;
        if (forms) {
            if (auto tape = forms_of(bytes))
                mount(std::move(tape));
            else
                status |= check(kSenseLoadCheck);
        }
        present(status);
    });
    return 0;
}

SimTime Printer::motion_time(unsigned lines) const {
    const unsigned slow = std::min(lines, kSlowLines);
    return slow * timing().space + (lines - slow) * timing().skip;
}

/// How far a motion goes. A skip to where the forms already stand moves them to the next such line if
/// something was printed here, else not at all. A skip to a channel that is not punched ends at channel 1,
/// where the operator stops the forms; where that is not punched either, at the top of the next form.
unsigned Printer::lines_to_move(Motion motion, bool printed) const {
    if (motion.channel == 0) return motion.spaces;
    const unsigned length = static_cast<unsigned>(tape_->channels.size());
    for (const unsigned channel : {motion.channel, 1u})
        for (unsigned lines = printed ? 1 : 0; lines <= length; ++lines)
            if (tape_->has((line_ + lines) % length, channel)) return lines;
    return length - line_;
}

/// Moves the forms. Answers what device end is to be joined with: unit exception for channel 12, unit check
/// for channel 9, if spacing passed them.
uint8_t Printer::move(Motion motion, unsigned lines) {
    const unsigned length = static_cast<unsigned>(tape_->channels.size());
    uint8_t status = 0;
    if (lines == 0) return status;
    line_has_text_ = false;
    if (motion.channel != 0 && line_ + lines >= length) {
        line_ = (line_ + lines) % length;
        put("\f");
        put(std::string(line_, '\n'));
        return status;
    }
    put(std::string(lines, '\n'));
    for (unsigned i = 1; i <= lines && motion.channel == 0; ++i) {
        const unsigned line = (line_ + i) % length;
        if (tape_->has(line, 12)) status |= kUnitException;
        if (tape_->has(line, 9)) status |= check(kSenseChannel9);
    }
    line_ = (line_ + lines) % length;
    return status;
}

void Printer::put(std::string_view text) const {
    if (output_ && !text.empty()) output_(text);
}

}  // namespace simulation
