# A room: a folder with one subject and one target. Its CMakeLists.txt says
#
#   room(USES isa simulation/model [LIBRARIES fmt::fmt] [PRIVATE_LIBRARIES ZLIB::ZLIB] [RECURSIVE] [UNITY])
#
# USES lists every other room that its sources may include; tests/include_direction.py reads these lists and holds the
# sources to them. The target is named after the path: simulation_model. RECURSIVE takes the folders below into the room.
# UNITY: its sources include what takes most of their compiling (JSON, CLI11); they are compiled ten at a time (VMCP_UNITY), so
# what is in one's anonymous namespace needs a name that is not in another's.
function(room)
  cmake_parse_arguments(ROOM "RECURSIVE;UNITY" "" "USES;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
  file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  string(REPLACE "/" "_" target ${path})
  if(ROOM_RECURSIVE)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  else()
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  endif()
  list(TRANSFORM ROOM_USES REPLACE "/" "_")
  if(sources)
    add_library(${target} STATIC ${sources})
    if(ROOM_UNITY AND VMCP_UNITY)
      set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
    endif()
    target_link_libraries(${target} PUBLIC vmcp_options ${ROOM_USES} ${ROOM_LIBRARIES} PRIVATE ${ROOM_PRIVATE_LIBRARIES})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE vmcp_options ${ROOM_USES} ${ROOM_LIBRARIES})
  endif()
endfunction()
