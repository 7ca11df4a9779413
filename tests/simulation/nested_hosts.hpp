// Hosts within one another: each of them is START INTERPRETIVE EXECUTION and a wait, as in
// interpretive_execution_host.hpp, and each but the machine's is executed interpretively itself. The guest
// proper is the innermost.
//
// A host's real storage: its own page zero; its guest's storage, from back to front, or of a preferred
// machine where it believes; and behind that, on a boundary of 64K, what the host consists of.
#pragma once

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "isa/dat.hpp"
#include "simulation/cpu/state_description.hpp"
#include "simulation/machine/machine.hpp"

namespace simulation::test {

class NestedHosts {
  public:
    using Format = StateDescriptionFormat;
    using Reason = Format::Reason;
    /// For a guest at level `preferred.size()`: whether that at level 1, 2 and so on is a preferred machine.
    NestedHosts(MachineModel model, std::vector<bool> preferred, uint32_t guest_bytes = 64 * 1024)
        : preferred_(std::move(preferred)),
          bytes_(preferred_.size() + 1),
          machine(std::move(model), 4 * kMebibyte) {
        bytes_.back() = guest_bytes;
        for (unsigned level = guest_level(); level-- != 0;) bytes_[level] = bytes_[level + 1] + 0x20000;
        for (unsigned host = 0; host < guest_level(); ++host) make_host(host);
        begin_hosts();
    }

    unsigned guest_level() const { return static_cast<unsigned>(preferred_.size()); }
    RealStorage& storage() { return machine.storage(); }
    /// Where an absolute address of the guest at a level lies in the machine.
    uint32_t frame(unsigned level, uint32_t address) const {
        if (level == 0) return address;
        const uint32_t page = address & ~0xFFFu, in_page = address & 0xFFF;
        if (preferred_[level - 1])
            return frame(level - 1, page == 0 ? page_zero(level - 1) | in_page : address);
        return frame(level - 1, bytes_[level] - page + in_page);
    }
    uint32_t frame(uint32_t address) const { return frame(guest_level(), address); }
    /// Of a host, in its own storage.
    uint32_t area(unsigned host) const { return (bytes_[host + 1] + 0x1FFFF) & ~0xFFFFu; }
    uint32_t page_zero(unsigned host) const { return area(host) + 0x8000; }
    uint32_t description(unsigned level) const { return frame(level - 1, area(level - 1) + 0x1200); }

    /// The tables of the host of the guest at a level lack a page of that one's.
    void lack(unsigned level, uint32_t address, bool lacks = true) {
        const uint32_t at = page_entry(level - 1, address);
        const uint16_t entry = storage().get16(at);
        storage().put16(at, static_cast<uint16_t>(lacks ? entry | 8 : entry & ~8));
        machine.cpu().purge_tlb();
    }
    bool is_lacking(unsigned level, uint32_t address) {
        return (storage().get16(page_entry(level - 1, address)) & 8) != 0;
    }
    bool is_preferred(unsigned level) const { return preferred_[level - 1]; }
    uint32_t bytes(unsigned level) const { return bytes_[level]; }

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
        set64(Format::kPsw, storage().get64(frame(0)));
    }
    uint32_t at(std::string_view symbol) const {
        const auto* s = guest.find(symbol);
        REQUIRE_MESSAGE(s != nullptr, std::string(symbol));
        return s->value;
    }

