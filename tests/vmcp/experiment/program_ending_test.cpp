// What is said of programs that end as those of beginners do: a row is a mistake, the line that is named, and
// the cause. Each runs on the bare machine and as a guest, and the same is said of it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/report.hpp"
#include "vmcp/experiment/run.hpp"

using namespace vmcp;
using namespace vmcp::experiment;

namespace {

/// Six lines before what is written in a row: its first line is line 7.
constexpr const char* kBefore =
    "P        START 0\n         COPY  EQUATES\n         COPY  LOWCORE\n         ORG   LOWCORE+X'200'\n"
    "BEGIN    BALR  R12,0\n         USING *,R12\n";
constexpr const char* kBehind =
    "         LPSW  WELL\nWELL     DC    0D'0',X'00020000',A(0)\n         END   BEGIN\n";

struct Mistake {
    std::string name;
    std::vector<std::string> lines;
    EndingKind kind;
    unsigned line;  // of `at`; 0: none
    std::string hint;
    std::string text;  // of the ending, a part
};

std::string source_of(const std::vector<std::string>& lines) {
    std::string text = kBefore;
    for (const std::string& line : lines) text += line + "\n";
    return text + kBehind;
}

NativeResult natively(const std::string& file, uint64_t instructions = 300'000) {
    VmDescription vm;
    vm.guest = assemble_guest(file);
    vm.options.storage = 64 << 10;
    return NativeMachine(simulation::MachineModel::load("s370-158"), vm)
        .run({.instructions = instructions, .time = 5 * simulation::kSecond, .patience = kEndlessWait});
}

VmResult as_guest(const std::string& file) {
    const Scenario scenario = parse_scenario(
        fmt::format("[run]\ntime_limit_ms = 2000\n[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"{}\"\n",
                    file),
        "s.toml");
    RunResult result = run(scenario);
    if (!result.vms[0].ending.well)
        CHECK(report(scenario, result).find(result.vms[0].ending.text.substr(0, 20)) != std::string::npos);
    return result.vms[0];
}

std::string joined(const std::vector<std::string>& hints) {
    std::string text;
    for (const std::string& hint : hints) text += hint + "\n";
    return text;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void check(const Mistake& mistake, const Ending& ending, const std::string& file) {
    const std::string all = to_json(ending).dump(1);
    CAPTURE(all);
    CHECK(ending.text != "");
    CHECK_MESSAGE(has(ending.text, mistake.text), mistake.text);
    CHECK_MESSAGE(has(joined(ending.hints), mistake.hint), mistake.hint);
    if (mistake.line == 0) return;
    REQUIRE(ending.at.has_value());
    CHECK(ending.at->line == mistake.line);
    CHECK(ending.at->file == file);
}

const std::string kWait = "disabled wait DEAD68, the new PSW of a program interruption, code ";

const std::vector<Mistake>& mistakes() {
    using K = EndingKind;
    static const std::vector<Mistake> kAll = {
        {"a number that was not packed",
         {" AP    TOTAL,ITEM", " LPSW  WELL", "TOTAL DC PL3'0'", "ITEM DC C'123'"},
         K::disabled_wait,
         7,
         "(",
         kWait + "0007: data"},
        {"zoned digits",
         {" AP TOTAL,ITEM", "TOTAL DC PL3'0'", "ITEM DC C'123'"},
         K::disabled_wait,
         7,
         "holds F1F2F3, a number in zoned digits: PACK it before AP",
         "0007"},
        {"blanks",
         {" ZAP TOTAL,ITEM", "TOTAL DC PL3'0'", "ITEM DC C'   '"},
         K::disabled_wait,
         7,
         "nothing but blanks (404040)",
         "0007"},
        {"no sign",
         {" CVB R1,FIELD", "FIELD DC 0D'0',XL8'0102030405060708'"},
         K::disabled_wait,
         7,
         "its last digit is no sign",
         "0007"},
        {"the sum was never set",
         {" AP TOTAL,=P'1'", "TOTAL DS PL3"},
         K::disabled_wait,
         7,
         "holds 000000, which is no packed number",
         "0007"},
        {"division by zero",
         {" SR R2,R2", " LA R3,7", " D R2,ZERO", "ZERO DC F'0'"},
         K::disabled_wait,
         9,
         "the divisor is zero",
         "0009: fixed-point divide"},
        {"a dividend that was not extended",
         {" LA R2,5", " LA R3,7", " D R2,TWO", "TWO DC F'2'"},
         K::disabled_wait,
         9,
         "SRDA 2,32",
         "0009"},
        {"a decimal divisor of zero",
         {" DP A,B", "A DC PL8'5'", "B DC PL2'0'"},
         K::disabled_wait,
         7,
         "the divisor is zero",
         "000B: decimal divide"},
        {"a base register that was not loaded",
         {" DROP R12", " USING BEGIN,R11", " B NEXT", " LA 1,1", "NEXT LA 2,2"},
         K::disabled_wait,
         0,
         "USING says that register 11 holds 000200, and it holds 00000000",
         kWait},
        {"a base register that was changed",
         {" LA R12,4", " AP A,B", "A DC PL3'0'", "B DC PL2'1'"},
         K::disabled_wait,
         8,
         "USING says that register 12 holds 000202, and it holds 00000004",
         "0007"},
        {"data in the way",
         {" LA R1,5", "FIVE DC F'5'"},
         K::disabled_wait,
         8,
         "control ran into data: line 8 of ",
         "0001: operation"},
        {"an odd address",
         {" LA R1,X'301'", " BR R1"},
         K::disabled_wait,
         0,
         "branched to the odd address 000301",
         "0006: specification"},
        {"a branch by a register of zero",
         {" SR R1,R1", " BR R1"},
         K::disabled_wait,
         0,
         "control went to location 000000",
         "0001"},
        {"a branch into the blue",
         {" LA R1,X'900'", " BR R1"},
         K::disabled_wait,
         0,
         "control went to 000900, where no statement of the program is",
         "0001"},
        {"the middle of an instruction",
         {" B NEXT+2", "NEXT LA R1,10(0)"},
         K::disabled_wait,
         8,
         "into the middle of the instruction of line 8",
         "0001"},
        {"its own code stored over",
         {" MVC NEXT(4),=XL4'0'", "NEXT LA R1,1"},
         K::disabled_wait,
         8,
         "stored over its own instruction at ",
         "0001"},
        {"SVC without a supervisor",
         {" SVC 5"},
         K::disabled_wait,
         7,
         "SVC asks a supervisor",
         "disabled wait DEAD60, the new PSW of a supervisor-call interruption, number 5"},
        {"a privileged instruction in the problem state",
         {" LPSW PROBLEM", "PROBLEM DC 0D'0',X'00010000',A(NEXT)", "NEXT SSM PROBLEM"},
         K::disabled_wait,
         9,
         "SSM is for the supervisor state",
         "0002: privileged operation"},
        {"a key that does not fit",
         {" LPSW KEYED", "KEYED DC 0D'0',X'00100000',A(NEXT)", "NEXT ST R1,X'800'"},
         K::disabled_wait,
         9,
         "the PSW has the key 1",
         "0004: protection"},
        {"an address beyond storage",
         {" L R1,=X'00F00000'", " L R2,0(,R1)"},
         K::disabled_wait,
         8,
         "is at F00000, and storage ends at 00FFFF",
         "0005: addressing"},
        {"an odd register to multiply",
         {" M R3,=F'2'"},
         K::disabled_wait,
         7,
         "needs an even first register, not 3",
         "0006: specification"},
        {"an odd register to move",
         {" MVCL R2,R5"},
         K::disabled_wait,
         7,
         "needs an even second register, not 5",
         "0006"},
        {"a floating-point register that is none",
         {" ADR 1,2"},
         K::disabled_wait,
         7,
         "0, 2, 4 and 6",
         "0006"},
        {"no boundary",
         {" CS R1,R2,FIELD", "FIELD EQU *+1"},
         K::disabled_wait,
         7,
         "boundary of 4 bytes",
         "0006"},
        {"a PSW on no boundary", {" LPSW WELL+4"}, K::disabled_wait, 7, "boundary of 8 bytes", "0006"},
        {"a multiplier as long as the product",
         {" MP A,B", "A DC PL3'5'", "B DC PL3'2'"},
         K::disabled_wait,
         7,
         "shorter than the first",
         "0006"},
        {"EXECUTE of EXECUTE",
         {" EX R1,OTHER", " LPSW WELL", "OTHER EX R2,OTHER"},
         K::disabled_wait,
         7,
         "EX executes an EX",
         "0003: execute"},
        {"an instruction of a later machine",
         {" LHI R1,5"},
         K::disabled_wait,
         7,
         "LHI at 000202 is of facility gcc",
         "0001"},
        {"a wait that nothing ends, with an interruption pending",
         {" MVC CAW(4),=A(PGM)", " SIO CONSOLE", " L R3,=F'290000'", " BCT R3,*", " LPSW DEAF",
          "DEAF DC 0D'0',X'00020000',A(NEXT)", "PGM CCW WRITEACR,WELL,SLI,1", "NEXT LA R1,1"},
         K::disabled_wait,
         0,
         "an interruption of device 009 is pending",
         "which the program loaded"},
        {"a wait PSW that is to go on somewhere",
         {" LPSW DEAF", "DEAF DC 0D'0',X'00020000',A(NEXT)", "NEXT LA R1,1"},
         K::disabled_wait,
         0,
         "address is that of line 9, an instruction",
         "loaded from 000208 ("},
        {"an end that says that it is bad",
         {" LPSW BAD", "BAD DC 0D'0',X'00020000',A(X'BAD')"},
         K::disabled_wait,
         0,
         "",
         "disabled wait 000BAD, which the program loaded from 000208 ("},
        {"a wait for nothing",
         {" LPSW OPEN", "OPEN DC 0D'0',X'80020000',A(0)"},
         K::waiting,
         0,
         "no device is at work",
         "it waits for an interruption"},
        {"a branch to itself", {" B *"}, K::instruction_limit, 7, "leads to itself", "limit of "},
        {"LA in the place of LTR",
         {"LOOP LA R1,0(,R1)", " BZ LOOP"},
         K::instruction_limit,
         0,
         "sets the condition code that BE",
         "limit of "},
        {"a counter that begins anew",
         {"LOOP LA R3,5", " BCT R3,LOOP"},
         K::instruction_limit,
         0,
         "loads it anew each time",
         "limit of "},
        {"a counter of zero",
         {" SR R3,R3", "LOOP BCT R3,LOOP"},
         K::instruction_limit,
         8,
         "zero or negative when the loop began",
         "limit of "},
        {"no way out",
         {"LOOP LA R1,1(,R1)", " B LOOP"},
         K::instruction_limit,
         0,
         "has no way out",
         "limit of "},
        {"a return address lost",
         {" BAL R14,ONE", " LPSW WELL", "ONE BAL R14,TWO", " BR R14", "TWO BR R14"},
         K::instruction_limit,
         10,
         "register 14 leads back to this same branch",
         "limit of "},
        {"the timer let in",
         {" SSM ALL", " B *", "ALL DC X'01'"},
         K::disabled_wait,
         8,
         "let external interruptions in",
         "disabled wait DEAD58"},
        {"a channel let in",
         {" MVC CAW(4),=A(PGM)", " SIO CONSOLE", " SSM ALL", " B *", "ALL DC X'FE'",
          "PGM CCW WRITEACR,WELL,SLI,1"},
         K::disabled_wait,
         0,
         "device 009 has ended",
         "disabled wait DEAD78"},
    };
    return kAll;
}

}  // namespace

TEST_CASE("forty mistakes: each names its line and its cause, natively and as a guest") {
    const tests::TemporaryFolder folder;
    CHECK(mistakes().size() == 40);
    for (const Mistake& mistake : mistakes()) {
        CAPTURE(mistake.name);
        const std::string file = folder / "p.asm";
        tests::put(file, source_of(mistake.lines));
        const NativeResult native = natively(file);
        CHECK(native.ending.kind == mistake.kind);
        CHECK(native.ending.well == (mistake.kind == EndingKind::waiting));
        check(mistake, native.ending, file);
        const VmResult guest = as_guest(file);
        if (mistake.kind == EndingKind::instruction_limit) {
            CHECK(guest.ending.kind == EndingKind::time_limit);
        } else {
            CHECK(guest.ending.kind == mistake.kind);
        }
        check(mistake, guest.ending, file);
    }
}

TEST_CASE("a program that ends well has nothing to explain") {
    const tests::TemporaryFolder folder;
    const std::string file = folder / "p.asm";
    tests::put(file, source_of({" SR R1,R1"}));
    const Ending ending = natively(file).ending;
    CHECK(ending.well);
    CHECK(ending.text == "disabled wait 000000");
    CHECK(ending.hints.empty());
    CHECK(!ending.interruption);
    CHECK(as_guest(file).ending.well);
}

TEST_CASE("a check-stop tells of the interruption that began the string") {
    const tests::TemporaryFolder folder;
    const std::string file = folder / "p.asm";
    tests::put(file,
               "P        START X'200'\n         BALR  12,0\n         USING *,12\n         SR    2,2\n"
               "         D     2,ZERO\nZERO     DC    F'0'\n         END\n");
    for (const Ending& ending : {natively(file).ending, as_guest(file).ending}) {
        CAPTURE(to_json(ending).dump(1));
        CHECK(ending.kind == EndingKind::check_stop);
        CHECK(has(ending.text, "program interruption, code 0009: fixed-point divide at 000204"));
        REQUIRE(ending.at.has_value());
        CHECK(ending.at->line == 5);
        CHECK(has(joined(ending.hints), "the divisor is zero"));
        CHECK(has(joined(ending.hints), "location 068 holds zeros"));
    }
    // A program that lies where the hardware stores.
    tests::put(
        file,
        "P        START 0\n         DC    A(0,8)\n         LA    1,1\n         LA    2,2\n         END\n");
    CHECK(has(joined(natively(file).ending.hints), "a program should begin behind 200"));
}

TEST_CASE("a core image at the wrong place") {
    const tests::TemporaryFolder folder;
    tests::put(folder / "p.core",
               std::string("\x05\xC0\x1B\x11\x07\xFE\x47\xF0", 8) + std::string(100, '\0'));
    const auto run = [&](const std::string& at) {
        VmDescription vm;
        vm.guest = core_guest(folder / ("p.core" + at));
        vm.options.storage = 64 << 10;
        return NativeMachine(simulation::MachineModel::load("s370-158"), vm)
            .run({.instructions = 100'000})
            .ending;
    };
    CHECK(run("").kind == EndingKind::instruction_limit);
    CHECK(has(joined(run("").hints), "does not begin with a PSW"));
    CHECK(has(joined(run("@400").hints), "nothing was loaded at location 0"));
}
