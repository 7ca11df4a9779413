// The variable symbols of one scope: a macro that is being expanded, or open code.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "isa/assembler/macro_processor.hpp"

namespace isa::assembler {

inline constexpr int64_t kMaximumDimension = 32767;

class MacroProcessor::Scope final : public VariableScope {
  public:
    explicit Scope(MacroProcessor& processor) : p_(processor) {}

    Macro macro;           // none: open code
    std::size_t next = 0;  // in the macro's body
    std::map<std::string, MacroOperand> parameters;
    std::vector<MacroOperand> positional;  // of &SYSLIST; 0 is the call's label
    std::map<std::string, SetSymbol> locals;
    std::set<std::string> globals;  // those declared here
    std::string index;              // &SYSNDX
    std::string section;            // &SYSECT
    std::string context;            // for messages
    int64_t branches_left = 4096;

    SetSymbol* find_set(const std::string& name) const;
    bool is_parameter(const std::string& name) const {
        return macro != nullptr && parameters.count(name) != 0;
    }

    bool defined(const std::string& name) const override;
    bool subscripted(const std::string& name, std::size_t at) const override;
    VariableValue value(const std::string& name, const std::vector<int64_t>& subscripts,
                        std::size_t at) const override;
    std::optional<MacroOperand> operand(const std::string& name, const std::vector<int64_t>& subscripts,
                                        std::size_t at) const override;
    int64_t count(const std::string& name, const std::vector<int64_t>& subscripts,
                  std::size_t at) const override;
    char type_of_variable(const std::string& name, const std::vector<int64_t>& subscripts,
                          std::size_t at) const override;
    char type_of_symbol(const std::string& symbol) const override;
    int64_t attribute(char which, const std::string& symbol, std::size_t at) const override;
    int64_t symbol_value(const std::string& symbol, std::size_t at) const override;

  private:
    std::optional<std::string> system_variable(const std::string& name) const;
    const MacroOperand* find_operand(const std::string& name, const std::vector<int64_t>& subscripts,
                                     std::size_t at) const;
    char type_of_operand(const MacroOperand& operand) const;
    const ForwardAttributes* forward(const std::string& name) const;

    MacroProcessor& p_;
};

}  // namespace isa::assembler