    // Of the guest's description, or that of the guest at a level.
    uint32_t get(uint32_t field) { return get(guest_level(), field); }
    uint64_t get64(uint32_t field) { return storage().get64(description(guest_level()) + field); }
    void set(uint32_t field, uint32_t v) { set(guest_level(), field, v); }
    void set64(uint32_t field, uint64_t v) { storage().put64(description(guest_level()) + field, v); }
    uint32_t get(unsigned level, uint32_t field) { return storage().get32(description(level) + field); }
    void set(unsigned level, uint32_t field, uint32_t v) { storage().put32(description(level) + field, v); }
    Reason reason(unsigned level) { return static_cast<Reason>(get(level, Format::kReason) >> 24); }
    Reason reason() { return reason(guest_level()); }
    uint16_t code() { return static_cast<uint16_t>(get(Format::kReason)); }
    uint32_t gpr(unsigned r) { return get(Format::kRegisters + 4 * r); }
    /// What the host at this level has found behind its instruction.
    unsigned condition(unsigned host) {
        const uint32_t link = host == 0 ? machine.cpu().gpr(2) : get(host, Format::kRegisters + 4 * 2);
        return link >> 28 & 3;
    }
    /// The host at this level has come to its wait, and not to an interruption.
    bool has_ended(unsigned host) {
        const uint64_t psw =
            host == 0 ? isa::encode(machine.cpu().psw()) : storage().get64(description(host) + Format::kPsw);
        return psw == kEnd;
    }

    /// All hosts begin anew: at their instruction.
    void begin_hosts() {
        for (unsigned host = 1; host < guest_level(); ++host)
            storage().put64(description(host) + Format::kPsw, area(host) + 0x1000);
    }
    unsigned own_instructions() const { return 3 * guest_level(); }
    /// The machine's host begins, the others go on where they stand. Until it has its guest back.
    void enter(uint64_t instructions = 100'000, SimTime until = kNever) {
        machine.restart();
        machine.run({instructions, until});
    }

  private:
    static constexpr uint64_t kEnd = 0x0002000000000ACE;

    uint32_t page_entry(unsigned host, uint32_t address) const {
        return frame(host, area(host) + 0x3000 + 2 * (address >> 12));
    }
    void make_host(unsigned host) {
        const uint8_t program[] = {0xB2, 0x14, 0x12, 0x00,   // SIE   X'200'(1)
                                   0x05, 0x20,               // BALR  2,0
                                   0x82, 0x00, 0x11, 0x00};  // LPSW  X'100'(1)
        const uint32_t at = area(host), bytes = bytes_[host + 1];
        RealStorage& s = storage();
        s.put(frame(host, at + 0x1000), program, sizeof program);
        s.put64(frame(host, at + 0x1100), kEnd);
        for (uint32_t place :
             {isa::Assigned::external_new, isa::Assigned::io_new, isa::Assigned::program_new})
            s.put64(frame(host, place), 0x0002000000000BAD + place);
        for (uint32_t segment = 0; segment < 256; ++segment) {
            const bool there = segment << 16 < bytes;
            s.put32(frame(host, at + 0x2000 + 4 * segment),
                    there ? 0xF0000000 | (at + 0x3000 + 32 * segment) : 1);
        }
        for (uint32_t page = 0; page < bytes; page += 4096)
            s.put16(page_entry(host, page), isa::page_table_entry({}, bytes - page));
        if (host == 0) {
            s.put64(0, at + 0x1000);
            machine.cpu().set_gpr(1, at + 0x1000);
        } else {
            set(host, Format::kRegisters + 4, at + 0x1000);
        }
        const unsigned level = host + 1;
        const bool preferred = preferred_[host];
        const uint32_t mode = (preferred ? Format::kPreferred : Format::kNested) |
                              (level < guest_level() ? Format::kMayHost : 0);
        set(level, Format::kValidity, uint32_t{Format::kValid} << 24 | mode << 8);
        set(level, Format::kHostTable, preferred ? page_zero(host) : 0xFF000000 | (at + 0x2000));
        set(level, Format::kExtent, bytes);
        const auto cr = isa::initial_control_registers();
        for (uint32_t r = 0; r < 16; ++r) set(level, Format::kControlRegisters + 4 * r, cr[r]);
    }

    std::vector<bool> preferred_;
    std::vector<uint32_t> bytes_;  // of storage, by level; the machine's at 0

  public:
    Machine machine;
    isa::assembler::Result guest;
};

}  // namespace simulation::test
