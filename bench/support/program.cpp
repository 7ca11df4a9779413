#include "bench/support/program.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "isa/assembler/assembler.hpp"
#include "simulation/model/temporary_directory.hpp"
#include "vmcp/conformance/child_process.hpp"

namespace bench {
namespace {

/// Where a program in C looks for COUNT: the end of page zero's assigned locations.
constexpr uint32_t kCountOfC = 0x1FC;

/// The contents of a file; empty where it cannot be read.
std::string contents(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace

Program::Program(const std::string& source, const std::string& name) {
    isa::assembler::Result result = isa::assembler::assemble(source, name);
    if (!result.ok) {
        std::string text = name + " does not assemble:";
        for (const auto& d : result.diagnostics) text += "\n" + isa::assembler::to_string(d);
        throw std::runtime_error(text);
    }
    const auto* count = result.find("COUNT");
    if (count == nullptr || result.load_address != 0)
        throw std::runtime_error(name + ": expected a word COUNT and START 0");
    count_at_ = count->value;
    image_ = std::move(result.image);
}

Program Program::kernel(const std::string& name) {
    const std::string file = std::string(VMCP_SOURCE_DIR "/bench/kernels/") + name + ".asm";
    const std::string text = contents(file);
    if (text.empty()) throw std::runtime_error(file + ": cannot be read");
    return {text, file};
}

Program Program::kernel_in_c(const std::string& name) {
    using vmcp::conformance::ChildProcess;
    constexpr double kPatience = 60;  // host seconds
    const std::string root = VMCP_SOURCE_DIR;
    const simulation::TemporaryDirectory folder("vmcp-bench");
    const std::string core = (folder.path() / name).string();
    // Its messages go where this program listens.
    ChildProcess compiler("/bin/sh",
                          {"-c", "exec bash \"$0\" \"$@\" 2>&1", root + "/examples/c/build.sh", "-O2", "-o",
                           core, root + "/bench/kernels/" + name + ".c"},
                          folder.path());
    std::string line, said = "the compiler said nothing";
    while (compiler.read_line(line, kPatience) == ChildProcess::Read::line) said = line;
    const std::string image = contents(core);
    if (image.size() <= kCountOfC) throw std::runtime_error(name + ".c does not compile: " + said);
    return {std::vector<uint8_t>(image.begin(), image.end()), kCountOfC};
}

std::vector<uint8_t> Program::image(uint32_t count) const {
    std::vector<uint8_t> image = image_;
    for (unsigned i = 0; i < 4; ++i) image[count_at_ + i] = static_cast<uint8_t>(count >> (24 - 8 * i));
    return image;
}

}  // namespace bench
