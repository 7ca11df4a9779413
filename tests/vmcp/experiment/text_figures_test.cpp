#include "vmcp/experiment/text_figures.hpp"

#include <doctest/doctest.h>

namespace vmcp::experiment {
namespace {

TEST_CASE("counted things in the singular and plural") {
    CHECK(counted(0, "exit") == "0 exits");
    CHECK(counted(1, "exit") == "1 exit");
    CHECK(counted(12345, "exit") == "12,345 exits");
    CHECK(counted(1, "switch") == "1 switch");
    CHECK(counted(2, "switch") == "2 switches");
}

TEST_CASE("words whose plural is no matter of s at the end") {
    CHECK(counted(1, "guest was", "guests were") == "1 guest was");
    CHECK(counted(2, "guest was", "guests were") == "2 guests were");
}

TEST_CASE("wrapping counts characters, keeps a number and its unit together, and hangs what goes on") {
    using Lines = std::vector<std::string>;
    CHECK(characters("a█b…") == 4);
    CHECK(wrap("one two three", 7, 0) == Lines{"one two", "three"});
    CHECK(wrap("█ █ █", 3, 0) == Lines{"█ █", "█"});
    CHECK(wrap("after 12.35 ms, at 7.001 s.", 14, 0) == Lines{"after", "12.35 ms, at", "7.001 s."});
    CHECK(wrap("a load of 34.5 % of 5 sheep", 12, 0) == Lines{"a load of", "34.5 % of 5", "sheep"});
    CHECK(wrap("one two three", 9, 2, 4) == Lines{"  one two", "    three"});
    CHECK(wrap("incomprehensibilities are long", 8, 0) == Lines{"incomprehensibilities", "are long"});
    CHECK(wrap("two  blanks", 20, 0) == Lines{"two  blanks"});
    CHECK(wrap("", 20, 0) == Lines{""});
}

}  // namespace
}  // namespace vmcp::experiment
