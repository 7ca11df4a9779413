#include "isa/assembler/sections.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace isa::assembler {

SectionId Sections::add(std::string name, SectionKind kind) {
    Section& s = m_.sections.emplace_back();
    s.name = std::move(name);
    s.kind = kind;
    const auto id = static_cast<SectionId>(m_.sections.size()) - 1;
    m_.dictionary.push_back({false, static_cast<std::size_t>(id)});
    if (kind == SectionKind::control && first_control_ < 0) first_control_ = id;
    return id;
}

SectionId Sections::current_id() {
    if (current_ < 0) current_ = unnamed_[SectionKind::control] = add("", SectionKind::control);
    return current_;
}

Section& Sections::current() { return m_.sections[static_cast<std::size_t>(current_id())]; }

bool Sections::begun() const {
    return std::any_of(m_.sections.begin(), m_.sections.end(), [](const Section& s) {
        return s.kind == SectionKind::control && (!s.name.empty() || s.size > 0);
    });
}

uint32_t Sections::align(unsigned boundary) {
    const uint32_t offset = current().location;
    const uint32_t skipped = (boundary - offset % boundary) % boundary;
    advance(skipped, 0);
    return skipped;
}

void Sections::move_to(uint64_t offset, std::size_t at) {
    Section& s = current();
    if (offset > kMaximumAddress) throw SourceError(at, "the location counter goes beyond 16 MiB");
    s.location = static_cast<uint32_t>(offset);
    s.size = std::max(s.size, s.location);
}

bool Sections::enter(const std::string& name, SectionKind kind, std::size_t at) {
    m_.current_section = name;
    if (name.empty()) {
        const auto it = unnamed_.find(kind);
        const bool added = it == unnamed_.end();
        current_ = added ? unnamed_[kind] = add("", kind) : it->second;
        return added;
    }
    const auto it = by_name_.find(name);
    if (it == by_name_.end()) {
        current_ = by_name_[name] = add(name, kind);
        return true;
    }
    if (m_.sections[static_cast<std::size_t>(it->second)].kind != kind)
        throw SourceError(at, fmt::format("{} is a section of another kind", name));
    current_ = it->second;
    return false;
}

bool Sections::start(const std::string& name, std::size_t at) {
    if (first_control_ < 0 || name.empty()) return enter(name, SectionKind::control, at);
    if (by_name_.count(name) != 0)
        throw SourceError(at, fmt::format("{} is a section of another kind", name));
    m_.current_section = name;
    m_.sections[static_cast<std::size_t>(first_control_)].name = name;
    unnamed_.erase(SectionKind::control);
    current_ = by_name_[name] = first_control_;
    return true;
}

void Sections::enter_first_control() {
    if (first_control_ >= 0) current_ = first_control_;
}

SectionId Sections::add_external(const std::string& name, bool weak) {
    const SectionId id = add(name, SectionKind::external);
    m_.sections.back().weak = weak;
    return m_.externals[name] = id;
}

void Sections::refer_external(const std::string& name) {
    if (m_.externals.count(name) == 0) add_external(name, false);
}

void Sections::refer_dummy(const std::string& name) {
    const auto it = by_name_.find(name);
    if (m_.dummy_offsets.count(name) != 0 || it == by_name_.end()) return;
    if (m_.sections[static_cast<std::size_t>(it->second)].kind != SectionKind::dummy) return;
    const SectionId dummy = it->second;
    const SectionId id = add_external_dummy(name, 0, 8);
    m_.sections[static_cast<std::size_t>(id)].dummy = dummy;  // its size is known at the end
}

SectionId Sections::add_external_dummy(const std::string& name, uint32_t size, unsigned alignment) {
    const SectionId id = add(name, SectionKind::external_dummy);
    m_.sections.back().size = size;
    m_.sections.back().alignment = alignment;
    return m_.dummy_offsets[name] = id;
}

void Sections::add_entry(Entry entry) {
    m_.dictionary.push_back({true, m_.entries.size()});
    m_.entries.push_back(std::move(entry));
}

void lay_out_sections(Module& m) {
    uint32_t next = m.start.value_or(0);
    for (const SectionKind kind : {SectionKind::control, SectionKind::common}) {
        // A linkage editor has a place for commons of its own.
        if (kind == SectionKind::common && m.options.allow_externals) continue;
        for (Section& s : m.sections) {
            if (s.kind != kind) continue;
            s.origin = next;
            next = (s.origin + s.size + 7) & ~7u;
        }
    }
    // The vector of external dummy sections. (In an object deck that is the linkage editor's, too.)
    for (Section& s : m.sections) {
        if (s.kind != SectionKind::external_dummy) continue;
        if (s.dummy >= 0) s.size = m.sections[static_cast<std::size_t>(s.dummy)].size;
        m.dummy_total = (m.dummy_total + s.alignment - 1) / s.alignment * s.alignment;
        s.location = m.dummy_total;
        m.dummy_total += s.size;
    }
}

}  // namespace isa::assembler
