// vmcp image as users run it.
#include "simulation/images/ckd_image.hpp"
#include "tests/cli/shell.hpp"

TEST_CASE("image: a disk is made, listed, converted to and fro, checked and dumped") {
    const Shell shell;
    CHECK(shell.vmcp("image create work.ckd 2314 --volume WORK01").code == 0);
    const auto list = shell.vmcp("image list work.ckd --tracks");
    CHECK(list.code == 0);
    CHECK(list.output.find("work.ckd: CKD_P370, 2314, 200 cylinders of 20 tracks\n"
                           "volume WORK01, owner '', VTOC at 0:1\n"
                           "VTOC 0:1 to 0:19, 0 data sets\n") == 0);
    CHECK(list.output.find("0:0             3  4+24 4+144 4+80\n") != std::string::npos);
    for (const char* format : {"zlib", "bzip2", "none"}) {
        CAPTURE(format);
        CHECK(shell.vmcp(fmt::format("image convert work.ckd small.{} --format {}", format, format)).code ==
              0);
        CHECK(shell.vmcp(fmt::format("image convert small.{} back.{} --format plain", format, format)).code ==
              0);
        CHECK(shell.read(fmt::format("back.{}", format)) == shell.read("work.ckd"));
        CHECK(shell.vmcp(fmt::format("image check small.{}", format)).output ==
              fmt::format("small.{}: good: 4,000 tracks, 4,459 records\n", format));
    }
    const auto dump = shell.vmcp("image dump work.ckd");
    CHECK(dump.output.find("record 3: ID 0000 0000 03, key 4, data 80\n") != std::string::npos);
    CHECK(dump.output.find("*VOL1WORK01.") != std::string::npos);
    for (const auto& file : std::filesystem::directory_iterator(shell.path()))
        CHECK(file.path().string().find(".part") == std::string::npos);
}

TEST_CASE("image: what cannot be done is said in one line, and leaves nothing behind") {
    const Shell shell;
    const auto fails = [&](const std::string& arguments, const std::string& message) {
        const auto outcome = shell.vmcp(arguments);
        CHECK(outcome.code == 1);
        CHECK(outcome.output == message);
    };
    CHECK(shell.vmcp("image create a.ckd 2311 --cylinders 3").code == 0);
    fails("image create a.ckd 2311",
          "vmcp: error: a.ckd: exists already: expected another name, or --force\n");
    fails("image create b.ckd 3380",
          "vmcp: error: type 3380: expected one of 2311, 2314, 3330-1, 3330-11, 3340-35, 3340-70, 3350, "
          "3370, tape\n");
    fails("image create b.ckd 2311 --cylinders 300",
          "vmcp: error: --cylinders 300: a 2311 has at most 203\n");
    fails("image create b.ckd 2311 --blocks 9", "vmcp: error: --blocks 9: expected with a 3370 only\n");
    fails("image create b.img 3370 --cylinders 9",
          "vmcp: error: --cylinders: expected with a count-key-data disk only\n");
    fails("image list nothing", "vmcp: error: nothing: cannot be opened: No such file or directory\n");
    fails("image dump a.ckd --track 9:1",
          "vmcp: error: --track 9:1: expected CYLINDER:HEAD, decimal, up to 2:9\n");
    std::string bytes = shell.read("a.ckd");
    bytes[512 + 4 * 4096 + 4] = 'x';
    shell.write("bad.ckd", bytes);
    const auto check = shell.vmcp("image check bad.ckd");
    CHECK(check.code == 1);
    CHECK(check.output ==
          "bad.ckd: offset 16896 (X'4200'): cylinder 0 head 4 is damaged: the home address says "
          "cylinder 0 head 120: expected cylinder 0 head 4\n"
          "vmcp: error: bad.ckd: 1 damaged track\n");
    shell.write("text", "Only some text.\n");
    CHECK(shell.vmcp("image convert text b.het").code == 1);
    CHECK_FALSE(shell.exists("b.het"));
    for (const auto& file : std::filesystem::directory_iterator(shell.path()))
        CHECK(file.path().string().find(".part") == std::string::npos);
}

