// vmcp run --spool and vmcp spool as users run them: files that stay, one run at a time, damage told.
#include "tests/cli/shell.hpp"

namespace {

/// Punches cards with DIAGNOSE X'08' for a machine that is not there, prints a line, and ends.
void write_scenario(const Shell& shell) {
    shell.write("punch.asm",
                "P        START 0\n"
                "         DC    A(0,BEGIN)\n"
                "         ORG   P+X'200'\n"
                "BEGIN    BALR  12,0\n"
                "         USING *,12\n"
                "         LA    2,SPOOL\n"
                "         LA    3,L'SPOOL\n"
                "         DIAG  2,3,X'08'\n"
                "         MVC   X'48'(4),=A(PUNCH)\n"
                "         SIO   X'00D'\n"
                "W1       TIO   X'00D'\n"
                "         BC    7,W1\n"
                "         MVC   X'48'(4),=A(PRINT)\n"
                "         SIO   X'00E'\n"
                "W2       TIO   X'00E'\n"
                "         BC    7,W2\n"
                "         LPSW  DONE\n"
                "DONE     DC    0D'0',X'0002000000000000'\n"
                "PUNCH    CCW   X'41',CARD,X'60',80\n"
                "         CCW   X'41',CARD+80,X'20',80\n"
                "PRINT    CCW   X'8B',LINE,X'60',1\n"
                "         CCW   X'09',LINE,X'20',L'LINE\n"
                "SPOOL    DC    C'SPOOL PUN TO *'\n"
                "LINE     DC    C'A LINE'\n"
                "CARD     DC    CL80'CARD ONE',CL80'CARD TWO'\n"
                "         LTORG\n"
                "         END   BEGIN\n");
    shell.write("s.toml", "[[vm]]\nname = \"anna\"\nstorage = \"64K\"\nguest = \"punch.asm\"\n");
    shell.write("drained.toml", "[spool]\nfolder = \"spool\"\ndrain = true\n" + shell.read("s.toml"));
}

}  // namespace

TEST_CASE("spool files stay from run to run, and numbers go on") {
    const Shell shell;
    write_scenario(shell);
    const auto first = shell.vmcp("run s.toml --spool spool");
    CHECK(first.code == 0);
    CHECK(first.output.find("PUN FILE 0001 TO anna COPY 001 NOHOLD") != std::string::npos);
    CHECK(first.output.find("0001 PUN") != std::string::npos);
    CHECK(shell.vmcp("run s.toml --spool spool --quiet").code == 0);
    const auto list = shell.vmcp("spool list spool");
    CHECK(list.code == 0);
    CHECK(list.output.find("0001 PUN anna  RDR") != std::string::npos);
    CHECK(list.output.find("0003 PUN anna  RDR") != std::string::npos);
    CHECK(list.output.find("2 files, 4 records, 2 pages") != std::string::npos);
    CHECK(shell.vmcp("spool show spool 1").output == "CARD ONE\nCARD TWO\n");
    CHECK(shell.vmcp("spool show spool 2")
              .output.find("vmcp: error: spool spool: there is no spool file 0002") == 0);
    CHECK(shell.vmcp("spool purge spool 1 2").code == 1);
    CHECK(shell.vmcp("spool purge spool").code == 1);
    CHECK(shell.vmcp("spool purge spool 1").output == "1 file purged\n");
    CHECK_FALSE(shell.exists("spool/0001.spool"));
    CHECK(shell.vmcp("spool purge spool --all").output == "1 file purged\n");
    CHECK(shell.vmcp("spool list spool").output == "0 files, 0 records, 0 pages\n");
}

TEST_CASE("what is drained is printed by a later run, and shown before that") {
    const Shell shell;
    write_scenario(shell);
    CHECK(shell.vmcp("run drained.toml --output-dir out --quiet").code == 0);
    CHECK_FALSE(shell.exists("out/anna.printer.txt"));
    CHECK(shell.vmcp("spool show spool 2").output == "A LINE\n");
    CHECK(shell.vmcp("spool show spool 2 --records").output == "8B  \n09  A LINE\n");
    CHECK(shell.vmcp("run s.toml --spool spool --output-dir out --quiet").code == 0);
    CHECK(shell.read("out/anna.printer.txt") == "A LINE\n\fA LINE\n");
}

TEST_CASE("compare and sweep leave the folder as it is") {
    const Shell shell;
    write_scenario(shell);
    CHECK(shell.vmcp("run drained.toml --quiet").code == 0);
    const std::string before = shell.vmcp("spool list spool").output + shell.read("spool/spool.json");
    // Natively a DIAGNOSE ends the guest badly.
    CHECK(shell.vmcp("compare drained.toml").output.find("error") == std::string::npos);
    CHECK(shell.vmcp("diff-trace drained.toml --vm anna").output.find("error") == std::string::npos);
    CHECK(shell.vmcp("spool list spool").output + shell.read("spool/spool.json") == before);
    CHECK_FALSE(shell.exists("spool/0003.spool"));
}

TEST_CASE("damage is told in a line, and the rest is used") {
    const Shell shell;
    write_scenario(shell);
    CHECK(shell.vmcp("run drained.toml --quiet").code == 0);
    shell.write("spool/0001.spool", "not any more\n");
    const auto list = shell.vmcp("spool list spool");
    CHECK(list.code == 1);
    CHECK(list.output.find("vmcp: spool/0001.spool: is no spool file; it is left alone\n") !=
          std::string::npos);
    CHECK(list.output.find("1 file, 2 records, 1 page\n") != std::string::npos);
    const auto run = shell.vmcp("run drained.toml --quiet");
    CHECK(run.code == 0);
    CHECK(run.output == "vmcp: spool/0001.spool: is no spool file; it is left alone\n");
    CHECK(shell.read("spool/0001.spool") == "not any more\n");
}

TEST_CASE("a folder that is none, or a scenario that says nonsense, is told in a line") {
    const Shell shell;
    write_scenario(shell);
    CHECK(shell.vmcp("spool list nowhere").output ==
          "vmcp: error: spool nowhere: cannot be used: No such file or directory\n");
    CHECK(shell.vmcp("run s.toml --spool s.toml").output ==
          "vmcp: error: spool s.toml: cannot be used: Not a directory\n");
    CHECK(shell.vmcp("run s.toml --spool no/where").code == 1);
    shell.write("bad.toml", "[spool]\ncapacity = 0\n" + shell.read("s.toml"));
    CHECK(shell.vmcp("run bad.toml").output.find("vmcp: error: bad.toml:2:12: ") == 0);
    shell.write("bad.toml", "[spool]\nroom = 5\n" + shell.read("s.toml"));
    CHECK(shell.vmcp("run bad.toml").code == 1);
}
