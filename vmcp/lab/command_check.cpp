// A check that runs a script of the lab's on the workbench: exit code 0 is passed, 1 is not yet, and what it
// prints then says why; anything else is the script's own failure.
#include <fmt/format.h>

#include <cstdlib>

#include "vmcp/lab/check.hpp"
#include "vmcp/lab/limited_process.hpp"

namespace vmcp::lab {
namespace {

/// What a student reads of what a compiler says.
constexpr size_t kMostLines = 12;

std::string first_lines(const std::string& text) {
    size_t end = 0;
    for (size_t line = 0; line < kMostLines && end < text.size(); ++line)
        end = std::min(text.find('\n', end), text.size() - 1) + 1;
    std::string lines = text.substr(0, end);
    if (end < text.size()) lines += "...";
    while (lines.ends_with('\n')) lines.pop_back();
    return lines;
}

std::vector<std::string> environment_of(const Workbench& bench) {
    std::vector<std::string> all{"VMCP=" + own_program(),           "LC_ALL=C.UTF-8",
                                 "TMPDIR=" + bench.path().string(), "HOME=" + bench.path().string(),
                                 "PYTHONDONTWRITEBYTECODE=1",       same_executor()};
    const char* const path = std::getenv("PATH");
    all.push_back(fmt::format("PATH={}", path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin"));
    return all;
}

}  // namespace

Finding check_command(const Check& check, const Workbench& bench, Language language) {
    ProcessLimits limits;
    limits.seconds = check.seconds;
    const ProcessResult result =
        run_limited({"bash", {check.file}, bench.path(), environment_of(bench), limits, std::nullopt});
    if (result.how == ProcessResult::How::out_of_time)
        return Finding::not_yet(
            {{words(language, "It was ended after {} seconds.", "{} 秒で打ち切りました。", check.seconds),
              ""}});
    if (result.how == ProcessResult::How::ended && result.code == 0) return {};
    const std::string output = bench.without_folder(result.output);
    const std::string said = said_of(check, "", output, language);
    if (result.how == ProcessResult::How::ended && result.code == 1)
        return Finding::not_yet({{said, first_lines(output)}});
    if (result.how == ProcessResult::How::out_of_output)
        return Finding::not_yet(
            {{words(language, "It says too much.", "出力が多すぎます。"), first_lines(output)}});
    if (result.how == ProcessResult::How::killed)
        return Finding::not_yet(
            {{words(language, "It was ended by signal {}.", "シグナル {} で終わりました。", result.code),
              first_lines(output)}});
    return {Outcome::cannot_judge, {{said, first_lines(output)}}};
}

}  // namespace vmcp::lab
