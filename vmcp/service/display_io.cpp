#include "vmcp/service/display_io.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "simulation/channel/channel_words.hpp"
#include "simulation/devices/display_3277.hpp"

namespace vmcp {
namespace {

using simulation::ChannelAccess;

constexpr uint8_t kDisplayData = 0x19, kFullWrite = 0x29, kFullRead = 0x2A;
constexpr uint8_t kWrite = 0x01, kReadBuffer = 0x02, kEraseWrite = 0x05, kReadModified = 0x06,
                  kEraseWriteAlternate = 0x0D, kWriteStructured = 0x11;
constexpr uint8_t kChainData = 0x80, kChainCommand = 0x40;
constexpr size_t kCcw = 8;

/// One of the guest's, whose sixth byte says what the command is about.
struct GuestCcw {
    uint8_t command = 0, flags = 0, control = 0;
    uint32_t address = 0;
    uint16_t count = 0;

    explicit GuestCcw(const uint8_t* at)
        : command(at[0]),
          flags(at[4]),
          control(at[5]),
          address(uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3]),
          count(static_cast<uint16_t>(at[6] << 8 | at[7])) {}
};

/// The display's command for one of full-screen mode; others are as they are.
uint8_t full_screen_command(const GuestCcw& ccw) {
    if (ccw.command == kFullRead) return (ccw.control & 0x80) != 0 ? kReadModified : kReadBuffer;
    if (ccw.command != kFullWrite) return ccw.command;
    if ((ccw.control & 0x80) != 0) return (ccw.control & 0x40) != 0 ? kEraseWriteAlternate : kEraseWrite;
    return (ccw.control & 0x20) != 0 ? kWriteStructured : kWrite;
}

/// The guest's own program: its commands become those of the display when the channel comes to them.
class FullScreen final : public simulation::ChannelStorage {
  public:
    explicit FullScreen(simulation::ChannelStorage& guest) : guest_(guest) {}
    uint32_t size() const override { return guest_.size(); }
    ChannelAccess fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t key) override {
        return guest_.fetch(address, out, length, key);
    }
    ChannelAccess fetch_ccw(uint32_t address, uint8_t* out, uint8_t key) override {
        const ChannelAccess access = guest_.fetch_ccw(address, out, key);
        if (access != ChannelAccess::ok) return access;
        out[0] = full_screen_command(GuestCcw(out));
        out[5] = 0;
        return access;
    }
    ChannelAccess store(uint32_t address, const uint8_t* in, uint32_t length, uint8_t key) override {
        return guest_.store(address, in, length, key);
    }

  private:
    simulation::ChannelStorage& guest_;
};

/// What is to be displayed, as data streams of the control program's own. Its CCWs are where the guest's are,
/// so that the channel-status word is one of the guest's; their data are here.
class Displaying final : public simulation::ChannelStorage {
  public:
    explicit Displaying(uint32_t address) : first_(address) {}

    /// `stream`: the bytes of one more CCW.
    void add(uint8_t command, uint8_t flags, const std::vector<uint8_t>& stream) {
        constexpr uint8_t kSuppressLength = 0x20;
        const auto at = static_cast<uint32_t>(data_.size());
        const auto n = static_cast<uint32_t>(stream.size());
        ccws_.push_back({command, static_cast<uint8_t>(at >> 16), static_cast<uint8_t>(at >> 8),
                         static_cast<uint8_t>(at), static_cast<uint8_t>(flags | kSuppressLength), 0,
                         static_cast<uint8_t>(n >> 8), static_cast<uint8_t>(n)});
        data_.insert(data_.end(), stream.begin(), stream.end());
    }
    uint32_t size() const override { return isa::kAddressMask + 1; }
    ChannelAccess fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t) override {
        if (address > data_.size() || length > data_.size() - address) return ChannelAccess::addressing;
        std::copy_n(data_.begin() + address, length, out);
        return ChannelAccess::ok;
    }
    ChannelAccess fetch_ccw(uint32_t address, uint8_t* out, uint8_t) override {
        const size_t i = ((address - first_) & isa::kAddressMask) / kCcw;
        if (i >= ccws_.size()) return ChannelAccess::addressing;
        std::copy(ccws_[i].begin(), ccws_[i].end(), out);
        return ChannelAccess::ok;
    }
    ChannelAccess store(uint32_t, const uint8_t*, uint32_t, uint8_t) override {
        return ChannelAccess::protection;
    }

  private:
    uint32_t first_;
    std::vector<std::array<uint8_t, kCcw>> ccws_;
    std::vector<uint8_t> data_;
};

GuestCcw fetch_ccw(VirtualCpu& cpu, uint32_t address) {
    std::array<uint8_t, kCcw> bytes;
    cpu.fetch(address & isa::kAddressMask, bytes.data(), bytes.size());
    return GuestCcw(bytes.data());
}

