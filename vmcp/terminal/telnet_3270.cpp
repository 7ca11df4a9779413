#include "vmcp/terminal/telnet_3270.hpp"

#include <utility>

namespace vmcp::terminal {

namespace {

// RFC 854.
constexpr uint8_t kIac = 255, kDont = 254, kDo = 253, kWont = 252, kWill = 251, kBegin = 250, kEnd = 240,
                  kEndOfRecord = 239;
// Options and what goes with TERMINAL-TYPE.
constexpr uint8_t kBinary = 0, kTerminalType = 24, kRecords = 25;
constexpr uint8_t kIs = 0, kSend = 1;

constexpr uint8_t kTheirBinary = 1, kOurBinary = 2, kTheirRecords = 4, kOurRecords = 8, kAll = 15;

/// More than a screen whose every location is a field.
constexpr size_t kLongest = 16 * 1024;

}  // namespace

void Telnet3270::send(std::initializer_list<uint8_t> bytes) const {
    events_.send({bytes.begin(), bytes.size()});
}

bool Telnet3270::refuse(std::string reason) {
    reason_ = std::move(reason);
    return false;
}

void Telnet3270::begin() { send({kIac, kDo, kTerminalType}); }

bool Telnet3270::receive(std::span<const uint8_t> bytes) {
    for (const uint8_t byte : bytes)
        if (!take(byte)) return false;
    return true;
}

bool Telnet3270::take(uint8_t byte) {
    if (record_.size() > kLongest || subnegotiation_.size() > kLongest)
        return refuse("a record grows without end");
    switch (state_) {
        case State::data:
            if (byte == kIac)
                state_ = State::command;
            else if (ready_)
                record_.push_back(byte);
            return true;
        case State::command:
            state_ = State::data;
            if (byte == kIac) {
                if (ready_) record_.push_back(byte);
            } else if (byte == kEndOfRecord) {
                const std::vector<uint8_t> record = std::exchange(record_, {});
                if (ready_) events_.record(record);
            } else if (byte >= kWill) {
                verb_ = byte;
                state_ = State::option;
            } else if (byte == kBegin) {
                subnegotiation_.clear();
                state_ = State::subnegotiation;
            }
            return true;  // no-operation, break, interrupt process and the like: nothing to do
        case State::option: state_ = State::data; return on_option(verb_, byte);
        case State::subnegotiation:
            if (byte == kIac)
                state_ = State::subnegotiation_command;
            else
                subnegotiation_.push_back(byte);
            return true;
        case State::subnegotiation_command:
            if (byte == kEnd) {
                state_ = State::data;
                return on_subnegotiation();
            }
            subnegotiation_.push_back(byte);
            state_ = State::subnegotiation;
            return true;
    }
    return true;
}

bool Telnet3270::on_option(uint8_t verb, uint8_t option) {
    const bool theirs = verb == kWill || verb == kWont;
    const bool yes = verb == kWill || verb == kDo;
    if (option == kTerminalType && theirs) {
        if (!yes) return refuse("it does not tell what terminal it is");
        send({kIac, kBegin, kTerminalType, kSend, kIac, kEnd});
        return true;
    }
    if (option == kBinary || option == kRecords) {
        if (!yes) return refuse("it does not send binary records");
        const uint8_t bit =
            option == kBinary ? (theirs ? kTheirBinary : kOurBinary) : (theirs ? kTheirRecords : kOurRecords);
        // A terminal may ask before it is asked; the answer is what we will ask for in any case.
        if (!asked_ && (agreed_ & bit) == 0) send({kIac, theirs ? kDo : kWill, option});
        agreed_ |= bit;
        if (agreed_ == kAll && !terminal_type_.empty()) become_ready();
        return true;
    }
    if (verb == kWill) send({kIac, kDont, option});
    if (verb == kDo) send({kIac, kWont, option});
    return true;
}

bool Telnet3270::on_subnegotiation() {
    if (subnegotiation_.size() < 2 || subnegotiation_[0] != kTerminalType || subnegotiation_[1] != kIs)
        return true;
    terminal_type_.assign(subnegotiation_.begin() + 2, subnegotiation_.end());
    if (!terminal_type_.starts_with("IBM-327") && terminal_type_ != "IBM-DYNAMIC")
        return refuse("a 3270 terminal is needed, and it says that it is something else");
    if (ready_) return true;
    // What has been agreed upon already is not asked for again.
    asked_ = true;
    if ((agreed_ & kTheirRecords) == 0) send({kIac, kDo, kRecords});
    if ((agreed_ & kOurRecords) == 0) send({kIac, kWill, kRecords});
    if ((agreed_ & kTheirBinary) == 0) send({kIac, kDo, kBinary});
    if ((agreed_ & kOurBinary) == 0) send({kIac, kWill, kBinary});
    if (agreed_ == kAll) become_ready();
    return true;
}

void Telnet3270::become_ready() {
    if (ready_) return;
    ready_ = true;
    events_.ready();
}

void Telnet3270::send_record(std::span<const uint8_t> record) {
    std::vector<uint8_t> bytes;
    bytes.reserve(record.size() + 2);
    for (const uint8_t byte : record) {
        bytes.push_back(byte);
        if (byte == kIac) bytes.push_back(kIac);
    }
    bytes.push_back(kIac);
    bytes.push_back(kEndOfRecord);
    events_.send(bytes);
}

}  // namespace vmcp::terminal
