#include "vmcp/lab/catalogue.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

#include "simulation/model/embedded_text.hpp"

namespace vmcp::lab {

// Made from examples/ when the program is built: CMakeLists.txt.
std::span<const simulation::EmbeddedText> embedded_labs();
std::span<const simulation::EmbeddedText> embedded_control_program();
std::span<const simulation::EmbeddedText> embedded_c();
std::span<const simulation::EmbeddedText> embedded_c_library();

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHome = "examples/labs/";
constexpr uintmax_t kLongestFile = 1 << 20;

std::map<std::string, LabFiles> built_in() {
    std::map<std::string, LabFiles> labs;
    for (const simulation::EmbeddedText& one : embedded_labs()) {
        const std::string_view path = one.path.substr(kHome.size());
        const size_t slash = path.find('/');
        if (slash == std::string_view::npos) continue;
        labs[std::string(one.path.substr(0, kHome.size() + slash))].emplace(path.substr(slash + 1), one.text);
    }
    return labs;
}

/// The files of a folder and of those below it.
LabFiles files_below(const fs::path& folder) {
    LabFiles files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file() || entry.file_size() > kLongestFile) continue;
        std::ifstream in(entry.path(), std::ios::binary);
        files.emplace(fs::relative(entry.path(), folder).generic_string(),
                      std::string(std::istreambuf_iterator<char>(in), {}));
    }
    return files;
}

std::map<std::string, LabFiles> labs_of(const fs::path& folder) {
    std::error_code error;
    if (!fs::is_directory(folder, error))
        throw simulation::TomlError(folder.string() + ": expected a folder of labs");
    std::map<std::string, LabFiles> labs;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_directory() && fs::exists(entry.path() / "lab.toml"))
            labs.emplace(entry.path().string(), files_below(entry.path()));
    return labs;
}

}  // namespace

std::vector<Lab> labs_in(const std::string& folder) {
    std::vector<Lab> labs;
    for (auto& [where, files] : folder.empty() ? built_in() : labs_of(folder))
        labs.push_back(read_lab(files, where));
    std::sort(labs.begin(), labs.end(), [](const Lab& a, const Lab& b) { return a.number < b.number; });
    for (size_t i = 1; i < labs.size(); ++i)
        if (labs[i].number == labs[i - 1].number)
            throw simulation::TomlError("labs " + labs[i - 1].name + " and " + labs[i].name +
                                        " have the same number");
    return labs;
}

LabFiles tool_files(std::string_view tool) {
    LabFiles files;
    const auto take = [&files](std::span<const simulation::EmbeddedText> texts, std::string_view home) {
        for (const simulation::EmbeddedText& one : texts)
            files.emplace(one.path.substr(home.size()), one.text);
    };
    if (tool == "control-program") take(embedded_control_program(), "examples/control-program/");
    if (tool == "c") {
        take(embedded_c(), "examples/c/");
        take(embedded_c_library(), "examples/c/");
    }
    return files;
}

}  // namespace vmcp::lab
