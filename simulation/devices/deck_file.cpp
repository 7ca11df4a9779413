#include "simulation/devices/deck_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string_view>

#include "simulation/model/input_file.hpp"

namespace simulation {

namespace {

std::string contents_of(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        throw std::runtime_error(fmt::format("{}: cannot be read: it is a folder", path));
    const auto contents = read_input_file(path, kLongestDeckFile + 1);
    if (!contents)
        throw std::runtime_error(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
    if (contents->size() > kLongestDeckFile)
        throw std::runtime_error(
            fmt::format("{}: expected a deck of at most {} bytes", path, kLongestDeckFile));
    return *contents;
}

}  // namespace

Deck read_deck(const std::string& path) {
    const std::string contents = contents_of(path);
    if (!path.ends_with(".txt")) {
        try {
            return deck_of(contents);
        } catch (const std::invalid_argument& error) {
            throw std::runtime_error(fmt::format("{}: {}", path, error.what()));
        }
    }
    Deck deck;
    std::string_view text = contents;
    while (!text.empty()) {
        const size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        try {
            deck.push_back(card_of(line));
        } catch (const std::invalid_argument& error) {
            throw std::runtime_error(fmt::format("{}:{}:81: {}", path, deck.size() + 1, error.what()));
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return deck;
}

}  // namespace simulation
