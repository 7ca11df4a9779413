#include "vmcp/experiment/text_figures.hpp"

#include <doctest/doctest.h>

namespace vmcp::experiment {
namespace {

using Names = std::vector<std::string>;

TEST_CASE("counted things in the singular and plural") {
    CHECK(counted(0, "exit") == "0 exits");
    CHECK(counted(1, "exit") == "1 exit");
    CHECK(counted(12345, "exit") == "12,345 exits");
    CHECK(counted(1, "switch") == "1 switch");
    CHECK(counted(2, "switch") == "2 switches");
}

TEST_CASE("a long name loses its middle, unless another one would then look the same") {
    CHECK(column_names({"short", "churn-shadow", "churn-nested"}, 9) ==
          Names{"short", "chur…adow", "chur…sted"});
    CHECK(column_names({"miss-shadow-set", "miss-nested-set", "x"}, 9) ==
          Names{"miss-shadow-set", "miss-nested-set", "x"});
    CHECK(column_names({"exactly-9", "user01", "user02"}, 9) == Names{"exactly-9", "user01", "user02"});
}

TEST_CASE("a name that its column cannot take has a line of its own") {
    CHECK(table_row("short", 9, "1 2") == "short     1 2");
    CHECK(table_row("chur…adow", 9, "1 2") == "chur…adow 1 2");
    CHECK(table_row("churn-shadow", 9, "1 2") == "churn-shadow\n          1 2");
}

}  // namespace
}  // namespace vmcp::experiment
