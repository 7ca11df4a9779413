#include "vmcp/gdb/packet.hpp"

#include <algorithm>

namespace vmcp::gdb {
namespace {

constexpr char kInterrupt = 3, kEscape = '}', kEscapeBit = 0x20;
constexpr char kDigits[] = "0123456789abcdef";

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

uint8_t sum_of(std::string_view bytes) {
    uint8_t sum = 0;
    for (const char byte : bytes) sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(byte));
    return sum;
}

std::string without_escapes(std::string_view raw) {
    std::string text;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != kEscape)
            text.push_back(raw[i]);
        else if (++i < raw.size())
            text.push_back(static_cast<char>(raw[i] ^ kEscapeBit));
    }
    return text;
}

std::string with_escapes(std::string_view payload) {
    std::string raw;
    for (const char byte : payload) {
        if (byte == '$' || byte == '#' || byte == '*' || byte == kEscape) {
            raw.push_back(kEscape);
            raw.push_back(static_cast<char>(byte ^ kEscapeBit));
        } else {
            raw.push_back(byte);
        }
    }
    return raw;
}

std::string framed(std::string_view raw) {
    return "$" + std::string(raw) + "#" + hex_of(uint64_t{sum_of(raw)}, 1);
}

}  // namespace

void PacketReader::receive(std::string_view bytes) {
    for (const char byte : bytes) take(byte);
}

void PacketReader::take(char byte) {
    switch (state_) {
        case State::between:
            if (byte == '$') {
                raw_.clear();
                state_ = State::payload;
            } else if (byte == '+') {
                received_.push_back({Received::Kind::acknowledged});
            } else if (byte == '-') {
                received_.push_back({Received::Kind::refused});
            } else if (byte == kInterrupt) {
                received_.push_back({Received::Kind::interrupt});
            }
            break;
        case State::payload:
            if (byte == '#')
                state_ = State::first_digit;
            else if (byte == '$')
                raw_.clear();  // the one before was cut short
            else if (raw_.size() <= 2 * kLongestPayload)
                raw_.push_back(byte);
            break;
        case State::first_digit:
            first_ = byte;
            state_ = State::second_digit;
            break;
        case State::second_digit:
            state_ = State::between;
            end_packet(byte);
            break;
    }
}

void PacketReader::end_packet(char second) {
    const int high = digit_of(first_), low = digit_of(second);
    const bool whole = high >= 0 && low >= 0 && high * 16 + low == sum_of(raw_);
    std::string payload = without_escapes(raw_);
    if ((checks && !whole) || payload.size() > kLongestPayload)
        received_.push_back({Received::Kind::damaged});
    else
        received_.push_back({Received::Kind::packet, std::move(payload)});
    raw_.clear();
}

std::optional<Received> PacketReader::next() {
    if (received_.empty()) return std::nullopt;
    Received first = std::move(received_.front());
    received_.pop_front();
    return first;
}

bool PacketReader::take_interrupts() {
    return std::erase_if(received_, [](const Received& r) { return r.kind == Received::Kind::interrupt; }) >
           0;
}

std::string PacketReader::rest() const {
    std::string bytes;
    for (const Received& r : received_) {
        switch (r.kind) {
            case Received::Kind::packet: bytes += packet_of(r.payload); break;
            case Received::Kind::damaged: bytes += "$#01"; break;
            case Received::Kind::acknowledged: bytes += '+'; break;
            case Received::Kind::refused: bytes += '-'; break;
            case Received::Kind::interrupt: bytes += kInterrupt; break;
        }
    }
    if (state_ != State::between) bytes += "$" + raw_;
    if (state_ == State::first_digit || state_ == State::second_digit) bytes += '#';
    if (state_ == State::second_digit) bytes += first_;
    return bytes;
}

std::string packet_of(std::string_view payload) { return framed(with_escapes(payload)); }

std::string hex_of(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) {
        text.push_back(kDigits[static_cast<uint8_t>(byte) >> 4]);
        text.push_back(kDigits[byte & 0xF]);
    }
    return text;
}

std::string hex_of(uint64_t value, unsigned bytes) {
    std::string text;
    for (unsigned i = 2 * bytes; i-- > 0;) text.push_back(kDigits[value >> (4 * i) & 0xF]);
    return text;
}

std::optional<std::string> bytes_of_hex(std::string_view digits) {
    if (digits.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = digit_of(digits[i]), low = digit_of(digits[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<char>(high * 16 + low));
    }
    return bytes;
}

std::optional<uint64_t> number_of_hex(std::string_view digits) {
    if (digits.empty() || digits.size() > 16) return std::nullopt;
    uint64_t value = 0;
    for (const char c : digits) {
        const int digit = digit_of(c);
        if (digit < 0) return std::nullopt;
        value = value << 4 | static_cast<unsigned>(digit);
    }
    return value;
}

}  // namespace vmcp::gdb
