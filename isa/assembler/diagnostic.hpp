// What the assembler has to say about a source line, and where.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace isa::assembler {

enum class Severity : uint8_t { note, warning, error };

struct Diagnostic {
    std::string file;
    unsigned line = 0;    // 1 is the first; 0 where no line is to blame
    unsigned column = 0;  // 1 is the first, counted in characters, tabs expanded to columns 9, 17, ...
    Severity severity = Severity::error;
    std::string message;
    std::string source;  // the line as it stands in the file; empty where no line is to blame
};

/// "FILE:LINE:COLUMN: error: message"; the numbers are left out where they are 0.
std::string to_string(const Diagnostic& diagnostic);

/// The source line, and below it a caret under the column: two lines, or none where no line is to blame.
std::string pointed_out(const Diagnostic& diagnostic);

/// Raised inside the assembler to give up on a statement. An empty message gives up silently, where the cause
/// has been reported already.
struct SourceError : std::runtime_error {
    SourceError(std::size_t at, const std::string& message) : std::runtime_error(message), offset(at) {}
    std::size_t offset;  // into Statement::text
};

/// The same, about a name that means nothing: it may stand in a COPY member that is not there.
struct UnknownName : SourceError {
    using SourceError::SourceError;
};

}  // namespace isa::assembler
