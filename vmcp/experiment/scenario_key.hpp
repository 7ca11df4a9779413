// The keys of a table of a scenario file as rows of a table: from it they are read, and documents are made.
#pragma once

#include <string_view>
#include <vector>

#include "simulation/model/toml_reader.hpp"

namespace vmcp::experiment {

/// How a key is written, what it means, and how it is read into a T, in the order of the rows. `Context`:
/// what else is known when it is read. Nothing to read: something else that is read hangs on it, and reads it
/// first.
template <class T, class Context>
struct ScenarioKey {
    std::string_view name, example, meaning;
    void (*read)(Context&, simulation::TomlReader&, T&);
    bool required = false;
};

template <class T, class Context>
void read_keys(const std::vector<ScenarioKey<T, Context>>& keys, Context& context,
               simulation::TomlReader& table, T& to) {
    for (const ScenarioKey<T, Context>& key : keys)
        if (key.read != nullptr && (key.required || table.has(key.name))) key.read(context, table, to);
}

}  // namespace vmcp::experiment
