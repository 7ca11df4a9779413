// What the commands about devices have in common: the words of one, whom it concerns, and what it answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/dispatch/machine_states.hpp"

namespace vmcp {

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
    bool is(size_t i, std::string_view name, size_t least) const {
        const std::string_view one = word(i);
        return one.size() >= least && one.size() <= name.size() && name.starts_with(one);
    }
    /// One to three hexadecimal digits; empty: it is no address.
    std::optional<uint16_t> address(size_t i) const;
    std::optional<uint32_t> number(size_t i) const;
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
