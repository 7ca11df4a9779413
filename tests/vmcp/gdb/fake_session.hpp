// A debugged run that does not run: registers and storage as a test puts them, and what was altered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vmcp/debug/session.hpp"

namespace vmcp::gdb::test {

class FakeSession final : public debug::Session {
  public:
    FakeSession() : storage(0x2000) {}

    unsigned machines() const override { return 2; }
    std::string name(debug::MachineNumber machine) const override {
        return machine == 0 ? "real machine" : "GUEST";
    }
    std::optional<debug::MachineNumber> find(std::string_view name) const override {
        if (name == "GUEST") return 1;
        return std::nullopt;
    }
    bool logged_on(debug::MachineNumber machine) const override { return machine == 0 || on; }
    debug::MachineNumber running() const override { return 0; }
    debug::Registers registers(debug::MachineNumber) const override { return held; }
    std::vector<std::optional<uint8_t>> read(debug::MachineNumber, debug::AddressKind, uint32_t address,
                                             uint32_t count) const override {
        std::vector<std::optional<uint8_t>> bytes(count);
        for (uint32_t i = 0; i < count; ++i)
            if (address + i < storage.size()) bytes[i] = storage[address + i];
        return bytes;
    }
    debug::Position position() const override { return {12, 3}; }
    simulation::SimTime now() const override { return 1500; }
    std::span<const debug::LogEntry> log() const override { return entries; }
    std::string console(debug::MachineNumber) const override { return "HELLO\nWORLD"; }
    const isa::assembler::PlacedStatement* source(debug::MachineNumber, uint32_t) const override {
        return nullptr;
    }
    std::optional<uint32_t> symbol(debug::MachineNumber, std::string_view name) const override {
        if (name == "LOOP") return 0x420;
        return std::nullopt;
    }
    std::string place_name(debug::MachineNumber, uint32_t) const override { return "LOOP+4"; }
    unsigned add(debug::Stop stop) override {
        stop.id = ++last_id;
        all.push_back(stop);
        return stop.id;
    }
    bool remove(unsigned id) override {
        return std::erase_if(all, [id](const debug::Stop& stop) { return stop.id == id; }) > 0;
    }
    const std::vector<debug::Stop>& stops() const override { return all; }
    void alter(debug::Alteration alteration) override {
        if (!refusal.empty()) throw debug::DebugError(refusal);
        alterations.push_back(std::move(alteration));
    }

    debug::Registers held;
    std::vector<uint8_t> storage;
    std::vector<debug::LogEntry> entries;
    std::vector<debug::Stop> all;
    std::vector<debug::Alteration> alterations;
    unsigned last_id = 0;
    bool on = true;
    std::string refusal;  // what it says to alterations
};

}  // namespace vmcp::gdb::test
