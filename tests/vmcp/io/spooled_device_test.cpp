// What the control program is charged for I/O on spooled devices and the console: a spooled record is a path
// of its own, without a channel program for a real device.
#include <doctest/doctest.h>

#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/run.hpp"

namespace vmcp::experiment {
namespace {

/// A guest that starts the channel program at location `PROGRAM` on a device, waits for its end, and ends.
RunResult run_guest(const char* device, const std::string& program, const std::string& cards = "") {
    const tests::TemporaryFolder folder;
    tests::put(folder / "g.asm", std::string("G        START 0\n"
                                             "         DC    A(0,BEGIN)\n"
                                             "         ORG   G+72\n"
                                             "         DC    A(PROGRAM)\n"
                                             "         ORG   G+120\n"
                                             "         DC    A(0,BEGUN)\n"
                                             "         ORG   G+X'200'\n"
                                             "         USING G,0\n"
                                             "BEGIN    SIO   X'") +
                                     device +
                                     "'\n"
                                     "         BC    4,BEGIN\n"
                                     "WAIT     LPSW  IDLE\n"
                                     "BEGUN    TM    68,X'04'\n"
                                     "         BZ    WAIT\n"
                                     "         LPSW  DONE\n"
                                     "         DS    0D\n"
                                     "IDLE     DC    X'FE02000000000000'\n"
                                     "DONE     DC    X'0002000000000000'\n" +
                                     program +
                                     "TEXT     DC    CL80'SOME TEXT'\n"
                                     "INPUT    DS    CL80\n"
                                     "         END   BEGIN\n");
    tests::put(folder / "c.txt", cards);
    tests::put(folder / "s.toml",
               std::string("title = \"spool\"\n[machine]\nmodel = \"s370-158\"\n[control_program]\n"
                           "model = \"vm370\"\n[[vm]]\nname = \"a\"\nstorage = \"64K\"\n"
                           "guest = \"g.asm\"\n") +
                   (cards.empty() ? "" : "cards = \"c.txt\"\n"));
    RunResult result = run(read_scenario(folder / "s.toml"));
    REQUIRE(result.vms[0].stop == StopReason::disabled_wait);
    REQUIRE(result.vms[0].cpu.psw.address == 0);
    return result;
}

uint64_t count(const RunResult& result, Step step) {
    return result.steps.steps[static_cast<unsigned>(step)].count;
}

TEST_CASE("lines for a spooled printer cost a start and a record each") {
    const RunResult result = run_guest("00E",
                                       "PROGRAM  CCW   X'09',TEXT,X'60',80\n"
                                       "         CCW   X'09',TEXT,X'60',80\n"
                                       "         CCW   X'09',TEXT,X'20',80\n");
    CHECK(result.vms[0].output.printer == "SOME TEXT\nSOME TEXT\nSOME TEXT\n");
    CHECK(count(result, Step::start_spool) == 1);
    CHECK(count(result, Step::spool_record) == 3);
    CHECK(count(result, Step::start_io) == 0);
    CHECK(count(result, Step::translate_control_ccw) + count(result, Step::translate_data_ccw) == 0);
    CHECK(count(result, Step::end_io) == 0);
}

TEST_CASE("cards of a spooled reader are records that are moved, too") {
    const RunResult result = run_guest("00C",
                                       "PROGRAM  CCW   X'02',INPUT,X'60',80\n"
                                       "         CCW   X'02',INPUT,X'20',80\n",
                                       "ONE\nTWO\nTHREE\n");
    CHECK(count(result, Step::start_spool) == 1);  // the reader was ready before the machine was
    CHECK(count(result, Step::spool_record) == 2);
    CHECK(count(result, Step::end_io) == 0);
}

TEST_CASE("a line on the console is an I/O operation, whose channel program is not the guest's") {
    const RunResult result = run_guest("009", "PROGRAM  CCW   X'09',TEXT,X'20',9\n");
    CHECK(result.vms[0].output.console.size() == 1);
    CHECK(count(result, Step::start_io) == 1);
    CHECK(count(result, Step::console_line) == 1);
    CHECK(count(result, Step::end_io) == 1);
    CHECK(count(result, Step::translate_control_ccw) + count(result, Step::translate_data_ccw) == 0);
    CHECK(count(result, Step::start_spool) == 0);
}

}  // namespace
}  // namespace vmcp::experiment
