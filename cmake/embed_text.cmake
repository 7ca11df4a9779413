# Writes a C++ source that holds text files as constants, so that a program can carry its built-in models and pages.
#
# As a script:   cmake -DOUTPUT=FILE.cpp -DFUNCTION=ns::name -DFILES="a.toml|b.toml" -DROOT=DIR -P embed_text.cmake
# As a module:   include() it, then embed_text(TARGET ns::function FOLDER [PATTERN] [BELOW] [EXCEPT REGEX]): every file of
#                FOLDER, with BELOW of its folders as well, that matches PATTERN (*.toml) and has not REGEX in its path becomes
#                one simulation::EmbeddedText, in the order of their names.
if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  string(REGEX MATCH "^(.*)::([a-z_]+)$" unused "${FUNCTION}")
  set(namespace "${CMAKE_MATCH_1}")
  set(name "${CMAKE_MATCH_2}")
  string(REPLACE "|" ";" files "${FILES}")
  set(entries "")
  foreach(file IN LISTS files)
    file(READ "${file}" text)
    get_filename_component(stem "${file}" NAME_WE)
    file(RELATIVE_PATH path "${ROOT}" "${file}")
    string(APPEND entries "    {\"${stem}\", \"${path}\", R\"TEXT(${text})TEXT\"},\n")
  endforeach()
  file(WRITE "${OUTPUT}" "// Generated from the files named below.
#include <span>

#include \"simulation/model/embedded_text.hpp\"

namespace ${namespace} {

std::span<const simulation::EmbeddedText> ${name}();

std::span<const simulation::EmbeddedText> ${name}() {
    static constexpr simulation::EmbeddedText kTexts[] = {
${entries}    };
    return kTexts;
}

}  // namespace ${namespace}
")
  return()
endif()

set(EMBED_TEXT_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

function(embed_text target function folder)
  cmake_parse_arguments(EMBED "BELOW" "EXCEPT" "" ${ARGN})
  set(pattern "*.toml")
  if(EMBED_UNPARSED_ARGUMENTS)
    set(pattern "${EMBED_UNPARSED_ARGUMENTS}")
  endif()
  if(EMBED_BELOW)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS "${folder}/${pattern}")
  else()
    file(GLOB files CONFIGURE_DEPENDS LIST_DIRECTORIES false "${folder}/${pattern}")
  endif()
  if(EMBED_EXCEPT)
    list(FILTER files EXCLUDE REGEX "${EMBED_EXCEPT}")
  endif()
  list(SORT files)
  string(REPLACE ";" "|" joined "${files}")
  string(REGEX REPLACE "^.*::" "" name "${function}")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${output}" "-DFUNCTION=${function}" "-DFILES=${joined}" "-DROOT=${PROJECT_SOURCE_DIR}" -P
            "${EMBED_TEXT_SCRIPT}"
    DEPENDS ${files} "${EMBED_TEXT_SCRIPT}"
    COMMENT "Embedding ${folder}"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
