// Words of commands that may be abbreviated, as CP's may (GC20-1820): so many letters suffice.
#pragma once

#include <fmt/format.h>

#include <cctype>
#include <string>
#include <string_view>

#include "simulation/model/capitals.hpp"
#include "vmcp/panel/operands.hpp"

namespace vmcp::panel {

struct CommandWord {
    std::string_view word;  // in capitals
    unsigned least;         // letters
    std::string_view operands, what;
};

/// The first of the commands, each a CommandWord with more, that the word may stand for. Throws PanelError.
template <class Commands>
const auto& find_command(const Commands& commands, std::string_view as_typed) {
    const std::string word = simulation::capitals(as_typed);
    for (const auto& c : commands)
        if (word.size() >= c.least && c.word.starts_with(word)) return c;
    throw PanelError(fmt::format("unknown command '{}': expected one of those that HELP shows", as_typed));
}

/// "  BEGin [ADDRESS]           what it does": a line of HELP, capitals for the letters that suffice.
inline std::string help_line(const CommandWord& command) {
    std::string word(command.word);
    for (size_t i = command.least; i < word.size(); ++i)
        word[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(word[i])));
    return fmt::format("  {:<24} {}\n", fmt::format("{} {}", word, command.operands), command.what);
}

}  // namespace vmcp::panel
