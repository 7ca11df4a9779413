// Programs to be measured, assembled when they are needed. Each has a fullword COUNT: how many rounds it
// goes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace bench {

class Program {
  public:
    /// Throws std::runtime_error with the assembler's messages.
    Program(const std::string& source, const std::string& name);
    /// bench/kernels/NAME.asm
    static Program kernel(const std::string& name);
    /// bench/kernels/NAME.c, compiled by examples/c/build.sh. Throws std::runtime_error with the last line
    /// that this says.
    static Program kernel_in_c(const std::string& name);

    /// The storage image from location 0 on, with the restart new PSW there and COUNT set.
    std::vector<uint8_t> image(uint32_t count) const;

  private:
    Program(std::vector<uint8_t> image, uint32_t count_at) : image_(std::move(image)), count_at_(count_at) {}

    std::vector<uint8_t> image_;
    uint32_t count_at_;
};

}  // namespace bench
