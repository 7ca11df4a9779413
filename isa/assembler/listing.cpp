#include "isa/assembler/listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "isa/assembler/module.hpp"

namespace isa::assembler {
namespace {

constexpr std::size_t kBytesPerLine = 8;
constexpr std::size_t kReferencesPerLine = 10;

std::string hex(const std::vector<uint8_t>& bytes, std::size_t from, std::size_t count) {
    std::string text;
    for (std::size_t i = from; i < std::min(bytes.size(), from + count); ++i)
        text += fmt::format("{:02X}", bytes[i]);
    return text;
}

/// Object code of an instruction in groups of halfwords, of anything else in one piece.
std::string object_code(const Line& line) {
    if (!line.machine) return hex(line.object, 0, kBytesPerLine);
    std::string text;
    for (std::size_t i = 0; i < line.object.size(); i += 2) {
        if (i > 0) text.push_back(' ');
        text += hex(line.object, i, 2);
    }
    return text;
}

std::string address(const std::optional<uint32_t>& a) {
    return a ? fmt::format("{:05X}", *a) : std::string();
}

struct PrintOptions {
    bool on = true;
    bool generated = true;
    bool data = false;
};

class Listing {
  public:
    explicit Listing(const Module& m) : m_(m) {}

    std::string make() {
        text_ += "  LOC  OBJECT CODE       ADDR1 ADDR2  STMT   SOURCE STATEMENT\n\n";
        std::size_t next = 0;  // diagnostic
        std::size_t pool = 0;
        for (std::size_t i = 0; i < m_.lines.size(); ++i) {
            const Line& line = m_.lines[i];
            const bool blamed = next < m_.diagnostics.size() && m_.diagnostics[next].first <= i;
            print_options(line);
            if (blamed || (print_.on && (print_.generated || !line.generated))) statement(line);
            for (; next < m_.diagnostics.size() && m_.diagnostics[next].first <= i; ++next)
                diagnostic(m_.diagnostics[next].second);
            const bool closes_pool = pool < m_.pools.size() && m_.pools[pool].placed_by == &line;
            if (closes_pool && print_.on) literals(m_.pools[pool]);
            if (closes_pool) ++pool;
        }
        for (; next < m_.diagnostics.size(); ++next) diagnostic(m_.diagnostics[next].second);
        sections();
        cross_reference();
        summary();
        return std::move(text_);
    }

  private:
    /// PRINT takes effect with its own line; PUSH and POP save it.
    void print_options(const Line& line) {
        if (!line.directive || line.failed) return;
        const Statement& s = line.statement;
        for (const Field& f : split_at_commas(s.text, s.operands)) {
            const std::string word = to_upper(s.view(f));
            if (line.directive == Directive::PRINT) {
                if (word == "ON" || word == "OFF") print_.on = word == "ON";
                if (word == "GEN" || word == "NOGEN") print_.generated = word == "GEN";
                if (word == "DATA" || word == "NODATA") print_.data = word == "DATA";
            } else if (line.directive == Directive::PUSH && word == "PRINT") {
                saved_.push_back(print_);
            } else if (line.directive == Directive::POP && word == "PRINT" && !saved_.empty()) {
                print_ = saved_.back();
                saved_.pop_back();
            }
        }
    }

    void row(const std::string& loc, const std::string& code, const std::string& a1, const std::string& a2,
             const std::string& number, const std::string& source, bool generated = false) {
        std::string line = fmt::format("{:6} {:17} {:>5} {:>5} {:>5}{}  {}", loc, code, a1, a2, number,
                                       generated ? '+' : ' ', source);
        line.erase(line.find_last_not_of(' ') + 1);
        text_ += line + "\n";
    }

    void statement(const Line& line) {
        if (!line.statement.lines) return;  // an END that the source lacks
        std::string loc;
        if (line.location) loc = fmt::format("{:06X}", m_.assembled_address(*line.location));
        std::string a2 = address(line.address2);
        if (line.value && line.directive == Directive::EQU) {
            loc = fmt::format("{:06X}", *line.value);
        } else if (line.value) {
            a2 = fmt::format("{:05X}", *line.value);
        }
        const std::vector<std::string>& source = *line.statement.lines;
        const bool made = !line.statement.generated.empty();
        row(loc, object_code(line), address(line.address1), a2, fmt::format("{}", line.number),
            made ? line.statement.generated : source.front(), line.generated);
        for (std::size_t i = 1; !made && i < source.size(); ++i) row("", "", "", "", "", source[i]);
        if (line.location && !line.machine) more_data(*line.location, line.object);
    }

