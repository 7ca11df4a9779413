#include "simulation/devices/carriage_tape_file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "simulation/model/toml_reader.hpp"

namespace simulation {

namespace {

constexpr unsigned kMostLines = 180;  // of a form: 22 inches at eight lines an inch, and a little
constexpr unsigned kChannels = 12;

/// A whole number from 1; 0 where it is none.
unsigned number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

}  // namespace

std::shared_ptr<const CarriageTape> read_carriage_tape(const std::string& path) {
    TomlReader root = TomlReader::load(path);
    auto tape = std::make_shared<CarriageTape>();
    tape->channels.resize(static_cast<size_t>(root.integer("lines", 1, kMostLines)));
    TomlReader channels = root.table("channels");
    for (const std::string& key : channels.keys()) {
        const unsigned channel = number(key);
        if (channel == 0 || channel > kChannels)
            channels.fail(key, fmt::format("\"{}\": expected a channel from 1 to 12", key));
        const std::string lines = channels.text(key);
        for (size_t at = lines.find_first_not_of(' '); at != std::string::npos;) {
            const size_t end = lines.find(' ', at);
            const unsigned line = number(std::string_view(lines).substr(at, end - at));
            if (line == 0 || line > tape->channels.size())
                channels.fail(key, fmt::format("\"{}\": expected numbers of lines from 1 to {}", lines,
                                               tape->channels.size()));
            tape->channels[line - 1] |= static_cast<uint16_t>(1u << (channel - 1));
            at = lines.find_first_not_of(' ', end);
        }
    }
    channels.finish();
    root.finish();
    return tape;
}

}  // namespace simulation
