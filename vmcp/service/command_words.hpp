// What the commands about devices have in common: the words of one, whom it concerns, and what it answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/devices/device_address.hpp"
#include "vmcp/dispatch/machine_states.hpp"

namespace vmcp {

/// Whether a word of a command, in capitals, is this one, abbreviated to no less than `least` letters.
inline bool is_word(std::string_view word, std::string_view full, size_t least) {
    return word.size() >= least && word.size() <= full.size() && full.starts_with(word);
}
/// A decimal number up to `most`; empty: it is none.
std::optional<uint32_t> decimal_number(std::string_view word, uint32_t most);
/// The machine of that name, in capitals or as it is written, or with "*" the one that asks; null: nobody of
/// that name is logged on.
VirtualMachine* find_user(const Nucleus& nucleus, VirtualMachine& self, std::string_view name);

/// A command in capitals, word by word, and the machine that it is of.
struct DeviceCommand {
    Nucleus& nucleus;
    MachineStates& states;
    Work& work;  // what it is done under
    VirtualMachine& vm;
    const std::vector<std::string>& words;

    size_t size() const { return words.size(); }
    /// Empty where there are not so many words.
    std::string_view word(size_t i) const { return i < words.size() ? std::string_view(words[i]) : ""; }
    /// Whether the word is this one, abbreviated to no less than `least` letters.
    bool is(size_t i, std::string_view name, size_t least) const { return is_word(word(i), name, least); }
    /// One to three hexadecimal digits; empty: it is no address.
    std::optional<uint16_t> address(size_t i) const { return simulation::parse_device_address(word(i)); }
    std::optional<uint32_t> number(size_t i) const { return decimal_number(word(i), 99'999'999); }
    void say(std::string_view line) const { vm.io.message(work, line); }
    /// Says why not. Answers the return code.
    uint32_t refuse(uint32_t code, std::string_view text) const {
        say(text);
        return code;
    }
};

/// The device at a virtual address, the real one where it lies on such; null: there is none.
const simulation::Device* device_at(const VirtualMachine& vm, uint16_t address);
/// How CP calls devices of its kind: "DASD", "TAPE", "RDR", "PUN", "PRT", "CONS", "GRAF", "CTCA".
std::string_view kind_of(const simulation::Device& device);

}  // namespace vmcp
