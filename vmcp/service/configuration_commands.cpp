#include "vmcp/service/configuration_commands.hpp"

#include <fmt/format.h>

#include "vmcp/service/synchronous_io.hpp"

namespace vmcp {
namespace {

using simulation::ChannelType;

// Message numbers, which are the return codes, and texts in the manner of GC20-1808 (VM/370 System Messages).
enum ReturnCode : uint32_t {
    kDone = 0,
    kInvalidOption = 3,
    kInvalidOperand = 7,
    kStorageMissing = 25,
    kOperandMissing = 26,
    kNoStorage = 91,
    kTooMuchStorage = 94,
};

constexpr uint32_t kLeast = 8 * 1024, kMost = 16 * simulation::kMebibyte;

/// "512K" or "1M", in bytes, rounded up to pages; empty: it is neither, or out of range.
std::optional<uint32_t> storage_size(std::string_view word) {
    if (word.size() < 2 || (word.back() != 'K' && word.back() != 'M')) return std::nullopt;
    const auto n = decimal_number(word.substr(0, word.size() - 1), kMost / 1024);
    if (!n) return std::nullopt;
    const uint64_t bytes = uint64_t{*n} * (word.back() == 'K' ? 1024 : simulation::kMebibyte);
    if (bytes < kLeast || bytes > kMost) return std::nullopt;
    return static_cast<uint32_t>(bytes + kPage - 1) / kPage * kPage;
}

uint32_t define_storage(const DeviceCommand& c) {
    const auto size = storage_size(c.word(2));
    if (!size) return c.refuse(kStorageMissing, "DMKDEF025E STORAGE MISSING OR INVALID; 8K TO 16384K");
    if (const StorageKind kind = c.vm.storage.kind(); kind != StorageKind::paged)
        return c.refuse(kNoStorage, fmt::format("DMKDEF091E STORAGE NOT DEFINED; THE MACHINE IS {}",
                                                kind == StorageKind::real ? "V=R" : "V=RESIDENT"));
    const uint64_t most = c.nucleus.pager.capacity() * (kPage / 1024);
    if (*size / 1024 > most)
        return c.refuse(kTooMuchStorage,
                        fmt::format("DMKDEF094E STORAGE EXCEEDS ALLOWED MAXIMUM; {:05}K", most));
    c.vm.load_request = LoadRequest{.storage = *size};
    return kDone;
}

uint32_t define_channels(const DeviceCommand& c) {
    ChannelType type = ChannelType::none;
    if (c.word(2) == "SEL") type = ChannelType::selector;
    if (c.word(2) == "BMX") type = ChannelType::block_multiplexer;
    if (type == ChannelType::none && c.size() < 3)
        return c.refuse(kOperandMissing, "DMKDEF026E OPERAND MISSING OR INVALID");
    if (type == ChannelType::none)
        return c.refuse(kInvalidOperand, fmt::format("DMKDEF007E INVALID OPERAND - {}", c.word(2)));
    for (const uint16_t address : c.vm.io.channels.addresses()) end_synchronous_io(c.states, c.vm, address);
    c.vm.io.channels.reset();
    c.vm.io.channels.use(type);
    c.say(channels_text(c.vm));
    return kDone;
}

}  // namespace

std::string storage_text(const VirtualMachine& vm) {
    return fmt::format("STORAGE = {:05}K", vm.storage.size() / 1024);
}

std::string channels_text(const VirtualMachine& vm) {
    return fmt::format("CHANNELS = {}", vm.io.channels.usual_type() == ChannelType::selector ? "SEL" : "BMX");
}

std::optional<uint32_t> execute_configuration_command(const DeviceCommand& c) {
    if (c.is(0, "DEFINE", 3)) {
        if (c.is(1, "STORAGE", 3)) return define_storage(c);
        if (c.is(1, "CHANNELS", 4)) return define_channels(c);
    }
    if (c.is(0, "QUERY", 1) && c.is(1, "VIRTUAL", 1)) {
        if (c.is(2, "STORAGE", 4))
            c.say(storage_text(c.vm));
        else if (c.is(2, "CHANNELS", 4))
            c.say(channels_text(c.vm));
        else
            return std::nullopt;
        return kDone;
    }
    return std::nullopt;
}

}  // namespace vmcp
