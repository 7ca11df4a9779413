#include "vmcp/lab/lab.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "vmcp/lab/catalogue.hpp"
#include "vmcp/lab/trap_facts.hpp"

namespace vmcp::lab {
namespace {

using simulation::TomlReader;

constexpr int64_t kMostNumber = 99;
constexpr int64_t kMostPoints = 1000;
constexpr double kLongestCheck = 600;

/// A file's name that leads nowhere else.
void require_plain_name(const TomlReader& table, const char* key, const std::string& name) {
    if (name.empty() || name.find('/') != std::string::npos || name.front() == '.')
        table.fail(key, fmt::format("\"{}\": expected the name of a file, without a folder", name));
}

Text text_of(TomlReader& table, const char* key) {
    TomlReader texts = table.table(key);
    return read_text(texts);
}

Say read_say(TomlReader& table) {
    Say say;
    say.of = table.text_or("of", "");
    say.found = table.text_or("found", "");
    say.saw = table.text_or("saw", "");
    say.unseen = table.text_or("unseen", "");
    say.text = read_text(table);
    return say;
}

Question read_question(TomlReader& table) {
    Question question;
    question.key = table.text("key");
    question.instruction = table.text("trap");
    question.nth = static_cast<unsigned>(table.integer_or("nth", 1, 1'000'000, 1));
    question.fact = table.text("fact");
    const auto known = fact_names();
    if (std::find(known.begin(), known.end(), question.fact) == known.end())
        table.fail("fact", fmt::format("\"{}\": expected one of {}", question.fact, fmt::join(known, ", ")));
    table.finish();
    return question;
}

/// Where the check's own file is: it must be among those of the lab.
std::string file_of(TomlReader& table, const char* key, const LabFiles& files) {
    std::string file = table.text(key);
    if (!files.contains(file)) table.fail(key, fmt::format("\"{}\": the lab has no such file", file));
    return file;
}

Check read_check(TomlReader& table, const Lab& lab) {
    Check check;
    check.name = table.text("name");
    check.title = text_of(table, "title");
    check.points = static_cast<unsigned>(table.integer_or("points", 0, kMostPoints, 1));
    check.seconds = table.number_or("seconds", 0.1, kLongestCheck, check.seconds);
    check.after = table.text_or("after", "");
    const auto earlier = [&check](const Check& one) { return one.name == check.after; };
    if (!check.after.empty() && std::none_of(lab.checks.begin(), lab.checks.end(), earlier))
        table.fail("after", fmt::format("\"{}\": expected the name of an earlier check", check.after));
    if (table.has("command")) {
        check.kind = CheckKind::command;
        check.file = file_of(table, "command", lab.files);
    } else {
        check.file = file_of(table, "scenario", lab.files);
        check.most_instructions =
            static_cast<uint64_t>(table.integer_or("most_instructions", 1, int64_t{1} << 40, 20'000'000));
    }
    if (check.kind == CheckKind::scenario && table.has("answers")) {
        check.kind = CheckKind::answers;
        check.answers = table.text("answers");
        if (std::find(lab.hand_in.begin(), lab.hand_in.end(), check.answers) == lab.hand_in.end())
            table.fail("answers", fmt::format("\"{}\": expected a file that is handed in", check.answers));
        check.machine = table.text("machine");
        for (TomlReader& question : table.tables("question"))
            check.questions.push_back(read_question(question));
    } else if (check.kind == CheckKind::scenario) {
        check.native = table.boolean_or("native", false);
    }
    if (table.has("say"))
        for (TomlReader& say : table.tables("say")) check.says.push_back(read_say(say));
    table.finish();
    return check;
}

}  // namespace

Text read_text(TomlReader& table) {
    Text text{table.text("en"), table.text_or("ja", "")};
    table.finish();
    return text;
}

unsigned Lab::points() const {
    unsigned sum = 0;
    for (const Check& check : checks) sum += check.points;
    return sum;
}

Lab read_lab(LabFiles files, const std::string& where) {
    Lab lab;
    lab.files = std::move(files);
    const auto described = lab.files.find("lab.toml");
    if (described == lab.files.end()) throw simulation::TomlError(where + ": expected a lab.toml in it");
    TomlReader root = TomlReader::parse(described->second, where + "/lab.toml");
    lab.number = static_cast<unsigned>(root.integer("number", 1, kMostNumber));
    lab.name = root.text("name");
    lab.title = text_of(root, "title");
    lab.summary = text_of(root, "summary");
    lab.hand_in = root.texts("hand_in");
    if (lab.hand_in.empty()) root.fail("hand_in", "expected at least one file");
    for (const std::string& file : lab.hand_in) {
        require_plain_name(root, "hand_in", file);
        if (!lab.files.contains("starter/" + file))
            root.fail("hand_in", fmt::format("\"{}\": expected it in the folder starter", file));
    }
    if (root.has("tools")) lab.tools = root.texts("tools");
    for (const std::string& tool : lab.tools)
        if (tool_files(tool).empty())
            root.fail("tools", fmt::format("\"{}\": expected control-program or c", tool));
    if (root.has("hint"))
        for (TomlReader& hint : root.tables("hint")) lab.hints.push_back(read_text(hint));
    for (TomlReader& check : root.tables("check")) lab.checks.push_back(read_check(check, lab));
    root.finish();
    return lab;
}

}  // namespace vmcp::lab
