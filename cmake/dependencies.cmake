# Every third party of the library, found as imported targets (so their headers are SYSTEM and raise no warning of ours).
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(Boost 1.81 REQUIRED)              # headers only: Asio
find_package(OpenSSL 3 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(ZLIB REQUIRED)
list(PREPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
find_package(Brotli REQUIRED)
find_package(libpsl REQUIRED)
