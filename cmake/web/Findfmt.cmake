# For WebAssembly: the headers of Debian's package, which are for any compiler.
include(${CMAKE_CURRENT_LIST_DIR}/headers.cmake)
header_library(fmt::fmt FMT_HEADER_ONLY)
set(fmt_FOUND TRUE)
