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
//   &SYSNDX &SYSLIST &SYSECT &SYSPARM                system variables
#pragma once

#include <deque>
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

    bool read_open_code(Statement& statement);
    void step(const Statement& s);
    bool conditional(const Statement& s);
    void define(const Statement& macro_statement);
    std::vector<Statement> read_body(const Statement& macro_statement, Statement& prototype, bool listed);
    bool next_of_scope(Statement& s);
    const MacroDefinition* find_macro(const std::string& name);
    void call(const Statement& call, const MacroDefinition& macro);
    void declare(const Statement& s);
    void assign(const Statement& s);
    void assign_if(const Statement& s);
    void branch(const Statement& s);
    void go(const std::string& target, std::size_t at);
    void note(const Statement& s);
    Statement generate(const Statement& model);
    void report(const Statement& s, std::size_t offset, Severity severity, const std::string& message);
    void limit_work(const Statement& s);

    Module& m_;
    SourceInput input_;
    std::string source_;
    std::deque<Item> queue_;
    std::vector<std::unique_ptr<Scope>> scopes_;
    std::map<std::string, SetSymbol> globals_;
    std::map<std::string, std::shared_ptr<const MacroDefinition>> macros_;
    std::set<std::string> not_macros_;  // looked for in vain
    std::deque<Statement> open_code_;   // as read so far
    std::size_t open_next_ = 0;
    std::map<std::string, ForwardAttributes> forward_;
    bool scanned_ = false;
    unsigned calls_ = 0;
    unsigned work_ = 0;               // statements looked at
    std::size_t generated_text_ = 0;  // characters
    bool stopped_ = false;

    friend class Scope;
};

}  // namespace isa::assembler
