// Choosing by name from a list that the program has.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/numbers.hpp"

namespace vmcp::cli {

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
    std::vector<std::string> names;
    for (const Named& one : all) names.emplace_back(one.name);
    return names;
}

/// Of a list whose elements have names: those that are named, in the order of the list; all where none is.
/// `kind`: what they are. Throws InputError.
template <class Named>
std::vector<const Named*> chosen(const std::vector<Named>& all, const std::vector<std::string>& names,
                                 const char* kind) {
    const std::vector<std::string> known = names_of(all);
    for (const std::string& name : names)
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            const std::string near = nearest(name, known);
            throw InputError(fmt::format("there is no {} \"{}\"{}: expected some of {}", kind, name,
                                         near.empty() ? "" : fmt::format(" (was {} meant?)", near),
                                         fmt::join(known, ", ")));
        }
    std::vector<const Named*> result;
    for (const Named& one : all)
        if (names.empty() || std::find(names.begin(), names.end(), one.name) != names.end())
            result.push_back(&one);
    return result;
}

}  // namespace vmcp::cli
