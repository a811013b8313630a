# find_package(gatehouse): made from the same gatehouse_layer() calls, so that it cannot name other layers or dependencies.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Which find_dependency() finds an EXTERNAL target: the text before "::", with the version that we ask for ourselves.
get_property(external GLOBAL PROPERTY GATEHOUSE_EXTERNAL)
set(packages "")
foreach(target IN LISTS external)
  string(REGEX REPLACE "::.*" "" package ${target})
  list(APPEND packages ${package})
endforeach()
list(REMOVE_DUPLICATES packages)
set(GATEHOUSE_FIND_DEPENDENCIES "")
foreach(package IN LISTS packages)
  string(APPEND GATEHOUSE_FIND_DEPENDENCIES "find_dependency(${package})\n")
endforeach()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/gatehouse)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/gatehouseConfig.cmake.in ${PROJECT_BINARY_DIR}/gatehouseConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/gatehouseConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT gatehouse NAMESPACE gatehouse:: DESTINATION ${package_dir} FILE gatehouseTargets.cmake)
install(FILES ${PROJECT_BINARY_DIR}/gatehouseConfig.cmake ${PROJECT_BINARY_DIR}/gatehouseConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/FindBrotli.cmake ${CMAKE_CURRENT_LIST_DIR}/Findlibpsl.cmake
        DESTINATION ${package_dir})

# gatehouse.pc: the same library, layers and dependencies for who does not use CMake. All of ours are archives, so what they
# need stands in Requires: `pkg-config --libs gatehouse` links with and without --static.
set(pkg_config_of_Boost::headers "")           # headers only
set(pkg_config_of_Threads::Threads "")         # -pthread, below
set(pkg_config_of_OpenSSL::SSL openssl)
set(pkg_config_of_OpenSSL::Crypto openssl)
set(pkg_config_of_fmt::fmt fmt)
set(pkg_config_of_ZLIB::ZLIB zlib)
set(pkg_config_of_Brotli::encoder libbrotlienc)
set(pkg_config_of_libpsl::libpsl libpsl)
gatehouse_layer_closure(gatehouse layers)
list(REVERSE layers)                           # the linker goes from the left: who needs first, who is needed behind
set(GATEHOUSE_PC_LIBS "")
set(GATEHOUSE_PC_REQUIRES "")
foreach(layer IN LISTS layers)
  get_target_property(kind gatehouse_${layer} TYPE)
  if(NOT kind STREQUAL "INTERFACE_LIBRARY")
    string(APPEND GATEHOUSE_PC_LIBS " -lgatehouse_${layer}")
  endif()
  get_property(external GLOBAL PROPERTY GATEHOUSE_EXTERNAL_${layer})
  foreach(target IN LISTS external)
    if(NOT DEFINED pkg_config_of_${target})
      message(FATAL_ERROR "cmake/install.cmake: which pkg-config module is ${target}?")
    endif()
    list(APPEND GATEHOUSE_PC_REQUIRES ${pkg_config_of_${target}})
  endforeach()
endforeach()
list(REMOVE_DUPLICATES GATEHOUSE_PC_REQUIRES)
list(JOIN GATEHOUSE_PC_REQUIRES " " GATEHOUSE_PC_REQUIRES)
set(pkg_config_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
# Found from where it stands, so that an installed tree can be moved.
file(RELATIVE_PATH GATEHOUSE_PC_PREFIX /${pkg_config_dir} /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/gatehouse.pc.in ${PROJECT_BINARY_DIR}/gatehouse.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/gatehouse.pc DESTINATION ${pkg_config_dir})
