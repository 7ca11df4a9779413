// Machines that print, punch and read by way of the spool.
#include "tests/vmcp/spool/spool_guest.hpp"

namespace vmcp::test {
namespace {

/// A line printed, motion before and behind it, an overprint, a new form, FCB and all of a 1403.
SpoolGuest printing() {
    SpoolGuest guest;
    guest.io("00E", "8B", "").print("FIRST LINE").io("00E", "11", "TWO SPACES BEHIND");
    guest.io("00E", "01", "OVER").print("    PRINTED").io("00E", "1B", "").print("BELOW");
    guest.io("00E", "89", "ENDS THE FORM").print("ON THE NEXT");
    return guest;
}

TEST_CASE("what is printed by way of the spool is what would have been printed without one") {
    std::string printed[2];
    for (const bool spool : {false, true}) {
        SpoolScenario scenario;
        if (!spool) scenario.tables.clear();
        scenario.add("a", printing());
        const auto result = scenario.run();
        REQUIRE(ended_well(result, "a"));
        printed[spool] = machine(result, "a").output.printer;
        CHECK(result.spool.has_value() == spool);
        if (spool) {
            CHECK(result.spool->counts.closed == 1);
            CHECK(result.spool->counts.records == 9);
            CHECK(result.spool->counts.put_out == 1);
            CHECK(result.spool->files.empty());
            CHECK(result.spool->pages == 0);
            CHECK(count(result, Step::spool_record) == 9);
        }
        CHECK(count(result, Step::open_spool_file) == (spool ? 1 : 0));
        CHECK(count(result, Step::close_spool_file) == (spool ? 1 : 0));
    }
    CHECK(printed[0] == printed[1]);
    CHECK(printed[1].find("FIRST LINE\nTWO SPACES BEHIND\n\nOVER\r    PRINTED\n\n\n\nBELOW") == 0);
}

TEST_CASE("a guest that polls its devices finds the same with and without a spool") {
    SpoolScenario with, without;
    without.tables.clear();
    for (SpoolScenario* scenario : {&with, &without})
        scenario->add("a", SpoolGuest().punch("ONE").punch("TWO").type("TYPED"));
    const auto a = with.run(), b = without.run();
    CHECK(machine(a, "a").output.cards == machine(b, "a").output.cards);
    CHECK(machine(a, "a").output.cards.size() == 2);
    CHECK(console(a, "a") == console(b, "a"));
}

TEST_CASE("cards go from one machine to another, whose reader becomes ready") {
    SpoolScenario scenario;
    scenario.add("anna",
                 SpoolGuest().cp("SPOOL 00D TO BERT CLASS C").punch("ONE").punch("TWO").cp("CLOSE 00D"));
    scenario.add("bert", SpoolGuest().read().type("END"));
    const auto result = scenario.run();
    CHECK(ended_well(result, "anna"));
    CHECK(ended_well(result, "bert"));
    CHECK(console(result, "anna") == "PUN FILE 0001 TO bert COPY 001 NOHOLD\n");
    CHECK(console(result, "bert") ==
          "RDR FILE 0001 FROM anna COPY 001 NOHOLD\n"
          "ONE                                     \n"
          "TWO                                     \nEND\n");
    CHECK(machine(result, "anna").output.cards.empty());
    CHECK(result.spool->files.empty());
    CHECK(result.spool->counts.read == 1);
    CHECK(result.spool->pages == 0);
    // Opened and closed by the punch, then by the reader.
    CHECK(count(result, Step::open_spool_file) == 2);
    CHECK(count(result, Step::close_spool_file) == 2);
}

TEST_CASE("a printer's file can be read, too: its lines, but not the motion between them") {
    SpoolScenario scenario;
    scenario.add("a", SpoolGuest()
                          .cp("SPOOL PRT TO *")
                          .io("00E", "8B", "")
                          .print("LINE ONE")
                          .io("00E", "0B", "")
                          .print("LINE TWO")
                          .cp("CLOSE PRT")
                          .read());
    const auto result = scenario.run();
    CHECK(ended_well(result, "a"));
    const std::string said = console(result, "a");
    CHECK(said.find("LINE ONE   ") != std::string::npos);
    CHECK(said.find("LINE TWO   ") != std::string::npos);
    CHECK(machine(result, "a").output.printer.empty());
}

TEST_CASE("a reader takes files of its class that are not held, in the order of the queue") {
    SpoolScenario scenario;
    SpoolGuest guest;
    guest.cp("SPOOL PUN TO *");
    guest.punch("B ONE").cp("SPOOL PUN CLASS B CLOSE");
    guest.punch("A HELD").cp("SPOOL PUN CLASS A").cp("CLOSE PUN HOLD");
    guest.punch("A TWO").cp("CLOSE PUN");
    guest.cp("SPOOL RDR CLASS A").read().type("--").cp("SPOOL RDR CLASS *").read();
    scenario.add("a", guest);
    const auto result = scenario.run();
    CHECK(ended_well(result, "a"));
    const std::string said = console(result, "a");
    const size_t two = said.find("A TWO"), between = said.find("--"), one = said.find("B ONE");
    CHECK(two < between);
    CHECK(between < one);
    CHECK(one != std::string::npos);
    CHECK(said.find("A HELD") == std::string::npos);
    REQUIRE(result.spool->files.size() == 1);
    CHECK(result.spool->files[0].number == 2);
    CHECK(result.spool->files[0].hold);
}

TEST_CASE("a reader that holds keeps its files, and one that continues reads them as one") {
    SpoolScenario scenario;
    SpoolGuest guest;
    guest.cp("SPOOL PUN TO *").punch("ONE").cp("CLOSE PUN").punch("TWO").cp("CLOSE PUN");
    guest.cp("SPOOL RDR CONT HOLD").read().type("END").cp("QUERY RDR");
    scenario.add("a", guest);
    const auto result = scenario.run();
    CHECK(ended_well(result, "a"));
    const std::string said = console(result, "a");
    CHECK(said.find(
              "ONE                                     \nTWO                                     \nEND\n") !=
          std::string::npos);
    CHECK(said.find("a        0001 A PUN 0000001 001 USER\na        0002 A PUN 0000001 001 USER\n") !=
          std::string::npos);
    CHECK(result.spool->files.size() == 2);
}

TEST_CASE("CLOSE READER purges what was read in part, and keeps it with HOLD") {
    for (const bool hold : {false, true}) {
        SpoolScenario scenario;
        SpoolGuest guest;
        guest.cp("SPOOL PUN TO *").punch("ONE").punch("TWO").cp("CLOSE PUN");
        guest.io("00C", "02", std::string(40, '-'))
            .cp(hold ? "CLOSE RDR HOLD" : "CLOSE RDR")
            .cp("QUERY FILES");
        scenario.add("a", guest);
        const auto result = scenario.run();
        CHECK(ended_well(result, "a"));
        CHECK(console(result, "a")
                  .find(hold ? "FILES: 001 RDR, NO PRT, NO PUN" : "FILES: NO RDR, NO PRT, NO PUN") !=
              std::string::npos);
    }
}

TEST_CASE("copies are printed as often, each on a form of its own; what is held is not printed") {
    SpoolScenario scenario;
    SpoolGuest guest;
    guest.cp("SPOOL PRT COPY 2").print("TWICE").cp("CLOSE PRT").cp("SPOOL PRT COPY 1 HOLD").print("NEVER");
    scenario.add("a", guest);
    const auto result = scenario.run();
    CHECK(machine(result, "a").output.printer == "TWICE\n\fTWICE\n");
    CHECK(console(result, "a") == "PRT FILE 0001 FOR a COPY 002 NOHOLD\nPRT FILE 0002 FOR a COPY 001 HOLD\n");
    REQUIRE(result.spool->files.size() == 1);
    CHECK(result.spool->files[0].queue == SpoolQueue::printer);
}

TEST_CASE("NOCONT and CONT: CLOSE of a continuous punch closes nothing") {
    SpoolScenario scenario;
    scenario.add("a", SpoolGuest()
                          .cp("SPOOL PUN CONT TO *")
                          .punch("ONE")
                          .cp("CLOSE PUN")
                          .punch("TWO")
                          .cp("SPOOL PUN NOCONT CLOSE")
                          .cp("QUERY RDR"));
    const auto result = scenario.run();
    CHECK(console(result, "a").find("a        0001 A PUN 0000002 001 NONE") != std::string::npos);
}

TEST_CASE("the console is spooled from START to STOP, what the control program says on it included") {
    SpoolScenario scenario;
    scenario.add("a", SpoolGuest()
                          .type("BEFORE")
                          .cp("SPOOL CONSOLE START TO *")
                          .type("WITHIN")
                          .cp("QUERY USERID")
                          .cp("SPOOL CONSOLE STOP")
                          .type("BEHIND")
                          .cp("CLOSE CONSOLE NAME NOTES LISTING")
                          .cp("QUERY RDR ALL"));
    const auto result = scenario.run();
    CHECK(ended_well(result, "a"));
    CHECK(console(result, "a")
              .find("a        0001 T CON 0000002 001 NONE 01/01 00:00:00 NOTES    LISTING  STANDARD") !=
          std::string::npos);
}

TEST_CASE("a full spool makes the writer wait: intervention required, until there is room") {
    SpoolScenario scenario;
    scenario.tables = "[spool]\ncapacity = 1\n";
    // Without end of file it finds no room for a second file, while the first one waits in the reader.
    SpoolGuest writer;
    writer.cp("SPOOL PUN TO BERT").punch("ONE").cp("CLOSE PUN").punch("TWO", true).cp("CLOSE PUN");
    scenario.add("anna", writer);
    scenario.add("bert", SpoolGuest().sleep(2).read().read());
    const auto result = scenario.run();
    CHECK(ended_well(result, "anna"));
    CHECK(ended_well(result, "bert"));
    CHECK(console(result, "anna").find("SYSTEM SPOOL SPACE FULL - PUN 00D NOT READY") != std::string::npos);
    CHECK(console(result, "bert").find("TWO") != std::string::npos);
    CHECK(result.spool->counts.full == 1);
    CHECK(result.spool->counts.most_pages <= 1);
}

TEST_CASE("a machine that punches without end fills the spool and no more") {
    SpoolScenario scenario;
    scenario.tables = "[spool]\ncapacity = 3\n[run]\ntime_limit_ms = 5000\n";
    scenario.add("a", SpoolGuest());
    tests::put(scenario.folder / "a.asm", R"(G        START 0
         DC    A(0,BEGIN)
         ORG   G+X'200'
BEGIN    BALR  12,0
         USING *,12
         MVC   X'48'(4),=A(PROGRAM)
         SIO   X'00D'
         LPSW  WAITING
WAITING  DC    0D'0',X'0202000000000000'
PROGRAM  CCW   X'01',LINE,X'60',80
         CCW   8,PROGRAM,0,1
LINE     DC    CL80'FOR EVER'
         LTORG
         END   BEGIN
)");
    const auto result = scenario.run();
    CHECK(result.spool->counts.most_pages == 3);
    CHECK(result.spool->counts.full == 1);
    CHECK(result.spool->counts.records > 130);
    CHECK(console(result, "a").find("SYSTEM SPOOL SPACE FULL - PUN 00D NOT READY\n") == 0);
    CHECK(result.end < 6 * simulation::kSecond);
}

TEST_CASE("what is printed is bounded: the file that does not fit any more is held") {
    SpoolScenario scenario;
    scenario.add("a", SpoolGuest().print("ONE LINE").print("ANOTHER").print("A THIRD").cp("CLOSE PRT"));
    experiment::Scenario read = scenario.read();
    read.vms[0].most_output = 12;
    const auto result = experiment::run(read);
    CHECK(machine(result, "a").output.printer == "ONE LINE\nANOTHER");
    REQUIRE(result.spool->files.size() == 1);
    CHECK(result.spool->files[0].hold);
}

TEST_CASE("a machine is loaded from what a former run has left in its reader") {
    SpoolScenario scenario;
    {
        // The PSW of the end, and a no-operation in the place of further reads.
        std::vector<uint8_t> card = {0x00, 0x02, 0, 0, 0, 0, 0, 0, 0x03, 0, 0, 0, 0x20, 0, 0, 1};
        card.resize(80, 0x40);
        SpoolFile file;
        file.number = 17;
        file.origin = SpoolOrigin::punch;
        file.queue = SpoolQueue::reader;
        file.device = "3525";
        file.from = "nobody";
        file.owner = "b";
        file.records.append(0x01, card);
        SpoolFolder(scenario.folder / "spool", SpoolFolder::Use::change).put(file);
    }
    const std::string text =
        "[spool]\nfolder = \"spool\"\n[[vm]]\nname = \"b\"\nstorage = \"64K\"\nipl = \"00C\"\n";
    const auto result = experiment::run(experiment::parse_scenario(text, scenario.folder / "s.toml"));
    CHECK(ended_well(result, "b"));
    CHECK(result.spool->counts.read == 1);
    // It was not told that the cards are at their end, so it has them still.
    CHECK(result.spool->files.size() == 1);
}

TEST_CASE("a machine that logs off closes its files, and finds what has come meanwhile when it logs on") {
    SpoolScenario scenario;
    scenario.add("anna", SpoolGuest().cp("SPOOL PUN TO BERT").punch("ONE").stays());
    scenario.add("bert", SpoolGuest().read().type("END"));
    const experiment::Scenario read = scenario.read();
    experiment::VirtualSession session(read);
    session.start();
    session.advance(simulation::kSecond);
    session.act("bert", experiment::action::LogOff{});
    CHECK(session.result().spool->files.empty());
    session.act("anna", experiment::action::LogOff{});
    CHECK(session.result().spool->files.size() == 1);
    session.act("bert", experiment::action::LogOn{read.vms[1]});
    session.advance(simulation::kNever);
    session.finish();
    const experiment::RunResult result = session.result();
    CHECK(result.spool->files.empty());
    REQUIRE(result.vms.size() == 3);
    CHECK(result.vms[2].output.console.size() == 2);
    CHECK(result.accounted() == result.end);
}

TEST_CASE("equal runs are equal to the byte, and nothing is known of a spool that is not there") {
    SpoolScenario scenario;
    scenario.add("anna", SpoolGuest().cp("SPOOL 00D TO BERT").punch("ONE").cp("CLOSE 00D"));
    scenario.add("bert", SpoolGuest().read());
    const auto a = scenario.run(), b = scenario.run();
    CHECK(a.end == b.end);
    CHECK(console(a, "bert") == console(b, "bert"));
    SpoolScenario none;
    none.tables.clear();
    none.add("a", SpoolGuest().cp("SPOOL PRT CLASS B").cp("QUERY FILES"));
    const auto result = none.run();
    CHECK(console(result, "a") == "DMKCFC001E ?CP: SPOOL\nDMKCQG003E INVALID OPTION - FILES\n");
}

}  // namespace
}  // namespace vmcp::test
