// The symbols of a program, from the ELF file that its linker left: which function an address belongs to.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmcp::experiment {

class SymbolTable {
  public:
    struct Function {
        std::string name;
        uint32_t address = 0, end = 0;  // it goes on to the next one, or to the end of its section
    };

    /// A 32-bit big-endian ELF file, such as GNU ld writes for System/390. Throws GuestError, also where it
    /// has no function.
    static SymbolTable load(const std::string& path);

    /// In the order of their addresses.
    const std::vector<Function>& functions() const { return functions_; }
    /// The index of the one that an address lies in.
    std::optional<size_t> function_at(uint32_t address) const;
    /// Of a global symbol: a function or an object.
    std::optional<uint32_t> address_of(std::string_view name) const;

  private:
    std::vector<Function> functions_;
    std::map<std::string, uint32_t, std::less<>> globals_;
};

}  // namespace vmcp::experiment
