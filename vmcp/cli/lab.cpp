// vmcp lab: labs for students, with a verdict in words; and a class of submissions graded.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/text_table.hpp"
#include "vmcp/lab/catalogue.hpp"
#include "vmcp/lab/grade.hpp"
#include "vmcp/lab/judge.hpp"
#include "vmcp/lab/wide_text.hpp"
#include "vmcp/lab/workbench.hpp"

namespace vmcp::cli {
namespace {

namespace fs = std::filesystem;
using lab::Lab;
using lab::Language;

struct LabOptions {
    std::string labs, language, folder, json, csv, memory = "1G";
    unsigned number = 0, step = 1, at_once = 0;
    double seconds = 60;
    bool notes = false;
};

/// As asked for, or as the environment says.
Language language_of(const LabOptions& options) {
    if (!options.language.empty()) return options.language == "ja" ? Language::japanese : Language::english;
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
        if (const char* const value = std::getenv(name); value != nullptr && *value != '\0')
            return std::string_view(value).starts_with("ja") ? Language::japanese : Language::english;
    return Language::english;
}

Lab find_lab(const LabOptions& options) {
    std::vector<Lab> labs = lab::labs_in(options.labs);
    const auto found = std::find_if(labs.begin(), labs.end(),
                                    [&options](const Lab& one) { return one.number == options.number; });
    if (found == labs.end())
        throw InputError(fmt::format("there is no lab {}: vmcp lab list shows them", options.number));
    return std::move(*found);
}

std::string usual_folder(const Lab& lab) { return fmt::format("lab-{}", lab.number); }

/// How the commands that follow name the same labs and language.
std::string same_options(const LabOptions& options) {
    return (options.labs.empty() ? "" : " --labs " + options.labs) +
           (options.language.empty() ? "" : " --lang " + options.language);
}

void list(const LabOptions& options) {
    const Language language = language_of(options);
    const size_t width = report_width(stdout);
    const std::vector<Lab> labs = lab::labs_in(options.labs);
    if (labs.empty()) throw InputError(fmt::format("{}: there are no labs in it", options.labs));
    size_t titles = 0;
    for (const Lab& one : labs) titles = std::max(titles, lab::columns_of(one.title.in(language)));
    titles = std::min(titles, width / 2);
    const size_t behind = 4 + titles + 2;
    for (const Lab& one : labs) {
        const auto left = lab::wrap_wide(one.title.in(language), titles);
        const auto right = lab::wrap_wide(one.summary.in(language), width - behind);
        for (size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
            std::string line = (i == 0 ? fmt::format("{:>2}  ", one.number) : std::string(4, ' ')) +
                               lab::padded(i < left.size() ? left[i] : "", titles + 2) +
                               (i < right.size() ? right[i] : "");
            line.erase(line.find_last_not_of(' ') + 1);
            print("{}\n", line);
        }
    }
}

/// Writes a lab's file unless there is one of that name: a student's work is never overwritten.
void lay_down(const fs::path& path, const std::string& text, std::vector<std::string>& there) {
    if (fs::exists(fs::symlink_status(path)))
        there.push_back(path.string());
    else
        lab::write_lab_file(path, text);
}

std::string files_in(const fs::path& folder, const std::vector<std::string>& names) {
    std::vector<std::string> files;
    for (const std::string& name : names) files.push_back((folder / name).string());
    return fmt::format("{}", fmt::join(files, ", "));
}

void start(const LabOptions& options) {
    const Lab lab = find_lab(options);
    const Language language = language_of(options);
    const fs::path folder = options.folder.empty() ? usual_folder(lab) : options.folder;
    std::vector<std::string> there;
    for (const auto& [place, text] : lab.files) {
        if (place.starts_with("starter/")) lay_down(folder / place.substr(8), text, there);
        if (place.starts_with("checks/") || place.starts_with("handout"))
            lay_down(folder / place, text, there);
    }
    for (const std::string& file : there)
        put(stdout, lab::words(language, "{} is there already and stays as it is\n",
                               "{} は既にあるので、そのままにします\n", file));
    const std::string handout = language == Language::english || !lab.files.contains("handout.ja.md")
                                    ? "handout.md"
                                    : "handout.ja.md";
    put(stdout,
        lab::words(language,
                   "Lab {}: {}\n  read    {}\n  edit    {}\n  check   vmcp lab check {}{}\n  hint    vmcp "
                   "lab hint {}{}\n",
                   "課題 {}: {}\n  読む    {}\n  編集    {}\n  確認    vmcp lab check {}{}\n  ヒント  vmcp "
                   "lab hint {}{}\n",
                   lab.number, lab.title.in(language), (folder / handout).string(),
                   files_in(folder, lab.hand_in), lab.number,
                   (options.folder.empty() ? "" : " " + options.folder) + same_options(options), lab.number,
                   same_options(options)));
}

/// Where the student's files are: as told, here, or where `start` has put them.
fs::path submission_of(const LabOptions& options, const Lab& lab) {
    if (!options.folder.empty()) {
        if (!fs::is_directory(options.folder))
            throw InputError(fmt::format("{}: expected the folder of what is handed in", options.folder));
        return options.folder;
    }
    const bool here = std::all_of(lab.hand_in.begin(), lab.hand_in.end(),
                                  [](const std::string& file) { return fs::exists(file); });
    if (here || !fs::is_directory(usual_folder(lab))) return ".";
    return usual_folder(lab);
}

int exit_code_of(const lab::Verdict& verdict) {
    switch (verdict.outcome()) {
        case lab::Outcome::passed: return kDone;
        case lab::Outcome::cannot_judge: return kWrongUsage;
        default: return kInputAtFault;
    }
}

int check(const LabOptions& options) {
    const Language language = language_of(options);
    const Lab lab = find_lab(options);
    const lab::Verdict verdict = lab::judge(lab, submission_of(options, lab), language);
    if (!options.json.empty()) write_json(options.json, to_json(verdict, options.notes), false);
    if (options.json != "-") print("{}", report(verdict, language, report_width(stdout)));
    return exit_code_of(verdict);
}

/// The same; that a lab cannot be judged has an exit code of its own.
int checked(const LabOptions& options) {
    try {
        return check(options);
    } catch (const std::exception& error) {
        print_error("vmcp: error: {}\n", error.what());
        return kWrongUsage;
    }
}

void hint(const LabOptions& options) {
    const Lab lab = find_lab(options);
    const Language language = language_of(options);
    if (options.step > lab.hints.size())
        throw InputError(fmt::format("lab {} has {} hints", lab.number, lab.hints.size()));
    for (const std::string& line :
         lab::wrap_wide(lab.hints[options.step - 1].in(language), report_width(stdout)))
        print("{}\n", line);
    if (options.step < lab.hints.size())
        put(stdout, lab::words(language, "(hint {} of {}; the next one: vmcp lab hint {} {}{})\n",
                               "(ヒント {}/{}。次は vmcp lab hint {} {}{})\n", options.step, lab.hints.size(),
                               lab.number, options.step + 1, same_options(options)));
}

void show(const std::vector<lab::Grade>& grades) {
    using experiment::TextTable;
    TextTable table({"Submission", TextTable::Align::left},
                    {{"outcome", TextTable::Align::left}, {"points"}, {"checks"}});
    size_t passed = 0;
    for (const lab::Grade& one : grades) {
        passed += one.outcome == lab::Outcome::passed;
        table.row(one.submission,
                  {std::string(name_of(one.outcome)), fmt::format("{}/{}", one.points, one.of),
                   fmt::format("{}/{}", one.passed, one.checks)});
    }
    put(stdout, table.text(report_width(stdout)));
    print("{} of {} passed\n", passed, experiment::counted(grades.size(), "submission"));
}

void grade(const LabOptions& options) {
    check_outputs({{"--csv", options.csv}});
    if (!fs::is_directory(options.folder))
        throw InputError(fmt::format("{}: expected a folder of submissions", options.folder));
    lab::GradingOptions how;
    how.labs = options.labs;
    how.language = language_of(options);
    how.limits.seconds = options.seconds;
    how.limits.memory = parse_size(options.memory, uint64_t{1} << 50, "--memory");
    how.limits.output = 1 << 20;
    how.at_once = options.at_once != 0 ? options.at_once : std::max(1U, std::thread::hardware_concurrency());
    if (progress_wanted())
        how.progress = [](size_t done, size_t all) {
            show_progress(static_cast<double>(done) / static_cast<double>(all),
                          experiment::counted(done, "submission"));
        };
    if (!lab::can_restrict_files())
        print_error("vmcp: this kernel has no Landlock: what a submission may read is not restricted\n");
    const std::vector<lab::Grade> grades = lab::grade(find_lab(options), options.folder, how);
    if (how.progress) clear_progress();
    if (!options.csv.empty()) write_file(options.csv, to_csv(grades));
    if (options.csv != "-") show(grades);
}

/// What the teacher's tools have to say is said with an exit code of its own where no submission is at fault.
void graded(const LabOptions& options) {
    try {
        return grade(options);
    } catch (const InputError&) {
        throw;
    } catch (const experiment::OutputError&) {
        throw;
    } catch (const std::exception& error) {
        print_error("vmcp: error: {}\n", error.what());
    }
    throw CLI::RuntimeError(kWrongUsage);
}

void add_common(CLI::App& sub, LabOptions& o, bool numbered) {
    if (numbered) sub.add_option("N", o.number, "Number of the lab")->required()->check(whole_number(1, 99));
    sub.add_option("--labs", o.labs, "Labs of one's own: a folder with a folder for each")->type_name("DIR");
    sub.add_option("--lang", o.language, "Language of what is said (default: as LC_ALL or LANG)")
        ->check(CLI::IsMember({"en", "ja"}));
}

}  // namespace

void add_lab(CLI::App& app) {
    auto o = std::make_shared<LabOptions>();
    CLI::App* labs =
        app.add_subcommand("lab", "Labs for students: start one, check it, get a hint; and grade a class");
    labs->require_subcommand(1);

    CLI::App* sub = labs->add_subcommand("list", "List the labs");
    add_common(*sub, *o, false);
    sub->footer("Examples:\n  vmcp lab list\n  vmcp lab list --lang ja");
    sub->callback([o] { list(*o); });

    sub = labs->add_subcommand("start", "Put handout, starter and tests of a lab into a folder");
    add_common(*sub, *o, true);
    sub->add_option("DIR", o->folder, "The folder (default lab-N); what is there already stays");
    sub->footer("Examples:\n  vmcp lab start 1\n  vmcp lab start 1 my-guest");
    sub->callback([o] { start(*o); });

    sub = labs->add_subcommand("check", "Check what has been done, and say what is wrong");
    add_common(*sub, *o, true);
    sub->add_option("DIR", o->folder, "The folder (default: this one, or lab-N)");
    sub->add_option("--json", o->json, "Write the verdict as JSON to a file, or - for standard output")
        ->type_name("FILE");
    sub->add_flag("--notes", o->notes, "With what was noted of the runs, for who makes a lab (JSON)");
    sub->footer(
        "Exit codes: 0 all is right, 1 not yet, 2 wrong usage, or it cannot be judged\n"
        "here.\n"
        "Examples:\n"
        "  vmcp lab check 1\n"
        "  vmcp lab check 1 my-guest --json verdict.json");
    set_machine_command(*sub, [o] {
        if (const int code = checked(*o); code != kDone) throw CLI::RuntimeError(code);
    });

    sub = labs->add_subcommand("hint", "Give a hint; each further one says more");
    add_common(*sub, *o, true);
    sub->add_option("STEP", o->step, "Which one (default 1)")->check(whole_number(1, 99));
    sub->footer("Examples:\n  vmcp lab hint 1\n  vmcp lab hint 1 2");
    sub->callback([o] { hint(*o); });

    sub =
        labs->add_subcommand("grade", "Grade a class: each submission by a process of its own, with limits");
    add_common(*sub, *o, true);
    sub->add_option("DIR", o->folder,
                    "The folder of submissions: a folder each, or a file where one is handed in")
        ->required();
    sub->add_option("--csv", o->csv, "Write a line for each submission to a file, or - for standard output")
        ->type_name("FILE");
    sub->add_option("--jobs", o->at_once, "How many at once (default: as many as there are CPUs)")
        ->check(whole_number(1, 1024))
        ->type_name("N");
    sub->add_option("--seconds", o->seconds, "Host time of one submission; it is ended behind that")
        ->check(number(1, 3600))
        ->capture_default_str();
    sub->add_option("--memory", o->memory, "Address space of each of its processes")
        ->type_name("SIZE")
        ->capture_default_str();
    sub->footer(
        "Exit codes: 0 all were graded, 1 the input is at fault, 2 wrong usage, or the lab\n"
        "cannot be judged here.\n"
        "Examples:\n"
        "  vmcp lab grade 1 submissions\n"
        "  vmcp lab grade 1 submissions --csv grades.csv --jobs 4");
    set_machine_command(*sub, [o] { graded(*o); });

    labs->footer(
        "Examples:\n"
        "  vmcp lab list\n"
        "  vmcp lab start 1\n"
        "  vmcp lab check 1\n"
        "  vmcp lab hint 1\n"
        "  vmcp lab grade 1 submissions --csv grades.csv\n"
        "docs/labs.md says more, docs/labs-for-teachers.md how to make one.");
}

}  // namespace vmcp::cli
