// The assists that a virtual machine is to have, where the real machine has them.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "isa/facility.hpp"

namespace vmcp {

enum class Assist : uint8_t {
    vma,     // virtual-machine assist: privileged instructions, SVC, shadow-table entries
    evma,    // its expanded form
    vtimer,  // the interval timer at location 80
    ecps,    // control-program assist
    pma,     // preferred machine: V=R without shadow tables
    sie,     // interpretive execution
};
inline constexpr std::array kAssists = {Assist::vma,  Assist::evma, Assist::vtimer,
                                        Assist::ecps, Assist::pma,  Assist::sie};

/// "vma", "evma", "vtimer", "ecps", "pma", "sie"
constexpr std::string_view name_of(Assist assist) {
    constexpr std::string_view names[] = {"vma", "evma", "vtimer", "ecps", "pma", "sie"};
    return names[static_cast<unsigned>(assist)];
}

constexpr isa::Facility facility_of(Assist assist) {
    constexpr isa::Facility facilities[] = {
        isa::Facility::virtual_machine_assist, isa::Facility::expanded_assist,
        isa::Facility::interval_timer_assist,  isa::Facility::control_program_assist,
        isa::Facility::preferred_machine,      isa::Facility::interpretive_execution};
    return facilities[static_cast<unsigned>(assist)];
}

class AssistSet {
  public:
    constexpr AssistSet() = default;
    constexpr AssistSet(std::initializer_list<Assist> assists) {
        for (const Assist assist : assists) add(assist);
    }
    constexpr bool has(Assist assist) const { return bits_ >> static_cast<unsigned>(assist) & 1; }
    constexpr void add(Assist assist) { bits_ |= static_cast<uint8_t>(1u << static_cast<unsigned>(assist)); }
    constexpr void remove(Assist assist) {
        bits_ &= static_cast<uint8_t>(~(1u << static_cast<unsigned>(assist)));
    }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr bool operator==(const AssistSet&) const = default;
    /// The first that the machine lacks; empty where it lacks none.
    constexpr std::optional<Assist> missing_of(const isa::FacilitySet& facilities) const {
        for (const Assist assist : kAssists)
            if (has(assist) && !facilities.has(facility_of(assist))) return assist;
        return std::nullopt;
    }
    /// "vma+ecps"; "none"
    std::string text() const {
        std::string text;
        for (const Assist assist : kAssists)
            if (has(assist)) text += (text.empty() ? "" : "+") + std::string(name_of(assist));
        return text.empty() ? "none" : text;
    }

  private:
    uint8_t bits_ = 0;
};

}  // namespace vmcp
