# Compiler and linker flags of our own code: set for the directory, so that the header checks get them too. Nothing here
# reaches who uses the library.
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

# Not -Wnull-dereference: optimised, g++ 12 sees it in Asio and iostreams; clang-tidy analyses it with fewer false alarms.
add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 warns of overlapping copies inside std::string's own operator+ (GCC bug 105651).
  add_compile_options(-Wno-restrict)
endif()

if(GATEHOUSE_HARDENING)
  add_compile_options(-fstack-protector-strong -fcf-protection -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  add_link_options(-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()

if(GATEHOUSE_SANITIZE)
  add_compile_options(-fsanitize=${GATEHOUSE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GATEHOUSE_SANITIZE})
  if(GATEHOUSE_SANITIZE MATCHES "thread")
    add_compile_definitions(GATEHOUSE_THREAD_SANITIZER)
  endif()
endif()
if(GATEHOUSE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(GATEHOUSE_LTO)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT lto_works OUTPUT lto_says LANGUAGES CXX)
  if(lto_works)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # Machine code beside g++'s intermediate form, or nothing but g++ could link the installed libraries.
      set(CMAKE_CXX_COMPILE_OPTIONS_IPO -flto=auto -ffat-lto-objects)
    endif()
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  else()
    message(STATUS "no link-time optimisation: ${lto_says}")
  endif()
endif()

# Profile-guided optimisation: the profile lies beside the object files, so both builds have the same folder. What was not
# trained is compiled as without a profile.
if(GATEHOUSE_PROFILE STREQUAL "generate")
  add_compile_options(-fprofile-generate -fprofile-update=prefer-atomic)
  add_link_options(-fprofile-generate)
elseif(GATEHOUSE_PROFILE STREQUAL "use")
  add_compile_options(-fprofile-use -fprofile-correction -fprofile-partial-training -Wno-missing-profile)
elseif(GATEHOUSE_PROFILE)
  message(FATAL_ERROR "GATEHOUSE_PROFILE is generate, use or empty, not '${GATEHOUSE_PROFILE}'")
endif()

# Conveniences, used when present and never needed.
if(PROJECT_IS_TOP_LEVEL)
  find_program(GATEHOUSE_CCACHE ccache)
  # Not for what counts itself: a cached object would write its profile where it was first compiled.
  if(GATEHOUSE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER AND NOT GATEHOUSE_PROFILE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${GATEHOUSE_CCACHE})
  endif()
  # Not with LTO, where the compiler's own linker is the tested one.
  find_program(GATEHOUSE_MOLD mold)
  if(GATEHOUSE_MOLD AND NOT GATEHOUSE_LTO)
    add_link_options(-fuse-ld=mold)
  endif()
endif()
