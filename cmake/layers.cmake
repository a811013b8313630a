# The layers, in order, and what each may use. This table is the architecture: a layer that names a later one stops the
# configuration here, an include against the direction finds no file (each layer has its own include root), and
# test/layers compares every #include with it.
#
# Later issues add their rows: schema (after wire; rules then uses schema), store (after server; config and gatehouse then
# also use it) and sql (after proxy, uses base).
set(GATEHOUSE_LAYERS base http wire rules net server proxy config gatehouse)
set(GATEHOUSE_USES_base      )
set(GATEHOUSE_USES_http      base)
set(GATEHOUSE_USES_wire      http)
set(GATEHOUSE_USES_rules     http)             # not wire: it sees values, never bytes
set(GATEHOUSE_USES_net       base)             # not http: it moves bytes, never messages
set(GATEHOUSE_USES_server    wire rules net)
set(GATEHOUSE_USES_proxy     server)           # a proxy is a handler
set(GATEHOUSE_USES_config    proxy)
set(GATEHOUSE_USES_gatehouse proxy)            # the umbrella headers

# Says in ${out} why `name` must not use `dep`; empty when it may.
function(gatehouse_layer_violation name dep out)
  list(FIND GATEHOUSE_LAYERS ${name} rank)
  list(FIND GATEHOUSE_LAYERS ${dep} dep_rank)
  set(why "")
  if(rank EQUAL -1)
    set(why "'${name}' is not in GATEHOUSE_LAYERS")
  elseif(dep_rank EQUAL -1)
    set(why "layer '${name}' uses '${dep}', which is not in GATEHOUSE_LAYERS")
  elseif(NOT dep_rank LESS rank)
    set(why "layer '${name}' must not use '${dep}': only earlier layers may be named")
  endif()
  set(${out} "${why}" PARENT_SCOPE)
endfunction()

# All layers that `name` reaches, itself included, in table order.
function(gatehouse_layer_closure name out)
  set(reached ${name})
  set(pending ${name})
  while(pending)
    list(POP_FRONT pending next)
    foreach(dep IN LISTS GATEHOUSE_USES_${next})
      if(NOT dep IN_LIST reached)
        list(APPEND reached ${dep})
        list(APPEND pending ${dep})
      endif()
    endforeach()
  endwhile()
  set(ordered "")
  foreach(layer IN LISTS GATEHOUSE_LAYERS)
    if(layer IN_LIST reached)
      list(APPEND ordered ${layer})
    endif()
  endforeach()
  set(${out} "${ordered}" PARENT_SCOPE)
endfunction()

# gatehouse_layer(<name> [EXTERNAL <target>...]): the one line of lib/<name>/CMakeLists.txt.
# EXTERNAL targets stay inside: they are linked PRIVATE, and the installed package asks for them (cmake/install.cmake).
function(gatehouse_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 layer "" "" "EXTERNAL")
  if(layer_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "gatehouse_layer(${name}): unexpected ${layer_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT name IN_LIST GATEHOUSE_LAYERS)
    message(FATAL_ERROR "layer '${name}' is not in GATEHOUSE_LAYERS (cmake/layers.cmake)")
  endif()
  foreach(dep IN LISTS GATEHOUSE_USES_${name})
    gatehouse_layer_violation(${name} ${dep} why)
    if(why)
      message(FATAL_ERROR "${why} (cmake/layers.cmake)")
    endif()
  endforeach()

  if(name STREQUAL "gatehouse")                # its headers are <gatehouse/gatehouse.hpp> and the like
    file(GLOB headers CONFIGURE_DEPENDS include/gatehouse/*.hpp)
  else()
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS include/gatehouse/${name}/*.hpp)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS *.cpp */*.cpp)

  set(target gatehouse_${name})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    # Private headers stand beside the sources; a sub-folder names them from here, never through "../".
    target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(${target} PRIVATE ${layer_EXTERNAL})
    if("Boost::headers" IN_LIST layer_EXTERNAL)
      target_compile_definitions(${target} PRIVATE BOOST_ASIO_NO_DEPRECATED)
    endif()
    set_property(GLOBAL APPEND PROPERTY GATEHOUSE_EXTERNAL ${layer_EXTERNAL})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(gatehouse::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON)
  target_compile_features(${target} ${scope} cxx_std_20)
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS include FILES ${headers})
  if(GATEHOUSE_TINY_LIMITS)
    target_compile_definitions(${target} ${scope} GATEHOUSE_TINY_LIMITS)
  endif()
  foreach(dep IN LISTS GATEHOUSE_USES_${name})
    target_link_libraries(${target} ${scope} gatehouse::${dep})
  endforeach()
  # The layer's tests may look at its private headers, and so need what those include.
  set_property(GLOBAL PROPERTY GATEHOUSE_EXTERNAL_${name} ${layer_EXTERNAL})

  if(GATEHOUSE_INSTALL)
    install(TARGETS ${target} EXPORT gatehouse FILE_SET HEADERS)
  endif()
endfunction()
