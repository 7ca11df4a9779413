// Child processes that can harm nobody.
#include <doctest/doctest.h>

#include <fstream>

#include "tests/temporary_folder.hpp"
#include "vmcp/lab/limited_process.hpp"

using vmcp::lab::Process;
using vmcp::lab::ProcessResult;
using How = ProcessResult::How;

namespace {

Process shell(const std::string& script, const std::filesystem::path& folder) {
    Process process;
    process.program = "/bin/sh";
    process.arguments = {"-c", script};
    process.directory = folder;
    process.environment = {"PATH=/usr/bin:/bin"};
    process.limits.seconds = 10;
    return process;
}

}  // namespace

TEST_CASE("limited process: its output and exit code, and nothing on its standard input") {
    const tests::TemporaryFolder folder;
    const ProcessResult result =
        run_limited(shell("echo one; echo two >&2; read x || exit 3", folder.path()));
    CHECK(result.how == How::ended);
    CHECK(result.code == 3);
    CHECK(result.output == "one\ntwo\n");
    Process quiet = shell("echo one; echo two >&2", folder.path());
    quiet.errors_too = false;
    CHECK(run_limited(quiet).output == "one\n");
}

TEST_CASE("limited process: time, output, signals") {
    const tests::TemporaryFolder folder;
    Process process = shell("sleep 100", folder.path());
    process.limits.seconds = 0.2;
    CHECK(run_limited(process).how == How::out_of_time);
    process = shell("while :; do echo more; done", folder.path());
    process.limits.output = 1000;
    const ProcessResult result = run_limited(process);
    CHECK(result.how == How::out_of_output);
    CHECK(result.output.size() == 1000);
    const ProcessResult killed = run_limited(shell("kill -9 $$", folder.path()));
    CHECK(killed.how == How::killed);
    CHECK(killed.code == 9);
    CHECK(run_limited(shell("exec 1>&- 2>&-; exit 5", folder.path())).code == 5);
}

TEST_CASE("limited process: files") {
    const tests::TemporaryFolder folder, others;
    std::ofstream(others / "secret") << "secret\n";
    Process process =
        shell("cat " + (others / "secret") + "; echo x > new; echo x > " + (others / "new"), folder.path());
    if (!vmcp::lab::can_restrict_files()) {
        MESSAGE("skipped: this kernel has no Landlock");
        return;
    }
    process.reach = vmcp::lab::Reach{{}, {folder.path()}};
    const ProcessResult result = run_limited(process);
    CHECK(result.output.find("secret\n") == std::string::npos);
    CHECK(std::filesystem::exists(folder / "new"));
    CHECK(!std::filesystem::exists(others / "new"));
    process.reach->read = {others.path()};
    CHECK(run_limited(process).output.find("secret\n") != std::string::npos);
    CHECK(!std::filesystem::exists(others / "new"));
    process = shell("while :; do echo more; done > big", folder.path());
    process.limits.file_size = 100;
    CHECK(run_limited(process).how == How::killed);
    CHECK(std::filesystem::file_size(folder / "big") == 100);
}
