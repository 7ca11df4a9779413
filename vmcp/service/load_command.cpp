#include "vmcp/service/load_command.hpp"

#include <fmt/format.h>

namespace vmcp {
namespace {

enum ReturnCode : uint32_t {
    kDone = 0,
    kInvalidOption = 3,
    kOperandMissing = 26,
    kNoDevice = 40,
    kNoSystem = 44,
    kNoRoom = 174,
};

}  // namespace

std::optional<uint32_t> execute_load_command(const DeviceCommand& c) {
    if (!c.is(0, "IPL", 1)) return std::nullopt;
    if (c.size() < 2) return c.refuse(kOperandMissing, "DMKCFG026E OPERAND MISSING OR INVALID");
    LoadRequest request;
    for (size_t i = 2; i < c.size(); ++i) {
        if (c.is(i, "CLEAR", 2))
            request.clear = true;
        else if (!c.is(i, "NOCLEAR", 3))
            return c.refuse(kInvalidOption, fmt::format("DMKCFG003E INVALID OPTION - {}", c.word(i)));
    }
    if (const auto address = c.address(1)) {
        if (device_at(c.vm, *address) == nullptr)
            return c.refuse(kNoDevice, fmt::format("DMKCFG040E DEV {:03X} DOES NOT EXIST", *address));
        request.device = *address;
    } else {
        for (const NamedSystem& system : c.nucleus.systems)
            if (system.name == c.word(1)) request.system = &system;
        if (request.system == nullptr)
            return c.refuse(kNoSystem, fmt::format("DMKCFG044E NAMED SYSTEM {} DOES NOT EXIST", c.word(1)));
        if (request.system->end() > c.vm.storage.size())
            return c.refuse(kNoRoom, fmt::format("DMKCFG174E NAMED SYSTEM {} DOES NOT FIT INTO {}K",
                                                 c.word(1), c.vm.storage.size() / 1024));
    }
    c.vm.load_request = request;
    return kDone;
}

}  // namespace vmcp
