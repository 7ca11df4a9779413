// I/O instructions on the real channels: condition code, and what is stored at locations 64 and 168.
#include "simulation/cpu/cpu.hpp"

namespace simulation {

void Cpu::store_io_result(const IoResult& result) {
    set_condition_code(result.condition_code);
    const uint64_t csw = encode(result.csw);
    switch (result.stores) {
        case IoResult::Stores::nothing: break;
        case IoResult::Stores::status:
            store_assigned16(isa::Assigned::csw + 4, static_cast<uint16_t>(csw >> 16));
            break;
        case IoResult::Stores::csw: store_assigned64(isa::Assigned::csw, csw); break;
    }
    leave(Attention{});  // a device may now be the next thing to happen
}

// The devices' clock is the event queue: it is brought to this instruction's time before a device hears of
// it.
ChannelSubsystem& Cpu::channels_now() {
    in_.events.run_until(time_);
    return in_.channels;
}

void Cpu::start_io(uint16_t device, bool fast) {
    store_io_result(channels_now().start_io(device, fetch_assigned32(isa::Assigned::caw), fast));
}
void Cpu::test_io(uint16_t device) { store_io_result(channels_now().test_io(device)); }
void Cpu::clear_io(uint16_t device) {
    // Without block-multiplexing control CLEAR I/O is executed as TEST I/O.
    if (state_.cr[0] & isa::kCr0BlockMultiplexing)
        store_io_result(channels_now().clear_io(device));
    else
        test_io(device);
}
void Cpu::halt_io(uint16_t device) { store_io_result(channels_now().halt_io(device)); }
void Cpu::halt_device(uint16_t device) { store_io_result(channels_now().halt_device(device)); }
void Cpu::test_channel(uint16_t device) {
    set_condition_code(channels_now().test_channel(device));
    leave(Attention{});
}
void Cpu::clear_channel(uint16_t device) {
    set_condition_code(channels_now().clear_channel(device));
    leave(Attention{});
}
void Cpu::store_channel_id(uint16_t device) {
    const auto id = channels_now().store_channel_id(device);
    if (id) store_assigned32(isa::Assigned::channel_id, *id);
    set_condition_code(id ? 0 : 3);
    leave(Attention{});
}

}  // namespace simulation
