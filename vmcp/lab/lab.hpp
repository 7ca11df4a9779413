// A lab as its lab.toml describes it: what is handed in, how it is checked, and what is said of it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/lab/language.hpp"

namespace vmcp::lab {

/// What to say to a student where something is not as expected; the first one that fits is taken.
struct Say {
    std::string of;      // the expectation or question that it is about; empty: any
    std::string found;   // a part of what was found; empty: any
    std::string saw;     // a part of what was noted of the run (run_notes.hpp); empty: any
    std::string unseen;  // this is in nothing that was noted; empty: whatever
    Text text;
};

/// What a student predicts of a trap. `fact`: which one of trap_facts.hpp.
struct Question {
    std::string key;          // in the student's file: "table.key"
    std::string instruction;  // whose trap: a mnemonic, SVC, or "program 0005"
    unsigned nth = 1;
    std::string fact;
};

enum class CheckKind : uint8_t {
    scenario,  // runs one, and looks at its [[vm.expect]]
    answers,   // runs one, and compares the student's predictions with what happened
    command,   // runs a script with bash
};

struct Check {
    std::string name;
    Text title;  // what it looks for, as the end of "it looks whether ..."
    CheckKind kind = CheckKind::scenario;
    std::string file;     // scenario or script, by its place in the lab
    std::string answers;  // the student's file
    std::string machine;  // whose traps the answers are about
    std::string after;    // it makes no sense unless this earlier check was passed; may be empty
    bool native = false;  // each guest alone on the bare machine
    unsigned points = 1;
    double seconds = 30;                      // of host time that it may take
    uint64_t most_instructions = 20'000'000;  // that a guest may execute
    std::vector<Question> questions;
    std::vector<Say> says;
};

/// The files of a lab by their places in it: "lab.toml", "starter/hello.asm".
using LabFiles = std::map<std::string, std::string>;

struct Lab {
    unsigned number = 0;
    std::string name;
    Text title, summary;
    std::vector<std::string> hand_in;  // names of files
    std::vector<std::string> tools;    // folders that come to the workbench: "control-program", "c"
    std::vector<Text> hints;
    std::vector<Check> checks;
    LabFiles files;

    unsigned points() const;  // of all checks
};

/// Reads a lab from its files, which must have a lab.toml; `where` names it in messages. Throws
/// simulation::TomlError.
Lab read_lab(LabFiles files, const std::string& where);

}  // namespace vmcp::lab
