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

std::string repeated(std::string_view text, size_t times) {
    std::string all;
    for (size_t i = 0; i < times; ++i) all += text;
    return all;
}

TEST_CASE("what is nested too deeply is an error with its place, and takes no stack") {
    constexpr size_t kMany = 100'000;
    const auto error = [](const std::string& text) {
        return message_of([&] { TomlReader::parse(text, "f.toml"); });
    };
    const std::string parts = "expected a key of at most 32 parts";
    const std::string depth = "expected arrays and inline tables at most 32 deep";
    CHECK(error("ok = 1\n" + repeated("a.", kMany) + "a = 1\n") == "f.toml:2:64: " + parts);
    CHECK(error("[" + repeated("a.", kMany) + "a]\n") == "f.toml:1:65: " + parts);
    CHECK(error("[[" + repeated("a . ", kMany) + "a]]\n") == "f.toml:1:129: " + parts);
    CHECK(error("x = { " + repeated("'a.b'.", kMany) + "a = 1 }\n") == "f.toml:1:198: " + parts);
    CHECK(error("x = " + repeated("[", kMany)) == "f.toml:1:37: " + depth);
    CHECK(error("x = [1, # [[[\n" + repeated("[\n", kMany)) == "f.toml:33:1: " + depth);
    CHECK(error("x = " + repeated("{ a = ", kMany)) == "f.toml:1:197: " + depth);
    // What is as deep as that may be; brackets and full stops in strings and comments are none.
    TomlReader::parse(repeated("a.", 31) + "a = " + repeated("[", 32) + repeated("]", 32) + "\n", "f.toml");
    for (const char* mark : {"\"", "'", "\"\"\"", "'''"}) {
        const std::string quote = mark;
        TomlReader::parse(
            "x = [" + quote + repeated(".[{", kMany) + quote + "] # " + repeated("[.", kMany) + "\ny = 1.5\n",
            "f.toml");
    }
    TomlReader::parse("x = \"\\\"" + repeated("[", 100) + "\"\n", "f.toml");
    TomlReader::parse("x = [" + repeated("1.5, ", kMany) + "]\n", "f.toml");
}

TEST_CASE("a file that is too long is an error, also where it never ends") {
    CHECK(message_of([] { TomlReader::parse(std::string((4 << 20) + 1, '\n'), "f.toml"); }) ==
          "f.toml:1:1: expected a TOML file of at most 4194304 bytes");
    CHECK(message_of([] { TomlReader::load("/dev/zero"); }) ==
          "/dev/zero:1:1: expected a TOML file of at most 4194304 bytes");
    TomlReader::parse(std::string(4 << 20, '\n'), "f.toml");
}

TEST_CASE("a message has the place and what was expected, however long that is which it quotes") {
    auto root = TomlReader::parse(std::string(100'000, 'k') + " = 1\n", "f.toml");
    root.has("known");
    const auto message = message_of([&] { root.finish(); });
    CHECK(message.starts_with("f.toml:1:1: unknown key \"kkk"));
    CHECK(message.ends_with("kkk\" in the file: expected one of known"));
    CHECK(message.size() < 2100);
}

TEST_CASE("a reader outlives the one it came from") {
    auto inner = TomlReader::parse(kText, "f.toml").table("inner");
    CHECK(inner.integer("key", 0, 1) == 1);
}
