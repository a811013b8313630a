# Brotli has no CMake package on Debian 12. Makes Brotli::encoder, and Brotli::decoder, if that is there
# (our tests use it). Installed beside gatehouseConfig.cmake, which uses it, too.
find_path(BROTLI_INCLUDE_DIR brotli/encode.h)
find_library(BROTLI_ENCODER_LIBRARY brotlienc)
find_library(BROTLI_DECODER_LIBRARY brotlidec)
find_library(BROTLI_COMMON_LIBRARY brotlicommon)
mark_as_advanced(BROTLI_INCLUDE_DIR BROTLI_ENCODER_LIBRARY BROTLI_DECODER_LIBRARY BROTLI_COMMON_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Brotli REQUIRED_VARS BROTLI_ENCODER_LIBRARY BROTLI_COMMON_LIBRARY BROTLI_INCLUDE_DIR)
foreach(part encoder decoder)
  string(TOUPPER BROTLI_${part}_LIBRARY library)
  if(Brotli_FOUND AND ${library} AND NOT TARGET Brotli::${part})
    add_library(Brotli::${part} UNKNOWN IMPORTED)
    set_target_properties(Brotli::${part} PROPERTIES
      IMPORTED_LOCATION ${${library}}
      INTERFACE_INCLUDE_DIRECTORIES ${BROTLI_INCLUDE_DIR}
      INTERFACE_LINK_LIBRARIES ${BROTLI_COMMON_LIBRARY})
  endif()
endforeach()
