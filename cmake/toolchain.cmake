# Language level, warnings and build cache: for our own targets only.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(FENGSUI_DEVELOPER "Build tests and benchmarks" ${PROJECT_IS_TOP_LEVEL})
set(FENGSUI_SANITIZE "" CACHE STRING "Sanitizers for our targets, as given to -fsanitize=")
option(FENGSUI_FUZZ "Build the libFuzzer targets (clang only)" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

add_library(fengsui_flags INTERFACE)
target_compile_options(fengsui_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  # librdkafka's macros.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-gnu-statement-expression-from-macro-expansion>)
target_include_directories(fengsui_flags INTERFACE
  $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src>)
if(FENGSUI_SANITIZE)
  target_compile_options(fengsui_flags INTERFACE -fsanitize=${FENGSUI_SANITIZE}
                         -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(fengsui_flags INTERFACE -fsanitize=${FENGSUI_SANITIZE})
endif()
if(FENGSUI_FUZZ)
  target_compile_options(fengsui_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# fengsui_library(<folder> SOURCES <files> DEPENDS <targets>): one static library a folder.
function(fengsui_library folder)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(fengsui_${folder} STATIC ${ARG_SOURCES})
  target_link_libraries(fengsui_${folder} PUBLIC fengsui_flags ${ARG_DEPENDS})
  add_library(fengsui::${folder} ALIAS fengsui_${folder})
endfunction()
