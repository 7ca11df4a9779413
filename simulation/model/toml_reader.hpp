// Reads a TOML file strictly: what is missing, of the wrong type, out of range or not asked for is an error
// that names file, line and column and says what was expected.
//
//   auto root = TomlReader::load("model.toml");
//   const auto title = root.text("title");
//   auto tlb = root.table("tlb");
//   const auto entries = tlb.integer("entries", 1, 4096);
//   tlb.finish();    // a key that nobody asked for is an error
//   root.finish();
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace simulation {

/// A mistake in a TOML file. what() is one line, "FILE:LINE:COLUMN: ...", whatever is quoted in it: control
/// characters are shown as \n and \xHH, and of a long one the middle is left out.
class TomlError : public std::runtime_error {
  public:
    explicit TomlError(std::string_view message);
};

/// The bytes of the file at `path`, or the first ones of a file that is longer than a TOML file may be
/// (toml_limits.hpp). Throws TomlError if it cannot be read.
std::string read_text_file(const std::string& path);

/// One table of a TOML file. Copies share the record of what was asked for.
class TomlReader {
  public:
    /// Parses `text`; `file` is the name used in messages. Throws TomlError, also where the text is longer or
    /// nested deeper than toml_limits.hpp says.
    static TomlReader parse(std::string_view text, std::string file);

    /// Reads the file at `path`. Throws TomlError, also when it cannot be read.
    static TomlReader load(const std::string& path);

    /// Whether the key is there; counts as asking for it.
    bool has(std::string_view key);

    /// Whether the key is there and is a table; counts as asking for it.
    bool is_table(std::string_view key);

    /// The value of a required key. Throws TomlError if it is missing, has another type or is out of range.
    std::string text(std::string_view key);
    int64_t integer(std::string_view key, int64_t min, int64_t max);
    double number(std::string_view key, double min, double max);
    bool boolean(std::string_view key);
    std::vector<std::string> texts(std::string_view key);
    TomlReader table(std::string_view key);
    std::vector<TomlReader> tables(std::string_view key);  // [[key]]

    /// The same, with a value for a key that is not there.
    std::string text_or(std::string_view key, std::string absent);
    int64_t integer_or(std::string_view key, int64_t min, int64_t max, int64_t absent);
    double number_or(std::string_view key, double min, double max, double absent);
    bool boolean_or(std::string_view key, bool absent);

    /// All keys of this table, sorted. Counts as asking for none.
    std::vector<std::string> keys() const;

    /// Throws if the table holds a key that was never asked for; the message lists those that were.
    void finish() const;

    /// Throws a TomlError at the value of `key` (or at the table, if the key is not there).
    [[noreturn]] void fail(std::string_view key, std::string_view message) const;

    /// "FILE:LINE:COLUMN" of the value of `key`, or of the table if the key is not there.
    std::string where(std::string_view key = {}) const;

    /// The table's name in messages: "[cost.branch]"; "the file" for the outermost.
    std::string name() const;

    const std::string& file() const;

  private:
    struct Document;
    struct Table;
    explicit TomlReader(std::shared_ptr<Table> table) : table_(std::move(table)) {}
    const void* require(std::string_view key, std::string_view expected);
    [[noreturn]] void wrong_type(std::string_view key, std::string_view expected) const;
    static TomlReader from_table(std::shared_ptr<Document> document, const void* node, std::string path);

    std::shared_ptr<Table> table_;
};

}  // namespace simulation
