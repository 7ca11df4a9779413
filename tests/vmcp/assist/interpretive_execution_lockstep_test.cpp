// Popek and Goldberg's equivalence for guests of START INTERPRETIVE EXECUTION, and for guests of such guests:
// random programs do what they do on the bare machine. The control program is in this file: it simulates I/O
// instructions on the channels of the machine, and brings in pages that the machine's own guest lacks.
#include <fmt/format.h>

#include <random>

#include "tests/simulation/nested_hosts.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/random_program.hpp"

namespace vmcp::test {
namespace {

using simulation::IoResult;
using simulation::test::NestedHosts;
using Format = simulation::StateDescriptionFormat;

class Monitor {
  public:
    /// `preferred`: whether the guest at level 1, 2 and so on is a preferred machine.
    explicit Monitor(const std::vector<bool>& preferred, uint64_t seed = 1)
        : host_(model(), preferred, kProgramStorage), random_(seed) {
        devices_ =
            simulation::attach_all(host_.machine.channels(), host_.machine.model(),
                                   simulation::standard_units(), [](const simulation::DeviceDescription&) {
                                       simulation::UnitRecordOutput output;
                                       output.console = [](std::string_view, bool) {};
                                       output.punch = [](const simulation::Card&, unsigned) {};
                                       output.printer = [](std::string_view) {};
                                       return output;
                                   });
    }

    static simulation::MachineModel model() {
        auto model = simulation::MachineModel::load("s370-158-interpretive");
        model.facilities.install(isa::Facility::preferred_machine);
        model.facilities.install(isa::Facility::nested_interpretive_execution);
        return model;
    }

    EndState run(const std::vector<uint8_t>& image, uint64_t most) {
        host_.load(image);
        host_.set(Format::kEvent, uint32_t{static_cast<uint8_t>(Format::Event::restart)} << 24);
        host_.set(Format::kValidity, host_.get(Format::kValidity) | uint32_t{Format::kIntervalTimer} << 8);
        std::string end = "limit";
        while (host_.machine.instructions() < most) {
            const uint64_t before = host_.machine.instructions();
            lose_pages();
            host_.enter(most - before);
            if (!host_.has_ended(0)) break;
            using Reason = Format::Reason;
            if (host_.guest_level() > 1 && host_.reason(1) == Reason::host_translation) {
                own_instructions_ += 3;
                host_.lack(1, host_.get(1, Format::kParameter), false);
                ++brought_in;
                continue;
            }
            own_instructions_ += host_.own_instructions();
            host_.begin_hosts();
            const Reason reason = host_.reason();
            if (reason == Reason::wait) end = name_of(simulation::Stop::disabled_wait);
            if (reason == Reason::loop) end = name_of(simulation::Stop::check_stop);
            if (reason == Reason::wait || reason == Reason::loop) break;
            ++came_out;
            chance = reason != Reason::instruction || !simulate();
            if (chance) break;
        }
        return end_state(end);
    }

    unsigned came_out = 0, brought_in = 0;
    bool chance = false;  // something came out that programs do not have but by chance

