#include "simulation/devices/printer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "isa/ebcdic.hpp"

namespace simulation {

namespace {

constexpr unsigned kWidth = 132;
constexpr unsigned kCharacters1403 = 240;
constexpr unsigned kCharacters3211 = 512;
constexpr unsigned kTrain3211 = 432;  // of its buffer: the graphics; the rest tells which share a type
constexpr unsigned kSlowLines = 8;    // of a skip; the rest goes at the higher speed
constexpr uint8_t kNull = 0x00;       // prints nothing and is never a data check

// Sense byte 0.
constexpr uint8_t kSenseLoadCheck = 0x02;       // 3211: the forms control buffer is not valid
constexpr uint8_t kSenseNoChannelFound = 0x02;  // 1403; the 3211 is assumed to say it with the same bit
constexpr uint8_t kSenseChannel9 = 0x01;

enum Command : uint8_t {
    kDiagnosticWrite = 0x05,
    kReadLine = 0x02,
    kNoOperation = 0x03,
    kCheckRead = 0x06,
    kDiagnosticGate = 0x07,
    kReadCharacters = 0x0A,
    kReadForms = 0x12,
    kUnfold = 0x23,
    kSpaceOdd = 0x2B,
    kFold = 0x43,
    kLoadForms = 0x63,
    kRaiseCover = 0x6B,
    kBlockDataCheck = 0x73,
    kAllowDataCheck = 0x7B,
    kCharacterGate = 0xEB,
    kLoadCharactersFolding = 0xF3,
    kLoadCharacters = 0xFB,
};

constexpr uint8_t kImmediate = kChannelEnd | kDeviceEnd;

/// Lower case as the upper case that has the same low six bits.
constexpr uint8_t folded(uint8_t code) { return (code & 0xC0) == 0x80 ? code | 0x40 : code; }

bool printable(uint8_t code) {
    const uint8_t c = isa::kEbcdicToLatin1[code];
    return c >= 0x20 && !(c >= 0x7F && c < 0xA0);
}

}  // namespace

Printer::Printer(Output output, PrinterModel model, DeviceTiming timing)
    : Device(timing, model == PrinterModel::p1403 ? 1 : 6), output_(std::move(output)), model_(model) {
    state_.tape = CarriageTape::standard();
}

void Printer::mount(std::shared_ptr<const CarriageTape> tape) {
    state_.tape = std::move(tape);
    state_.line = 0;
}

void Printer::set_ready(bool ready) {
    if (ready && !std::exchange(state_.ready, ready)) announce_ready();
    state_.ready = ready;
}

uint8_t Printer::start(uint8_t command) {
    const bool gate_was_open = std::exchange(state_.gate_open, false);
    const bool is_1403 = model_ == PrinterModel::p1403;
    // Commands that one of the two does not have lead to the end, where what is no motion is rejected.
    switch (command) {
        case kNoOperation: return kImmediate;
        case kBlockDataCheck:
        case kAllowDataCheck:
            state_.data_check_blocked = command == kBlockDataCheck;
            if (keeper_ != nullptr) keeper_->take_setup(command, {});
            return kImmediate;
        case kCharacterGate:
            if (!is_1403) break;
            state_.gate_open = true;
            return kImmediate;
        case kDiagnosticGate:
            if (is_1403) break;
            state_.gate_open = true;
            return kImmediate;
        case kLoadCharactersFolding:
            if (is_1403 && gate_was_open) return load_characters(command, true);
            break;
        case kLoadCharacters:
            if (!is_1403) return load_characters(command, state_.fold);
            if (gate_was_open) return load_characters(command, false);
            break;
        case kLoadForms:
            if (!is_1403) return load_forms_control();
            break;
        case kFold:
        case kUnfold:
            if (is_1403) break;
            state_.fold = command == kFold;
            if (keeper_ != nullptr) keeper_->take_setup(command, {});
            return kImmediate;
        case kRaiseCover:
            if (is_1403) break;
            state_.ready = false;
            return kImmediate;
        case kReadLine: return read(Buffer::line);
        case kReadCharacters:
            if (!is_1403) return read(Buffer::characters);
            break;
        case kReadForms:
            if (!is_1403) return read(Buffer::forms);
            break;
        case kCheckRead:
            if (is_1403 || gate_was_open) return read(Buffer::checks);
            break;
        case kDiagnosticWrite:
            if (!is_1403 && gate_was_open) return diagnostic_write();
            break;
        case kSpaceOdd:
            if (is_1403) return move_at_once(command, {.spaces = 1});
            break;
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
    if ((command & 7) == 1) return print(command, motion);
    if ((command & 7) == 3) return move_at_once(command, motion);
    return check(kSenseCommandReject);
}

/// The operator, or whoever keeps the records, has to do something first.
bool Printer::refuses() {
    if (state_.ready && keeper_ != nullptr) state_.ready = keeper_->takes_records();
    return !state_.ready;
}

uint8_t Printer::print(uint8_t command, Motion motion) {
    if (refuses()) return check(kSenseInterventionRequired);
    after(timing().transfer, [this, command, motion] {
        std::array<uint8_t, kWidth> buffer;
        const uint32_t n = path().take(buffer);
        state_.line_buffer.assign(buffer.begin(), buffer.begin() + n);
        const unsigned lines = lines_to_move(motion).first;
        after(timing().cycle + (lines > 1 ? motion_time(lines - 1) : 0), [this, command, motion] {
            uint8_t sense = 0;
            const std::string text = line_of(sense);
            if (state_.line_has_text) put("\r");
            put(text);
            state_.line_has_text = true;
            ++state_.lines_printed;
            if (keeper_ != nullptr) keeper_->take_record(command, state_.line_buffer);
            end(motion, sense);
        });
        present(kChannelEnd);
    });
    return 0;
}

uint8_t Printer::move_at_once(uint8_t command, Motion motion) {
    if (refuses()) return check(kSenseInterventionRequired);
    after(motion_time(lines_to_move(motion).first), [this, command, motion] {
        if (keeper_ != nullptr) keeper_->take_record(command, {});
        end(motion, 0);
    });
    return kChannelEnd;
}

/// The line is printed: the forms move, and the device has done, unless who keeps the records holds it.
void Printer::end(Motion motion, uint8_t sense) {
    if (keeper_ == nullptr || !keeper_->holds_end()) return present(finish(motion, sense));
    pause([this, motion, sense] { present(finish(motion, sense)); });
}

/// Moves the forms; answers device end and what it is to be joined with.
uint8_t Printer::finish(Motion motion, uint8_t sense) {
    const auto [lines, found] = lines_to_move(motion);
    if (!found) sense |= kSenseNoChannelFound;
    const uint8_t status = kDeviceEnd | move(motion, lines, sense);
    return sense == 0 ? status : status | check(sense);
}

/// The line in the buffer as text. What is not on the type carrier leaves a blank, and is a data check.
std::string Printer::line_of(uint8_t& sense) const {
    std::string text(static_cast<size_t>(std::max(state_.index, 0)), ' ');
    const size_t left_out =
        std::min(state_.line_buffer.size(), static_cast<size_t>(std::max(-state_.index, 0)));
    for (size_t i = 0; i < state_.line_buffer.size(); ++i) {
        uint8_t code = state_.line_buffer[i];
        bool prints = code != isa::kEbcdicBlank && code != kNull;
        if (prints && state_.characters) {
            if (!state_.characters->graphics[code] && state_.fold) code = folded(code);
            prints = state_.characters->graphics[code];
            if (!prints && !state_.data_check_blocked) sense |= kSenseDataCheck;
        }
        prints = prints && printable(code);
        if (i >= left_out) text += prints ? isa::to_text({&code, 1}) : " ";
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

uint8_t Printer::load_characters(uint8_t command, bool fold) {
    after(timing().transfer, [this, command, fold] {
        auto set = std::make_shared<CharacterSet>();
        set->buffer.resize(model_ == PrinterModel::p1403 ? kCharacters1403 : kCharacters3211);
        const uint32_t n = path().take(set->buffer);
        const size_t train =
            std::min<size_t>(n, model_ == PrinterModel::p1403 ? kCharacters1403 : kTrain3211);
        for (size_t i = 0; i < train; ++i) set->graphics.set(set->buffer[i]);
        if (keeper_ != nullptr) {
            if (model_ == PrinterModel::p1403) keeper_->take_setup(kCharacterGate, {});
            keeper_->take_setup(command, {set->buffer.data(), n});
        }
        state_.characters = std::move(set);
        state_.fold = fold;
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

uint8_t Printer::load_forms_control() {
    after(timing().transfer, [this] {
        std::vector<uint8_t> bytes(FormsControl::kSize);
        bytes.resize(path().take(bytes));
        uint8_t status = kChannelEnd | kDeviceEnd;
        if (auto control = forms_control_of(bytes)) {
            mount(std::move(control->tape));
            state_.index = control->index;
            state_.eight_lines_per_inch = control->eight_lines_per_inch;
        } else {
            status |= check(kSenseLoadCheck);
        }
        if (keeper_ != nullptr) keeper_->take_setup(kLoadForms, bytes);
        state_.forms_buffer = std::move(bytes);
        present(status);
    });
    return 0;
}

uint8_t Printer::read(Buffer buffer) {
    after(timing().transfer, [this, buffer] {
        std::vector<uint8_t> bytes;
        switch (buffer) {
            case Buffer::line:
                bytes = state_.line_buffer;
                bytes.resize(kWidth, isa::kEbcdicBlank);
                break;
            case Buffer::characters:
                if (state_.characters) bytes = state_.characters->buffer;
                bytes.resize(kCharacters3211);
                break;
            case Buffer::forms:
                bytes = state_.forms_buffer;
                bytes.resize(FormsControl::kSize);
                break;
            case Buffer::checks: bytes.resize(kWidth); break;
        }
        path().give(bytes);
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

uint8_t Printer::diagnostic_write() {
    after(timing().transfer, [this] {
        state_.line_buffer.assign(kWidth, isa::kEbcdicBlank);
        state_.line_buffer.resize(path().take(state_.line_buffer));
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

void Printer::tell_setup(RecordKeeper& keeper) const {
    if (state_.data_check_blocked) keeper.take_setup(kBlockDataCheck, {});
    if (model_ == PrinterModel::p3211 && state_.fold) keeper.take_setup(kFold, {});
    if (state_.characters) {
        if (model_ == PrinterModel::p1403) keeper.take_setup(kCharacterGate, {});
        keeper.take_setup(
            model_ == PrinterModel::p1403 && state_.fold ? kLoadCharactersFolding : kLoadCharacters,
            state_.characters->buffer);
    }
    if (!state_.forms_buffer.empty()) keeper.take_setup(kLoadForms, state_.forms_buffer);
}

SimTime Printer::motion_time(unsigned lines) const {
    const unsigned slow = std::min(lines, kSlowLines);
    const SimTime time = slow * timing().space + (lines - slow) * timing().skip;
    return state_.eight_lines_per_inch ? time * 6 / 8 : time;  // the figures are for six lines an inch
}

/// How far a motion goes, and whether there is such a channel. The carriage stops where a hole is under its
/// brush: a skip to where the forms already stand moves nothing, whatever was printed there. A skip to a
/// channel that is not punched ends at channel 1; where that is not punched either, at the top of the next
/// form.
std::pair<unsigned, bool> Printer::lines_to_move(Motion motion) const {
    if (motion.channel == 0) return {motion.spaces, true};
    const unsigned length = static_cast<unsigned>(state_.tape->channels.size());
    for (const unsigned channel : {motion.channel, 1u})
        for (unsigned lines = 0; lines <= length; ++lines)
            if (state_.tape->has((state_.line + lines) % length, channel))
                return {lines, channel == motion.channel};
    return {length - state_.line, false};
}

/// Moves the forms. Answers unit exception where spacing met channel 12, and adds to the sense information
/// where it met channel 9.
uint8_t Printer::move(Motion motion, unsigned lines, uint8_t& sense) {
    const unsigned length = static_cast<unsigned>(state_.tape->channels.size());
    uint8_t status = 0;
    if (lines == 0) return status;
    state_.line_has_text = false;
    for (unsigned forms = (state_.line + lines) / length; forms != 0; --forms) form_ended();
    if (motion.channel != 0 && state_.line + lines >= length) {
        state_.line = (state_.line + lines) % length;
        put("\f");
        put(std::string(state_.line, '\n'));
        return status;
    }
    put(std::string(lines, '\n'));
    for (unsigned i = 1; i <= lines && motion.channel == 0; ++i) {
        const unsigned line = (state_.line + i) % length;
        if (state_.tape->has(line, 12)) status |= kUnitException;
        if (state_.tape->has(line, 9)) sense |= kSenseChannel9;
    }
    state_.line = (state_.line + lines) % length;
    return status;
}

void Printer::form_ended() {
    if (!state_.forms_left || *state_.forms_left == 0) return;
    if (--*state_.forms_left == 0) state_.ready = false;
}

void Printer::put(std::string_view text) const {
    if (output_ && keeper_ == nullptr && !text.empty()) output_(text);
}

}  // namespace simulation
