# postern_add_plugin(<name> SOURCES <file>...) builds <name>.so: a module that exports
# postern_module_v1 and nothing else, sees the SDK's headers and no other, and leaves no symbol
# unresolved. It serves Postern's own tree and find_package(postern-sdk) alike.
function(postern_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 PLUGIN "" "" "SOURCES")
  if(PLUGIN_UNPARSED_ARGUMENTS OR NOT PLUGIN_SOURCES)
    message(FATAL_ERROR "postern_add_plugin(${name}): expected SOURCES <file>..., "
      "found \"${ARGN}\"")
  endif()
  set(version_script ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/postern_plugin.map)
  add_library(${name} MODULE ${PLUGIN_SOURCES})
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX .so
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON
    LINK_DEPENDS ${version_script})
  target_link_libraries(${name} PRIVATE postern::sdk)
  # nodelete: the host never unloads a plugin, and a tool that would must not be able to.
  target_link_options(${name} PRIVATE -Wl,--version-script=${version_script}
    -Wl,-z,now,-z,relro,-z,noexecstack,-z,nodelete)
  # A sanitizer's runtime is found in the executable, so its symbols are undefined here.
  if(NOT POSTERN_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
  if(TARGET postern_build_options)
    target_link_libraries(${name} PRIVATE postern_build_options)
    set_target_properties(${name} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  endif()
  set_property(GLOBAL APPEND PROPERTY POSTERN_PLUGINS ${name})
endfunction()