  private:
    /// Of a guest that has guests: sometimes, some.
    void lose_pages() {
        if (host_.guest_level() == 1 || host_.is_preferred(1) || random_() % 3 != 0) return;
        for (unsigned n = 0; n < 24; ++n)
            host_.lack(1, static_cast<uint32_t>(random_() % (host_.bytes(1) / 4096)) * 4096);
    }
    bool simulate() {
        const uint16_t code = host_.code();
        const auto device = static_cast<uint16_t>(host_.get(Format::kParameter));
        simulation::ChannelSubsystem& channels = host_.machine.channels();
        host_.machine.events().run_until(host_.machine.cpu().now());
        const bool multiplexing = (host_.get(Format::kControlRegisters) & isa::kCr0BlockMultiplexing) != 0;
        switch (code) {
            case 0x9D00: return answer(channels.test_io(device));
            case 0x9D01: return answer(multiplexing ? channels.clear_io(device) : channels.test_io(device));
            case 0x9E00: return answer(channels.halt_io(device));
            case 0x9E01: return answer(channels.halt_device(device));
            case 0x9F00: return answer(channels.test_channel(device));
            case 0x9F01: return answer(channels.clear_channel(device));
            default: return false;  // SIO, or one of the ten, that EXECUTE has made of something else
        }
    }
    bool answer(uint8_t condition_code) {
        IoResult result;
        result.condition_code = condition_code;
        return answer(result);
    }
    bool answer(const IoResult& result) {
        isa::Psw psw = isa::decode_psw(host_.get64(Format::kPsw));
        psw.condition_code = static_cast<uint8_t>(result.condition_code);
        host_.set64(Format::kPsw, isa::encode(psw));
        const uint32_t csw = host_.frame(isa::Assigned::csw);
        const uint64_t word = encode(result.csw);
        if (result.stores == IoResult::Stores::csw) host_.storage().put64(csw, word);
        if (result.stores == IoResult::Stores::status)
            host_.storage().put16(csw + 4, static_cast<uint16_t>(word >> 16));
        ++simulated_;
        return true;
    }
    EndState end_state(const std::string& end) {
        EndState e;
        e.end = end;
        e.state.psw = isa::decode_psw(host_.get64(Format::kPsw));
        for (uint32_t r = 0; r < 16; ++r) {
            e.state.gpr[r] = host_.gpr(r);
            e.state.cr[r] = host_.get(Format::kControlRegisters + 4 * r);
        }
        for (uint32_t r = 0; r < 4; ++r) e.state.fpr[r] = host_.get64(Format::kFloatingPoint + 8 * r);
        for (uint32_t a = 0; a < kProgramStorage; ++a)
            e.storage.push_back(*host_.storage().at(host_.frame(a)));
        for (uint32_t a = 0; a < kProgramStorage; a += simulation::kBlock)
            e.keys.push_back(host_.storage().key(host_.frame(a)));
        e.timer = e.storage[isa::Assigned::interval_timer];
        std::fill_n(e.storage.begin() + isa::Assigned::interval_timer, 4, uint8_t{0});
        e.instructions = host_.machine.instructions() - own_instructions_ + simulated_;
        return e;
    }

    NestedHosts host_;
    std::mt19937_64 random_;
    simulation::UnitRecordDevices devices_;
    uint64_t own_instructions_ = 0, simulated_ = 0;
};

/// Of random programs, how many ended as natively; how many could be compared.
void compare(const std::vector<bool>& preferred, bool translating, bool recording) {
    CAPTURE(preferred.size());
    CAPTURE(bool{preferred.front()});
    CAPTURE(bool{preferred.back()});
    CAPTURE(translating);
    CAPTURE(recording);
    unsigned compared = 0, by_chance = 0;
    uint64_t came_out = 0, brought_in = 0;
    const unsigned programs = preferred.size() == 1 ? 400 : 120;
    for (uint64_t seed = 1; seed <= programs; ++seed) {
        const RandomProgram program(seed, translating, recording);
        NativeGuest native(kProgramStorage, "s370-158-interpretive");
        const EndState alone = native.run(program.image(), 20'000);
        if (!alone.is_comparable()) continue;
        Monitor monitor(preferred, seed);
        const EndState guest = monitor.run(program.image(), 40'000);
        came_out += monitor.came_out;
        brought_in += monitor.brought_in;
        if (monitor.chance) {
            ++by_chance;
            continue;
        }
        // Program events of an instruction that comes out are its control program's business; this one
        // forgets them.
        if (recording && monitor.came_out != 0) continue;
        const std::string how = difference(alone, guest);
        CHECK_MESSAGE(how.empty(), "seed " << seed << ": " << how);
        ++compared;
    }
    CHECK(compared > (recording ? programs / 4 : programs * 5 / 8));
    CHECK(by_chance < 12);
    CHECK(came_out > programs / 8);
    CHECK((brought_in > 50) == (preferred.size() > 1 && !preferred[0]));
}

}  // namespace

TEST_SUITE_BEGIN("lockstep");

TEST_CASE("random programs under START INTERPRETIVE EXECUTION do what they do natively") {
    for (const bool preferred : {false, true})
        for (const bool translating : {false, true})
            for (const bool recording : {false, true}) compare({preferred}, translating, recording);
}

TEST_CASE("random programs whose host is executed interpretively itself do what they do natively") {
    const std::vector<std::vector<bool>> kinds = {{false, false}, {false, true}, {true, false}, {true, true}};
    for (const auto& preferred : kinds)
        for (const bool translating : {false, true})
            for (const bool recording : {false, true}) compare(preferred, translating, recording);
    compare({false, true, false}, true, false);
}

TEST_SUITE_END();

}  // namespace vmcp::test
