# What `cmake --install` puts where, and what CPack makes a Debian package of (./dev package): the program, its manual
# pages, completion for bash, examples and documents. The models are in the program.
include(GNUInstallDirs)
install(TARGETS vmcp RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# Without the answers of labs: students have that package.
install(DIRECTORY examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples REGEX "/labs/teacher$" EXCLUDE)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs PATTERN "*.py" EXCLUDE)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES cmake/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME vmcp)

# Manual pages are what the program says with --help, so they are made when it is there.
find_program(HELP2MAN help2man)
install(CODE "set(HELP2MAN \"${HELP2MAN}\")\nset(VMCP \"$<TARGET_FILE:vmcp>\")\nset(MAN_DIR \"${CMAKE_INSTALL_MANDIR}/man1\")")
install(SCRIPT cmake/man_pages.cmake)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "the makers of VMCP <vmcp@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "VM control program on a simulated System/370")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION otherosfs)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox, bash-completion")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS hercules)
include(CPack)
