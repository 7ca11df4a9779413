// Programs to be measured, assembled when they are needed. Each has a fullword COUNT: how many rounds it
// goes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

class Program {
  public:
    /// Throws std::runtime_error with the assembler's messages.
    Program(const std::string& source, const std::string& name);
    /// A file of bench/kernels.
    static Program kernel(const std::string& name);

    /// The storage image from location 0 on, with the restart new PSW there and COUNT set.
    std::vector<uint8_t> image(uint32_t count) const;

  private:
    std::vector<uint8_t> image_;
    uint32_t count_at_;
};

}  // namespace bench
