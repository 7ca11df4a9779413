#include "simulation/model/toml_reader.hpp"

#include <doctest/doctest.h>

#include <functional>

using simulation::TomlError;
using simulation::TomlReader;

namespace {

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const TomlError& error) {
        return error.what();
    }
    return "no error";
}

constexpr const char* kText = R"(name = "x"
count = 7
ratio = 2.5
on = true
list = ["a", "b"]

[inner]
key = 1

[[vm]]
id = 1

[[vm]]
id = 2
)";

}  // namespace

TEST_CASE("values are read with their types") {
    auto root = TomlReader::parse(kText, "f.toml");
    CHECK(root.text("name") == "x");
    CHECK(root.integer("count", 0, 10) == 7);
    CHECK(root.number("ratio", 0, 10) == 2.5);
    CHECK(root.number("count", 0, 10) == 7.0);
    CHECK(root.boolean("on"));
    CHECK(root.texts("list") == std::vector<std::string>{"a", "b"});
    CHECK(root.table("inner").integer("key", 0, 1) == 1);
    auto machines = root.tables("vm");
    REQUIRE(machines.size() == 2);
    CHECK(machines[1].integer("id", 0, 9) == 2);
    CHECK(root.integer_or("absent", 0, 9, 5) == 5);
    CHECK(root.text_or("absent", "y") == "y");
    CHECK(root.number_or("absent", 0, 9, 1.5) == 1.5);
    CHECK_FALSE(root.boolean_or("absent", false));
    CHECK_FALSE(root.is_table("name"));
    CHECK(root.is_table("inner"));
    CHECK(root.keys() == std::vector<std::string>{"count", "inner", "list", "name", "on", "ratio", "vm"});
    CHECK_NOTHROW(root.finish());
}

TEST_CASE("mistakes name file, line, column and what was expected") {
    auto root = TomlReader::parse(kText, "f.toml");
    CHECK(message_of([&] { root.integer("name", 0, 9); }) ==
          "f.toml:1:8: \"name\" is a string: expected an integer from 0 to 9");
    CHECK(message_of([&] { root.integer("count", 0, 5); }) ==
          "f.toml:2:9: \"count\" is 7: expected an integer from 0 to 5");
    CHECK(message_of([&] { root.number("ratio", 0, 1); }) ==
          "f.toml:3:9: \"ratio\" is 2.5: expected a number from 0 to 1");
    CHECK(message_of([&] { root.text("on"); }) == "f.toml:4:6: \"on\" is true or false: expected a string");
    CHECK(message_of([&] { root.text("nothing"); }) ==
          "f.toml:1:1: the file lacks \"nothing\": expected a string");
    auto inner = root.table("inner");
    CHECK(message_of([&] { inner.text("other"); }) ==
          "f.toml:7:1: [inner] lacks \"other\": expected a string");
    CHECK(message_of([&] { root.table("count"); }) ==
          "f.toml:2:9: \"count\" is an integer: expected a table");
}

TEST_CASE("a key that nobody asked for is an error, the first of the file first") {
    auto root = TomlReader::parse("b = 1\na = 2\nz = 3\n", "f.toml");
    root.integer("z", 0, 9);
    CHECK(message_of([&] { root.finish(); }) ==
          "f.toml:1:1: unknown key \"b\" in the file: expected one of z");
}

TEST_CASE("text that is not TOML is an error with its place") {
    const auto message = message_of([] { TomlReader::parse("a = 1\nb = = 2\n", "f.toml"); });
    CHECK(message.starts_with("f.toml:2:5: "));
    CHECK(message_of([] { TomlReader::load("no/such/file.toml"); }) ==
          "no/such/file.toml: cannot be read: No such file or directory");
    CHECK(message_of([] { TomlReader::load("/"); }) == "/: cannot be read: Is a directory");
}

TEST_CASE("a message stays one line, whatever it quotes") {
    auto root = TomlReader::parse("\"a\\nb\" = 1\n", "f.toml");
    CHECK(message_of([&] { root.finish(); }).starts_with("f.toml:1:1: unknown key \"a\\nb\" in the file"));
    const auto message = message_of([] { TomlReader::parse("a = t\nb = 2\n", "f.toml"); });
    CHECK(message.starts_with("f.toml:1:"));
    CHECK(message.find('\n') == std::string::npos);
}

TEST_CASE("a reader outlives the one it came from") {
    auto inner = TomlReader::parse(kText, "f.toml").table("inner");
    CHECK(inner.integer("key", 0, 1) == 1);
}
