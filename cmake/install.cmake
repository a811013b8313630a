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
        DESTINATION ${package_dir})
