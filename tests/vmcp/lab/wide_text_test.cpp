// Text in lines, of which some characters are two columns wide.
#include <doctest/doctest.h>

#include "vmcp/lab/wide_text.hpp"

using vmcp::lab::columns_of;
using vmcp::lab::wrap_wide;
using Lines = std::vector<std::string>;

TEST_CASE("wide text: columns") {
    CHECK(columns_of("SIO 009") == 7);
    CHECK(columns_of("割込み") == 6);
    CHECK(columns_of("A割B") == 4);
    CHECK(columns_of("\xE5\x89") == 2);  // cut in the middle of a character: no more is read than there is
    CHECK(vmcp::lab::padded("割", 4) == "割  ");
}

TEST_CASE("wide text: lines are broken at blanks, and anywhere between wide characters") {
    CHECK(wrap_wide("wait for the interruption", 12) == Lines{"wait for the", "interruption"});
    CHECK(wrap_wide("割込みを待つ", 8) == Lines{"割込みを", "待つ"});
    CHECK(wrap_wide("SIO の後で待つ", 8) == Lines{"SIO の後", "で待つ"});
    CHECK(wrap_wide("a\nb c", 80) == Lines{"a", "b c"});
    CHECK(wrap_wide("  a b c", 4) == Lines{"  a", "  b", "  c"});
    CHECK(wrap_wide("", 80).empty());
}

TEST_CASE("wide text: a full stop never begins a line, and a longer word has one of its own") {
    CHECK(wrap_wide("待つ。次", 4) == Lines{"待", "つ。", "次"});
    CHECK(wrap_wide("a DEADBEEFDEADBEEF b", 6) == Lines{"a", "DEADBEEFDEADBEEF", "b"});
}
