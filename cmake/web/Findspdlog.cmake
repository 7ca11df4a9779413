# For WebAssembly: the headers of Debian's package, which are for any compiler.
include(${CMAKE_CURRENT_LIST_DIR}/headers.cmake)
header_library(spdlog::spdlog SPDLOG_HEADER_ONLY SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)
set(spdlog_FOUND TRUE)
