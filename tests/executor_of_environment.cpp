// VMCP_EXECUTOR=interpreter, translator or auto: what the machines of a test program get, as for vmcp itself.
// So all tests can be run on each executor.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "simulation/executor/translator/executor_choice.hpp"

namespace {

class ExecutorOfEnvironment final : public doctest::IReporter {
  public:
    explicit ExecutorOfEnvironment(const doctest::ContextOptions&) {}

    void test_run_start() override {
        try {
            if (const auto kind = simulation::executor_of_environment()) simulation::choose_executor(*kind);
        } catch (const std::invalid_argument& error) {
            std::fprintf(stderr, "%s\n", error.what());
            std::exit(2);
        }
    }

    void report_query(const doctest::QueryData&) override {}
    void test_run_end(const doctest::TestRunStats&) override {}
    void test_case_start(const doctest::TestCaseData&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_LISTENER("executor", 1, ExecutorOfEnvironment);

}  // namespace
