// Tables as wide as the page: what each width makes of one table.
#include "vmcp/experiment/text_table.hpp"

#include <doctest/doctest.h>

#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {
namespace {

using Align = TextTable::Align;

TextTable machines() {
    TextTable table({"Machine", Align::left},
                    {{"state", Align::left}, {"guest"}, {.heading = "all\nwaits", .apart = true}, {"exits"}});
    table.row("churn-shadow", {"ended", "1.946 s", "506.0 ms", "6,444"});
    table.row("os", {"check-stop", "50.14 us", "0 ns", "5"});
    return table;
}

TEST_CASE("a table has two blanks between its columns where there is room") {
    CHECK(machines().text(53) ==
          "                                         all\n"
          "Machine       state          guest     waits  exits\n"
          "churn-shadow  ended        1.946 s  506.0 ms  6,444\n"
          "os            check-stop  50.14 us      0 ns      5\n");
}

TEST_CASE("one blank where there is less") {
    CHECK(machines().text(48) ==
          "                                      all\n"
          "Machine      state         guest    waits exits\n"
          "churn-shadow ended       1.946 s 506.0 ms 6,444\n"
          "os           check-stop 50.14 us     0 ns     5\n");
}

TEST_CASE("and blocks where there is none, which begin where they should") {
    CHECK(machines().text(46) ==
          "Machine      state         guest\n"
          "churn-shadow ended       1.946 s\n"
          "os           check-stop 50.14 us\n"
          "\n"
          "                  all\n"
          "Machine         waits exits\n"
          "churn-shadow 506.0 ms 6,444\n"
          "os               0 ns     5\n");
}

TEST_CASE("a name of several words goes on below; its figures stand on its first line") {
    TextTable table({"Work", Align::left}, {{"count"}, {"time"}});
    table.row("timer interruption of the real machine", {"1,234", "46.04 ms"});
    table.row("SIO simulated", {"8", "5.237 ms"});
    CHECK(table.text(36) ==
          "Work                  count     time\n"
          "timer interruption of 1,234 46.04 ms\n"
          "  the real machine\n"
          "SIO simulated             8 5.237 ms\n");
}

TEST_CASE("a bar takes what is left, if that is something") {
    TextTable table({"Machine", Align::left}, {{"life"}});
    table.row("a", {"1 s"});
    table.row("b", {"12 s"});
    table.bars([](size_t row, size_t width) { return std::string(row == 0 ? width / 2 : width, '#'); });
    CHECK(table.text(25) ==
          "Machine  life\n"
          "a         1 s  #####\n"
          "b        12 s  ##########\n");
    CHECK(table.text(22) ==
          "Machine  life\n"
          "a         1 s\n"
          "b        12 s\n");
}

}  // namespace
}  // namespace vmcp::experiment
