// The main of every test program: doctest's, and what makes ctest tell the truth. A test case that lacks
// something of the host says MESSAGE("skipped: what is not here") and returns. A program in which one did,
// and none failed, ends with kSkipped, which ctest shows as skipped; filters that leave no test case are an
// error.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstring>

namespace {

constexpr int kSkipped = 77;  // SKIP_RETURN_CODE in tests/CMakeLists.txt

unsigned chosen = 0, skipped = 0;  // test cases

class Skips final : public doctest::IReporter {
  public:
    explicit Skips(const doctest::ContextOptions&) {}

    void test_case_start(const doctest::TestCaseData&) override { said_ = false; }
    void log_message(const doctest::MessageData& message) override {
        static constexpr char kBegin[] = "skipped: ";
        if (std::strncmp(message.m_string.c_str(), kBegin, sizeof kBegin - 1) != 0 || said_) return;
        said_ = true;
        ++skipped;
    }
    void test_run_end(const doctest::TestRunStats& stats) override {
        chosen = stats.numTestCasesPassingFilters;
    }

    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}

  private:
    bool said_ = false;  // in this test case
};
REGISTER_LISTENER("skips", 1, Skips);

}  // namespace

int main(int argc, char** argv) {
    doctest::Context context(argc, argv);
    const int failed = context.run();
    if (context.shouldExit() || failed != 0) return failed;
    if (chosen == 0) {
        std::fprintf(stderr, "no test case has the name, suite or file that was asked for\n");
        return 1;
    }
    if (skipped == 0) return 0;
    std::printf("skipped: %u of %u test cases\n", skipped, chosen);
    return kSkipped;
}
