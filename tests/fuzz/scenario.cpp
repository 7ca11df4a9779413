// Any text at all as a scenario: what is read keeps what docs/scenarios.md promises; what is refused is
// refused in lines that name a file.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "simulation/model/toml_reader.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/scenario.hpp"

namespace {

/// What a scenario may name: a guest, a core, cards, an operator's script. The folder lasts as long as the
/// program.
class Folder {
  public:
    Folder() {
        write("g.asm", "G        START 0\n         DC    X'0002000000000000'\n         END\n");
        write("c.core", std::string(16, '\0'));
        write("cards.txt", "ONE\nTWO\n");
        write("operator.toml", "[[step]]\nwait = \"ONE\"\ntype = \"two\"\n");
    }
    std::string scenario() const { return folder_ / "s.toml"; }

  private:
    void write(const char* name, const std::string& text) const { tests::put(folder_ / name, text); }
    tests::TemporaryFolder folder_;
};

void check(const vmcp::experiment::Scenario& scenario) {
    if (scenario.vms.empty() || scenario.time_limit <= 0 || scenario.scheduling.slice <= 0) std::abort();
    std::set<std::string> names;
    for (const auto& vm : scenario.vms) {
        if (vm.options.name.empty() || !names.insert(vm.options.name).second) std::abort();
        if (vm.guest == nullptr || vm.options.storage == 0 || vm.options.storage % 4096 != 0 || vm.start < 0)
            std::abort();
        for (const auto& patch : vm.patches)
            if (patch.bytes.empty() || patch.address + patch.bytes.size() > vm.options.storage) std::abort();
        simulation::SimTime before = 0;
        for (const auto& line : vm.console_input) {
            if (line.at < before) std::abort();
            before = line.at;
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const Folder folder;
    const auto refused = [](std::string_view why) {
        if (why.find(".toml") == why.npos && why.find("g.asm") == why.npos &&
            why.find("c.core") == why.npos && why.find("cards.txt") == why.npos)
            std::abort();
    };
    try {
        check(
            vmcp::experiment::parse_scenario({reinterpret_cast<const char*>(data), size}, folder.scenario()));
    } catch (const simulation::TomlError& error) {
        if (std::string_view(error.what()).find('\n') != std::string_view::npos) std::abort();
        refused(error.what());
    } catch (const vmcp::experiment::GuestError& error) {
        refused(error.what());
    }
    return 0;
}
