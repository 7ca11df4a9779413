#include "simulation/model/toml_reader.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "simulation/model/input_file.hpp"
#include "simulation/model/toml_limits.hpp"

namespace simulation {

struct TomlReader::Document {
    std::string file;
    toml::table root;
};

struct TomlReader::Table {
    std::shared_ptr<Document> document;
    const toml::table* table = nullptr;
    std::string path;  // "cost.branch"; empty for the outermost
    std::set<std::string, std::less<>> asked;
};

namespace {

std::string position(const std::string& file, const toml::source_region& region) {
    // A table that only exists because its sub-tables do has no place of its own in the file.
    const auto line = region.begin.line == 0 ? 1 : region.begin.line;
    const auto column = region.begin.column == 0 ? 1 : region.begin.column;
    return fmt::format("{}:{}:{}", file, line, column);
}

/// What is quoted may be long; the place before it and what was expected behind it are what counts.
std::string shortened(std::string_view message) {
    constexpr size_t kLongest = 2000, kBeginning = 500;
    if (message.size() <= kLongest) return std::string(message);
    return fmt::format("{} ... {}", message.substr(0, kBeginning),
                       message.substr(message.size() - (kLongest - kBeginning)));
}

std::string one_line(const std::string& message) {
    std::string line;
    for (const char c : message) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n')
            line += "\\n";
        else if (byte < 0x20 || byte == 0x7F)
            line += fmt::format("\\x{:02X}", byte);
        else
            line += c;
    }
    return line;
}

std::string_view type_name(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table: return "a table";
        case toml::node_type::array: return "an array";
        case toml::node_type::string: return "a string";
        case toml::node_type::integer: return "an integer";
        case toml::node_type::floating_point: return "a number with a fraction";
        case toml::node_type::boolean: return "true or false";
        default: return "a date or time";
    }
}

const toml::node& as_node(const void* node) { return *static_cast<const toml::node*>(node); }

}  // namespace

TomlError::TomlError(std::string_view message) : std::runtime_error(one_line(shortened(message))) {}

