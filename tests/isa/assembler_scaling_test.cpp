// Ten times the input is about ten times the work. What is compared is processor time of this process; the
// limit is generous, and the best of several runs counts, so that a busy host does not matter. (What grows
// with the square of the input takes a hundred times as long.)
#include <algorithm>
#include <ctime>
#include <functional>

#include "assembler_support.hpp"

using namespace isa::assembler;
using namespace isa::assembler::test;

namespace {

constexpr unsigned kSmall = 1500;
constexpr unsigned kFactor = 10;

double seconds(const std::string& text, bool good) {
    double best = 1e9;
    for (int i = 0; i < 3; ++i) {
        const std::clock_t begin = std::clock();
        const Result r = assemble(text, "t.asm");
        const std::clock_t end = std::clock();
        REQUIRE_MESSAGE(r.ok == good, messages(r).substr(0, 200));
        best = std::min(best, static_cast<double>(end - begin) / CLOCKS_PER_SEC);
    }
    return best;
}

void check_linear(const std::function<std::string(unsigned)>& program, bool good = true) {
    const double small = seconds(program(kSmall), good);
    const double large = seconds(program(kSmall * kFactor), good);
    CHECK_MESSAGE(large < 30 * std::max(small, 0.002), small, " s, and ", large, " s for ten times as much");
}

std::string repeated(unsigned n, const std::function<std::string(unsigned)>& line) {
    std::string text;
    for (unsigned i = 0; i < n; ++i) text += line(i);
    return text;
}

std::string continued(const std::string& line) { return fmt::format("{:71}X\n", line); }

constexpr const char* kBegin = "T        CSECT\n         USING T,12\n";
constexpr const char* kEnd = "         END\n";

}  // namespace

TEST_CASE("continuation cards") {
    check_linear([](unsigned n) {
        return kBegin + continued("         DC    AL1(1),") +
               repeated(n, [](unsigned) { return continued("               AL1(2),"); }) +
               "               AL1(3)\n" + kEnd;
    });
    check_linear([](unsigned n) {
        return kBegin + repeated(n, [](unsigned) { return continued("*              COMMENT"); }) +
               "               END\n" + kEnd;
    });
    check_linear([](unsigned n) {
        return "         MACRO\n         MAC\n         LCLA  &I\n         ACTR  1000000\n.L       ANOP\n"
               "&I       SETA  &I+1\n         DC    AL1(&SYSLIST(&I))\n         AIF   (&I LT N'&SYSLIST).L\n"
               "         MEND\n" +
               (kBegin + continued("         MAC   1,")) +
               repeated(n, [](unsigned) { return continued("               2,"); }) + "               3\n" +
               kEnd;
    });
}

TEST_CASE("labels, operations and strings over any number of cards") {
    for (const char* beginning :
         {"LABEL", "         OPERATION", "         DC    C'A", "         LA    1,((("})
        check_linear(
            [&](unsigned n) {
                return kBegin + fmt::format("{:A<71}X\n", beginning) +
                       repeated(n, [](unsigned) { return fmt::format("{:15}{:A<56}X\n", "", ""); }) +
                       "               A\n" + kEnd;
            },
            false);
}

TEST_CASE("what is quoted of a long statement is a part of it") {
    const Result r =
        assemble(kBegin + fmt::format("{:A<71}X\n", "         OPERATION") +
                     repeated(1000, [](unsigned) { return fmt::format("{:15}{:A<56}X\n", "", ""); }) +
                     "               A\n" + kEnd,
                 "t.asm");
    REQUIRE(r.diagnostics.size() == 1);
    const std::string& message = r.diagnostics[0].message;
    CHECK(message.starts_with("OPERATIONAAA"));
    CHECK(message.ends_with("AAA is not an instruction"));
    CHECK(message.size() < 1100);
}

TEST_CASE("literal pools") {
    check_linear(
        [](unsigned n) { return kBegin + repeated(n, [](unsigned) { return "         LTORG\n"; }) + kEnd; });
    check_linear([](unsigned n) {
        return std::string("T        CSECT\n") +
               repeated(n,
                        [](unsigned i) {
                            return fmt::format(
                                "         BALR  12,0\n         USING *,12\n         L     1,=F'{}'\n"
                                "         LTORG\n",
                                i);
                        }) +
               kEnd;
    });
}

TEST_CASE("control sections, new ones and resumed ones") {
    check_linear([](unsigned n) {
        return repeated(n, [](unsigned i) { return fmt::format("C{:06} CSECT\n         DC    A(*)\n", i); }) +
               kEnd;
    });
    check_linear([](unsigned n) {
        return repeated(n,
                        [](unsigned) { return "A CSECT\n DC A(*)\nB CSECT\n DC A(A)\nD DSECT\n DS F\n"; }) +
               kEnd;
    });
}

TEST_CASE("symbols, entries, macros and branches of open code") {
    check_linear([](unsigned n) {
        return kBegin +
               repeated(n,
                        [](unsigned i) {
                            return fmt::format("         ENTRY E{0:06}\nE{0:06}  DC    A(E{0:06})\n", i);
                        }) +
               kEnd;
    });
    check_linear([](unsigned n) {
        return repeated(
                   n,
                   [](unsigned i) {
                       return fmt::format(
                           "         MACRO\n         M{0:06} &A\n         DC    AL2(&A)\n         MEND\n", i);
                   }) +
               kBegin + repeated(n, [](unsigned i) { return fmt::format("         M{0:06} {0}\n", i); }) +
               kEnd;
    });
    check_linear([](unsigned n) {
        return std::string("         ACTR  1000000\n") + kBegin +
               repeated(n,
                        [](unsigned i) {
                            return fmt::format("         AGO   .S{0}\n         DC    X'FF'\n.S{0}    ANOP\n",
                                               i);
                        }) +
               kEnd;
    });
    check_linear([](unsigned n) {
        return "         MACRO\n" + continued("         MAC   &P,") +
               repeated(n, [](unsigned i) { return continued(fmt::format("               &P{},", i)); }) +
               "               &LAST\n         DC    X'01'\n         MEND\n" + kBegin + "         MAC\n" +
               kEnd;
    });
}

TEST_CASE("lists that nested macro calls pass on, each in another list") {
    // What grows is the depth; it can be 200.
    check_linear([](unsigned n) {
        return "         MACRO\n         MAC   &N,&P\n         LCLA  &I\n&I       SETA  &N-1\n"
               "         AIF   (&I EQ 0).END\n         MAC   &I,(&P)\n.END     MEND\nT        CSECT\n" +
               continued(fmt::format("         MAC   {},(A,", n / 80)) +
               repeated(500, [](unsigned) { return continued("               A,B,C,D,"); }) +
               "               E)\n" + kEnd;
    });
}