TEST_CASE("image: --force replaces an image that nobody uses, and nothing else") {
    const Shell shell;
    CHECK(shell.vmcp("image create a.ckd 2311 --cylinders 3").code == 0);
    shell.write("a.ckd.part", "mine\n");
    CHECK(shell.vmcp("image create a.ckd 2311 --cylinders 2 --force").code == 0);
    CHECK(shell.vmcp("image convert a.ckd b.cckd --force").code == 0);
    CHECK(shell.read("a.ckd.part") == "mine\n");
    CHECK(shell.vmcp("image convert a.ckd a.ckd --force").code == 1);
    {
        const auto user =
            simulation::images::open_ckd(shell.path() + "/a.ckd", simulation::images::Access::write);
        for (const char* command : {"create a.ckd tape", "convert b.cckd a.ckd"}) {
            const auto outcome = shell.vmcp(fmt::format("image {} --force", command));
            CHECK(outcome.code == 1);
            CHECK(outcome.output == "vmcp: error: a.ckd: is in use by another program or another device\n");
        }
    }
    std::filesystem::create_directory(shell.path() + "/folder");
    CHECK(shell.vmcp("image create folder tape --force").output ==
          "vmcp: error: folder: is not a regular file\n");
    CHECK(shell.vmcp("image convert a.ckd /dev/null --force").output ==
          "vmcp: error: /dev/null: is not a regular file\n");
}

TEST_CASE("image: a file that may not become longer is an error like a full disk") {
    const Shell shell;
    const auto outcome = tests::run_command(
        fmt::format("cd {} && ulimit -f 64; {} image create a.ckd 2311 2>&1", shell.path(), VMCP_BINARY));
    CHECK(outcome.code == 1);
    CHECK(outcome.output.find("cannot be written: File too large\n") != std::string::npos);
    CHECK(std::filesystem::is_empty(shell.path()));
}

TEST_CASE("image: tapes are made with a tape mark, or with a label") {
    const Shell shell;
    CHECK(shell.vmcp("image create one.aws tape").code == 0);
    CHECK(shell.read("one.aws") == std::string("\0\0\0\0\x40\0", 6));
    CHECK(shell.vmcp("image create two.het tape --format het --volume TAPE01").code == 0);
    const auto list = shell.vmcp("image list two.het");
    CHECK(list.output.find("file 1: 2 blocks, 160 bytes, blocks of 80\n  VOL1TAPE010\n  HDR10000") !=
          std::string::npos);
    CHECK(shell.vmcp("image convert two.het two.aws --format aws").code == 0);
    CHECK(shell.vmcp("image check two.aws").output == "two.aws: good: 2 blocks, 1 tape mark\n");
    CHECK(shell.vmcp("image dump two.aws --block 1").output.find("*VOL1TAPE010     *") != std::string::npos);
}

