// A control program that is no master of the real machine, but a task of a host's operating system.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vmcp {

/// Where the virtual devices of a machine are served.
enum class DeviceServer : uint8_t {
    kernel,   // where the control program itself is: in the host's kernel, or beside it
    process,  // in a user process of the host
};
/// "kernel", "process"
constexpr std::string_view name_of(DeviceServer server) {
    return server == DeviceServer::kernel ? "kernel" : "process";
}

/// When the control program and its host change places on the real CPU.
enum class WorldSwitch : uint8_t {
    at_exits,     // whenever the guest has come out: the control program is a part of the host's kernel
    for_service,  // where it needs the host: devices, storage, time
};

struct HostModel {
    WorldSwitch switches{};
    DeviceServer devices{};  // of a machine that does not say
    std::string source;
};

}  // namespace vmcp
