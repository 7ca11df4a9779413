#include "vmcp/lab/lab_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vmcp::lab {
namespace {

/// Of what a guest puts out: more is no sensible answer to any lab.
constexpr uint64_t kMostOutput = 256 << 10;

}  // namespace

Finding read_lab_scenario(const Check& check, const Workbench& bench, Language language,
                          std::optional<experiment::Scenario>& scenario) {
    try {
        scenario = experiment::read_scenario((bench / check.file).string());
    } catch (const experiment::GuestSourceError& error) {
        const std::string errors = bench.without_folder(error.what());
        const std::string said = said_of(check, "source", errors, language);
        return Finding::not_yet(
            {{!said.empty() ? said : words(language, "The source has errors.", "ソースにエラーがあります。"),
              errors}});
    } catch (const experiment::GuestError& error) {
        return Finding::not_yet(
            {{words(language, "The program cannot be used.", "プログラムを使用できません。"),
              bench.without_folder(error.what())}});
    }
    for (experiment::VmDescription& vm : scenario->vms) {
        vm.most_instructions = check.most_instructions;
        vm.most_output = std::min(vm.most_output, kMostOutput);
    }
    return {};
}

Finding Deadline::told(Language language) const {
    return Finding::not_yet({{words(language, "It was ended after {} seconds: does it go on for ever?",
                                    "{} 秒で打ち切りました。無限に続いていませんか。", seconds_),
                              ""}});
}

}  // namespace vmcp::lab
