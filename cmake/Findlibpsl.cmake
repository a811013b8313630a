# libpsl has no CMake package on Debian 12. Makes libpsl::libpsl. Installed beside gatehouseConfig.cmake, which uses it, too.
find_path(LIBPSL_INCLUDE_DIR libpsl.h)
find_library(LIBPSL_LIBRARY psl)
mark_as_advanced(LIBPSL_INCLUDE_DIR LIBPSL_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(libpsl REQUIRED_VARS LIBPSL_LIBRARY LIBPSL_INCLUDE_DIR)
if(libpsl_FOUND AND NOT TARGET libpsl::libpsl)
  add_library(libpsl::libpsl UNKNOWN IMPORTED)
  set_target_properties(libpsl::libpsl PROPERTIES
    IMPORTED_LOCATION ${LIBPSL_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${LIBPSL_INCLUDE_DIR})
endif()
