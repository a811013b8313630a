# What a file may #include, from its place: the table of cmake/layers.cmake and the gatehouse_layer() lines, said once more
# for what the compiler cannot see. Include roots stop an include against the direction; they do not stop a relative path, a
# system-wide header of a third party, or a third party in a public header.
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/layers.cmake)

# The layer's own line tells which third parties are its.
function(gatehouse_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 layer "" "" "EXTERNAL")
  list(TRANSFORM layer_EXTERNAL REPLACE "::.*" "")
  set_property(GLOBAL PROPERTY PACKAGES_OF_${name} ${layer_EXTERNAL})
endfunction()
foreach(layer IN LISTS GATEHOUSE_LAYERS)
  include(${CMAKE_CURRENT_LIST_DIR}/../../lib/${layer}/CMakeLists.txt)
endforeach()
set_property(GLOBAL PROPERTY PACKAGES_OF_gateway CLI11 fmt OpenSSL prometheus nlohmann_json)
set_property(GLOBAL PROPERTY PACKAGES_OF_demo SQLite3)

# <first folder or file of the include>=<CMake package>
set(third_parties boost=Boost openssl=OpenSSL fmt=fmt spdlog=spdlog toml++=tomlplusplus toml.hpp=tomlplusplus CLI=CLI11
    sqlite3.h=SQLite3 nghttp2=nghttp2 simdjson.h=simdjson nlohmann=nlohmann_json hiredis=hiredis libpsl.h=libpsl
    yaml-cpp=yaml-cpp zlib.h=ZLIB brotli=Brotli prometheus=prometheus)

# why(<file, from the root> <as in the source, with its <> or ""> <out>): empty when the include is allowed.
function(include_violation file include out)
  set(${out} "" PARENT_SCOPE)
  string(REGEX REPLACE "^[<\"](.*)[>\"]$" "\\1" name "${include}")
  string(REGEX MATCH "^[^/]+" first "${name}")
  string(REGEX MATCH "^[^/]+" area "${file}")
  set(layer "")
  if(file MATCHES "^lib/([^/]+)/")
    set(layer ${CMAKE_MATCH_1})
  endif()

  if("/${name}/" MATCHES "/\\.\\./")
    set(${out} "a relative path steps around the include roots" PARENT_SCOPE)
    return()
  endif()

  if(first STREQUAL "gatehouse")
    if(NOT include MATCHES "^<")
      set(${out} "a layer's header is named by <>" PARENT_SCOPE)
    elseif(NOT layer STREQUAL "")
      set(used gatehouse)                      # <gatehouse/gatehouse.hpp> and its like belong to the umbrella
      if(name MATCHES "^gatehouse/([^/]+)/")
        set(used ${CMAKE_MATCH_1})
      endif()
      gatehouse_layer_closure(${layer} allowed)
      if(NOT used IN_LIST allowed)
        set(${out} "layer '${layer}' must not use '${used}'" PARENT_SCOPE)
      endif()
    endif()
    return()
  endif()

  # The two headers that exist for a third party: whoever includes them has it.
  if((file STREQUAL "lib/gatehouse/include/gatehouse/async.hpp" AND first STREQUAL "boost") OR
     (file STREQUAL "lib/gatehouse/include/gatehouse/json.hpp" AND first STREQUAL "nlohmann"))
    return()
  endif()
  if(file MATCHES "^lib/[^/]+/include/")
    if(NOT include MATCHES "^<[a-z_0-9]+>$")
      set(${out} "a public header includes only the standard library and gatehouse" PARENT_SCOPE)
    endif()
    return()
  endif()

  foreach(row IN LISTS third_parties)
    string(REGEX MATCH "^(.*)=(.*)$" row "${row}")
    if(NOT first STREQUAL CMAKE_MATCH_1)
      continue()
    endif()
    set(package ${CMAKE_MATCH_2})
    set(owner ${area})
    if(NOT layer STREQUAL "")
      set(owner ${layer})
    endif()
    get_property(packages GLOBAL PROPERTY PACKAGES_OF_${owner})
    if(owner MATCHES "^(test|bench|examples)$")
      return()                                 # they may try whatever they like
    endif()
    if(NOT package IN_LIST packages)
      set(${out} "'${owner}' has no third party ${package}" PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

# A header that stands elsewhere would be installed nowhere, or could be included under another layer's name.
function(place_violation file out)
  set(${out} "" PARENT_SCOPE)
  if(file MATCHES "^lib/([^/]+)/include/(.*)$")
    set(layer ${CMAKE_MATCH_1})
    set(rest ${CMAKE_MATCH_2})
    if(layer STREQUAL "gatehouse")
      set(right "^gatehouse/[^/]+\\.hpp$")
    else()
      set(right "^gatehouse/${layer}/.+\\.hpp$")
    endif()
    if(NOT rest MATCHES "${right}")
      set(${out} "a public header of '${layer}' stands in the wrong place" PARENT_SCOPE)
    endif()
  elseif(file MATCHES "^lib/([^/]+)/" AND NOT CMAKE_MATCH_1 IN_LIST GATEHOUSE_LAYERS)
    set(${out} "'${CMAKE_MATCH_1}' is not a layer" PARENT_SCOPE)
  endif()
endfunction()
