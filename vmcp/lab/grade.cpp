#include "vmcp/lab/grade.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <thread>

#include "simulation/model/temporary_directory.hpp"
#include "vmcp/lab/workbench.hpp"

namespace vmcp::lab {
namespace {

namespace fs = std::filesystem;

/// What a terminal or a spreadsheet may show of what others have chosen.
std::string harmless(std::string_view text) {
    std::string shown;
    for (const char c : text) shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    return shown;
}

/// A child that checks what is in `submission`, as `vmcp lab check` does.
ProcessResult check(const Lab& lab, const fs::path& submission, const fs::path& work,
                    const GradingOptions& options) {
    std::vector<std::string> arguments{"lab",
                                       "check",
                                       std::to_string(lab.number),
                                       submission.string(),
                                       "--json",
                                       "-",
                                       "--lang",
                                       options.language == Language::japanese ? "ja" : "en"};
    Reach reach{{submission, own_program()}, {work}};
    if (!options.labs.empty()) {
        arguments.insert(arguments.end(), {"--labs", fs::absolute(options.labs).string()});
        reach.read.push_back(fs::absolute(options.labs));
    }
    const std::vector<std::string> environment{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8",
                                               "HOME=" + work.string(), "TMPDIR=" + work.string(),
                                               same_executor()};
    return run_limited({own_program(), arguments, work, environment, options.limits, reach, false});
}

std::optional<Verdict> verdict_in(const ProcessResult& result) {
    if (result.how != ProcessResult::How::ended) return std::nullopt;
    try {
        return verdict_of(nlohmann::ordered_json::parse(result.output));
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

std::string why_no_verdict(const ProcessResult& result, const GradingOptions& options) {
    const Language language = options.language;
    switch (result.how) {
        case ProcessResult::How::out_of_time:
            return words(language, "it was ended after {} seconds", "{} 秒で打ち切りました",
                         options.limits.seconds);
        case ProcessResult::How::out_of_output:
            return words(language, "there was too much to say of it", "出力が多すぎます");
        case ProcessResult::How::killed:
            return words(language, "judging it was ended by signal {}", "判定がシグナル {} で終わりました",
                         result.code);
        case ProcessResult::How::ended: break;
    }
    return words(language, "it could not be judged within {} MiB", "{} MiB の範囲では判定できませんでした",
                 options.limits.memory >> 20);
}

/// In a line: the words, and the first line of what they are about.
std::string first_reason(const Verdict& verdict) {
    for (const CheckVerdict& check : verdict.checks) {
        if (check.outcome == Outcome::passed || check.reasons.empty()) continue;
        const Reason& reason = check.reasons.front();
        const std::string detail = reason.detail.substr(0, reason.detail.find('\n'));
        if (reason.words.empty() || detail.empty())
            return fmt::format("{}: {}{}", check.name, reason.words, detail);
        return fmt::format("{}: {} ({})", check.name, reason.words, detail);
    }
    return "";
}

Grade grade_of(const Lab& lab, const ProcessResult& result, const GradingOptions& options) {
    Grade grade;
    grade.of = lab.points();
    grade.checks = static_cast<unsigned>(lab.checks.size());
    const std::optional<Verdict> verdict = verdict_in(result);
    if (!verdict) {
        grade.reason = why_no_verdict(result, options);
        return grade;
    }
    grade.outcome = verdict->outcome();
    grade.points = verdict->points();
    grade.passed = verdict->passed();
    grade.reason = harmless(first_reason(*verdict));
    return grade;
}

/// A single file as the folder that a check wants. Nothing: it is none that one would read.
std::optional<fs::path> folder_for(const Lab& lab, const fs::path& entry, const fs::path& work) {
    const fs::file_status status = fs::symlink_status(entry);
    if (fs::is_directory(status)) return fs::absolute(entry);
    if (!fs::is_regular_file(status) || lab.hand_in.size() != 1) return std::nullopt;
    const fs::path folder = work / "submission";
    try {
        write_lab_file(folder / lab.hand_in.front(), read_handed_in(entry));
    } catch (const HandedInError&) {
        // It goes on without a file, and is told so.
        fs::create_directories(folder);
    }
    return folder;
}

Grade grade_one(const Lab& lab, const fs::path& entry, const GradingOptions& options) {
    const simulation::TemporaryDirectory work("vmcp-grade");
    Grade grade;
    if (const auto folder = folder_for(lab, entry, work.path())) {
        grade = grade_of(lab, check(lab, *folder, work.path(), options), options);
    } else {
        grade.of = lab.points();
        grade.checks = static_cast<unsigned>(lab.checks.size());
        grade.reason =
            words(options.language, "expected a folder with {}, not a link or anything else",
                  "{} を入れたフォルダーではありません", fmt::format("{}", fmt::join(lab.hand_in, ", ")));
    }
    grade.submission = harmless(entry.filename().string());
    return grade;
}

void try_starter(const Lab& lab, const GradingOptions& options) {
    const simulation::TemporaryDirectory work("vmcp-grade");
    for (const std::string& file : lab.hand_in)
        write_lab_file(work.path() / "starter" / file, lab.files.at("starter/" + file));
    const ProcessResult result = check(lab, work.path() / "starter", work.path(), options);
    const std::optional<Verdict> verdict = verdict_in(result);
    if (verdict && verdict->outcome() != Outcome::cannot_judge) return;
    throw std::runtime_error(
        fmt::format("lab {} cannot be judged here: {}", lab.number,
                    verdict ? first_reason(*verdict)
                            : "its starter gets no verdict, " + why_no_verdict(result, options)));
}

std::vector<fs::path> entries_of(const fs::path& folder) {
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator(folder))
        if (!entry.path().filename().string().starts_with('.')) entries.push_back(entry.path());
    std::sort(entries.begin(), entries.end());
    return entries;
}

std::string cell(std::string text) {
    if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos)
        text.insert(0, "'");
    if (text.find_first_of(",\"") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + '"';
}

}  // namespace

std::vector<Grade> grade(const Lab& lab, const fs::path& submissions, const GradingOptions& options) {
    const Stragglers stragglers;
    try_starter(lab, options);
    const std::vector<fs::path> entries = entries_of(submissions);
    std::vector<Grade> grades(entries.size());
    std::atomic<size_t> next = 0;
    std::mutex mutex;
    size_t done = 0;
    std::exception_ptr failure;
    const auto work = [&] {
        try {
            for (size_t i = next++; i < entries.size(); i = next++) {
                grades[i] = grade_one(lab, entries[i], options);
                const std::lock_guard lock(mutex);
                if (options.progress) options.progress(++done, entries.size());
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
            next = entries.size();
        }
    };
    std::vector<std::thread> workers;
    for (unsigned i = 0; i < std::max(1U, options.at_once); ++i) workers.emplace_back(work);
    for (std::thread& worker : workers) worker.join();
    if (failure) std::rethrow_exception(failure);
    return grades;
}

std::string to_csv(const std::vector<Grade>& grades) {
    std::string csv = "submission,outcome,points,of,checks_passed,checks,reason\n";
    for (const Grade& one : grades)
        csv += fmt::format("{},{},{},{},{},{},{}\n", cell(one.submission), name_of(one.outcome), one.points,
                           one.of, one.passed, one.checks, cell(one.reason));
    return csv;
}

}  // namespace vmcp::lab
