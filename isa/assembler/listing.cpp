#include "isa/assembler/listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "isa/assembler/module.hpp"

namespace isa::assembler {
namespace {

constexpr std::size_t kBytesPerLine = 8;

std::string hex(const std::vector<uint8_t>& bytes, std::size_t from, std::size_t count) {
    std::string text;
    for (std::size_t i = from; i < std::min(bytes.size(), from + count); ++i) {
        text += fmt::format("{:02X}", bytes[i]);
    }
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

class Listing {
  public:
    explicit Listing(const Module& m) : m_(m) {}

    std::string make() {
        text_ += "  LOC  OBJECT CODE       ADDR1 ADDR2  STMT   SOURCE STATEMENT\n\n";
        std::size_t next = 0;
        for (std::size_t i = 0; i < m_.lines.size(); ++i) {
            const Line& line = m_.lines[i];
            statement(line);
            for (; next < m_.diagnostics.size() && m_.diagnostics[next].first <= i; ++next)
                diagnostic(m_.diagnostics[next].second);
            for (const LiteralPool& pool : m_.pools)
                if (pool.placed_by == &line) literals(pool);
        }
        for (; next < m_.diagnostics.size(); ++next) diagnostic(m_.diagnostics[next].second);
        summary();
        return std::move(text_);
    }

  private:
    void row(const std::string& loc, const std::string& code, const std::string& a1, const std::string& a2,
             const std::string& number, const std::string& source) {
        std::string line =
            fmt::format("{:6} {:17} {:>5} {:>5} {:>5}   {}", loc, code, a1, a2, number, source);
        line.erase(line.find_last_not_of(' ') + 1);
        text_ += line + "\n";
    }

    void statement(const Line& line) {
        if (line.statement.lines.empty()) return;  // an END that the source lacks
        std::string loc;
        if (line.location) loc = fmt::format("{:06X}", m_.assembled_address(*line.location));
        std::string a2 = address(line.address2);
        if (line.value) {
            a2 = fmt::format("{:05X}", *line.value);
            if (line.directive == Directive::EQU) loc = fmt::format("{:06X}", *line.value), a2.clear();
        }
        row(loc, object_code(line), address(line.address1), a2, fmt::format("{}", line.number),
            line.statement.lines.front());
        for (std::size_t i = 1; i < line.statement.lines.size(); ++i)
            row("", "", "", "", "", line.statement.lines[i]);
    }

    void literals(const LiteralPool& pool) {
        for (const Literal* l : pool.in_order) {
            row(fmt::format("{:06X}", m_.assembled_address(*l->location)), hex(l->object, 0, kBytesPerLine),
                "", "", "", fmt::format("               {}", l->line->statement.view(l->constant.extent)));
        }
    }

    void diagnostic(const Diagnostic& d) { text_ += fmt::format("*** {}\n", to_string(d)); }

    void summary() {
        const auto count = [&](Severity s) {
            return std::count_if(m_.diagnostics.begin(), m_.diagnostics.end(),
                                 [&](const auto& d) { return d.second.severity == s; });
        };
        text_ += fmt::format("\n{} statements, {} errors, {} warnings\n", m_.lines.size(),
                             count(Severity::error), count(Severity::warning));
    }

    const Module& m_;
    std::string text_;
};

}  // namespace

std::string make_listing(const Module& module) { return Listing(module).make(); }

}  // namespace isa::assembler
