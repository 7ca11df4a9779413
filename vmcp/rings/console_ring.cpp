#include "vmcp/rings/console_ring.hpp"

#include <algorithm>

#include "isa/ebcdic.hpp"
#include "simulation/images/byte_order.hpp"

namespace vmcp {
namespace {

constexpr uint8_t kNewLine = 0x15;  // in EBCDIC

}  // namespace

ConsoleRing::ConsoleRing(const RingHost& host, unsigned number, const RingDescription& description,
                         VirtualIo& io)
    : RingDevice(host, number, description, 2, 0), io_(io) {
    io_.devices.console->taker = [this](std::string_view line) { return take_line(line); };
}

ConsoleRing::~ConsoleRing() { io_.devices.console->taker = nullptr; }

std::array<uint8_t, RingDevice::kConfiguration> ConsoleRing::configuration() const {
    std::array<uint8_t, kConfiguration> bytes{};
    simulation::images::put_big16(&bytes[0], kColumns);
    return bytes;
}

void ConsoleRing::abandon() {
    typed_.clear();
    line_.clear();
}

bool ConsoleRing::take_line(std::string_view line) {
    if (!live() || typed_.size() == kMostLines) return false;
    typed_.emplace_back(line);
    go_on_later(receive);
    return true;
}

bool ConsoleRing::serve(Work& work, unsigned queue) {
    return queue == receive ? serve_input(work) : serve_output(work);
}

/// A line for each buffer; what does not fit is lost, but for the end of the line.
bool ConsoleRing::serve_input(Work& work) {
    while (!typed_.empty()) {
        const auto chain = take_room(work, receive);
        if (!chain) return false;
        const std::string line = std::move(typed_.front());
        typed_.pop_front();
        std::vector<uint8_t> bytes;
        for (const char c : line.substr(0, chain->writable_bytes - 1)) bytes.push_back(isa::to_ebcdic(c));
        bytes.push_back(kNewLine);
        if (!fill(work, receive, *chain, bytes)) return false;
        if (!give_back(work, receive, *chain, static_cast<uint32_t>(bytes.size()))) return false;
    }
    return false;
}

bool ConsoleRing::serve_output(Work& work) {
    for (unsigned done = 0; done < kAtOnce; ++done) {
        const auto sent = take_sent(work, transmit);
        if (!sent) return false;
        type(work, sent->bytes);
        mutable_counts().bytes += sent->bytes.size();
        if (!give_back(work, transmit, sent->chain, 0)) return false;
    }
    return true;
}

void ConsoleRing::type(Work& work, std::span<const uint8_t> text) {
    for (const uint8_t byte : text) {
        if (byte != kNewLine) line_ += isa::printable(byte);
        if (byte != kNewLine && line_.size() < kColumns) continue;
        io_.message(work, line_);
        line_.clear();
    }
}

}  // namespace vmcp
