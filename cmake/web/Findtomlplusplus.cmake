# For WebAssembly: the headers of Debian's package, which are for any compiler.
include(${CMAKE_CURRENT_LIST_DIR}/headers.cmake)
header_library(tomlplusplus::tomlplusplus)
set(tomlplusplus_FOUND TRUE)
