// CP commands about the spool: what they answer, and what is said of wrong ones.
#include "tests/vmcp/spool/spool_guest.hpp"

namespace vmcp::test {
namespace {

/// What a machine's console says when its user enters these commands.
std::string said(const std::vector<std::string>& commands, const std::string& tables = "[spool]\n") {
    SpoolScenario scenario;
    scenario.tables = tables;
    // Three files in the reader, and one that is held at the printer.
    scenario.add("a", SpoolGuest()
                          .cp("SPOOL PUN TO *")
                          .punch("ONE")
                          .cp("CLOSE PUN NAME FIRST DATA")
                          .punch("TWO")
                          .punch("TWO")
                          .cp("CLOSE 00D")
                          .cp("SPOOL PUN CLASS B")
                          .punch("THREE")
                          .cp("CLOSE PUN")
                          .cp("SPOOL PRT HOLD FORM BLUE")
                          .print("FOUR")
                          .cp("CLOSE PRT")
                          .stays());
    scenario.add("b", SpoolGuest().type("HELLO"));
    const experiment::Scenario read = scenario.read();
    experiment::VirtualSession session(read);
    session.start();
    session.advance(simulation::kNever);
    std::string before = console(session.result(), "a");
    for (const std::string& command : commands) session.act("a", experiment::action::CpCommand{command});
    session.finish();
    return console(session.result(), "a").substr(before.size());
}

TEST_CASE("QUERY lists queues, counts files, and shows devices") {
    CHECK(said({"QUERY FILES"}) == "FILES: 003 RDR, 001 PRT, NO PUN\n");
    CHECK(said({"q rdr"}) ==
          "ORIGINID FILE CLASS RECORDS CPY HOLD\n"
          "a        0001 A PUN 0000001 001 NONE\n"
          "a        0002 A PUN 0000002 001 NONE\n"
          "a        0003 B PUN 0000001 001 NONE\n");
    CHECK(said({"QUERY RDR CLASS B", "Q PUN", "Q RDR 1"}) ==
          "ORIGINID FILE CLASS RECORDS CPY HOLD\n"
          "a        0003 B PUN 0000001 001 NONE\n"
          "NO PUN FILES\n"
          "ORIGINID FILE CLASS RECORDS CPY HOLD DATE  TIME     NAME     TYPE     FORM\n"
          "a        0001 A PUN 0000001 001 NONE 01/01 00:00:00 FIRST    DATA     STANDARD\n");
    CHECK(said({"QUERY UR"}) ==
          "CONS 009 CL T NOCONT NOHOLD COPY 001 STOP\n"
          "     009 FOR a FORM STANDARD\n"
          "RDR  00C CL * NOCONT NOHOLD EOF READY\n"
          "PUN  00D CL B NOCONT NOHOLD COPY 001 READY\n"
          "     00D TO a FORM STANDARD\n"
          "PRT  00E CL A NOCONT HOLD COPY 001 READY\n"
          "     00E FOR a FORM BLUE\n");
}

TEST_CASE("PURGE, ORDER, CHANGE and TRANSFER work on files, by class, number or all") {
    CHECK(said({"PURGE RDR 2", "PURGE RDR CLASS B", "QUERY FILES"}) ==
          "0001 FILE  PURGED\n0001 FILE  PURGED\nFILES: 001 RDR, 001 PRT, NO PUN\n");
    CHECK(said({"PURGE ALL", "PURGE RDR ALL", "Q F"}) ==
          "0004 FILES PURGED\nNO FILES PURGED\nFILES: NO RDR, NO PRT, NO PUN\n");
    CHECK(said({"ORDER RDR CLASS B 2", "Q RDR"}) ==
          "0002 FILES ORDERED\n"
          "ORIGINID FILE CLASS RECORDS CPY HOLD\n"
          "a        0003 B PUN 0000001 001 NONE\n"
          "a        0002 A PUN 0000002 001 NONE\n"
          "a        0001 A PUN 0000001 001 NONE\n");
    CHECK(said({"CHANGE RDR ALL CLASS X HOLD COPY 3", "CH RDR 1 NAME N T", "Q RDR 1"}) ==
          "0003 FILES CHANGED\n0001 FILE  CHANGED\n"
          "ORIGINID FILE CLASS RECORDS CPY HOLD DATE  TIME     NAME     TYPE     FORM\n"
          "a        0001 X PUN 0000001 003 USER 01/01 00:00:00 N        T        STANDARD\n");
    CHECK(said({"TRANSFER RDR 1 2 TO B", "Q F"}) ==
          "0002 FILES TRANSFERRED\nFILES: 001 RDR, 001 PRT, NO PUN\n");
    CHECK(said({"TRANSFER CLASS A TO *", "TRANSFER PRT 4 TO *", "Q F"}) ==
          "0002 FILES TRANSFERRED\n"
          "RDR FILE 0001 FROM a COPY 001 NOHOLD\nRDR FILE 0002 FROM a COPY 001 NOHOLD\n"
          "0001 FILE  TRANSFERRED\nRDR FILE 0004 FROM a COPY 001 HOLD\n"
          "FILES: 004 RDR, NO PRT, NO PUN\n");
}

TEST_CASE("what CHANGE no longer holds is printed") {
    CHECK(said({"CHANGE PRT 4 NOHOLD", "Q PRT"}) == "0001 FILE  CHANGED\nNO PRT FILES\n");
    CHECK(said({"CHANGE PRT 4 NOHOLD", "Q F"}, "[spool]\ndrain = true\n") ==
          "0001 FILE  CHANGED\nFILES: 003 RDR, 001 PRT, NO PUN\n");
}

TEST_CASE("wrong commands are refused with VM/370's messages, and do nothing") {
    const std::pair<const char*, const char*> rows[] = {
        {"SPOOL", "DMKCSP022E VADDR MISSING OR INVALID"},
        {"SPOOL PRT", "DMKCSP026E OPERAND MISSING OR INVALID"},
        {"SPOOL 0ZZ CLASS A", "DMKCSP022E VADDR MISSING OR INVALID"},
        {"SPOOL 123 CLASS A", "DMKCSP040E DEVICE 123 DOES NOT EXIST"},
        {"SPOOL PRT CLASS *", "DMKCSP028E CLASS MISSING OR INVALID"},
        {"SPOOL PRT CLASS", "DMKCSP028E CLASS MISSING OR INVALID"},
        {"SPOOL PRT TO NOBODY", "DMKCSP053E NOBODY NOT IN CP DIRECTORY"},
        {"SPOOL PRT TO", "DMKCSP020E USERID MISSING OR INVALID"},
        {"SPOOL PRT COPY 100", "DMKCSP030E COPIES MISSING OR INVALID"},
        {"SPOOL PRT START", "DMKCSP003E INVALID OPTION - START"},
        {"SPOOL RDR TO B", "DMKCSP003E INVALID OPTION - TO"},
        {"SPOOL PRT FORM TOOLONGAFORM", "DMKCSP026E OPERAND MISSING OR INVALID"},
        {"CLOSE", "DMKCSP022E VADDR MISSING OR INVALID"},
        {"CLOSE RDR PURGE", "DMKCSP003E INVALID OPTION - PURGE"},
        {"CLOSE PRT NAME", "DMKCSP026E OPERAND MISSING OR INVALID"},
        {"PURGE", "DMKCSU035E DEVICE TYPE MISSING OR INVALID"},
        {"PURGE TAPE", "DMKCSU006E INVALID DEVICE TYPE - TAPE"},
        {"PURGE RDR", "DMKCSU027E SPOOLID MISSING OR INVALID"},
        {"PURGE RDR 9", "DMKCSU042E SPOOLID 0009 DOES NOT EXIST"},
        {"PURGE RDR 4", "DMKCSU042E SPOOLID 0004 DOES NOT EXIST"},
        {"PURGE RDR 1 9", "DMKCSU042E SPOOLID 0009 DOES NOT EXIST"},
        {"PURGE RDR 99999", "DMKCSU027E SPOOLID MISSING OR INVALID"},
        {"PURGE RDR ALL NOW", "DMKCSU003E INVALID OPTION - NOW"},
        {"CHANGE RDR 1", "DMKCSU026E OPERAND MISSING OR INVALID"},
        {"CHANGE RDR 1 CLASS A COLOUR", "DMKCSU003E INVALID OPTION - COLOUR"},
        {"ORDER RDR", "DMKCSU027E SPOOLID MISSING OR INVALID"},
        {"TRANSFER RDR 1", "DMKCSU026E OPERAND MISSING OR INVALID"},
        {"TRANSFER RDR 1 TO NOBODY", "DMKCSU053E NOBODY NOT IN CP DIRECTORY"},
        {"QUERY RDR SOME", "DMKCQG003E INVALID OPTION - SOME"},
        {"QUERY NOTHING", "DMKCQG003E INVALID OPTION - NOTHING"},
    };
    const std::string untouched = said({"Q RDR", "Q UR"});
    for (const auto& row : rows) {
        CAPTURE(row.first);
        CHECK(said({row.first, "Q RDR", "Q UR"}) == row.second + std::string("\n") + untouched);
    }
}

}  // namespace
}  // namespace vmcp::test
