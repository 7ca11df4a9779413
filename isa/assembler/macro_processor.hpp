// The macro language: it stands between the source and the first pass, which sees statements without variable
// symbols.
//
// Statements come from the source (open code) or from the body of a macro that is being expanded; calls nest,
// so there is a stack of scopes, with open code at the bottom. Each scope has its local SET symbols, and its
// place in its statements, which AIF and AGO move. Open code is remembered, so that they can go back in it.
//
//   MACRO MEND MEXIT        definition, in the source, in a COPY member or in a file NAME.mac that COPY would
//                           find (there the macro of the same name, at its first use)
//   GBLA GBLB GBLC LCLA LCLB LCLC SETA SETB SETC     SET symbols, perhaps dimensioned
//   AIF AGO ANOP ACTR       branches; ACTR limits their number in a scope, 4096 unless told
//   MNOTE                   a message; severity 8 and more is an error, 4 and more a warning
//   OPSYN                   another name for an operation, or none
//   &SYSNDX &SYSLIST &SYSECT &SYSPARM &SYSDATE &SYSTIME     system variables
//
// macro_processor.cpp has the flow of statements and the calls, macro_library.cpp the definitions,
// conditional_assembly.cpp the instructions above, macro_scope.hpp the variables.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "isa/assembler/forward_attributes.hpp"
#include "isa/assembler/macro_definition.hpp"
#include "isa/assembler/macro_variables.hpp"
#include "isa/assembler/module.hpp"
#include "isa/assembler/source.hpp"

namespace isa::assembler {

class MacroProcessor {
  public:
    /// `module` gives the symbols defined so far and the current section; messages go to it.
    MacroProcessor(Module& module, std::string_view source, const std::string& file_name);
    ~MacroProcessor();

    struct Item {
        Statement statement;
        bool listed_only = false;  // dealt with here: the first pass only lists it
        bool generated = false;    // by a macro
    };

    /// The next statement for the first pass; false at the end of the source.
    bool next(Item& item);

  private:
    class Scope;
    using Macro = std::shared_ptr<const MacroDefinition>;

    /// What OPSYN made of a name: a macro, an instruction by its own name, or (neither) nothing at all.
    struct Synonym {
        Macro macro;
        std::string operation;
        bool has_meaning() const { return macro != nullptr || !operation.empty(); }
    };

    bool in_macro() const { return scopes_.size() > 1; }
    void list_conditional(const Statement& s, std::size_t index);
    const Statement* next_of_scope();
    bool read_open_code(Statement& statement);
    void copy(const Statement& s, SourceInput& input);
    void step(const Statement& s);
    Statement generate(const Statement& model);
    void call(const Statement& model, const Macro& macro);
    void limit_work(const Statement& s);
    void report(const Statement& s, const SourceError& error);
    void report(const Statement& s, std::size_t offset, Severity severity, const std::string& message);
    std::size_t line_to_blame() const;

    // macro_library.cpp
    using Following = std::function<bool(Statement&)>;
    void define(const Statement& macro_statement);
    std::vector<Statement> read_body(const Statement& macro_statement, Statement& prototype, bool listed,
                                     const Following& following);
    Macro find_macro(const std::string& name);
    Macro read_member(const std::string& name, const SourceInput::Member& member);
    void operation_synonym(const Statement& s);

    // conditional_assembly.cpp
    bool conditional(const Statement& s);
    void declare(const Statement& s);
    void assign(const Statement& s);
    void assign_if(const Statement& s);
    void branch(const Statement& s);
    void go(const std::string& target, std::size_t at);
    void note(const Statement& s);

    Module& m_;
    std::string file_name_;
    std::string source_;
    SourceInput input_;
    std::deque<Item> queue_;
    std::vector<std::unique_ptr<Scope>> scopes_;
    std::map<std::string, SetSymbol> globals_;
    std::map<std::string, Macro> macros_;
    std::set<std::string> not_macros_;    // looked for in vain
    std::set<std::string> wrong_macros_;  // members whose definition is wrong, which has been reported
    std::map<std::string, Synonym> synonyms_;
    std::deque<Statement> open_code_;  // as read so far
    std::size_t open_next_ = 0;
    std::vector<bool>
        listed_;  // which of its instructions of the macro language were: once is enough in a loop
    std::map<std::string, std::size_t> open_sequence_;  // .SYMBOL to index in open_code_
    int open_macros_ = 0;                               // MACROs without their MEND in open_code_
    std::map<std::string, ForwardAttributes> forward_;
    bool scanned_ = false;
    unsigned calls_ = 0;
    uint64_t work_ = 0;               // statements looked at
    std::size_t generated_text_ = 0;  // characters
    bool stopped_ = false;

    friend class Scope;
};

}  // namespace isa::assembler
