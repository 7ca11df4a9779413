// A driver of devices with shared rings, outside of any guest: it lays descriptors into a machine's storage,
// rings, and looks into the used rings. It knows the layout by its own numbers, as docs/rings.md has them,
// and shares none with the devices.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "isa/ebcdic.hpp"
#include "tests/vmcp/io/io_host.hpp"
#include "vmcp/rings/block_ring.hpp"
#include "vmcp/rings/ring_devices.hpp"

namespace vmcp::test {

inline constexpr uint32_t kRingStorage = 0x40000;
inline constexpr uint32_t kEventIndex = 0x20000000;

inline void put(VirtualMachine& vm, uint32_t at, uint32_t value, unsigned bytes) {
    Bytes b;
    for (unsigned i = bytes; i-- > 0;) b.push_back(static_cast<uint8_t>(value >> (8 * i)));
    put_storage(vm, at, b);
}
inline uint32_t get(VirtualMachine& vm, uint32_t at, unsigned bytes) {
    uint32_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) {
        const uint32_t word = vm.storage.peek32(SecondLevel((at + i) & ~3u));
        value = value << 8 | (word >> (24 - 8 * ((at + i) & 3)) & 0xFF);
    }
    return value;
}
inline Bytes get_bytes(VirtualMachine& vm, uint32_t at, uint32_t length) {
    Bytes b;
    for (uint32_t i = 0; i < length; ++i) b.push_back(static_cast<uint8_t>(get(vm, at + i, 1)));
    return b;
}

/// A machine with such devices on a host whose work takes no time.
struct RingMachine {
    RingMachine(IoHost& io_host, std::vector<RingDescription> rings, std::vector<MappedDevice> disks = {},
                const std::string& name = "ringer")
        : host(io_host) {
        VmOptions options;
        options.name = name;
        options.storage = kRingStorage;
        options.rings = std::move(rings);
        options.mapped_devices = std::move(disks);
        VmOutput output;
        output.console_line = [this](std::string_view line) { console.emplace_back(line); };
        vm = &host.cp.log_on(std::move(options), std::move(output));
    }
    RingDevice& device(uint32_t number = 0) const { return *vm->rings->find(number); }
    void rest() {
        for (unsigned i = 0; i < 100'000 && host.step(); ++i) {
        }
    }

    IoHost& host;
    std::vector<std::string> console;
    VirtualMachine* vm;
};

struct Buffer {
    uint32_t at, length;
    bool to_be_written;
};

/// One queue of a device.
struct QueueDriver {
    QueueDriver(RingMachine& in, uint32_t device_number, unsigned queue_number, uint32_t at,
                uint16_t entries = 8)
        : machine(in), device(device_number), queue(queue_number), size(entries), table(at) {
        available = table + 16u * size;
        used = (available + 4 + 2u * size + 2 + 3) & ~3u;
    }
    RingRefusal set_up() { return machine.device(device).set_queue(queue, {size, table, available, used}); }
    void descriptor(uint16_t number, uint32_t at, uint32_t length, uint16_t flags, uint16_t next) {
        put(*machine.vm, table + 16u * number, 0, 4);
        put(*machine.vm, table + 16u * number + 4, at, 4);
        put(*machine.vm, table + 16u * number + 8, length, 4);
        put(*machine.vm, table + 16u * number + 12, flags, 2);
        put(*machine.vm, table + 16u * number + 14, next, 2);
    }
    /// Makes a chain available; the number of its first descriptor.
    uint16_t offer(const std::vector<Buffer>& buffers) {
        const uint16_t head = next_descriptor;
        for (size_t i = 0; i < buffers.size(); ++i) {
            const auto number = static_cast<uint16_t>((head + i) % size);
            const bool more = i + 1 < buffers.size();
            descriptor(number, buffers[i].at, buffers[i].length,
                       static_cast<uint16_t>((more ? 1 : 0) | (buffers[i].to_be_written ? 2 : 0)),
                       static_cast<uint16_t>((number + 1) % size));
        }
        next_descriptor = static_cast<uint16_t>((head + buffers.size()) % size);
        put(*machine.vm, available + 4 + 2u * (available_index % size), head, 2);
        put(*machine.vm, available + 2, ++available_index, 2);
        return head;
    }
    bool ring() {
        Work work(machine.host.cp.ledger(), machine.vm->account, Cause::rings);
        return machine.device(device).doorbell(work, queue);
    }
    uint16_t used_index() const { return static_cast<uint16_t>(get(*machine.vm, used + 2, 2)); }
    /// The entry of a used index: number of the first descriptor, and bytes written.
    std::pair<uint32_t, uint32_t> entry(uint16_t index) const {
        const uint32_t at = used + 4 + 8u * (index % size);
        return {get(*machine.vm, at, 4), get(*machine.vm, at + 4, 4)};
    }
    bool wants_doorbell() const { return (get(*machine.vm, used, 2) & 1) == 0; }
    uint16_t doorbell_event() const {
        return static_cast<uint16_t>(get(*machine.vm, used + 4 + 8u * size, 2));
    }
    void no_interruption(bool on) const { put(*machine.vm, available, on ? 1 : 0, 2); }
    void used_event(uint16_t index) const { put(*machine.vm, available + 4 + 2u * size, index, 2); }

    RingMachine& machine;
    uint32_t device;
    unsigned queue;
    uint16_t size;
    uint32_t table, available = 0, used = 0;
    uint16_t next_descriptor = 0, available_index = 0;
};

/// Acknowledge, driver, features, features_ok.
inline void negotiate(RingDevice& device, uint32_t features) {
    REQUIRE(device.set_status(1) == RingRefusal::none);
    REQUIRE(device.set_status(3) == RingRefusal::none);
    REQUIRE(device.accept(features) == RingRefusal::none);
    REQUIRE(device.set_status(0x0B) == RingRefusal::none);
}
inline void drive(RingDevice& device) { REQUIRE(device.set_status(0x0F) == RingRefusal::none); }
/// All of that, for a device with these queues.
inline void bring_up(std::vector<QueueDriver*> queues, uint32_t features = 0) {
    RingDevice& device = queues.front()->machine.device(queues.front()->device);
    negotiate(device, features);
    for (QueueDriver* one : queues) REQUIRE(one->set_up() == RingRefusal::none);
    drive(device);
}

inline RingDescription ring_of(RingKind kind) {
    RingDescription one;
    one.kind = kind;
    return one;
}

/// A header of a request for a disk.
inline void put_header(VirtualMachine& vm, uint32_t at, uint32_t type, uint64_t block) {
    put(vm, at, type, 4);
    put(vm, at + 4, 0, 4);
    put(vm, at + 8, static_cast<uint32_t>(block >> 32), 4);
    put(vm, at + 12, static_cast<uint32_t>(block), 4);
}

}  // namespace vmcp::test
