# For WebAssembly: compiled from Debian's source package, which ./dev web unpacks to VMCP_WEB_SOURCES. Its files of the gz...
# family are left out: nobody here calls them.
if(NOT TARGET ZLIB::ZLIB)
  file(GLOB sources ${VMCP_WEB_SOURCES}/zlib/*.c)
  list(FILTER sources EXCLUDE REGEX "/gz[a-z]*\\.c$")
  add_library(web_zlib STATIC ${sources})
  target_compile_options(web_zlib PRIVATE -w)
  target_include_directories(web_zlib SYSTEM PUBLIC ${VMCP_WEB_SOURCES}/zlib)
  add_library(ZLIB::ZLIB ALIAS web_zlib)
endif()
set(ZLIB_FOUND TRUE)
