# Warnings, hardening and sanitizers, in one interface target that everything of ours links.
add_library(postern_build_options INTERFACE)
target_compile_options(postern_build_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual -Wconversion
  -Wno-sign-conversion -Wundef -Werror)
get_target_property(options postern_build_options INTERFACE_COMPILE_OPTIONS)
# The C++-only warnings would themselves be warned of in C.
list(TRANSFORM options REPLACE "^(-Wnon-virtual-dtor|-Wold-style-cast)$" "$<$<COMPILE_LANGUAGE:CXX>:\\1>")
set_target_properties(postern_build_options PROPERTIES INTERFACE_COMPILE_OPTIONS "${options}")
target_compile_options(postern_build_options INTERFACE -fstack-protector-strong
  $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
target_link_options(postern_build_options INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)

if(POSTERN_SANITIZE)
  add_compile_options(-fsanitize=${POSTERN_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${POSTERN_SANITIZE})
  if(POSTERN_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()

if(POSTERN_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(GNUTLS REQUIRED IMPORTED_TARGET gnutls>=3.7.9)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
find_package(Poco REQUIRED COMPONENTS Foundation Util Net)
find_package(simdjson REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost 1.74 REQUIRED)

# A room of core: a static library that may use the rooms named after USES (architecture: each room
# uses those above it, never those below).
function(postern_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_library(postern_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(postern_${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/sdk/include)
  list(TRANSFORM ROOM_USES PREPEND postern_)
  target_link_libraries(postern_${name} PUBLIC ${ROOM_USES} PRIVATE postern_build_options ${ROOM_PRIVATE})
endfunction()
