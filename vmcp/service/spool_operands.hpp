// What the spool commands have in common: who gives one, the words behind it, and what is said of a wrong
// one.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/dispatch/nucleus.hpp"
#include "vmcp/service/command_words.hpp"
#include "vmcp/spool/spooled_units.hpp"

namespace vmcp::spool_commands {

/// A command that cannot be done; CP's message number is its return code.
struct Refusal {
    uint32_t code;
    std::string message;
};

/// `module`: the three letters of the messages, as VM/370 has them.
[[noreturn]] inline void refuse(std::string_view module, uint32_t code, std::string_view text) {
    throw Refusal{code, fmt::format("DMK{}{:03}E {}", module, code, text)};
}

struct Command {
    Nucleus& nucleus;
    Work& work;
    VirtualMachine& vm;
    SpooledUnits& units;
    Spool& spool;
    std::string_view module;
    const std::vector<std::string>& words;  // in capitals
    size_t next = 1;                        // the word to look at

    void say(std::string_view line) const { vm.io.message(work, line); }
    bool more() const { return next < words.size(); }
    /// The next word, which is taken; `missing`: what is said where there is none, with its number.
    const std::string& take(uint32_t code = 26, std::string_view missing = "OPERAND MISSING OR INVALID") {
        if (!more()) refuse(module, code, missing);
        return words[next++];
    }
    /// Takes the next word if it is this one.
    bool takes(std::string_view full, size_t least) {
        if (!more() || !is_word(words[next], full, least)) return false;
        ++next;
        return true;
    }
    [[noreturn]] void invalid_option() const {
        refuse(module, 3, fmt::format("INVALID OPTION - {}", more() ? words[next] : words[next - 1]));
    }
    void end() const {
        if (more()) invalid_option();
    }

    std::optional<unsigned> number(unsigned least, unsigned most) {
        if (!more()) return std::nullopt;
        const auto n = decimal_number(words[next], most);
        if (!n || *n < least) return std::nullopt;
        ++next;
        return n;
    }
    char spool_class(bool any) {
        if (more() && words[next].size() == 1 &&
            (is_spool_class(words[next][0]) || (any && words[next] == "*")))
            return words[next++][0];
        refuse(module, 28, "CLASS MISSING OR INVALID");
    }
    std::string form() {
        if (!more() || words[next].size() > kLongestForm) refuse(module, 26, "OPERAND MISSING OR INVALID");
        return words[next++];
    }
    unsigned copies() {
        if (const auto n = number(1, kMostCopies)) return *n;
        refuse(module, 30, "COPIES MISSING OR INVALID");
    }
    /// A user, "*" for the one who asks.
    std::string user() {
        const std::string& word = take(20, "USERID MISSING OR INVALID");
        if (word == "*") return units.owner();
        if (const auto known = spool.known(word)) return *known;
        refuse(module, 53, fmt::format("{} NOT IN CP DIRECTORY", word));
    }
    /// NAME fn [ft], up to the end.
    void name(std::string& fn, std::string& ft) {
        fn = take();
        if (more() && next + 1 == words.size()) ft = take();
        if (fn.size() > kLongestFileName || ft.size() > kLongestFileType)
            refuse(module, 26, "OPERAND MISSING OR INVALID");
    }
    /// Takes READER, PRINTER or PUNCH; empty: the next word is something else.
    std::optional<SpoolQueue> takes_queue() {
        if (takes("READER", 1) || takes("RDR", 3)) return SpoolQueue::reader;
        if (takes("PRINTER", 1) || takes("PRT", 3)) return SpoolQueue::printer;
        if (takes("PUNCH", 2) || takes("PCH", 3) || takes("PUN", 3)) return SpoolQueue::punch;
        return std::nullopt;
    }
    SpoolQueue queue() {
        if (const auto said = takes_queue()) return *said;
        if (!more()) refuse(module, 35, "DEVICE TYPE MISSING OR INVALID");
        refuse(module, 6, fmt::format("INVALID DEVICE TYPE - {}", words[next]));
    }
};

uint32_t spool(Command& c);
uint32_t close(Command& c);
uint32_t purge(Command& c);
uint32_t change(Command& c);
uint32_t order(Command& c);
uint32_t transfer(Command& c);
/// Nothing if QUERY is asked for something else.
std::optional<uint32_t> query(Command& c);

}  // namespace vmcp::spool_commands
