#include "vmcp/service/ring_calls.hpp"

#include <algorithm>
#include <array>

#include "simulation/images/byte_order.hpp"

namespace vmcp {
namespace {

using isa::ProgramCode;
namespace images = simulation::images;

/// What X'234' stores: what the device is, how it stands, and what is special to it.
std::array<uint8_t, 64> description_of(const RingDevices& all, const RingDevice& device) {
    std::array<uint8_t, 64> block{};
    images::put_big32(&block[0], static_cast<uint32_t>(device.kind()));
    images::put_big32(&block[4], device.offered());
    images::put_big32(&block[8], device.accepted());
    block[12] = device.status();
    block[13] = static_cast<uint8_t>(device.fault());
    block[14] = static_cast<uint8_t>(device.queues());
    block[15] = static_cast<uint8_t>(all.size());
    images::put_big16(&block[16], device.most_entries());
    images::put_big32(&block[20], device.most_bytes());
    const auto special = device.configuration();
    std::copy(special.begin(), special.end(), block.begin() + 32);
    return block;
}

/// The five halfwords and words of a queue, at R3: its number, its size, descriptors, available, used.
RingRefusal set_queue(VirtualCpu& cpu, RingDevice& device, uint32_t at) {
    std::array<uint8_t, 16> block;
    cpu.fetch(at & isa::kAddressMask, block.data(), block.size());
    return device.set_queue(images::big16(&block[0]), {images::big16(&block[2]), images::big32(&block[4]),
                                                       images::big32(&block[8]), images::big32(&block[12])});
}

void answer(VirtualCpu& cpu, unsigned r3, RingRefusal refusal) {
    if (refusal != RingRefusal::none) cpu.set_gpr(r3, static_cast<uint32_t>(refusal));
    cpu.set_condition_code(refusal == RingRefusal::none ? 0 : 2);
}

}  // namespace

void ring_call(VirtualCpu& cpu, unsigned r1, unsigned r3, uint32_t code) {
    constexpr uint32_t kNowhere = 0xFFFFFFFF;
    if (code % 4 != 0) cpu.program_check(ProgramCode::specification);
    RingDevices& all = *cpu.vm().rings;
    const auto call = static_cast<RingCall>(code);
    if (call != RingCall::doorbell) cpu.work().step(Step::ring_configure);
    if (call == RingCall::set_indicators) {
        const uint32_t at = cpu.gpr(r1);
        return answer(cpu, r3,
                      all.set_indicators(at == kNowhere ? std::nullopt : std::optional<uint32_t>(at)));
    }
    RingDevice* const device = all.find(cpu.gpr(r1));
    const uint32_t operand = cpu.gpr(r3);
    if (device == nullptr || (call == RingCall::doorbell && operand >= device->queues()))
        return cpu.set_condition_code(3);
    switch (call) {
        case RingCall::doorbell: return cpu.set_condition_code(device->doorbell(cpu.work(), operand) ? 0 : 1);
        case RingCall::tell: {
            const auto block = description_of(all, *device);
            cpu.store(operand & isa::kAddressMask, block.data(), block.size());
            return cpu.set_condition_code(0);
        }
        case RingCall::set_status: {
            const RingRefusal refusal =
                operand > 0xFF ? RingRefusal::number : device->set_status(static_cast<uint8_t>(operand));
            return answer(cpu, r3, refusal);
        }
        case RingCall::accept_features: return answer(cpu, r3, device->accept(operand));
        case RingCall::set_queue: return answer(cpu, r3, set_queue(cpu, *device, operand));
        case RingCall::set_indicators: break;
    }
    cpu.program_check(ProgramCode::specification);
}

}  // namespace vmcp
