#include "bench/support/program.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "isa/assembler/assembler.hpp"

namespace bench {

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
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) throw std::runtime_error(file + ": cannot be read");
    return {text.str(), file};
}

std::vector<uint8_t> Program::image(uint32_t count) const {
    std::vector<uint8_t> image = image_;
    for (unsigned i = 0; i < 4; ++i) image[count_at_ + i] = static_cast<uint8_t>(count >> (24 - 8 * i));
    return image;
}

}  // namespace bench
