# For WebAssembly: the headers of Debian's package, which are for any compiler.
include(${CMAKE_CURRENT_LIST_DIR}/headers.cmake)
header_library(nlohmann_json::nlohmann_json)
set(nlohmann_json_FOUND TRUE)