    void more_data(Location at, const std::vector<uint8_t>& object) {
        if (!print_.data) return;
        for (std::size_t i = kBytesPerLine; i < object.size(); i += kBytesPerLine)
            row(fmt::format("{:06X}", m_.assembled_address(at) + i), hex(object, i, kBytesPerLine), "", "",
                "", "");
    }

    void literals(const LiteralPool& pool) {
        for (const Literal* l : pool.in_order) {
            const auto source = l->line->statement.view(l->constant.extent);
            row(fmt::format("{:06X}", m_.assembled_address(*l->location)), hex(l->object, 0, kBytesPerLine),
                "", "", "", fmt::format("               ={}", source));
            more_data(*l->location, l->object);
        }
    }

    void diagnostic(const Diagnostic& d) { text_ += fmt::format("*** {}\n", to_string(d)); }

    void sections() {
        if (m_.sections.empty()) return;
        text_ += "\nSECTIONS AND EXTERNAL SYMBOLS\n\nSYMBOL    TYPE     ADDRESS  LENGTH\n";
        for (const Section& s : m_.sections) {
            const char* type = s.kind == SectionKind::control          ? "CSECT"
                               : s.kind == SectionKind::dummy          ? "DSECT"
                               : s.kind == SectionKind::common         ? "COM"
                               : s.kind == SectionKind::external_dummy ? "DXD"
                               : s.weak                                ? "WXTRN"
                                                                       : "EXTRN";
            const bool external = s.kind == SectionKind::external;
            std::string line = fmt::format("{:9} {:8} {:7} {:>7}", s.name.empty() ? "(unnamed)" : s.name,
                                           type, external ? "" : fmt::format("{:06X}", s.origin),
                                           external ? "" : fmt::format("{:06X}", s.size));
            line.erase(line.find_last_not_of(' ') + 1);
            text_ += line + "\n";
        }
        for (const Entry& entry : m_.entries) {
            const std::string& name = entry.name;
            const Symbol* s = m_.symbols.find(name);
            if (s != nullptr)
                text_ += fmt::format("{:9} {:8} {:06X}\n", name, "ENTRY", m_.assembled_address(s->value));
        }
    }

    void cross_reference() {
        if (m_.symbols.all().empty()) return;
        text_ += "\nCROSS REFERENCE\n\nSYMBOL    LENGTH    VALUE  DEFINED  REFERENCES\n";
        for (const auto& [name, s] : m_.symbols.all()) {
            std::vector<std::size_t> references = s.references;
            std::sort(references.begin(), references.end());
            references.erase(std::unique(references.begin(), references.end()), references.end());
            std::string line = fmt::format("{:9} {:6} {:08X} {:8} ", name, s.length,
                                           static_cast<uint32_t>(m_.assembled_address(s.value)), s.statement);
            for (std::size_t i = 0; i < references.size(); ++i) {
                if (i > 0 && i % kReferencesPerLine == 0) {
                    text_ += line + "\n";
                    line = std::string(35, ' ');
                }
                line += fmt::format(" {:5}", references[i]);
            }
            line.erase(line.find_last_not_of(' ') + 1);
            text_ += line + "\n";
        }
    }

    void summary() {
        const auto count = [&](Severity s) {
            return std::count_if(m_.diagnostics.begin(), m_.diagnostics.end(),
                                 [&](const auto& d) { return d.second.severity == s; });
        };
        const auto counted = [](auto n, const char* what) {
            return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
        };
        text_ += fmt::format("\n{}, {}, {}\n", counted(m_.lines.size(), "statement"),
                             counted(count(Severity::error), "error"),
                             counted(count(Severity::warning), "warning"));
    }

    const Module& m_;
    PrintOptions print_;
    std::vector<PrintOptions> saved_;
    std::string text_;
};

}  // namespace

std::string make_listing(const Module& module) { return Listing(module).make(); }

}  // namespace isa::assembler
