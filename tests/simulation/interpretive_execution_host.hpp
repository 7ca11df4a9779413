// A host in as few instructions as there can be, for guests that are executed interpretively: START
// INTERPRETIVE EXECUTION and a wait. What a control program does in between, the test does.
#pragma once

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "isa/dat.hpp"
#include "simulation/cpu/state_description.hpp"
#include "simulation/machine/machine.hpp"

namespace simulation::test {

struct InterpretiveExecutionHost {
    using Format = StateDescriptionFormat;
    using Reason = Format::Reason;
    static constexpr uint32_t kProgram = 0x41000, kEnd = 0x41100, kDescription = 0x41200, kSegments = 0x42000,
                              kPages = 0x43000, kFrames = 0x80000;

    /// Guest pages lie in the host's storage from back to front, so that no address is right by chance; of a
    /// preferred machine where it believes, but for page zero.
    explicit InterpretiveExecutionHost(MachineModel model, uint32_t guest_bytes = 64 * 1024,
                                       bool preferred = false)
        : machine(std::move(model), 1024 * 1024), guest_bytes_(guest_bytes), preferred_(preferred) {
        const uint8_t program[] = {0xB2, 0x14, 0x12, 0x00,   // SIE   X'200'(1)
                                   0x05, 0x20,               // BALR  2,0
                                   0x82, 0x00, 0x11, 0x00};  // LPSW  X'100'(1)
        RealStorage& s = storage();
        s.put64(0, kProgram);
        s.put(kProgram, program, sizeof program);
        machine.cpu().set_gpr(1, kProgram);
        s.put64(kEnd, 0x0002000000000ACE);
        for (uint32_t place :
             {isa::Assigned::external_new, isa::Assigned::io_new, isa::Assigned::program_new})
            s.put64(place, 0x0002000000000BAD + place);
        for (uint32_t segment = 0; segment < 256; ++segment) s.put32(kSegments + 4 * segment, 1);
        for (uint32_t at = 0; at < guest_bytes; at += 4096) {
            if (at % 0x10000 == 0)
                s.put32(kSegments + 4 * (at >> 16), 0xF0000000 | (kPages + (at >> 16) * 32));
            s.put16(kPages + 2 * (at >> 12), isa::page_table_entry({}, frame(at)));
        }
        s.put32(kDescription, uint32_t{Format::kValid} << 24 |
                                  uint32_t{preferred ? Format::kPreferred : Format::kNested} << 8);
        set(Format::kHostTable, preferred ? kFrames : 0xFF000000 | kSegments);
        set(Format::kExtent, guest_bytes);
        const auto cr = isa::initial_control_registers();
        for (uint32_t r = 0; r < 16; ++r) set(Format::kControlRegisters + 4 * r, cr[r]);
    }

    RealStorage& storage() { return machine.storage(); }
    uint32_t frame(uint32_t guest_address) const {
        if (preferred_) return guest_address < 4096 ? kFrames | guest_address : guest_address;
        return kFrames + (guest_bytes_ - 4096 - (guest_address & ~0xFFFu)) + (guest_address & 0xFFF);
    }
    void lack(uint32_t guest_address, bool lacks = true) {
        const uint32_t at = kPages + 2 * (guest_address >> 12);
        storage().put16(at, static_cast<uint16_t>(isa::page_table_entry({}, frame(guest_address & ~0xFFFu)) |
                                                  (lacks ? 8 : 0)));
        machine.cpu().purge_tlb();
    }
    void load(const std::vector<uint8_t>& image) {
        for (uint32_t a = 0; a < image.size(); ++a) storage().put(frame(a), &image[a], 1);
    }
    /// A program whose restart PSW is at 0.
    void load(std::string_view source) {
        guest = isa::assembler::assemble(source, "guest.asm");
        for (const auto& d : guest.diagnostics) FAIL_CHECK(isa::assembler::to_string(d));
        for (const auto& piece : guest.text)
            for (uint32_t i = 0; i < piece.bytes.size(); ++i)
                storage().put(frame(piece.address + i), &piece.bytes[i], 1);
        set64(Format::kPsw, guest_doubleword(0));
    }
    uint32_t at(std::string_view symbol) const {
        const auto* s = guest.find(symbol);
        REQUIRE_MESSAGE(s != nullptr, std::string(symbol));
        return s->value;
    }

    uint32_t get(uint32_t field) { return storage().get32(kDescription + field); }
    uint64_t get64(uint32_t field) { return storage().get64(kDescription + field); }
    void set(uint32_t field, uint32_t v) { storage().put32(kDescription + field, v); }
    void set64(uint32_t field, uint64_t v) { storage().put64(kDescription + field, v); }
    uint32_t guest_word(uint32_t a) { return storage().get32(frame(a)); }
    uint64_t guest_doubleword(uint32_t a) { return storage().get64(frame(a)); }
    uint32_t gpr(unsigned r) { return get(Format::kRegisters + 4 * r); }
    Reason reason() { return static_cast<Reason>(get(Format::kReason) >> 24); }
    uint16_t code() { return static_cast<uint16_t>(get(Format::kReason)); }
    unsigned condition() { return machine.cpu().gpr(2) >> 28 & 3; }
    static constexpr unsigned kInstructions = 3;  // of its own, a round

    /// Enters the guest. The end is where the host's PSW points: 0ACE behind SIE, 0BAD and the address of the
    /// new PSW where the host was interrupted.
    uint32_t enter(uint64_t instructions = 100'000, SimTime until = kNever) {
        machine.restart();
        machine.run({instructions, until});
        return machine.cpu().psw().address;
    }

    Machine machine;
    isa::assembler::Result guest;

  private:
    uint32_t guest_bytes_;
    bool preferred_;
};

}  // namespace simulation::test
