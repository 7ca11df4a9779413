// The sections of a module as the first pass goes along: which one is current and how far its location
// counter is, which exist, and in what order the external symbol dictionary names them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "isa/assembler/module.hpp"

namespace isa::assembler {

class Sections {
  public:
    explicit Sections(Module& module) : m_(module) {}

    /// The current section; opens the unnamed control section (private code) if there is none yet.
    Section& current();
    SectionId current_id();
    Location here() { return {current_id(), current().location}; }
    bool any_control() const { return first_control_ >= 0; }
    /// Whether some control section was opened and named, or holds something.
    bool begun() const;

    /// Moves the location counter up to a multiple of `boundary`; returns the bytes skipped.
    uint32_t align(unsigned boundary);
    /// Moves it on, or to an offset in the section; `at` is to blame if that is too far.
    void advance(uint64_t bytes, std::size_t at) { move_to(current().location + bytes, at); }
    void move_to(uint64_t offset, std::size_t at);

    /// Makes a section current, a new one or one to go on with. Raises SourceError if there is one of the
    /// name and another kind. True if it is new.
    bool enter(const std::string& name, SectionKind kind, std::size_t at);
    /// START takes the place of an unnamed section that holds nothing.
    bool start(const std::string& name, std::size_t at);
    void enter_first_control();

    SectionId add_external(const std::string& name, bool weak);
    /// What a V constant refers to.
    void refer_external(const std::string& name);
    /// What a Q constant refers to: the external dummy section of that name, or a DSECT that becomes one.
    void refer_dummy(const std::string& name);
    SectionId add_external_dummy(const std::string& name, uint32_t size, unsigned alignment);
    void add_entry(Entry entry);

  private:
    SectionId add(std::string name, SectionKind kind);

    Module& m_;
    SectionId current_ = -1;
    SectionId first_control_ = -1;
    std::map<std::string, SectionId> by_name_;  // named control, dummy and common ones
    std::map<SectionKind, SectionId> unnamed_;  // likewise, without name
};

}  // namespace isa::assembler
