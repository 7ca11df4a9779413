# Run by `cmake --install`: writes vmcp.1, and vmcp-COMMAND.1 for each command that `vmcp --help` lists.
if(NOT HELP2MAN)
  message(WARNING "help2man is missing: no manual pages")
  return()
endif()
set(ENV{COLUMNS} 80)  # pages do not hang on the terminal of who installs
set(folder "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/${MAN_DIR}")
file(MAKE_DIRECTORY "${folder}")
execute_process(COMMAND "${VMCP}" --help OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE ".*\nSubcommands:\n" "" commands "${help}")
string(REGEX REPLACE "\nExamples:.*" "" commands "${commands}")
string(REGEX MATCHALL "(^|\n)  [a-z-]+" commands "${commands}")

# page NAME ARGUMENT...: one page of what the program says with these arguments and --help.
function(page name)
  # help2man asks one program without arguments.
  set(asked "${folder}/ask.sh")
  file(WRITE "${asked}" "#!/bin/sh\nexec '${VMCP}' ${ARGN} \"$@\"\n")
  file(CHMOD "${asked}" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
  execute_process(COMMAND "${VMCP}" ${ARGN} --help OUTPUT_VARIABLE help)
  string(REGEX MATCH "^[^\n]*" title "${help}")
  string(REGEX REPLACE "^VMCP: " "" title "${title}")
  execute_process(COMMAND "${VMCP}" --version OUTPUT_VARIABLE version)
  string(STRIP "${version}" version)
  execute_process(COMMAND "${HELP2MAN}" --no-info --no-discard-stderr --name "${title}" --version-string "${version}"
                          --source VMCP --manual "VMCP" --output "${folder}/${name}.1" "${asked}" COMMAND_ERROR_IS_FATAL ANY)
  file(REMOVE "${asked}")
  # The page is called what the command is, not what was asked.
  file(READ "${folder}/${name}.1" text)
  string(REPLACE ";" "\\;" text "${text}")
  string(TOUPPER "${name}" upper)
  string(REGEX REPLACE "\\.TH [A-Z.]+ " ".TH ${upper} " text "${text}")
  string(REGEX REPLACE "\n\\.SH NAME\n[^ ]* " "\n.SH NAME\n${name} " text "${text}")
  file(WRITE "${folder}/${name}.1" "${text}")
  execute_process(COMMAND gzip -9nf "${folder}/${name}.1" COMMAND_ERROR_IS_FATAL ANY)
  message(STATUS "Made: ${folder}/${name}.1.gz")
endfunction()

page(vmcp)
foreach(command IN LISTS commands)
  string(STRIP "${command}" command)
  page(vmcp-${command} ${command})
endforeach()