std::vector<uint8_t> fetch_data(VirtualCpu& cpu, const GuestCcw& ccw) {
    std::vector<uint8_t> bytes(ccw.count);
    for (uint32_t done = 0; done < bytes.size();) {
        const uint32_t n = std::min<uint32_t>(ccw.count - done, simulation::kBlock);
        cpu.fetch((ccw.address + done) & isa::kAddressMask, bytes.data() + done, n);
        done += n;
    }
    return bytes;
}

/// Lines of 80, of which the two at the bottom are not for output.
struct Screen {
    static constexpr unsigned kInputLines = 2;
    unsigned columns, lines;
    explicit Screen(const simulation::DisplayBuffer& buffer)
        : columns(buffer.columns()), lines(buffer.rows() - kInputLines) {}
    bool has_room(unsigned line, size_t bytes) const {
        return line < lines && line * columns + bytes <= size_t{lines} * columns;
    }
};

/// The program that displays what a chain of CCWs X'19' says; null: it does not fit, or is no such chain.
std::unique_ptr<Displaying> displaying(VirtualCpu& cpu, uint32_t first, const Screen& screen) {
    constexpr size_t kMost = 64;          // CCWs (assumed)
    constexpr uint16_t kMostData = 2032;  // bytes of one
    constexpr uint8_t kClear = 0xFF, kClearAll = 0xFE, kEraseBefore = 0x80, kLineMask = 0x3F;
    constexpr uint8_t kRestoreKeyboard = 0xC2, kSetAddress = 0x11;
    auto program = std::make_unique<Displaying>(first);
    bool goes_on = false;  // the data of the CCW before do
    for (size_t i = 0; i < kMost; ++i) {
        const GuestCcw ccw = fetch_ccw(cpu, first + static_cast<uint32_t>(i * kCcw));
        if ((!goes_on && ccw.command != kDisplayData) || ccw.count > kMostData) return nullptr;
        const bool clears = !goes_on && (ccw.control == kClear || ccw.control == kClearAll);
        std::vector<uint8_t> stream;
        uint8_t command = kWrite;
        if (!goes_on) {
            stream.push_back(kRestoreKeyboard);
            if (clears || (ccw.control & kEraseBefore) != 0) command = kEraseWrite;
        }
        if (!clears) {
            const unsigned line = ccw.control & kLineMask;
            if (!goes_on && !screen.has_room(line, ccw.count)) return nullptr;
            const unsigned at = line * screen.columns;
            if (!goes_on)
                stream.insert(stream.end(),
                              {kSetAddress, simulation::six_bit_code(at >> 6), simulation::six_bit_code(at)});
            const std::vector<uint8_t> data = fetch_data(cpu, ccw);
            stream.insert(stream.end(), data.begin(), data.end());
        }
        const uint8_t chained = ccw.flags & (kChainData | kChainCommand);
        program->add(command, chained, stream);
        if (chained == 0) return program;
        goes_on = (ccw.flags & kChainData) != 0 && !clears;
    }
    return nullptr;
}

void answer(VirtualCpu& cpu, const simulation::IoResult& result) {
    using Stores = simulation::IoResult::Stores;
    cpu.set_condition_code(result.condition_code);
    const uint64_t csw = encode(result.csw);
    if (result.stores == Stores::csw) cpu.store_assigned64(isa::Assigned::csw, csw);
    if (result.stores == Stores::status)
        cpu.store_assigned16(isa::Assigned::csw + 4, static_cast<uint16_t>(csw >> 16));
}

}  // namespace

void DisplayPrograms::diagnose(VirtualCpu& cpu, unsigned r1, unsigned r3) {
    constexpr unsigned kError = 1, kNoDisplay = 3;
    VirtualMachine& vm = cpu.vm();
    const auto address = static_cast<uint16_t>(cpu.gpr(r3));
    const uint32_t first = cpu.gpr(r1) & isa::kAddressMask;
    const auto* const display = dynamic_cast<const simulation::Display3277*>(vm.io.channels.device(address));
    if (display == nullptr) return cpu.set_condition_code(kNoDisplay);
    if (first % kCcw != 0) cpu.program_check(isa::ProgramCode::specification);
    const GuestCcw ccw = fetch_ccw(cpu, first);
    std::unique_ptr<simulation::ChannelStorage> program;
    if (ccw.command == kDisplayData) {
        program = displaying(cpu, first, Screen(display->buffer()));
        if (program == nullptr) return cpu.set_condition_code(kError);
    } else {
        program = std::make_unique<FullScreen>(vm.io.channel_storage);
    }
    // What no channel runs any more is forgotten.
    std::erase_if(programs_, [&vm](const auto& one) {
        return one.first.first == vm.id && !vm.io.channels.working(one.first.second);
    });
    vm.io.charge_start(cpu.work(), address);
    const uint32_t caw = uint32_t{cpu.psw().key} << 28 | first;
    const simulation::IoResult result = vm.io.channels.start_io(address, caw, false, program.get());
    if (vm.io.channels.working(address) && !programs_.contains({vm.id, address}))
        programs_.emplace(std::pair(vm.id, address), std::move(program));
    answer(cpu, result);
}

}  // namespace vmcp