std::string read_text_file(const std::string& path) {
    // Reading more than is allowed by one byte tells, also of a device that never ends.
    const std::optional<std::string> text = read_input_file(path, kLongestToml + 1);
    if (!text) throw TomlError(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
    return *text;
}

TomlReader TomlReader::from_table(std::shared_ptr<Document> document, const void* node, std::string path) {
    auto table = std::make_shared<Table>();
    table->document = std::move(document);
    table->table = as_node(node).as_table();
    table->path = std::move(path);
    return TomlReader(std::move(table));
}

TomlReader TomlReader::parse(std::string_view text, std::string file) {
    auto document = std::make_shared<Document>();
    document->file = std::move(file);
    if (text.size() > kLongestToml)
        throw TomlError(
            fmt::format("{}:1:1: expected a TOML file of at most {} bytes", document->file, kLongestToml));
    if (const auto excess = toml_excess(text))
        throw TomlError(
            fmt::format("{}:{}:{}: {}", document->file, excess->line, excess->column, excess->what));
    try {
        document->root = toml::parse(text, document->file);
    } catch (const toml::parse_error& error) {
        throw TomlError(fmt::format("{}: {}", position(document->file, error.source()), error.description()));
    }
    return from_table(document, static_cast<const toml::node*>(&document->root), "");
}

TomlReader TomlReader::load(const std::string& path) { return parse(read_text_file(path), path); }

bool TomlReader::has(std::string_view key) {
    table_->asked.emplace(key);
    return table_->table->contains(key);
}

bool TomlReader::is_table(std::string_view key) { return has(key) && table_->table->get(key)->is_table(); }

const void* TomlReader::require(std::string_view key, std::string_view expected) {
    table_->asked.emplace(key);
    const toml::node* node = table_->table->get(key);
    if (node == nullptr) fail(key, fmt::format("{} lacks \"{}\": expected {}", name(), key, expected));
    return node;
}

void TomlReader::wrong_type(std::string_view key, std::string_view expected) const {
    fail(key, fmt::format("\"{}\" is {}: expected {}", key, type_name(*table_->table->get(key)), expected));
}

std::string TomlReader::text(std::string_view key) {
    const auto& node = as_node(require(key, "a string"));
    if (!node.is_string()) wrong_type(key, "a string");
    return node.as_string()->get();
}

int64_t TomlReader::integer(std::string_view key, int64_t min, int64_t max) {
    const auto expected = fmt::format("an integer from {} to {}", min, max);
    const auto& node = as_node(require(key, expected));
    if (!node.is_integer()) wrong_type(key, expected);
    const int64_t value = node.as_integer()->get();
    if (value < min || value > max) fail(key, fmt::format("\"{}\" is {}: expected {}", key, value, expected));
    return value;
}

double TomlReader::number(std::string_view key, double min, double max) {
    const auto expected = fmt::format("a number from {} to {}", min, max);
    const auto& node = as_node(require(key, expected));
    if (!node.is_number()) wrong_type(key, expected);
    const double value = *node.value<double>();
    if (!(value >= min && value <= max)) {
        fail(key, fmt::format("\"{}\" is {}: expected {}", key, value, expected));
    }
    return value;
}

bool TomlReader::boolean(std::string_view key) {
    const auto& node = as_node(require(key, "true or false"));
    if (!node.is_boolean()) wrong_type(key, "true or false");
    return node.as_boolean()->get();
}

std::vector<std::string> TomlReader::texts(std::string_view key) {
    constexpr std::string_view expected = "an array of strings";
    const auto& node = as_node(require(key, expected));
    if (!node.is_array()) wrong_type(key, expected);
    std::vector<std::string> result;
    for (const auto& element : *node.as_array()) {
        if (!element.is_string()) {
            throw TomlError(fmt::format("{}: an element of \"{}\" is {}: expected a string",
                                        position(file(), element.source()), key, type_name(element)));
        }
        result.push_back(element.as_string()->get());
    }
    return result;
}

TomlReader TomlReader::table(std::string_view key) {
    const auto& node = as_node(require(key, "a table"));
    if (!node.is_table()) wrong_type(key, "a table");
    auto path = table_->path.empty() ? std::string(key) : fmt::format("{}.{}", table_->path, key);
    return from_table(table_->document, &node, std::move(path));
}

std::vector<TomlReader> TomlReader::tables(std::string_view key) {
    constexpr std::string_view expected = "an array of tables";
    const auto& node = as_node(require(key, expected));
    if (!node.is_array()) wrong_type(key, expected);
    const auto path = table_->path.empty() ? std::string(key) : fmt::format("{}.{}", table_->path, key);
    std::vector<TomlReader> result;
    for (const auto& element : *node.as_array()) {
        if (!element.is_table()) {
            throw TomlError(fmt::format("{}: an element of \"{}\" is {}: expected a table",
                                        position(file(), element.source()), key, type_name(element)));
        }
        result.push_back(from_table(table_->document, &element, path));
    }
    return result;
}

std::string TomlReader::text_or(std::string_view key, std::string absent) {
    return has(key) ? text(key) : std::move(absent);
}

int64_t TomlReader::integer_or(std::string_view key, int64_t min, int64_t max, int64_t absent) {
    return has(key) ? integer(key, min, max) : absent;
}

double TomlReader::number_or(std::string_view key, double min, double max, double absent) {
    return has(key) ? number(key, min, max) : absent;
}

bool TomlReader::boolean_or(std::string_view key, bool absent) { return has(key) ? boolean(key) : absent; }

std::vector<std::string> TomlReader::keys() const {
    std::vector<std::string> result;
    for (const auto& [key, value] : *table_->table) result.emplace_back(key.str());
    std::sort(result.begin(), result.end());
    return result;
}

void TomlReader::finish() const {
    // The first in the file, not in the alphabet, so that a user mends a file from the top.
    const toml::key* unknown = nullptr;
    for (const auto& [key, value] : *table_->table) {
        if (table_->asked.contains(key.str())) continue;
        const auto& at = key.source().begin;
        if (unknown == nullptr || std::pair(at.line, at.column) < std::pair(unknown->source().begin.line,
                                                                            unknown->source().begin.column)) {
            unknown = &key;
        }
    }
    if (unknown == nullptr) return;
    throw TomlError(fmt::format("{}: unknown key \"{}\" in {}: expected one of {}",
                                position(file(), unknown->source()), unknown->str(), name(),
                                fmt::join(table_->asked, ", ")));
}

std::string TomlReader::where(std::string_view key) const {
    const toml::node* node = table_->table->get(key);
    return position(file(), node != nullptr ? node->source() : table_->table->source());
}

void TomlReader::fail(std::string_view key, std::string_view message) const {
    throw TomlError(fmt::format("{}: {}", where(key), message));
}

std::string TomlReader::name() const {
    return table_->path.empty() ? "the file" : fmt::format("[{}]", table_->path);
}

const std::string& TomlReader::file() const { return table_->document->file; }

}  // namespace simulation
