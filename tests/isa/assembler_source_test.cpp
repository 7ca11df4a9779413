// Source text: continued and sequenced cards, members of libraries, and what is said when something is
// missing.
#include "assembler_support.hpp"
#include "object_deck_text.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"

using namespace isa::assembler;
using namespace isa::assembler::test;

namespace {

/// A line with a mark in column 72.
std::string continued(const std::string& line) { return fmt::format("{:71}X", line); }

/// Files that COPY and macro calls find, and the source beside them.
class Library {
  public:
    void put(const std::string& name, std::initializer_list<std::string> lines) const {
        tests::put(folder_ / name, source(lines));
    }
    Result assemble(std::initializer_list<std::string> lines) const {
        Options options;
        options.copy_directories = {folder_.path()};
        return isa::assembler::assemble(source(lines), "t.asm", options);
    }
    /// Messages, with the folder's own name taken away.
    std::string messages_of(std::initializer_list<std::string> lines) const {
        std::string text = messages(assemble(lines));
        const std::string prefix = folder_.path().string() + "/";
        for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
            text.erase(at, prefix.size());
        return text;
    }
    std::string path() const { return folder_.path().string(); }

  private:
    tests::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("a comment with a mark in column 72 takes the next line along") {
    CHECK(image_of({"T        CSECT", continued("* COMMENT"), "               DC    X'99'",
                    "         DC    X'01'", "         END"}) == "01");
    CHECK(image_of({"T        CSECT", continued("* ONE"), continued("               TWO"),
                    "               THREE", "         DC    X'01'", "         END"}) == "01");
    // Also where that next line was meant as a statement: this is said.
    const Result r = assemble(source({"T        CSECT", continued("* TOO LONG A COMMENT"),
                                      "         DC    X'99'", "         DC    X'01'", "         END"}),
                              "t.asm");
    CHECK(hex(r.image) == "01");
    CHECK(messages(r) ==
          "t.asm:3:10: warning: columns 1 to 15 of a continuation should be blank: column 72 of the line "
          "before "
          "is not blank, so that this line belongs to it\n");
    // In a macro as well.
    CHECK(image_of({"         MACRO", "         MAC", continued(".* HIDDEN"), "               DC    X'99'",
                    "         DC    X'01'", "         MEND", "T        CSECT", "         MAC",
                    "         END"}) == "01");
}

TEST_CASE("a comma alone stands for operands that are left out, whatever follows") {
    CHECK(image_of({"         MACRO ,              REMARK", "&N       MAC   ,              REMARK",
                    "&N       LA    1,1", "         MEXIT ,              REMARK",
                    "         MEND  ,              REMARK", "T        START ,              REMARK",
                    "         USING *,15", "         MAC", "         DROP  ,              REMARK",
                    "         ORG   ,              REMARK", "         DC    X'01'",
                    "         SPACE ,              REMARK", "         EJECT ,              REMARK",
                    "         ISEQ  ,              REMARK", "         LTORG ,              REMARK",
                    "D        DSECT ,              REMARK", "T        CSECT ,              REMARK",
                    ".S       ANOP  ,              REMARK", "         END   ,              REMARK"}) ==
          "4110000101000000");
    // The remark may be continued: it does not become an operand.
    CHECK(image_of({"T        START 0", "         USING *,15", continued("         DROP  ,              AND"),
                    "               MORE OF IT", "         DC    X'01'", "         END"}) == "01");
}

TEST_CASE("ISEQ checks the sequence of the source's lines, continued ones too") {
    const auto numbered = [](const std::string& line, const std::string& number) {
        return fmt::format("{:72}{}", line, number);
    };
    CHECK(
        errors_of({"         ISEQ  73,80", numbered("T        CSECT", "00000010"),
                   numbered("* A COMMENT", "00000020"), numbered("         DC    X'01'", "00000020"),
                   numbered("         DC    X'02'", "00000015"), numbered("         DC    X'03'", "00000016"),
                   "         ISEQ", "         DC    X'04'", "         END"}) ==
        "t.asm:4:73: warning: '00000020' is out of sequence behind '00000020'\n"
        "t.asm:5:73: warning: '00000015' is out of sequence behind '00000020'\n"
        "t.asm:7:73: warning: '        ' is out of sequence behind '00000016'\n");
    CHECK(errors_of({"         ISEQ  80,73", "T        CSECT", "         END"}) ==
          "t.asm:1:16: error: ISEQ takes the first and the last column of the sequence number\n");
    // Members have numbers of their own.
    const Library library;
    library.put("MEMBER.copy", {numbered("         DC    X'01'", "99999999")});
    CHECK(library.messages_of(
              {numbered("         ISEQ  73,80", "00000001"), numbered("T        CSECT", "00000002"),
               numbered("         COPY  MEMBER", "00000003"), numbered("         END", "00000004")}) == "");
}

TEST_CASE("ICTL moves the columns of the source, not those of members") {
    const Library library;
    library.put("MEMBER.copy", {"         DC    X'02'"});
    const Result r =
        library.assemble({"         ICTL  25,71,40", fmt::format("{:24}T        CSECT", "seq 1"),
                          fmt::format("{:24}{:47}X", "seq 2", "         DC    X'01'    A REMARK"),
                          fmt::format("{:39}THAT GOES ON", ""), fmt::format("{:24}         COPY  MEMBER", ""),
                          fmt::format("{:24}         END", "")});
    CHECK(messages(r) == "");
    CHECK(hex(r.image) == "0102");
    CHECK(errors_of({"T        CSECT", "         ICTL  1", "         END"}) ==
          "t.asm:2:10: error: ICTL must be the first statement\n");
    CHECK(errors_of({"         ICTL  1,20", "T        CSECT", "         END"}).find("ICTL's columns are") !=
          std::string::npos);
}

TEST_CASE("PUNCH and REPRO write cards into the deck where they stand") {
    Options options;
    options.allow_externals = true;
    const Result r =
        assemble(source({"         PUNCH ' INCLUDE SYSLIB(X)'", "         REPRO",
                         fmt::format("{:72}{}", " ORDER A,B  &&''", "00000010"), "T        CSECT",
                         "         DC    X'01'", "         PUNCH 'IT''S A && B'      REMARK",
                         "         DC    X'02'", "         END"}),
                 "t.asm", options);
    REQUIRE(messages(r) == "");
    CHECK(deck_text(r) == fmt::format("card ' INCLUDE SYSLIB(X)'\n"
                                      "card '{:72}00000010'\n"
                                      "T SD 1 000000+000002\n"
                                      "text 1 000000 01\n"
                                      "card 'IT'S A & B'\n"
                                      "text 1 000001 02\n"
                                      "end\n",
                                      " ORDER A,B  &&''"));
    CHECK(errors_of({"T        CSECT", "         PUNCH X", "         PUNCH 'A',B", "         END",
                     "         REPRO"}) ==
          "t.asm:2:16: error: expected the card in apostrophes, found 'X'\n"
          "t.asm:3:19: error: expected the end of the operand behind the apostrophe\n");
    CHECK(errors_of({"T        CSECT", "         REPRO"}).find("there is no card behind REPRO") !=
          std::string::npos);
}

TEST_CASE("messages about a member name its file and line") {
    const Library library;
    library.put("BAD.mac", {"         MACRO", "         BAD   1WRONG", "         MEND"});
    library.put("OPEN.mac", {"         MACRO", "         OPEN  &A", "         LR    1,2"});
    library.put("OTHER.mac", {"         MACRO", "         ELSE  &A", "         MEND"});
    library.put("INNER.copy", {"         LR    &A,NOWHERE"});
    library.put("GOOD.mac", {"         MACRO", "         GOOD  &A", "         COPY  INNER",
                             "         LX    &A", "         MEND", "what follows does not matter"});
    library.put("DATA.copy", {"         DC    F'1'", "         DC    F'X'"});
    // Once, however often it is called.
    CHECK(library.messages_of({"T        CSECT", "         BAD", "         BAD", "         END"}) ==
          "BAD.mac:2:16: error: expected a variable symbol, such as &NAME\n");
    CHECK(library.messages_of({"T        CSECT", "         OPEN", "         END"}) ==
          "OPEN.mac:1:10: error: there is no MEND for this MACRO\n");
    CHECK(library.messages_of({"T        CSECT", "         OTHER", "         END"}) ==
          "OTHER.mac:2:10: error: the member OTHER defines a macro ELSE\n");
    CHECK(library.messages_of({"T        CSECT", "         GOOD  1", "         END"}) ==
          "INNER.copy:1:18: error: NOWHERE is not defined (in macro GOOD, called at t.asm:2)\n"
          "GOOD.mac:4:10: error: LX is not an instruction (in macro GOOD, called at t.asm:2)\n");
    CHECK(library.messages_of({"T        CSECT", "         COPY  DATA", "         END"}) ==
          "DATA.copy:2:18: error: expected a decimal number: digits, perhaps a sign, point or exponent\n");
    CHECK(library.messages_of({"T        CSECT", "X        EQU   1", "         COPY  TWICE", "         END"})
              .find("no member TWICE") != std::string::npos);
}

TEST_CASE("what is defined twice is told with the place of the first definition") {
    const Library library;
    library.put("DATA.copy", {"* Data", "FIELD    DS    F"});
    library.put("MAKE.mac", {"         MACRO", "         MAKE", "MADE     DS    F", "         MEND"});
    CHECK(library.messages_of({"T        CSECT", "         COPY  DATA", "         MAKE", "FIELD    DS    F",
                               "MADE     DS    F", "         END"}) ==
          "t.asm:4:1: error: FIELD is defined already, at DATA.copy:2\n"
          "t.asm:5:1: error: MADE is defined already, at MAKE.mac:3 (in macro MAKE, called at t.asm:3)\n");
}

TEST_CASE("a member that is not there is one error") {
    CHECK(
        errors_of({"T        CSECT", "         USING T,15", "         COPY  GONE", "         L     1,FIELD",
                   "         L     2,FIELD", "         MAC   X", "A        EQU   FIELD+1",
                   "         DC    A(OTHER)", "         LR    1", "         END"}) ==
        "t.asm:3:16: error: no member GONE to copy (looked for GONE, GONE.asm, GONE.copy, GONE.mac in .); 5 "
        "messages about names that it may define are left out\n"
        "t.asm:9:17: error: expected ',' and another operand, found the end of the operand\n");
    CHECK(
        errors_of({"T        CSECT", "         COPY  GONE", "         END"}) ==
        "t.asm:2:16: error: no member GONE to copy (looked for GONE, GONE.asm, GONE.copy, GONE.mac in .)\n");
}

TEST_CASE("a file of the name that is no macro does not hide one behind it") {
    const Library library;
    library.put("TEN.asm", {"TEN      CSECT", "         END"});
    library.put("TEN.mac",
                {"         MACRO", "         TEN   &A", "         DC    AL1(&A)", "         MEND"});
    const Result r = library.assemble({"X        CSECT", "         TEN   5", "         END"});
    CHECK(messages(r) == "");
    CHECK(hex(r.image) == "05");
}

TEST_CASE("an empty source is an error, as is one of comments") {
    CHECK(errors_of({}) == "t.asm: error: there is nothing to assemble in this file\n");
    CHECK(errors_of({"* NOTHING", "", ".*"}) == "t.asm: error: there is nothing to assemble in this file\n");
    CHECK(errors_of({"         END"}) == "");
}

TEST_CASE("a register where storage is meant is worth a warning") {
    CHECK(errors_of({"T        START 0", "R1       EQU   1", "R2       EQU   2", "FOUR     EQU   4",
                     "         LR    R1,R2", "         MVC   R1,R2", "         SLL   R1,R2",
                     "         SLL   R1,FOUR", "         L     R1,4", "         L     R1,0(R2)",
                     "         END"}) ==
          "t.asm:6:16: warning: R1 stands for a register elsewhere, but here it is storage at address 1: the "
          "content of a register is not meant\n"
          "t.asm:6:19: warning: R2 stands for a register elsewhere, but here it is storage at address 2: the "
          "content of a register is not meant\n"
          "t.asm:7:19: warning: R2 stands for a register elsewhere, but here it is the number 2: the content "
          "of "
          "a register is not meant\n");
    // With a base for absolute addresses it is storage that is meant.
    CHECK(errors_of({"T        START 0", "R1       EQU   1", "         LR    R1,R1", "         USING 0,R1",
                     "         L     R1,R1", "         END"}) == "");
}

TEST_CASE("text that is not UTF-8 is Latin-1, and has EBCDIC codes for its control characters") {
    CHECK(image_of({"T        CSECT", "         DC    C'\xE9\x85\x01'", "         END"}) == "511501");
    CHECK(image_of({"T        CSECT", "         DC    C'\xC3\xA9'", "         END"}) == "51");
    // One byte that is no UTF-8 tells about all of the file.
    CHECK(image_of({"T        CSECT", "         DC    C'\xC3\xA9'", "* \xFF", "         END"}) == "66B4");
}