TEST_CASE("image: fixed-block disks, plain and compressed") {
    const Shell shell;
    CHECK(shell.vmcp("image create fixed.img 3370 --blocks 1000 --volume FIXED1").code == 0);
    CHECK(shell.read("fixed.img").size() == 512'000);
    CHECK(shell.vmcp("image list fixed.img").output ==
          "fixed.img: fixed-block disk, plain, 1,000 blocks of 512 bytes\nvolume FIXED1\n");
    for (const char* format : {"zlib", "bzip2", "none"}) {
        CAPTURE(format);
        CHECK(shell.vmcp(fmt::format("image convert fixed.img small.{} --format {}", format, format)).code ==
              0);
        CHECK(shell.vmcp(fmt::format("image list small.{}", format)).output.find("FBA_C370, 1,000 blocks") !=
              std::string::npos);
        CHECK(shell.vmcp(fmt::format("image check small.{}", format)).output ==
              fmt::format("small.{}: good: 1,000 blocks\n", format));
        CHECK(shell.vmcp(fmt::format("image convert small.{} back.{} --format plain", format, format)).code ==
              0);
        CHECK(shell.read(fmt::format("back.{}", format)) == shell.read("fixed.img"));
    }
    CHECK(shell.vmcp("image dump small.zlib --block 1").output.find("*VOL1FIXED1      *") !=
          std::string::npos);
    CHECK(shell.vmcp("image create a.img 3370 --blocks 600000").output ==
          "vmcp: error: --blocks 600000: a 3370 has at most 558000\n");
    std::string bytes = shell.read("small.zlib");
    bytes[512 + 512 + 4 + 2048 + 2] ^= 0x7F;  // in the header of the first group of blocks
    shell.write("bad.zlib", bytes);
    const auto check = shell.vmcp("image check bad.zlib");
    CHECK(check.code == 1);
    CHECK(check.output.find("bad.zlib: offset 3077 (X'C05'): block group 0: its header says another one\n") ==
          0);
}

TEST_CASE("image: defective tracks and records that overflow are shown") {
    const Shell shell;
    CHECK(shell.vmcp("image create a.ckd 2311 --cylinders 3").code == 0);
    std::string bytes = shell.read("a.ckd");
    const auto at = [&](unsigned track) { return 512u + track * 4096u; };
    // Track 0:4 is defective and has its alternate at 2:9; 0:5 has a record of no key and 3 bytes that goes
    // on.
    bytes[at(4)] = 0x02;
    bytes[at(4) + 6] = 2;
    bytes[at(4) + 8] = 9;
    bytes[at(29)] = 0x01;
    bytes[at(29) + 6] = 0;
    bytes[at(29) + 8] = 4;
    const std::string record("\x80\0\0\5\1\0\0\3abc\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 19);
    bytes.replace(at(5) + 21, record.size(), record);
    shell.write("a.ckd", bytes);
    for (const char* file : {"a.ckd", "a.cckd"}) {
        const auto list = shell.vmcp(fmt::format("image list {} --tracks", file));
        CHECK(list.output.find("0:4             0  defective, see 2:9\n"
                               "0:5             1  0+3>\n"
                               "2:9             0  alternate for 0:4\n") != std::string::npos);
        CHECK(shell.vmcp(fmt::format("image dump {} --track 0:4", file))
                  .output.find("home address: flags 02, defective\n") == 0);
        if (std::string(file) == "a.ckd") CHECK(shell.vmcp("image convert a.ckd a.cckd").code == 0);
    }
}

TEST_CASE("image: help has examples and fits on a screen of 80 columns") {
    const Shell shell;
    for (const char* command : {"", "create", "list", "convert", "check", "dump"}) {
        CAPTURE(command);
        const auto help = shell.vmcp(fmt::format("image {} --help", command));
        CHECK(help.code == 0);
        CHECK(help.output.find(fmt::format("  vmcp image {}", command)) != std::string::npos);
        std::istringstream lines(help.output);
        for (std::string line; std::getline(lines, line);) CHECK_MESSAGE(line.size() <= 80, line);
    }
}

TEST_CASE("image: progress is for terminals only") {
    const Shell shell;
    CHECK(shell.vmcp("image create a.ckd 2311 --cylinders 50").code == 0);
    CHECK(shell.vmcp("image convert a.ckd b.cckd").output.empty());
    CHECK(shell.vmcp("image check b.cckd").output == "b.cckd: good: 500 tracks, 500 records\n");
}

TEST_CASE("image: the disk of the examples is what its description makes, byte for byte") {
    const Shell shell;
    const std::string disks = VMCP_SOURCE_DIR "/examples/disks/";
    CHECK(shell.vmcp("image build demo.cckd " + disks + "demo.toml --format none").code == 0);
    CHECK(shell.read("demo.cckd") == tests::contents(disks + "demo.cckd"));
    CHECK(shell.vmcp("image check demo.cckd").code == 0);
    // Records of a minidisk are numbered by its own cylinders.
    const auto dump = shell.vmcp("image dump demo.cckd --track 5:18");
    CHECK(dump.output.find("record 1: ID 0001 0012 01, key 0, data 80\n") != std::string::npos);
    CHECK(dump.output.find("record 3: ID 0001 0012 03, key 0, data 0\n") != std::string::npos);
}

TEST_CASE("image: a description of a disk is at fault with its line, and nothing is left behind") {
    const Shell shell;
    shell.write("long.txt", "SHORT\nTOO LONG\n");
    const auto fails = [&](const std::string& text, const std::string& message) {
        shell.write("d.toml", text);
        const auto outcome = shell.vmcp("image build d.ckd d.toml");
        CHECK(outcome.code == 1);
        CHECK(outcome.output == "vmcp: error: " + message + "\n");
        CHECK_FALSE(shell.exists("d.ckd"));
    };
    const std::string disk = "type = \"2311\"\ncylinders = 3\n";
    fails("type = \"3370\"\n",
          "d.toml:1:8: unknown type \"3370\": expected a count-key-data disk, such as 3330");
    fails(disk + "[[text]]\ntrack = \"3:0\"\nfile = \"long.txt\"\n",
          "d.toml:4:9: \"3:0\": expected CYLINDER:HEAD, decimal, up to 2:9");
    fails(disk + "[[text]]\ntrack = \"0:0\"\nfile = \"none.txt\"\n", "d.toml:5:8: there is no file none.txt");
    fails(disk + "[[text]]\ntrack = \"0:0\"\nfile = \"long.txt\"\nrecord_length = 7\n",
          "long.txt:2: the line has 8 characters: expected at most 7, the length of a record");
    fails(disk + "[[record]]\ntrack = \"0:0\"\ndata = \"X'0'\"\n",
          "d.toml:5:8: \"X'0'\": expected text, behind pairs of hexadecimal digits such as \"X'0001 0A'\" if "
          "there are any");
    fails(disk + "[[minidisk]]\nfirst = 2\ncount = 2\n",
          "d.toml:5:9: \"count\" is 2: expected an integer from 1 to 1");
    CHECK(std::distance(std::filesystem::directory_iterator(shell.path()), {}) == 2);
}
