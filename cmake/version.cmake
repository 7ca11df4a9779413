# Writes OUTPUT, the source that knows VERSION and the commit of SOURCE; only where something has changed. A commit with
# changes that are not in it is told with a +.
execute_process(COMMAND git -C ${SOURCE} rev-parse --short=12 HEAD OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE
                RESULT_VARIABLE failed ERROR_QUIET)
if(failed)
  set(commit unknown)
else()
  execute_process(COMMAND git -C ${SOURCE} diff --quiet HEAD -- RESULT_VARIABLE changed OUTPUT_QUIET ERROR_QUIET)
  if(changed)
    string(APPEND commit "+")
  endif()
endif()
set(text "#include \"vmcp/experiment/version.hpp\"\n\nnamespace vmcp::experiment {\n
std::string_view version() { return \"${VERSION}\"; }
std::string_view commit() { return \"${commit}\"; }\n\n}  // namespace vmcp::experiment\n")
set(before "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} before)
endif()
if(NOT text STREQUAL before)
  file(WRITE ${OUTPUT} "${text}")
endif()
