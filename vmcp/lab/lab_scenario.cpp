#include "vmcp/lab/lab_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vmcp::lab {
namespace {

/// Of what a guest puts out: more is no sensible answer to any lab.
constexpr uint64_t kMostOutput = 256 << 10;

/// Whether the scenario can be used with the starter: then it is the student's program that cannot.
bool starter_fits(const Check& check, const Workbench& bench) {
    const Workbench starter(bench.lab());
    try {
        experiment::read_scenario((starter / check.file).string());
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

/// "checks/a.toml:8:11: the guest is too long" without the place, which is none of the student's.
std::string without_place(const std::string& message, const std::string& file) {
    const size_t at = message.find(file + ":");
    const size_t end = at == std::string::npos ? at : message.find(": ", at);
    return end == std::string::npos ? message : message.substr(end + 2);
}

Finding cannot_be_used(const std::string& why, Language language) {
    return Finding::not_yet(
        {{words(language, "The program cannot be used.", "プログラムを使用できません。"), why}});
}

}  // namespace

Finding read_lab_scenario(const Check& check, const Workbench& bench, Language language,
                          std::optional<experiment::Scenario>& scenario) {
    try {
        scenario = experiment::read_scenario((bench / check.file).string());
    } catch (const experiment::GuestSourceError& error) {
        const std::string errors = bench.without_folder(error.what());
        const std::string said = said_of(check, kSource, errors, language);
        return Finding::not_yet(
            {{!said.empty() ? said : words(language, "The source has errors.", "ソースにエラーがあります。"),
              errors}});
    } catch (const experiment::GuestError& error) {
        return cannot_be_used(bench.without_folder(error.what()), language);
    } catch (const simulation::TomlError& error) {
        if (!starter_fits(check, bench)) throw;
        return cannot_be_used(without_place(error.what(), check.file), language);
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
